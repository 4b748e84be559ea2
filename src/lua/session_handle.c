/***
Session: records for one conversation, episode or request, from `tracker:session`.

`record`, `start`, `run`, `wrap` and `instrument` are those of the tracker, but what they
record, and what functions that they wrapped record, belongs to the session. It keeps the
tracker alive; when that is closed, they raise.
@classmod Session
*/
#include "arguments.h"
#include "push.h"
#include "run.h"
#include "self.h"
#include "wrap.h"

#include <string.h>

const xt_type xl_session_type = {"exectrack.Session", sizeof(xl_session_handle)};

int xl_lua_session(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xt_text name = xt_text_argument(L, xt_argument_at(2));
    xl_session_handle *handle =
        lua_newuserdatauv(L, sizeof *handle + name.length, XT_PARENT);
    *handle = (xl_session_handle){
        .type = &xl_session_type, .parent = self.tracker, .length = name.length};
    memcpy(handle->name, name.bytes, name.length);
    handle->session = xt_session_of((xt_text){handle->name, name.length});
    if (name.length > XT_SESSION_NAME_BYTES) {
        handle->session.name = (xt_text){NULL, 0}; /* which no run keeps */
    }
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, XT_PARENT);
    xl_push_session_metatable(L);
    lua_setmetatable(L, -2);
    return 1;
}

static const xl_session_handle *check_session(lua_State *L) {
    return xt_check_self(L, &xl_session_type);
}

/***
The name that the session was given. O(length).
@function name
@treturn string
*/
static int session_name(lua_State *L) {
    const xl_session_handle *handle = check_session(L);
    xt_push_text(L, (xt_text){handle->name, handle->length});
    return 1;
}

/***
Whether two Sessions are the same session of the same tracker.
@function __eq
@treturn boolean
*/
static int session_eq(lua_State *L) {
    const xl_session_handle *a = xt_to_userdata(L, 1, &xl_session_type);
    const xl_session_handle *b = xt_to_userdata(L, 2, &xl_session_type);
    lua_pushboolean(L, a != NULL && b != NULL && a->parent == b->parent &&
                           a->session.hash == b->session.hash);
    return 1;
}

/***
`tostring(session)` has its name: `exectrack.Session (conversation 17)`.
@function __tostring
@treturn string
*/
static int session_tostring(lua_State *L) {
    const xl_session_handle *handle = check_session(L);
    lua_pushfstring(L, "%s (", xl_session_type.name);
    xt_push_text(L, (xt_text){handle->name, handle->length});
    lua_pushliteral(L, ")");
    lua_concat(L, 3);
    return 1;
}

static const luaL_Reg methods[] = {
    {"name", session_name}, {"record", xl_lua_record}, {"start", xt_lua_start},
    {"run", xt_lua_run},    {"wrap", xt_lua_wrap},     {"instrument", xt_lua_instrument},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__eq", session_eq},
    {"__tostring", session_tostring},
    {NULL, NULL},
};

void xl_push_session_metatable(lua_State *L) {
    xt_push_metatable(L, &xl_session_type, metamethods, methods, false);
}
