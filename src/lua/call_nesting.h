/*
 * Calls within calls: which calls are being executed now, and so at which depth the next
 * one is. A call is entered when its function is called, and left when that returns or
 * fails.
 *
 * A call is within another one of the same tracker if that is entered in the same
 * coroutine, or in one that resumed this coroutine, directly or not. Lua doesn't tell
 * which coroutine resumed another, but only those that did have not yielded. If several
 * of them have calls, the one with the newest call counts as the direct one. This is
 * wrong only if a coroutine that has yielded within its call is resumed by one whose call
 * is newer.
 */
#ifndef XL_CALL_NESTING_H
#define XL_CALL_NESTING_H

#include "call.h"

#pragma GCC visibility push(hidden)

enum { XL_NESTING_CHAINS = 64 };

/* The entered calls of a Lua state. */
struct xl_nesting {
    lua_State *main;    /* the main coroutine; null if it isn't known */
    xl_call *innermost; /* the newest call in the main coroutine; null for none */
    uint32_t entered;   /* how many they are */
    xl_call *newest;    /* the newest call in all other coroutines; null for none */
    /* A hash table of the calls in other coroutines, by coroutine; the newest comes
     * first. */
    xl_call *chains[XL_NESTING_CHAINS];
};

/* The nesting of the Lua state, which exists as long as that. [-0, +0] */
xl_nesting *xl_nesting_of(lua_State *L);

/*
 * The depth of a call of `tracker` that begins now, in the running coroutine, if calls
 * are entered. Of calls in other coroutines only the newest 64 count. O(nested calls, and
 * calls in coroutines / 64).
 */
uint32_t xl_depth_among_others(const lua_State *L, const xl_tracker *tracker);

/* The same, whether calls are entered or not. */
static inline uint32_t xl_depth(const lua_State *L, const xl_tracker *tracker) {
    const xl_nesting *nesting = tracker->nesting;
    return nesting->innermost == NULL && nesting->newest == NULL
               ? 0
               : xl_depth_among_others(L, tracker);
}

/*
 * Raises an error that names `tool` if a call of it would be nested so deep that Lua might
 * have no room for what the call needs: Lua's functions can call C functions that call
 * Lua's functions 200 levels deep, and a wrapped function is one of these. Raised before
 * anything is done: an error in the midst would be one without a name, and if it were that
 * of a policy, the call would be allowed. Costs almost nothing for the first 32 levels.
 */
void xl_check_level(lua_State *L, xl_nesting *nesting, xt_text tool);

/* Enters `call` in its coroutine, which is the running one, and sets its depth. */
void xl_enter(xl_call *call);

/* Leaves `call`. Does nothing if it isn't entered. */
void xl_leave(xl_call *call);

#pragma GCC visibility pop

#endif
