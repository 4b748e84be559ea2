/*
 * A call of a tool: the userdata that stands for it while it is in flight. Of a function that
 * is run or wrapped, scripts never see it; what `begin` gives them is a Span that is one.
 */
#ifndef XL_CALL_H
#define XL_CALL_H

#include "call_options.h"

#pragma GCC visibility push(hidden)

extern const xl_type xl_call_type;

struct xl_call {
    xl_span span;               /* its token's serial is 0 until it is started */
    uint64_t start_us;          /* before its policy is asked */
    xt_call call;               /* whose texts are valid until it is started */
    uint32_t tool_id;           /* 0 if it isn't known yet */
    lua_State *thread;          /* the coroutine that it was made in */
    bool awaits;                /* it ends when its callback is called */
    struct xl_wrapped *wrapped; /* of the wrapped function that it is of; or null */
    /* What call_nesting.h knows of it. */
    bool is_entered;
    xl_call *next;  /* of the same chain, the one before it */
    xl_call *older; /* those that were made before and after it, in any coroutine but */
    xl_call *newer; /* the main one, and run; null if it runs in that */
    /* What call_deadline.c knows of it. */
    uint64_t deadline_us; /* 0 for none */
    xl_call *earlier;     /* those with deadlines that were started before and after it */
    xl_call *later;
};

/* The user values of a call, beside those of a Span. */
enum {
    XL_CALL_THREAD = XL_SPAN_OPTIONS + 1, /* the coroutine, or nil for the main one */
    XL_CALL_TOOL,                         /* its name, a string, or nil */
    XL_CALL_ARGS_TEXT,                    /* what it is called with, a string, or nil */
    XL_CALL_USER_VALUES = XL_CALL_ARGS_TEXT
};

/*
 * Pushes a call of `type`, a call or a Span, made in the running coroutine for `self`: the
 * Tracker or Session that is at `index`, or that what is there belongs to. It names no tool,
 * and isn't started. [-0, +1]
 */
xl_call *xl_push_call(lua_State *L, int index, const xl_self *self, const xl_type *type);

/* Has `call`, which is on top, be made in the running coroutine. [-0, +0] */
void xl_call_enter_thread(lua_State *L, xl_call *call);

/* Has `call`, which is on top, be made with arguments of this text and fingerprint. */
void xl_call_set_args(lua_State *L, xl_call *call, uint32_t args_hash, xt_text text);

/* Reads the clock for the start of `call`, which is on top. Raises what a clock that is a Lua
 * function raises, and that the tracker is closed. */
void xl_call_read_clock(lua_State *L, xl_call *call);

/*
 * Starts `call`, which is at index 1, at the time at which its clock was read. With
 * `is_running`, calls that are made before it returns or fails are made within it. Raises that
 * the tracker is closed, and Lua's memory error.
 */
void xl_call_start(lua_State *L, xl_call *call, bool is_running);

/*
 * The function of the call at index 1 has returned the values from index `first` to the top,
 * which end up on top: records it, unless it awaits its callback and they don't say that it
 * failed. Returns how many they are. Raises what xl_end_with_results raises.
 */
int xl_call_return(lua_State *L, xl_call *call, int first);

/* Raises the error on top, which the function of the call at index 1 has raised, when it is
 * recorded. */
int xl_call_fail(lua_State *L, xl_call *call);

/* call_deadline.c: has `call`, which is at index 1 and starts, end as timed out after the time
 * that its options say, if they do. May raise Lua's memory error, and then does nothing. */
void xl_set_deadline(lua_State *L, xl_call *call);

/* Has `call`, at index 1, which has ended, do that no more. Allocates nothing. */
void xl_clear_deadline(lua_State *L, xl_call *call);

/* tracker_run.c: in a call of `tracker:run(tool, fn, ...)`, pushes a call, of which the clock
 * has been read. Raises what is wrong with the arguments. [-0, +1] */
xl_call *xl_begin_run(lua_State *L);

#if XL_HAS_TO_CLOSE
/* tracker_run.c: the C function that is called with a call, a function and its arguments:
 * starts the call, and returns what the function returns. */
int xl_run_call(lua_State *L);
#endif

/* tracker_begin.c: the first step of the method `begin`: returns a Span that isn't started,
 * and the question, if there is a policy. */
int xl_begin_span(lua_State *L);

/*
 * call_lua.c: with `call` on top, pushes the question for its policy, which knows the tool by
 * the string at `tool`. Returns 2; or 1, and pushes nothing, if it has none. [-0, +0 or 1]
 */
int xl_push_policy_question(lua_State *L, int tool, const xl_call *call);

/* call_lua.c: sets in the table on top the methods of `type`, a Tracker or Session, that are
 * Lua functions. [-0, +0] */
void xl_set_lua_methods(lua_State *L, const xl_type *type);

#pragma GCC visibility pop

#endif
