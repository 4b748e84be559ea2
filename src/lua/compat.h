/*
 * The part of Lua 5.4's API that the binding uses, for Lua 5.1, 5.2, 5.3, 5.5 and LuaJIT.
 *
 * A function that a version lacks, or that has another meaning there, is defined here
 * under 5.4's name. LuaJIT has 5.1's API and some functions of 5.2. These aren't used: a
 * module built with 5.1's headers must load in LuaJIT, too, so nothing here distinguishes
 * the two.
 */
#ifndef XL_COMPAT_H
#define XL_COMPAT_H

#include <lauxlib.h>
#include <limits.h>
#include <lua.h>
#include <lualib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#pragma GCC visibility push(hidden)

_Static_assert(sizeof(lua_Number) == 8, "counts and times need doubles");
#if LUA_VERSION_NUM >= 503
_Static_assert(sizeof(lua_Integer) == 8, "counts and times need 64 bits");
#endif

/* New in 5.2. */

#if LUA_VERSION_NUM < 502

#undef LUA_OK
#define LUA_OK 0

#define lua_rawlen lua_objlen

static inline int xl_absindex(lua_State *L, int index) {
    return index > 0 || index <= LUA_REGISTRYINDEX ? index : lua_gettop(L) + index + 1;
}
#define lua_absindex xl_absindex

static inline void xl_rawgetp(lua_State *L, int index, const void *key) {
    int table = lua_absindex(L, index);
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_rawget(L, table);
}
#define lua_rawgetp xl_rawgetp

static inline void xl_rawsetp(lua_State *L, int index, const void *key) {
    int table = lua_absindex(L, index);
    lua_pushlightuserdata(L, (void *)(uintptr_t)key);
    lua_insert(L, -2);
    lua_rawset(L, table);
}
#define lua_rawsetp xl_rawsetp

/* 5.1 has a function for each comparison. The binding only needs "less than". */
#define LUA_OPLT 1
#define lua_compare(L, a, b, less_than) ((void)(less_than), lua_lessthan(L, a, b))

/* In 5.1 these functions return nothing. */
static inline const char *xl_pushlstring(lua_State *L, const char *bytes, size_t length) {
    lua_pushlstring(L, bytes, length);
    return lua_tostring(L, -1);
}

static inline const char *xl_pushstring(lua_State *L, const char *string) {
    lua_pushstring(L, string);
    return lua_tostring(L, -1);
}

#define lua_pushlstring xl_pushlstring
#define lua_pushstring xl_pushstring
#undef lua_pushliteral
#define lua_pushliteral(L, literal) xl_pushlstring(L, "" literal, sizeof literal - 1)

static inline void xl_setfuncs(lua_State *L, const luaL_Reg *functions, int upvalues) {
    for (; functions->name != NULL; functions++) {
        for (int i = 0; i < upvalues; i++) {
            lua_pushvalue(L, -upvalues);
        }
        lua_pushcclosure(L, functions->func, upvalues);
        lua_setfield(L, -(upvalues + 2), functions->name);
    }
    lua_pop(L, upvalues);
}
#define luaL_setfuncs xl_setfuncs

static inline void xl_setmetatable(lua_State *L, const char *name) {
    luaL_getmetatable(L, name);
    lua_setmetatable(L, -2);
}
#define luaL_setmetatable xl_setmetatable

static inline void *xl_testudata(lua_State *L, int index, const char *name) {
    void *userdata = lua_touserdata(L, index);
    if (userdata == NULL || !lua_getmetatable(L, index)) {
        return NULL;
    }
    luaL_getmetatable(L, name);
    bool is_of_name = lua_rawequal(L, -1, -2);
    lua_pop(L, 2); /* both metatables */
    return is_of_name ? userdata : NULL;
}
#define luaL_testudata xl_testudata

/* Sets no global, whatever `global` is. */
static inline void xl_requiref(lua_State *L, const char *name, lua_CFunction open,
                               int global) {
    (void)global;
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, -1, name);
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1); /* nil */
        lua_pushcfunction(L, open);
        lua_pushstring(L, name);
        lua_call(L, 1, 1);
        lua_pushvalue(L, -1);
        lua_setfield(L, -3, name);
    }
    lua_remove(L, -2); /* _LOADED */
}
#define luaL_requiref xl_requiref

#endif

/* New in 5.3: functions that push a value return its type, and integers. */

#if LUA_VERSION_NUM < 503

static inline int xl_type_of_getfield(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    return lua_type(L, -1);
}
#define lua_getfield xl_type_of_getfield

static inline int xl_type_of_rawget(lua_State *L, int index) {
    lua_rawget(L, index);
    return lua_type(L, -1);
}
#define lua_rawget xl_type_of_rawget

static inline int xl_type_of_rawgeti(lua_State *L, int index, int64_t element) {
    lua_rawgeti(L, index, (int)element);
    return lua_type(L, -1);
}
#define lua_rawgeti xl_type_of_rawgeti

static inline int xl_type_of_rawgetp(lua_State *L, int index, const void *key) {
    lua_rawgetp(L, index, key);
    return lua_type(L, -1);
}
#undef lua_rawgetp
#define lua_rawgetp xl_type_of_rawgetp

/* Before 5.3 it returns whether there is such a field. */
static inline int xl_type_of_getmetafield(lua_State *L, int index, const char *key) {
    return luaL_getmetafield(L, index, key) ? lua_type(L, -1) : LUA_TNIL;
}
#define luaL_getmetafield xl_type_of_getmetafield

#define lua_rawseti(L, index, element) lua_rawseti(L, index, (int)(element))

/*
 * Before 5.3 all numbers are doubles. Integers are int64_t here, of which doubles hold
 * those up to 2^53 exactly. A lua_Integer would not do: it has 32 bits on some machines.
 */
static inline void xl_pushinteger(lua_State *L, int64_t integer) {
    lua_pushnumber(L, (lua_Number)integer);
}
#define lua_pushinteger xl_pushinteger

/* Those of 5.2 and LuaJIT cut off a fraction, and say that the number was an integer. */
static inline int64_t xl_tointegerx(lua_State *L, int index, int *is_integer) {
    lua_Number number = lua_isnumber(L, index) ? lua_tonumber(L, index) : 0.5;
    bool is_one =
        number >= -0x1p63 && number < 0x1p63 && (lua_Number)(int64_t)number == number;
    if (is_integer != NULL) {
        *is_integer = is_one;
    }
    return is_one ? (int64_t)number : 0;
}
#define lua_tointegerx xl_tointegerx
#undef lua_tointeger
#define lua_tointeger(L, index) xl_tointegerx(L, index, NULL)

/* Moves one value at a time: O(values times n). */
static inline void xl_rotate(lua_State *L, int index, int n) {
    int first = lua_absindex(L, index);
    for (; n > 0; n--) {
        lua_insert(L, first);
    }
    for (; n < 0; n++) {
        lua_pushvalue(L, first);
        lua_remove(L, first);
    }
}
#define lua_rotate xl_rotate

/* True for 1.0 too, before 5.3. For keys of tables all versions agree, as 5.3 on makes
 * them integers. */
static inline int xl_isinteger(lua_State *L, int index) {
    int is_integer = 0;
    if (lua_type(L, index) == LUA_TNUMBER) {
        lua_tointegerx(L, index, &is_integer);
    }
    return is_integer;
}
#define lua_isinteger xl_isinteger

#endif

/* New in 5.4. */

#if LUA_VERSION_NUM < 504

#define luaL_pushfail lua_pushnil

static inline int xl_typeerror(lua_State *L, int number, const char *expected) {
    const char *actual = luaL_typename(L, number);
    if (luaL_getmetafield(L, number, "__name") == LUA_TSTRING) {
        actual = lua_tostring(L, -1);
    } else if (lua_islightuserdata(L, number)) {
        actual = "light userdata";
    }
    return luaL_argerror(L, number,
                         lua_pushfstring(L, "%s expected, got %s", expected, actual));
}
#define luaL_typeerror xl_typeerror

/* Before 5.3 it ignores `__name`. */
static inline void xl_checktype(lua_State *L, int number, int type) {
    if (lua_type(L, number) != type) {
        luaL_typeerror(L, number, lua_typename(L, type));
    }
}
#define luaL_checktype xl_checktype

/*
 * User values are elements of one table, which is the only user value in 5.2 and 5.3, and
 * the environment in 5.1. They exist only in userdata that was made with user values: in
 * 5.1, the environment of other userdata is that of the function that made it.
 */
#if LUA_VERSION_NUM < 502
#define xl_pushvalues lua_getfenv
#define xl_setvalues(L, index) ((void)lua_setfenv(L, index))
#else
#define xl_pushvalues lua_getuservalue
#define xl_setvalues lua_setuservalue
#endif

static inline void *xl_newuserdatauv(lua_State *L, size_t bytes, int user_values) {
    void *userdata = lua_newuserdata(L, bytes);
    if (user_values > 0) {
        lua_createtable(L, user_values, 0);
        xl_setvalues(L, -2);
    }
    return userdata;
}
#define lua_newuserdatauv xl_newuserdatauv

static inline int xl_getiuservalue(lua_State *L, int index, int n) {
    xl_pushvalues(L, index);
    lua_rawgeti(L, -1, n);
    lua_remove(L, -2); /* table */
    return lua_type(L, -1);
}
#define lua_getiuservalue xl_getiuservalue

static inline void xl_setiuservalue(lua_State *L, int index, int n) {
    xl_pushvalues(L, index);
    lua_insert(L, -2);
    lua_rawseti(L, -2, n);
    lua_pop(L, 1); /* table */
}
#define lua_setiuservalue xl_setiuservalue

#endif

/* Functions of our own, for what versions do in different ways. */

/* Runs the collector as if `bytes` had been allocated. */
static inline void xl_collect(lua_State *L, size_t bytes) {
#if LUA_VERSION_NUM >= 505
    lua_gc(L, LUA_GCSTEP, bytes);
#else
    size_t kilobytes = bytes / 1024;
    lua_gc(L, LUA_GCSTEP, kilobytes < INT_MAX ? (int)kilobytes : INT_MAX);
#endif
}

/* Whether the collector isn't stopped. 5.1 can't say: there this is always true. */
static inline bool xl_is_collecting(lua_State *L) {
#ifndef LUA_GCISRUNNING
    enum { LUA_GCISRUNNING = 9 }; /* in LuaJIT */
#endif
    return lua_gc(L, LUA_GCISRUNNING, 0) != 0;
}

/* The `FILE` of `userdata`, a file of Lua's; null if it is closed. */
static inline FILE *xl_file_of(const void *userdata) {
#if LUA_VERSION_NUM < 502
    return *(FILE *const *)userdata;
#else
    const luaL_Stream *stream = userdata;
    return stream->closef != NULL ? stream->f : NULL;
#endif
}

/*
 * Pushes `address` for a C function that is called next, where `xl_to_address` returns
 * it. Raises nothing, unlike LuaJIT's lua_pushlightuserdata: that keeps the upper bits of
 * each address in an array, which has to grow for a part of memory that it hasn't met,
 * such as the stack of this thread. The bits of an address are those of a tiny number.
 */
#if LUA_VERSION_NUM < 502
_Static_assert(sizeof(void *) <= sizeof(lua_Number), "a number must hold an address");

static inline void xl_push_address(lua_State *L, const void *address) {
    lua_Number bits = 0;
    memcpy(&bits, &address, sizeof address);
    lua_pushnumber(L, bits);
}

static inline void *xl_to_address(lua_State *L, int index) {
    lua_Number bits = lua_tonumber(L, index);
    void *address;
    memcpy(&address, &bits, sizeof address);
    return address;
}
#else
static inline void xl_push_address(lua_State *L, const void *address) {
    lua_pushlightuserdata(L, (void *)(uintptr_t)address);
}
#define xl_to_address lua_touserdata
#endif

/*
 * Calls `function` in protected mode, with the `arguments` values on top, for `results`.
 * Returns Lua's status; an error is pushed. Raises nothing, even in 5.1, where pushing a
 * C function allocates. Needs two free stack slots. [-arguments, +results or 1]
 */
#if LUA_VERSION_NUM < 502
int xl_pcall(lua_State *L, lua_CFunction function, int arguments, int results);
#else
static inline int xl_pcall(lua_State *L, lua_CFunction function, int arguments,
                           int results) {
    lua_pushcfunction(L, function);
    lua_insert(L, -1 - arguments);
    return lua_pcall(L, arguments, results, 0);
}
#endif

/* Whether the stack has, or could be given, room for `slots` more values. Raises nothing,
 * unlike 5.1's lua_checkstack, which may raise Lua's memory error. */
#if LUA_VERSION_NUM < 502
bool xl_has_room(lua_State *L, int slots);
#else
static inline bool xl_has_room(lua_State *L, int slots) {
    return lua_checkstack(L, slots);
}
#endif

#pragma GCC visibility pop

#endif
