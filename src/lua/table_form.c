#include "table_form.h"

#include "arguments.h"
#include "number_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Pushes `at` as text, such as `tools[2].name`. [-0, +1] */
static const char *push_place(lua_State *L, const xl_place *at) {
    const char *in = at->in != NULL ? push_place(L, at->in) : "";
    const char *place =
        at->field != NULL
            ? lua_pushfstring(L, "%s%s%s", in, at->in != NULL ? "." : "", at->field)
            : lua_pushfstring(L, "%s[%s]", in, xl_digits((int64_t)at->element).bytes);
    if (at->in != NULL) {
        lua_remove(L, -2); /* in */
    }
    return place;
}

/* The address of this is the key of the message in the table that is raised. */
static const char refusal = 0;

int xl_refuse_table(lua_State *L, const char *message) {
    lua_createtable(L, 0, 1);
    lua_pushstring(L, message);
    lua_rawsetp(L, -2, &refusal);
    return lua_error(L);
}

bool xl_is_refusal(lua_State *L) {
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

int xl_refuse(lua_State *L, const xl_place *at, const char *message) {
    return xl_refuse_table(L, lua_pushfstring(L, "%s: %s", push_place(L, at), message));
}

/* Raises a message: the value at `at`, which is at index `value`, isn't what is
 * `expected`. */
static void refuse_value(lua_State *L, const xl_place *at, int value,
                         const char *expected) {
    const char *actual = lua_isnil(L, value) ? "nothing" : xl_describe(L, value);
    xl_refuse(L, at, lua_pushfstring(L, "%s expected, got %s", expected, actual));
}

/* Pushes the value at `at`, and returns its index. [-0, +1] */
static int push_value(lua_State *L, const xl_place *at) {
    luaL_checkstack(L, 20, "too many nested tables");
    if (at->field != NULL) {
        lua_pushstring(L, at->field);
        lua_rawget(L, -2);
    } else {
        lua_rawgeti(L, -1, (int64_t)at->element);
    }
    return lua_gettop(L);
}

void xl_enter_table(lua_State *L, const xl_place *at) {
    int value = push_value(L, at);
    if (!lua_istable(L, value)) {
        refuse_value(L, at, value, "a table");
    }
}

size_t xl_enter_array(lua_State *L, const xl_place *at, size_t most) {
    size_t count;
    xl_enter_table(L, at);
    if (!xl_is_array(L, -1, &count)) {
        xl_refuse(L, at, "an array without holes and fields expected");
    }
    if (count > most) {
        xl_refuse(L, at,
                  lua_pushfstring(L, "at most %s elements expected, got %s",
                                  xl_digits((int64_t)most).bytes,
                                  xl_digits((int64_t)count).bytes));
    }
    return count;
}

xt_text xl_push_text_at(lua_State *L, const xl_place *at, size_t most) {
    xt_text text;
    int value = push_value(L, at);
    if (lua_type(L, value) != LUA_TSTRING) {
        refuse_value(L, at, value, "a string");
    }
    text.bytes = lua_tolstring(L, value, &text.length);
    if (text.length > most) {
        xl_refuse(L, at,
                  lua_pushfstring(L, "at most %s bytes expected, got %s",
                                  xl_digits((int64_t)most).bytes,
                                  xl_digits((int64_t)text.length).bytes));
    }
    return text;
}

xt_text xl_push_name(lua_State *L, const xl_place *element, const char *field) {
    if (field == NULL) {
        return xl_push_text_at(L, element, XT_NAME_BYTES);
    }
    const xl_place at = {element, field, 0};
    xl_enter_table(L, element);
    xt_text text = xl_push_text_at(L, &at, XT_NAME_BYTES);
    lua_remove(L, -2); /* element */
    return text;
}

/* Whether the string at index `value` consists of digits and fits; stores the integer. */
static bool digits_to_integer(lua_State *L, int value, int64_t *integer) {
    size_t length;
    const char *digits = lua_tolstring(L, value, &length);
    if (length == 0 || strspn(digits, "0123456789") != length) {
        return false;
    }
    errno = 0;
    *integer = strtoll(digits, NULL, 10); /* exact, which lua_tonumber isn't */
    return errno == 0;
}

static bool to_integer(lua_State *L, int value, int64_t *integer) {
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

/* Pushes what the integers from `low` to `high` are called in messages. [-0, +1] */
static const char *push_range(lua_State *L, int64_t low, int64_t high) {
    if (low > high) {
        return lua_pushliteral(L, "nothing");
    }
    return low == high ? lua_pushstring(L, xl_digits(low).bytes)
                       : lua_pushfstring(L, "an integer from %s to %s",
                                         xl_digits(low).bytes, xl_digits(high).bytes);
}

int64_t xl_read_integer_at(lua_State *L, const xl_place *at, int64_t low, int64_t high) {
    int64_t integer = 0;
    int value = push_value(L, at);
    if (!to_integer(L, value, &integer) || integer < low || integer > high) {
        refuse_value(L, at, value, push_range(L, low, high));
    }
    lua_pop(L, 1); /* value */
    return integer;
}

uint64_t xl_read_integer(lua_State *L, const xl_place *in, const char *field,
                         uint64_t low, uint64_t high) {
    const xl_place at = {in, field, 0};
    return (uint64_t)xl_read_integer_at(L, &at, (int64_t)low, (int64_t)high);
}

bool xl_read_boolean(lua_State *L, const xl_place *in, const char *field) {
    const xl_place at = {in, field, 0};
    int value = push_value(L, &at);
    if (!lua_isboolean(L, value)) {
        refuse_value(L, &at, value, "a boolean");
    }
    bool boolean = lua_toboolean(L, value);
    lua_pop(L, 1); /* value */
    return boolean;
}

bool xl_has_field(lua_State *L, const char *field) {
    lua_pushstring(L, field);
    lua_rawget(L, -2);
    bool is_null = lua_islightuserdata(L, -1) && lua_touserdata(L, -1) == NULL;
    bool has = !lua_isnil(L, -1) && !is_null;
    lua_pop(L, 1); /* value */
    return has;
}

const char *const xl_texts_fields[XT_TEXTS_KINDS] = {"session_names", "args_texts",
                                                     "error_texts"};

/* The largest integer of 14 digits, which is how many all libraries print. */
static const uint64_t largest_number = UINT64_C(99999999999999);

void xl_push_exact(lua_State *L, uint64_t value) {
    if (value <= largest_number) {
        lua_pushinteger(L, (int64_t)value);
    } else {
        lua_pushstring(L, xl_digits((int64_t)value).bytes);
    }
}

void xl_set_exact(lua_State *L, const char *field, uint64_t value) {
    xl_push_exact(L, value);
    lua_setfield(L, -2, field);
}

void xl_set_exact_time(lua_State *L, const char *seconds, const char *microseconds,
                       uint64_t time_us) {
    xl_set_exact(L, seconds, time_us / 1000000);
    xl_set_exact(L, microseconds, time_us % 1000000);
}

void xl_set_exact_depth(lua_State *L, uint32_t depth) {
    if (depth != 0) {
        xl_set_exact(L, "depth", depth);
    }
}

uint32_t xl_read_exact_depth(lua_State *L, const xl_place *in) {
    bool has_depth = xl_has_field(L, "depth");
    return has_depth ? (uint32_t)xl_read_integer(L, in, "depth", 0, XT_MAX_DEPTH) : 0;
}

xt_session xl_read_exact_session(lua_State *L, const xl_place *in) {
    const xl_place at = {in, "session", 0};
    xt_session session = {0};
    if (xl_has_field(L, "session")) {
        session = xt_session_of(xl_push_text_at(L, &at, SIZE_MAX));
        session.name = (xt_text){NULL, 0};
        lua_pop(L, 1); /* text */
    }
    return session;
}

uint64_t xl_read_exact_time(lua_State *L, const xl_place *in, const char *seconds,
                            const char *microseconds) {
    uint64_t whole = xl_read_integer(L, in, seconds, 0, XT_MAX_SECONDS);
    uint64_t most = whole < XT_MAX_SECONDS ? 999999 : XT_MAX_COUNT % 1000000;
    return whole * 1000000 + xl_read_integer(L, in, microseconds, 0, most);
}

uint64_t xl_read_count(lua_State *L, const xl_place *in, const char *field) {
    return xl_read_integer(L, in, field, 0, XT_MAX_COUNT);
}

uint32_t xl_read_uint32(lua_State *L, const xl_place *in, const char *field) {
    return (uint32_t)xl_read_integer(L, in, field, 0, UINT32_MAX);
}

uint32_t xl_read_id(lua_State *L, const xl_place *in, const char *field, uint32_t count) {
    return (uint32_t)xl_read_integer(L, in, field, 1, count);
}
