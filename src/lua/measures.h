/*
 * Measures between Lua and the core: in Lua a value is a number of its unit, in the core an
 * integer of scaled units.
 *
 * What is pushed may run finalizers, which may close a tracker: so measures are copied first.
 */
#ifndef XL_MEASURES_H
#define XL_MEASURES_H

#include "arguments.h"
#include "exectrack_snapshot.h"
#include "image.h"

#pragma GCC visibility push(hidden)

/* A copy of what the measures of a run are. */
typedef struct xl_measures {
    uint32_t count;
    xt_measure_entry entries[XT_MAX_MEASURES]; /* as many as there are */
} xl_measures;

void xl_copy_measures(const xt_image *image, xl_measures *measures);

/*
 * Stores a value for each of the measures, as the table at `index` gives them by name; or
 * XT_NO_MEASURE. Each is a number that is finite and not negative, taken to the nearest.
 * Returns null; or pushes and returns what is wrong with it. [-0, +0 or more]
 */
const char *xl_read_measures(lua_State *L, int index, const xl_measures *measures,
                             uint64_t values[XT_MAX_MEASURES]);

/* The same of a table argument. Returns `values`, or null for nil. Raises what is wrong. */
const uint64_t *xl_measures_argument(lua_State *L, xl_argument argument,
                                     const xl_measures *measures,
                                     uint64_t values[XT_MAX_MEASURES]);

/*
 * The value as a number of the unit: the float nearest to it, if the scale is an integer or
 * the reciprocal of one.
 */
void xl_push_measure(lua_State *L, const xt_measure_entry *measure, uint64_t value);

/* The values of an execution by name, those that there are. False, with nothing pushed, for
 * null. [-0, +1 or 0] */
bool xl_push_values(lua_State *L, const xl_measures *measures, const uint64_t *values);

/* What the measures are, as an array of tables. [-0, +1] */
void xl_push_measures(lua_State *L, const xl_measures *measures);

/* Which of them is called `name`; the count if none is. */
uint32_t xl_find_measure(const xl_measures *measures, xt_text name);

/* Sets the field `measures` of the statistics on top, and of the window in them. Sets nothing
 * without measures. */
void xl_set_measure_stats(lua_State *L, const xl_measures *measures,
                          const xt_measure_stats stats[]);

/* The same of a row of groups. */
void xl_set_measure_totals(lua_State *L, const xl_measures *measures,
                           const xt_measure_total totals[]);

#pragma GCC visibility pop

#endif
