/***
@submodule Snapshot
*/
#include "record_fields.h"
#include "snapshot_handle.h"

#include <string.h>

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
    xl_measures measures;
    xt_get_execution(image, (size_t)i - 1, &execution);
    xl_copy_measures(image, &measures);
    xt_push_execution(L, &measures, &execution);
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
    xl_measures measures;
    xl_copy_measures(image, &measures);
    xt_record_strings at = xt_push_record_strings(L, image, &measures);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        xt_push_record(L, &at, &execution);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/*
 * Whether argument 2 is the column of a measure, `measures.` and its name; stores which it is.
 * Raises for a name that no measure has.
 */
static bool is_measure(lua_State *L, const xl_measures *measures, uint32_t *index) {
    static const char prefix[] = "measures.";
    const size_t length = sizeof prefix - 1;
    xt_text name = xt_text_argument(L, xt_argument_at(2));
    if (name.length < length || memcmp(name.bytes, prefix, length) != 0) {
        return false;
    }
    *index =
        xl_find_measure(measures, (xt_text){name.bytes + length, name.length - length});
    if (*index == measures->count) {
        luaL_argerror(L, 2, lua_pushfstring(L, "unknown field %s", xt_quote(L, 2)));
    }
    return true;
}

/* Pushes what `execution` has of measure `index`, or false. */
static void push_value(lua_State *L, const xl_measures *measures, uint32_t index,
                       const xt_execution *execution) {
    const uint64_t *values = execution->outcome.measures;
    if (values == NULL || values[index] == XT_NO_MEASURE) {
        lua_pushboolean(L, false);
    } else {
        xl_push_measure(L, &measures->entries[index], values[index]);
    }
}

/* The column of measure `index`. */
static int push_measure_column(lua_State *L, const xt_image *image,
                               const xl_measures *measures, uint32_t index) {
    size_t count = xt_image_record_count(image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        push_value(L, measures, index, &execution);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/***
One field of all records as an array, in the order of recording. O(records).
@function column
@tparam string field of a record: `tool`, `tool_id`, `status`, `duration_ms`, `was_cached`,
  `error_type` (false for none), `args_hash`, `result_hash`, `session` (false for none),
  `depth`, `measures` (false for none) or `timestamp`; or `self_duration_ms`, what it took
  without the calls made within it, for which it takes O(n log n); or `measures.` and the
  name of a measure, for its values alone (false for none)
@treturn table an array with as many values as there are records
*/
int xt_snapshot_lua_column(lua_State *L) {
    const xt_image *image = xt_check_snapshot_image(L);
    size_t count = xt_image_record_count(image);
    xl_measures measures;
    uint32_t measure;
    xl_copy_measures(image, &measures);
    if (is_measure(L, &measures, &measure)) {
        return push_measure_column(L, image, &measures, measure);
    }
    size_t field = xt_record_field_argument(L, 2);
    if (field == XL_SELF_DURATION) {
        xl_push_self_durations(L, image);
        return 1;
    }
    xt_record_strings at = xt_push_record_strings(L, image, &measures);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xt_get_execution(image, i, &execution);
        xt_push_record_field(L, field, &at, &execution);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}
