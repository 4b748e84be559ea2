#include "measures_option.h"

#include <math.h>
#include <string.h>

/* Measures with their texts, which tables could change. */
typedef struct described {
    xt_measure measures[XT_MAX_MEASURES];
    char names[XT_MAX_MEASURES][XT_MEASURE_BYTES];
    char units[XT_MAX_MEASURES][XT_MEASURE_BYTES];
} described;

/* Pushes a field of the table on top, without metamethods. [-0, +1] */
static void push_field(lua_State *L, const char *field) {
    lua_pushstring(L, field);
    lua_rawget(L, -2);
}

/* Raises what is wrong with a field of measure `i`, from 1. */
static int refuse(lua_State *L, const xt_argument *option, size_t i, const char *field,
                  const char *problem) {
    const char *message =
        lua_pushfstring(L, "%s[%d]%s: %s", option->field, (int)i, field, problem);
    return luaL_argerror(L, option->number, message);
}

/* Reads the text in a field of the table on top into `bytes`. */
static xt_text read_text(lua_State *L, const xt_argument *option, size_t i,
                         const char *field, size_t least, char bytes[XT_MEASURE_BYTES]) {
    push_field(L, field + 1);
    bool is_absent = lua_isnil(L, -1) && least == 0;
    xt_text text = {NULL, 0};
    if (lua_type(L, -1) == LUA_TSTRING) {
        text = xt_text_at(L, -1);
    }
    if (!is_absent && (lua_type(L, -1) != LUA_TSTRING || text.length < least ||
                       text.length > XT_MEASURE_BYTES)) {
        refuse(L, option, i, field,
               lua_pushfstring(L, "a string of %d to %d bytes expected, got %s",
                               (int)least, XT_MEASURE_BYTES, xt_show(L, -1)));
    }
    if (text.length > 0) {
        memcpy(bytes, text.bytes, text.length);
    }
    lua_pop(L, 1); /* field */
    return (xt_text){bytes, text.length};
}

static double read_scale(lua_State *L, const xt_argument *option, size_t i) {
    push_field(L, "scale");
    double scale = lua_isnil(L, -1) ? 1 : lua_tonumber(L, -1);
    bool has_type = lua_isnil(L, -1) || lua_type(L, -1) == LUA_TNUMBER;
    if (!has_type || !(scale > 0) || isinf(scale)) {
        refuse(L, option, i, ".scale",
               lua_pushfstring(L, "a finite number above 0 expected, got %s",
                               xt_describe(L, -1)));
    }
    lua_pop(L, 1); /* scale */
    return scale;
}

/* Raises for a field of measure `i`, which is on top, that isn't known. */
static void check_fields(lua_State *L, const xt_argument *option, size_t i) {
    static const char *const names[] = {"name", "unit", "scale"};
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        lua_pop(L, 1); /* value */
        if (lua_type(L, -1) != LUA_TSTRING ||
            xt_find_word(xt_text_at(L, -1), 3, names) == 3) {
            refuse(L, option, i, "",
                   lua_pushfstring(L, "unknown field %s", xt_quote(L, -1)));
        }
    }
}

/* Reads measure `i`, from 1, of which the table is on top. */
static void read_measure(lua_State *L, const xt_argument *option, size_t i,
                         described *into) {
    if (!lua_istable(L, -1)) {
        refuse(L, option, i, "",
               lua_pushfstring(L, "table expected, got %s", luaL_typename(L, -1)));
    }
    check_fields(L, option, i);
    into->measures[i - 1] = (xt_measure){
        .name = read_text(L, option, i, ".name", 1, into->names[i - 1]),
        .unit = read_text(L, option, i, ".unit", 0, into->units[i - 1]),
        .scale = read_scale(L, option, i),
    };
    for (size_t j = 0; j < i - 1; j++) {
        if (xt_text_equals(into->measures[j].name, into->measures[i - 1].name)) {
            refuse(L, option, i, ".name", "another measure has it already");
        }
    }
}

void xl_push_measures_option(lua_State *L, xt_argument option, xt_options *options) {
    size_t count = lua_isnil(L, option.index) ? 0 : xt_array_argument(L, option);
    if (count > XT_MAX_MEASURES) {
        xt_argument_error(L, &option,
                          lua_pushfstring(L, "at most %d expected, got %I",
                                          XT_MAX_MEASURES, (LUAI_UACINT)count));
    }
    if (count == 0) {
        lua_pushnil(L);
        return;
    }
    described *made = lua_newuserdatauv(L, sizeof *made, 0);
    luaL_checkstack(L, 10, "too many measures");
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, option.index, (lua_Integer)i);
        read_measure(L, &option, i, made);
        lua_pop(L, 1); /* measure */
    }
    options->measures = made->measures;
    options->measure_count = count;
}
