#include "merged_records.h"

#include "order.h"

#include <stdlib.h>
#include <string.h>

/* An item, if there are measures or places. Else an item is an xt_record. */
typedef struct full_record {
    xt_record record;
    uint64_t values[XT_MAX_MEASURES]; /* XT_NO_MEASURE where there is no measure */
    xt_log_place place;
} full_record;

static bool is_full(const xt_merged_records *records) {
    return records->measures->count > 0 || records->has_places;
}

size_t xt_merged_record_bytes(const xt_merged_records *records) {
    return is_full(records) ? sizeof(full_record) : sizeof(xt_record);
}

static void set_values(const xt_merged_records *records, const xt_measures *measures,
                       const uint64_t values[], full_record *into) {
    memset(into->values, 0xff, sizeof into->values); /* XT_NO_MEASURE */
    for (uint32_t i = 0; i < measures->count; i++) {
        uint32_t place = xt_measure_union_find(records->measures, &measures->entries[i]);
        into->values[place] = values[i];
    }
}

void xt_merged_records_add(xt_merged_records *records, const xt_record *record,
                           const xt_measures *measures, const uint64_t values[],
                           xt_log_place place) {
    if (is_full(records)) {
        full_record *into = (full_record *)records->items + records->count;
        into->record = *record;
        into->place = place;
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

static int compare_full(const void *a, const void *b) {
    const full_record *left = a;
    const full_record *right = b;
    int by = compare_records(&left->record, &right->record);
    for (int i = 0; by == 0 && i < XT_MAX_MEASURES; i++) {
        by = xt_order(left->values[i], right->values[i]);
    }
    by = by != 0 ? by : xt_order(left->place.file, right->place.file);
    return by != 0 ? by : xt_order(left->place.line, right->place.line);
}

void xt_merged_records_sort(xt_merged_records *records) {
    if (records->count > 1) {
        qsort(records->items, records->count, xt_merged_record_bytes(records),
              is_full(records) ? compare_full : compare_records);
    }
}

void xt_merged_records_keep(xt_merged_records *records, size_t count) {
    const xt_name_union *names = &records->log_files;
    size_t first = records->count - count;
    records->items = (char *)records->items + first * xt_merged_record_bytes(records);
    records->count = count;
    records->kept_files = xt_log_files_begin(records->kept_memory, names->count);
    full_record *items = records->items;
    for (size_t i = 0; records->has_places && i < count; i++) {
        uint32_t file = items[i].place.file;
        size_t length = file != 0 ? xt_name_union_get(names, file).length : 0;
        xt_log_files_renumber(&records->kept_files, &items[i].place, length);
    }
}

void xt_merged_records_build(const xt_merged_records *records, xt_builder *builder) {
    const xt_log_files *files = &records->kept_files;
    const full_record *items = records->items;
    for (uint32_t i = 0; i < files->count; i++) {
        xt_builder_add_log_file(
            builder, xt_name_union_get(&records->log_files, files->sources[i]));
    }
    if (!is_full(records)) {
        xt_builder_add_stretch(
            builder, (xt_stretch){.records = records->items, .count = records->count});
        return;
    }
    for (size_t i = 0; i < records->count; i++) {
        xt_builder_add_stretch(
            builder, (xt_stretch){&items[i].record, items[i].values, 1, &items[i].place});
    }
}
