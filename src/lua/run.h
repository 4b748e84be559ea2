/*
 * Calling a tool and recording how it did.
 */
#ifndef XT_RUN_H
#define XT_RUN_H

#include <lua.h>

#pragma GCC visibility push(hidden)

/* What stands on the stack while a tool is called. */
enum { XT_RUN_CALL = 1, XT_RUN_TOOL, XT_RUN_FUNCTION, XT_RUN_ARGUMENTS };

/*
 * Starts the call, of which the clock was read, and calls the function with its
 * arguments, which reach to the top. A C function returns what this returns: the number
 * of results, on top. The function may yield, through the C function.
 */
int xt_run(lua_State *L);

/* The method `run`. */
int xt_lua_run(lua_State *L);

#pragma GCC visibility pop

#endif
