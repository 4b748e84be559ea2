/*
 * Ending a call of a tool: its outcome follows from what its function returned or raised,
 * by Lua's conventions and by its options. For wrapped functions, `run`, `span:done` and
 * `span:failed`.
 */
#ifndef XL_CALL_ENDING_H
#define XL_CALL_ENDING_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* Whether `span` was started and has neither ended nor timed out, and its tracker is
 * open. It may have been ended by `session:abandon()`, which this doesn't see. */
static inline bool xl_is_in_flight(const xl_span *span) {
    return span->token.serial != 0 && span->token.tool_id != 0 &&
           span->parent->tracker != NULL;
}

/*
 * Ends and records `span`, a Span or call at index 1, if it is in flight. It returned the
 * `count` values from index `first` to the top, which are on top afterwards, too.
 *
 * - By convention (convention.h) its results say how it ended.
 * - Its options `classify`, `measure` and `results` can change the outcome.
 *
 * If the clock, `classify`, `measure` or `results` raises an error, the call is recorded
 * without that (at the clock's last reading, by convention, without measures, or without
 * a fingerprint of the results), and then the error is raised. May run finalizers.
 */
void xl_end_with_results(lua_State *L, xl_span *span, int first, int count);

/*
 * Ends and records the Span or call at index 1, which raised the error at `error`, as that
 * says by convention (convention.h), and `classify`. Raises nothing: errors of a clock,
 * `classify` or `measure` must not hide that of the tool.
 */
void xl_end_with_error(lua_State *L, int error);

/*
 * Ends and records `span`, which is at index 1, with `outcome`, at the last reading of a
 * Lua clock, or the system's time. Stores its duration in `*duration_us`, if that isn't
 * null. Records nothing and returns false if it isn't in flight any more, or its tracker
 * is closed. Raises nothing.
 */
bool xl_end_as(lua_State *L, xl_span *span, const xt_outcome *outcome,
               uint64_t *duration_us);

/* Ends and records the call at index 1 as cancelled, as its coroutine is closed. Raises
 * nothing. */
void xl_end_as_closed(lua_State *L);

/* Ends and records the call at index 1, whose coroutine died of the error at `error`, at
 * the last reading of a Lua clock, or the system's time. Raises nothing. */
void xl_end_with_last_error(lua_State *L, int error);

#pragma GCC visibility pop

#endif
