/*
 * Calling a tool and recording how it did.
 */
#ifndef XL_RUN_H
#define XL_RUN_H

#include "compat.h"

#pragma GCC visibility push(hidden)

/* What stands on the stack while a tool is called. */
enum { XL_RUN_CALL = 1, XL_RUN_TOOL, XL_RUN_FUNCTION, XL_RUN_ARGUMENTS };

/*
 * Starts the call, of which the clock was read, and calls the function with its
 * arguments, which reach to the top. A C function returns what this returns: the number
 * of results, on top. The function may yield, through the C function.
 */
int xl_run(lua_State *L);

#pragma GCC visibility pop

#endif
