/***
@submodule Snapshot
*/
#include "record_fields.h"
#include "snapshot_handle.h"

/* `snapshot[i]`, or a method from the table that is upvalue 2. */
int xt_snapshot_lua_index(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    if (lua_type(L, 2) != LUA_TNUMBER) {
        lua_settop(L, 2);
        lua_rawget(L, lua_upvalueindex(2));
        return 1;
    }
    lua_Integer i = lua_tointeger(L, 2); /* 0 if it isn't one */
    if (i < 1 || (lua_Unsigned)i > xt_image_record_count(image)) {
        lua_pushnil(L);
        return 1;
    }
    xt_execution execution;
    xt_get_execution(image, (size_t)i - 1, &execution);
    xt_push_execution(L, &execution);
    return 1;
}

/***
All records as an array of record tables, in the order of recording. O(records).
@function records
@treturn {table,...}
*/
int xt_snapshot_lua_records(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    size_t count = xt_image_record_count(image);
    xt_record_strings at = xt_push_record_strings(L, image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        xt_push_record(L, &at, &execution);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/***
One field of all records as an array, in the order of recording. O(records).
@function column
@tparam string field of a record: `tool`, `tool_id`, `status`, `duration_ms`, `was_cached`,
  `error_type` (false for none), `args_hash`, `result_hash`, `session` (false for none),
  `depth` or `timestamp`; or `self_duration_ms`, what it took without the calls made within it,
  for which it takes O(n log n)
@treturn table an array with as many values as there are records
*/
int xt_snapshot_lua_column(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    size_t count = xt_image_record_count(image);
    size_t field = xt_record_field_argument(L, 2);
    if (field == XL_SELF_DURATION) {
        xl_push_self_durations(L, image);
        return 1;
    }
    xt_record_strings at = xt_push_record_strings(L, image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        xt_push_record_field(L, field, &at, &execution);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}
