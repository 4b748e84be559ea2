/* Wrapping all functions in a table of tools: `tracker:instrument`. */
#include "arguments.h"
#include "binding.h"
#include "tracker_wrap.h"

/* Stack indices. */
enum { TOOLS = 2, OPTIONS = 4, COPIES };

enum { MOST_LEVELS = 100 };

/* Pushes the name of the tool whose key is at `key`: `prefix.key`, or only the key if
 * `prefix` is 0. */
static void push_name(lua_State *L, int prefix, int key) {
    if (prefix == 0) {
        lua_pushvalue(L, key);
        lua_tolstring(L, -1, NULL); /* makes an integer a string */
        return;
    }
    lua_pushvalue(L, prefix);
    lua_pushliteral(L, ".");
    lua_pushvalue(L, key);
    lua_concat(L, 3);
}

static void push_copy(lua_State *L, int table, int prefix, int level);

/* Pushes the copy of the table at `table`. The prefix of its tools is on top. [-1, +1] */
static void push_nested(lua_State *L, int table, int level) {
    if (lua_rawgetp(L, COPIES, lua_topointer(L, table)) == LUA_TNIL) {
        lua_pop(L, 1); /* nil */
        push_copy(L, table, lua_gettop(L), level + 1);
    }
    lua_remove(L, -2); /* name */
}

/* Pushes the copy of a value, which is above its key at index `key`. */
static void push_value(lua_State *L, int prefix, int key, int level) {
    int value = key + 1;
    bool has_name = lua_type(L, key) == LUA_TSTRING || lua_isinteger(L, key);
    if (has_name && xl_is_callable(L, value)) {
        push_name(L, prefix, key);
        lua_pushvalue(L, value);
        xl_wrap(L, OPTIONS);
    } else if (has_name && lua_istable(L, value)) {
        push_name(L, prefix, key);
        push_nested(L, value, level);
    } else {
        lua_pushvalue(L, value);
    }
}

/*
 * Pushes a copy of the table at `table`, with its functions wrapped. `COPIES` has the
 * copies of the tables around it, by their addresses, as a table may contain one of
 * these. [-0, +1]
 */
static void push_copy(lua_State *L, int table, int prefix, int level) {
    if (level > MOST_LEVELS) {
        xl_arg_error(L, TOOLS, "nested too deep");
    }
    luaL_checkstack(L, 12, "nested too deep");
    lua_newtable(L);
    int copy = lua_gettop(L);
    lua_pushvalue(L, copy);
    lua_rawsetp(L, COPIES, lua_topointer(L, table));
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pushvalue(L, -2); /* key */
        push_value(L, prefix, copy + 1, level);
        lua_rawset(L, copy);
        lua_settop(L, copy + 1);
    }
    lua_pushnil(L);
    lua_rawsetp(L, COPIES, lua_topointer(L, table));
}

/* tracker:instrument(tools [, options]) */
int xl_tracker_instrument(lua_State *L) {
    xl_check_self(L);
    luaL_checktype(L, TOOLS, LUA_TTABLE);
    lua_settop(L, 3);
    xl_push_wrap_options(L, 3);
    lua_newtable(L); /* copies */
    push_copy(L, TOOLS, 0, 1);
    return 1;
}
