#include "fingerprint.h"

#include "number_text.h"
#include "xxh64.h"

#include <stdbool.h>
#include <string.h>

/* The address of this is the registry's key for the table of serial numbers, in which key
 * 0 has the last number. */
static const char serials_key;

/*
 * Makes the table of serial numbers of functions, userdata and threads in this Lua state,
 * unless there is one. Addresses would not do: an address is used again once the value
 * that had it is collected. The table's keys are weak. Raises Lua's memory error; may run
 * finalizers. [-0, +0]
 */
static void make_serials(lua_State *L) {
    luaL_checkstack(L, 3, "too many values");
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "k");
    lua_setfield(L, -2, "__mode");
    lua_pushinteger(L, 0);
    lua_rawseti(L, -2, 0);
    lua_pushvalue(L, -1);
    lua_setmetatable(L, -2); /* it is its own metatable */
    /* Checked last, as a finalizer that ran meanwhile may have made the table. */
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &serials_key) == LUA_TNIL) {
        lua_pushvalue(L, -2);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &serials_key);
    }
    lua_pop(L, 2); /* the new table; nil or the existing one */
}

/* Adds the value at `index` to the table on top, with the next number. */
static int64_t add_serial(lua_State *L, int index) {
    lua_rawgeti(L, -1, 0);
    int64_t serial = lua_tointeger(L, -1) + 1;
    lua_pop(L, 1); /* last number */
    lua_pushvalue(L, index);
    lua_pushinteger(L, serial);
    lua_rawset(L, -3);
    lua_pushinteger(L, serial);
    lua_rawseti(L, -2, 0); /* key 0 exists, so this can't fail */
    return serial;
}

/*
 * The serial number of the value at `index`. Values get numbers from 1 on, in the order
 * in which this Lua state first calls this for them. 0 if the table wasn't made. A new
 * value may raise Lua's memory error. Runs no finalizers. [-0, +0]
 */
static uint64_t serial_of(lua_State *L, int index) {
    int64_t serial = 0;
    luaL_checkstack(L, 3, "too many values");
    index = lua_absindex(L, index);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &serials_key) != LUA_TNIL) {
        lua_pushvalue(L, index);
        lua_rawget(L, -2);
        serial = lua_tointeger(L, -1);
        lua_pop(L, 1); /* number, or nil */
        if (serial == 0) {
            serial = add_serial(L, index);
        }
    }
    lua_pop(L, 1); /* table, or nil */
    return (uint64_t)serial;
}

/* What is hashed: each has its own seed of XXH64, so that equal bytes of two kinds
 * differ. */
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
    OF_EXCERPT,
    OF_IDENTITY,
};

enum {
    MOST_LEVELS = 32,
    FEWEST_BYTES = 16, /* so many bytes of a string always count */
    FEWER_BYTES = 16,  /* each new walk divides their number by this */
};

/* The most that one walk through the values may hash. */
typedef struct limits {
    uint32_t entries; /* of tables */
    uint32_t bytes;   /* of strings */
} limits;

static const limits argument_limits = {65536, 1 << 20};
static const limits result_limits = {4096, 1 << 16};

/* Its fields are set one by one: zeroing all of it would take longer than most walks. */
typedef struct walker {
    lua_State *L;
    const limits *most;
    int ignored;  /* the index of the table of ignored fields; 0 for none */
    bool by_type; /* of functions, userdata and threads only the type counts */

    bool lacks_room; /* the stack can't grow */

    int levels;                      /* the most levels of nested tables */
    int level;                       /* how many tables the walk is in */
    uint32_t entries;                /* entries of tables, so far */
    size_t string_bytes;             /* the most bytes of one string */
    uint64_t bytes;                  /* bytes of strings, so far */
    bool lacks_serials;              /* the table of serial numbers has to be made */
    const void *within[MOST_LEVELS]; /* the tables that the walk is in */
} walker;

/*
 * Whether a limit is exceeded. Both depend only on the values, and not on the order of
 * the walk: they are sums over all values.
 */
static bool has_too_many_entries(const walker *walk) {
    return walk->entries > walk->most->entries && walk->levels > 1;
}

static bool has_too_many_bytes(const walker *walk) {
    return walk->bytes > walk->most->bytes && walk->string_bytes > FEWEST_BYTES;
}

/*
 * Whether the walk can stop, as another one is needed or impossible. After too many bytes
 * it continues without hashing strings, as there may be too many entries, too: the number
 * of levels must not depend on which limit is exceeded first.
 */
static bool is_useless(const walker *walk) {
    return walk->lacks_room || walk->lacks_serials || has_too_many_entries(walk) ||
           (walk->levels == 1 && has_too_many_bytes(walk));
}

static uint64_t hash_number(lua_State *L, int index) {
    int is_integer;
    int64_t integer = lua_tointegerx(L, index, &is_integer);
    if (is_integer) {
        return xt_xxh64_word((uint64_t)integer, OF_INTEGER);
    }
    double number = lua_tonumber(L, index);
    uint64_t bits = UINT64_C(0x7ff8000000000000); /* every NaN */
    if (number == number) {
        memcpy(&bits, &number, sizeof bits);
    }
    return xt_xxh64_word(bits, OF_FLOAT);
}

static uint64_t hash_type(lua_State *L, int index) {
    const char *name = luaL_typename(L, index);
    return xt_xxh64(name, strlen(name), OF_TYPE);
}

/* The hash of a string's beginning, end and length. */
static uint64_t hash_excerpt(const char *bytes, size_t length, size_t counted) {
    uint64_t beginning = xt_xxh64(bytes, counted / 2, OF_STRING);
    uint64_t end = xt_xxh64(bytes + length - counted / 2, counted / 2, OF_STRING);
    return xt_xxh64_words(xt_xxh64_words(beginning, end, OF_EXCERPT), length, OF_EXCERPT);
}

static uint64_t hash_string(walker *walk, int index) {
    size_t length;
    const char *bytes = lua_tolstring(walk->L, index, &length);
    size_t counted = length < walk->string_bytes ? length : walk->string_bytes;
    walk->bytes += counted;
    if (has_too_many_bytes(walk)) {
        return 0; /* not needed any more */
    }
    return length == counted ? xt_xxh64(bytes, length, OF_STRING)
                             : hash_excerpt(bytes, length, counted);
}

static uint64_t hash_identity(walker *walk, int index) {
    if (walk->by_type) {
        return hash_type(walk->L, index);
    }
    uint64_t serial = serial_of(walk->L, index);
    walk->lacks_serials = serial == 0;
    return xt_xxh64_word(serial, OF_IDENTITY);
}

static uint64_t hash_table(walker *walk, int index);

static uint64_t hash_value(walker *walk, int index) {
    lua_State *L = walk->L;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        return xt_xxh64(NULL, 0, OF_NIL);
    case LUA_TBOOLEAN:
        return xt_xxh64_word((uint64_t)lua_toboolean(L, index), OF_BOOLEAN);
    case LUA_TNUMBER:
        return hash_number(L, index);
    case LUA_TSTRING:
        return hash_string(walk, index);
    case LUA_TTABLE:
        return hash_table(walk, index);
    case LUA_TLIGHTUSERDATA: /* a constant, such as JSON's null in some libraries */
        return hash_type(L, index);
    default:
        return hash_identity(walk, index);
    }
}

/* The hash of the entry whose key and value are on top; 0 if it is ignored. */
static uint64_t hash_entry(walker *walk) {
    int top = lua_gettop(walk->L);
    if (xl_is_ignored(walk->L, top - 1, walk->level == 1 ? walk->ignored : 0)) {
        return 0;
    }
    walk->entries++;
    uint64_t key = hash_value(walk, top - 1);
    return xt_xxh64_words(key, hash_value(walk, top), OF_ENTRY);
}

/* The sum of the entries' hashes, as `lua_next` has no fixed order. */
static uint64_t hash_entries(walker *walk, int index) {
    lua_State *L = walk->L;
    uint64_t sum = 0;
    if (!lua_checkstack(L, 4)) {
        walk->lacks_room = true;
        return 0;
    }
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        sum += hash_entry(walk);
        lua_pop(L, 1); /* value */
        if (is_useless(walk)) {
            lua_pop(L, 1); /* key */
            return 0;
        }
    }
    return sum;
}

static uint64_t hash_table(walker *walk, int index) {
    const void *table = lua_topointer(walk->L, index);
    for (int up = 1; up <= walk->level; up++) {
        if (walk->within[walk->level - up] == table) {
            return xt_xxh64_word((uint64_t)up, OF_CYCLE);
        }
    }
    if (walk->level == walk->levels) {
        return hash_type(walk->L, index);
    }
    walk->within[walk->level++] = table;
    uint64_t sum = hash_entries(walk, index);
    walk->level--;
    return xt_xxh64_word(sum, OF_TABLE);
}

static uint64_t hash_values(walker *walk, int first, int count) {
    uint64_t hash = UINT64_C(0x19b29850548dc830); /* of no bytes, with OF_ARGUMENTS */
    walk->lacks_room = false;
    walk->lacks_serials = false;
    walk->level = 0;
    walk->entries = 0;
    walk->bytes = 0;
    for (int i = 0; i < count && !is_useless(walk); i++) {
        hash = xt_xxh64_words(hash, hash_value(walk, first + i), OF_ARGUMENTS);
    }
    return hash;
}

/* Whether another walk is needed; prepares it. */
static bool begins_again(walker *walk) {
    if (walk->lacks_room) {
        return false;
    }
    if (walk->lacks_serials) {
        /* Not during a walk: this may run finalizers, which may change the tables. */
        make_serials(walk->L);
    } else if (has_too_many_entries(walk)) {
        walk->levels /= 2;
    } else if (has_too_many_bytes(walk)) {
        walk->string_bytes /= FEWER_BYTES;
    } else {
        return false;
    }
    return true;
}

static uint32_t fingerprint(walker *walk, int first, int count) {
    uint64_t hash;
    walk->levels = MOST_LEVELS;
    walk->string_bytes = walk->most->bytes;
    do {
        hash = hash_values(walk, first, count);
    } while (begins_again(walk));
    uint32_t folded = (uint32_t)(hash >> 32 ^ hash);
    return folded != 0 ? folded : 1;
}

uint32_t xl_fingerprint_args(lua_State *L, int first, int count, int ignored) {
    walker walk;
    walk.L = L;
    walk.most = &argument_limits;
    walk.ignored = ignored;
    walk.by_type = false;
    uint32_t hash = fingerprint(&walk, first, count);
    if (walk.lacks_room) {
        luaL_error(L, "stack overflow (arguments nested too deep)");
    }
    return hash;
}

uint32_t xl_fingerprint_results(lua_State *L, int first, int count) {
    walker walk;
    walk.L = L;
    walk.most = &result_limits;
    walk.ignored = 0;
    walk.by_type = true;
    /* In 5.1, lua_checkstack may raise. So the stack is grown here for all levels. */
    if (LUA_VERSION_NUM < 502 && !xl_has_room(L, 4 * MOST_LEVELS)) {
        return 0;
    }
    uint32_t hash = fingerprint(&walk, first, count);
    return walk.lacks_room ? 0 : hash;
}

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
