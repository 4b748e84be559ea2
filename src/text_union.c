#include "text_union.h"

#include "names.h"
#include "order.h"

#include <stdlib.h>

static int compare_keys(const xt_kept_text *a, const xt_kept_text *b) {
    int by = xt_order(a->hash, b->hash);
    by = by != 0 ? by : xt_order(a->tool_id, b->tool_id);
    return by != 0 ? by : xt_order(a->error_type_id, b->error_type_id);
}

/* Puts the text that was used later first. */
static int compare_uses(const xt_kept_text *a, const xt_kept_text *b) {
    int by = xt_order(b->last_us, a->last_us);
    return by != 0 ? by : xt_text_compare(b->text, a->text);
}

static int by_key(const void *a, const void *b) {
    int by = compare_keys(a, b);
    return by != 0 ? by : compare_uses(a, b);
}

static int by_use(const void *a, const void *b) {
    int by = compare_uses(a, b);
    return by != 0 ? by : compare_keys(b, a);
}

static void sort(xt_text_union *texts, int compare(const void *, const void *)) {
    if (texts->count > 1) {
        qsort(texts->texts, texts->count, sizeof texts->texts[0], compare);
    }
}

/* Keeps the first text of each key. The texts are sorted by key. */
static void keep_firsts(xt_text_union *texts) {
    size_t count = 0;
    for (size_t i = 0; i < texts->count; i++) {
        const xt_kept_text *text = &texts->texts[i];
        if (count == 0 || compare_keys(&texts->texts[count - 1], text) != 0) {
            texts->texts[count++] = *text;
        }
    }
    texts->count = count;
}

void xt_text_union_build(xt_text_union *texts, size_t most) {
    sort(texts, by_key);
    keep_firsts(texts);
    if (texts->count > most) {
        sort(texts, by_use);
        texts->count = most;
    }
}
