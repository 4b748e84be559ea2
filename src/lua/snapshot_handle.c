/***
Snapshot: a run that no longer changes, and the table that analyses are written over.

`#snapshot` is the number of its records; `snapshot[i]` is record `i`, in the order of
recording, or nil; `ipairs(snapshot)` goes through all. What a Tracker has to read its run,
a Snapshot has too: `stats`, `histogram`, `recent_executions`, `avg_duration_for_tool`,
`get_tool_name`, `tools`, `in_flight`, `session_name`, `args_text`, `error_text`, `label`,
`measures`, `instance_id` and `cleared`; and what policies decide from: `totals`,
`failure_streak`, `error_rate`, `repeats`, `starts_after`, `in_flight_count`,
`recent_quantile`, `max_history`, `denials` and `denied`. Two snapshots are equal if all that
they hold is.

Its memory is one userdata, which the collector frees; there is nothing to close.
@classmod Snapshot
*/
#include "snapshot_handle.h"

#include "push.h"
#include "read_methods.h"

const xt_type xt_snapshot_type = {"exectrack.Snapshot", sizeof(xt_snapshot_handle)};

const xt_snapshot *xt_check_snapshot(lua_State *L) {
    const xt_snapshot_handle *handle = xt_check_self(L, &xt_snapshot_type);
    return handle->snapshot;
}

const xt_image *xt_check_snapshot_image(lua_State *L) {
    return xt_snapshot_image(xt_check_snapshot(L));
}

const xt_snapshot *xt_to_snapshot(lua_State *L, int index) {
    const xt_snapshot_handle *handle = xt_to_userdata(L, index, &xt_snapshot_type);
    return handle != NULL ? handle->snapshot : NULL;
}

/* Pushes the identifiers of all tools by their names. [-0, +1] */
static void push_ids(lua_State *L, const xt_image *image) {
    uint32_t count = xt_image_tool_count(image);
    lua_createtable(L, 0, (int)count);
    for (uint32_t id = 1; id <= count; id++) {
        xt_push_text(L, xt_image_tool_name(image, id));
        lua_pushinteger(L, id);
        lua_rawset(L, -3);
    }
}

uint32_t xt_find_tool(lua_State *L, xt_text name) {
    luaL_checkstack(L, 4, "too many tools");
    if (lua_getiuservalue(L, 1, 1) != LUA_TTABLE) {
        lua_pop(L, 1); /* nil */
        push_ids(L, xt_check_snapshot_image(L));
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, 1, 1);
    }
    lua_pushlstring(L, name.bytes,
                    name.length < XT_NAME_BYTES ? name.length : XT_NAME_BYTES);
    lua_rawget(L, -2);
    uint32_t id = (uint32_t)lua_tointeger(L, -1);
    lua_pop(L, 2); /* id, ids */
    return id;
}

void xt_get_execution(const xt_image *snapshot, size_t i, xt_execution *execution) {
    uint64_t before = xt_image_recorded(snapshot) - xt_image_record_count(snapshot);
    xt_image_execution(snapshot, before + i + 1, execution);
}

/***
When the tracker was made; of merged runs, the first. O(1).
@function created
@treturn number Unix seconds
*/
static int snapshot_created(lua_State *L) {
    xt_push_time(L, xt_image_created_us(xt_check_snapshot_image(L)));
    return 1;
}

/***
When the snapshot was taken; of merged runs, the latest. O(1).
@function taken
@treturn number Unix seconds
*/
static int snapshot_taken(lua_State *L) {
    xt_push_time(L, xt_image_now_us(xt_check_snapshot_image(L)));
    return 1;
}

/***
Whether filters left out records that were retained: of this snapshot, of one that it was
filtered from, or of one that was merged into it. O(1).
@function is_filtered
@treturn boolean
*/
static int snapshot_is_filtered(lua_State *L) {
    lua_pushboolean(L, xt_image_is_filtered(xt_check_snapshot_image(L)));
    return 1;
}

static int snapshot_eq(lua_State *L) {
    const xt_snapshot *a = xt_to_snapshot(L, 1);
    const xt_snapshot *b = xt_to_snapshot(L, 2);
    lua_pushboolean(L, a != NULL && b != NULL && xt_snapshot_equals(a, b));
    return 1;
}

/***
`tostring(snapshot)` says how much it holds: `exectrack.Snapshot (12 tools, 1000 records)`.
@function __tostring
@treturn string
*/
static int snapshot_tostring(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    uint32_t tools = xt_image_tool_count(image);
    size_t records = xt_image_record_count(image);
    lua_pushfstring(L, "%s (%d %s, %I %s)", xt_snapshot_type.name, (int)tools,
                    tools == 1 ? "tool" : "tools", (LUAI_UACINT)records,
                    records == 1 ? "record" : "records");
    return 1;
}

static const luaL_Reg methods[] = {
    {"records", xt_snapshot_lua_records},
    {"column", xt_snapshot_lua_column},
    {"parents", xt_snapshot_lua_parents},
    {"filter", xt_snapshot_lua_filter},
    {"without_texts", xl_snapshot_lua_without_texts},
    {"group_by", xt_snapshot_lua_group_by},
    {"summary", xt_snapshot_lua_summary},
    {"quantile", xt_snapshot_lua_quantile},
    {"decisions", xt_snapshot_lua_decisions},
    {"created", snapshot_created},
    {"taken", snapshot_taken},
    {"is_filtered", snapshot_is_filtered},
    {"save", xt_snapshot_lua_save},
    {"bytes", xt_snapshot_lua_bytes},
    {"to_table", xt_snapshot_lua_to_table},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__index", xt_snapshot_lua_index}, {"__len", xt_lua_len}, {"__eq", snapshot_eq},
    {"__tostring", snapshot_tostring},  {NULL, NULL},
};

void xt_push_snapshot_metatable(lua_State *L) {
    xt_push_metatable(L, &xt_snapshot_type, metamethods, methods, true);
}
