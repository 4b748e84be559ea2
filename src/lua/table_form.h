/*
 * The values of the table form of a run, which to_table.c makes and from_table.c reads:
 * integers that JSON keeps, and times as two of them.
 */
#ifndef XT_TABLE_FORM_H
#define XT_TABLE_FORM_H

#include "exectrack_read.h"
#include "table_place.h"

#pragma GCC visibility push(hidden)

#define XT_TABLE_FORMAT "exectrack"
#define XT_TABLE_VERSION 1

/* The fields with the texts of each kind. */
extern const char *const xl_texts_fields[XT_TEXTS_KINDS];

/* Pushes an integer: as a number if JSON printed with 14 digits keeps it, else as a string of
 * its digits. [-0, +1] */
void xt_push_exact(lua_State *L, uint64_t value);

/* Sets a field of the table on top to it. */
void xt_set_exact(lua_State *L, const char *field, uint64_t value);

/* The same for a time, in two fields. */
void xt_set_exact_time(lua_State *L, const char *seconds, const char *microseconds,
                       uint64_t time_us);

/* Sets the field `depth`, unless it is 0. */
void xl_set_exact_depth(lua_State *L, uint32_t depth);

/* Read them. */
xt_session xl_read_exact_session(lua_State *L, const xt_place *in);
uint32_t xl_read_exact_depth(lua_State *L, const xt_place *in);

/*
 * Read fields of the table on top, which stands at `in`: a time of two fields, a count, an
 * integer of 32 bits, and one of `count` identifiers from 1. They raise what is wrong, as
 * those of table_place.h do.
 */
uint64_t xt_read_exact_time(lua_State *L, const xt_place *in, const char *seconds,
                            const char *microseconds);
uint64_t xt_read_count(lua_State *L, const xt_place *in, const char *field);
uint32_t xt_read_uint32(lua_State *L, const xt_place *in, const char *field);
uint32_t xt_read_id(lua_State *L, const xt_place *in, const char *field, uint32_t count);

#pragma GCC visibility pop

#endif
