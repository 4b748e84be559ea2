/*
 * Pushing Lua values: durations, times, and the tables that methods return.
 *
 * Pushing allocates, so it may run finalizers, and these may change or close a tracker.
 * Therefore these functions take values and never an image, and the texts in the values
 * must stay valid meanwhile.
 */
#ifndef XL_PUSH_H
#define XL_PUSH_H

#include "exectrack_read.h"

#include "compat.h"

#pragma GCC visibility push(hidden)

void xl_push_text(lua_State *L, xt_text text);

/* Microseconds as milliseconds: an integer if it is whole, else a float. */
void xl_push_duration(lua_State *L, uint64_t duration_us);

/* Microseconds of Unix time as seconds, a float. */
void xl_push_time(lua_State *L, uint64_t time_us);

/* A session's name; if it isn't known, `#` and the fingerprint's eight digits. */
void xl_push_session(lua_State *L, xt_session session);

/* Each sets a field of the table on top. */
void xl_set_integer(lua_State *L, const char *field, uint64_t integer);
void xl_set_duration(lua_State *L, const char *field, uint64_t duration_us);
void xl_set_time(lua_State *L, const char *field, uint64_t time_us);
void xl_set_text(lua_State *L, const char *field, xt_text text);

/* Sets the field `session`, unless `session` is none. */
void xl_set_session(lua_State *L, xt_session session);

/* Sets the counts by status, of cached hits and by timing, and the total durations. */
void xl_set_counts(lua_State *L, const xt_counts *counts);

/* Sets the average duration, a float of milliseconds, unless no execution was
 * measured. */
void xl_set_average(lua_State *L, const xt_counts *counts);

/* The table of one execution in flight, as long as it is known to run. */
void xl_push_running(lua_State *L, const xt_running *running);

/* The table of all tools together. */
void xl_push_stats(lua_State *L, const xt_stats *stats);

/* p50, p90, p95 and p99 of a tool's lifetime. */
enum { XL_STATS_QUANTILES = 4 };
extern const double xl_stats_quantiles[XL_STATS_QUANTILES];

/* The table of a histogram; the table form of a run has the same. */
void xl_push_histogram(lua_State *L, const xt_tool_histogram *histogram);

/*
 * The table of one tool. `has_end` says whether the time of its latest end is known.
 * `quantiles_us` is null if no execution was measured: then the table has no average,
 * shortest and longest duration either.
 */
void xl_push_tool_stats(lua_State *L, const xt_tool_stats *stats, bool has_end,
                        const double quantiles_us[]);

/*
 * Pushes what functions return when a file or the like can't be used: nil, a message and
 * a short stable code. Returns 3.
 *
 * The message begins with `subject`, unless that is null. It is `problem`; but for
 * XT_ERROR_FILE, if that is only the message of xt_error_message, it is the system's for
 * `errno_value`. Then the code is the error's name, such as `ENOENT`. [-0, +3]
 */
int xl_push_problem(lua_State *L, const char *subject, xt_error error,
                    const char *problem, int errno_value);

#pragma GCC visibility pop

#endif
