#include "push.h"

void xt_push_text(lua_State *L, xt_text text) {
    lua_pushlstring(L, text.length > 0 ? text.bytes : "", text.length);
}

void xt_push_duration(lua_State *L, uint64_t duration_us) {
    if (duration_us % 1000 == 0) {
        lua_pushinteger(L, (lua_Integer)(duration_us / 1000));
    } else {
        lua_pushnumber(L, (double)duration_us / 1000);
    }
}

void xt_push_time(lua_State *L, uint64_t time_us) {
    lua_pushnumber(L, (double)time_us / 1e6);
}

void xt_set_integer(lua_State *L, const char *field, uint64_t integer) {
    lua_pushinteger(L, (lua_Integer)integer);
    lua_setfield(L, -2, field);
}

void xt_set_duration(lua_State *L, const char *field, uint64_t duration_us) {
    xt_push_duration(L, duration_us);
    lua_setfield(L, -2, field);
}

void xt_set_time(lua_State *L, const char *field, uint64_t time_us) {
    xt_push_time(L, time_us);
    lua_setfield(L, -2, field);
}

void xt_set_text(lua_State *L, const char *field, xt_text text) {
    xt_push_text(L, text);
    lua_setfield(L, -2, field);
}

void xt_push_session(lua_State *L, xt_session session) {
    char hash[XT_SESSION_HASH_BYTES];
    xt_session_write_hash(session.hash, hash);
    xt_push_text(L,
                 session.name.length > 0 ? session.name : (xt_text){hash, sizeof hash});
}

void xt_set_session(lua_State *L, xt_session session) {
    if (session.hash != 0) {
        xt_push_session(L, session);
        lua_setfield(L, -2, "session");
    }
}

void xt_push_running(lua_State *L, const xt_running *running, uint64_t now_us) {
    uint64_t elapsed_us = now_us > running->start_us ? now_us - running->start_us : 0;
    lua_createtable(L, 0, 7);
    xt_set_text(L, "tool", running->tool);
    xt_set_integer(L, "tool_id", running->tool_id);
    xt_set_time(L, "started", running->start_us);
    xt_set_duration(L, "elapsed_ms", elapsed_us);
    xt_set_integer(L, "args_hash", running->args_hash);
    xt_set_session(L, running->session);
    xt_set_integer(L, "depth", running->depth);
}

void xt_set_counts(lua_State *L, const xt_counts *counts) {
    xt_set_integer(L, "successful", counts->successful);
    xt_set_integer(L, "failed", counts->failed);
    xt_set_integer(L, "timed_out", counts->timed_out);
    xt_set_integer(L, "cancelled", counts->cancelled);
    xt_set_integer(L, "cached_hits", counts->cached_hits);
    xt_set_integer(L, "untimed", counts->untimed);
    xt_set_integer(L, "elapsed", counts->elapsed);
    xt_set_duration(L, "total_duration_ms", counts->total_duration_us);
    xt_set_duration(L, "elapsed_ms", counts->elapsed_duration_us);
}

static void set_all_counts(lua_State *L, const xt_counts *counts) {
    xt_set_integer(L, "total_executions", counts->executions);
    xt_set_counts(L, counts);
}

void xl_set_average(lua_State *L, const xt_counts *counts) {
    uint64_t measured = xt_counts_measured(counts);
    if (measured > 0) {
        double average_us = (double)counts->total_duration_us / (double)measured;
        lua_pushnumber(L, average_us / 1000);
        lua_setfield(L, -2, "avg_duration_ms");
    }
}

static void set_window(lua_State *L, const xt_counts *window) {
    lua_createtable(L, 0, 11);
    set_all_counts(L, window);
    xl_set_average(L, window);
    lua_setfield(L, -2, "window");
}

void xt_push_stats(lua_State *L, const xt_stats *stats) {
    lua_createtable(L, 0, 14);
    set_all_counts(L, &stats->lifetime);
    xt_set_integer(L, "overflowed", stats->overflowed);
    xt_set_integer(L, "error_types_overflowed", stats->error_types_overflowed);
    xt_set_integer(L, "in_flight", stats->in_flight);
    set_window(L, &stats->window);
}

void xt_push_histogram(lua_State *L, const xt_tool_histogram *histogram) {
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, histogram->scale);
    lua_setfield(L, -2, "scale");
    xt_set_integer(L, "zero_count", histogram->zero_count);
    lua_pushinteger(L, histogram->offset);
    lua_setfield(L, -2, "offset");
    lua_createtable(L, (int)histogram->bucket_count, 0);
    for (uint32_t i = 0; i < histogram->bucket_count; i++) {
        lua_pushinteger(L, histogram->counts[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "bucket_counts");
}

const double xt_stats_quantiles[XT_STATS_QUANTILES] = {0.5, 0.9, 0.95, 0.99};

void xt_push_tool_stats(lua_State *L, const xt_tool_stats *stats, bool has_end,
                        const double quantiles_us[]) {
    static const char *const names[XT_STATS_QUANTILES] = {
        "p50_duration_ms", "p90_duration_ms", "p95_duration_ms", "p99_duration_ms"};
    lua_createtable(L, 0, 21);
    set_all_counts(L, &stats->lifetime);
    xl_set_average(L, &stats->lifetime);
    if (quantiles_us != NULL) {
        xt_set_duration(L, "min_duration_ms", stats->min_duration_us);
        xt_set_duration(L, "max_duration_ms", stats->max_duration_us);
        for (int i = 0; i < XT_STATS_QUANTILES; i++) {
            lua_pushnumber(L, quantiles_us[i] / 1000);
            lua_setfield(L, -2, names[i]);
        }
    }
    if (has_end) {
        xt_set_time(L, "last_timestamp", stats->last_end_us);
    }
    xt_set_integer(L, "failure_streak", stats->failure_streak);
    xt_set_integer(L, "in_flight", stats->in_flight);
    set_window(L, &stats->window);
}
