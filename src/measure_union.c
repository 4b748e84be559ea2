#include "measure_union.h"

#include <string.h>

uint32_t xt_measure_union_find(const xt_measure_union *in,
                               const xt_measure_entry *entry) {
    uint32_t place = 0;
    while (place < in->count && xt_measure_compare(&in->entries[place], entry) != 0) {
        place++;
    }
    return place;
}

/* Whether two measures of the same name have the same unit and scale. */
static bool is_same(const xt_measure_entry *a, const xt_measure_entry *b) {
    return a->scale == b->scale && memcmp(a->unit, b->unit, sizeof a->unit) == 0 &&
           a->unit_length == b->unit_length;
}

/* Adds a new measure, for which there is room. */
static void insert(xt_measure_union *into, const xt_measure_entry *entry) {
    uint32_t place = into->count++;
    for (; place > 0 && xt_measure_compare(&into->entries[place - 1], entry) > 0;
         place--) {
        into->entries[place] = into->entries[place - 1];
    }
    into->entries[place] = *entry;
}

const xt_measure_entry *xt_measure_union_add(xt_measure_union *into,
                                             const xt_measures *measures) {
    for (uint32_t i = 0; i < measures->count; i++) {
        const xt_measure_entry *entry = &measures->entries[i];
        uint32_t place = xt_measure_union_find(into, entry);
        if (place == XT_MAX_MEASURES ||
            (place < into->count && !is_same(&into->entries[place], entry))) {
            return entry;
        }
        if (place == into->count) {
            insert(into, entry);
        }
    }
    return NULL;
}

void xt_measure_union_merge(const xt_measure_union *in, xt_tool_measure sums[],
                            const xt_measures *measures, uint32_t tool) {
    const xt_tool_measure *own = xt_measures_sums(measures, tool);
    for (uint32_t i = 0; i < measures->count; i++) {
        uint32_t place = xt_measure_union_find(in, &measures->entries[i]);
        xt_tool_measure_merge(&sums[place], &own[i]);
    }
}
