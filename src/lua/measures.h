/*
 * Measures: in Lua a value is a number of the measure's unit, in the core an integer, in
 * multiples of the measure's scale.
 *
 * Pushing may run finalizers, and these may close a tracker. So measures are copied
 * first.
 */
#ifndef XL_MEASURES_H
#define XL_MEASURES_H

#include "arguments.h"
#include "exectrack_snapshot.h"
#include "image.h"
#include "import.h"

#pragma GCC visibility push(hidden)

/* A copy of the names, units and scales of a run's measures. */
typedef struct xl_measures {
    uint32_t count;
    xt_measure_entry entries[XT_MAX_MEASURES]; /* the first `count` are set */
} xl_measures;

void xl_copy_measures(const xt_image *image, xl_measures *measures);

/*
 * Stores the value of each measure, which the table at `index` has by name; XT_NO_MEASURE
 * if it has none. Values are finite numbers of at least 0, rounded to the nearest
 * multiple of the scale. Returns null; or, for a wrong table, pushes and returns the
 * message. [-0, +0 or more]
 */
const char *xl_read_measures(lua_State *L, int index, const xl_measures *measures,
                             uint64_t values[XT_MAX_MEASURES]);

/* The same for an argument, a table or nil. Returns `values`, or null for nil. Raises an
 * error for any other value. */
const uint64_t *xl_measures_argument(lua_State *L, xl_argument argument,
                                     const xl_measures *measures,
                                     uint64_t values[XT_MAX_MEASURES]);

/* Values of measures of any names, in the order of the names' bytes. */
typedef struct xl_named_values {
    size_t count;
    xt_import_value values[XT_MAX_MEASURES];
} xl_named_values;

/*
 * Stores the values in `argument`, a table by name or nil. Raises an error for any other
 * value, for a wrong table, and for more than XT_MAX_MEASURES. The names are valid as long
 * as the table has them.
 */
void xl_named_values_argument(lua_State *L, xl_argument argument, xl_named_values *to);

/*
 * Pushes `value` as a number of the unit: the nearest float, if the scale is an integer
 * or the reciprocal of one. [-0, +1]
 */
void xl_push_measure(lua_State *L, const xt_measure_entry *measure, uint64_t value);

/* Pushes the table of an execution's values by name, without those that it doesn't have.
 * For null, pushes nothing and returns false. [-0, +1 or 0] */
bool xl_push_values(lua_State *L, const xl_measures *measures, const uint64_t *values);

/* Pushes names, units and scales, as an array of tables. [-0, +1] */
void xl_push_measures(lua_State *L, const xl_measures *measures);

/* The index of the measure called `name`; the count if there is none. */
uint32_t xl_find_measure(const xl_measures *measures, xt_text name);

/* Sets the field `measures` in the statistics on top, and in their field `window`. Sets
 * nothing if there are no measures. */
void xl_set_measure_stats(lua_State *L, const xl_measures *measures,
                          const xt_measure_stats stats[]);

/* The same for a row of `group_by`. */
void xl_set_measure_totals(lua_State *L, const xl_measures *measures,
                           const xt_measure_total totals[]);

#pragma GCC visibility pop

#endif
