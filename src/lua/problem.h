/*
 * What the world refuses, as functions return it: nil, a message and a code.
 */
#ifndef XT_PROBLEM_H
#define XT_PROBLEM_H

#include "exectrack.h"

#include <lua.h>

#pragma GCC visibility push(hidden)

/*
 * Pushes nil, a message that begins with `subject` unless that is null, and a short stable
 * code, and returns 3. For XT_ERROR_FILE message and code are those of `errno_value`, the
 * code being its name, such as `ENOENT`; else the message is `problem`. [-0, +3]
 */
int xt_push_problem(lua_State *L, const char *subject, xt_error error,
                    const char *problem, int errno_value);

#pragma GCC visibility pop

#endif
