/* Measures in the table form of a run. */
#include "table_form.h"

#include "arguments.h"
#include "number_text.h"
#include "push.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Sets a number if 14 digits, as many writers of JSON have, are exact; else a string. */
static void set_scale(lua_State *L, double scale) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.14g", scale);
    if (strtod(digits, NULL) == scale) {
        lua_pushnumber(L, scale);
    } else {
        lua_pushstring(L, xl_float_digits(scale, 17).bytes);
    }
    lua_setfield(L, -2, "scale");
}

void xl_set_exact_measures(lua_State *L, const xt_image *image) {
    xt_measure measures[XT_MAX_MEASURES];
    size_t count = xt_image_measures(image, measures);
    if (count == 0) {
        return;
    }
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 3);
        xl_set_text(L, "name", measures[i].name);
        xl_set_text(L, "unit", measures[i].unit);
        set_scale(L, measures[i].scale);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_setfield(L, -2, "measures");
}

void xl_set_exact_tool_measures(lua_State *L, const xt_image *image, uint32_t tool_id) {
    uint32_t count = image->measures.count;
    if (count == 0) {
        return;
    }
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        xt_measure_stats stats;
        xt_image_tool_measure(image, tool_id, i, &stats);
        lua_createtable(L, 0, 3);
        xl_set_exact(L, "sum", stats.sum);
        xl_set_exact(L, "count", stats.count);
        xl_set_exact(L, "max", stats.max);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_setfield(L, -2, "measures");
}

void xl_set_exact_values(lua_State *L, uint32_t count, const uint64_t *values) {
    if (values == NULL) {
        return;
    }
    lua_createtable(L, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        if (values[i] == XT_NO_MEASURE) {
            lua_pushboolean(L, false);
        } else {
            xl_push_exact(L, values[i]);
        }
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    lua_setfield(L, -2, "measures");
}

/* Pushes the array at `at`, which must have `count` elements. [-0, +1] */
static void enter_all(lua_State *L, const xl_place *at, uint32_t count) {
    if (xl_enter_array(L, at, count) != count) {
        xl_refuse(L, at, lua_pushfstring(L, "%d elements expected", (int)count));
    }
}

/* A number, or a string of its digits. Whether it can be a scale is checked with the
 * image. */
static double read_scale(lua_State *L, const xl_place *in) {
    const xl_place at = {in, "scale", 0};
    lua_getfield(L, -1, "scale");
    bool is_number = lua_type(L, -1) == LUA_TNUMBER ||
                     (lua_type(L, -1) == LUA_TSTRING && lua_isnumber(L, -1));
    if (!is_number) {
        xl_refuse(L, &at, "a number expected");
    }
    double scale = lua_tonumber(L, -1);
    lua_pop(L, 1); /* scale */
    return scale;
}

static void read_text(lua_State *L, const xl_place *at, char bytes[XT_MEASURE_BYTES],
                      uint32_t *length) {
    xt_text text = xl_push_text_at(L, at, XT_MEASURE_BYTES);
    memcpy(bytes, text.bytes, text.length);
    *length = (uint32_t)text.length;
    lua_pop(L, 1); /* text */
}

void xl_read_exact_measures(lua_State *L, xt_facts *facts) {
    const xl_place array = {NULL, "measures", 0};
    if (!xl_has_field(L, "measures")) {
        return;
    }
    facts->measure_count = (uint32_t)xl_enter_array(L, &array, XT_MAX_MEASURES);
    for (uint32_t i = 0; i < facts->measure_count; i++) {
        const xl_place at = {&array, NULL, i + UINT64_C(1)};
        const xl_place name = {&at, "name", 0};
        const xl_place unit = {&at, "unit", 0};
        xt_measure_entry *entry = &facts->measures[i];
        xl_enter_table(L, &at);
        read_text(L, &name, entry->name, &entry->name_length);
        read_text(L, &unit, entry->unit, &entry->unit_length);
        entry->scale = read_scale(L, &at);
        lua_pop(L, 1); /* measure */
    }
    lua_pop(L, 1); /* array */
}

void xl_read_exact_tool_measures(lua_State *L, const xl_place *tool,
                                 xt_builder *builder) {
    const xl_place array = {tool, "measures", 0};
    uint32_t count = builder->image->measures.count;
    if (count == 0) {
        return;
    }
    enter_all(L, &array, count);
    for (uint32_t i = 0; i < count; i++) {
        const xl_place at = {&array, NULL, i + UINT64_C(1)};
        xl_enter_table(L, &at);
        const xt_measure_stats stats = {
            .sum = xl_read_count(L, &at, "sum"),
            .count = xl_read_count(L, &at, "count"),
            .max = xl_read_count(L, &at, "max"),
        };
        xt_builder_set_measure(builder, i, &stats);
        lua_pop(L, 1); /* measure */
    }
    lua_pop(L, 1); /* array */
}

/* Whether element `i` of the array on top is false. */
static bool is_false(lua_State *L, uint32_t i) {
    bool has_false =
        lua_rawgeti(L, -1, (int64_t)i + 1) == LUA_TBOOLEAN && !lua_toboolean(L, -1);
    lua_pop(L, 1); /* element */
    return has_false;
}

void xl_read_exact_values(lua_State *L, const xl_place *record, uint32_t count,
                          uint64_t values[XT_MAX_MEASURES]) {
    const xl_place array = {record, "measures", 0};
    memset(values, 0xff, XT_MAX_MEASURES * sizeof *values); /* XT_NO_MEASURE */
    if (count == 0 || !xl_has_field(L, "measures")) {
        return;
    }
    enter_all(L, &array, count);
    for (uint32_t i = 0; i < count; i++) {
        const xl_place at = {&array, NULL, i + UINT64_C(1)};
        if (!is_false(L, i)) {
            values[i] = (uint64_t)xl_read_integer_at(L, &at, 0, (int64_t)XT_MAX_COUNT);
        }
    }
    lua_pop(L, 1); /* array */
}
