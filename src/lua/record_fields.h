/*
 * The fields of a record: in the table that `tracker:record` takes, in record tables, and
 * as columns. Each field is one row of the list in record_fields.c.
 */
#ifndef XL_RECORD_FIELDS_H
#define XL_RECORD_FIELDS_H

#include "arguments.h"
#include "describe.h"
#include "measures.h"

#pragma GCC visibility push(hidden)

/* An execution to record, read from a table. */
typedef struct xl_given_record {
    xt_execution execution;
    xl_description args_text; /* `execution` points to this and the next */
    xl_description error_text;
    bool has_args_hash;
    bool has_result_hash;
    bool has_depth;
    bool has_end; /* else it ends now */
    const xl_tracker *tracker;
    const xl_measures *measures;      /* of the tracker; null for any */
    uint64_t values[XT_MAX_MEASURES]; /* `execution` points to them */
    xl_named_values named_values;     /* in their place if there may be any measures */
} xl_given_record;

/*
 * Reads the table that is argument `number`, the last one, into `given`. It is recorded
 * with the options of `tracker`, which the userdata at index 1 is or belongs to, and has
 * these measures; if they are null, it may have any. The fields are pushed; texts are
 * valid as long as they are on the stack. `given` has pointers to itself, so it must not be
 * copied. Raises an error for a wrong field. [-0, +fields]
 */
void xl_read_record(lua_State *L, int number, const xl_tracker *tracker,
                    const xl_measures *measures, xl_given_record *given);

/* Pushes the record table of `execution`, of a run with these measures. This may run
 * finalizers; what `execution` points to must stay valid. [-0, +1] */
void xl_push_execution(lua_State *L, const xl_measures *measures,
                       const xt_execution *execution);

/* In a method that reads an image: pushes the record table of the execution with this
 * sequence number, of a run with these measures; false if it isn't retained any more.
 * Raises an error if a finalizer has closed the tracker. [-0, +0 or 1] */
bool xl_push_execution_at(lua_State *L, const xl_measures *measures, uint64_t sequence);

/* Strings that are pushed once for many records: their stack indices, 0 if they aren't
 * pushed. */
typedef struct xl_record_strings {
    int names;    /* of the first field's name; the others follow */
    int statuses; /* of the first status; the others follow */
    int tools;    /* of an array of the tools' names, by identifier */
    const xl_measures *measures;
} xl_record_strings;

/* Pushes the strings for the records of `image`, a snapshot's, with these measures.
 * [-0, +n] */
xl_record_strings xl_push_record_strings(lua_State *L, const xt_image *image,
                                         const xl_measures *measures);

/* The same as xl_push_execution, with these strings. [-0, +1] */
void xl_push_record(lua_State *L, const xl_record_strings *at,
                    const xt_execution *execution);

/* The index of the field that argument `number` names; XL_SELF_DURATION for
 * `self_duration_ms`, which is a column, but not a field of record tables. */
#define XL_SELF_DURATION SIZE_MAX
size_t xl_record_field_argument(lua_State *L, int number);

/* Pushes a field of `execution`, or false if it doesn't have it; its timing always, also
 * `measured`. [-0, +1] */
void xl_push_record_field(lua_State *L, size_t field, const xl_record_strings *at,
                          const xt_execution *execution);

#pragma GCC visibility pop

#endif
