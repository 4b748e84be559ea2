#include "record_fields.h"

#include "binding.h"
#include "fingerprint.h"
#include "push.h"
#include "status.h"
#include "tracker_texts.h"

/* Reads a field's value, which is nil if the table doesn't have it. */
typedef void read_field(lua_State *L, xl_argument value, xl_given_record *given);

/* Pushes a field's value, using the strings of `at` that are on the stack. If the record
 * doesn't have the field, pushes nothing and returns false. */
typedef bool push_field(lua_State *L, const xl_record_strings *at,
                        const xt_execution *execution);

static void read_tool(lua_State *L, xl_argument value, xl_given_record *given) {
    given->execution.tool = xl_text_argument(L, value);
}

static bool push_tool(lua_State *L, const xl_record_strings *at,
                      const xt_execution *execution) {
    if (at->tools != 0) {
        lua_rawgeti(L, at->tools, execution->tool_id);
    } else {
        xl_push_text(L, execution->tool);
    }
    return true;
}

/* A tool's identifier follows from its name. */
static void ignore(lua_State *L, xl_argument value, xl_given_record *given) {
    (void)L;
    (void)value;
    (void)given;
}

static bool push_tool_id(lua_State *L, const xl_record_strings *at,
                         const xt_execution *execution) {
    (void)at;
    lua_pushinteger(L, execution->tool_id);
    return true;
}

static void read_status(lua_State *L, xl_argument value, xl_given_record *given) {
    given->execution.outcome.status = xl_status_argument(L, value);
}

static bool push_status(lua_State *L, const xl_record_strings *at,
                        const xt_execution *execution) {
    xt_status status = execution->outcome.status;
    if (at->statuses != 0) {
        lua_pushvalue(L, at->statuses + (int)status);
    } else {
        lua_pushstring(L, xt_status_word(status));
    }
    return true;
}

static void read_duration(lua_State *L, xl_argument value, xl_given_record *given) {
    if (lua_isnil(L, value.index)) {
        given->execution.timing = XT_UNTIMED;
    } else {
        given->execution.duration_us = xl_duration_argument(L, value);
    }
}

static bool push_duration(lua_State *L, const xl_record_strings *at,
                          const xt_execution *execution) {
    (void)at;
    if (execution->timing == XT_UNTIMED) {
        return false;
    }
    xl_push_duration(L, execution->duration_us);
    return true;
}

/* Called after read_duration, which sets XT_UNTIMED if there is no duration. */
static void read_timing(lua_State *L, xl_argument value, xl_given_record *given) {
    if (lua_isnil(L, value.index)) {
        return;
    }
    bool has_duration = given->execution.timing != XT_UNTIMED;
    xt_timing timing = xl_timing_argument(L, value);
    if (has_duration != (timing != XT_UNTIMED)) {
        xl_argument_error(L, &value,
                          has_duration ? "'untimed', but 'duration_ms' is given"
                                       : "needs 'duration_ms', which isn't given");
    }
    given->execution.timing = timing;
}

static bool push_timing(lua_State *L, const xl_record_strings *at,
                        const xt_execution *execution) {
    (void)at;
    if (execution->timing == XT_MEASURED) {
        return false;
    }
    lua_pushstring(L, xt_timing_word(execution->timing));
    return true;
}

static void read_was_cached(lua_State *L, xl_argument value, xl_given_record *given) {
    given->execution.outcome.was_cached = xl_boolean_argument(L, value);
}

static bool push_was_cached(lua_State *L, const xl_record_strings *at,
                            const xt_execution *execution) {
    (void)at;
    lua_pushboolean(L, execution->outcome.was_cached);
    return true;
}

static void read_error_type(lua_State *L, xl_argument value, xl_given_record *given) {
    given->execution.outcome.error_type = xl_optional_text_argument(L, value);
}

static bool push_error_type(lua_State *L, const xl_record_strings *at,
                            const xt_execution *execution) {
    (void)at;
    if (execution->outcome.error_type.length == 0) {
        return false;
    }
    xl_push_text(L, execution->outcome.error_type);
    return true;
}

static void read_args_hash(lua_State *L, xl_argument value, xl_given_record *given) {
    given->has_args_hash = !lua_isnil(L, value.index);
    if (given->has_args_hash) {
        given->execution.args_hash =
            (uint32_t)xl_integer_argument(L, value, 0, UINT32_MAX);
    }
}

static bool push_args_hash(lua_State *L, const xl_record_strings *at,
                           const xt_execution *execution) {
    (void)at;
    lua_pushinteger(L, execution->args_hash);
    return true;
}

static void read_result_hash(lua_State *L, xl_argument value, xl_given_record *given) {
    given->has_result_hash = !lua_isnil(L, value.index);
    if (given->has_result_hash) {
        given->execution.outcome.result_hash =
            (uint32_t)xl_integer_argument(L, value, 0, UINT32_MAX);
    }
}

static bool push_result_hash(lua_State *L, const xl_record_strings *at,
                             const xt_execution *execution) {
    (void)at;
    if (execution->outcome.result_hash == 0) {
        return false;
    }
    lua_pushinteger(L, execution->outcome.result_hash);
    return true;
}

static void read_session(lua_State *L, xl_argument value, xl_given_record *given) {
    if (!lua_isnil(L, value.index)) {
        given->execution.session = xt_session_of(xl_text_argument(L, value));
    }
}

static bool push_session(lua_State *L, const xl_record_strings *at,
                         const xt_execution *execution) {
    (void)at;
    if (execution->session.hash == 0) {
        return false;
    }
    xl_push_session(L, execution->session);
    return true;
}

static void read_depth(lua_State *L, xl_argument value, xl_given_record *given) {
    given->has_depth = !lua_isnil(L, value.index);
    if (given->has_depth) {
        given->execution.depth = (uint32_t)xl_integer_argument(L, value, 0, XT_MAX_DEPTH);
    }
}

static bool push_depth(lua_State *L, const xl_record_strings *at,
                       const xt_execution *execution) {
    (void)at;
    lua_pushinteger(L, execution->depth);
    return true;
}

static void read_measures(lua_State *L, xl_argument value, xl_given_record *given) {
    if (given->measures == NULL) {
        xl_named_values_argument(L, value, &given->named_values);
    } else {
        given->execution.outcome.measures =
            xl_measures_argument(L, value, given->measures, given->values);
    }
}

static bool push_measures(lua_State *L, const xl_record_strings *at,
                          const xt_execution *execution) {
    return xl_push_values(L, at->measures, execution->outcome.measures);
}

static void read_place(lua_State *L, xl_argument value, xl_given_record *given) {
    given->execution.place = xt_place_of(xl_optional_text_argument(L, value));
}

static bool push_place(lua_State *L, const xl_record_strings *at,
                       const xt_execution *execution) {
    char text[XT_PLACE_BYTES];
    (void)at;
    if (execution->place.file.length == 0) {
        return false;
    }
    lua_pushlstring(L, text, xt_place_write(&execution->place, text));
    return true;
}

static void read_timestamp(lua_State *L, xl_argument value, xl_given_record *given) {
    given->has_end = !lua_isnil(L, value.index);
    given->execution.is_undated =
        lua_isboolean(L, value.index) && !lua_toboolean(L, value.index);
    if (given->has_end && !given->execution.is_undated) {
        given->execution.end_us = xl_time_argument(L, value);
    }
}

static bool push_timestamp(lua_State *L, const xl_record_strings *at,
                           const xt_execution *execution) {
    (void)at;
    if (execution->is_undated) {
        lua_pushboolean(L, false);
    } else {
        xl_push_time(L, execution->end_us);
    }
    return true;
}

static void read_args(lua_State *L, xl_argument value, xl_given_record *given) {
    if (lua_isnil(L, value.index)) {
        return;
    }
    if (given->has_args_hash) {
        xl_arg_error(L, value.number, "both 'args' and 'args_hash' are given");
    }
    given->execution.args_hash =
        xl_take_args(L, 1, given->tracker, value.index, 1, &given->args_text);
    given->execution.args_text = xl_text_of(&given->args_text);
}

static void read_result(lua_State *L, xl_argument value, xl_given_record *given) {
    if (lua_isnil(L, value.index)) {
        return;
    }
    if (given->has_result_hash) {
        xl_arg_error(L, value.number, "both 'result' and 'result_hash' are given");
    }
    given->execution.outcome.result_hash = xl_fingerprint_results(L, value.index, 1);
}

static void read_args_text(lua_State *L, xl_argument value, xl_given_record *given) {
    xt_execution *execution = &given->execution;
    xt_text text = xl_optional_text_argument(L, value);
    if (text.length > 0 && xl_wants_args_text(given->tracker, execution->args_hash)) {
        xl_make_given_text(L, 1, given->tracker, text, &given->args_text);
        execution->args_text = xl_text_of(&given->args_text);
    }
}

static void read_error_text(lua_State *L, xl_argument value, xl_given_record *given) {
    xt_text text = xl_optional_text_argument(L, value);
    if (text.length > 0) {
        xl_make_error_text(L, 1, given->tracker, value.index, &given->error_text);
        given->execution.outcome.error_text = xl_text_of(&given->error_text);
    }
}

/*
 * Every field: its name, and the functions that read and push it. USE is expanded for
 * each of them: a loop with calls through pointers would cost as much as most of these
 * functions do.
 */
#define EACH_FIELD(USE)                                                                  \
    USE("tool", read_tool, push_tool)                                                    \
    USE("tool_id", ignore, push_tool_id)                                                 \
    USE("status", read_status, push_status)                                              \
    USE("duration_ms", read_duration, push_duration)                                     \
    USE("timing", read_timing, push_timing)                                              \
    USE("was_cached", read_was_cached, push_was_cached)                                  \
    USE("error_type", read_error_type, push_error_type)                                  \
    USE("args_hash", read_args_hash, push_args_hash)                                     \
    USE("result_hash", read_result_hash, push_result_hash)                               \
    USE("session", read_session, push_session)                                           \
    USE("depth", read_depth, push_depth)                                                 \
    USE("measures", read_measures, push_measures)                                        \
    USE("place", read_place, push_place)                                                 \
    USE("timestamp", read_timestamp, push_timestamp)

/* Fields that are read and never pushed. */
#define EACH_OTHER_FIELD(USE)                                                            \
    USE("args", read_args, )                                                             \
    USE("result", read_result, )                                                         \
    USE("args_text", read_args_text, )                                                   \
    USE("error_text", read_error_text, )

#define NAME_OF(name, read, push) name,
#define PUSH_OF(name, read, push) push,
#define READ(name, read, push) read(L, (xl_argument){index++, number, name}, given);

static const char *const names[] = {EACH_FIELD(NAME_OF) EACH_OTHER_FIELD(NAME_OF)};
static push_field *const pushes[] = {EACH_FIELD(PUSH_OF)};
enum {
    NAMES = sizeof names / sizeof names[0],
    PUSHED = sizeof pushes / sizeof pushes[0],
};

void xl_read_record(lua_State *L, int number, const xl_tracker *tracker,
                    const xl_measures *measures, xl_given_record *given) {
    int index = number + 1;
    xl_push_listed_fields(L, number, "field", NAMES, names);
    *given = (xl_given_record){.tracker = tracker, .measures = measures};
    EACH_FIELD(READ)
    EACH_OTHER_FIELD(READ)
}

#define SET_BY_NAME(name, read, push)                                                    \
    if (push(L, &at, execution)) {                                                       \
        lua_setfield(L, -2, name);                                                       \
    }

/* How many fields the record table of `execution` has. Six are optional; an untimed
 * record has `timing` in place of `duration_ms`. */
static int fields_of(const xt_execution *execution) {
    return PUSHED - 6 + (execution->outcome.measures != NULL) +
           (execution->place.file.length > 0) +
           (execution->outcome.error_type.length > 0) +
           (execution->outcome.result_hash != 0) + (execution->session.hash != 0) +
           (execution->timing == XT_ELAPSED);
}

void xl_push_execution(lua_State *L, const xl_measures *measures,
                       const xt_execution *execution) {
    const xl_record_strings at = {.measures = measures};
    lua_createtable(L, 0, fields_of(execution));
    EACH_FIELD(SET_BY_NAME)
}

xl_record_strings xl_push_record_strings(lua_State *L, const xt_image *image,
                                         const xl_measures *measures) {
    xl_record_strings at = {.names = lua_gettop(L) + 1, .measures = measures};
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
        xl_push_text(L, xt_image_tool_name(image, id));
        lua_rawseti(L, -2, id);
    }
    return at;
}

/* Sets the field whose name and value are on top; without a value, pops the name. */
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

void xl_push_record(lua_State *L, const xl_record_strings *at,
                    const xt_execution *execution) {
    int index = at->names;
    lua_createtable(L, 0, fields_of(execution));
    EACH_FIELD(SET)
}

size_t xl_record_field_argument(lua_State *L, int number) {
    static const char *const columns[] = {EACH_FIELD(NAME_OF) "self_duration_ms"};
    xt_text name = xl_text_argument(L, xl_argument_at(number));
    size_t field = xl_find_word(name, PUSHED + 1, columns);
    if (field > PUSHED) {
        const char *problem = lua_pushfstring(L, "unknown field %s", xl_quote(L, number));
        xl_unknown_word_error(L, number, problem, PUSHED + 1, columns);
    }
    return field < PUSHED ? field : XL_SELF_DURATION;
}

void xl_push_record_field(lua_State *L, size_t field, const xl_record_strings *at,
                          const xt_execution *execution) {
    if (pushes[field](L, at, execution)) {
        return;
    }
    if (pushes[field] == push_timing) {
        lua_pushstring(L, xt_timing_word(XT_MEASURED));
    } else {
        lua_pushboolean(L, false);
    }
}
