#include "name_union.h"

#include <stdlib.h>

static const xt_text other = {XT_OTHER, XT_OTHER_LENGTH};

void xt_name_union_add(xt_name_union *names, const xt_names *table) {
    for (uint32_t id = 1; id <= table->head->count; id++) {
        size_t i = names->source_count++;
        names->sources[i] = (xt_name_source){xt_names_get(table, id), &names->ids[i]};
    }
}

static int compare_sources(const void *a, const void *b) {
    const xt_name_source *left = a;
    const xt_name_source *right = b;
    return xt_text_compare(left->text, right->text);
}

static bool is_same_as_before(const xt_name_source sources[], size_t i) {
    return i > 0 && compare_sources(&sources[i - 1], &sources[i]) == 0;
}

static bool is_other(xt_text text) {
    return xt_text_compare(text, other) == 0;
}

/* How many names of XT_BYTES_PER_NAME bytes the sorted sources need room for. */
static size_t count_needed(const xt_name_union *names) {
    size_t count = 0;
    size_t bytes = 0;
    for (size_t i = 0; i < names->source_count; i++) {
        xt_text text = names->sources[i].text;
        if (!is_same_as_before(names->sources, i) && !is_other(text)) {
            count++;
            bytes += text.length;
        }
    }
    size_t by_bytes = (bytes + XT_BYTES_PER_NAME - 1) / XT_BYTES_PER_NAME;
    return count > by_bytes ? count : by_bytes;
}

static bool fits(const xt_name_union *names, xt_text text) {
    return names->count < names->capacity &&
           names->byte_count + text.length <= (size_t)names->capacity * XT_BYTES_PER_NAME;
}

/* Gives each name of the sorted sources its identifier, 0 if it becomes (other). */
static void number(xt_name_union *names) {
    uint32_t id = 0;
    for (size_t i = 0; i < names->source_count; i++) {
        xt_text text = names->sources[i].text;
        if (!is_same_as_before(names->sources, i)) {
            id = 0;
            if (!is_other(text) && fits(names, text)) {
                id = ++names->count;
                names->byte_count += (uint32_t)text.length;
            }
        }
        *names->sources[i].id = id;
    }
}

/* Moves the first source of each name of the union to the front. */
static void keep_numbered(xt_name_union *names) {
    uint32_t kept = 0;
    for (size_t i = 0; i < names->source_count; i++) {
        if (*names->sources[i].id == kept + 1) {
            names->sources[kept++] = names->sources[i];
        }
    }
}

static void number_other(xt_name_union *names) {
    for (size_t i = 0; i < names->source_count; i++) {
        if (names->ids[i] == 0) {
            names->other = names->count + 1;
            names->ids[i] = names->other;
        }
    }
    if (names->other != 0) {
        names->count++;
        names->byte_count += XT_OTHER_LENGTH;
    }
}

void xt_name_union_build(xt_name_union *names, uint32_t least, uint32_t most) {
    if (names->source_count > 0) {
        qsort(names->sources, names->source_count, sizeof names->sources[0],
              compare_sources);
    }
    size_t needed = count_needed(names);
    names->capacity = needed < least ? least : needed < most ? (uint32_t)needed : most;
    number(names);
    keep_numbered(names);
    number_other(names);
}

xt_text xt_name_union_get(const xt_name_union *names, uint32_t id) {
    return id == names->other ? other : names->sources[id - 1].text;
}
