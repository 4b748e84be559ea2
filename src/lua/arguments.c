#include "arguments.h"

#include "names.h"
#include "number_text.h"
#include "status.h"

#include <string.h>

int xl_argument_error(lua_State *L, const xl_argument *argument, const char *message) {
    if (argument->field != NULL) {
        message = lua_pushfstring(L, "%s: %s", argument->field, message);
    }
    return xl_arg_error(L, argument->number, message);
}

int xl_argument_type_error(lua_State *L, const xl_argument *argument,
                           const char *expected) {
    if (argument->field == NULL) {
        return xl_type_error(L, argument->number, expected);
    }
    const char *actual = luaL_typename(L, argument->index);
    const char *message = lua_pushfstring(L, "%s expected, got %s", expected, actual);
    return xl_argument_error(L, argument, message);
}

xt_text xl_optional_text_argument(lua_State *L, xl_argument argument) {
    return lua_isnoneornil(L, argument.index) ? (xt_text){NULL, 0}
                                              : xl_text_argument(L, argument);
}

const char *xl_path_argument(lua_State *L, xl_argument argument) {
    xt_text path = xl_text_argument(L, argument);
    if (strlen(path.bytes) != path.length) {
        xl_argument_error(L, &argument, "a path has no zero byte");
    }
    return path.bytes;
}

bool xl_text_equals(xt_text a, xt_text b) {
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

size_t xl_find_word(xt_text word, size_t count, const char *const words[]) {
    size_t i = 0;
    while (i < count && !xl_text_equals(word, xt_text_of(words[i]))) {
        i++;
    }
    return i;
}

/* The beginning of `text`, for a message. [-0, +1] */
static const char *push_excerpt(lua_State *L, xt_text text) {
    const size_t most = 40;
    return lua_pushlstring(L, text.bytes, text.length < most ? text.length : most);
}

xt_status xl_status_of_argument(lua_State *L, const xl_argument *argument, xt_text word) {
    xt_status status;
    if (!xt_status_of(word, &status)) {
        const char *message = lua_pushfstring(
            L, "unknown status '%s', not one of '%s', '%s', '%s', '%s'",
            push_excerpt(L, word), xt_status_word(XT_SUCCESS), xt_status_word(XT_FAILED),
            xt_status_word(XT_TIMED_OUT), xt_status_word(XT_CANCELLED));
        xl_argument_error(L, argument, message);
    }
    return status;
}

xt_timing xl_timing_argument(lua_State *L, xl_argument argument) {
    xt_timing timing;
    if (!xt_timing_of(xl_text_argument(L, argument), &timing)) {
        xl_argument_error(L, &argument,
                          lua_pushfstring(L,
                                          "unknown timing %s, not one of 'measured', "
                                          "'elapsed', 'untimed'",
                                          xl_quote(L, argument.index)));
    }
    return timing;
}

const char *xl_describe(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TNUMBER
               ? lua_pushstring(L, xl_number_text_at(L, index).bytes)
               : lua_pushstring(L, luaL_typename(L, index));
}

static double number_argument(lua_State *L, const xl_argument *argument) {
    if (lua_type(L, argument->index) != LUA_TNUMBER) {
        xl_argument_type_error(L, argument, "number");
    }
    return lua_tonumber(L, argument->index);
}

uint64_t xl_wrong_duration(lua_State *L, const xl_argument *argument) {
    number_argument(L, argument);
    xl_argument_error(L, argument,
                      lua_pushfstring(L,
                                      "milliseconds must be finite and not negative, "
                                      "got %s",
                                      xl_describe(L, argument->index)));
    return 0; /* not reached */
}

bool xl_to_time_us(lua_State *L, int index, uint64_t *us) {
    return lua_type(L, index) == LUA_TNUMBER &&
           xt_us_of_seconds(lua_tonumber(L, index), us);
}

uint64_t xl_time_argument(lua_State *L, xl_argument argument) {
    uint64_t us = 0;
    if (!xl_to_time_us(L, argument.index, &us)) {
        xl_argument_error(L, &argument,
                          lua_pushfstring(L, "Unix seconds from 0 to %s expected, got %s",
                                          xl_digits(XT_MAX_SECONDS).bytes,
                                          xl_describe(L, argument.index)));
    }
    return us;
}

int64_t xl_integer_argument(lua_State *L, xl_argument argument, int64_t low,
                            int64_t high) {
    number_argument(L, &argument);
    int is_integer;
    int64_t integer = lua_tointegerx(L, argument.index, &is_integer);
    if (!is_integer || integer < low || integer > high) {
        xl_argument_error(L, &argument,
                          lua_pushfstring(L, "an integer from %s to %s expected, got %s",
                                          xl_digits(low).bytes, xl_digits(high).bytes,
                                          xl_describe(L, argument.index)));
    }
    return integer;
}

size_t xl_count_argument(lua_State *L, xl_argument argument) {
    int64_t count = xl_integer_argument(L, argument, 0, INT64_MAX);
    return (uint64_t)count < SIZE_MAX ? (size_t)count : SIZE_MAX;
}

bool xl_is_callable(lua_State *L, int index) {
    if (lua_isfunction(L, index)) {
        return true;
    }
    if (luaL_getmetafield(L, index, "__call") == LUA_TNIL) {
        return false;
    }
    lua_pop(L, 1); /* __call */
    return true;
}

void xl_check_callable(lua_State *L, xl_argument argument) {
    if (!xl_is_callable(L, argument.index)) {
        xl_argument_type_error(L, &argument, "function");
    }
}

/* Whether the key at `index` is one of `names`. */
static bool is_known(lua_State *L, int index, size_t count, const char *const names[]) {
    if (lua_type(L, index) != LUA_TSTRING) {
        return false;
    }
    return xl_find_word(xl_text_at(L, index), count, names) < count;
}

const char *xl_show(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TSTRING ? xl_quote(L, index) : xl_describe(L, index);
}

const char *xl_quote(lua_State *L, int index) {
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
        return lua_pushfstring(L, "'%s'", push_excerpt(L, xl_text_at(L, index)));
    case LUA_TNUMBER:
        return lua_pushfstring(L, "'%s'", xl_describe(L, index));
    default:
        return lua_pushfstring(L, "of type %s", luaL_typename(L, index));
    }
}

bool xl_is_key_before(lua_State *L, int key, int other) {
    if (lua_isnil(L, other)) {
        return true;
    }
    bool are_strings =
        lua_type(L, key) == LUA_TSTRING && lua_type(L, other) == LUA_TSTRING;
    return are_strings ? xt_text_compare(xl_text_at(L, key), xl_text_at(L, other)) < 0
                       : lua_type(L, other) == LUA_TSTRING;
}

/* If the table at `number` has keys that aren't in `names`: the message about the first of
 * them, which is pushed. Else null. [-0, +0 or more] */
static const char *find_unknown(lua_State *L, int number, const char *noun, size_t count,
                                const char *const names[]) {
    luaL_checkstack(L, 8, "too many fields");
    lua_pushnil(L);
    int unknown = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, number) != 0) {
        lua_pop(L, 1); /* value */
        if (!is_known(L, unknown + 1, count, names) &&
            xl_is_key_before(L, unknown + 1, unknown)) {
            lua_pushvalue(L, unknown + 1);
            lua_replace(L, unknown);
        }
    }
    if (!lua_isnil(L, unknown)) {
        return lua_pushfstring(L, "unknown %s %s", noun, xl_quote(L, unknown));
    }
    lua_pop(L, 1); /* nil */
    return NULL;
}

static void push_known(lua_State *L, int number, size_t count,
                       const char *const names[]) {
    luaL_checkstack(L, (int)count, "too many fields");
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, names[i]);
        lua_rawget(L, number);
    }
}

void xl_push_fields(lua_State *L, int number, const char *noun, size_t count,
                    const char *const names[]) {
    const char *problem = find_unknown(L, number, noun, count, names);
    if (problem != NULL) {
        xl_arg_error(L, number, problem);
    }
    push_known(L, number, count, names);
}

int xl_unknown_word_error(lua_State *L, int number, const char *problem, size_t count,
                          const char *const words[]) {
    luaL_checkstack(L, (int)count, "too many words");
    for (size_t i = 0; i < count; i++) {
        problem = lua_pushfstring(L, "%s%s'%s'", problem, i == 0 ? ", not one of " : ", ",
                                  words[i]);
    }
    return xl_arg_error(L, number, problem);
}

void xl_push_listed_fields(lua_State *L, int number, const char *noun, size_t count,
                           const char *const names[]) {
    const char *problem = find_unknown(L, number, noun, count, names);
    if (problem != NULL) {
        xl_unknown_word_error(L, number, problem, count, names);
    }
    push_known(L, number, count, names);
}

bool xl_is_array(lua_State *L, int index, size_t *count) {
    int table = lua_absindex(L, index);
    int64_t entries = 0;
    int64_t highest = 0;
    luaL_checkstack(L, 3, "too many nested tables");
    lua_pushnil(L);
    while (lua_next(L, table) != 0) {
        lua_pop(L, 1); /* value */
        int64_t key = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (key < 1) {
            lua_pop(L, 1); /* key */
            return false;
        }
        highest = key > highest ? key : highest;
        entries++;
    }
    *count = (size_t)entries;
    return highest == entries;
}

size_t xl_array_argument(lua_State *L, xl_argument argument) {
    size_t count;
    if (!lua_istable(L, argument.index)) {
        xl_argument_type_error(L, &argument, "table");
    }
    if (!xl_is_array(L, argument.index, &count)) {
        xl_argument_error(L, &argument, "an array without holes and fields expected");
    }
    return count;
}
