/* Snapshots of a part of the records, or without texts. */
#include "arguments.h"
#include "binding.h"
#include "lua_memory.h"
#include "record_fields.h"
#include "selection.h"

#include <stdlib.h>
#include <string.h>

static const char *const condition_names[] = {
    "tool",  "error_type", "session",         "status",          "was_cached", "timing",
    "since", "before",     "min_duration_ms", "max_duration_ms", "last",       "where"};
enum { CONDITIONS = sizeof condition_names / sizeof condition_names[0] };
enum {
    TOOL,
    ERROR_TYPE,
    SESSION,
    STATUS,
    WAS_CACHED,
    TIMING,
    SINCE,
    BEFORE,
    MIN_DURATION,
    MAX_DURATION,
    LAST,
    WHERE
};

/* Sets the elements of `named` that the value of a condition names: of one flag per tool,
 * status and so on. */
typedef void take_value(lua_State *L, xl_argument value, const xt_image *image,
                        bool named[]);

static void take_tool(lua_State *L, xl_argument value, const xt_image *image,
                      bool named[]) {
    (void)image;
    named[xl_find_tool(L, xl_text_argument(L, value))] = true;
}

static void take_status(lua_State *L, xl_argument value, const xt_image *image,
                        bool named[]) {
    (void)image;
    named[xl_status_argument(L, value)] = true;
}

static bool is_false(lua_State *L, xl_argument value) {
    return lua_isboolean(L, value.index) && !lua_toboolean(L, value.index);
}

static void take_timing(lua_State *L, xl_argument value, const xt_image *image,
                        bool named[]) {
    (void)image;
    named[xl_timing_argument(L, value)] = true;
}

/* `false` and the empty string mean no error type, which has the identifier 0. */
static void take_error_type(lua_State *L, xl_argument value, const xt_image *image,
                            bool named[]) {
    uint32_t count = xt_image_error_type_count(image);
    if (is_false(L, value)) {
        named[0] = true;
        return;
    }
    if (lua_type(L, value.index) != LUA_TSTRING) {
        xl_argument_type_error(L, &value, "string or false");
    }
    xt_text text = xl_text_argument(L, value);
    if (text.length > XT_NAME_BYTES) {
        text.length = XT_NAME_BYTES; /* recording cuts it, too */
    }
    named[0] |= text.length == 0;
    for (uint32_t id = 1; id <= count; id++) {
        named[id] |= xl_text_equals(text, xt_image_error_type(image, id));
    }
}

/* Takes the value of a condition, or each element of a list of values. */
static void take_values(lua_State *L, xl_argument condition, const xt_image *image,
                        take_value *take, bool named[]) {
    if (!lua_istable(L, condition.index)) {
        take(L, condition, image, named);
        return;
    }
    size_t count = xl_array_argument(L, condition);
    for (size_t i = 1; i <= count; i++) {
        lua_rawgeti(L, condition.index, (int64_t)i);
        xl_argument value = condition;
        value.index = lua_gettop(L);
        take(L, value, image, named);
        lua_settop(L, value.index - 1);
    }
}

/* Pushes a userdata of `count` flags, all false. [-0, +1] */
static bool *push_false(lua_State *L, size_t count) {
    bool *flags = lua_newuserdatauv(L, count, 0);
    memset(flags, 0, count);
    return flags;
}

/* The fingerprint of the session that is named; 0 for `false`, which means no session. */
static uint32_t session_value(lua_State *L, xl_argument value) {
    if (is_false(L, value)) {
        return 0;
    }
    if (lua_type(L, value.index) != LUA_TSTRING) {
        xl_argument_type_error(L, &value, "string or false");
    }
    return xt_session_of(xl_text_at(L, value.index)).hash;
}

static int compare_hashes(const void *a, const void *b) {
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

/* Reads a session or a list of sessions. Pushes a userdata of their fingerprints.
 * [-0, +1] */
static void read_sessions(lua_State *L, xl_argument condition, xt_filter *filter) {
    bool is_list = lua_istable(L, condition.index);
    size_t count = is_list ? xl_array_argument(L, condition) : 1;
    uint32_t *sessions = lua_newuserdatauv(L, count * sizeof *sessions, 0);
    xl_argument value = condition;
    for (size_t i = 0; i < count; i++) {
        if (is_list) {
            lua_rawgeti(L, condition.index, (int64_t)i + 1);
            value.index = lua_gettop(L);
        }
        sessions[i] = session_value(L, value);
        lua_pop(L, is_list ? 1 : 0);
    }
    qsort(sessions, count, sizeof *sessions, compare_hashes);
    filter->sessions = sessions;
    filter->session_count = count;
}

static bool is_given(lua_State *L, xl_argument condition) {
    return !lua_isnil(L, condition.index);
}

/* Reads the conditions whose values are names. Pushes what the filter then points to. */
static void read_names(lua_State *L, const xl_argument conditions[],
                       const xt_image *image, xt_filter *filter) {
    if (is_given(L, conditions[TOOL])) {
        bool *tools = push_false(L, (size_t)xt_image_tool_count(image) + 1);
        filter->tools = tools;
        take_values(L, conditions[TOOL], image, take_tool, tools);
    }
    if (is_given(L, conditions[ERROR_TYPE])) {
        bool *error_types = push_false(L, (size_t)xt_image_error_type_count(image) + 1);
        filter->error_types = error_types;
        take_values(L, conditions[ERROR_TYPE], image, take_error_type, error_types);
    }
    if (is_given(L, conditions[SESSION])) {
        read_sessions(L, conditions[SESSION], filter);
    }
    if (is_given(L, conditions[STATUS])) {
        memset(filter->statuses, 0, sizeof filter->statuses);
        take_values(L, conditions[STATUS], image, take_status, filter->statuses);
    }
    if (is_given(L, conditions[WAS_CACHED])) {
        bool was_cached = xl_boolean_argument(L, conditions[WAS_CACHED]);
        filter->cached[!was_cached] = false;
    }
    if (is_given(L, conditions[TIMING])) {
        memset(filter->timings, 0, sizeof filter->timings);
        take_values(L, conditions[TIMING], image, take_timing, filter->timings);
    }
}

/* Reads the conditions on times and durations. An execution without a time or a duration
 * never meets a condition on it. */
static void read_ranges(lua_State *L, const xl_argument conditions[], xt_filter *filter) {
    filter->undated[1] =
        !is_given(L, conditions[SINCE]) && !is_given(L, conditions[BEFORE]);
    if (is_given(L, conditions[MIN_DURATION]) || is_given(L, conditions[MAX_DURATION])) {
        filter->timings[XT_UNTIMED] = false;
    }
    if (is_given(L, conditions[SINCE])) {
        filter->since_us = xl_time_argument(L, conditions[SINCE]);
    }
    if (is_given(L, conditions[BEFORE])) {
        filter->before_us = xl_time_argument(L, conditions[BEFORE]);
    }
    if (is_given(L, conditions[MIN_DURATION])) {
        filter->min_duration_us = xl_duration_argument(L, conditions[MIN_DURATION]);
    }
    if (is_given(L, conditions[MAX_DURATION])) {
        filter->max_duration_us = xl_duration_argument(L, conditions[MAX_DURATION]);
    }
}

/* Removes from `selection` the records for which the function at `where` returns nil or
 * false. */
static void ask_where(lua_State *L, int where, const xt_image *image,
                      uint64_t selection[]) {
    size_t count = xt_image_record_count(image);
    xl_measures measures;
    xl_copy_measures(image, &measures);
    for (size_t i = 0; i < count; i++) {
        uint64_t bit = UINT64_C(1) << i % 64;
        if ((selection[i / 64] & bit) != 0) {
            xt_execution execution;
            xl_get_execution(image, i, &execution);
            lua_pushvalue(L, where);
            xl_push_execution(L, &measures, &execution);
            lua_call(L, 1, 1);
            if (!lua_toboolean(L, -1)) {
                selection[i / 64] &= ~bit;
            }
            lua_pop(L, 1); /* result */
        }
    }
}

/* Reads the table at index 2 into `filter` and, for `where`, `conditions`. Pushes what
 * these then point to. */
static void read_conditions(lua_State *L, const xt_image *image,
                            xl_argument conditions[CONDITIONS], xt_filter *filter) {
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    xl_push_fields(L, 2, "condition", CONDITIONS, condition_names);
    for (int i = 0; i < CONDITIONS; i++) {
        conditions[i] = (xl_argument){3 + i, 2, condition_names[i]};
    }
    read_names(L, conditions, image, filter);
    read_ranges(L, conditions, filter);
    if (is_given(L, conditions[LAST])) {
        filter->last = xl_count_argument(L, conditions[LAST]);
    }
    if (is_given(L, conditions[WHERE]) && !lua_isfunction(L, conditions[WHERE].index)) {
        xl_argument_type_error(L, &conditions[WHERE], "function");
    }
}

/* snapshot:filter(conditions) */
int xl_snapshot_filter(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    xl_argument conditions[CONDITIONS];
    xt_filter filter = xt_filter_all();
    read_conditions(L, image, conditions, &filter);
    uint64_t *selection =
        lua_newuserdatauv(L, xt_selection_words(image) * sizeof *selection, 0);
    xt_selection_of(image, &filter, selection);
    if (is_given(L, conditions[WHERE])) {
        ask_where(L, conditions[WHERE].index, image, selection);
    }
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_snapshot *snapshot;
    xt_error error =
        xt_snapshot_select(image, selection, filter.last, &allocator, &snapshot);
    xl_check_lua_memory(&memory, error, false);
    xt_snapshot_copy_writer(snapshot, xl_check_snapshot(L));
    xl_push_snapshot(L, snapshot);
    return 1;
}

/* snapshot:without_texts() */
int xl_snapshot_without_texts(lua_State *L) {
    const xt_image *image = xl_check_snapshot_image(L);
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_snapshot *snapshot;
    xt_error error = xt_snapshot_without_texts(image, &allocator, &snapshot);
    xl_check_lua_memory(&memory, error, false);
    xt_snapshot_copy_writer(snapshot, xl_check_snapshot(L));
    xl_push_snapshot(L, snapshot);
    return 1;
}
