/*
 * Wrapped functions: tools that are timed, recorded and guarded whenever they are called.
 */
#ifndef XL_TRACKER_WRAP_H
#define XL_TRACKER_WRAP_H

#include "call.h"

#pragma GCC visibility push(hidden)

/*
 * What the calls of a wrapped function have in common: a userdata, upvalue 1 of the C function
 * that begins them.
 */
typedef struct xl_wrapped {
    xl_self self;
    xl_options *options; /* or null */
    xt_text tool;
    xl_call
        *kept;    /* a call that is used again, its user value XL_WRAPPED_CALL; or null */
    bool is_idle; /* that call is over */
} xl_wrapped;

/* Its user values. */
enum {
    XL_WRAPPED_SELF = XL_PARENT, /* the Tracker or Session */
    XL_WRAPPED_OPTIONS,
    XL_WRAPPED_TOOL, /* its name, a string */
    XL_WRAPPED_CALL,
    XL_WRAPPED_USER_VALUES = XL_WRAPPED_CALL
};

/*
 * In a C function that is called with the arguments of a wrapped function, of which the
 * userdata is upvalue 1: pushes a call of it, of which the clock has been read. Raises what
 * that and the function `args` raise. [-0, +1]
 */
xl_call *xl_begin_wrapped(lua_State *L, xl_wrapped *wrapped);

/* Has `call`, at index 1, which is over, be used again if it is of a wrapped function. Needs 2
 * free stack slots. [-0, +0] */
void xl_keep_call(lua_State *L, xl_call *call);

/*
 * Replaces the tool's name and the function on top by the function, wrapped, for the Tracker or
 * Session at index 1, with the options at index `options`, or nil. Of the name as much counts
 * as is recorded. [-2, +1]
 */
void xl_wrap(lua_State *L, int options);

/* call_lua.c: replaces the userdata of a wrapped function and its function on top by the wrapped
 * function. [-2, +1] */
void xl_wrap_function(lua_State *L);

#if XL_HAS_TO_CLOSE
/* The wrapped functions that are C functions: without a policy, and with one. Upvalues are the
 * userdata, the function, and of the latter the function `ask` of call_lua.c. */
int xl_call_wrapped(lua_State *L);
int xl_call_guarded(lua_State *L);
#endif

#pragma GCC visibility pop

#endif
