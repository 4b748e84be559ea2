/* Calling a tool once: `tracker:run`. */
#include "arguments.h"
#include "call.h"
#include "call_nesting.h"
#include "tracker_texts.h"
#include "tracker_wrap.h"

xl_call *xl_begin_run(lua_State *L) {
    enum { TOOL = 2, FUNCTION, ARGUMENTS };
    const xl_self self = xl_check_self(L);
    xt_text tool = xl_text_argument(L, xl_argument_at(TOOL));
    xl_check_callable(L, xl_argument_at(FUNCTION));
    xl_check_level(L, self.tracker->nesting, tool);
    xl_description text;
    uint32_t args_hash =
        xl_take_args(L, 1, self.tracker, ARGUMENTS, lua_gettop(L) - FUNCTION, &text);
    xl_call *call = xl_push_call(L, 1, &self, &xl_call_type);
    call->call.tool = tool;
    lua_pushvalue(L, TOOL);
    lua_setiuservalue(L, -2, XL_CALL_TOOL);
    xl_call_set_args(L, call, args_hash, xl_text_of(&text));
    xl_call_read_clock(L, call);
    return call;
}

#if XL_HAS_TO_CLOSE
/* The call is at index 1, and the results are above it. */
static int returned(lua_State *L, int status, lua_KContext context) {
    (void)status;
    return xl_call_return(L, (xl_call *)context, 2);
}

int xl_call_tool(lua_State *L, xl_call *call, int count) {
    lua_toclose(L, 1);
    xl_call_start(L, call, true);
    lua_callk(L, count, LUA_MULTRET, (lua_KContext)call, returned);
    return returned(L, LUA_OK, (lua_KContext)call);
}

int xl_run_call(lua_State *L) {
    return xl_call_tool(L, lua_touserdata(L, 1), lua_gettop(L) - 2);
}

/* The stack has self and the options, and the results above them. */
static int returned_wrapped(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    return lua_gettop(L) - 2;
}

/* tracker:run({ tool =, ... }, fn, ...) */
static int run_with_options(lua_State *L) {
    int count = lua_gettop(L) - 3;
    xl_push_run_function(L);
    lua_replace(L, 3); /* fn */
    lua_callk(L, count, LUA_MULTRET, 0, returned_wrapped);
    return returned_wrapped(L, LUA_OK, 0);
}

/* tracker:run(tool, fn, ...) */
int xl_tracker_run(lua_State *L) {
    if (lua_istable(L, 2)) {
        return run_with_options(L);
    }
    xl_call *call = xl_begin_run(L);
    lua_replace(L, 1);
    lua_remove(L, 2); /* the tool's name */
    return xl_call_tool(L, call, lua_gettop(L) - 2);
}
#endif
