/*
 * The fields of a record as Lua sees them: in the table that `tracker:record` takes, in
 * record tables, and as columns. Each is one row of the table in record_fields.c.
 */
#ifndef XL_RECORD_FIELDS_H
#define XL_RECORD_FIELDS_H

#include "arguments.h"
#include "describe.h"
#include "measures.h"

#pragma GCC visibility push(hidden)

/* What a table says of an execution to record. */
typedef struct xl_given_record {
    xt_execution execution;
    xl_description args_text; /* to these the execution points: don't copy it */
    xl_description error_text;
    bool has_args_hash;
    bool has_result_hash;
    bool has_depth;
    bool has_end;                     /* else it ends now */
    const xl_measures *measures;      /* of the tracker */
    uint64_t values[XT_MAX_MEASURES]; /* of the execution, which points to them */
} xl_given_record;

/*
 * Reads the fields of the table that is argument `number`, which is the last, for the
 * Tracker or Session at index 1, which has these measures, into `given`. They are pushed, and
 * the texts stay valid as long as they are on the stack. Don't copy what is stored.
 * [-0, +fields]
 */
void xl_read_record(lua_State *L, int number, const xl_measures *measures,
                    xl_given_record *given);

/* A record table of a run with these measures. Pushing may run finalizers; what `execution`
 * points to must stay valid. [-0, +1] */
void xl_push_execution(lua_State *L, const xl_measures *measures,
                       const xt_execution *execution);

/* What many records need. Strings are pushed once: from where on they stand on the stack, 0
 * if they weren't. */
typedef struct xl_record_strings {
    int names;    /* of the fields, one after the other */
    int statuses; /* the words, one after the other */
    int tools;    /* an array of names, by identifier */
    const xl_measures *measures;
} xl_record_strings;

/* Pushes them, for the records of `image`, a snapshot's, with these measures. [-0, +n] */
xl_record_strings xl_push_record_strings(lua_State *L, const xt_image *image,
                                         const xl_measures *measures);

/* The same as xl_push_execution, with these strings. [-0, +1] */
void xl_push_record(lua_State *L, const xl_record_strings *at,
                    const xt_execution *execution);

/* The number of the field of record tables that argument `number` names; XL_SELF_DURATION for
 * `self_duration_ms`, which is a column alone. */
#define XL_SELF_DURATION SIZE_MAX
size_t xl_record_field_argument(lua_State *L, int number);

/* Pushes a field of `execution`; false for what it doesn't have, but for the timing its word.
 * [-0, +1] */
void xl_push_record_field(lua_State *L, size_t field, const xl_record_strings *at,
                          const xt_execution *execution);

#pragma GCC visibility pop

#endif
