/*
 * A call of a tool: a userdata that exists while the call is in flight. Scripts never get
 * those of `run` and of wrapped functions. `begin` returns a Span, which is a call, too.
 */
#ifndef XL_CALL_H
#define XL_CALL_H

#include "call_options.h"

#pragma GCC visibility push(hidden)

extern const xl_type xl_call_type;

struct xl_call {
    xl_span span;      /* its token's serial is 0 until it is started */
    uint64_t start_us; /* the time before its policy is asked, for the last time */
    uint64_t asked_us; /* the same for the first time; not of Spans */
    uint64_t slept_us; /* what it was told to sleep meanwhile */
    xt_call call;      /* its texts are valid until it is started */
    uint32_t tool_id;  /* 0 if it isn't known yet */
    lua_State *thread; /* the coroutine in which it was made */
    bool awaits;       /* it ends when its callback is called */
    struct xl_wrapped *wrapped; /* its wrapped function; null for none */
    /* For call_nesting.c. The lists have null at their ends. */
    bool is_entered; /* it is in these lists */
    uint32_t level;  /* at least how many calls it is within, and itself */
    xl_call *next;   /* the previous call of the same chain */
    xl_call *older;  /* the previous and the next of the calls that are entered in */
    xl_call *newer;  /* coroutines other than the main one; unused if it is in that */
    /* For call_deadline.c. */
    uint64_t deadline_us; /* 0 for none */
    xl_call *earlier; /* the previous and the next of the started calls with a deadline */
    xl_call *later;
};

/* The user values of a call, after those of a Span. */
enum {
    XL_CALL_THREAD = XL_SPAN_OPTIONS + 1, /* the coroutine, or nil for the main one */
    XL_CALL_TOOL,                         /* its name, a string, or nil */
    XL_CALL_ARGS_TEXT, /* the text of its arguments, a string, or nil */
    XL_CALL_USER_VALUES = XL_CALL_ARGS_TEXT
};

/*
 * Pushes a call in the running coroutine for `self`, the Tracker or Session that the
 * userdata at `index` is or belongs to. `type` is that of calls or of Spans. Its tool
 * isn't set, and it isn't started. [-0, +1]
 */
xl_call *xl_push_call(lua_State *L, int index, const xl_self *self, const xl_type *type);

/* Sets the coroutine of `call`, which is on top, to the running one. [-0, +0] */
void xl_call_enter_thread(lua_State *L, xl_call *call);

/* Sets the fingerprint and the text of the arguments of `call`, which is on top. */
void xl_call_set_args(lua_State *L, xl_call *call, uint32_t args_hash, xt_text text);

/* Reads the clock for the start of `call`, which is on top. Raises what a Lua clock
 * raises, or an error if the tracker is closed. */
void xl_call_read_clock(lua_State *L, xl_call *call);

/*
 * Starts `call`, which is at index 1, at the time that xl_call_read_clock has read. With
 * `is_running`, calls that begin before it returns or fails are calls within it. Raises
 * an error if the tracker is closed, or Lua's memory error.
 */
void xl_call_start(lua_State *L, xl_call *call, bool is_running);

/*
 * Ends the call at index 1, whose function has returned the values from index `first` to
 * the top. If it awaits its callback, it ends only if these mean that it failed. Leaves
 * the values on top, and returns how many they are. Raises what xl_end_with_results
 * raises.
 */
int xl_call_return(lua_State *L, xl_call *call, int first);

/* Ends the call at index 1, whose function has raised the error on top, and raises that
 * error. */
int xl_call_fail(lua_State *L, xl_call *call);

/* call_deadline.c: sets the deadline of `call`, which is at index 1 and is about to
 * start, if its options have `timeout_ms`. If it raises Lua's memory error, nothing is
 * changed. */
void xl_set_deadline(lua_State *L, xl_call *call);

/* Removes the deadline of `call`, which is at index 1 and has ended. Allocates
 * nothing. */
void xl_clear_deadline(lua_State *L, xl_call *call);

/* tracker_run.c: in `tracker:run(tool, fn, ...)`, checks the arguments, and pushes a call
 * whose clock has been read. Raises an error for wrong arguments. [-0, +1] */
xl_call *xl_begin_run(lua_State *L);

#if XL_HAS_TO_CLOSE
/*
 * tracker_run.c: starts `call`, which is at index 1, and calls the function at index 2 with
 * the `count` arguments above it, which may yield. A C function returns what this returns:
 * the number of results, on top, when the call has ended.
 */
int xl_call_tool(lua_State *L, xl_call *call, int count);

/* tracker_run.c: a C function whose arguments are a call, a function and its arguments:
 * starts the call, calls the function, and returns its results when the call has
 * ended. */
int xl_run_call(lua_State *L);
#endif

/*
 * call_wait.c: wait(call, decision), a step of call_lua.c: returns how many seconds a
 * call that the decision denies is to sleep before its policy is asked again; nothing if
 * it doesn't wait.
 */
int xl_step_wait(lua_State *L);

/* call_wait.c: again(call), another step: returns a new question for the policy, at the
 * time that it is now. Raises what the clock raises, or an error if the tracker is
 * closed. */
int xl_step_again(lua_State *L);

/* tracker_begin.c: the first step of the method `begin`, a C function: returns a Span
 * that isn't started; and, if there is a policy, the question, the policy, `on_warn` and
 * `on_policy_error`. */
int xl_begin_span(lua_State *L);

/*
 * call_lua.c: with `call` on top, pushes the question for its policy, with the string at
 * `tool` as the tool's name. Returns 2; without a policy, pushes nothing and returns 1.
 * [-0, +0 or 1]
 */
int xl_push_policy_question(lua_State *L, int tool, const xl_call *call);

/* call_lua.c: adds those methods of `type`, Tracker or Session, that are Lua functions to
 * the table on top. [-0, +0] */
void xl_set_lua_methods(lua_State *L, const xl_type *type);

#pragma GCC visibility pop

#endif
