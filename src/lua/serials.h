/*
 * Serial numbers of functions, userdata and threads, which tell them apart as addresses
 * can't: one is used again when what was there is collected.
 */
#ifndef XT_SERIALS_H
#define XT_SERIALS_H

#include <lauxlib.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * Makes the table of the serial numbers of this Lua state, unless there is one. It keeps
 * nothing alive. Raises Lua's memory error; may run finalizers. [-0, +0]
 */
void xt_make_serials(lua_State *L);

/*
 * The serial number of the value at `index`: 1 for the first for which this was called in
 * this Lua state, and so on. 0 if the table wasn't made. For a value that has none yet it
 * may raise Lua's memory error; it runs no finalizers. [-0, +0]
 */
uint64_t xt_serial_of(lua_State *L, int index);

#pragma GCC visibility pop

#endif
