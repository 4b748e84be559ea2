/* JSON as Lua values: `exectrack.json`. */
#include "json.h"

#include "arguments.h"
#include "binding.h"
#include "number_text.h"
#include "push.h"

enum { MOST_LEVELS = 1000, MOST_STACK_BYTES = 512 };

/* An array or object that is being read. Its table is on the stack; of an object, the
 * next value's key is above it. */
typedef struct container {
    bool is_object;
    int64_t length; /* of an array, so far */
} container;

/* What is being read into values. */
typedef struct decoder {
    xt_json json;
    int null; /* the index of the value for null */
    int depth;
    container levels[MOST_LEVELS];
} decoder;

/* Pushes the text that `string` means. [-0, +1] */
static void push_string(lua_State *L, const xt_json_value *string) {
    char bytes[MOST_STACK_BYTES];
    if (!string->has_escapes) {
        xl_push_text(L, string->text);
    } else if (string->text.length <= sizeof bytes) {
        lua_pushlstring(L, bytes, xt_json_unescape(string, bytes));
    } else {
        char *buffer = lua_newuserdatauv(L, string->text.length, 0);
        lua_pushlstring(L, buffer, xt_json_unescape(string, buffer));
        lua_remove(L, -2); /* buffer */
    }
}

/* Pushes a value; an empty table for an array or object. [-0, +1] */
static void push_value(lua_State *L, const decoder *reading, const xt_json_value *value) {
    switch (value->kind) {
    case XT_JSON_NULL:
        lua_pushvalue(L, reading->null);
        break;
    case XT_JSON_FALSE:
    case XT_JSON_TRUE:
        lua_pushboolean(L, value->kind == XT_JSON_TRUE);
        break;
    case XT_JSON_INTEGER:
        lua_pushinteger(L, value->integer);
        break;
    case XT_JSON_FLOAT:
        lua_pushnumber(L, value->number);
        break;
    case XT_JSON_STRING:
        push_string(L, value);
        break;
    case XT_JSON_ARRAY:
    case XT_JSON_OBJECT:
        lua_newtable(L);
        break;
    }
}

/* Whether the innermost array or object, which has begun if not `is_first`, has another
 * value. Reads and pushes its key. [-0, +0 or 1] */
static bool next_value(lua_State *L, decoder *reading, bool is_first) {
    xt_json *json = &reading->json;
    if (!reading->levels[reading->depth - 1].is_object) {
        return is_first ? xt_json_first_element(json) : xt_json_next_element(json);
    }
    xt_json_value key;
    bool has_key =
        is_first ? xt_json_first_key(json, &key) : xt_json_next_key(json, &key);
    if (has_key) {
        push_string(L, &key);
    }
    return has_key;
}

/* Stores the value on top in the innermost array or object. [-1 or 2, +0] */
static void store(lua_State *L, container *level) {
    if (level->is_object) {
        lua_rawset(L, -3);
    } else {
        lua_rawseti(L, -2, ++level->length);
    }
}

/* Begins the array or object whose table is on top. False if it is empty, so that it is
 * complete, or, which is a problem, too deep. [-0, +0 or 1] */
static bool enter(lua_State *L, decoder *reading, bool is_object) {
    if (reading->depth == MOST_LEVELS) {
        reading->json.problem = "more than 1000 levels of arrays and objects";
        reading->json.at--; /* its bracket */
        return false;
    }
    luaL_checkstack(L, 4, "too many levels");
    reading->levels[reading->depth++] = (container){.is_object = is_object};
    bool has_value = next_value(L, reading, true);
    reading->depth -= !has_value;
    return has_value;
}

/* Reads a value, with all that is in it, up to the end of the text. After a problem
 * returns false, with anything pushed. [-0, +1] */
static bool read_value(lua_State *L, decoder *reading) {
    xt_json_value value;
    while (xt_json_read(&reading->json, &value)) {
        push_value(L, reading, &value);
        bool has_next = value.kind >= XT_JSON_ARRAY &&
                        enter(L, reading, value.kind == XT_JSON_OBJECT);
        while (!has_next && reading->depth > 0) { /* the value on top is complete */
            store(L, &reading->levels[reading->depth - 1]);
            has_next = next_value(L, reading, false);
            reading->depth -= !has_next;
        }
        if (reading->depth == 0) {
            break;
        }
    }
    return xt_json_finish(&reading->json);
}

/* Pushes nil, the message about the problem, and its code. [-0, +3] */
static int push_problem(lua_State *L, const xt_json *json) {
    size_t line;
    size_t byte;
    xt_json_position(json, &line, &byte);
    lua_pushnil(L);
    lua_pushfstring(L, "line %s, byte %s: %s", xl_digits((int64_t)line).bytes,
                    xl_digits((int64_t)byte).bytes, json->problem);
    lua_pushliteral(L, "invalid");
    return 3;
}

/* exectrack.json.decode(text [, options]) */
static int decode(lua_State *L) {
    static const char *const options[] = {"null"};
    decoder reading;
    xt_text text = xl_text_argument(L, xl_argument_at(1));
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) {
        lua_pushnil(L);
    } else {
        luaL_checktype(L, 2, LUA_TTABLE);
        xl_push_listed_fields(L, 2, "option", 1, options);
    }
    reading.json = xt_json_open(text);
    reading.null = lua_gettop(L);
    reading.depth = 0;
    return read_value(L, &reading) ? 1 : push_problem(L, &reading.json);
}

void xl_push_json_functions(lua_State *L) {
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, decode);
    lua_setfield(L, -2, "decode");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
}
