#include "record_fields.h"

#include "push.h"
#include "status.h"

/* Reads a field of the table, nil if that doesn't have it. */
typedef void read_field(lua_State *L, xt_argument value, xt_given_record *given);

/* Pushes a field, with the strings at `at` unless that is null. False, with nothing
 * pushed, if the record doesn't have it. */
typedef bool push_field(lua_State *L, const xt_record_strings *at,
                        const xt_execution *execution);

static void read_tool(lua_State *L, xt_argument value, xt_given_record *given) {
    given->execution.tool = xt_text_argument(L, value);
}

static bool push_tool(lua_State *L, const xt_record_strings *at,
                      const xt_execution *execution) {
    if (at != NULL) {
        lua_rawgeti(L, at->tools, execution->tool_id);
    } else {
        xt_push_text(L, execution->tool);
    }
    return true;
}

/* It follows from the name of the tool. */
static void ignore(lua_State *L, xt_argument value, xt_given_record *given) {
    (void)L;
    (void)value;
    (void)given;
}

static bool push_tool_id(lua_State *L, const xt_record_strings *at,
                         const xt_execution *execution) {
    (void)at;
    lua_pushinteger(L, execution->tool_id);
    return true;
}

static void read_status(lua_State *L, xt_argument value, xt_given_record *given) {
    given->execution.outcome.status = xt_status_argument(L, value);
}

static bool push_status(lua_State *L, const xt_record_strings *at,
                        const xt_execution *execution) {
    xt_status status = execution->outcome.status;
    if (at != NULL) {
        lua_pushvalue(L, at->statuses + (int)status);
    } else {
        lua_pushstring(L, xt_status_word(status));
    }
    return true;
}

static void read_duration(lua_State *L, xt_argument value, xt_given_record *given) {
    given->execution.duration_us = xt_duration_argument(L, value);
}

static bool push_duration(lua_State *L, const xt_record_strings *at,
                          const xt_execution *execution) {
    (void)at;
    xt_push_duration(L, execution->duration_us);
    return true;
}

static void read_was_cached(lua_State *L, xt_argument value, xt_given_record *given) {
    given->execution.outcome.was_cached = xt_boolean_argument(L, value);
}

static bool push_was_cached(lua_State *L, const xt_record_strings *at,
                            const xt_execution *execution) {
    (void)at;
    lua_pushboolean(L, execution->outcome.was_cached);
    return true;
}

static void read_error_type(lua_State *L, xt_argument value, xt_given_record *given) {
    given->execution.outcome.error_type = xt_optional_text_argument(L, value);
}

static bool push_error_type(lua_State *L, const xt_record_strings *at,
                            const xt_execution *execution) {
    (void)at;
    if (execution->outcome.error_type.length == 0) {
        return false;
    }
    xt_push_text(L, execution->outcome.error_type);
    return true;
}

static void read_args_hash(lua_State *L, xt_argument value, xt_given_record *given) {
    given->has_args_hash = !lua_isnil(L, value.index);
    if (given->has_args_hash) {
        given->execution.args_hash =
            (uint32_t)xt_integer_argument(L, value, 0, UINT32_MAX);
    }
}

static bool push_args_hash(lua_State *L, const xt_record_strings *at,
                           const xt_execution *execution) {
    (void)at;
    lua_pushinteger(L, execution->args_hash);
    return true;
}

static void read_timestamp(lua_State *L, xt_argument value, xt_given_record *given) {
    given->has_end = !lua_isnil(L, value.index);
    if (given->has_end) {
        given->execution.end_us = xt_time_argument(L, value);
    }
}

static bool push_timestamp(lua_State *L, const xt_record_strings *at,
                           const xt_execution *execution) {
    (void)at;
    xt_push_time(L, execution->end_us);
    return true;
}

static void read_args(lua_State *L, xt_argument value, xt_given_record *given) {
    if (lua_isnil(L, value.index)) {
        return;
    }
    if (given->has_args_hash) {
        luaL_argerror(L, value.number, "both 'args' and 'args_hash' are given");
    }
    given->execution.args_hash = xt_args_argument(L, value);
}

/*
 * Every field: its name, how it is read and how it is pushed, in the order of columns.
 * They are gone through by what USE makes of each, as a call through a pointer would cost
 * as much as most of them do.
 */
#define EACH_FIELD(USE)                                                                  \
    USE("tool", read_tool, push_tool)                                                    \
    USE("tool_id", ignore, push_tool_id)                                                 \
    USE("status", read_status, push_status)                                              \
    USE("duration_ms", read_duration, push_duration)                                     \
    USE("was_cached", read_was_cached, push_was_cached)                                  \
    USE("error_type", read_error_type, push_error_type)                                  \
    USE("args_hash", read_args_hash, push_args_hash)                                     \
    USE("timestamp", read_timestamp, push_timestamp)

/* Those that are only read. */
#define EACH_OTHER_FIELD(USE) USE("args", read_args, NULL)

#define NAME_OF(name, read, push) name,
#define PUSH_OF(name, read, push) push,
#define READ(name, read, push) read(L, (xt_argument){index++, number, name}, &given);

static const char *const names[] = {EACH_FIELD(NAME_OF) EACH_OTHER_FIELD(NAME_OF)};
static push_field *const pushes[] = {EACH_FIELD(PUSH_OF)};
enum {
    NAMES = sizeof names / sizeof names[0],
    PUSHED = sizeof pushes / sizeof pushes[0],
};

xt_given_record xt_read_record(lua_State *L, int number) {
    xt_given_record given = {0};
    int index = number + 1;
    xt_push_fields(L, number, "field", NAMES, names);
    EACH_FIELD(READ)
    EACH_OTHER_FIELD(READ)
    return given;
}

#define SET_BY_NAME(name, read, push)                                                    \
    if (push(L, NULL, execution)) {                                                      \
        lua_setfield(L, -2, name);                                                       \
    }

void xt_push_execution(lua_State *L, const xt_execution *execution) {
    lua_createtable(L, 0, PUSHED);
    EACH_FIELD(SET_BY_NAME)
}

xt_record_strings xt_push_record_strings(lua_State *L, const xt_image *image) {
    xt_record_strings at = {.names = lua_gettop(L) + 1};
    luaL_checkstack(L, PUSHED + 10, "too many fields");
    for (int i = 0; i < PUSHED; i++) {
        lua_pushstring(L, names[i]);
    }
    at.statuses = lua_gettop(L) + 1;
    for (int status = XT_SUCCESS; status <= XT_CANCELLED; status++) {
        lua_pushstring(L, xt_status_word((xt_status)status));
    }
    uint32_t tools = xt_image_tool_count(image);
    lua_createtable(L, (int)tools, 0);
    at.tools = lua_gettop(L);
    for (uint32_t id = 1; id <= tools; id++) {
        xt_push_text(L, xt_image_tool_name(image, id));
        lua_rawseti(L, -2, id);
    }
    return at;
}

/* Sets the field whose name and value are on top, or pops the name if it has none. */
static void set_or_drop(lua_State *L, bool has_value) {
    if (has_value) {
        lua_rawset(L, -3);
    } else {
        lua_pop(L, 1); /* name */
    }
}

#define SET(name, read, push)                                                            \
    lua_pushvalue(L, index++);                                                           \
    set_or_drop(L, push(L, at, execution));

void xt_push_record(lua_State *L, const xt_record_strings *at,
                    const xt_execution *execution) {
    int index = at->names;
    lua_createtable(L, 0, PUSHED);
    EACH_FIELD(SET)
}

size_t xt_record_field_argument(lua_State *L, int number) {
    xt_text name = xt_text_argument(L, xt_argument_at(number));
    size_t field = xt_find_word(name, PUSHED, names);
    if (field == PUSHED) {
        luaL_argerror(
            L, number,
            lua_pushfstring(L, "a record has no field %s", xt_quote(L, number)));
    }
    return field;
}

void xt_push_record_field(lua_State *L, size_t field, const xt_record_strings *at,
                          const xt_execution *execution) {
    if (!pushes[field](L, at, execution)) {
        lua_pushboolean(L, false);
    }
}
