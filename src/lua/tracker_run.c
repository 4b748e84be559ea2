#include "tracker_run.h"

#include "arguments.h"
#include "binding.h"
#include "call.h"
#include "tracker_texts.h"

/* The results follow the tool's name. */
static int returned(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    xl_call_finish(L, XL_RUN_FUNCTION);
    return lua_gettop(L) - XL_RUN_TOOL;
}

int xl_run(lua_State *L) {
    xl_call_start(L);
    lua_callk(L, lua_gettop(L) - XL_RUN_FUNCTION, LUA_MULTRET, 0, returned);
    return returned(L, LUA_OK, 0);
}

/* tracker:run(tool, fn, ...) */
int xl_tracker_run(lua_State *L) {
    xl_check_self(L);
    xl_text_argument(L, xl_argument_at(XL_RUN_TOOL));
    xl_check_callable(L, xl_argument_at(XL_RUN_FUNCTION));
    int count = lua_gettop(L) - XL_RUN_FUNCTION;
    xl_description text;
    uint32_t args_hash = xl_take_args(L, 1, XL_RUN_ARGUMENTS, count, &text);
    xl_push_call(L, 1, args_hash);
    xl_call_set_args_text(L, xl_text_of(&text));
    lua_replace(L, XL_RUN_CALL);
    xl_call_read_clock(L);
    return xl_run(L);
}
