#include "measures.h"

#include "number_text.h"
#include "push.h"

#include <math.h>
#include <string.h>

void xl_copy_measures(const xt_image *image, xl_measures *measures) {
    measures->count = image->measures.count;
    memcpy(measures->entries, image->measures.entries,
           measures->count * sizeof measures->entries[0]);
}

uint32_t xl_find_measure(const xl_measures *measures, xt_text name) {
    uint32_t i = 0;
    while (i < measures->count &&
           !xl_text_equals(xt_measure_of(&measures->entries[i]).name, name)) {
        i++;
    }
    return i;
}

/* Whether the value at `value` can be that of a measure. */
static bool is_value(lua_State *L, int value) {
    double number = lua_tonumber(L, value);
    return lua_type(L, value) == LUA_TNUMBER && number >= 0 && !isinf(number);
}

/* The measure that the key at `key` names; the count if there is none. If `measures` is
 * null, each name is the first one's. */
static uint32_t find_key(lua_State *L, int key, const xl_measures *measures) {
    bool is_name = lua_type(L, key) == LUA_TSTRING;
    if (measures == NULL) {
        return is_name ? 0 : 1;
    }
    return is_name ? xl_find_measure(measures, xl_text_at(L, key)) : measures->count;
}

/* Pushes and returns the message about the wrong entry of the table at `index` whose key is
 * the first: the same one in whatever order the table has them. */
static const char *explain(lua_State *L, int index, const xl_measures *measures) {
    uint32_t count = measures != NULL ? measures->count : 1;
    lua_pushnil(L);
    int wrong = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        int key = wrong + 1;
        bool is_wrong = find_key(L, key, measures) == count || !is_value(L, key + 1);
        lua_pop(L, 1); /* value */
        if (is_wrong && xl_is_key_before(L, key, wrong)) {
            lua_pushvalue(L, key);
            lua_replace(L, wrong);
        }
    }
    if (find_key(L, wrong, measures) == count) {
        return lua_pushfstring(L, "unknown measure %s", xl_quote(L, wrong));
    }
    lua_pushvalue(L, wrong);
    lua_rawget(L, index);
    return lua_pushfstring(
        L, "measure %s must be a finite number that isn't negative, got %s",
        xl_quote(L, wrong), xl_describe(L, wrong + 1));
}

/* Calls no metamethod, and allocates nothing unless the table is wrong. */
const char *xl_read_measures(lua_State *L, int index, const xl_measures *measures,
                             uint64_t values[XT_MAX_MEASURES]) {
    for (int i = 0; i < XT_MAX_MEASURES; i++) {
        values[i] = XT_NO_MEASURE;
    }
    luaL_checkstack(L, 12, "too many measures");
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        int value = lua_gettop(L);
        uint32_t i = find_key(L, value - 1, measures);
        if (i == measures->count || !is_value(L, value)) {
            return explain(L, index, measures);
        }
        values[i] = xt_measure_value(lua_tonumber(L, value), measures->entries[i].scale);
        lua_pop(L, 1); /* value */
    }
    return NULL;
}

/* Adds a value in the order of the names. */
static void insert(xl_named_values *to, xt_import_value value) {
    size_t place = to->count++;
    while (place > 0 && xt_text_compare(value.name, to->values[place - 1].name) < 0) {
        to->values[place] = to->values[place - 1];
        place--;
    }
    to->values[place] = value;
}

/* The same for measures of any names. */
static const char *read_named(lua_State *L, int index, xl_named_values *to) {
    size_t count = 0;
    luaL_checkstack(L, 12, "too many measures");
    lua_pushnil(L);
    while (lua_next(L, index) != 0) {
        int value = lua_gettop(L);
        if (find_key(L, value - 1, NULL) != 0 || !is_value(L, value)) {
            return explain(L, index, NULL);
        }
        if (to->count < XT_MAX_MEASURES) {
            insert(to,
                   (xt_import_value){xl_text_at(L, value - 1), lua_tonumber(L, value)});
        }
        count++;
        lua_pop(L, 1); /* value */
    }
    return count <= XT_MAX_MEASURES
               ? NULL
               : lua_pushfstring(L, "at most %d expected, got %s", XT_MAX_MEASURES,
                                 xl_digits((int64_t)count).bytes);
}

void xl_named_values_argument(lua_State *L, xl_argument argument, xl_named_values *to) {
    to->count = 0;
    if (lua_isnoneornil(L, argument.index)) {
        return;
    }
    if (!lua_istable(L, argument.index)) {
        xl_argument_type_error(L, &argument, "table");
    }
    const char *problem = read_named(L, argument.index, to);
    if (problem != NULL) {
        xl_argument_error(L, &argument, problem);
    }
}

const uint64_t *xl_measures_argument(lua_State *L, xl_argument argument,
                                     const xl_measures *measures,
                                     uint64_t values[XT_MAX_MEASURES]) {
    if (lua_isnoneornil(L, argument.index)) {
        return NULL;
    }
    if (!lua_istable(L, argument.index)) {
        xl_argument_type_error(L, &argument, "table");
    }
    const char *problem = xl_read_measures(L, argument.index, measures, values);
    if (problem != NULL) {
        xl_argument_error(L, &argument, problem);
    }
    return values;
}

void xl_push_measure(lua_State *L, const xt_measure_entry *measure, uint64_t value) {
    lua_pushnumber(L, xt_measure_number(value, measure->scale));
}

static void push_name(lua_State *L, const xt_measure_entry *measure) {
    lua_pushlstring(L, measure->name, measure->name_length);
}

bool xl_push_values(lua_State *L, const xl_measures *measures, const uint64_t *values) {
    if (values == NULL) {
        return false;
    }
    lua_createtable(L, 0, (int)measures->count);
    for (uint32_t i = 0; i < measures->count; i++) {
        if (values[i] != XT_NO_MEASURE) {
            push_name(L, &measures->entries[i]);
            xl_push_measure(L, &measures->entries[i], values[i]);
            lua_rawset(L, -3);
        }
    }
    return true;
}

void xl_push_measures(lua_State *L, const xl_measures *measures) {
    lua_createtable(L, (int)measures->count, 0);
    for (uint32_t i = 0; i < measures->count; i++) {
        const xt_measure measure = xt_measure_of(&measures->entries[i]);
        lua_createtable(L, 0, 3);
        xl_set_text(L, "name", measure.name);
        xl_set_text(L, "unit", measure.unit);
        lua_pushnumber(L, measure.scale);
        lua_setfield(L, -2, "scale");
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
}

static void set_number(lua_State *L, const char *field, const xt_measure_entry *measure,
                       uint64_t value) {
    xl_push_measure(L, measure, value);
    lua_setfield(L, -2, field);
}

static void set_lifetime(lua_State *L, const xl_measures *measures,
                         const xt_measure_stats stats[]) {
    lua_createtable(L, 0, (int)measures->count);
    for (uint32_t i = 0; i < measures->count; i++) {
        const xt_measure_entry *measure = &measures->entries[i];
        push_name(L, measure);
        lua_createtable(L, 0, 3);
        set_number(L, "sum", measure, stats[i].sum);
        xl_set_integer(L, "count", stats[i].count);
        if (stats[i].count > 0) {
            set_number(L, "max", measure, stats[i].max);
        }
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "measures");
}

static void set_window(lua_State *L, const xl_measures *measures,
                       const xt_measure_stats stats[]) {
    lua_getfield(L, -1, "window");
    lua_createtable(L, 0, (int)measures->count);
    for (uint32_t i = 0; i < measures->count; i++) {
        push_name(L, &measures->entries[i]);
        lua_createtable(L, 0, 1);
        set_number(L, "sum", &measures->entries[i], stats[i].window_sum);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "measures");
    lua_pop(L, 1); /* window */
}

void xl_set_measure_stats(lua_State *L, const xl_measures *measures,
                          const xt_measure_stats stats[]) {
    if (measures->count > 0) {
        set_lifetime(L, measures, stats);
        set_window(L, measures, stats);
    }
}

void xl_set_measure_totals(lua_State *L, const xl_measures *measures,
                           const xt_measure_total totals[]) {
    if (measures->count == 0) {
        return;
    }
    lua_createtable(L, 0, (int)measures->count);
    for (uint32_t i = 0; i < measures->count; i++) {
        push_name(L, &measures->entries[i]);
        lua_createtable(L, 0, 2);
        set_number(L, "sum", &measures->entries[i], totals[i].sum);
        xl_set_integer(L, "count", totals[i].count);
        lua_rawset(L, -3);
    }
    lua_setfield(L, -2, "measures");
}
