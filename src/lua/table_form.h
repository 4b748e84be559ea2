/*
 * What to_table.c and from_table.c must agree on.
 */
#ifndef XT_TABLE_FORM_H
#define XT_TABLE_FORM_H

#define XT_TABLE_FORMAT "exectrack"
#define XT_TABLE_VERSION 1

/* The largest integer of 14 digits, which is what lua-cjson prints; a larger one is a
 * string. */
#define XT_TABLE_MAX_NUMBER UINT64_C(99999999999999)

#endif
