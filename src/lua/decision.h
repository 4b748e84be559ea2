/*
 * What a policy is asked, and what it decides.
 */
#ifndef XT_DECISION_H
#define XT_DECISION_H

#include "handle.h"

#pragma GCC visibility push(hidden)

/*
 * Pushes the question that a policy is asked about `call`: `{ tracker, tool, args_hash,
 * session, now }`, of the Tracker and the tool's name at these indices. [-0, +1]
 */
void xt_push_question(lua_State *L, int tracker, int tool, const xt_call *call,
                      uint64_t now_us);

typedef enum xt_action { XT_ALLOW, XT_WARN, XT_DENY } xt_action;

/*
 * Stores what the decision at `index` says: nil or false allows. Returns null; or pushes
 * and returns what is wrong with it, perhaps on top of other values. Calls no metamethod.
 * May run finalizers. [-0, +0 or more]
 */
const char *xt_read_decision(lua_State *L, int index, xt_action *action);

/* Counts and keeps `call`, which the decision at `index` denied. [-0, +0] */
void xt_keep_denial(lua_State *L, int index, const xt_tracker_handle *tracker,
                    const xt_call *call, uint64_t denied_us);

/* Push the reason and the message of the decision at `index`, or those of a decision that
   has none. [-0, +1] */
void xt_push_reason(lua_State *L, int index);
void xt_push_message(lua_State *L, int index);

#pragma GCC visibility pop

#endif
