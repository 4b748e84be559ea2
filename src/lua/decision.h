/*
 * A policy's question, which is its argument, and its decision, which it returns.
 */
#ifndef XL_DECISION_H
#define XL_DECISION_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/*
 * Pushes the question about `call`, a table with the fields `tracker`, `tool`,
 * `args_hash`, `session` and `now`. The Tracker and the tool's name are at these indices.
 * [-0, +1]
 */
void xl_push_question(lua_State *L, int tracker, int tool, const xt_call *call,
                      uint64_t now_us);

typedef enum xl_action { XL_ALLOW, XL_WARN, XL_DENY } xl_action;

/*
 * Stores the action of the decision at `index`: nil and false allow the call. Returns
 * null; or, for a wrong decision, pushes and returns the message. Calls no metamethod.
 * May run finalizers. [-0, +0 or more]
 */
const char *xl_read_decision(lua_State *L, int index, xl_action *action);

/* Has the tracker count and keep `call`, which the decision at `index` denied. */
void xl_keep_denial(lua_State *L, int index, const xl_tracker *tracker,
                    const xt_call *call, uint64_t denied_us);

/*
 * Remembers, as long as it isn't collected, that the decision at `index` is what the
 * caller of a denied call gets. All coroutines of the Lua state, and all copies of this
 * module in it, know it then. May run finalizers and raise Lua's memory error.
 */
void xl_hand_out(lua_State *L, int index);

/*
 * Whether the value at `index` is a decision that a caller got and that still denies: so
 * a tool that returns it passes on the denial of another call. If so, pushes its reason.
 * May run finalizers and raise Lua's memory error. [-0, +0 or 1]
 */
bool xl_push_denial(lua_State *L, int index);

/* Push the reason and the message of the decision at `index`, or their defaults.
 * [-0, +1] */
void xl_push_reason(lua_State *L, int index);
void xl_push_message(lua_State *L, int index);

#pragma GCC visibility pop

#endif
