/***
@submodule Tracker
*/
#include "run.h"

#include "arguments.h"
#include "call.h"
#include "self.h"
#include "tracker_texts.h"

/* The results follow the tool's name. */
static int returned(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    xt_call_finish(L, XT_RUN_FUNCTION);
    return lua_gettop(L) - XT_RUN_TOOL;
}

int xt_run(lua_State *L) {
    xt_call_start(L);
    lua_callk(L, lua_gettop(L) - XT_RUN_FUNCTION, LUA_MULTRET, 0, returned);
    return returned(L, LUA_OK, 0);
}

/***
Calls a function as a tool: times the call, records how it ended, and returns what the
function returns. O(1) and the fingerprint of the arguments.

An error that the function raises is recorded as `failed`, and goes on as it is. After
`nil, err` or `false, err` the call `failed`, but it `timed_out` for an `err` of
`"timeout"` and was `cancelled` for `"cancelled"`; else it is a `success`. The error type
is a short stable class of the error: the `code` or `type` of a table; the name of a
system's error, such as `ENOENT`; or the words of the message without its position,
numbers, quoted parts and paths. The arguments and results aren't kept.

The function may yield: the time until it returns counts. When its coroutine is closed
(`coroutine.close`) or abandoned, the call is recorded as `cancelled`, an abandoned one
with the error type `abandoned` when the collector finds it. A coroutine that dies of an
error closes nothing before it is closed or collected itself: then its call is recorded,
as `failed`, but as `cancelled` if the error was nil and it is closed.
@function run
@tparam string tool as for `record`
@tparam function fn
@param[opt] ... its arguments
@return what `fn` returns
*/
int xt_lua_run(lua_State *L) {
    xl_check_self(L);
    xt_text_argument(L, xt_argument_at(XT_RUN_TOOL));
    xt_check_callable(L, xt_argument_at(XT_RUN_FUNCTION));
    int count = lua_gettop(L) - XT_RUN_FUNCTION;
    xl_description text;
    uint32_t args_hash = xl_take_args(L, 1, XT_RUN_ARGUMENTS, count, &text);
    xt_push_call(L, 1, args_hash);
    xl_call_set_args_text(L, xl_text_of(&text));
    lua_replace(L, XT_RUN_CALL);
    xt_call_read_clock(L);
    return xt_run(L);
}
