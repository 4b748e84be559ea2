/*
 * Lua values out: durations, times, and the tables that methods return.
 *
 * Pushing allocates, and so may run finalizers, which may do anything to a tracker. So
 * these functions take values and never an image. The texts in those values must stay
 * valid.
 */
#ifndef XT_PUSH_H
#define XT_PUSH_H

#include "exectrack_read.h"

#include <lua.h>

#pragma GCC visibility push(hidden)

void xt_push_text(lua_State *L, xt_text text);

/* Microseconds as milliseconds: an integer when whole, else a float. */
void xt_push_duration(lua_State *L, uint64_t duration_us);

/* Microseconds of Unix time as seconds, a float. */
void xt_push_time(lua_State *L, uint64_t time_us);

/* A session's name, or what stands for it if that isn't known. */
void xt_push_session(lua_State *L, xt_session session);

/* Each sets a field of the table on top. */
void xt_set_integer(lua_State *L, const char *field, uint64_t integer);
void xt_set_duration(lua_State *L, const char *field, uint64_t duration_us);
void xt_set_time(lua_State *L, const char *field, uint64_t time_us);
void xt_set_text(lua_State *L, const char *field, xt_text text);

/* Sets the field `session`, unless there is none. */
void xt_set_session(lua_State *L, xt_session session);

/* Sets the counts by status, the cached hits, what wasn't measured, and the totals. */
void xt_set_counts(lua_State *L, const xt_counts *counts);

/* Sets the average, a float of milliseconds; there is none if none was measured. */
void xl_set_average(lua_State *L, const xt_counts *counts);

/* One execution in flight as a table, at the time `now_us`. */
void xt_push_running(lua_State *L, const xt_running *running, uint64_t now_us);

/* The table of all tools together. */
void xt_push_stats(lua_State *L, const xt_stats *stats);

/* p50, p90, p95 and p99 of a tool's lifetime. */
enum { XT_STATS_QUANTILES = 4 };
extern const double xt_stats_quantiles[XT_STATS_QUANTILES];

/* The table of a histogram, which is the same in the table form of a run. */
void xt_push_histogram(lua_State *L, const xt_tool_histogram *histogram);

/*
 * The table of one tool, which has a latest end or hasn't. `quantiles_us` are its
 * quantiles, or null if none of it was measured: then it has no average, shortest and
 * longest one either.
 */
void xt_push_tool_stats(lua_State *L, const xt_tool_stats *stats, bool has_end,
                        const double quantiles_us[]);

#pragma GCC visibility pop

#endif
