/*
 * Which calls run now, and so how many of them the next one is made within.
 *
 * A call runs within another of the same tracker if that runs in the same coroutine, or in
 * one that resumed it. Lua doesn't say which coroutine resumed one, but those that did are
 * the only others that haven't yielded. Of several with calls, the one whose call is the
 * newest counts as the last that did: this is wrong only if one that yielded in its call is
 * resumed by one whose call is newer.
 */
#ifndef XL_CALL_NESTING_H
#define XL_CALL_NESTING_H

#include "call.h"

#pragma GCC visibility push(hidden)

enum { XL_NESTING_CHAINS = 64 };

/* The calls of a Lua state that run now. */
struct xl_nesting {
    lua_State *main;    /* the main coroutine; null if that isn't known */
    xl_call *innermost; /* the newest call in that; null for none */
    xl_call *newest;    /* the newest call in all others; null for none */
    /* The latter by their coroutine, the newest first. */
    xl_call *chains[XL_NESTING_CHAINS];
};

/* The nesting of the Lua state, which lives as long as that. [-0, +0] */
xl_nesting *xl_nesting_of(lua_State *L);

/*
 * The depth of a call that is made now, in the running coroutine, to `tracker`, while calls
 * run. Of calls in other coroutines it looks at the newest 64, and those that it doesn't look
 * at don't count. O(nested calls, and calls in coroutines / 64).
 */
uint32_t xl_depth_among_others(const lua_State *L, const xl_tracker *tracker);

/* The same, also while none runs. */
static inline uint32_t xl_depth(const lua_State *L, const xl_tracker *tracker) {
    const xl_nesting *nesting = tracker->nesting;
    return nesting->innermost == NULL && nesting->newest == NULL
               ? 0
               : xl_depth_among_others(L, tracker);
}

/* Has `call` run in its coroutine, the running one, at its depth. */
void xl_enter(xl_call *call);

/* Has it run no more. Does nothing if it doesn't. */
void xl_leave(xl_call *call);

#pragma GCC visibility pop

#endif
