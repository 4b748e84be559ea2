#include "ignored_args.h"

#include "binding.h"
#include "fingerprint.h"
#include "number_text.h"

void xl_push_ignored_args(lua_State *L, xl_argument list) {
    if (lua_isnil(L, list.index)) {
        lua_pushnil(L);
        return;
    }
    size_t count = xl_array_argument(L, list);
    lua_createtable(L, 0, (int)count);
    for (int64_t i = 1; i <= (int64_t)count; i++) {
        if (lua_rawgeti(L, list.index, i) != LUA_TSTRING) {
            xl_argument_error(L, &list,
                              lua_pushfstring(L,
                                              "a list of strings expected, got %s at %s",
                                              luaL_typename(L, -1), xl_digits(i).bytes));
        }
        lua_pushboolean(L, true);
        lua_rawset(L, -3);
    }
}

uint32_t xl_fingerprint_ignored_args(lua_State *L) {
    int names = lua_gettop(L);
    if (lua_isnil(L, names)) {
        return 0;
    }
    lua_pushnil(L);
    if (lua_next(L, names) == 0) {
        return 0;
    }
    lua_pop(L, 2); /* name, true */
    return xl_fingerprint_args(L, names, 1, 0);
}

int xl_push_ignored_args_of(lua_State *L, int index, const xl_tracker *tracker) {
    if (!tracker->ignores_args) {
        return 0;
    }
    luaL_checkstack(L, 2, "too many arguments");
    xl_push_tracker_of(L, index, tracker);
    lua_getiuservalue(L, -1, XL_TRACKER_IGNORED_ARGS);
    lua_remove(L, -2); /* tracker */
    return lua_gettop(L);
}
