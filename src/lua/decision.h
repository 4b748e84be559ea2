/*
 * What a policy is asked, and what it decides.
 */
#ifndef XL_DECISION_H
#define XL_DECISION_H

#include "binding.h"

#pragma GCC visibility push(hidden)

/*
 * Pushes the question that a policy is asked about `call`: `{ tracker, tool, args_hash,
 * session, now }`, of the Tracker and the tool's name at these indices. [-0, +1]
 */
void xl_push_question(lua_State *L, int tracker, int tool, const xt_call *call,
                      uint64_t now_us);

typedef enum xl_action { XL_ALLOW, XL_WARN, XL_DENY } xl_action;

/*
 * Stores what the decision at `index` says: nil or false allows. Returns null; or pushes
 * and returns what is wrong with it, perhaps on top of other values. Calls no metamethod.
 * May run finalizers. [-0, +0 or more]
 */
const char *xl_read_decision(lua_State *L, int index, xl_action *action);

/* Counts and keeps `call`, which the decision at `index` denied. [-0, +0] */
void xl_keep_denial(lua_State *L, int index, const xl_tracker *tracker,
                    const xt_call *call, uint64_t denied_us);

/* Push the reason and the message of the decision at `index`, or those of a decision that
   has none. [-0, +1] */
void xl_push_reason(lua_State *L, int index);
void xl_push_message(lua_State *L, int index);

#pragma GCC visibility pop

#endif
