/*
 * The records of several runs, with their values, to be sorted and added to one run.
 */
#ifndef XT_MERGED_RECORDS_H
#define XT_MERGED_RECORDS_H

#include "builder.h"
#include "measure_union.h"

#pragma GCC visibility push(hidden)

typedef struct xt_merged_records {
    const xt_measure_union *measures; /* of all runs */
    void *items;                      /* room for all, of xt_merged_record_bytes each */
    size_t count;
} xt_merged_records;

/* The size of an item in bytes; without measures there is no room for values. */
size_t xt_merged_record_bytes(const xt_measure_union *measures);

/*
 * Adds `record`, whose identifiers are those of the merged run, with its `values`, which
 * are of the `measures` of its own run.
 */
void xt_merged_records_add(xt_merged_records *records, const xt_record *record,
                           const xt_measures *measures, const uint64_t values[]);

/* Sorts the records by their ends, then by their other fields, then by their values. */
void xt_merged_records_sort(xt_merged_records *records);

/* Adds the newest `count` of the sorted records to `builder`. */
void xt_merged_records_build(const xt_merged_records *records, size_t count,
                             xt_builder *builder);

#pragma GCC visibility pop

#endif
