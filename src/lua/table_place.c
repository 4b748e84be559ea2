#include "table_place.h"

#include "arguments.h"

#include <string.h>

/* Pushes how `at` is written. [-0, +1] */
static const char *push_place(lua_State *L, const xt_place *at) {
    const char *in = at->in != NULL ? push_place(L, at->in) : "";
    const char *place =
        at->field != NULL
            ? lua_pushfstring(L, "%s%s%s", in, at->in != NULL ? "." : "", at->field)
            : lua_pushfstring(L, "%s[%I]", in, (LUAI_UACINT)at->element);
    if (at->in != NULL) {
        lua_remove(L, -2); /* in */
    }
    return place;
}

/* The key, in the table that is raised, of the message. */
static const char refusal = 0;

int xt_refuse_table(lua_State *L, const char *message) {
    lua_createtable(L, 0, 1);
    lua_pushstring(L, message);
    lua_rawsetp(L, -2, &refusal);
    return lua_error(L);
}

bool xt_is_refusal(lua_State *L) {
    if (!lua_istable(L, -1)) {
        return false;
    }
    if (lua_rawgetp(L, -1, &refusal) != LUA_TSTRING) {
        lua_pop(L, 1); /* nil */
        return false;
    }
    lua_remove(L, -2); /* error */
    return true;
}

int xt_refuse(lua_State *L, const xt_place *at, const char *message) {
    return xt_refuse_table(L, lua_pushfstring(L, "%s: %s", push_place(L, at), message));
}

/* Raises that the value at index `value`, which stands at `at`, isn't as `expected`. */
static void refuse_value(lua_State *L, const xt_place *at, int value,
                         const char *expected) {
    const char *actual = lua_isnil(L, value) ? "nothing" : xt_describe(L, value);
    xt_refuse(L, at, lua_pushfstring(L, "%s expected, got %s", expected, actual));
}

/* Pushes what stands at `at`, and returns its index. [-0, +1] */
static int push_value(lua_State *L, const xt_place *at) {
    luaL_checkstack(L, 20, "too many nested tables");
    if (at->field != NULL) {
        lua_pushstring(L, at->field);
        lua_rawget(L, -2);
    } else {
        lua_rawgeti(L, -1, (lua_Integer)at->element);
    }
    return lua_gettop(L);
}

void xt_enter(lua_State *L, const xt_place *at) {
    int value = push_value(L, at);
    if (!lua_istable(L, value)) {
        refuse_value(L, at, value, "a table");
    }
}

size_t xt_enter_array(lua_State *L, const xt_place *at, size_t most) {
    size_t count;
    xt_enter(L, at);
    if (!xt_is_array(L, -1, &count)) {
        xt_refuse(L, at, "an array without holes and fields expected");
    }
    if (count > most) {
        xt_refuse(L, at,
                  lua_pushfstring(L, "at most %I elements expected, got %I",
                                  (LUAI_UACINT)most, (LUAI_UACINT)count));
    }
    return count;
}

xt_text xt_push_text_at(lua_State *L, const xt_place *at, size_t most) {
    xt_text text;
    int value = push_value(L, at);
    if (lua_type(L, value) != LUA_TSTRING) {
        refuse_value(L, at, value, "a string");
    }
    text.bytes = lua_tolstring(L, value, &text.length);
    if (text.length > most) {
        xt_refuse(L, at,
                  lua_pushfstring(L, "at most %I bytes expected, got %I",
                                  (LUAI_UACINT)most, (LUAI_UACINT)text.length));
    }
    return text;
}

xt_text xt_push_name(lua_State *L, const xt_place *element, const char *field) {
    if (field == NULL) {
        return xt_push_text_at(L, element, XT_NAME_BYTES);
    }
    const xt_place at = {element, field, 0};
    xt_enter(L, element);
    xt_text text = xt_push_text_at(L, &at, XT_NAME_BYTES);
    lua_remove(L, -2); /* element */
    return text;
}

/* Whether the string at index `value` is the digits of an integer; stores that. */
static bool digits_to_integer(lua_State *L, int value, lua_Integer *integer) {
    size_t length;
    const char *digits = lua_tolstring(L, value, &length);
    if (strspn(digits, "0123456789") != length ||
        lua_stringtonumber(L, digits) != length + 1) {
        return false;
    }
    bool is_integer = lua_isinteger(L, -1); /* digits of more are a float */
    *integer = lua_tointeger(L, -1);
    lua_pop(L, 1); /* number */
    return is_integer;
}

static bool to_integer(lua_State *L, int value, lua_Integer *integer) {
    int is_integer = 0;
    switch (lua_type(L, value)) {
    case LUA_TSTRING:
        return digits_to_integer(L, value, integer);
    case LUA_TNUMBER:
        *integer = lua_tointegerx(L, value, &is_integer);
        return is_integer;
    default:
        return false;
    }
}

/* How the integers from `low` to `high` are called. [-0, +1] */
static const char *push_range(lua_State *L, lua_Integer low, lua_Integer high) {
    if (low > high) {
        return lua_pushliteral(L, "nothing");
    }
    return low == high ? lua_pushfstring(L, "%I", (LUAI_UACINT)low)
                       : lua_pushfstring(L, "an integer from %I to %I", (LUAI_UACINT)low,
                                         (LUAI_UACINT)high);
}

lua_Integer xt_read_integer_at(lua_State *L, const xt_place *at, lua_Integer low,
                               lua_Integer high) {
    lua_Integer integer = 0;
    int value = push_value(L, at);
    if (!to_integer(L, value, &integer) || integer < low || integer > high) {
        refuse_value(L, at, value, push_range(L, low, high));
    }
    lua_pop(L, 1); /* value */
    return integer;
}

uint64_t xt_read_integer(lua_State *L, const xt_place *in, const char *field,
                         uint64_t low, uint64_t high) {
    const xt_place at = {in, field, 0};
    return (uint64_t)xt_read_integer_at(L, &at, (lua_Integer)low, (lua_Integer)high);
}

bool xt_read_boolean(lua_State *L, const xt_place *in, const char *field) {
    const xt_place at = {in, field, 0};
    int value = push_value(L, &at);
    if (!lua_isboolean(L, value)) {
        refuse_value(L, &at, value, "a boolean");
    }
    bool boolean = lua_toboolean(L, value);
    lua_pop(L, 1); /* value */
    return boolean;
}

bool xt_has_field(lua_State *L, const char *field) {
    lua_pushstring(L, field);
    lua_rawget(L, -2);
    bool is_null = lua_islightuserdata(L, -1) && lua_touserdata(L, -1) == NULL;
    bool has = !lua_isnil(L, -1) && !is_null;
    lua_pop(L, 1); /* value */
    return has;
}
