/* Session: records for one conversation, episode or request. */
#include "arguments.h"
#include "binding.h"
#include "push.h"

#include <string.h>

const xl_type xl_session_type = {"exectrack.Session", sizeof(xl_session)};

void xl_push_new_session(lua_State *L, int index, xl_tracker *tracker, xt_text name) {
    xl_session *handle = lua_newuserdatauv(L, sizeof *handle + name.length, XL_PARENT);
    *handle =
        (xl_session){.type = &xl_session_type, .parent = tracker, .length = name.length};
    memcpy(handle->name, name.bytes, name.length);
    handle->session = xt_session_of((xt_text){handle->name, name.length});
    if (name.length > XT_SESSION_NAME_BYTES) {
        handle->session.name = (xt_text){NULL, 0}; /* a longer name is never kept */
    }
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, XL_PARENT);
    xl_push_session_metatable(L);
    lua_setmetatable(L, -2);
}

/* tracker:session(name) */
int xl_tracker_session(lua_State *L) {
    const xl_self self = xl_check_self(L);
    xl_push_new_session(L, 1, self.tracker, xl_text_argument(L, xl_argument_at(2)));
    return 1;
}

static const xl_session *check_session(lua_State *L) {
    return xl_check_userdata(L, &xl_session_type);
}

/* session:name() */
static int session_name(lua_State *L) {
    const xl_session *handle = check_session(L);
    xl_push_text(L, (xt_text){handle->name, handle->length});
    return 1;
}

/* session:abandon() */
static int session_abandon(lua_State *L) {
    check_session(L); /* not a Tracker, whose calls without a session would end */
    const xl_self self = xl_check_self(L);
    xt_tracker *tracker = xl_read_clock_of_self(L, self.tracker);
    lua_pushinteger(L, (int64_t)xt_tracker_abandon(tracker, self.session->hash));
    return 1;
}

/* session == session */
static int session_eq(lua_State *L) {
    const xl_session *a = xl_to_userdata(L, 1, &xl_session_type);
    const xl_session *b = xl_to_userdata(L, 2, &xl_session_type);
    lua_pushboolean(L, a != NULL && b != NULL && a->parent == b->parent &&
                           a->session.hash == b->session.hash);
    return 1;
}

/* tostring(session) */
static int session_tostring(lua_State *L) {
    const xl_session *handle = check_session(L);
    lua_pushfstring(L, "%s (", xl_session_type.name);
    xl_push_text(L, (xt_text){handle->name, handle->length});
    lua_pushliteral(L, ")");
    lua_concat(L, 3);
    return 1;
}

static const luaL_Reg methods[] = {
    {"name", session_name},
    {"abandon", session_abandon},
    {"record", xl_tracker_record},
    {"recorder", xl_tracker_recorder},
    {"start", xl_tracker_start},
#if XL_HAS_TO_CLOSE
    {"run", xl_tracker_run}, /* else a Lua function, as `begin` is */
#endif
    {"wrap", xl_tracker_wrap},
    {"instrument", xl_tracker_instrument},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__eq", session_eq},
    {"__tostring", session_tostring},
    {NULL, NULL},
};

void xl_push_session_metatable(lua_State *L) {
    xl_push_metatable(L, &xl_session_type, metamethods, methods, false);
}
