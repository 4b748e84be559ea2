/*
 * exectrack.new: making a tracker with the options of a Lua table.
 */
#include "arguments.h"
#include "ignored_args.h"
#include "instance_id.h"
#include "lua_memory.h"
#include "measures_option.h"

#include <string.h>

static const char *const option_names[] = {
    "max_history", "max_tools",   "max_in_flight", "session_names",
    "args_texts",  "error_texts", "label",         "instance_id",
    "measures",    "ignore_args", "redact",        "clock"};
enum { OPTIONS = sizeof option_names / sizeof option_names[0] };
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
    CLOCK
};

static size_t limit_option(lua_State *L, xt_argument option, size_t low, size_t high,
                           size_t otherwise) {
    return lua_isnil(L, option.index)
               ? otherwise
               : (size_t)xt_integer_argument(L, option, (lua_Integer)low,
                                             (lua_Integer)high);
}

static xt_text label_option(lua_State *L, xt_argument argument) {
    xt_text label = xt_optional_text_argument(L, argument);
    if (label.length > XT_LABEL_BYTES) {
        xt_argument_error(L, &argument,
                          lua_pushfstring(L, "at most %d bytes, got %I", XT_LABEL_BYTES,
                                          (LUAI_UACINT)label.length));
    }
    return label;
}

/* Stores the bytes of a UUID; zeros, which none that is given may have, for nil. */
static void instance_option(lua_State *L, xt_argument argument,
                            uint8_t instance[XT_INSTANCE_BYTES]) {
    static const uint8_t none[XT_INSTANCE_BYTES];
    xt_text id = xt_optional_text_argument(L, argument);
    memset(instance, 0, XT_INSTANCE_BYTES);
    if (!lua_isnil(L, argument.index) && (!xt_parse_instance_id(id, instance) ||
                                          memcmp(instance, none, sizeof none) == 0)) {
        xt_argument_error(L, &argument, "a UUID expected that isn't all zeros");
    }
}

static void check_clock(lua_State *L, xt_argument clock) {
    if (!lua_isnil(L, clock.index) && !lua_isfunction(L, clock.index)) {
        xt_argument_type_error(L, &clock, "function");
    }
}

/* False stands for no redaction. */
static void check_redact(lua_State *L, xt_argument redact) {
    bool is_off = lua_isboolean(L, redact.index) && !lua_toboolean(L, redact.index);
    if (!lua_isnil(L, redact.index) && !is_off) {
        xt_check_callable(L, redact);
    }
}

/*
 * Reads the options in argument 1, a table, and pushes the user values of the Tracker, in
 * their order. The label stays valid as long as the argument, the measures as long as what is
 * pushed.
 */
static void read_table(lua_State *L, xt_options *options) {
    xt_argument fields[OPTIONS];
    xt_push_fields(L, 1, "option", OPTIONS, option_names);
    for (int i = 0; i < OPTIONS; i++) {
        fields[i] = (xt_argument){2 + i, 1, option_names[i]};
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
    xl_push_measures_option(L, fields[MEASURES], options);
    lua_pushvalue(L, fields[CLOCK].index);
    xl_push_ignored_args(L, fields[IGNORE_ARGS]);
    options->ignored_args = xl_fingerprint_ignored_args(L);
    lua_pushvalue(L, fields[REDACT].index);
}

/* The same, of a number or a table. */
static xt_options read_options(lua_State *L) {
    xt_options options = xt_options_default();
    lua_settop(L, 1);
    if (lua_istable(L, 1)) {
        read_table(L, &options);
        return options;
    }
    if (lua_type(L, 1) == LUA_TNUMBER) {
        options.max_history =
            limit_option(L, (xt_argument){1, 1, "max_history"}, 0, XT_MAX_HISTORY, 0);
    } else if (!lua_isnil(L, 1)) {
        luaL_typeerror(L, 1, "number or table");
    }
    lua_settop(L, 1 + XL_TRACKER_USER_VALUES); /* all nil */
    return options;
}

void xt_open_new_tracker(lua_State *L, xt_tracker_handle *handle,
                         const xt_options *options) {
    xt_error error = xt_tracker_create(options, &handle->tracker);
    if (error == XT_ERROR_MEMORY) {
        lua_gc(L, LUA_GCCOLLECT);
        error = xt_tracker_create(options, &handle->tracker);
    }
    if (error != XT_OK) {
        luaL_error(L, "cannot make a tracker: %s", xt_error_message(error));
    }
    /* Else a loop that makes trackers would outrun the collector. */
    xt_account_for(L, xt_image_bytes(xt_tracker_image(handle->tracker)));
}

int xt_lua_new(lua_State *L) {
    xt_options options = read_options(L);
    int values = lua_gettop(L) - XL_TRACKER_USER_VALUES; /* below the first of them */
    xt_tracker_handle *handle = xt_push_closed_tracker(L);
    handle->has_clock = !lua_isnil(L, values + XL_TRACKER_CLOCK);
    handle->ignores_args = options.ignored_args != 0;
    for (int value = 1; value <= XL_TRACKER_USER_VALUES; value++) {
        lua_pushvalue(L, values + value);
        lua_setiuservalue(L, -2, value);
    }
    if (handle->has_clock) {
        options.clock = xt_last_reading_of(handle);
        xt_read_lua_clock(L, handle, lua_gettop(L));
    }
    xt_open_new_tracker(L, handle, &options);
    return 1;
}
