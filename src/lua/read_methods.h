/*
 * The methods that Tracker and Snapshot have in common: those that read an image.
 */
#ifndef XT_READ_METHODS_H
#define XT_READ_METHODS_H

#include "handle.h"

#pragma GCC visibility push(hidden)

/* Each needs the address of its xt_type as upvalue 1, as xt_push_metatable gives it. */
extern const luaL_Reg xt_read_methods[];

/* The metamethod `__len`, likewise. */
int xt_lua_len(lua_State *L);

#pragma GCC visibility pop

#endif
