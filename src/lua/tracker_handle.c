/***
Tracker: records what an agent's tools did, and answers questions about it.

Durations are milliseconds, an integer when whole, else a float, kept to the microsecond.
Times are Unix seconds with a fraction. A status is one of the strings `"success"`,
`"failed"`, `"timed_out"` and `"cancelled"`. Misuse raises an error that names the
argument.
@classmod Tracker
*/
#include "arguments.h"
#include "fingerprint.h"
#include "handle.h"
#include "push.h"

#include <string.h>

const xt_type xt_tracker_type = {"exectrack.Tracker", sizeof(xt_tracker_handle)};

static xt_tracker_handle *check_tracker(lua_State *L) {
    return xt_check_self(L, &xt_tracker_type);
}

/* The handle of a method's self, which is open. */
static xt_tracker_handle *check_open(lua_State *L) {
    xt_tracker_handle *handle = check_tracker(L);
    xt_open_tracker(L, handle);
    return handle;
}

static const xt_image *check_image(lua_State *L) {
    return xt_tracker_image(xt_open_tracker(L, check_tracker(L)));
}

/* The open tracker of the self at index 1, after its clock has been read. */
static xt_tracker *read_clock_of_self(lua_State *L, xt_tracker_handle *handle) {
    if (handle->has_clock) {
        xt_read_lua_clock(L, handle, 1);
    }
    return xt_open_tracker(L, handle);
}

static const char *const record_fields[] = {"tool",       "status",    "duration_ms",
                                            "was_cached", "args",      "error_type",
                                            "args_hash",  "timestamp", "tool_id"};
enum { RECORD_FIELDS = sizeof record_fields / sizeof record_fields[0] };
enum { TOOL, STATUS, DURATION, CACHED, ARGS, ERROR_TYPE, ARGS_HASH, TIMESTAMP };

/* Records the fields of the table at index 2, which stay on the stack meanwhile. */
static int record_table(lua_State *L, xt_tracker_handle *handle) {
    xt_argument fields[RECORD_FIELDS];
    if (!lua_istable(L, 2)) {
        xt_argument tool = xt_argument_at(2);
        xt_argument_type_error(L, &tool, "string");
    }
    lua_settop(L, 2);
    xt_push_fields(L, 2, "field", RECORD_FIELDS, record_fields);
    for (int i = 0; i < RECORD_FIELDS; i++) {
        fields[i] = (xt_argument){3 + i, 2, record_fields[i]};
    }
    bool has_hash = !lua_isnil(L, fields[ARGS_HASH].index);
    bool has_timestamp = !lua_isnil(L, fields[TIMESTAMP].index);
    if (has_hash && !lua_isnil(L, fields[ARGS].index)) {
        luaL_argerror(L, 2, "both 'args' and 'args_hash' are given");
    }
    xt_execution execution = {
        .tool = xt_text_argument(L, fields[TOOL]),
        .outcome = {xt_status_argument(L, fields[STATUS]),
                    xt_boolean_argument(L, fields[CACHED]),
                    xt_optional_text_argument(L, fields[ERROR_TYPE])},
        .duration_us = xt_duration_argument(L, fields[DURATION]),
    };
    execution.args_hash =
        has_hash ? (uint32_t)xt_integer_argument(L, fields[ARGS_HASH], 0, UINT32_MAX)
                 : xt_args_argument(L, fields[ARGS]);
    if (has_timestamp) {
        execution.end_us = xt_time_argument(L, fields[TIMESTAMP]);
        xt_tracker_record_at(xt_open_tracker(L, handle), &execution);
    } else {
        xt_tracker_record(read_clock_of_self(L, handle), &execution);
    }
    return 0;
}

/***
Records an execution that ends now. O(1).

A table in place of the first argument has the arguments as fields of these names, and
three more: `timestamp`, the Unix seconds at which it ended, from 1970 on, to import a
past run; `args_hash`, in place of `args`; and `tool_id`, which is ignored. So it takes
what `recent_executions` returns. Records stay in the order in which they are recorded.
@function record
@tparam string tool any bytes; of more than 255 the first 255 count. When the tracker
  knows `max_tools` tools, or their names have no more room, a new one counts as
  `(other)`.
@tparam string status how it ended
@tparam number duration_ms milliseconds, finite, from 0; kept to the nearest microsecond
@tparam[opt=false] boolean was_cached whether a cache answered
@tparam[opt] string error_type a short stable class such as `ENOENT`; of 256 of them, a
  new one counts as `(other)`
@param[opt] args what the tool was called with, any value; only its fingerprint is kept
*/
static int tracker_record(lua_State *L) {
    xt_tracker_handle *handle = check_open(L);
    if (lua_type(L, 2) != LUA_TSTRING) {
        return record_table(L, handle);
    }
    xt_execution execution = {0};
    if (!handle->has_clock) {
        /* First of all: reading the arguments then goes on while the clock is waited for.
         */
        execution.end_us = xt_tracker_now_us(handle->tracker);
    }
    execution.tool.bytes = lua_tolstring(L, 2, &execution.tool.length);
    execution.outcome.status = xt_status_argument(L, xt_argument_at(3));
    execution.duration_us = xt_duration_argument(L, xt_argument_at(4));
    execution.outcome.was_cached = xt_boolean_argument(L, xt_argument_at(5));
    if (lua_gettop(L) > 5) {
        execution.outcome.error_type = xt_optional_text_argument(L, xt_argument_at(6));
        execution.args_hash = xt_args_argument(L, xt_argument_at(7));
    }
    if (handle->has_clock) {
        execution.end_us = xt_tracker_now_us(read_clock_of_self(L, handle));
    }
    xt_tracker_record_at(xt_open_tracker(L, handle), &execution);
    return 0;
}

/***
Starts an execution, which is in flight until its Span is finished. O(1).
@function start
@tparam string tool as for `record`
@param[opt] args as for `record`
@treturn Span
*/

/***
The statistics of the lifetime, which is all executions since the last `clear`. O(1).

In all: `total_executions` of every status, `successful`, `failed`, `timed_out`,
`cancelled`, `cached_hits`, `total_duration_ms`; `overflowed`, the executions recorded or
started under `(other)`; `error_types_overflowed`, those recorded with that error type;
`in_flight`, those started and not finished; and `window`.

Of one tool: the same counts and total; `avg_duration_ms`, `min_duration_ms`,
`max_duration_ms`, `last_timestamp`, and estimates of the quantiles `p50_duration_ms`,
`p90_duration_ms`, `p95_duration_ms`, `p99_duration_ms`, all absent without executions;
`failure_streak`, the failures and time-outs since the last success; `in_flight`; and
`window`.

`window` has the same counts, total and average over the records that are retained.

An estimate errs by at most 1.1 % while the durations of the tool span less than a factor
of 64,000, by 2.2 % up to 4 * 10^9, and by 4.4 % beyond.
@function stats
@tparam[opt] string tool
@treturn ?table nil if the tool was never recorded or started
*/
static int tracker_stats(lua_State *L) {
    xt_tracker *tracker = xt_open_tracker(L, check_tracker(L));
    const xt_image *image = xt_tracker_image(tracker);
    if (lua_isnoneornil(L, 2)) {
        xt_stats stats = xt_image_stats(image);
        xt_push_stats(L, &stats);
        return 1;
    }
    xt_tool_stats stats;
    double quantiles_us[XT_STATS_QUANTILES];
    uint32_t id = xt_tracker_tool_id(tracker, xt_text_argument(L, xt_argument_at(2)));
    if (!xt_image_tool_stats(image, id, &stats)) {
        lua_pushnil(L);
        return 1;
    }
    bool has_executions = xt_image_tool_quantiles(image, id, XT_STATS_QUANTILES,
                                                  xt_stats_quantiles, quantiles_us);
    xt_push_tool_stats(L, &stats, has_executions ? quantiles_us : NULL);
    return 1;
}

/* An execution with names of its own, for tables whose making may run a finalizer. */
typedef struct copied_execution {
    xt_execution execution;
    char tool[XT_NAME_BYTES];
    char error_type[XT_NAME_BYTES];
} copied_execution;

static xt_text copy(char *bytes, xt_text text) {
    if (text.length > 0) {
        memcpy(bytes, text.bytes, text.length);
    }
    return (xt_text){bytes, text.length};
}

static bool copy_execution(const xt_image *image, uint64_t sequence,
                           copied_execution *copied) {
    xt_execution *execution = &copied->execution;
    if (!xt_image_execution(image, sequence, execution)) {
        return false;
    }
    execution->tool = copy(copied->tool, execution->tool);
    execution->outcome.error_type =
        copy(copied->error_type, execution->outcome.error_type);
    return true;
}

/***
The most recent executions that are retained, newest first. O(n).

A record is a table with `tool`, `tool_id`, `status`, `duration_ms`, `was_cached`,
`error_type` (nil for none), `args_hash` (0 for none) and `timestamp`, when it ended.
@function recent_executions
@tparam integer n how many, from 0; it may exceed the history
@treturn {table,...}
*/
static int tracker_recent_executions(lua_State *L) {
    const xt_image *image = check_image(L);
    const xt_tracker_handle *handle = lua_touserdata(L, 1);
    lua_Integer n = xt_integer_argument(L, xt_argument_at(2), 0, LUA_MAXINTEGER);
    size_t count = xt_image_record_count(image);
    if ((lua_Unsigned)n < count) {
        count = (size_t)n;
    }
    /* By number: what is recorded meanwhile, by a finalizer, changes no number. */
    uint64_t newest = xt_image_recorded(image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        copied_execution copied;
        image = xt_tracker_image(xt_open_tracker(L, handle));
        if (!copy_execution(image, newest - i, &copied)) {
            break;
        }
        xt_push_execution(L, &copied.execution);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/***
The mean duration of a tool's retained records, of every status and cached ones too. O(1).
@function avg_duration_for_tool
@tparam string tool
@treturn ?number milliseconds, a float; nil for a tool with no retained record
*/
static int tracker_avg_duration_for_tool(lua_State *L) {
    const xt_tracker *tracker = xt_open_tracker(L, check_tracker(L));
    uint32_t id = xt_tracker_tool_id(tracker, xt_text_argument(L, xt_argument_at(2)));
    double average_us;
    if (xt_image_average_duration(xt_tracker_image(tracker), id, &average_us)) {
        lua_pushnumber(L, average_us / 1000);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/***
The name of a tool. O(1).
@function get_tool_name
@tparam integer id as in the `tool_id` of a record; the first tool has 1
@treturn ?string nil if there is no such tool
*/
static int tracker_get_tool_name(lua_State *L) {
    const xt_image *image = check_image(L);
    lua_Integer id =
        xt_integer_argument(L, xt_argument_at(2), LUA_MININTEGER, LUA_MAXINTEGER);
    if (id >= 1 && id <= (lua_Integer)xt_image_tool_count(image)) {
        xt_push_text(L, xt_image_tool_name(image, (uint32_t)id));
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/***
The names of all tools, each at the place of its id. O(tools).
@function tools
@treturn {string,...}
*/
static int tracker_tools(lua_State *L) {
    const xt_image *image = check_image(L);
    const xt_tracker_handle *handle = lua_touserdata(L, 1);
    uint32_t count = xt_image_tool_count(image);
    lua_createtable(L, (int)count, 0);
    for (uint32_t id = 1; id <= count; id++) {
        image = xt_tracker_image(xt_open_tracker(L, handle));
        xt_push_text(L, xt_image_tool_name(image, id));
        lua_rawseti(L, -2, id);
    }
    return 1;
}

/***
What is in flight now, in the order of the starts. O(what is listed).

Each is a table with `tool`, `tool_id`, `started`, the Unix seconds of its start,
`elapsed_ms` since then, and `args_hash`. Up to `max_in_flight` are listed;
`stats(tool).in_flight` counts all.
@function in_flight
@treturn {table,...}
*/
static int tracker_in_flight(lua_State *L) {
    xt_tracker_handle *handle = check_open(L);
    xt_tracker *tracker = read_clock_of_self(L, handle);
    uint64_t now_us = xt_tracker_now_us(tracker);
    size_t capacity = xt_image_in_flight(xt_tracker_image(tracker), 0, NULL);
    xt_running *running = lua_newuserdatauv(L, capacity * sizeof *running, 0);
    const xt_image *image = xt_tracker_image(xt_open_tracker(L, handle));
    size_t listed = xt_image_in_flight(image, capacity, running);
    size_t count = listed < capacity ? listed : capacity;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        char tool[XT_NAME_BYTES];
        image = xt_tracker_image(xt_open_tracker(L, handle));
        running[i].tool = copy(tool, xt_image_tool_name(image, running[i].tool_id));
        xt_push_running(L, &running[i], now_us);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/***
The label that the run was given. O(1).
@function label
@treturn string empty for none
*/
static int tracker_label(lua_State *L) {
    xt_push_text(L, xt_image_label(check_image(L)));
    return 1;
}

/***
Empties the history and zeroes all statistics, as at the start of a session. Names, their
ids and what is in flight stay; a span that is finished later counts then. O(tools).
@function clear
*/
static int tracker_clear(lua_State *L) {
    xt_tracker_clear(xt_open_tracker(L, check_tracker(L)));
    return 0;
}

/***
`#tracker` is the number of records that are retained. O(1).
@function __len
@treturn integer
*/
static int tracker_len(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)xt_image_record_count(check_image(L)));
    return 1;
}

/***
`tostring(tracker)` names its tools and records: `exectrack.Tracker (12 tools, 1000/1000
records)`.
@function __tostring
@treturn string
*/
static int tracker_tostring(lua_State *L) {
    const xt_tracker_handle *handle = check_tracker(L);
    if (handle->tracker == NULL) {
        lua_pushfstring(L, "%s (closed)", xt_tracker_type.name);
        return 1;
    }
    const xt_image *image = xt_tracker_image(handle->tracker);
    uint32_t tools = xt_image_tool_count(image);
    lua_pushfstring(L, "%s (%d %s, %I/%I records)", xt_tracker_type.name, (int)tools,
                    tools == 1 ? "tool" : "tools",
                    (LUAI_UACINT)xt_image_record_count(image),
                    (LUAI_UACINT)xt_image_max_history(image));
    return 1;
}

/***
`local tracker <close>` frees the memory when it goes out of scope, which otherwise the
garbage collector does. Using the tracker afterwards raises. A tracker that a C host lends
isn't closed.
@function __close
*/
static int tracker_close(lua_State *L) {
    xt_tracker_handle *handle = check_tracker(L);
    if (!handle->is_borrowed) {
        xt_tracker_close(handle->tracker);
        handle->tracker = NULL;
    }
    return 0;
}

static const luaL_Reg methods[] = {
    {"record", tracker_record},
    {"start", xt_lua_start},
    {"stats", tracker_stats},
    {"recent_executions", tracker_recent_executions},
    {"avg_duration_for_tool", tracker_avg_duration_for_tool},
    {"get_tool_name", tracker_get_tool_name},
    {"tools", tracker_tools},
    {"in_flight", tracker_in_flight},
    {"label", tracker_label},
    {"clear", tracker_clear},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__len", tracker_len},
    {"__tostring", tracker_tostring},
    {"__gc", tracker_close},
    {"__close", tracker_close},
    {NULL, NULL},
};

xt_tracker_handle *xt_push_closed_tracker(lua_State *L) {
    xt_tracker_handle *handle = lua_newuserdatauv(L, sizeof *handle, 1);
    *handle = (xt_tracker_handle){.type = &xt_tracker_type};
    xt_push_metatable(L, &xt_tracker_type, metamethods, methods);
    lua_setmetatable(L, -2);
    return handle;
}

void xt_push_tracker(lua_State *L, xt_tracker *tracker) {
    luaL_requiref(L, "exectrack.core", luaopen_exectrack_core, 0);
    lua_pop(L, 1); /* module */
    xt_tracker_handle *handle = xt_push_closed_tracker(L);
    handle->is_borrowed = true;
    handle->tracker = tracker;
}
