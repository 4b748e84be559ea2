/* Errors at the caller's position, metatables, and the Tracker that a userdata belongs
 * to. */
#include "binding.h"

#include "call.h"
#include "tracker_wrap.h"

#include <stdarg.h>
#include <string.h>

/* Whether the function at `level` of the call stack belongs to the binding: one of its
 * own chunk, or the C function that calls tools. */
static bool is_ours(lua_State *L, int level) {
    lua_Debug function;
    if (lua_getstack(L, level, &function) == 0) {
        return false;
    }
    bool is_between = false;
#if XL_HAS_TO_CLOSE
    lua_getinfo(L, "f", &function);
    is_between = lua_tocfunction(L, -1) == xl_call_guarded;
    lua_pop(L, 1); /* function */
#endif
    lua_getinfo(L, "S", &function);
    return is_between || strcmp(function.source, XL_CHUNK_NAME) == 0;
}

/* Pushes the position where the binding was called. [-0, +1] */
static void push_position(lua_State *L) {
    int level = 1;
    while (is_ours(L, level)) {
        level++;
    }
    luaL_where(L, level);
}

int xl_error(lua_State *L, const char *format, ...) {
    va_list values;
    push_position(L);
    va_start(values, format);
    lua_pushvfstring(L, format, values);
    va_end(values);
    lua_concat(L, 2);
    return lua_error(L);
}

int xl_arg_error(lua_State *L, int number, const char *message) {
    lua_Debug step;
    lua_Debug method;
    if (!is_ours(L, 1)) {
        return luaL_argerror(L, number, message);
    }
    lua_getstack(L, 0, &step);
    lua_getinfo(L, "n", &step); /* it has the method's name there */
    lua_getstack(L, 1, &method);
    lua_getinfo(L, "n", &method);
    if (strcmp(method.namewhat, "method") == 0) {
        number--;
    }
    return number == 0
               ? xl_error(L, "calling '%s' on bad self (%s)", step.name, message)
               : xl_error(L, "bad argument #%d to '%s' (%s)", number, step.name, message);
}

int xl_type_error(lua_State *L, int number, const char *expected) {
    const char *actual = luaL_typename(L, number);
    if (luaL_getmetafield(L, number, "__name") == LUA_TSTRING) {
        actual = lua_tostring(L, -1);
    } else if (lua_type(L, number) == LUA_TLIGHTUSERDATA) {
        actual = "light userdata";
    }
    return xl_arg_error(L, number,
                        lua_pushfstring(L, "%s expected, got %s", expected, actual));
}

/* Pushes a table of methods, whose upvalue is the address of `type`. [-0, +1] */
static void push_methods(lua_State *L, const xl_type *type, const luaL_Reg methods[],
                         bool reads) {
    lua_newtable(L);
    lua_pushlightuserdata(L, (void *)(uintptr_t)type);
    luaL_setfuncs(L, methods, 1);
    if (reads) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)type);
        luaL_setfuncs(L, xl_read_methods, 1);
        lua_pushlightuserdata(L, (void *)(uintptr_t)type);
        luaL_setfuncs(L, xl_policy_methods, 1);
    }
    if (type == &xl_tracker_type || type == &xl_session_type) {
        xl_set_lua_methods(L, type);
    }
}

void xl_push_tracker_of(lua_State *L, int index, const xl_tracker *handle) {
    lua_pushvalue(L, index);
    while (lua_touserdata(L, -1) != handle) {
        lua_getiuservalue(L, -1, XL_PARENT);
        lua_remove(L, -2);
    }
}

void xl_push_metatable(lua_State *L, const xl_type *type, const luaL_Reg metamethods[],
                       const luaL_Reg methods[], bool reads) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, type) != LUA_TNIL) {
        return;
    }
    lua_pop(L, 1); /* nil */
    lua_newtable(L);
    lua_pushstring(L, type->name);
    lua_setfield(L, -2, "__name");
    push_methods(L, type, methods, reads);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "__index");
    lua_pushlightuserdata(L, (void *)(uintptr_t)type);
    lua_insert(L, -2);
    luaL_setfuncs(L, metamethods, 2);
    /* Registered last, so that no incomplete metatable remains after an error. */
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, type);
}
