/*
 * Sorting what an importer has collected: a radix sort, which keeps the order of equal
 * keys. It takes a pass for each byte of the keys, except those that all keys have in
 * common: five for the microseconds of a day.
 */
#include "import_state.h"

#include <string.h>

enum { DIGITS = 8, DIGIT_BITS = 8, DIGIT_VALUES = 1 << DIGIT_BITS };

typedef struct histograms {
    uint32_t counts[DIGITS][DIGIT_VALUES];
} histograms;

static uint32_t digit_of(uint64_t key, int digit) {
    return key >> digit * DIGIT_BITS & (DIGIT_VALUES - 1);
}

/* Stores the items in the order in which they were added, and counts their digits. */
static void list(const xt_importer *importer, xt_import_item items[], histograms *all) {
    memset(all, 0, sizeof *all);
    for (uint32_t i = 0; i < importer->counts.executions; i++) {
        uint64_t key = xt_import_key(xt_import_record(importer, i));
        items[i] = (xt_import_item){key, i};
        for (int digit = 0; digit < DIGITS; digit++) {
            all->counts[digit][digit_of(key, digit)]++;
        }
    }
}

/* Makes each count the number of items with a smaller digit. False if all `count` items
 * have the same digit. */
static bool add_up(uint32_t counts[DIGIT_VALUES], size_t count) {
    uint32_t before = 0;
    for (int value = 0; value < DIGIT_VALUES; value++) {
        uint32_t these = counts[value];
        if (these == count) {
            return false;
        }
        counts[value] = before;
        before += these;
    }
    return true;
}

/* Stores in `to` the items of `from`, sorted by a digit. */
static void sort_by(int digit, uint32_t places[DIGIT_VALUES], size_t count,
                    const xt_import_item from[], xt_import_item to[]) {
    for (size_t i = 0; i < count; i++) {
        to[places[digit_of(from[i].key, digit)]++] = from[i];
    }
}

xt_import_item *xt_import_sort(const xt_importer *importer) {
    const xt_allocator *from = &importer->allocator;
    size_t count = importer->counts.executions;
    size_t bytes = count * sizeof(xt_import_item);
    if (count > SIZE_MAX / sizeof(xt_import_item)) {
        return NULL;
    }
    xt_import_item *items = from->allocate(from->context, bytes);
    xt_import_item *other = from->allocate(from->context, bytes);
    if (items != NULL && other != NULL) {
        histograms all;
        list(importer, items, &all);
        for (int digit = 0; digit < DIGITS; digit++) {
            if (add_up(all.counts[digit], count)) {
                sort_by(digit, all.counts[digit], count, items, other);
                xt_import_item *sorted = other;
                other = items;
                items = sorted;
            }
        }
        from->release(from->context, other, bytes);
        return items;
    }
    if (items != NULL || other != NULL) {
        from->release(from->context, items != NULL ? items : other, bytes);
    }
    return NULL;
}
