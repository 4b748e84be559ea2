#include "merged_records.h"

#include "order.h"

#include <stdlib.h>
#include <string.h>

/* An item, if there are measures. Without measures an item is an xt_record. */
typedef struct measured_record {
    xt_record record;
    uint64_t values[XT_MAX_MEASURES]; /* XT_NO_MEASURE where there is no measure */
} measured_record;

static bool has_measures(const xt_merged_records *records) {
    return records->measures->count > 0;
}

size_t xt_merged_record_bytes(const xt_measure_union *measures) {
    return measures->count > 0 ? sizeof(measured_record) : sizeof(xt_record);
}

static void set_values(const xt_merged_records *records, const xt_measures *measures,
                       const uint64_t values[], measured_record *into) {
    memset(into->values, 0xff, sizeof into->values); /* XT_NO_MEASURE */
    for (uint32_t i = 0; i < measures->count; i++) {
        uint32_t place = xt_measure_union_find(records->measures, &measures->entries[i]);
        into->values[place] = values[i];
    }
}

void xt_merged_records_add(xt_merged_records *records, const xt_record *record,
                           const xt_measures *measures, const uint64_t values[]) {
    if (has_measures(records)) {
        measured_record *into = (measured_record *)records->items + records->count;
        into->record = *record;
        set_values(records, measures, values, into);
    } else {
        ((xt_record *)records->items)[records->count] = *record;
    }
    records->count++;
}

static int compare_records(const void *a, const void *b) {
    const xt_record *left = a;
    const xt_record *right = b;
    int by = xt_order(left->end_us, right->end_us);
    by = by != 0 ? by : xt_order(left->tool, right->tool);
    by = by != 0 ? by : xt_order(left->packed, right->packed);
    by = by != 0 ? by : xt_order(left->args_hash, right->args_hash);
    by = by != 0 ? by : xt_order(left->error_type, right->error_type);
    by = by != 0 ? by : xt_order(left->session, right->session);
    return by != 0 ? by : xt_order(left->result_hash, right->result_hash);
}

static int compare_measured(const void *a, const void *b) {
    const measured_record *left = a;
    const measured_record *right = b;
    int by = compare_records(&left->record, &right->record);
    for (int i = 0; by == 0 && i < XT_MAX_MEASURES; i++) {
        by = xt_order(left->values[i], right->values[i]);
    }
    return by;
}

void xt_merged_records_sort(xt_merged_records *records) {
    if (records->count > 1) {
        qsort(records->items, records->count, xt_merged_record_bytes(records->measures),
              has_measures(records) ? compare_measured : compare_records);
    }
}

void xt_merged_records_build(const xt_merged_records *records, size_t count,
                             xt_builder *builder) {
    size_t first = records->count - count;
    if (!has_measures(records)) {
        const xt_record *newest = (const xt_record *)records->items + first;
        xt_builder_add_stretch(builder, (xt_stretch){newest, NULL, count});
        return;
    }
    const measured_record *measured = records->items;
    for (size_t i = first; i < records->count; i++) {
        xt_builder_add_stretch(builder,
                               (xt_stretch){&measured[i].record, measured[i].values, 1});
    }
}
