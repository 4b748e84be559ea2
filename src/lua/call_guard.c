#include "call_guard.h"

#include "arguments.h"
#include "call.h"
#include "decision.h"
#include "tracker_run.h"
#include "tracker_wrap.h"
#include "visible.h"

#include <stdio.h>

enum { MOST_MESSAGE_BYTES = 400 };

/*
 * Above the arguments, of which the last is at `last`, stand what the policy is asked,
 * and what it has decided. Each step ends by taking the next one, and begins again where
 * it was if what it called yields: then `last` is its context.
 */
static int question_at(lua_KContext last) {
    return (int)last + 1;
}

static int decision_at(lua_KContext last) {
    return (int)last + 2;
}

static xl_wrap_options *options_of(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(XL_WRAPPED_OPTIONS));
}

static int run(lua_State *L, int status, lua_KContext last) {
    (void)status;
    lua_settop(L, (int)last);
    return xl_run(L);
}

/* Tells of the decision, and runs the tool. */
static int tell(lua_State *L, lua_KContext last) {
    if (xl_push_option(L, XL_WRAP_ON_WARN) != LUA_TNIL) {
        lua_pushvalue(L, decision_at(last));
        lua_pushvalue(L, question_at(last));
        lua_callk(L, 2, 0, last, run);
    }
    return run(L, LUA_OK, last);
}

static int deny(lua_State *L, lua_KContext last) {
    const xl_call *call = lua_touserdata(L, XL_RUN_CALL);
    int decision = decision_at(last);
    const xt_call denied = xl_call_at(L);
    xl_keep_denial(L, decision, call->parent, &denied, call->start_us);
    if (!options_of(L)->enforces) {
        return tell(L, last);
    }
    lua_pushnil(L);
    xl_push_message(L, decision);
    lua_pushvalue(L, decision);
    return 3;
}

static int obey(lua_State *L, lua_KContext last, xl_action action) {
    switch (action) {
    case XL_DENY:
        return deny(L, last);
    case XL_WARN:
        return tell(L, last);
    default:
        return run(L, LUA_OK, last);
    }
}

static int obey_handler(lua_State *L, int status, lua_KContext last) {
    xl_action action;
    (void)status;
    const char *problem = xl_read_decision(L, decision_at(last), &action);
    if (problem != NULL) {
        luaL_error(L, "on_policy_error: %s", problem);
    }
    return obey(L, last, action);
}

/* Says what a policy raised, on standard error, but only once for these options. */
static void complain(lua_State *L, int error) {
    xl_wrap_options *options = options_of(L);
    if (options->has_complained) {
        return;
    }
    options->has_complained = true;
    char tool[XL_VISIBLE_BYTES(XT_NAME_BYTES)];
    char message[XL_VISIBLE_BYTES(MOST_MESSAGE_BYTES)];
    bool is_text = lua_type(L, error) == LUA_TSTRING;
    xl_make_visible(tool, xl_text_at(L, XL_RUN_TOOL), XT_NAME_BYTES);
    xl_make_visible(message,
                    is_text ? xl_text_at(L, error) : xt_text_of(luaL_typename(L, error)),
                    MOST_MESSAGE_BYTES);
    fprintf(stderr,
            "exectrack: the policy of '%s' failed (said once; calls are allowed): %s\n",
            tool, message);
}

/* What the policy raised stands in the place of its decision. */
static int handle_error(lua_State *L, lua_KContext last) {
    int error = decision_at(last);
    if (xl_push_option(L, XL_WRAP_ON_POLICY_ERROR) == LUA_TNIL) {
        complain(L, error);
        return run(L, LUA_OK, last);
    }
    lua_insert(L, error);
    lua_pushvalue(L, question_at(last));
    lua_callk(L, 2, 1, last, obey_handler);
    return obey_handler(L, LUA_OK, last);
}

static int decided(lua_State *L, int status, lua_KContext last) {
    xl_action action;
    int decision = decision_at(last);
    if (status == LUA_OK || status == LUA_YIELD) {
        if (xl_read_decision(L, decision, &action) == NULL) {
            return obey(L, last, action);
        }
        lua_replace(L, decision); /* what is wrong with it */
        lua_settop(L, decision);
    }
    return handle_error(L, last);
}

int xl_run_guarded(lua_State *L) {
    int last = lua_gettop(L);
    const xl_call *call = lua_touserdata(L, XL_RUN_CALL);
    luaL_checkstack(L, 8, "too many arguments");
    xl_push_tracker_of(L, XL_RUN_CALL, call->parent);
    xl_push_question(L, last + 1, XL_RUN_TOOL, &call->call, call->start_us);
    lua_remove(L, last + 1); /* tracker */
    xl_push_option(L, XL_WRAP_POLICY);
    lua_pushvalue(L, question_at(last));
    int status = lua_pcallk(L, 1, 1, 0, last, decided);
    return decided(L, status, last);
}
