#include "push.h"
#include "errno_name.h"
#include <string.h>

/* Before 5.3, lua_pushlstring may run finalizers before it copies the bytes, and a
 * finalizer may close the tracker that the bytes are in. A tracker's texts aren't longer
 * than this. */
static void push_copy(lua_State *L, xt_text text) {
    char bytes[XT_NAME_BYTES];
    memcpy(bytes, text.bytes, text.length);
    lua_pushlstring(L, bytes, text.length);
}

void xl_push_text(lua_State *L, xt_text text) {
    if (LUA_VERSION_NUM < 503 && text.length > 0 && text.length <= XT_NAME_BYTES) {
        push_copy(L, text);
    } else {
        lua_pushlstring(L, text.length > 0 ? text.bytes : "", text.length);
    }
}

void xl_push_duration(lua_State *L, uint64_t duration_us) {
    if (duration_us % 1000 == 0) {
        lua_pushinteger(L, (int64_t)(duration_us / 1000));
    } else {
        lua_pushnumber(L, (double)duration_us / 1000);
    }
}

void xl_push_time(lua_State *L, uint64_t time_us) {
    lua_pushnumber(L, (double)time_us / 1e6);
}

void xl_set_integer(lua_State *L, const char *field, uint64_t integer) {
    lua_pushinteger(L, (int64_t)integer);
    lua_setfield(L, -2, field);
}

void xl_set_duration(lua_State *L, const char *field, uint64_t duration_us) {
    xl_push_duration(L, duration_us);
    lua_setfield(L, -2, field);
}

void xl_set_time(lua_State *L, const char *field, uint64_t time_us) {
    xl_push_time(L, time_us);
    lua_setfield(L, -2, field);
}

void xl_set_text(lua_State *L, const char *field, xt_text text) {
    xl_push_text(L, text);
    lua_setfield(L, -2, field);
}

void xl_push_session(lua_State *L, xt_session session) {
    char hash[XT_SESSION_HASH_BYTES];
    xt_session_write_hash(session.hash, hash);
    xl_push_text(L,
                 session.name.length > 0 ? session.name : (xt_text){hash, sizeof hash});
}

void xl_set_session(lua_State *L, xt_session session) {
    if (session.hash != 0) {
        xl_push_session(L, session);
        lua_setfield(L, -2, "session");
    }
}

void xl_push_running(lua_State *L, const xt_running *running) {
    uint64_t elapsed_us =
        running->known_us > running->start_us ? running->known_us - running->start_us : 0;
    lua_createtable(L, 0, 7);
    xl_set_text(L, "tool", running->tool);
    xl_set_integer(L, "tool_id", running->tool_id);
    xl_set_time(L, "started", running->start_us);
    xl_set_duration(L, "elapsed_ms", elapsed_us);
    xl_set_integer(L, "args_hash", running->args_hash);
    xl_set_session(L, running->session);
    xl_set_integer(L, "depth", running->depth);
}

void xl_set_counts(lua_State *L, const xt_counts *counts) {
    xl_set_integer(L, "successful", counts->successful);
    xl_set_integer(L, "failed", counts->failed);
    xl_set_integer(L, "timed_out", counts->timed_out);
    xl_set_integer(L, "cancelled", counts->cancelled);
    xl_set_integer(L, "cached_hits", counts->cached_hits);
    xl_set_integer(L, "untimed", counts->untimed);
    xl_set_integer(L, "elapsed", counts->elapsed);
    xl_set_duration(L, "total_duration_ms", counts->total_duration_us);
    xl_set_duration(L, "elapsed_ms", counts->elapsed_duration_us);
}

static void set_all_counts(lua_State *L, const xt_counts *counts) {
    xl_set_integer(L, "total_executions", counts->executions);
    xl_set_counts(L, counts);
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

void xl_push_stats(lua_State *L, const xt_stats *stats) {
    lua_createtable(L, 0, 14);
    set_all_counts(L, &stats->lifetime);
    xl_set_integer(L, "overflowed", stats->overflowed);
    xl_set_integer(L, "error_types_overflowed", stats->error_types_overflowed);
    xl_set_integer(L, "in_flight", stats->in_flight);
    set_window(L, &stats->window);
}

void xl_push_histogram(lua_State *L, const xt_tool_histogram *histogram) {
    lua_createtable(L, 0, 4);
    lua_pushinteger(L, histogram->scale);
    lua_setfield(L, -2, "scale");
    xl_set_integer(L, "zero_count", histogram->zero_count);
    lua_pushinteger(L, histogram->offset);
    lua_setfield(L, -2, "offset");
    lua_createtable(L, (int)histogram->bucket_count, 0);
    for (uint32_t i = 0; i < histogram->bucket_count; i++) {
        lua_pushinteger(L, histogram->counts[i]);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_setfield(L, -2, "bucket_counts");
}

const double xl_stats_quantiles[XL_STATS_QUANTILES] = {0.5, 0.9, 0.95, 0.99};

void xl_push_tool_stats(lua_State *L, const xt_tool_stats *stats, bool has_end,
                        const double quantiles_us[]) {
    static const char *const names[XL_STATS_QUANTILES] = {
        "p50_duration_ms", "p90_duration_ms", "p95_duration_ms", "p99_duration_ms"};
    lua_createtable(L, 0, 21);
    set_all_counts(L, &stats->lifetime);
    xl_set_average(L, &stats->lifetime);
    if (quantiles_us != NULL) {
        xl_set_duration(L, "min_duration_ms", stats->min_duration_us);
        xl_set_duration(L, "max_duration_ms", stats->max_duration_us);
        for (int i = 0; i < XL_STATS_QUANTILES; i++) {
            lua_pushnumber(L, quantiles_us[i] / 1000);
            lua_setfield(L, -2, names[i]);
        }
    }
    if (has_end) {
        xl_set_time(L, "last_timestamp", stats->last_end_us);
    }
    xl_set_integer(L, "failure_streak", stats->failure_streak);
    xl_set_integer(L, "in_flight", stats->in_flight);
    set_window(L, &stats->window);
}

static const char *errno_code(lua_State *L, int value) {
    const char *name = xl_errno_name(value);
    return name != NULL ? name : lua_pushfstring(L, "errno_%d", value);
}

static const char *code_of(lua_State *L, xt_error error, int errno_value) {
    switch (error) {
    case XT_ERROR_FILE:
        return errno_code(L, errno_value);
    case XT_ERROR_MEMORY:
        return "ENOMEM";
    case XT_ERROR_KIND:
        return "kind";
    case XT_ERROR_BYTE_ORDER:
        return "byte_order";
    case XT_ERROR_VERSION:
        return "version";
    case XT_ERROR_SIZE:
        return "size";
    case XT_ERROR_CHECKSUM:
        return "checksum";
    case XT_ERROR_BUSY:
    case XT_ERROR_CHANGING:
        return "busy";
    case XT_ERROR_MISMATCH:
        return "mismatch";
    case XT_ERROR_FILE_SYSTEM:
        return "file_system";
    default:
        return "invalid";
    }
}

int xl_push_problem(lua_State *L, const char *subject, xt_error error,
                    const char *problem, int errno_value) {
    bool says_less =
        error == XT_ERROR_FILE && strcmp(problem, xt_error_message(error)) == 0;
    const char *message = says_less ? strerror(errno_value) : problem;
    const char *code = code_of(L, error, errno_value);
    lua_pushnil(L);
    if (subject != NULL) {
        lua_pushfstring(L, "%s: %s", subject, message);
    } else {
        lua_pushstring(L, message);
    }
    lua_pushstring(L, code);
    return 3;
}
