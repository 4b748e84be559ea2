#include "fingerprint.h"

#include "xxh64.h"

#include <stdbool.h>
#include <string.h>

/* What a hash is of: the seed of its XXH64. */
enum {
    OF_NIL = 1,
    OF_BOOLEAN,
    OF_INTEGER,
    OF_FLOAT,
    OF_STRING,
    OF_TABLE,
    OF_ENTRY,
    OF_CYCLE,
    OF_TYPE,
    OF_ARGUMENTS,
};

enum { MOST_LEVELS = 32, MOST_ENTRIES = 65536 };

typedef struct walker {
    lua_State *L;
    int levels;                      /* how many tables deep it may go */
    int level;                       /* how many it is in */
    uint32_t entries;                /* of tables, met so far */
    const void *within[MOST_LEVELS]; /* the tables that it is in */
} walker;

static uint64_t hash_words(uint64_t a, uint64_t b, size_t words, uint64_t of) {
    uint8_t bytes[16];
    for (unsigned i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(a >> 8 * i);
        bytes[8 + i] = (uint8_t)(b >> 8 * i);
    }
    return xt_xxh64(bytes, 8 * words, of);
}

static uint64_t hash_word(uint64_t word, uint64_t of) {
    return hash_words(word, 0, 1, of);
}

static uint64_t hash_number(lua_State *L, int index) {
    int is_integer;
    lua_Integer integer = lua_tointegerx(L, index, &is_integer);
    if (is_integer) {
        return hash_word((uint64_t)integer, OF_INTEGER);
    }
    double number = lua_tonumber(L, index);
    uint64_t bits = UINT64_C(0x7ff8000000000000); /* every NaN */
    if (number == number) {
        memcpy(&bits, &number, sizeof bits);
    }
    return hash_word(bits, OF_FLOAT);
}

static uint64_t hash_type(lua_State *L, int index) {
    const char *name = luaL_typename(L, index);
    return xt_xxh64(name, strlen(name), OF_TYPE);
}

static uint64_t hash_table(walker *walk, int index);

static uint64_t hash_value(walker *walk, int index) {
    lua_State *L = walk->L;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return xt_xxh64(NULL, 0, OF_NIL);
    case LUA_TBOOLEAN:
        return hash_word((uint64_t)lua_toboolean(L, index), OF_BOOLEAN);
    case LUA_TNUMBER:
        return hash_number(L, index);
    case LUA_TSTRING: {
        size_t length;
        const char *bytes = lua_tolstring(L, index, &length);
        return xt_xxh64(bytes, length, OF_STRING);
    }
    case LUA_TTABLE:
        return hash_table(walk, index);
    default:
        return hash_type(L, index);
    }
}

static bool is_exhausted(const walker *walk) {
    return walk->entries > MOST_ENTRIES && walk->levels > 1;
}

/* The sum over the entries, which is the same in every order. */
static uint64_t hash_entries(walker *walk, int index) {
    lua_State *L = walk->L;
    uint64_t sum = 0;
    luaL_checkstack(L, 4, "arguments nested too deep");
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        walk->entries++;
        if (is_exhausted(walk)) {
            lua_pop(L, 2); /* key, value */
            return 0;
        }
        int top = lua_gettop(L);
        uint64_t key = hash_value(walk, top - 1);
        sum += hash_words(key, hash_value(walk, top), 2, OF_ENTRY);
        lua_pop(L, 1); /* value */
    }
    return sum;
}

static uint64_t hash_table(walker *walk, int index) {
    const void *table = lua_topointer(walk->L, index);
    for (int up = 1; up <= walk->level; up++) {
        if (walk->within[walk->level - up] == table) {
            return hash_word((uint64_t)up, OF_CYCLE);
        }
    }
    if (walk->level == walk->levels) {
        return hash_type(walk->L, index);
    }
    walk->within[walk->level++] = table;
    uint64_t sum = hash_entries(walk, index);
    walk->level--;
    return hash_word(sum, OF_TABLE);
}

uint32_t xt_fingerprint(lua_State *L, int first, int count) {
    walker walk = {.L = L, .levels = MOST_LEVELS};
    uint64_t hash;
    for (;; walk.levels /= 2) {
        walk.entries = 0;
        hash = xt_xxh64(NULL, 0, OF_ARGUMENTS);
        for (int i = 0; i < count; i++) {
            hash = hash_words(hash, hash_value(&walk, first + i), 2, OF_ARGUMENTS);
        }
        if (!is_exhausted(&walk)) {
            break;
        }
    }
    uint32_t folded = (uint32_t)(hash >> 32 ^ hash);
    return folded != 0 ? folded : 1;
}
