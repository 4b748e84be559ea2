/*
 * The words for what a duration is.
 */
#ifndef XL_TIMING_H
#define XL_TIMING_H

#include "arguments.h"
#include "table_place.h"

#pragma GCC visibility push(hidden)

/* `measured`, `elapsed` or `untimed`, in static memory. */
const char *xl_timing_word(xt_timing timing);

/* One of these words. */
xt_timing xl_timing_argument(lua_State *L, xt_argument argument);

/* Sets the field `timing` of the table on top, unless it is that of what was measured. */
void xl_set_exact_timing(lua_State *L, xt_timing timing);

/* Reads it of the table on top, which stands at `in`; raises what is wrong. */
xt_timing xl_read_exact_timing(lua_State *L, const xt_place *in);

#pragma GCC visibility pop

#endif
