/*
 * Reading an execution from a line of JSON Lines as `exectrack convert` writes it, without
 * Lua. What it accepts means the same as in Lua; it refuses everything that is unusual, so
 * that only Lua decides on it.
 */
#ifndef XT_JSON_EXECUTION_H
#define XT_JSON_EXECUTION_H

#include "import.h"

#pragma GCC visibility push(hidden)

enum { XT_JSON_FIELDS = 14 };

/*
 * What was read. It has pointers to itself, so it must not be copied. Zeroed before the
 * first line; for the next line it is used again, as it remembers in which order the
 * fields are.
 */
typedef struct xt_json_execution {
    xt_execution execution; /* undated if the line says no time */
    size_t value_count;
    xt_import_value values[XT_MAX_MEASURES]; /* with different names */
    size_t used;
    char bytes[1024]; /* of texts that are written with escapes; `used` of them */
    /* Which field came after each one, and last which one came first: a guess. */
    uint8_t followers[XT_JSON_FIELDS + 1];
} xt_json_execution;

/*
 * Reads `line`, which must stay as long as what was read is used. Accepts an object with
 * `tool` and `status`, and any of the other fields that are read back from a record:
 * `tool_id`, which is ignored, `duration_ms`, `timing`, `was_cached`, `error_type`,
 * `args_hash`, `result_hash`, `session`, `depth`, `measures`, `place` and `timestamp`.
 *
 * False for anything else: another field, a field twice, a null, a value of another type
 * or out of its range, an integer written as a float, a timing that doesn't match, more
 * than XT_MAX_MEASURES measures, a time after 2200 in a line without `was_cached` (which
 * may be milliseconds), or long texts with escapes. O(length).
 */
bool xt_json_read_execution(xt_text line, xt_json_execution *read);

#pragma GCC visibility pop

#endif
