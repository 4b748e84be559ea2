/*
 * Lua values out: durations, times, and the tables that methods return.
 *
 * Pushing allocates, and so may run finalizers, which may do anything to a tracker. So
 * these functions take values and never an image. The texts in those values must stay
 * valid.
 */
#ifndef XL_PUSH_H
#define XL_PUSH_H

#include "exectrack_read.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

void xl_push_text(lua_State *L, xt_text text);

/* Microseconds as milliseconds: an integer when whole, else a float. */
void xl_push_duration(lua_State *L, uint64_t duration_us);

/* Microseconds of Unix time as seconds, a float. */
void xl_push_time(lua_State *L, uint64_t time_us);

/* A session's name, or what stands for it if that isn't known. */
void xl_push_session(lua_State *L, xt_session session);

/* Each sets a field of the table on top. */
void xl_set_integer(lua_State *L, const char *field, uint64_t integer);
void xl_set_duration(lua_State *L, const char *field, uint64_t duration_us);
void xl_set_time(lua_State *L, const char *field, uint64_t time_us);
void xl_set_text(lua_State *L, const char *field, xt_text text);

/* Sets the field `session`, unless there is none. */
void xl_set_session(lua_State *L, xt_session session);

/* Sets the counts by status, the cached hits, what wasn't measured, and the totals. */
void xl_set_counts(lua_State *L, const xt_counts *counts);

/* Sets the average, a float of milliseconds; there is none if none was measured. */
void xl_set_average(lua_State *L, const xt_counts *counts);

/* One execution in flight as a table, at the time `now_us`. */
void xl_push_running(lua_State *L, const xt_running *running, uint64_t now_us);

/* The table of all tools together. */
void xl_push_stats(lua_State *L, const xt_stats *stats);

/* p50, p90, p95 and p99 of a tool's lifetime. */
enum { XL_STATS_QUANTILES = 4 };
extern const double xl_stats_quantiles[XL_STATS_QUANTILES];

/* The table of a histogram, which is the same in the table form of a run. */
void xl_push_histogram(lua_State *L, const xt_tool_histogram *histogram);

/*
 * The table of one tool, which has a latest end or hasn't. `quantiles_us` are its
 * quantiles, or null if none of it was measured: then it has no average, shortest and
 * longest one either.
 */
void xl_push_tool_stats(lua_State *L, const xt_tool_stats *stats, bool has_end,
                        const double quantiles_us[]);

/*
 * What the world refuses, as functions return it: nil, a message and a code.
 *
 * Pushes nil, a message that begins with `subject` unless that is null, and a short stable
 * code, and returns 3. For XT_ERROR_FILE message and code are those of `errno_value`, the
 * code being its name, such as `ENOENT`; else the message is `problem`. [-0, +3]
 */
int xl_push_problem(lua_State *L, const char *subject, xt_error error,
                    const char *problem, int errno_value);

#pragma GCC visibility pop

#endif
