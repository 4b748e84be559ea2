/*
 * The records of several runs, with their values and places, to be sorted and added to one
 * run.
 */
#ifndef XT_MERGED_RECORDS_H
#define XT_MERGED_RECORDS_H

#include "builder.h"
#include "measure_union.h"
#include "name_union.h"

#pragma GCC visibility push(hidden)

typedef struct xt_merged_records {
    const xt_measure_union *measures; /* of all runs */
    bool has_places;                  /* whether a run has places */
    xt_name_union log_files;          /* of all runs */
    void *kept_memory;                /* for `kept_files`, of as many files */
    xt_log_files kept_files;          /* those of the records that are kept */
    void *items;                      /* room for all, of xt_merged_record_bytes each */
    size_t count;
} xt_merged_records;

/* The size of an item in bytes: without measures and places there is no room for them. */
size_t xt_merged_record_bytes(const xt_merged_records *records);

/*
 * Adds `record`, whose identifiers are those of the merged run, with its `values`, which
 * are of the `measures` of its own run, and its place, whose file is one of `log_files`.
 */
void xt_merged_records_add(xt_merged_records *records, const xt_record *record,
                           const xt_measures *measures, const uint64_t values[],
                           xt_log_place place);

/* Sorts the records by their ends, then by their other fields, then by their values, then
 * by their places. */
void xt_merged_records_sort(xt_merged_records *records);

/* Drops all but the newest `count` of the sorted records, and finds their log files. */
void xt_merged_records_keep(xt_merged_records *records, size_t count);

/* Adds the log files and the records to `builder`. */
void xt_merged_records_build(const xt_merged_records *records, xt_builder *builder);

#pragma GCC visibility pop

#endif
