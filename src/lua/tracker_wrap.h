/*
 * Wrapped functions: each call is recorded, and a policy may deny it.
 */
#ifndef XL_TRACKER_WRAP_H
#define XL_TRACKER_WRAP_H

#include "call.h"

#pragma GCC visibility push(hidden)

/*
 * What all calls of a wrapped function have in common: a userdata, which is upvalue 1 of
 * the C function that begins them.
 */
typedef struct xl_wrapped {
    xl_self self;
    xl_options *options; /* or null */
    xt_text tool;
    xl_call *kept; /* a call that is used again, in user value XL_WRAPPED_CALL; or null */
    bool is_idle;  /* that call has ended */
} xl_wrapped;

/* The user values of that userdata. */
enum {
    XL_WRAPPED_SELF = XL_PARENT, /* the Tracker or Session */
    XL_WRAPPED_OPTIONS,
    XL_WRAPPED_TOOL, /* its name, a string */
    XL_WRAPPED_CALL,
    XL_WRAPPED_USER_VALUES = XL_WRAPPED_CALL
};

/*
 * In a C function whose arguments are those of a wrapped function, and whose upvalue 1 is
 * its userdata: pushes a call whose clock has been read. Raises what the clock and the
 * option `args` raise. [-0, +1]
 */
xl_call *xl_begin_wrapped(lua_State *L, xl_wrapped *wrapped);

/* If `call`, which is at index 1 and has ended, is one of a wrapped function, keeps it to
 * be used again. Needs 2 free stack slots. [-0, +0] */
void xl_keep_call(lua_State *L, xl_call *call);

/* In `run` with a table of options, whose arguments are self, the options, the function and
 * its arguments: checks the first three, and pushes the wrapped function. [-0, +1] */
void xl_push_run_function(lua_State *L);

/* call_lua.c: replaces the userdata of a wrapped function and its function on top by the
 * wrapped function. [-2, +1] */
void xl_wrap_function(lua_State *L);

#if XL_HAS_TO_CLOSE
/* Wrapped functions that are C functions: without a policy, and with one. Their upvalues
 * are the userdata and the function; the second also has the function `ask` of
 * call_lua.c. */
int xl_call_wrapped(lua_State *L);
int xl_call_guarded(lua_State *L);
#endif

#pragma GCC visibility pop

#endif
