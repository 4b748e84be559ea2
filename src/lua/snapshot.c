/* Snapshot: a run that no longer changes. */
#include "binding.h"

#include "number_text.h"
#include "push.h"

const xl_type xl_snapshot_type = {"exectrack.Snapshot", sizeof(xl_snapshot)};

const xt_snapshot *xl_check_snapshot(lua_State *L) {
    const xl_snapshot *handle = xl_check_userdata(L, &xl_snapshot_type);
    return handle->snapshot;
}

const xt_image *xl_check_snapshot_image(lua_State *L) {
    return xt_snapshot_image(xl_check_snapshot(L));
}

const xt_snapshot *xl_to_snapshot(lua_State *L, int index) {
    const xl_snapshot *handle = xl_to_userdata(L, index, &xl_snapshot_type);
    return handle != NULL ? handle->snapshot : NULL;
}

/* Pushes a table of the tools' identifiers, by name. [-0, +1] */
static void push_ids(lua_State *L, const xt_image *image) {
    uint32_t count = xt_image_tool_count(image);
    lua_createtable(L, 0, (int)count);
    for (uint32_t id = 1; id <= count; id++) {
        xl_push_text(L, xt_image_tool_name(image, id));
        lua_pushinteger(L, id);
        lua_rawset(L, -3);
    }
}

uint32_t xl_find_tool(lua_State *L, xt_text name) {
    luaL_checkstack(L, 4, "too many tools");
    if (lua_getiuservalue(L, 1, 1) != LUA_TTABLE) {
        lua_pop(L, 1); /* nil */
        push_ids(L, xl_check_snapshot_image(L));
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

void xl_get_execution(const xt_image *snapshot, size_t i, xt_execution *execution) {
    uint64_t before = xt_image_recorded(snapshot) - xt_image_record_count(snapshot);
    xt_image_execution(snapshot, before + i + 1, execution);
}

/* snapshot:created() */
static int snapshot_created(lua_State *L) {
    xl_push_time(L, xt_image_created_us(xl_check_snapshot_image(L)));
    return 1;
}

/* snapshot:taken() */
static int snapshot_taken(lua_State *L) {
    xl_push_time(L, xt_image_now_us(xl_check_snapshot_image(L)));
    return 1;
}

/* snapshot:is_filtered() */
static int snapshot_is_filtered(lua_State *L) {
    lua_pushboolean(L, xt_image_is_filtered(xl_check_snapshot_image(L)));
    return 1;
}

/* snapshot:lost_until() */
static int snapshot_lost_until(lua_State *L) {
    uint64_t lost_us = xt_image_lost_us(xl_check_snapshot_image(L));
    if (lost_us == 0) {
        lua_pushnil(L);
    } else {
        xl_push_time(L, lost_us);
    }
    return 1;
}

/* snapshot:has_places() */
static int snapshot_has_places(lua_State *L) {
    lua_pushboolean(L, xt_image_log_file_count(xl_check_snapshot_image(L)) > 0);
    return 1;
}

/* snapshot:writer() */
static int snapshot_writer(lua_State *L) {
    static const char *const states[] = {NULL, "live", "closed", "died"};
    const xt_known_writer writer = xt_snapshot_writer(xl_check_snapshot(L));
    if (writer.state == XT_WRITER_NONE) {
        lua_pushnil(L);
        return 1;
    }
    lua_createtable(L, 0, 4);
    lua_pushstring(L, states[writer.state]);
    lua_setfield(L, -2, "state");
    xl_set_integer(L, "pid", writer.pid);
    xl_set_text(L, "host", writer.host);
    xl_set_time(L, "started", writer.opened_us);
    return 1;
}

/* a == b */
static int snapshot_eq(lua_State *L) {
    const xt_snapshot *a = xl_to_snapshot(L, 1);
    const xt_snapshot *b = xl_to_snapshot(L, 2);
    lua_pushboolean(L, a != NULL && b != NULL && xt_snapshot_equals(a, b));
    return 1;
}

/* tostring(snapshot) */
static int snapshot_tostring(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    uint32_t tools = xt_image_tool_count(image);
    size_t records = xt_image_record_count(image);
    lua_pushfstring(L, "%s (%d %s, %s %s)", xl_snapshot_type.name, (int)tools,
                    tools == 1 ? "tool" : "tools", xl_digits((int64_t)records).bytes,
                    records == 1 ? "record" : "records");
    return 1;
}

static const luaL_Reg methods[] = {
    {"iter", xl_snapshot_iter},
    {"records", xl_snapshot_records},
    {"column", xl_snapshot_column},
    {"parents", xl_snapshot_parents},
    {"filter", xl_snapshot_filter},
    {"since", xl_snapshot_since},
    {"without_texts", xl_snapshot_without_texts},
    {"group_by", xl_snapshot_group_by},
    {"summary", xl_snapshot_summary},
    {"quantile", xl_snapshot_quantile},
    {"decisions", xl_snapshot_decisions},
    {"export", xl_snapshot_export},
    {"created", snapshot_created},
    {"taken", snapshot_taken},
    {"is_filtered", snapshot_is_filtered},
    {"lost_until", snapshot_lost_until},
    {"has_places", snapshot_has_places},
    {"writer", snapshot_writer},
    {"save", xl_snapshot_save},
    {"bytes", xl_snapshot_bytes},
    {"to_table", xl_snapshot_to_table},
    {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
    {"__index", xl_snapshot_index},    {"__len", xl_len}, {"__eq", snapshot_eq},
    {"__tostring", snapshot_tostring}, {NULL, NULL},
};

void xl_push_snapshot_metatable(lua_State *L) {
    xl_push_metatable(L, &xl_snapshot_type, metamethods, methods, true);
}
