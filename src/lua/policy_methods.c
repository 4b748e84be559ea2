/***
@submodule Tracker
*/
#include "arguments.h"
#include "exectrack_policy.h"
#include "push.h"
#include "read_methods.h"

/* The identifier of the tool that argument `number` names; all tools for nil. */
static uint32_t optional_tool_argument(lua_State *L, int number) {
    return lua_isnoneornil(L, number) ? XT_ALL_TOOLS : xt_tool_argument(L, number);
}

/* The counts of a tool, which are 0 if there is no such tool, or of all. */
static xt_counts counts_of(const xt_image *image, uint32_t tool_id) {
    xt_tool_stats stats = {0};
    if (tool_id == XT_ALL_TOOLS) {
        return xt_image_stats(image).lifetime;
    }
    xt_image_tool_stats(image, tool_id, &stats);
    return stats.lifetime;
}

/* How many of the executions failed or timed out, at most XT_MAX_COUNT. */
static uint64_t failures_of(const xt_counts *counts) {
    uint64_t failures = counts->failed + counts->timed_out; /* each is at most that */
    return failures < XT_MAX_COUNT ? failures : XT_MAX_COUNT;
}

/***
How much was done since the last `clear`, of a tool or of all. O(1).
@function totals
@tparam[opt] string tool
@treturn integer executions, of every status
@treturn number milliseconds that those took that were measured
@treturn integer those of them that failed or timed out
*/
static int policy_totals(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    xt_counts counts = counts_of(image, optional_tool_argument(L, 2));
    lua_pushinteger(L, (lua_Integer)counts.executions);
    xt_push_duration(L, counts.total_duration_us);
    lua_pushinteger(L, (lua_Integer)failures_of(&counts));
    return 3;
}

/***
How often a tool failed or timed out since its last success; cancelled executions neither
count nor end the streak. O(1).
@function failure_streak
@tparam string tool
@treturn integer failures and time-outs in a row
@treturn integer its rounds: the first of them, those that began after the previous one ended,
  and all that are undated; concurrent failures are one round
@treturn ?number Unix seconds at which the tool's latest failure ended; nil for none since
  the last `clear` whose time is known
*/
static int policy_failure_streak(lua_State *L) {
    xt_tool_stats stats = {0};
    const xt_image *image = xt_check_image(L);
    xt_image_tool_stats(image, xt_tool_argument(L, 2), &stats);
    lua_pushinteger(L, stats.failure_streak);
    lua_pushinteger(L, stats.failure_rounds);
    if (xl_has_time(image, failures_of(&stats.lifetime), stats.last_failure_us)) {
        xt_push_time(L, stats.last_failure_us);
    } else {
        lua_pushnil(L);
    }
    return 3;
}

/***
The share of a tool's retained executions that failed or timed out, without those that
were cancelled. O(1).
@function error_rate
@tparam string tool
@treturn ?number 0 to 1; nil without executions
@treturn integer how many executions that is of
*/
static int policy_error_rate(lua_State *L) {
    xt_tool_stats stats = {0};
    const xt_image *image = xt_check_image(L);
    xt_image_tool_stats(image, xt_tool_argument(L, 2), &stats);
    uint64_t count = stats.window.executions - stats.window.cancelled;
    if (count > 0) {
        lua_pushnumber(L, (double)failures_of(&stats.window) / (double)count);
    } else {
        lua_pushnil(L);
    }
    lua_pushinteger(L, (lua_Integer)count);
    return 2;
}

/***
How often a tool was executed with the same arguments in the same session among the records
of the session that were recorded last, and is in flight so, as far as that is listed. They
are looked for among the newest 2,000 records, or `records` if that is more. O(that, and what
is listed).
@function repeats
@tparam string tool
@tparam integer args_hash the fingerprint of the arguments
@tparam integer records how many records of the session to look at, from 0
@tparam[opt] string session its name, or `#` and eight hexadecimal digits; nil for what
  belongs to none
@treturn integer
*/
static int policy_repeats(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    uint32_t id = xt_tool_argument(L, 2);
    uint32_t args_hash =
        (uint32_t)xt_integer_argument(L, xt_argument_at(3), 0, UINT32_MAX);
    size_t records = xt_count_argument(L, xt_argument_at(4));
    uint32_t session = lua_isnoneornil(L, 5)
                           ? 0
                           : xt_session_of(xt_text_argument(L, xt_argument_at(5))).hash;
    lua_pushinteger(
        L, (lua_Integer)xt_image_repeats(image, id, args_hash, records, session));
    return 1;
}

/*
 * Unix seconds as microseconds, to the nearest. A time before 1970 is before all starts.
 */
static int64_t after_argument(lua_State *L, int number) {
    if (lua_type(L, number) == LUA_TNUMBER && lua_tonumber(L, number) < 0) {
        return -1;
    }
    uint64_t us = xt_time_argument(L, xt_argument_at(number));
    return (int64_t)us; /* at most XT_MAX_SECONDS */
}

/***
How many executions started after a time, of those that are retained and have a time or are in
flight. O(what
ended after it, and what is in flight); with `n` and as many, at most 10 times that.
@function starts_after
@tparam number time Unix seconds; those that started at this time don't count
@tparam[opt] string tool
@tparam[opt] integer n
@treturn integer
@treturn ?number with `n`, the Unix seconds at which the nth newest of them started; nil
  if they are fewer
*/
static int policy_starts_after(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    int64_t after_us = after_argument(L, 2);
    uint32_t id = optional_tool_argument(L, 3);
    uint64_t count = xt_image_starts(image, id, after_us);
    uint64_t start_us;
    if (lua_isnoneornil(L, 4)) {
        lua_pushinteger(L, (lua_Integer)count);
        return 1;
    }
    uint64_t n = (uint64_t)xt_integer_argument(L, xt_argument_at(4), 1, LUA_MAXINTEGER);
    lua_pushinteger(L, (lua_Integer)count);
    if (n <= count && xt_image_nth_start(image, id, after_us, n, &start_us)) {
        xt_push_time(L, start_us);
    } else {
        lua_pushnil(L);
    }
    return 2;
}

/***
How many executions of a tool, or of all, are in flight. O(1); with `since`, O(what is
listed).
@function in_flight_count
@tparam[opt] string tool
@tparam[opt] number since Unix seconds: only those that started then or later, and those
  that `max_in_flight` left no room for in the list, of which that isn't known
@treturn integer
*/
static int policy_in_flight_count(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    uint32_t id = optional_tool_argument(L, 2);
    uint64_t since_us =
        lua_isnoneornil(L, 3) ? 0 : xt_time_argument(L, xt_argument_at(3));
    lua_pushinteger(L, xt_image_running(image, id, since_us));
    return 1;
}

/***
A quantile of a tool's recent durations, by nearest rank: of its newest 200 executions
among the newest 2,000 records, without those that were cancelled, that a cache answered or
that weren't measured; one that timed out counts with the time that it took. O(1): it
looks at 2,000 records at most.
@function recent_quantile
@tparam string tool
@tparam number quantile 0 to 1
@treturn ?number milliseconds; nil without executions
@treturn integer how many executions that is of
*/
static int policy_recent_quantile(lua_State *L) {
    const xt_image *image = xt_check_image(L);
    uint32_t id = xt_tool_argument(L, 2);
    uint64_t value_us = 0;
    luaL_checktype(L, 3, LUA_TNUMBER);
    double quantile = lua_tonumber(L, 3);
    luaL_argcheck(L, quantile >= 0 && quantile <= 1, 3, "a number from 0 to 1 expected");
    size_t count = xt_image_recent_quantile(image, id, quantile, &value_us);
    if (count > 0) {
        xt_push_duration(L, value_us);
    } else {
        lua_pushnil(L);
    }
    lua_pushinteger(L, (lua_Integer)count);
    return 2;
}

/***
The most records that are retained. O(1).
@function max_history
@treturn integer
*/
static int policy_max_history(lua_State *L) {
    lua_pushinteger(L, (lua_Integer)xt_image_max_history(xt_check_image(L)));
    return 1;
}

/* Pushes a row of `denials`. */
static void push_denied(lua_State *L, const xt_denied *denied) {
    char tool[XT_NAME_BYTES];
    char reason[XT_NAME_BYTES];
    xt_text copied_tool = xt_copy_text(tool, denied->tool);
    xt_text copied_reason = xt_copy_text(reason, denied->reason);
    lua_createtable(L, 0, 5);
    xt_set_text(L, "tool", copied_tool);
    xt_set_integer(L, "tool_id", denied->tool_id);
    xt_set_text(L, "reason", copied_reason);
    xt_set_integer(L, "count", denied->count);
    xt_set_time(L, "last_timestamp", denied->last_us);
}

/***
Calls that a policy denied since the last `clear`, by tool and reason, in the order in
which each first was. O(denials).

Each is a table with `tool`, `tool_id`, `reason`, `count` and `last_timestamp`, the Unix
seconds of the latest.
@function denials
@treturn {table,...}
@treturn integer how many more were denied, when 256 pairs of tool and reason left no room
*/
static int policy_denials(lua_State *L) {
    xt_denied denials[XT_MAX_DENIALS];
    size_t count = xt_image_denials(xt_check_image(L), XT_MAX_DENIALS, denials);
    uint64_t overflowed = xt_image_denials_overflowed(xt_check_image(L));
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        /* Names stay where they are, but a finalizer may have closed the tracker. */
        xt_check_image(L);
        push_denied(L, &denials[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)overflowed);
    return 2;
}

/* Pushes a row of `denied`, unless a finalizer has closed the tracker: names of tools and
 * reasons stay where they are. */
static void push_denied_call(lua_State *L, const xt_denied_call *call) {
    char tool[XT_NAME_BYTES];
    char reason[XT_NAME_BYTES];
    char session[XT_SESSION_NAME_BYTES];
    const xt_image *image = xt_check_image(L);
    xt_text copied_tool = xt_copy_text(tool, call->tool);
    xt_text copied_reason = xt_copy_text(reason, call->reason);
    xt_session copied_session = xl_copy_session(session, image, call->session.hash);
    lua_createtable(L, 0, 6);
    xt_set_text(L, "tool", copied_tool);
    xt_set_integer(L, "tool_id", call->tool_id);
    xt_set_integer(L, "args_hash", call->args_hash);
    xt_set_session(L, copied_session);
    xt_set_text(L, "reason", copied_reason);
    xt_set_time(L, "timestamp", call->denied_us);
}

/***
The newest calls that a policy denied since the last `clear`, up to 256: the one denied last
first; in merged runs the one of the latest time. O(calls).

Each is a table with `tool`, `tool_id`, `args_hash` (0 for none), `session` (nil for none),
`reason` and `timestamp`, the Unix seconds at which it was denied.
@function denied
@treturn {table,...}
*/
static int policy_denied(lua_State *L) {
    xt_denied_call calls[XT_MAX_DENIED_CALLS];
    size_t count = xt_image_denied_calls(xt_check_image(L), XT_MAX_DENIED_CALLS, calls);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_denied_call(L, &calls[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

const luaL_Reg xt_policy_methods[] = {
    {"totals", policy_totals},
    {"failure_streak", policy_failure_streak},
    {"error_rate", policy_error_rate},
    {"repeats", policy_repeats},
    {"starts_after", policy_starts_after},
    {"in_flight_count", policy_in_flight_count},
    {"recent_quantile", policy_recent_quantile},
    {"max_history", policy_max_history},
    {"denials", policy_denials},
    {"denied", policy_denied},
    {NULL, NULL},
};
