/*
 * Importer: makes a run of executions that come in any order. It isn't for users: what
 * reads logs uses it.
 */
#include "arguments.h"
#include "binding.h"
#include "json_execution.h"
#include "lua_memory.h"
#include "number_text.h"
#include "push.h"
#include "record_fields.h"

#include <string.h>

static const xl_type importer_type;

/* Importer. Its user value XL_PARENT is the Tracker whose options it has. */
typedef struct xl_importer {
    const xl_type *type;
    xl_tracker *tracker;    /* kept alive by the user value */
    xt_importer *importer;  /* null once the run is made */
    xt_json_execution line; /* what was read last */
} xl_importer;

static const xl_type importer_type = {"exectrack.Importer", sizeof(xl_importer)};

/* The importer of `handle`. Raises an error if its run is made. */
static xt_importer *open_importer(lua_State *L, const xl_importer *handle) {
    if (handle->importer == NULL) {
        xl_error(L, "attempt to use an importer whose run is made");
    }
    return handle->importer;
}

/* The handle of a method's self, whose run isn't made yet. */
static xl_importer *check_open(lua_State *L) {
    xl_importer *handle = xl_check_userdata(L, &importer_type);
    open_importer(L, handle);
    return handle;
}

static int raise_memory(lua_State *L) {
    lua_pushstring(L, xt_error_message(XT_ERROR_MEMORY)); /* the same as Lua's message */
    return lua_error(L);
}

/* Raises that the run can't have the measures of `values`. */
static int refuse_measures(lua_State *L, const xt_importer *importer,
                           const xl_named_values *values) {
    const xl_argument argument = {.number = 2, .field = "measures"};
    size_t fitting = xt_importer_fitting_values(importer, values->count, values->values);
    xt_text name = values->values[fitting].name;
    bool is_name = name.length >= 1 && name.length <= XT_MEASURE_BYTES;
    xl_push_text(L, name);
    return xl_argument_error(
        L, &argument,
        is_name ? lua_pushfstring(L, "at most %d in a run expected, got another one, %s",
                                  XT_MAX_MEASURES, xl_quote(L, -1))
                : lua_pushfstring(L, "a name of 1 to %d bytes expected, got %s",
                                  XT_MEASURE_BYTES, xl_quote(L, -1)));
}

/* importer:add(execution): as `tracker:record` takes it, but without a timestamp it is
 * undated. */
static int importer_add(lua_State *L) {
    const xl_importer *handle = check_open(L);
    xl_given_record given;
    if (!lua_istable(L, 2)) {
        xl_type_error(L, 2, "table");
    }
    lua_settop(L, 2);
    xl_read_record(L, 2, handle->tracker, NULL, &given);
    given.execution.is_undated |= !given.has_end;
    xt_importer *importer = open_importer(L, handle); /* `redact` may have made the run */
    const xl_named_values *values = &given.named_values;
    switch (xt_importer_add(importer, &given.execution, values->count, values->values)) {
    case XT_OK:
        return 0;
    case XT_ERROR_MEASURES:
        return refuse_measures(L, importer, values);
    case XT_ERROR_MAX_HISTORY:
        return xl_error(L, "more than %s executions",
                        xl_digits((int64_t)XT_MAX_HISTORY).bytes);
    default:
        return raise_memory(L);
    }
}

/* Adds the execution in `line`. False if that is left to others. */
static bool take_line(lua_State *L, xl_importer *handle, xt_text line) {
    xt_json_execution *read = &handle->line;
    if (!xt_json_read_execution(line, read)) {
        return false;
    }
    xt_error error = xt_importer_add(handle->importer, &read->execution,
                                     read->value_count, read->values);
    if (error == XT_ERROR_MEMORY) {
        raise_memory(L);
    }
    return error == XT_OK;
}

/* importer:take(text, position [, most_bytes]): adds the executions in whole lines of
 * `text`, from the one that begins at `position` on, up to the first that isn't of our own
 * or has more than `most_bytes`. Returns where that begins, and how many were taken. */
static int importer_take(lua_State *L) {
    xl_importer *handle = check_open(L);
    xt_text text = xl_text_argument(L, xl_argument_at(2));
    int64_t position = xl_integer_argument(L, xl_argument_at(3), 1, INT64_MAX);
    size_t most =
        lua_isnoneornil(L, 4) ? SIZE_MAX : xl_count_argument(L, xl_argument_at(4));
    size_t at = (uint64_t)position <= text.length ? (size_t)position - 1 : text.length;
    int64_t count = 0;
    for (;;) {
        xt_text line = {text.bytes + at, 0};
        const char *end = memchr(line.bytes, '\n', text.length - at);
        line.length = end != NULL ? (size_t)(end - line.bytes) : 0;
        if (end == NULL || line.length > most || !take_line(L, handle, line)) {
            break;
        }
        at += line.length + 1;
        count++;
    }
    lua_pushinteger(L, (int64_t)at + 1);
    lua_pushinteger(L, count);
    return 2;
}

/* importer:counts() */
static int importer_counts(lua_State *L) {
    const xl_importer *handle = check_open(L);
    const xt_import_counts counts = xt_importer_counts(handle->importer);
    lua_createtable(L, 0, 7);
    xl_set_integer(L, "executions", counts.executions);
    xl_set_integer(L, "sessions", counts.sessions);
    xl_set_integer(L, "tools", counts.tools);
    xl_set_integer(L, "untimed", counts.untimed);
    xl_set_integer(L, "undated", counts.undated);
    if (counts.undated < counts.executions) {
        xl_set_time(L, "first", counts.first_end_us);
        xl_set_time(L, "last", counts.last_end_us);
    }
    return 1;
}

/* importer:build() */
static int importer_build(lua_State *L) {
    xl_importer *handle = check_open(L);
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_importer *importer = handle->importer;
    xt_snapshot *snapshot;
    handle->importer = NULL; /* allocating may run finalizers, which may use the handle */
    xt_error error = xt_importer_build(importer, &allocator, &snapshot);
    xt_importer_close(importer);
    if (error != XT_OK) {
        xl_check_lua_memory(&memory, error, false);
    }
    xl_push_snapshot(L, snapshot);
    xl_account_for(L, xt_image_bytes(xt_snapshot_image(snapshot)));
    return 1;
}

/* The finalizer. */
static int importer_close(lua_State *L) {
    xl_importer *handle = xl_check_userdata(L, &importer_type);
    xt_importer_close(handle->importer);
    handle->importer = NULL;
    return 0;
}

static const luaL_Reg methods[] = {
    {"add", importer_add},
    {"take", importer_take},
    {"counts", importer_counts},
    {"build", importer_build},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {{"__gc", importer_close}, {NULL, NULL}};

/* Makes the core's importer of the new `handle`. */
static void open_new_importer(lua_State *L, xl_importer *handle, size_t max_history) {
    for (int tries = 0; handle->importer == NULL; tries++) {
        const xt_image *like = xt_tracker_image(xl_open_tracker(L, handle->tracker));
        if (xt_importer_create(like, max_history, NULL, &handle->importer) != XT_OK) {
            if (tries > 0) {
                raise_memory(L);
            }
            lua_gc(L, LUA_GCCOLLECT, 0);
        }
    }
}

/* core.importer(tracker [, max_history]): with the options of the tracker, which need not
 * keep any records. */
int xl_importer_new(lua_State *L) {
    xl_tracker *tracker = xl_check_userdata(L, &xl_tracker_type);
    size_t max_history = XT_KEEP_ALL;
    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        max_history =
            (size_t)xl_integer_argument(L, xl_argument_at(2), 0, (int64_t)XT_MAX_HISTORY);
    }
    xl_importer *handle = lua_newuserdatauv(L, sizeof *handle, XL_PARENT);
    *handle = (xl_importer){.type = &importer_type, .tracker = tracker};
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, XL_PARENT);
    xl_push_metatable(L, &importer_type, metamethods, methods, false);
    lua_setmetatable(L, -2);
    open_new_importer(L, handle, max_history);
    return 1;
}
