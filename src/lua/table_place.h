/*
 * Reading nested tables, so that what is wrong is named by its place: `tools[2].name`.
 *
 * All functions read what stands at a place in the table that is on top of the stack,
 * without metamethods, and raise a message for what isn't as it should be.
 */
#ifndef XT_TABLE_PLACE_H
#define XT_TABLE_PLACE_H

#include "exectrack.h"

#include <lua.h>

#pragma GCC visibility push(hidden)

/* Field `field`, or element `element` if that is null, of the table at the place `in`. */
typedef struct xt_place {
    const struct xt_place *in; /* null for the outermost table */
    const char *field;
    size_t element;
} xt_place;

/* Raises that the table is wrong, so that it is told from all other errors. */
int xt_refuse_table(lua_State *L, const char *message);

/* If the error on top was raised so, replaces it by its message; else false. */
bool xt_is_refusal(lua_State *L);

/* Raises `message` about what stands at `at`, likewise. */
int xt_refuse(lua_State *L, const xt_place *at, const char *message);

/* Pushes a table. [-0, +1] */
void xt_enter(lua_State *L, const xt_place *at);

/* Pushes an array of at most `most` elements, and returns how many it has. [-0, +1] */
size_t xt_enter_array(lua_State *L, const xt_place *at, size_t most);

/* Pushes a string of at most `most` bytes, and returns it. [-0, +1] */
xt_text xt_push_text_at(lua_State *L, const xt_place *at, size_t most);

/*
 * Pushes the name that is an element, or that is field `field` of the element, which is
 * then a table, if `field` isn't null. [-0, +1]
 */
xt_text xt_push_name(lua_State *L, const xt_place *element, const char *field);

/* An integer from `low` to `high`: a number, or if it isn't negative its digits. */
lua_Integer xt_read_integer_at(lua_State *L, const xt_place *at, lua_Integer low,
                               lua_Integer high);

/* The same for field `field` of the table at `in`, which is on top. */
uint64_t xt_read_integer(lua_State *L, const xt_place *in, const char *field,
                         uint64_t low, uint64_t high);

/* The boolean in that field. */
bool xt_read_boolean(lua_State *L, const xt_place *in, const char *field);

/* Whether the table on top has field `field`; one that is JSON's null, as lua-cjson and
 * others say it with a light userdata, isn't there. */
bool xt_has_field(lua_State *L, const char *field);

#pragma GCC visibility pop

#endif
