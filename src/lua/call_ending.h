/*
 * How a call of a tool ended, by Lua's conventions or as a script classifies it: the end of
 * what wraps a function, and of `span:done` and `span:failed`.
 */
#ifndef XL_CALL_ENDING_H
#define XL_CALL_ENDING_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/* Whether `span` was started, and neither has ended nor timed out, in a tracker that is open.
 * Its session may have been abandoned. */
static inline bool xl_is_in_flight(const xl_span *span) {
    return span->token.serial != 0 && span->token.tool_id != 0 &&
           span->parent->tracker != NULL;
}

/* Whether the values from index `first` to the top say that a call failed: nil or false,
 * and an error. */
bool xl_has_failed(lua_State *L, int first);

/*
 * Records `span`, a Span or call at index 1, if it is in flight, as a call that returned the `count`
 * values from index `first` to the top, which end up on top:
 *
 * - After nil or false and an error it failed, but `"timeout"` and `"cancelled"` as the
 *   error are what they say. If it passes on that a policy denied another call, its error
 *   type is the policy's reason.
 * - `classify`, `measure` and `results` of its options have their say.
 *
 * Raises what the clock, `classify`, `measure` or `results` raises, when it is recorded: at
 * the clock's last reading, by the conventions, without measures, and without a fingerprint
 * of the results. May run finalizers.
 */
void xl_end_with_results(lua_State *L, xl_span *span, int first, int count);

/*
 * The same for a call that raised the error at `error`: it failed, without an error type if
 * there is no memory to tell. Raises nothing: what is wrong with a clock, `classify` or
 * `measure` must not hide the tool's error.
 */
void xl_end_with_error(lua_State *L, int error);

/*
 * Records `span`, which is at index 1, as `outcome`, by the last reading of a clock that is a
 * Lua function; stores its duration in `*duration_us`, if that isn't null. False, and nothing is
 * recorded, if it isn't in flight any more, or its tracker is closed. Raises nothing.
 */
bool xl_end_as(lua_State *L, xl_span *span, const xt_outcome *outcome,
               uint64_t *duration_us);

/* Records the call at index 1 as cancelled: its coroutine is closed. Raises nothing. */
void xl_end_as_closed(lua_State *L);

/* Records that the coroutine of the call at index 1 died of the error at `error`, by the last
 * reading of a clock that is a Lua function. Raises nothing. */
void xl_end_with_last_error(lua_State *L, int error);

#pragma GCC visibility pop

#endif
