/* The records of a Snapshot: one, all, or a column of them. */
#include "binding.h"
#include "record_fields.h"

#include "lua_memory.h"
#include "push.h"
#include <string.h>

/* Pushes record `i`, counted from 1. If there is none, pushes nil and returns false.
 * [-0, +1] */
static bool push_record_at(lua_State *L, const xt_image *image, int64_t i) {
    xt_execution execution;
    xl_measures measures;
    if (i < 1 || (uint64_t)i > xt_image_record_count(image)) {
        lua_pushnil(L);
        return false;
    }
    xl_get_execution(image, (size_t)i - 1, &execution);
    xl_copy_measures(image, &measures);
    xl_push_execution(L, &measures, &execution);
    return true;
}

/* snapshot[i]; also looks up methods, which are in the table that is upvalue 2. */
int xl_snapshot_index(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    if (lua_type(L, 2) != LUA_TNUMBER) {
        lua_settop(L, 2);
        lua_rawget(L, lua_upvalueindex(2));
        return 1;
    }
    push_record_at(L, image, lua_tointeger(L, 2)); /* 0 if it isn't an integer */
    return 1;
}

/* The iterator: for the snapshot and i, returns i + 1 and the record there; nothing at
 * the end. */
static int next_record(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    int64_t i = xl_integer_argument(L, xl_argument_at(2), 0, UINT32_MAX) + 1;
    lua_pushinteger(L, i);
    return push_record_at(L, image, i) ? 2 : 0;
}

/* snapshot:iter() */
int xl_snapshot_iter(lua_State *L) {
    xl_check_snapshot(L);
    lua_pushcfunction(L, next_record);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* snapshot:records() */
int xl_snapshot_records(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    size_t count = xt_image_record_count(image);
    xl_measures measures;
    xl_copy_measures(image, &measures);
    xl_record_strings at = xl_push_record_strings(L, image, &measures);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xl_get_execution(image, i, &execution);
        xl_push_record(L, &at, &execution);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}

/*
 * Whether argument 2 names the column of a measure, such as `measures.cost`; stores the
 * measure's index. Raises an error if there is no such measure.
 */
static bool is_measure(lua_State *L, const xl_measures *measures, uint32_t *index) {
    static const char prefix[] = "measures.";
    const size_t length = sizeof prefix - 1;
    xt_text name = xl_text_argument(L, xl_argument_at(2));
    if (name.length < length || memcmp(name.bytes, prefix, length) != 0) {
        return false;
    }
    *index =
        xl_find_measure(measures, (xt_text){name.bytes + length, name.length - length});
    if (*index == measures->count) {
        xl_arg_error(L, 2, lua_pushfstring(L, "unknown field %s", xl_quote(L, 2)));
    }
    return true;
}

/* Pushes the value that `execution` has for measure `index`; false if it has none. */
static void push_value(lua_State *L, const xl_measures *measures, uint32_t index,
                       const xt_execution *execution) {
    const uint64_t *values = execution->outcome.measures;
    if (values == NULL || values[index] == XT_NO_MEASURE) {
        lua_pushboolean(L, false);
    } else {
        xl_push_measure(L, &measures->entries[index], values[index]);
    }
}

/* Pushes the column of measure `index`. [-0, +1] */
static int push_measure_column(lua_State *L, const xt_image *image,
                               const xl_measures *measures, uint32_t index) {
    size_t count = xt_image_record_count(image);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xl_get_execution(image, i, &execution);
        push_value(L, measures, index, &execution);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}

/* Arrays, in userdata, with an element for each record. */
typedef struct nested {
    size_t count;
    uint32_t *parents;
    uint64_t *self_us; /* the records' own times */
} nested;

/* The parents and own times of the records of `image`. Pushes the userdata. [-0, +n] */
static nested find_parents(lua_State *L, const xt_image *image) {
    size_t count = xt_image_record_count(image);
    nested found = {
        .count = count,
        .parents = lua_newuserdatauv(L, count * sizeof(uint32_t), 0),
        .self_us = lua_newuserdatauv(L, count * sizeof(uint64_t), 0),
    };
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_error error = xt_image_parents(image, &allocator, found.parents, found.self_us);
    xl_check_lua_memory(&memory, error, false);
    return found;
}

/* Pushes the column of own times that the records of `image` have in the snapshot that is
 * argument 3, from which it is filtered; in itself if that is none. [-0, +n] */
static int push_self_durations(lua_State *L, const xt_image *image) {
    const xl_argument argument = xl_argument_at(3);
    const xt_snapshot *whole = xl_to_snapshot(L, 3);
    if (whole == NULL && !lua_isnoneornil(L, 3)) {
        return xl_argument_type_error(L, &argument, "exectrack.Snapshot");
    }
    const xt_image *all = whole != NULL ? xt_snapshot_image(whole) : image;
    size_t count = xt_image_record_count(image);
    nested found = find_parents(L, all);
    if (all != image && !xt_image_self_of_part(all, image, found.self_us)) {
        return xl_argument_error(L, &argument, "this one isn't filtered from it");
    }
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xl_get_execution(image, i, &execution);
        if (execution.timing == XT_UNTIMED) {
            lua_pushboolean(L, false);
        } else {
            xl_push_duration(L, found.self_us[i]);
        }
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}

/* snapshot:column(field, whole) */
int xl_snapshot_column(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    size_t count = xt_image_record_count(image);
    xl_measures measures;
    uint32_t measure;
    xl_copy_measures(image, &measures);
    if (is_measure(L, &measures, &measure)) {
        return push_measure_column(L, image, &measures, measure);
    }
    size_t field = xl_record_field_argument(L, 2);
    if (field == XL_SELF_DURATION) {
        return push_self_durations(L, image);
    }
    xl_record_strings at = xl_push_record_strings(L, image, &measures);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_execution execution;
        xl_get_execution(image, i, &execution);
        xl_push_record_field(L, field, &at, &execution);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}

/* snapshot:parents() */
int xl_snapshot_parents(lua_State *L) {
    nested found = find_parents(L, xl_check_snapshot_image(L));
    lua_createtable(L, (int)found.count, 0);
    for (size_t i = 0; i < found.count; i++) {
        lua_pushinteger(L, found.parents[i]);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}
