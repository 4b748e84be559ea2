#include "texts.h"

#include "names.h"
#include "order.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool is_continuation(char byte) {
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static bool is_lead(char byte) {
    return (unsigned char)byte >= 0xc0;
}

xt_text xt_text_cut(xt_text text, size_t most) {
    enum { LONGEST_CHARACTER = 4 };
    if (text.length <= most) {
        return text;
    }
    size_t end = most;
    while (end > 0 && most - end < LONGEST_CHARACTER - 1 &&
           is_continuation(text.bytes[end])) {
        end--;
    }
    return (xt_text){text.bytes, is_lead(text.bytes[end]) ? end : most};
}

static char *bytes_of(const xt_texts *texts, const xt_texts_entry *entry) {
    return texts->bytes + (size_t)(entry - texts->entries) * texts->width;
}

xt_text xt_texts_text(const xt_texts *texts, const xt_texts_entry *entry) {
    return (xt_text){bytes_of(texts, entry), entry->length};
}

static int compare_keys(const void *a, const void *b) {
    const xt_texts_entry *left = a;
    const xt_texts_entry *right = b;
    return xt_order(left->key, right->key);
}

/* The same in a sorted table. */
static const xt_texts_entry *find_sorted(const xt_texts *texts, uint32_t key) {
    const xt_texts_entry wanted = {.key = key};
    return bsearch(&wanted, texts->entries, texts->head->count, sizeof wanted,
                   compare_keys);
}

xt_text xt_texts_get(const xt_texts *texts, uint32_t key) {
    const xt_texts_entry *entry =
        texts->head->is_sorted ? find_sorted(texts, key) : xt_texts_find(texts, key);
    return entry != NULL ? xt_texts_text(texts, entry) : (xt_text){NULL, 0};
}

/* Whether the entry `a`, which has the text `text`, is replaced before `b`. A free entry
 * is before all others. */
static bool is_text_before(const xt_texts *texts, const xt_texts_entry *a, xt_text text,
                           const xt_texts_entry *b) {
    if (a->last_us != b->last_us) {
        return a->last_us < b->last_us;
    }
    int order = xt_text_compare(text, xt_texts_text(texts, b));
    return order != 0 ? order < 0 : a->key < b->key;
}

static bool is_before(const xt_texts *texts, const xt_texts_entry *a,
                      const xt_texts_entry *b) {
    return is_text_before(texts, a, xt_texts_text(texts, a), b);
}

/* A free entry in the set of `key`; if there is none, the one to be replaced. */
static xt_texts_entry *oldest_in_set(const xt_texts *texts, uint32_t key) {
    xt_texts_entry *set = xt_texts_set(texts, key);
    xt_texts_entry *oldest = set;
    for (int i = 1; i < XT_TEXTS_PER_SET; i++) {
        if (is_before(texts, &set[i], oldest)) {
            oldest = &set[i];
        }
    }
    return oldest;
}

/* Stores a text in `entry`, whose bytes from `zeros` on are already 0. */
static void store(const xt_texts *texts, xt_texts_entry *entry, xt_texts_entry head,
                  const char *text, size_t zeros) {
    char *bytes = bytes_of(texts, entry);
    memmove(bytes, text, head.length);
    memset(bytes + head.length, 0, zeros - head.length);
    *entry = head;
}

/* Stores a text in `entry`, which may be free or have another text. */
static void replace(xt_texts *texts, xt_texts_entry *entry, xt_texts_entry head,
                    const char *text, xt_journal *journal) {
    size_t changing = head.length > entry->length ? head.length : entry->length;
    if (entry->key == 0) {
        xt_journal_touch(journal, &texts->head->count, sizeof texts->head->count);
        texts->head->count++;
    }
    xt_journal_touch(journal, entry, sizeof *entry);
    xt_journal_touch(journal, bytes_of(texts, entry), changing);
    store(texts, entry, head, text, changing);
}

void xt_texts_put(xt_texts *texts, uint32_t key, xt_text text, uint64_t used_us,
                  xt_journal *journal) {
    assert(key != 0 && text.length > 0 && !texts->head->is_sorted);
    xt_texts_entry *entry = xt_texts_find(texts, key);
    if (texts->head->slots == 0 || (entry != NULL && used_us < entry->last_us)) {
        return;
    }
    text = xt_text_cut(text, texts->width);
    const xt_texts_entry head = {used_us, key, (uint32_t)text.length};
    replace(texts, entry != NULL ? entry : oldest_in_set(texts, key), head, text.bytes,
            journal);
}

void xt_texts_offer(xt_texts *texts, uint32_t key, xt_text text, uint64_t used_us) {
    if (texts->head->slots > 0 && xt_texts_find(texts, key) == NULL) {
        const xt_texts_entry offered = {.last_us = used_us, .key = key};
        const xt_texts_entry *oldest = oldest_in_set(texts, key);
        if (is_text_before(texts, &offered, xt_text_cut(text, texts->width), oldest)) {
            return;
        }
    }
    xt_texts_put(texts, key, text, used_us, NULL);
}

/* Zeroes bytes, but doesn't write if they are 0 already: that could use a new page. */
static void clear_bytes(void *start, size_t bytes) {
    if (!xt_is_zero(start, bytes)) {
        memset(start, 0, bytes);
    }
}

void xt_texts_clear(xt_texts *texts, xt_journal *journal) {
    size_t slots = texts->head->slots;
    xt_journal_touch(journal, &texts->head->count, sizeof texts->head->count);
    xt_journal_touch(journal, texts->entries, slots * sizeof texts->entries[0]);
    xt_journal_touch(journal, texts->bytes, slots * texts->width);
    for (size_t i = 0; i < slots; i++) {
        clear_bytes(bytes_of(texts, &texts->entries[i]), texts->width);
        clear_bytes(&texts->entries[i], sizeof texts->entries[i]);
    }
    texts->head->count = 0;
}

void xt_texts_append(xt_texts *texts, uint32_t key, xt_text text, uint64_t used_us) {
    assert(texts->head->count < texts->head->slots && text.length <= texts->width);
    store(texts, &texts->entries[texts->head->count++],
          (xt_texts_entry){used_us, key, (uint32_t)text.length}, text.bytes,
          texts->width);
}

void xt_texts_append_all(xt_texts *into, const xt_texts *from) {
    for (uint32_t i = 0; i < from->head->slots; i++) {
        const xt_texts_entry *entry = &from->entries[i];
        if (entry->key != 0) {
            xt_texts_append(into, entry->key, xt_texts_text(from, entry), entry->last_us);
        }
    }
}

/* While a table is being sorted, the length of an entry also holds its place. */
enum { PLACE_SHIFT = 8, LENGTH_MASK = (1 << PLACE_SHIFT) - 1 };

_Static_assert(XT_MAX_TEXTS - 1 <= UINT32_MAX >> PLACE_SHIFT, "a place fits");

/* Moves the bytes that belong at `start` there, then those that belong at the place that
 * became free, and so on, until the bytes that were at `start` are in their place. */
static void move_bytes(const xt_texts *texts, uint32_t start) {
    char held[LENGTH_MASK];
    uint32_t to = start;
    memcpy(held, texts->bytes + (size_t)start * texts->width, texts->width);
    for (;;) {
        char *bytes = texts->bytes + (size_t)to * texts->width;
        uint32_t from = texts->entries[to].length >> PLACE_SHIFT;
        texts->entries[to].length &= LENGTH_MASK;
        texts->entries[to].length |= to << PLACE_SHIFT; /* in its place */
        if (from == start) {
            memcpy(bytes, held, texts->width);
            return;
        }
        memcpy(bytes, texts->bytes + (size_t)from * texts->width, texts->width);
        to = from;
    }
}

void xt_texts_sort(xt_texts *texts) {
    uint32_t count = texts->head->count;
    assert(texts->width <= LENGTH_MASK);
    for (uint32_t i = 0; i < count; i++) {
        texts->entries[i].length |= i << PLACE_SHIFT;
    }
    if (count > 1) {
        qsort(texts->entries, count, sizeof texts->entries[0], compare_keys);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (texts->entries[i].length >> PLACE_SHIFT != i) {
            move_bytes(texts, i);
        }
        texts->entries[i].length &= LENGTH_MASK;
    }
}

static const char *check_head(const xt_texts_head *head) {
    if (head->most > XT_MAX_TEXTS || head->most % XT_TEXTS_PER_SET != 0 ||
        head->is_sorted > 1) {
        return "the header of a table of texts is out of range";
    }
    if (head->count > head->slots || head->slots > head->most ||
        head->slots != (head->is_sorted ? head->count : head->most)) {
        return "a table of texts has too many slots or too few";
    }
    return NULL;
}

static const char *check_entry(const xt_texts *texts, const xt_texts_entry *entry) {
    bool is_free = entry->key == 0;
    if (is_free != (entry->length == 0) || entry->length > texts->width ||
        entry->last_us > (is_free ? 0 : XT_MAX_COUNT)) {
        return "a text is out of range";
    }
    return xt_is_zero(bytes_of(texts, entry) + entry->length,
                      texts->width - entry->length)
               ? NULL
               : "unused bytes of a table of texts aren't 0";
}

/* Whether `entry` is where its key belongs: in the set of its key, as the first with it,
 * or in a sorted table after a smaller key. */
static bool is_in_place(const xt_texts *texts, const xt_texts_entry *entry) {
    if (texts->head->is_sorted) {
        return entry == texts->entries || compare_keys(entry - 1, entry) < 0;
    }
    return xt_texts_find(texts, entry->key) == entry;
}

const char *xt_texts_check(const xt_texts *texts) {
    uint32_t count = 0;
    const char *wrong = check_head(texts->head);
    for (uint32_t i = 0; wrong == NULL && i < texts->head->slots; i++) {
        const xt_texts_entry *entry = &texts->entries[i];
        wrong = check_entry(texts, entry);
        if (wrong == NULL && entry->key != 0) {
            count++;
            wrong = is_in_place(texts, entry)
                        ? NULL
                        : "a text is in the wrong place or is kept twice";
        }
    }
    return wrong != NULL || count == texts->head->count
               ? wrong
               : "a table of texts has a wrong count";
}
