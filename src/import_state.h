/*
 * The internals of an importer, for the files that collect and that build.
 */
#ifndef XT_IMPORT_STATE_H
#define XT_IMPORT_STATE_H

#include "builder.h"
#include "column.h"
#include "hash_slots.h"
#include "import.h"
#include "name_set.h"

#pragma GCC visibility push(hidden)

/* A tool with an error type. A collected record has the number of its pair, from 0. */
typedef struct xt_import_pair {
    uint32_t tool;       /* its number among the tools' names */
    uint32_t error_type; /* likewise; 0 for none */
    uint32_t text;       /* the number of its text, from 1; 0 for none */
} xt_import_pair;

/* What the latest error of a pair said. */
typedef struct xt_import_text {
    uint32_t record; /* the place of the record that it belongs to */
    uint32_t length;
    char bytes[XT_TEXT_BYTES];
} xt_import_text;

/* A measure. The values that executions don't have are XT_NO_MEASURE. */
typedef struct xt_import_measure {
    xt_measure_entry entry;
    bool is_described; /* by the options; else it was found, and has no scale yet */
    xt_column values;  /* uint64_t: in multiples of the scale, or a double's bits */
} xt_import_measure;

struct xt_importer {
    xt_allocator allocator;
    xt_facts facts; /* the options: the label is `label`; measures are kept below */
    char label[XT_LABEL_BYTES];
    size_t max_history;
    xt_import_counts counts;
    uint64_t first_start_us; /* of the dated ones; UINT64_MAX if there are none */
    bool is_in_order;        /* records were added in the order of the run */

    xt_column records; /* xt_record */
    xt_column places;  /* xt_log_place: the number of a file's name, and the line */
    xt_name_set log_files;
    size_t measure_count;
    xt_import_measure measures[XT_MAX_MEASURES];

    xt_name_set tools;
    xt_name_set error_types;
    xt_growing pairs; /* xt_import_pair */
    xt_hash_slots pair_slots;
    xt_growing error_texts; /* xt_import_text */
    xt_hash_slots sessions; /* their fingerprints */

    /* Names of sessions and texts of arguments: tables like those of the run. */
    xt_texts texts[XT_ERROR_TEXTS];
    xt_texts_head texts_heads[XT_ERROR_TEXTS];
};

_Static_assert(XT_SESSION_NAMES < XT_ERROR_TEXTS && XT_ARGS_TEXTS < XT_ERROR_TEXTS,
               "the texts of errors come last");

/* The record at `place`, and its pair. */
static inline xt_record *xt_import_record(const xt_importer *importer, size_t place) {
    return xt_column_at(&importer->records, sizeof(xt_record), place);
}

static inline void xt_import_set_pair(xt_record *record, uint32_t pair) {
    record->tool = (uint16_t)pair;
    record->error_type = (uint16_t)(pair >> 16);
}

static inline xt_import_pair *xt_import_pair_of(const xt_importer *importer,
                                                const xt_record *record) {
    xt_import_pair *pairs = importer->pairs.items;
    return &pairs[record->tool | (uint32_t)record->error_type << 16];
}

/* What records are sorted by: undated ones are before all others. */
static inline uint64_t xt_import_key(const xt_record *record) {
    return xt_record_is_undated(record) ? 0 : record->end_us + 1;
}

/* The place of the execution at `place`, of which the file is the number of its name. */
static inline xt_log_place xt_import_log_place(const xt_importer *importer,
                                               size_t place) {
    const xt_log_place *kept =
        xt_column_at(&importer->places, sizeof(xt_log_place), place);
    return kept != NULL ? *kept : (xt_log_place){0};
}

/* Frees all that was collected. */
void xt_import_clear(xt_importer *importer);

/* A record in the order of the run. */
typedef struct xt_import_item {
    uint64_t key;
    uint32_t place;
} xt_import_item;

/*
 * The places of all records in the order of the run, of which there is at least one: an
 * array of the importer's allocator. Null if there is no memory. O(executions).
 */
xt_import_item *xt_import_sort(const xt_importer *importer);

/* Chooses the scales of the measures that were found, and sorts them by their names. */
void xt_import_finish_measures(xt_importer *importer);

/* The value of a measure of the record at `place`, after that. */
uint64_t xt_import_value_at(const xt_import_measure *measure, size_t place);

#pragma GCC visibility pop

#endif
