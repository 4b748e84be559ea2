#include "failure.h"

#include "ascii.h"
#include "message.h"
#include "message_code.h"
#include "message_status.h"
#include "message_type.h"
#include "number_text.h"

#include <stdio.h>
#include <string.h>

enum { INDEX_TABLES = 8 };

static const xl_failure unknown = {XT_FAILED, {NULL, 0}, false};

/* The string at `index`, valid as long as it is there; empty for another value. */
static xt_text string_at(lua_State *L, int index) {
    xt_text string = {"", 0};
    if (lua_type(L, index) == LUA_TSTRING) {
        string.bytes = lua_tolstring(L, index, &string.length);
    }
    return string;
}

/* What `message` says; without words as its type, nor descriptions of errors, which take
 * longest, unless it `needs_type`. */
static xl_failure failure_of_message(xt_text message, bool needs_type,
                                     char buffer[XL_ERROR_TYPE_BYTES]) {
    enum { COMMON_BYTES = sizeof "interrupted" - 1 };
    char room[XL_MESSAGE_BYTES];
    xl_failure failure = unknown;
    xt_text text = xl_message_text(message, room);
    if (text.length <= COMMON_BYTES) { /* fast, as `timeout` and the like are no codes */
        failure.status = xl_code_status(text);
    }
    if (failure.status != XT_FAILED ||
        (needs_type ? xl_find_code : xl_find_short_code)(text, buffer, &failure)) {
        return failure;
    }
    failure.status = xl_message_status(text);
    if (failure.status == XT_FAILED && needs_type) {
        failure.error_type = xl_message_type(text, buffer);
    }
    return failure;
}

/* Whether `text` says no more than that something failed, or that it is the result of a
 * tool, as in Anthropic's messages. */
static bool is_general_word(xt_text text) {
    return xl_is_word(text, "error") || xl_is_word(text, "failed") ||
           xl_is_word(text, "failure") || xl_is_word(text, "tool_result");
}

/* What the string `code` says. One with spaces is a message. */
static xl_failure failure_of_code(xt_text code, char buffer[XL_ERROR_TYPE_BYTES]) {
    xl_failure failure = unknown;
    if (memchr(code.bytes, ' ', code.length) != NULL) {
        return failure_of_message(code, true, buffer);
    }
    if (!xl_find_short_code(code, buffer, &failure)) {
        xt_text type = xl_cut(code, XL_ERROR_TYPE_BYTES);
        memcpy(buffer, type.bytes, type.length);
        failure.status = xl_code_status(code);
        failure.error_type = (xt_text){buffer, type.length};
    }
    return failure;
}

/* What the integer at `index` says; nothing if it is none. Integers other than HTTP
 * statuses count if `any_counts`. */
static xl_failure failure_of_number(lua_State *L, int index, bool any_counts,
                                    char buffer[XL_ERROR_TYPE_BYTES]) {
    xl_failure failure = unknown;
    int is_integer = 0;
    int64_t number =
        lua_type(L, index) == LUA_TNUMBER ? lua_tointegerx(L, index, &is_integer) : 0;
    if (is_integer && !xl_find_http_status(number, buffer, &failure) && any_counts) {
        snprintf(buffer, XL_ERROR_TYPE_BYTES, "%s", xl_digits(number).bytes);
        failure.error_type = xt_text_of(buffer);
    }
    return failure;
}

/* Replaces the table on top by its `__index`, if that is a table; else returns false. */
static bool enter_index(lua_State *L) {
    int type = luaL_getmetafield(L, -1, "__index");
    if (type == LUA_TTABLE) {
        lua_remove(L, -2); /* table */
        return true;
    }
    lua_pop(L, type == LUA_TNIL ? 0 : 1);
    return false;
}

/* Pushes field `name` of the table on top, and returns its type. [-0, +1] */
static int push_raw_field(lua_State *L, const char *name) {
    lua_pushstring(L, name);
    return lua_rawget(L, -2);
}

/* Pushes field `name` of the table at `index`, also one that its `__index` tables have,
 * and returns its type. Calls no function. [-0, +1] */
static int push_field(lua_State *L, int index, const char *name) {
    lua_pushvalue(L, index);
    for (int tables = 0; push_raw_field(L, name) == LUA_TNIL; tables++) {
        lua_pop(L, 1); /* nil */
        if (tables == INDEX_TABLES || !enter_index(L)) {
            lua_pushnil(L);
            break;
        }
    }
    lua_remove(L, -2); /* table */
    return lua_type(L, -1);
}

/* What was read of a table so far. */
typedef struct reading {
    lua_State *L;
    xl_failure failure; /* its type is in `buffer` or in static memory */
    bool says_error;    /* a field says no more than that there is an error */
    char *buffer;
} reading;

/* Adds what a field says, the text of which is in `buffer` or in static memory. */
static void add(reading *to, xl_failure failure, const char *buffer) {
    xt_text type = failure.error_type;
    to->failure.is_code = failure.is_code;
    if (xl_is_word(type, "error")) { /* nothing is left of a message */
        to->says_error = true;
    } else if (to->failure.error_type.length == 0 && type.length > 0) {
        if (type.bytes == buffer) {
            memcpy(to->buffer, buffer, type.length);
            type.bytes = to->buffer;
        }
        to->failure.error_type = type;
    }
    if (to->failure.status == XT_FAILED) {
        to->failure.status = failure.status;
    }
}

/* Adds the code on top, unless another one has decided. [-1, +0] */
static void add_code(reading *to, bool any_number_counts) {
    char buffer[XL_ERROR_TYPE_BYTES];
    xt_text code = string_at(to->L, -1);
    if (to->failure.is_code) {
        /* nothing is left to say */
    } else if (is_general_word(code)) {
        to->says_error = true;
    } else if (code.length > 0) {
        add(to, failure_of_code(code, buffer), buffer);
    } else {
        add(to, failure_of_number(to->L, -1, any_number_counts, buffer), buffer);
    }
    lua_pop(to->L, 1);
}

/* The same for a message, if the value on top is a string. [-1, +0] */
static void add_message(reading *to) {
    char buffer[XL_ERROR_TYPE_BYTES];
    xt_text message = string_at(to->L, -1);
    bool needs_type = to->failure.error_type.length == 0;
    if (message.length > 0 && !to->failure.is_code) {
        add(to, failure_of_message(message, needs_type, buffer), buffer);
    }
    lua_pop(to->L, 1);
}

/* Pushes the first text in the elements of `content` of the table at `index`; or that field
 * itself if it is no table. [-0, +1] */
static void push_content_text(lua_State *L, int index) {
    enum { MOST_ELEMENTS = 8 };
    int content = lua_gettop(L) + 1;
    if (push_field(L, index, "content") != LUA_TTABLE) {
        return;
    }
    for (int i = 1; i <= MOST_ELEMENTS; i++) {
        if (lua_rawgeti(L, content, i) == LUA_TTABLE &&
            push_field(L, content + 1, "text") == LUA_TSTRING) {
            lua_replace(L, content);
            lua_settop(L, content);
            return;
        }
        lua_settop(L, content);
    }
    lua_pushnil(L);
    lua_replace(L, content);
}

static void add_table(reading *to, int index, bool is_nested);

/* Adds the field `error` of the table at `index`. */
static void add_error(reading *to, int index) {
    switch (push_field(to->L, index, "error")) {
    case LUA_TTABLE:
        add_table(to, lua_gettop(to->L), true);
        lua_pop(to->L, 1); /* error */
        break;
    case LUA_TSTRING:
        add_message(to);
        break;
    default:
        to->says_error = to->says_error || lua_toboolean(to->L, -1);
        add_code(to, true);
    }
}

/* Whether `name` reads like that of an error (`TypeError`, `NotFound`, `SQLITE_BUSY`), not
 * of a tool or a person. */
static bool is_error_name(xt_text name) {
    bool has_small = false;
    bool has_parts = false;
    for (size_t i = 0; i < name.length; i++) {
        if (xl_is_space(name.bytes[i])) {
            return false;
        }
        has_parts = has_parts || (i > 0 && xl_is_upper(name.bytes[i]) &&
                                  xl_is_lower(name.bytes[i - 1]));
        has_small = has_small || xl_is_lower(name.bytes[i]);
    }
    bool is_capitalised = name.length > 0 && xl_is_upper(name.bytes[0]);
    return (is_capitalised && (has_parts || !has_small)) || xl_ends_with(name, "error") ||
           xl_ends_with(name, "exception") || xl_code_status(name) != XT_FAILED;
}

/* Adds the field `name` of the table at `index`, if it reads like an error's or not, as
 * `is_of_error` says. */
static void add_name(reading *to, int index, bool is_of_error) {
    push_field(to->L, index, "name");
    if (is_error_name(string_at(to->L, -1)) == is_of_error) {
        add_code(to, true);
    } else {
        lua_pop(to->L, 1);
    }
}

static void add_table(reading *to, int index, bool is_nested) {
    push_field(to->L, index, "code");
    add_code(to, true);
    push_field(to->L, index, "type");
    add_code(to, true);
    add_name(to, index, true);
    push_field(to->L, index, "status");
    add_code(to, false);
    if (!is_nested) {
        add_error(to, index);
    }
    push_field(to->L, index, "message");
    add_message(to);
    push_content_text(to->L, index);
    add_message(to);
    add_name(to, index, false);
}

static xl_failure failure_of_table(lua_State *L, int index,
                                   char buffer[XL_ERROR_TYPE_BYTES]) {
    reading all = {.L = L, .failure = unknown, .buffer = buffer};
    index = lua_absindex(L, index);
    add_table(&all, index, false);
    push_field(L, index, "isError");
    push_field(L, index, "is_error");
    all.says_error = all.says_error || lua_toboolean(L, -1) || lua_toboolean(L, -2);
    lua_pop(L, 2); /* both */
    if (all.failure.error_type.length == 0 && all.failure.status == XT_FAILED) {
        all.failure.error_type = xt_text_of(all.says_error ? "error" : "table");
    }
    return all.failure;
}

/* Whether it is what Lua 5.5 makes of the error nil. */
static bool is_no_error(xt_text message) {
    static const char words[] = "<no error object>";
    return message.length == sizeof words - 1 &&
           memcmp(message.bytes, words, message.length) == 0;
}

xl_failure xl_failure_of(lua_State *L, int index, char buffer[XL_ERROR_TYPE_BYTES]) {
    xl_failure failure = unknown;
    switch (lua_type(L, index)) {
    case LUA_TTABLE:
        return failure_of_table(L, index, buffer);
    case LUA_TSTRING:
        if (!is_no_error(string_at(L, index))) {
            return failure_of_message(string_at(L, index), true, buffer);
        }
        failure.error_type = xt_text_of("nil");
        return failure;
    default:
        failure = failure_of_number(L, index, false, buffer);
        if (failure.error_type.length == 0) {
            failure.error_type = xt_text_of(luaL_typename(L, index));
        }
        return failure;
    }
}

void xl_push_error_message(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TTABLE) {
        lua_pushvalue(L, index);
        return;
    }
    index = lua_absindex(L, index);
    if (push_field(L, index, "message") != LUA_TNIL) {
        return;
    }
    lua_pop(L, 1); /* nil */
    if (push_field(L, index, "error") == LUA_TTABLE) {
        push_field(L, lua_gettop(L), "message");
        lua_remove(L, -2); /* error */
    }
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1); /* nil */
        push_content_text(L, index);
    }
}
