/* The methods of Tracker and Snapshot with which policies decide. */
#include "arguments.h"
#include "binding.h"
#include "exectrack_policy.h"
#include "measures.h"
#include "push.h"
#include "recent.h"

/* The identifier of the tool that argument `number` names; XT_ALL_TOOLS for nil. */
static uint32_t optional_tool_argument(lua_State *L, int number) {
    return lua_isnoneornil(L, number) ? XT_ALL_TOOLS : xl_tool_argument(L, number);
}

/* The counts of a tool, 0 if there is no such tool; or of all tools. */
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
    /* Can't overflow: each is at most XT_MAX_COUNT, 2^63 - 1. */
    uint64_t failures = counts->failed + counts->timed_out;
    return failures < XT_MAX_COUNT ? failures : XT_MAX_COUNT;
}

/* run:totals([tool]) */
static int policy_totals(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    xt_counts counts = counts_of(image, optional_tool_argument(L, 2));
    lua_pushinteger(L, (int64_t)counts.executions);
    xl_push_duration(L, counts.total_duration_us);
    lua_pushinteger(L, (int64_t)failures_of(&counts));
    return 3;
}

/* run:measure_total(measure [, tool]) */
static int policy_measure_total(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    xl_measures measures;
    xt_measure_stats stats = {0};
    xt_text name = xl_text_argument(L, xl_argument_at(2));
    uint32_t id = optional_tool_argument(L, 3);
    xl_copy_measures(image, &measures);
    uint32_t index = xl_find_measure(&measures, name);
    if (index == measures.count) {
        lua_pushnil(L);
        lua_pushinteger(L, 0);
        return 2;
    }
    xt_image_tool_measure(image, id, index, &stats); /* an unknown tool leaves zeros */
    xl_push_measure(L, &measures.entries[index], stats.sum);
    lua_pushinteger(L, (int64_t)stats.count);
    return 2;
}

/* run:failure_streak(tool) */
static int policy_failure_streak(lua_State *L) {
    xt_tool_stats stats = {0};
    const xt_image *image = xl_check_image(L);
    xt_image_tool_stats(image, xl_tool_argument(L, 2), &stats);
    lua_pushinteger(L, stats.failure_streak);
    lua_pushinteger(L, stats.failure_rounds);
    if (stats.last_failure_us > 0 || xl_has_time(image, stats.failure_streak, 0)) {
        xl_push_time(L, stats.last_failure_us);
    } else {
        lua_pushnil(L);
    }
    return 3;
}

/* run:error_rate(tool) */
static int policy_error_rate(lua_State *L) {
    xt_tool_stats stats = {0};
    const xt_image *image = xl_check_image(L);
    xt_image_tool_stats(image, xl_tool_argument(L, 2), &stats);
    uint64_t count = stats.window.executions - stats.window.cancelled;
    if (count > 0) {
        lua_pushnumber(L, (double)failures_of(&stats.window) / (double)count);
    } else {
        lua_pushnil(L);
    }
    lua_pushinteger(L, (int64_t)count);
    return 2;
}

/* run:repeats(tool, args_hash, records [, session]) */
static int policy_repeats(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    uint32_t id = xl_tool_argument(L, 2);
    uint32_t args_hash =
        (uint32_t)xl_integer_argument(L, xl_argument_at(3), 0, UINT32_MAX);
    size_t records = xl_count_argument(L, xl_argument_at(4));
    uint32_t session = xl_optional_session_argument(L, 5);
    lua_pushinteger(L, (int64_t)xt_image_repeats(image, id, args_hash, records, session));
    return 1;
}

/* run:loop(tool, args_hash, records [, session [, ignore_results [, searched]]]) */
static int policy_loop(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    const xt_loop_call call = {
        .tool_id = xl_tool_argument(L, 2),
        .args_hash = (uint32_t)xl_integer_argument(L, xl_argument_at(3), 0, UINT32_MAX),
        .records = xl_count_argument(L, xl_argument_at(4)),
        .session = xl_optional_session_argument(L, 5),
        .ignores_results =
            !lua_isnoneornil(L, 6) && xl_boolean_argument(L, xl_argument_at(6)),
        .searched = lua_isnoneornil(L, 7) ? 0 : xl_count_argument(L, xl_argument_at(7)),
    };
    xt_loop found = xt_image_loop(image, &call);
    lua_pushinteger(L, (int64_t)found.repeats);
    lua_pushinteger(L, (int64_t)found.denied);
    lua_pushinteger(L, (int64_t)found.rounds);
    lua_pushinteger(L, (int64_t)found.cycle_calls);
    lua_pushinteger(L, (int64_t)found.failures);
    return 5;
}

/* Unix seconds as microseconds, rounded to the nearest; -1 for a time before 1970, when
 * nothing had started. */
static int64_t after_argument(lua_State *L, int number) {
    if (lua_type(L, number) == LUA_TNUMBER && lua_tonumber(L, number) < 0) {
        return -1;
    }
    uint64_t us = xl_time_argument(L, xl_argument_at(number));
    return (int64_t)us; /* at most XT_MAX_SECONDS */
}

/* run:starts_after(time [, tool [, n]]) */
static int policy_starts_after(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    int64_t after_us = after_argument(L, 2);
    uint32_t id = optional_tool_argument(L, 3);
    if (lua_isnoneornil(L, 4)) {
        lua_pushinteger(L, (int64_t)xt_image_starts(image, id, after_us));
        return 1;
    }
    uint64_t n = (uint64_t)xl_integer_argument(L, xl_argument_at(4), 1, INT64_MAX);
    xt_nth_start nth = xt_image_starts_and_nth(image, id, after_us, n);
    lua_pushinteger(L, (int64_t)nth.count);
    if (nth.count >= n) {
        xl_push_time(L, nth.start_us);
    } else {
        lua_pushnil(L);
    }
    return 2;
}

/* run:in_flight_count([tool [, since]]) */
static int policy_in_flight_count(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    uint32_t id = optional_tool_argument(L, 2);
    uint64_t since_us =
        lua_isnoneornil(L, 3) ? 0 : xl_time_argument(L, xl_argument_at(3));
    lua_pushinteger(L, xt_image_running(image, id, since_us));
    return 1;
}

/* run:recent_quantile(tool, quantile) */
static int policy_recent_quantile(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    uint32_t id = xl_tool_argument(L, 2);
    uint64_t value_us = 0;
    luaL_checktype(L, 3, LUA_TNUMBER);
    double quantile = lua_tonumber(L, 3);
    luaL_argcheck(L, quantile >= 0 && quantile <= 1, 3, "a number from 0 to 1 expected");
    size_t count = xt_image_recent_quantile(image, id, quantile, &value_us);
    if (count > 0) {
        xl_push_duration(L, value_us);
    } else {
        lua_pushnil(L);
    }
    lua_pushinteger(L, (int64_t)count);
    return 2;
}

/* run:max_history() */
static int policy_max_history(lua_State *L) {
    lua_pushinteger(L, (int64_t)xt_image_max_history(xl_check_image(L)));
    return 1;
}

/* Pushes one element of `run:denials()`. */
static void push_denied(lua_State *L, const xt_denied *denied) {
    char tool[XT_NAME_BYTES];
    char reason[XT_NAME_BYTES];
    xt_text copied_tool = xl_copy_text(tool, denied->tool);
    xt_text copied_reason = xl_copy_text(reason, denied->reason);
    lua_createtable(L, 0, 5);
    xl_set_text(L, "tool", copied_tool);
    xl_set_integer(L, "tool_id", denied->tool_id);
    xl_set_text(L, "reason", copied_reason);
    xl_set_integer(L, "count", denied->count);
    xl_set_time(L, "last_timestamp", denied->last_us);
}

/* run:denials() */
static int policy_denials(lua_State *L) {
    xt_denied denials[XT_MAX_DENIALS];
    size_t count = xt_image_denials(xl_check_image(L), XT_MAX_DENIALS, denials);
    uint64_t overflowed = xt_image_denials_overflowed(xl_check_image(L));
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xl_check_image(
            L); /* a finalizer may have closed the tracker; names stay in place */
        push_denied(L, &denials[i]);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_pushinteger(L, (int64_t)overflowed);
    return 2;
}

/* Pushes one element of `run:denied()`. Names of tools and reasons stay in place, unless
 * a finalizer has closed the tracker: then it raises. */
static void push_denied_call(lua_State *L, const xt_denied_call *call) {
    char tool[XT_NAME_BYTES];
    char reason[XT_NAME_BYTES];
    char session[XT_SESSION_NAME_BYTES];
    const xt_image *image = xl_check_image(L);
    xt_text copied_tool = xl_copy_text(tool, call->tool);
    xt_text copied_reason = xl_copy_text(reason, call->reason);
    xt_session copied_session = xl_copy_session(session, image, call->session.hash);
    lua_createtable(L, 0, 6);
    xl_set_text(L, "tool", copied_tool);
    xl_set_integer(L, "tool_id", call->tool_id);
    xl_set_integer(L, "args_hash", call->args_hash);
    xl_set_session(L, copied_session);
    xl_set_text(L, "reason", copied_reason);
    xl_set_time(L, "timestamp", call->denied_us);
}

/* run:denied() */
static int policy_denied(lua_State *L) {
    xt_denied_call calls[XT_MAX_DENIED_CALLS];
    size_t count = xt_image_denied_calls(xl_check_image(L), XT_MAX_DENIED_CALLS, calls);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_denied_call(L, &calls[i]);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}

const luaL_Reg xl_policy_methods[] = {
    {"totals", policy_totals},
    {"measure_total", policy_measure_total},
    {"failure_streak", policy_failure_streak},
    {"error_rate", policy_error_rate},
    {"circuit", xl_read_circuit},
    {"repeats", policy_repeats},
    {"loop", policy_loop},
    {"starts_after", policy_starts_after},
    {"in_flight_count", policy_in_flight_count},
    {"recent_quantile", policy_recent_quantile},
    {"max_history", policy_max_history},
    {"denials", policy_denials},
    {"denied", policy_denied},
    {NULL, NULL},
};
