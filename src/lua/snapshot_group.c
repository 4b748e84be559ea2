/* Groups of records: counts, durations and quantiles of each. */
#include "arguments.h"
#include "binding.h"
#include "kept_texts.h"
#include "lua_memory.h"
#include "measures.h"
#include "number_text.h"
#include "push.h"
#include "status.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The names of the keys, indexed by xt_key. They are also the names of fields of rows. */
static const char *const key_names[XT_KEYS] = {
    [XT_BY_TOOL] = "tool",           [XT_BY_STATUS] = "status",
    [XT_BY_CACHED] = "was_cached",   [XT_BY_ERROR_TYPE] = "error_type",
    [XT_BY_ARGS_HASH] = "args_hash", [XT_BY_SESSION] = "session",
    [XT_BY_TIME] = "bucket"};

/* The grouping that the arguments of a method describe. */
typedef struct request {
    xt_grouping grouping;
    bool has_quantiles; /* false if they are the default ones */
    double quantiles[XT_MAX_QUANTILES];
} request;

static void add_key(lua_State *L, int number, xt_grouping *grouping, xt_key key) {
    for (size_t i = 0; i < grouping->key_count; i++) {
        if (grouping->keys[i] == key) {
            xl_arg_error(L, number,
                         lua_pushfstring(L, "key '%s' is given twice",
                                         key == XT_BY_TIME ? "every" : key_names[key]));
        }
    }
    grouping->keys[grouping->key_count++] = key;
}

static void read_key_name(lua_State *L, int number, xt_grouping *grouping) {
    xt_text name = xl_text_argument(L, xl_argument_at(number));
    size_t key = xl_find_word(name, XT_BY_TIME, key_names);
    if (key < XT_BY_TIME) {
        add_key(L, number, grouping, (xt_key)key);
        return;
    }
    xl_arg_error(
        L, number,
        lua_pushfstring(L,
                        "unknown key %s, not one of 'tool', 'status', 'was_cached', "
                        "'error_type', 'args_hash', 'session', { every = seconds }",
                        xl_quote(L, number)));
}

static void read_every(lua_State *L, xl_argument every, xt_grouping *grouping) {
    if (!xl_to_time_us(L, every.index, &grouping->every_us) || grouping->every_us == 0) {
        xl_argument_error(L, &every,
                          lua_pushfstring(L,
                                          "seconds from 0.000001 to %s expected, got %s",
                                          xl_digits(XT_MAX_SECONDS).bytes,
                                          xl_describe(L, every.index)));
    }
    add_key(L, every.number, grouping, XT_BY_TIME);
}

static double quantile_argument(lua_State *L, xl_argument argument) {
    double quantile = lua_tonumber(L, argument.index);
    if (lua_type(L, argument.index) != LUA_TNUMBER || !(quantile >= 0 && quantile <= 1)) {
        xl_argument_error(L, &argument,
                          lua_pushfstring(L, "a number from 0 to 1 expected, got %s",
                                          xl_describe(L, argument.index)));
    }
    return quantile + 0.0; /* makes -0 a 0: the field's name would show the sign */
}

static void read_quantiles(lua_State *L, xl_argument list, request *into) {
    size_t count = xl_array_argument(L, list);
    if (into->has_quantiles) {
        xl_arg_error(L, list.number, "'quantiles' are given twice");
    }
    if (count > XT_MAX_QUANTILES) {
        xl_argument_error(L, &list,
                          lua_pushfstring(L, "at most %d expected, got %s",
                                          XT_MAX_QUANTILES,
                                          xl_digits((int64_t)count).bytes));
    }
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list.index, (int64_t)i + 1);
        xl_argument value = {lua_gettop(L), list.number, list.field};
        into->quantiles[i] = quantile_argument(L, value);
        lua_pop(L, 1); /* quantile */
    }
    into->grouping.quantile_count = count;
    into->has_quantiles = true;
}

/* Reads the table that is argument `number`: `{ every = seconds }`, which is a key and
 * may have `quantiles`, too; or options, which have `quantiles` only. */
static void read_table(lua_State *L, int number, bool is_key, request *into) {
    static const char *const names[] = {"quantiles", "every"};
    int top = lua_gettop(L);
    xl_push_fields(L, number, is_key ? "field" : "option", is_key ? 2 : 1, names);
    if (is_key) {
        read_every(L, (xl_argument){top + 2, number, names[1]}, &into->grouping);
    }
    if (!lua_isnil(L, top + 1)) {
        read_quantiles(L, (xl_argument){top + 1, number, names[0]}, into);
    }
    lua_settop(L, top);
}

static bool has_every(lua_State *L, int number) {
    lua_pushliteral(L, "every");
    bool has = lua_rawget(L, number) != LUA_TNIL;
    lua_pop(L, 1); /* every */
    return has;
}

/* Reads argument `number`: a key; or options, if it is the last argument. */
static void read_key_or_options(lua_State *L, int number, int last, request *into) {
    switch (lua_type(L, number)) {
    case LUA_TSTRING:
        read_key_name(L, number, &into->grouping);
        break;
    case LUA_TTABLE:
        if (lua_rawlen(L, number) > 0) {
            xl_arg_error(L, number,
                         "each key must be an argument, not an element of a list");
        } else if (has_every(L, number)) {
            read_table(L, number, true, into);
        } else if (number == last) {
            read_table(L, number, false, into);
        } else {
            xl_arg_error(L, number, "field 'every' expected");
        }
        break;
    default:
        xl_type_error(L, number, "string or table");
    }
}

static request default_request(void) {
    request made = {.grouping = {.quantile_count = XL_STATS_QUANTILES}};
    memcpy(made.quantiles, xl_stats_quantiles, sizeof xl_stats_quantiles);
    return made;
}

/* The groups that are asked for. Pushes the userdata that they are in. [-0, +n] */
static const xt_groups *group(lua_State *L, const xt_image *image, request *asked) {
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_groups *groups;
    asked->grouping.quantiles = asked->quantiles;
    xt_error error = xt_image_group(image, &asked->grouping, &allocator, &groups);
    xl_check_lua_memory(&memory, error, false);
    if (error != XT_OK) {
        luaL_error(L, "%s", xt_error_message(error));
    }
    return groups;
}

/*
 * Pushes the names of the quantiles' fields, such as `p99_9_duration_ms` for 0.999.
 * Returns the index of the first. [-0, +quantile_count]
 */
static int push_quantile_names(lua_State *L, const xt_grouping *grouping) {
    int first = lua_gettop(L) + 1;
    luaL_checkstack(L, (int)grouping->quantile_count + 10, "too many quantiles");
    for (size_t i = 0; i < grouping->quantile_count; i++) {
        char digits[32];
        snprintf(digits, sizeof digits, "%.14g", grouping->quantiles[i] * 100);
        for (char *c = digits; *c != '\0'; c++) {
            *c = (char)(isalnum((unsigned char)*c) ? *c : '_');
        }
        lua_pushfstring(L, "p%s_duration_ms", digits);
    }
    return first;
}

/* Pushes the value of `key` that the records of a group have in common; nil if they have
 * no error type or no session. [-0, +1] */
static void push_key(lua_State *L, const xt_image *image, const xt_group *row,
                     xt_key key) {
    switch (key) {
    case XT_BY_TOOL:
        xl_push_text(L, xt_image_tool_name(image, row->tool_id));
        break;
    case XT_BY_STATUS:
        lua_pushstring(L, xt_status_word(row->status));
        break;
    case XT_BY_CACHED:
        lua_pushboolean(L, row->was_cached);
        break;
    case XT_BY_ERROR_TYPE:
        if (row->error_type_id != 0) {
            xl_push_text(L, xt_image_error_type(image, row->error_type_id));
        } else {
            lua_pushnil(L);
        }
        break;
    case XT_BY_ARGS_HASH:
        lua_pushinteger(L, row->args_hash);
        break;
    case XT_BY_SESSION:
        if (row->session.hash != 0) {
            xl_push_session(L, xt_image_session(image, row->session.hash));
        } else {
            lua_pushnil(L);
        }
        break;
    case XT_BY_TIME:
        xl_push_time(L, row->time_us);
        break;
    }
}

static void set_counts(lua_State *L, const xt_counts *counts) {
    uint64_t ended = counts->executions - counts->cancelled;
    xl_set_integer(L, "count", counts->executions);
    xl_set_counts(L, counts);
    if (ended > 0) {
        double errors = (double)(counts->failed + counts->timed_out);
        lua_pushnumber(L, errors / (double)ended);
        lua_setfield(L, -2, "error_rate");
    }
}

/* Sets the shortest and longest duration and the quantiles, which only measured records
 * have. */
static void set_figures(lua_State *L, const xt_group *row, const xt_grouping *grouping,
                        int quantile_names) {
    xl_set_duration(L, "min_duration_ms", row->min_duration_us);
    xl_set_duration(L, "max_duration_ms", row->max_duration_us);
    for (size_t i = 0; i < grouping->quantile_count; i++) {
        lua_pushvalue(L, quantile_names + (int)i);
        xl_push_duration(L, row->quantiles_us[i]);
        lua_rawset(L, -3);
    }
}

static void set_measures(lua_State *L, const xt_image *image, const xt_group *row) {
    static const xt_measure_total none[XT_MAX_MEASURES];
    xl_measures measures;
    xl_copy_measures(image, &measures);
    xl_set_measure_totals(L, &measures, row->measures != NULL ? row->measures : none);
}

static void push_row(lua_State *L, const xt_image *image, const xt_group *row,
                     const xt_grouping *grouping, int quantile_names) {
    lua_createtable(L, 0, (int)(grouping->key_count + grouping->quantile_count) + 16);
    for (size_t i = 0; i < grouping->key_count; i++) {
        push_key(L, image, row, grouping->keys[i]);
        lua_setfield(L, -2, key_names[grouping->keys[i]]);
    }
    set_counts(L, &row->counts);
    xl_set_average(L, &row->counts);
    if (xt_counts_measured(&row->counts) > 0) {
        set_figures(L, row, grouping, quantile_names);
    }
    if (row->counts.executions > 0 && row->first_end_us <= row->last_end_us) {
        xl_set_time(L, "first_timestamp", row->first_end_us);
        xl_set_time(L, "last_timestamp", row->last_end_us);
    }
    set_measures(L, image, row);
}

/* snapshot:group_by(key, ... [, options]) */
int xl_snapshot_group_by(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    request asked = default_request();
    int last = lua_gettop(L);
    for (int number = 2; number <= last; number++) {
        read_key_or_options(L, number, last, &asked);
    }
    const xt_groups *groups = group(L, image, &asked);
    size_t count = xt_groups_count(groups);
    int quantile_names = push_quantile_names(L, &asked.grouping);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        xt_group row = xt_groups_get(groups, i);
        push_row(L, image, &row, &asked.grouping, quantile_names);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}

/* snapshot:summary([options]) */
int xl_snapshot_summary(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    request asked = default_request();
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        read_table(L, 2, false, &asked);
    }
    const xt_groups *groups = group(L, image, &asked);
    int quantile_names = push_quantile_names(L, &asked.grouping);
    xt_group row = {0};
    if (xt_groups_count(groups) > 0) {
        row = xt_groups_get(groups, 0);
    }
    push_row(L, image, &row, &asked.grouping, quantile_names);
    return 1;
}

/* snapshot:quantile(q) */
int xl_snapshot_quantile(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    request asked = {.grouping = {.quantile_count = 1}};
    asked.quantiles[0] = quantile_argument(L, xl_argument_at(2));
    const xt_groups *groups = group(L, image, &asked);
    xt_group row = {0};
    if (xt_groups_count(groups) > 0) {
        row = xt_groups_get(groups, 0);
    }
    if (xt_counts_measured(&row.counts) > 0) {
        xl_push_duration(L, row.quantiles_us[0]);
    } else {
        lua_pushnil(L);
    }
    return 1;
}
