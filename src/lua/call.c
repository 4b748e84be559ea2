#include "call.h"

#include "arguments.h"
#include "binding.h"
#include "call_ending.h"
#include "call_nesting.h"
#include "exectrack_policy.h"
#include "fingerprint.h"
#include "tracker_wrap.h"

const xl_type xl_call_type = {"exectrack.Call", sizeof(xl_call)};

static bool is_running(const xl_call *call) {
    return call->span.serial != 0 && call->parent->tracker != NULL;
}

void xl_call_read_clock(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    xl_read_clock_of_parent(L, call->parent);
    call->start_us = xt_tracker_now_us(xl_open_tracker(L, call->parent));
}

void xl_call_set_args_text(lua_State *L, xt_text text) {
    xl_call *call = lua_touserdata(L, -1);
    if (text.length == 0) {
        return;
    }
    lua_pushlstring(L, text.bytes, text.length);
    call->call.args_text = xl_text_at(L, -1);
    lua_setiuservalue(L, -2, XL_CALL_ARGS_TEXT);
}

void xl_call_set_options(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    call->has_options = true;
    lua_setiuservalue(L, 1, XL_CALL_OPTIONS);
}

xt_call xl_call_at(lua_State *L) {
    xt_call call = ((const xl_call *)lua_touserdata(L, 1))->call;
    call.tool = xl_text_at(L, 2);
    return call;
}

void xl_call_start(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    xt_tracker *tracker = xl_open_tracker(L, call->parent);
    xl_enter(L);
    xt_call started = xl_call_at(L);
    call->span = xt_tracker_start_at(tracker, &started, call->start_us);
    lua_toclose(L, 1);
}

/* Records `call`, which is running, by the last reading of its clock if that is Lua's. */
static void record(xl_call *call, xl_ending *ending) {
    if (is_running(call)) {
        if (ending->outcome.status == XT_SUCCESS) {
            ending->outcome.error_text.length = 0; /* if `classify` says so */
        }
        xt_tracker_finish(call->parent->tracker, &call->span, &ending->outcome, NULL);
    }
}

/* Pushes an option of the call at index 1, nil if it has none. Returns its type. [-0, +1] */
static int push_option(lua_State *L, int option) {
    const xl_call *call = lua_touserdata(L, 1);
    if (!call->has_options) {
        lua_pushnil(L);
        return LUA_TNIL;
    }
    lua_getiuservalue(L, 1, XL_CALL_OPTIONS);
    int type = lua_getiuservalue(L, -1, option);
    lua_remove(L, -2); /* options */
    return type;
}

/*
 * Lets `option`, `classify` or `measure`, if there is one, have its say about the values from
 * `first` to the top. Leaves them; if it raised, leaves its error on top of them. Returns
 * Lua's status.
 */
static int ask(lua_State *L, int option, bool ok, int first, xl_ending *ending) {
    const xl_call *call = lua_touserdata(L, 1);
    if (push_option(L, option) == LUA_TNIL) {
        lua_pop(L, 1); /* nil */
        return LUA_OK;
    }
    lua_insert(L, first);
    int status = option == XL_WRAP_CLASSIFY
                     ? xl_end_as_classified(L, first, ok, first + 1, ending)
                     : xl_end_as_measured(L, first, ok, first + 1, call->parent, ending);
    lua_remove(L, first);
    return status;
}

/*
 * Lets both have their say. Leaves the values on top; errors stand below them, and then it
 * returns where the last does, else 0.
 */
static int ask_both(lua_State *L, bool ok, int first, xl_ending *ending) {
    static const int options[] = {XL_WRAP_CLASSIFY, XL_WRAP_MEASURE};
    int problem = 0;
    for (int i = 0; i < 2; i++) {
        if (ask(L, options[i], ok, first, ending) != LUA_OK) {
            lua_insert(L, first);
            problem = first++;
        }
    }
    return problem;
}

/*
 * Takes the fingerprint of the results, those from `first` to `last`, if the call is a
 * success; of any other the error type says more. If `results` raised, leaves its error on
 * top. Returns Lua's status. [-0, +0 or 1]
 */
static int take_results(lua_State *L, int first, int last, xl_ending *ending) {
    if (ending->outcome.status != XT_SUCCESS) {
        return LUA_OK;
    }
    int type = push_option(L, XL_WRAP_RESULTS);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN) {
        return xl_end_with_chosen(L, first, last, ending);
    }
    lua_pop(L, 1); /* nil or false */
    if (type == LUA_TNIL) {
        ending->outcome.result_hash = xl_fingerprint_results(L, first, last - first + 1);
    }
    return LUA_OK;
}

static int protected_clock(lua_State *L) {
    const xl_call *call = lua_touserdata(L, 1);
    xl_read_clock_of_parent(L, call->parent);
    return 0;
}

/* Calls the clock, if it is a Lua function. Returns Lua's status. [-0, +0 or 1] */
static int try_clock(lua_State *L, const xl_call *call) {
    if (!call->parent->has_clock) {
        return LUA_OK;
    }
    lua_pushcfunction(L, protected_clock);
    lua_pushvalue(L, 1);
    return lua_pcall(L, 1, 0, 0);
}

void xl_call_finish(lua_State *L, int first) {
    xl_call *call = lua_touserdata(L, 1);
    xl_ending ending;
    int count = lua_gettop(L) - first + 1;
    luaL_checkstack(L, 8, "too many results");
    xl_leave(L);
    xl_end_with_results(L, first, &ending);
    int problem = ask_both(L, true, first, &ending);
    int last = lua_gettop(L);
    if (take_results(L, last - count + 1, last, &ending) != LUA_OK) {
        problem = lua_gettop(L);
    }
    if (try_clock(L, call) != LUA_OK) {
        problem = lua_gettop(L);
    }
    record(call, &ending);
    if (problem != 0) {
        lua_pushvalue(L, problem);
        lua_error(L);
    }
}

/*
 * Whether an error passes through the call that is being closed. The error may be nil, as
 * it is when a coroutine is closed that is suspended; but then this has no caller. (A
 * coroutine that died of the error nil and is closed looks the same, and so does an error
 * nil that a host's lua_pcall catches outside of any function.)
 */
static bool has_error(lua_State *L) {
    lua_Debug caller;
    return !lua_isnoneornil(L, 2) || lua_getstack(L, 1, &caller) != 0;
}

/*
 * Records the call at index 1, which raised the error at index 2, or whose coroutine was
 * closed. What is wrong with a clock, `classify` or `measure` must not hide the tool's error.
 */
static void record_unfinished(lua_State *L, xl_call *call) {
    xl_ending ending = {.outcome = {.status = XT_CANCELLED}};
    if (has_error(L)) {
        xl_end_with_error(L, 2, &ending);
        ask_both(L, false, 2, &ending);
    }
    try_clock(L, call);
    record(call, &ending);
}

static int call_close(lua_State *L) {
    xl_call *call = xl_check_userdata(L, &xl_call_type);
    lua_settop(L, 2);
    xl_leave(L);
    if (is_running(call)) {
        record_unfinished(L, call);
    }
    lua_pushnil(L);
    lua_setmetatable(L, 1); /* its finalizer would find nothing to do */
    return 0;
}

/* Whether the coroutine that the call at index 1 ran in died of an error, then pushed. */
static bool push_last_error(lua_State *L) {
    lua_getiuservalue(L, 1, XL_CALL_THREAD);
    lua_State *thread = lua_tothread(L, -1);
    if (thread == NULL || lua_status(thread) == LUA_OK ||
        lua_status(thread) == LUA_YIELD || lua_gettop(thread) == 0 ||
        !lua_checkstack(thread, 1)) {
        return false;
    }
    lua_pushvalue(thread, -1);
    lua_xmove(thread, L, 1);
    return true;
}

/*
 * The coroutine that the call ran in is gone: it died of an error, or was abandoned. The
 * core reads the last reading of a Lua clock here: calling it might raise.
 */
static int call_gc(lua_State *L) {
    xl_call *call = xl_check_userdata(L, &xl_call_type);
    xl_ending ending = {
        .outcome = {.status = XT_CANCELLED, .error_type = xt_text_of("abandoned")}};
    xl_leave(L);
    if (is_running(call)) {
        if (push_last_error(L)) {
            xl_end_with_error(L, lua_gettop(L), &ending);
        }
        record(call, &ending);
    }
    return 0;
}

static const luaL_Reg metamethods[] = {
    {"__gc", call_gc},
    {"__close", call_close},
    {NULL, NULL},
};

static const luaL_Reg no_methods[] = {{NULL, NULL}};

void xl_push_call(lua_State *L, int index, uint32_t args_hash) {
    const xl_self self = xl_self_of(lua_touserdata(L, index));
    xl_call *call = lua_newuserdatauv(L, sizeof *call, XL_CALL_USER_VALUES);
    *call = (xl_call){.type = &xl_call_type,
                      .parent = self.tracker,
                      .call = {.args_hash = args_hash, .session = *self.session}};
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, XL_PARENT);
    if (lua_pushthread(L) == 1) {
        lua_pop(L, 1); /* the main thread never goes */
    } else {
        call->thread = L;
        lua_setiuservalue(L, -2, XL_CALL_THREAD);
    }
    xl_push_metatable(L, &xl_call_type, metamethods, no_methods, false);
    lua_setmetatable(L, -2);
}
