/*
 * Which calls run now, and so how many of them the next one is made within.
 *
 * A call runs within another of the same tracker if that runs in the same coroutine, or in
 * one that resumed it. Lua doesn't say which coroutine resumed one, but those that did are
 * the only others that haven't yielded. Of several with calls, the one whose call is the
 * newest counts as the last that did: this is wrong only if one that yielded in its call is
 * resumed by one whose call is newer.
 */
#ifndef XL_NESTING_H
#define XL_NESTING_H

#include "call.h"

#pragma GCC visibility push(hidden)

/* The calls of a Lua state that run now. */
struct xl_nesting {
    xl_call *innermost_of_main; /* in the main coroutine; null for none */
    xl_call *newest;            /* in all others; null for none */
};

/* The nesting of the Lua state, which lives as long as that. [-0, +0] */
xl_nesting *xl_nesting_of(lua_State *L);

/*
 * The depth of a call that is made now, in the running coroutine, to the tracker of
 * `handle`, while calls run. Of calls in other coroutines it looks at the newest 64: O(1),
 * and those that it doesn't look at don't count.
 */
uint32_t xl_depth_among_others(lua_State *L, const xl_tracker *handle);

/* The same, also while none runs. */
static inline uint32_t xl_depth(lua_State *L, const xl_tracker *handle) {
    const xl_nesting *nesting = handle->nesting;
    return nesting->innermost_of_main == NULL && nesting->newest == NULL
               ? 0
               : xl_depth_among_others(L, handle);
}

/* Has the call at index 1 run in the running coroutine, at its depth. May raise Lua's memory
 * error, and then it doesn't. */
void xl_enter(lua_State *L);

/* Has it run no more. Does nothing if it doesn't. Allocates nothing. */
void xl_leave(lua_State *L);

#pragma GCC visibility pop

#endif
