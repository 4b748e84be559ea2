/* Starting and ending calls of tools. */
#include "call.h"

#include "arguments.h"
#include "call_ending.h"
#include "call_nesting.h"
#include "convention.h"
#include "tracker.h"
#include "tracker_wrap.h"

const xl_type xl_call_type = {"exectrack.Call", sizeof(xl_call)};

void xl_call_read_clock(lua_State *L, xl_call *call) {
    xl_tracker *parent = call->span.parent;
    xl_read_clock_of(L, -1, parent);
    call->start_us = xt_tracker_now_us(xl_open_tracker(L, parent));
}

void xl_call_set_args(lua_State *L, xl_call *call, uint32_t args_hash, xt_text text) {
    call->call.args_hash = args_hash;
    call->call.args_text = text;
    if (text.length > 0) {
        lua_pushlstring(L, text.bytes, text.length);
        call->call.args_text = xl_text_at(L, -1);
        lua_setiuservalue(L, -2, XL_CALL_ARGS_TEXT);
    }
}

void xl_call_start(lua_State *L, xl_call *call, bool is_running) {
    xl_tracker *parent = call->span.parent;
    xl_set_deadline(L, call);
    xl_open_tracker(L, parent); /* a finalizer may have closed it */
    if (is_running) {
        xl_enter(call);
    }
    call->span.token = xt_tracker_start_known(parent->tracker, &call->call, call->tool_id,
                                              call->start_us);
}

int xl_call_return(lua_State *L, xl_call *call, int first) {
    int count = lua_gettop(L) - first + 1;
    xl_leave(call);
    if (!call->awaits || xl_has_failed(L, first)) {
        xl_end_with_results(L, &call->span, first, count);
        xl_keep_call(L, call);
    }
    return count;
}

int xl_call_fail(lua_State *L, xl_call *call) {
    int error = lua_gettop(L);
    xl_leave(call);
    xl_end_with_error(L, error);
    lua_settop(L, error);
    return lua_error(L);
}

#if XL_HAS_TO_CLOSE
/*
 * Whether the call is closed because of an error. The error may be nil. It is nil, too,
 * if a suspended coroutine is closed; but then this function has no caller. (Two cases
 * look the same as that: closing a coroutine that died of the error nil, and an error nil
 * that a host's lua_pcall catches outside of any function.)
 */
static bool has_error(lua_State *L) {
    lua_Debug caller;
    return !lua_isnoneornil(L, 2) || lua_getstack(L, 1, &caller) != 0;
}

/* Called when the function has returned, and then there is nothing to do; or because of
 * an error; or because the coroutine is closed. */
static int call_close(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1); /* unchecked: scripts can't call this */
    if (!call->is_entered) {
        return 0;
    }
    lua_settop(L, 2);
    xl_leave(call);
    if (has_error(L)) {
        xl_end_with_error(L, 2);
    } else {
        xl_end_as_closed(L);
    }
    return 0;
}
#endif

/* Whether the coroutine of the call at index 1 died of an error. If so, pushes the
 * error. */
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
 * Called when nothing can end the call any more: its coroutine died of an error, or its
 * coroutine or its callback was abandoned.
 */
static int call_gc(lua_State *L) {
    xl_call *call = lua_touserdata(L, 1);
    bool was_running = call->is_entered;
    xl_leave(call);
    if (!xl_is_in_flight(&call->span)) {
        return 0;
    }
    if (was_running && push_last_error(L)) {
        xl_end_with_last_error(L, lua_gettop(L));
    } else {
        const xt_outcome outcome = {.status = XT_CANCELLED,
                                    .error_type = xt_text_of("abandoned")};
        xl_end_as(L, &call->span, &outcome, NULL);
    }
    return 0;
}

static const luaL_Reg metamethods[] = {
    {"__gc", call_gc},
#if XL_HAS_TO_CLOSE
    {"__close", call_close},
#endif
    {NULL, NULL},
};

static const luaL_Reg no_methods[] = {{NULL, NULL}};

void xl_call_enter_thread(lua_State *L, xl_call *call) {
    call->thread = L;
    if (L != call->span.parent->nesting->main) {
        lua_pushthread(L);
        lua_setiuservalue(L, -2, XL_CALL_THREAD);
    }
}

xl_call *xl_push_call(lua_State *L, int index, const xl_self *self, const xl_type *type) {
    xl_call *call = lua_newuserdatauv(L, sizeof *call, XL_CALL_USER_VALUES);
    *call = (xl_call){.span = {.type = type, .parent = self->tracker},
                      .call = {.session = *self->session}};
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, XL_PARENT);
    xl_call_enter_thread(L, call);
    if (type == &xl_call_type) {
        xl_push_metatable(L, &xl_call_type, metamethods, no_methods, false);
    } else {
        xl_push_span_metatable(L);
    }
    lua_setmetatable(L, -2);
    return call;
}
