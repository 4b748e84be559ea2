/*
 * Asking a policy before a tool is called, and doing what it decides.
 */
#ifndef XL_GUARD_H
#define XL_GUARD_H

#include "compat.h"

#pragma GCC visibility push(hidden)

/*
 * Asks the policy of a wrapped function, whose options are its upvalue
 * `XL_WRAPPED_OPTIONS`, about the call that stands on the stack as for xl_run; which then
 * runs, unless it is denied. Returns the number of results, on top. Raises what `on_warn`,
 * `on_policy_error` and the tool raise, that what `on_policy_error` returned isn't a
 * decision, and that the tracker was closed meanwhile.
 */
int xl_run_guarded(lua_State *L);

#pragma GCC visibility pop

#endif
