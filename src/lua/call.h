/*
 * An instrumented call: the userdata that stands for it on the stack while the tool runs,
 * at index 1. Scripts never see it.
 */
#ifndef XL_CALL_H
#define XL_CALL_H

#include "binding.h"

#pragma GCC visibility push(hidden)

extern const xl_type xl_call_type;

struct xl_call {
    const xl_type *type;
    xl_tracker *parent; /* kept alive by a user value */
    uint64_t start_us;  /* before its policy is asked */
    xt_call call;       /* but its tool, which is a string on the stack */
    xt_span span;       /* its serial is 0 before it is started and when it is finished */
    bool has_options;
    /* What call_nesting.h knows of it. */
    lua_State *thread; /* the coroutine that it runs in; null for the main one */
    xl_call *outer;    /* the call in this coroutine that it is within; null for none */
    xl_call *inner;    /* the one that is within it */
    xl_call *older; /* those that were made before and after it, in any coroutine but */
    xl_call *newer; /* the main one, and run; null if it runs in that */
    bool is_entered;
};

/* The user values of a call, beside the Tracker or Session that it is of. */
enum {
    XL_CALL_OPTIONS = XL_PARENT + 1, /* those of a wrapped function, or nil */
    XL_CALL_THREAD,                  /* the coroutine that it runs in, or nil */
    XL_CALL_ARGS_TEXT,               /* what it is called with, a string, or nil */
    XL_CALL_USER_VALUES = XL_CALL_ARGS_TEXT
};

/*
 * Pushes a call of a tool of the Tracker or Session at `index`, with arguments of fingerprint
 * `args_hash`. It isn't started. [-0, +1]
 */
void xl_push_call(lua_State *L, int index, uint32_t args_hash);

/* Has the call on top keep `text` as that of its arguments; not if it is empty. [-0, +0] */
void xl_call_set_args_text(lua_State *L, xt_text text);

/* Has the call at index 1 have the options on top: those of a wrapped function. [-1, +0] */
void xl_call_set_options(lua_State *L);

/* The call at index 1, of the tool that the string at index 2 names. */
xt_call xl_call_at(lua_State *L);

/*
 * Reads the clock for the start of the call at index 1. Raises what a clock that is a Lua
 * function raises, and that the tracker is closed.
 */
void xl_call_read_clock(lua_State *L);

/*
 * Starts the call at index 1, of the tool that the string at index 2 names, at the time at
 * which its clock was read, and marks it to be closed. Raises that the tracker is closed.
 */
void xl_call_start(lua_State *L);

/*
 * Records the call at index 1, which returned the values from index `first` to the top.
 * They stay. Raises what the clock, `classify`, `measure` or `results` raises, when the call
 * is recorded: at the last reading, by the conventions, without measures, and without a
 * fingerprint of the results.
 */
void xl_call_finish(lua_State *L, int first);

#pragma GCC visibility pop

#endif
