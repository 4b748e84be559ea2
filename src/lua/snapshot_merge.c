/* Merging several runs into one. */
#include "arguments.h"
#include "binding.h"
#include "lua_memory.h"
#include "measure_union.h"
#include "number_text.h"

/* Raises an error: element `i` of the list at index 1, which is on top, isn't a
 * snapshot. */
static void refuse_element(lua_State *L, int64_t i) {
    int element = lua_gettop(L);
    const char *actual = luaL_getmetafield(L, element, "__name") == LUA_TSTRING
                             ? lua_tostring(L, -1)
                             : luaL_typename(L, element);
    xl_arg_error(L, 1,
                 lua_pushfstring(L, "element %s: %s expected, got %s", xl_digits(i).bytes,
                                 xl_snapshot_type.name, actual));
}

/*
 * Stores the images of the `count` snapshots in the list at index 1. Pushes a copy of the
 * list, which no finalizer can change, to keep them alive. [-0, +1]
 */
static void push_snapshots(lua_State *L, size_t count, const xt_image *images[]) {
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, 1, (int64_t)i + 1);
        const xt_snapshot *snapshot = xl_to_snapshot(L, -1);
        if (snapshot == NULL) {
            refuse_element(L, (int64_t)i + 1);
        }
        images[i] = xt_snapshot_image(snapshot);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
}

/* Pushes the unit and the scale of a measure, in words. [-0, +1] */
static const char *push_unit(lua_State *L, const xt_measure_entry *entry) {
    const xt_measure measure = xt_measure_of(entry);
    lua_pushlstring(L, measure.unit.bytes, measure.unit.length);
    lua_pushfstring(L, "unit '%s' and scale %s", lua_tostring(L, -1),
                    xl_float_digits(measure.scale, 14).bytes);
    lua_remove(L, -2);
    return lua_tostring(L, -1);
}

/* Pushes why `refused` can't be added to the merged run's measures, `into`. [-0, +1] */
static const char *push_refusal(lua_State *L, const xt_measure_union *into,
                                const xt_measure_entry *refused) {
    uint32_t place = xt_measure_union_find(into, refused);
    if (place == into->count) {
        lua_pushliteral(L, "is one more than the 4 that a run can have");
    } else {
        const char *its = push_unit(L, refused);
        const char *other = push_unit(L, &into->entries[place]);
        lua_pushfstring(L, "has %s, in an earlier run %s", its, other);
        lua_replace(L, -3);
        lua_pop(L, 1);
    }
    return lua_tostring(L, -1);
}

/* Raises an error: measure `refused` of element `i` can't be added to the merged run's
 * measures, `into`. */
static void refuse_measure(lua_State *L, size_t i, const xt_measure_union *into,
                           const xt_measure_entry *refused) {
    const xt_measure measure = xt_measure_of(refused);
    lua_pushlstring(L, measure.name.bytes, measure.name.length);
    const char *name = lua_tostring(L, -1);
    xl_arg_error(L, 1,
                 lua_pushfstring(L, "element %s: measure '%s' %s",
                                 xl_digits((int64_t)i + 1).bytes, name,
                                 push_refusal(L, into, refused)));
}

static void check_measures(lua_State *L, size_t count, const xt_image *const images[]) {
    xt_measure_union into = {0};
    for (size_t i = 0; i < count; i++) {
        const xt_measure_entry *refused =
            xt_measure_union_add(&into, &images[i]->measures);
        if (refused != NULL) {
            refuse_measure(L, i, &into, refused);
        }
    }
}

static size_t max_history_option(lua_State *L) {
    static const char *const name = "max_history";
    if (lua_isnoneornil(L, 2)) {
        return XT_KEEP_ALL;
    }
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    xl_push_fields(L, 2, "option", 1, &name);
    return lua_isnil(L, 3) ? XT_KEEP_ALL
                           : (size_t)xl_integer_argument(L, (xl_argument){3, 2, name}, 0,
                                                         XT_MAX_HISTORY);
}

/* exectrack.merge(snapshots [, options]) */
int xl_snapshot_merge(lua_State *L) {
    size_t count = xl_array_argument(L, xl_argument_at(1));
    if (count == 0) {
        xl_arg_error(L, 1, "at least one snapshot expected");
    }
    size_t max_history = max_history_option(L);
    const xt_image **images = lua_newuserdatauv(L, count * sizeof *images, 0);
    push_snapshots(L, count, images);
    check_measures(L, count, images);
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_snapshot *snapshot;
    xt_error error = xt_snapshot_merge(count, images, max_history, &allocator, &snapshot);
    xl_check_lua_memory(&memory, error, false);
    xl_push_snapshot(L, snapshot);
    return 1;
}
