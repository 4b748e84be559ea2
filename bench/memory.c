/*
 * The costs of memory and files alone: the lowest possible costs of copying, reading and
 * scanning a snapshot. Each function returns a function without parameters that performs
 * the operation once.
 */
#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS, which POSIX 2008 lacks */

#include <lauxlib.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int luaopen_memory(lua_State *L);

static void *map(lua_State *L, size_t bytes) {
    void *fresh =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) {
        luaL_error(L, "not enough memory");
    }
    return fresh;
}

/* Upvalue 1: the bytes to copy. */
static int copy(lua_State *L) {
    size_t bytes = lua_rawlen(L, lua_upvalueindex(1));
    void *fresh = map(L, bytes);
    memcpy(fresh, lua_touserdata(L, lua_upvalueindex(1)), bytes);
    munmap(fresh, bytes);
    return 0;
}

/* memory.copier(bytes): copies this number of bytes into newly mapped memory. */
static int copier(lua_State *L) {
    size_t bytes = (size_t)luaL_checkinteger(L, 1);
    memset(lua_newuserdatauv(L, bytes, 0), 1, bytes);
    lua_pushcclosure(L, copy, 1);
    return 1;
}

/* Upvalue 1: the words to sum; 2: their sum, so that the compiler can't leave it out. */
static int stream(lua_State *L) {
    const uint64_t *words = lua_touserdata(L, lua_upvalueindex(1));
    size_t count = lua_rawlen(L, lua_upvalueindex(1)) / sizeof *words;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += words[i];
    }
    lua_pushinteger(L, (lua_Integer)sum);
    lua_replace(L, lua_upvalueindex(2));
    return 0;
}

/* memory.streamer(bytes): reads this number of bytes from memory. */
static int streamer(lua_State *L) {
    size_t bytes = (size_t)luaL_checkinteger(L, 1);
    memset(lua_newuserdatauv(L, bytes, 0), 1, bytes);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, stream, 2);
    return 1;
}

/* Reads the file whose path and size are upvalues 1 and 2. */
static void read_into(lua_State *L, void *content) {
    size_t bytes = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    FILE *file = fopen(lua_tostring(L, lua_upvalueindex(1)), "rb");
    size_t count = file != NULL ? fread(content, 1, bytes, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    if (count != bytes) {
        luaL_error(L, "cannot read the file");
    }
}

static int read_into_userdata(lua_State *L) {
    size_t bytes = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    read_into(L, lua_newuserdatauv(L, bytes, 0));
    return 1;
}

static int read_into_fresh(lua_State *L) {
    size_t bytes = (size_t)lua_tointeger(L, lua_upvalueindex(2));
    void *fresh = map(L, bytes);
    read_into(L, fresh);
    munmap(fresh, bytes);
    return 0;
}

static int push_reader(lua_State *L, lua_CFunction read) {
    luaL_checkstring(L, 1);
    luaL_checkinteger(L, 2);
    lua_settop(L, 2);
    lua_pushcclosure(L, read, 2);
    return 1;
}

/* memory.reader(path, bytes): reads a file of this size with fread, into a userdata. */
static int reader(lua_State *L) {
    return push_reader(L, read_into_userdata);
}

/* memory.fresh_reader(path, bytes): the same into newly mapped memory. */
static int fresh_reader(lua_State *L) {
    return push_reader(L, read_into_fresh);
}

int luaopen_memory(lua_State *L) {
    static const luaL_Reg functions[] = {{"copier", copier},
                                         {"streamer", streamer},
                                         {"reader", reader},
                                         {"fresh_reader", fresh_reader},
                                         {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
