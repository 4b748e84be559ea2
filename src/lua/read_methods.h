/*
 * The methods that Tracker and Snapshot have in common: those that read an image.
 */
#ifndef XT_READ_METHODS_H
#define XT_READ_METHODS_H

#include "handle.h"

#pragma GCC visibility push(hidden)

/* Each needs the address of its xt_type as upvalue 1, as xt_push_metatable gives it. */
extern const luaL_Reg xt_read_methods[];

/* Those that policies decide from, likewise. */
extern const luaL_Reg xt_policy_methods[];

/* The metamethod `__len`, likewise. */
int xt_lua_len(lua_State *L);

/* In such a method, the image of self, which is an open tracker or a snapshot. */
const xt_image *xt_check_image(lua_State *L);

/* Whether `latest_us`, the latest time of `count` executions of `image`, is one: 0 may be
 * that of executions which all are undated. */
bool xl_has_time(const xt_image *image, uint64_t count, uint64_t latest_us);

/* The identifier of the tool that argument `number` names in that image, or 0. */
uint32_t xt_tool_argument(lua_State *L, int number);

/* `text`, a name, copied to `bytes`: for tables whose making may run a finalizer. */
xt_text xt_copy_text(char bytes[], xt_text text);

/* The session of fingerprint `hash`, its name copied likewise: another may take its place. */
xt_session xl_copy_session(char bytes[], const xt_image *image, uint32_t hash);

#pragma GCC visibility pop

#endif
