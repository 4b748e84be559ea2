/*
 * Measures in the table form of a run: what they are, what tools add up to and what records
 * have, each an array in their order. The fields are absent without measures.
 */
#ifndef XL_MEASURES_FORM_H
#define XL_MEASURES_FORM_H

#include "builder.h"
#include "table_place.h"

#pragma GCC visibility push(hidden)

/* Set the field `measures` of the run and of tool `tool_id`, whose table is on top. */
void xl_set_exact_measures(lua_State *L, const xt_image *image);
void xl_set_exact_tool_measures(lua_State *L, const xt_image *image, uint32_t tool_id);

/* Sets the field `measures` of a record on top: an array of `count` integers, or false for
 * what has no value. Sets nothing for null. */
void xl_set_exact_values(lua_State *L, uint32_t count, const uint64_t *values);

/*
 * They read these fields, of the tool the one that was added to the builder last, and raise
 * what is wrong as those of table_place.h do. Values that a record doesn't have are
 * XT_NO_MEASURE.
 */
void xl_read_exact_measures(lua_State *L, xt_facts *facts);
void xl_read_exact_tool_measures(lua_State *L, const xt_place *tool, xt_builder *builder);
void xl_read_exact_values(lua_State *L, const xt_place *record, uint32_t count,
                          uint64_t values[XT_MAX_MEASURES]);

#pragma GCC visibility pop

#endif
