/***
@submodule Snapshot
*/
#include "lua_memory.h"
#include "push.h"
#include "snapshot_handle.h"

/* Of each record, in userdata. */
typedef struct nested {
    size_t count;
    uint32_t *parents;
    uint64_t *self_us;
} nested;

/* Finds the parents of the records of `image`. [-0, +n] */
static nested find_parents(lua_State *L, const xt_image *image) {
    size_t count = xt_image_record_count(image);
    nested found = {
        .count = count,
        .parents = lua_newuserdatauv(L, count * sizeof(uint32_t), 0),
        .self_us = lua_newuserdatauv(L, count * sizeof(uint64_t), 0),
    };
    xt_lua_memory memory = xt_lua_memory_of(L);
    xt_allocator allocator = xt_lua_allocator(&memory);
    xt_error error = xt_image_parents(image, &allocator, found.parents, found.self_us);
    xt_check_lua_memory(&memory, error, false);
    return found;
}

/***
Which record is the call that each record was made within: the one of the same session, one
level up, whose time holds that of the record. O(n log n) for n records.
@function parents
@treturn {integer,...} for each record, in the order of recording, the place of its parent in
  that order, from 1; 0 for a record of depth 0, and where none fits or several do
*/
int xt_snapshot_lua_parents(lua_State *L) {
    nested found = find_parents(L, xt_check_snapshot_image(L));
    lua_createtable(L, (int)found.count, 0);
    for (size_t i = 0; i < found.count; i++) {
        lua_pushinteger(L, found.parents[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void xl_push_self_durations(lua_State *L, const xt_image *image) {
    nested found = find_parents(L, image);
    lua_createtable(L, (int)found.count, 0);
    for (size_t i = 0; i < found.count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        if (execution.timing == XT_UNTIMED) {
            lua_pushboolean(L, false);
        } else {
            xt_push_duration(L, found.self_us[i]);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}
