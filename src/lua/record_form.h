/*
 * Records in the table form of a run, without their measures.
 */
#ifndef XL_RECORD_FORM_H
#define XL_RECORD_FORM_H

#include "table_place.h"

#pragma GCC visibility push(hidden)

/* The record as the table form has it, exactly and by identifiers. [-0, +1] */
void xl_push_exact_record(lua_State *L, const xt_execution *execution);

/* Reads one, which is on top and stands at `at`, of a run with so many tools and error types;
 * raises what is wrong. */
xt_execution xl_read_exact_record(lua_State *L, const xt_place *at, uint32_t tools,
                                  uint32_t error_types);

#pragma GCC visibility pop

#endif
