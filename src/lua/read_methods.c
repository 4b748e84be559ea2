#include "read_methods.h"

#include "arguments.h"
#include "instance_id.h"
#include "kept_texts.h"
#include "measures.h"
#include "push.h"
#include "record_fields.h"
#include "snapshot_handle.h"

#include <string.h>

/* The type of self: upvalue 1. */
static const xt_type *type_of_self(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

const xt_image *xt_check_image(lua_State *L) {
    const xt_type *type = type_of_self(L);
    const void *self = xt_check_self(L, type);
    if (type == &xt_snapshot_type) {
        return xt_snapshot_image(((const xt_snapshot_handle *)self)->snapshot);
    }
    return xt_tracker_image(xt_open_tracker(L, self));
}

bool xl_has_time(const xt_image *image, uint64_t count, uint64_t latest_us) {
    return count > 0 && (latest_us > 0 || xt_image_undated(image) == 0);
}

uint32_t xt_tool_argument(lua_State *L, int number) {
    xt_text name = xt_text_argument(L, xt_argument_at(number));
    if (type_of_self(L) == &xt_snapshot_type) {
        return xt_find_tool(L, name);
    }
    const xt_tracker_handle *handle = lua_touserdata(L, 1);
    return xt_tracker_tool_id(handle->tracker, name);
}

/***
@submodule Tracker
*/

/* What a tool, or all of them, add up to in each measure. */
typedef struct measured {
    xl_measures measures;
    xt_measure_stats stats[XT_MAX_MEASURES];
} measured;

static void read_measured(const xt_image *image, uint32_t tool_id, measured *all) {
    xl_copy_measures(image, &all->measures);
    for (uint32_t i = 0; i < all->measures.count; i++) {
        xt_image_tool_measure(image, tool_id, i, &all->stats[i]);
    }
}

/***
The statistics of the lifetime, which is all executions since the last `clear`. O(1).

In all: `total_executions` of every status, `successful`, `failed`, `timed_out`,
`cancelled`, `cached_hits`; `untimed`, those whose duration isn't known, and `elapsed`, those
of which it is the time from request to result; `total_duration_ms` of all others, which were
measured, and `elapsed_ms` of the elapsed ones; `overflowed`, the executions recorded or
started under `(other)`; `error_types_overflowed`, those recorded with that error type;
`in_flight`, those started and not finished; and `window`.

Of one tool: the same counts and totals; of those that were measured, `avg_duration_ms`,
`min_duration_ms`, `max_duration_ms`, and estimates of the quantiles `p50_duration_ms`,
`p90_duration_ms`, `p95_duration_ms`, `p99_duration_ms`, all absent without any;
`last_timestamp`, when one last ended, absent if all are undated; `failure_streak`, the
failures and time-outs since the last success; `in_flight`; and `window`.

`window` has the same counts, totals and average over the records that are retained.

With measures, `measures` has a table for each by its name: `sum`, `count`, the executions
that have a value, and `max`, absent without any; in `window` the `sum` alone. They are in
the measure's unit.

An estimate errs by at most 1.1 % while the durations of the tool span less than a factor
of 64,000, by 2.2 % up to 4 * 10^9, and by 4.4 % beyond.
@function stats
@tparam[opt] string tool
@treturn ?table nil if the tool was never recorded, started or denied
*/
static int read_stats(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    measured all;
    if (lua_isnoneornil(L, 2)) {
        xt_stats stats = xt_image_stats(image);
        read_measured(image, XT_ALL_TOOLS, &all);
        xt_push_stats(L, &stats);
        xl_set_measure_stats(L, &all.measures, all.stats);
        return 1;
    }
    xt_tool_stats stats;
    double quantiles_us[XT_STATS_QUANTILES];
    uint32_t id = xt_tool_argument(L, 2);
    if (!xt_image_tool_stats(image, id, &stats)) {
        lua_pushnil(L);
        return 1;
    }
    bool is_measured = xt_image_tool_quantiles(image, id, XT_STATS_QUANTILES,
                                               xt_stats_quantiles, quantiles_us);
    bool has_end = xl_has_time(image, stats.lifetime.executions, stats.last_end_us);
    read_measured(image, id, &all);
    xt_push_tool_stats(L, &stats, has_end, is_measured ? quantiles_us : NULL);
    xl_set_measure_stats(L, &all.measures, all.stats);
    return 1;
}

/* The outcome that the argument names; all for nil. */
static xt_outcome_kind outcome_argument(lua_State *L, int number) {
    static const char *const words[] = {
        [XT_OUTCOME_SUCCESS] = "success", [XT_OUTCOME_OTHER] = "other"};
    if (lua_isnoneornil(L, number)) {
        return XT_OUTCOME_ALL;
    }
    xt_text word = xt_text_argument(L, xt_argument_at(number));
    size_t outcome = xt_find_word(word, XT_OUTCOME_ALL, words);
    if (outcome == XT_OUTCOME_ALL) {
        const char *problem =
            lua_pushfstring(L, "unknown outcome %s", xt_quote(L, number));
        xt_unknown_word_error(L, number, problem, XT_OUTCOME_ALL, words);
    }
    return (xt_outcome_kind)outcome;
}

/***
The durations of a tool's lifetime, as OpenTelemetry's exponential histogram has them: of what
succeeded, of all else, or of both. O(1).

A table with `scale`, from 6, the finest, to 3; `zero_count`, how many durations are 0;
`bucket_counts`, an array, of which element *i* counts the durations of more than
base^(`offset` + *i* - 1) and up to base^(`offset` + *i*) seconds, base being 2^(2^-`scale`);
and `offset`. Counts stop at 2^32 - 1. Without executions there are no buckets.
@function histogram
@tparam string tool
@tparam[opt] string outcome `"success"`, or `"other"` for what failed, timed out or was
cancelled; all
@treturn ?table nil if the tool was never recorded, started or denied
*/
static int read_histogram(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    uint32_t id = xt_tool_argument(L, 2);
    xt_outcome_kind outcome = outcome_argument(L, 3);
    xt_tool_histogram histogram;
    if (xt_image_tool_histogram(image, id, outcome, &histogram)) {
        xt_push_histogram(L, &histogram);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/* An execution with names of its own, for tables whose making may run a finalizer. */
typedef struct copied_execution {
    xt_execution execution;
    char tool[XT_NAME_BYTES];
    char error_type[XT_NAME_BYTES];
    char session[XT_SESSION_NAME_BYTES];
    uint64_t values[XT_MAX_MEASURES];
} copied_execution;

xt_text xt_copy_text(char bytes[], xt_text text) {
    if (text.length > 0) {
        memcpy(bytes, text.bytes, text.length);
    }
    return (xt_text){bytes, text.length};
}

xt_session xl_copy_session(char bytes[], const xt_image *image, uint32_t hash) {
    return (xt_session){hash, xt_copy_text(bytes, xt_image_session_name(image, hash))};
}

static bool copy_execution(const xt_image *image, uint64_t sequence,
                           copied_execution *copied) {
    xt_execution *execution = &copied->execution;
    if (!xt_image_execution(image, sequence, execution)) {
        return false;
    }
    execution->tool = xt_copy_text(copied->tool, execution->tool);
    execution->outcome.error_type =
        xt_copy_text(copied->error_type, execution->outcome.error_type);
    execution->session = xl_copy_session(copied->session, image, execution->session.hash);
    if (execution->outcome.measures != NULL) {
        memcpy(copied->values, execution->outcome.measures,
               image->measures.count * sizeof copied->values[0]);
        execution->outcome.measures = copied->values;
    }
    return true;
}

/*
 * The numbers of the newest `*count` executions of self, which is to become how many there
 * are, in a userdata that is pushed; null if each is the one before, less 1. [-0, +1]
 */
static const uint64_t *push_newest(lua_State *L, size_t *count) {
    if (xt_image_is_in_order(xt_check_image(L))) {
        lua_pushnil(L);
        return NULL;
    }
    uint64_t *sequences = lua_newuserdatauv(L, *count * sizeof *sequences, 0);
    /* The finalizers that ran may have recorded, and cleared. */
    *count = xt_image_newest(xt_check_image(L), *count, sequences);
    return sequences;
}

/***
The most recent executions that are retained, newest first: the one that ended last, and
of those that ended together the one recorded last, is the newest. O(n); after executions
were recorded that hadn't ended in this order, O(records * log n), with 8 bytes for each of
n.

A record is a table with `tool`, `tool_id`, `status`, `duration_ms` (nil for an untimed one),
`timing` (`"elapsed"`, `"untimed"`, or nil for one that was measured), `was_cached`,
`error_type` (nil for none), `args_hash` (0 for none), `result_hash` and `session` (nil for
none), `depth` and `timestamp`, when it ended (false for an undated one).
@function recent_executions
@tparam integer n how many, from 0; it may exceed the history
@treturn {table,...}
*/
static int read_recent_executions(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    size_t n = xt_count_argument(L, xt_argument_at(2));
    size_t retained = xt_image_record_count(image);
    size_t count = n < retained ? n : retained;
    lua_Integer stored = 0;
    xl_measures measures;
    xl_copy_measures(image, &measures);
    /* By number: what is recorded meanwhile, by a finalizer, changes no number. */
    const uint64_t *sequences = push_newest(L, &count);
    uint64_t latest = xt_image_recorded(xt_check_image(L));
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        copied_execution copied;
        image = xt_check_image(L); /* a finalizer may have closed it */
        if (copy_execution(image, sequences != NULL ? sequences[i] : latest - i,
                           &copied)) {
            xt_push_execution(L, &measures, &copied.execution);
            lua_rawseti(L, -2, ++stored);
        }
    }
    return 1;
}

/***
The mean duration of a tool's retained records that were measured, of every status and cached
ones too. O(1).
@function avg_duration_for_tool
@tparam string tool
@treturn ?number milliseconds, a float; nil for a tool of which none was measured
*/
static int read_avg_duration_for_tool(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    double average_us;
    if (xt_image_average_duration(image, xt_tool_argument(L, 2), &average_us)) {
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
static int read_get_tool_name(lua_State *L) {
    const xt_image *image = xt_check_image(L);
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
static int read_tools(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    uint32_t count = xt_image_tool_count(image);
    lua_createtable(L, (int)count, 0);
    for (uint32_t id = 1; id <= count; id++) {
        image = xt_check_image(L);
        xt_push_text(L, xt_image_tool_name(image, id));
        lua_rawseti(L, -2, id);
    }
    return 1;
}

/***
What is in flight now, in the order of the starts. O(what is listed).

Each is a table with `tool`, `tool_id`, `started`, the Unix seconds of its start,
`elapsed_ms` since then, `args_hash`, `session` (nil for none) and `depth`. Up to
`max_in_flight` are listed; `stats(tool).in_flight` counts all.
@function in_flight
@treturn {table,...}
*/
static int read_in_flight(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    if (type_of_self(L) == &xt_tracker_type) {
        xt_tracker_now_us(xt_read_clock_of_self(L, lua_touserdata(L, 1)));
        image = xt_check_image(L);
    }
    uint64_t now_us = xt_image_now_us(image);
    size_t capacity = xt_image_in_flight(image, 0, NULL);
    xt_running *running = lua_newuserdatauv(L, capacity * sizeof *running, 0);
    size_t listed = xt_image_in_flight(xt_check_image(L), capacity, running);
    size_t count = listed < capacity ? listed : capacity;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        char tool[XT_NAME_BYTES];
        char session[XT_SESSION_NAME_BYTES];
        image = xt_check_image(L);
        running[i].tool =
            xt_copy_text(tool, xt_image_tool_name(image, running[i].tool_id));
        running[i].session = xl_copy_session(session, image, running[i].session.hash);
        xt_push_running(L, &running[i], now_us);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* Pushes `text`, or nil if it is empty. */
static void push_kept_text(lua_State *L, xt_text text) {
    if (text.length > 0) {
        xt_push_text(L, text);
    } else {
        lua_pushnil(L);
    }
}

/***
What the arguments of a fingerprint were, as `describe` writes them, up to 120 bytes. O(1).
@function args_text
@tparam integer args_hash 0 to 2^32 - 1
@treturn ?string nil if it isn't kept
*/
static int read_args_text(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    lua_Integer args_hash = xt_integer_argument(L, xt_argument_at(2), 0, UINT32_MAX);
    push_kept_text(L, args_hash == 0 ? (xt_text){NULL, 0}
                                     : xt_image_args_text(image, (uint32_t)args_hash));
    return 1;
}

/* The identifier of an error type, 0 for none; past the last if there is no such. */
static uint32_t find_error_type(const xt_image *image, xt_text name) {
    uint32_t count = xt_image_error_type_count(image);
    uint32_t id = name.length == 0 ? 0 : 1;
    while (id >= 1 && id <= count &&
           !xt_text_equals(xt_image_error_type(image, id), name)) {
        id++;
    }
    return id;
}

/***
What the latest error of a tool and an error type said, up to 120 bytes. O(error types).
@function error_text
@tparam string tool
@tparam[opt] string error_type that of errors without one
@treturn ?string nil if it isn't kept
*/
static int read_error_text(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    uint32_t tool_id = xt_tool_argument(L, 2);
    uint32_t error_type_id =
        find_error_type(image, xt_optional_text_argument(L, xt_argument_at(3)));
    bool is_known = tool_id != 0 && error_type_id <= xt_image_error_type_count(image);
    push_kept_text(L, is_known ? xt_image_error_text(image, tool_id, error_type_id)
                               : (xt_text){NULL, 0});
    return 1;
}

/***
The name by which the run knows a session, as its records show it: the name that it has kept,
or `#` and eight hexadecimal digits. O(length); of a snapshot, O(log of the names) more.
@function session_name
@tparam string session a name, or `#` and eight hexadecimal digits
@treturn string
*/
static int read_session_name(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    xt_session session = xt_session_of(xt_text_argument(L, xt_argument_at(2)));
    xt_push_session(L, xt_image_session(image, session.hash));
    return 1;
}

/***
The label that the run was given. O(1).
@function label
@treturn string empty for none
*/
static int read_label(lua_State *L) {
    xt_push_text(L, xt_image_label(xt_check_image(L)));
    return 1;
}

/***
The measures that executions may have, in the order of the option of `new`; of merged runs in
the order of the bytes of their names. O(1).
@function measures
@treturn {table,...} each with `name`, `unit`, empty for none, and `scale`, how much of the
  unit is told apart
*/
static int read_measures(lua_State *L) {
    xl_measures measures;
    xl_copy_measures(xt_check_image(L), &measures);
    xl_push_measures(L, &measures);
    return 1;
}

/***
What names the tracker among all others, a UUID: a random one, unless `new` was given one.
Of merged runs it is the sum of theirs, modulo 2^128. O(1).
@function instance_id
@treturn string 36 characters, in lower case
*/
static int read_instance_id(lua_State *L) {
    uint8_t instance[XT_INSTANCE_BYTES];
    xt_image_instance(xt_check_image(L), instance);
    xt_push_instance_id(L, instance);
    return 1;
}

/***
When the counting of the lifetime began: when the tracker was made, or the latest reading of
its clock when it was last cleared, which doesn't read it. Of merged runs the earliest. O(1).
@function cleared
@treturn number Unix seconds
*/
static int read_cleared(lua_State *L) {
    xt_push_time(L, xt_image_cleared_us(xt_check_image(L)));
    return 1;
}

/***
`#tracker` is the number of records that are retained. O(1).
@function __len
@treturn integer
*/
int xt_lua_len(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)xt_image_record_count(xt_check_image(L)));
    return 1;
}

const luaL_Reg xt_read_methods[] = {
    {"stats", read_stats},
    {"histogram", read_histogram},
    {"recent_executions", read_recent_executions},
    {"avg_duration_for_tool", read_avg_duration_for_tool},
    {"get_tool_name", read_get_tool_name},
    {"tools", read_tools},
    {"in_flight", read_in_flight},
    {"args_text", read_args_text},
    {"error_text", read_error_text},
    {"session_name", read_session_name},
    {"label", read_label},
    {"measures", read_measures},
    {"instance_id", read_instance_id},
    {"cleared", read_cleared},
    {NULL, NULL},
};
