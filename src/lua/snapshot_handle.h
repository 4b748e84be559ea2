/*
 * What the files that each have some of Snapshot's methods share.
 */
#ifndef XT_SNAPSHOT_HANDLE_H
#define XT_SNAPSHOT_HANDLE_H

#include "handle.h"

#pragma GCC visibility push(hidden)

/* The Snapshot at index 1, and its image. Raise a type error. */
const xt_snapshot *xt_check_snapshot(lua_State *L);
const xt_image *xt_check_snapshot_image(lua_State *L);

/* The Snapshot at `index`; null if that is something else. */
const xt_snapshot *xt_to_snapshot(lua_State *L, int index);

/*
 * The identifier of the tool `name`, a Lua string, of the Snapshot at index 1; 0 if there
 * is none. O(1), but the first time O(tools).
 */
uint32_t xt_find_tool(lua_State *L, xt_text name);

/* Reads record `i`, counted from 0 for the oldest, which exists. */
void xt_get_execution(const xt_image *snapshot, size_t i, xt_execution *execution);

/* Pushes an array of what each record took itself. [-0, +n] */
void xl_push_self_durations(lua_State *L, const xt_image *image);

/* Methods, each described where it is defined. */
int xt_snapshot_lua_index(lua_State *L); /* the metamethod `__index` */
int xt_snapshot_lua_records(lua_State *L);
int xt_snapshot_lua_column(lua_State *L);
int xt_snapshot_lua_parents(lua_State *L);
int xt_snapshot_lua_filter(lua_State *L);
int xl_snapshot_lua_without_texts(lua_State *L);
int xt_snapshot_lua_group_by(lua_State *L);
int xt_snapshot_lua_summary(lua_State *L);
int xt_snapshot_lua_quantile(lua_State *L);
int xt_snapshot_lua_decisions(lua_State *L);
int xt_snapshot_lua_save(lua_State *L);
int xt_snapshot_lua_bytes(lua_State *L);
int xt_snapshot_lua_to_table(lua_State *L);

/* Functions of the module. */
int xt_lua_load(lua_State *L);
int xt_lua_from_bytes(lua_State *L);
int xt_lua_from_table(lua_State *L);
int xt_lua_merge(lua_State *L);

#pragma GCC visibility pop

#endif
