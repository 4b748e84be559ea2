/*
 * How a call ended, by Lua's conventions for results and errors.
 */
#ifndef XL_CONVENTION_H
#define XL_CONVENTION_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* How a call ended. */
typedef struct xl_verdict {
    xt_status status;
    int error;               /* which of the results is its error, from 1; 0 for none */
    size_t error_type_bytes; /* 0 for no error type */
    char error_type[XT_NAME_BYTES];
} xl_verdict;

static inline xt_text xl_error_type_in(const xl_verdict *verdict) {
    return (xt_text){verdict->error_type, verdict->error_type_bytes};
}

/* Sets it to the first XT_NAME_BYTES of `type`. */
void xl_set_error_type(xl_verdict *verdict, xt_text type);

/* Whether the values from index `first` to the top are the results of a failed call: nil
 * or false, and then an error. */
bool xl_has_failed(lua_State *L, int first);

/*
 * Judges a call that returned the values from index `first` to the top. It succeeded,
 * unless it returned one of these:
 *
 * - nil or false and an error, which is judged as xl_judge_error does. If the third
 *   result, or the error, is a decision that denied another call, it was cancelled, and
 *   its error type is the reason of that decision. If the error is
 *   `exit` or `signal` and the third result an integer, as from `os.execute`, they are
 *   judged as the message `exit 2` is;
 * - only a table whose field `isError` or `is_error` is true, or whose field `error` is
 *   true, a string that isn't empty, a number other than 0, or a table that isn't empty.
 *   That table is the error. Fields that its metatable has don't count.
 *
 * Without enough memory, there is no error type. Raises nothing, but may run finalizers.
 * Needs 8 free stack slots. [-0, +0]
 */
void xl_judge_results(lua_State *L, int first, xl_verdict *verdict);

/* Judges a call that raised the error at `error`, in the same way: by what xl_failure_of
 * says, or as cancelled if the error is a decision that denied another call. [-0, +0] */
void xl_judge_error(lua_State *L, int error, xl_verdict *verdict);

/* Keeps in the registry what makes xl_judge_results fast. */
void xl_set_up_convention(lua_State *L);

/* convention(ok, ...), a C function: the classifier that returns what these say: the
 * status, nil, and the error type or nil. */
int xl_convention(lua_State *L);

#pragma GCC visibility pop

#endif
