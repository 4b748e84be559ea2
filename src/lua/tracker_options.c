/* The options of a tracker, as Lua gives them. */
#include "tracker_options.h"

#include "arguments.h"
#include "fingerprint.h"
#include "instance_id.h"
#include "number_text.h"

#include <math.h>
#include <string.h>

/* The places of the common options in the list of names. */
enum {
    MAX_HISTORY,
    MAX_TOOLS,
    MAX_IN_FLIGHT,
    SESSION_NAMES,
    ARGS_TEXTS,
    ERROR_TEXTS,
    LABEL,
    INSTANCE_ID,
    MEASURES,
    IGNORE_ARGS,
    REDACT,
    CLOCK,
    COMMON
};

_Static_assert((int)COMMON == (int)XL_COMMON_OPTIONS,
               "XL_COMMON_OPTION_NAMES has the same order");

/* Measures with copies of their texts, as a table can be changed. */
typedef struct described_measures {
    xt_measure measures[XT_MAX_MEASURES];
    char names[XT_MAX_MEASURES][XT_MEASURE_BYTES];
    char units[XT_MAX_MEASURES][XT_MEASURE_BYTES];
} described_measures;

/* Pushes a field of the table on top, without metamethods. [-0, +1] */
static void push_measure_field(lua_State *L, const char *field) {
    lua_pushstring(L, field);
    lua_rawget(L, -2);
}

/* Raises `problem` about measure `i`, from 1, or its field `field`, such as `.name`. */
static int refuse_measure(lua_State *L, const xl_argument *option, size_t i,
                          const char *field, const char *problem) {
    const char *message =
        lua_pushfstring(L, "%s[%d]%s: %s", option->field, (int)i, field, problem);
    return xl_arg_error(L, option->number, message);
}

/* Copies the string in a field of the table on top to `bytes`. It may be absent if
 * `least` is 0. */
static xt_text read_measure_text(lua_State *L, const xl_argument *option, size_t i,
                                 const char *field, size_t least,
                                 char bytes[XT_MEASURE_BYTES]) {
    push_measure_field(L, field + 1);
    bool is_absent = lua_isnil(L, -1) && least == 0;
    xt_text text = {NULL, 0};
    if (lua_type(L, -1) == LUA_TSTRING) {
        text = xl_text_at(L, -1);
    }
    if (!is_absent && (lua_type(L, -1) != LUA_TSTRING || text.length < least ||
                       text.length > XT_MEASURE_BYTES)) {
        refuse_measure(L, option, i, field,
                       lua_pushfstring(L, "a string of %d to %d bytes expected, got %s",
                                       (int)least, XT_MEASURE_BYTES, xl_show(L, -1)));
    }
    if (text.length > 0) {
        memcpy(bytes, text.bytes, text.length);
    }
    lua_pop(L, 1); /* field */
    return (xt_text){bytes, text.length};
}

static double read_measure_scale(lua_State *L, const xl_argument *option, size_t i) {
    push_measure_field(L, "scale");
    double scale = lua_isnil(L, -1) ? 1 : lua_tonumber(L, -1);
    bool has_type = lua_isnil(L, -1) || lua_type(L, -1) == LUA_TNUMBER;
    if (!has_type || !(scale > 0) || isinf(scale)) {
        refuse_measure(L, option, i, ".scale",
                       lua_pushfstring(L, "a finite number above 0 expected, got %s",
                                       xl_describe(L, -1)));
    }
    lua_pop(L, 1); /* scale */
    return scale;
}

/* Raises an error if measure `i`, which is on top, has an unknown field. */
static void check_measure_fields(lua_State *L, const xl_argument *option, size_t i) {
    static const char *const names[] = {"name", "unit", "scale"};
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        lua_pop(L, 1); /* value */
        if (lua_type(L, -1) != LUA_TSTRING ||
            xl_find_word(xl_text_at(L, -1), 3, names) == 3) {
            refuse_measure(L, option, i, "",
                           lua_pushfstring(L, "unknown field %s", xl_quote(L, -1)));
        }
    }
}

/* Reads measure `i`, from 1, whose table is on top. */
static void read_measure(lua_State *L, const xl_argument *option, size_t i,
                         described_measures *into) {
    if (!lua_istable(L, -1)) {
        refuse_measure(
            L, option, i, "",
            lua_pushfstring(L, "table expected, got %s", luaL_typename(L, -1)));
    }
    check_measure_fields(L, option, i);
    into->measures[i - 1] = (xt_measure){
        .name = read_measure_text(L, option, i, ".name", 1, into->names[i - 1]),
        .unit = read_measure_text(L, option, i, ".unit", 0, into->units[i - 1]),
        .scale = read_measure_scale(L, option, i),
    };
    for (size_t j = 0; j < i - 1; j++) {
        if (xl_text_equals(into->measures[j].name, into->measures[i - 1].name)) {
            refuse_measure(L, option, i, ".name", "another measure has the same name");
        }
    }
}

/*
 * Reads the measures of `option`, an array of tables or nil, into `options`. Pushes the
 * userdata that they are in, or nil. [-0, +1]
 */
static void push_measures_option(lua_State *L, xl_argument option, xt_options *options) {
    size_t count = lua_isnil(L, option.index) ? 0 : xl_array_argument(L, option);
    if (count > XT_MAX_MEASURES) {
        xl_argument_error(L, &option,
                          lua_pushfstring(L, "at most %d expected, got %s",
                                          XT_MAX_MEASURES,
                                          xl_digits((int64_t)count).bytes));
    }
    if (count == 0) {
        lua_pushnil(L);
        return;
    }
    described_measures *made = lua_newuserdatauv(L, sizeof *made, 0);
    luaL_checkstack(L, 10, "too many measures");
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, option.index, (int64_t)i);
        read_measure(L, &option, i, made);
        lua_pop(L, 1); /* measure */
    }
    options->measures = made->measures;
    options->measure_count = count;
}

static size_t limit_option(lua_State *L, xl_argument option, size_t low, size_t high,
                           size_t otherwise) {
    return lua_isnil(L, option.index)
               ? otherwise
               : (size_t)xl_integer_argument(L, option, (int64_t)low, (int64_t)high);
}

static xt_text label_option(lua_State *L, xl_argument argument) {
    xt_text label = xl_optional_text_argument(L, argument);
    if (label.length > XT_LABEL_BYTES) {
        xl_argument_error(L, &argument,
                          lua_pushfstring(L, "at most %d bytes expected, got %s",
                                          XT_LABEL_BYTES,
                                          xl_digits((int64_t)label.length).bytes));
    }
    return label;
}

/* Stores the bytes of a UUID, which must not be all zeros; zeros for nil. */
static void instance_option(lua_State *L, xl_argument argument,
                            uint8_t instance[XT_INSTANCE_BYTES]) {
    static const uint8_t none[XT_INSTANCE_BYTES];
    xt_text id = xl_optional_text_argument(L, argument);
    memset(instance, 0, XT_INSTANCE_BYTES);
    if (!lua_isnil(L, argument.index) && (!xl_parse_instance_id(id, instance) ||
                                          memcmp(instance, none, sizeof none) == 0)) {
        xl_argument_error(L, &argument, "a UUID expected that isn't all zeros");
    }
}

static void check_clock(lua_State *L, xl_argument clock) {
    if (!lua_isnil(L, clock.index) && !lua_isfunction(L, clock.index)) {
        xl_argument_type_error(L, &clock, "function");
    }
}

/* A function; `false` for no redaction; or nil. */
static void check_redact(lua_State *L, xl_argument redact) {
    bool is_off = lua_isboolean(L, redact.index) && !lua_toboolean(L, redact.index);
    if (!lua_isnil(L, redact.index) && !is_off) {
        xl_check_callable(L, redact);
    }
}

/*
 * Reads the options in argument `number`, a table. Pushes the fields `names`, and last the
 * user values of the Tracker, in their order.
 */
static void read_table(lua_State *L, int number, size_t count, const char *const names[],
                       xt_options *options) {
    xl_argument fields[COMMON];
    int base = lua_gettop(L) + 1;
    xl_push_fields(L, number, "option", count, names);
    for (int i = 0; i < COMMON; i++) {
        fields[i] = (xl_argument){base + i, number, names[i]};
    }
    options->max_history =
        limit_option(L, fields[MAX_HISTORY], 0, XT_MAX_HISTORY, options->max_history);
    options->max_tools =
        limit_option(L, fields[MAX_TOOLS], 1, XT_MAX_TOOLS, options->max_tools);
    options->max_in_flight = limit_option(L, fields[MAX_IN_FLIGHT], 0, XT_MAX_IN_FLIGHT,
                                          options->max_in_flight);
    options->session_names =
        limit_option(L, fields[SESSION_NAMES], 0, XT_MAX_TEXTS, options->session_names);
    options->args_texts = limit_option(L, fields[ARGS_TEXTS], 0, XT_MAX_TEXTS, 0);
    options->error_texts = limit_option(L, fields[ERROR_TEXTS], 0, XT_MAX_TEXTS, 0);
    options->label = label_option(L, fields[LABEL]);
    instance_option(L, fields[INSTANCE_ID], options->instance);
    check_clock(L, fields[CLOCK]);
    check_redact(L, fields[REDACT]);
    push_measures_option(L, fields[MEASURES], options);
    lua_pushvalue(L, fields[CLOCK].index);
    xl_push_ignored_args(L, fields[IGNORE_ARGS]);
    options->ignored_args = xl_fingerprint_ignored_args(L);
    lua_pushvalue(L, fields[REDACT].index);
}

xt_options xl_read_tracker_options(lua_State *L, int number, size_t count,
                                   const char *const names[]) {
    xt_options options = xt_options_default();
    luaL_checkstack(L, (int)count + LUA_MINSTACK, "too many arguments");
    if (lua_istable(L, number)) {
        read_table(L, number, count, names, &options);
        return options;
    }
    if (lua_type(L, number) == LUA_TNUMBER) {
        options.max_history = limit_option(
            L, (xl_argument){number, number, names[MAX_HISTORY]}, 0, XT_MAX_HISTORY, 0);
    } else if (!lua_isnoneornil(L, number)) {
        xl_type_error(L, number, "number or table");
    }
    lua_settop(L, lua_gettop(L) + (int)count + 1 + XL_TRACKER_OPTIONS); /* all nil */
    return options;
}

xl_tracker *xl_push_tracker_with(lua_State *L, xt_options *options) {
    int values = lua_gettop(L) - XL_TRACKER_OPTIONS; /* user value n is at values + n */
    xl_tracker *handle = xl_push_closed_tracker(L);
    handle->has_clock = !lua_isnil(L, values + XL_TRACKER_CLOCK);
    handle->ignores_args = options->ignored_args != 0;
    for (int value = 1; value <= XL_TRACKER_OPTIONS; value++) {
        lua_pushvalue(L, values + value);
        lua_setiuservalue(L, -2, value);
    }
    if (handle->has_clock) {
        options->clock = xl_last_reading_of(handle);
        xl_read_lua_clock(L, handle, lua_gettop(L));
    }
    return handle;
}
