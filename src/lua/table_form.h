/*
 * What to_table.c and from_table.c must agree on.
 */
#ifndef XT_TABLE_FORM_H
#define XT_TABLE_FORM_H

#include "tool.h"

#pragma GCC visibility push(hidden)

#define XT_TABLE_FORMAT "exectrack"
#define XT_TABLE_VERSION 1

/* The largest integer of 14 digits, which is what lua-cjson prints; a larger one is a
 * string. */
#define XT_TABLE_MAX_NUMBER UINT64_C(99999999999999)

/* The fields of a tool that count its executions by status. */
extern const char *const xt_table_counts[XT_STATUSES];

#pragma GCC visibility pop

#endif
