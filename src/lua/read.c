/* The methods that read from an image, which Tracker and Snapshot have in common. */
#include "binding.h"

#include "arguments.h"
#include "instance_id.h"
#include "kept_texts.h"
#include "measures.h"
#include "push.h"
#include "record_fields.h"

#include <string.h>

/* The type of self: upvalue 1. */
static const xl_type *type_of_self(lua_State *L) {
    return lua_touserdata(L, lua_upvalueindex(1));
}

const xt_image *xl_check_image(lua_State *L) {
    const xl_type *type = type_of_self(L);
    void *self = xl_check_userdata(L, type);
    if (type == &xl_snapshot_type) {
        return xt_snapshot_image(((const xl_snapshot *)self)->snapshot);
    }
    xl_settle(L, 1, self);
    return xt_tracker_image(xl_open_tracker(L, self));
}

uint32_t xl_optional_session_argument(lua_State *L, int number) {
    return lua_isnoneornil(L, number)
               ? 0
               : xt_session_of(xl_text_argument(L, xl_argument_at(number))).hash;
}

bool xl_has_time(const xt_image *image, uint64_t count, uint64_t latest_us) {
    return count > 0 && (latest_us > 0 || xt_image_undated(image) == 0);
}

uint32_t xl_tool_argument(lua_State *L, int number) {
    xt_text name = xl_text_argument(L, xl_argument_at(number));
    if (type_of_self(L) == &xl_snapshot_type) {
        return xl_find_tool(L, name);
    }
    const xl_tracker *handle = lua_touserdata(L, 1);
    return xt_tracker_tool_id(handle->tracker, name);
}

/* The measures of a tool, or of all together: what they are, and their sums. */
typedef struct measured {
    xl_measures measures;
    xt_measure_stats stats[XT_MAX_MEASURES];
} measured;

static void read_measured(const xt_image *image, uint32_t tool_id, measured *all) {
    xl_copy_measures(image, &all->measures);
    for (uint32_t i = 0; i < all->measures.count; i++) {
        xt_image_tool_measure(image, tool_id, i, &all->stats[i]);
    }
}

static void push_stats_of_all(lua_State *L, const xt_image *image) {
    measured all;
    xt_stats stats = xt_image_stats(image);
    read_measured(image, XT_ALL_TOOLS, &all);
    xl_push_stats(L, &stats);
    xl_set_measure_stats(L, &all.measures, all.stats);
}

/* Pushes the table of tool `id`, or nil. */
static void push_stats_of_tool(lua_State *L, const xt_image *image, uint32_t id) {
    measured tool;
    xt_tool_stats stats;
    double quantiles_us[XL_STATS_QUANTILES];
    if (!xt_image_tool_stats(image, id, &stats)) {
        lua_pushnil(L);
        return;
    }
    bool is_measured = xt_image_tool_quantiles(image, id, XL_STATS_QUANTILES,
                                               xl_stats_quantiles, quantiles_us);
    bool has_end = xl_has_time(image, stats.lifetime.executions, stats.last_end_us);
    read_measured(image, id, &tool);
    xl_push_tool_stats(L, &stats, has_end, is_measured ? quantiles_us : NULL);
    xl_set_measure_stats(L, &tool.measures, tool.stats);
}

/* run:stats([tool]) */
static int read_stats(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    if (lua_isnoneornil(L, 2)) {
        push_stats_of_all(L, image);
    } else {
        push_stats_of_tool(L, image, xl_tool_argument(L, 2));
    }
    return 1;
}

/* The outcome that the argument names; XT_OUTCOME_ALL for nil. */
static xt_outcome_kind outcome_argument(lua_State *L, int number) {
    static const char *const words[] = {
        [XT_OUTCOME_SUCCESS] = "success", [XT_OUTCOME_OTHER] = "other"};
    if (lua_isnoneornil(L, number)) {
        return XT_OUTCOME_ALL;
    }
    xt_text word = xl_text_argument(L, xl_argument_at(number));
    size_t outcome = xl_find_word(word, XT_OUTCOME_ALL, words);
    if (outcome == XT_OUTCOME_ALL) {
        const char *problem =
            lua_pushfstring(L, "unknown outcome %s", xl_quote(L, number));
        xl_unknown_word_error(L, number, problem, XT_OUTCOME_ALL, words);
    }
    return (xt_outcome_kind)outcome;
}

/* run:histogram(tool [, outcome]) */
static int read_histogram(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    uint32_t id = xl_tool_argument(L, 2);
    xt_outcome_kind outcome = outcome_argument(L, 3);
    xt_tool_histogram histogram;
    if (xt_image_tool_histogram(image, id, outcome, &histogram)) {
        xl_push_histogram(L, &histogram);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/* An execution with copies of its texts: making its table may run finalizers. */
typedef struct copied_execution {
    xt_execution execution;
    char tool[XT_NAME_BYTES];
    char error_type[XT_NAME_BYTES];
    char session[XT_SESSION_NAME_BYTES];
    uint64_t values[XT_MAX_MEASURES];
} copied_execution;

xt_text xl_copy_text(char bytes[], xt_text text) {
    if (text.length > 0) {
        memcpy(bytes, text.bytes, text.length);
    }
    return (xt_text){bytes, text.length};
}

xt_session xl_copy_session(char bytes[], const xt_image *image, uint32_t hash) {
    return (xt_session){hash, xl_copy_text(bytes, xt_image_session_name(image, hash))};
}

static bool copy_execution(const xt_image *image, uint64_t sequence,
                           copied_execution *copied) {
    xt_execution *execution = &copied->execution;
    if (!xt_image_execution(image, sequence, execution)) {
        return false;
    }
    execution->tool = xl_copy_text(copied->tool, execution->tool);
    execution->outcome.error_type =
        xl_copy_text(copied->error_type, execution->outcome.error_type);
    execution->session = xl_copy_session(copied->session, image, execution->session.hash);
    if (execution->outcome.measures != NULL) {
        memcpy(copied->values, execution->outcome.measures,
               image->measures.count * sizeof copied->values[0]);
        execution->outcome.measures = copied->values;
    }
    return true;
}

bool xl_push_execution_at(lua_State *L, const xl_measures *measures, uint64_t sequence) {
    copied_execution copied;
    if (!copy_execution(xl_check_image(L), sequence, &copied)) {
        return false;
    }
    xl_push_execution(L, measures, &copied.execution);
    return true;
}

/*
 * The sequence numbers of the newest `*count` executions of self, newest first, in a
 * userdata that is pushed; `*count` becomes less if there are fewer. Null if the numbers
 * just fall by 1, as records are in the order of their ends. [-0, +1]
 */
static const uint64_t *push_newest(lua_State *L, size_t *count) {
    if (xt_image_is_in_order(xl_check_image(L))) {
        lua_pushnil(L);
        return NULL;
    }
    uint64_t *sequences = lua_newuserdatauv(L, *count * sizeof *sequences, 0);
    /* A finalizer may have recorded or cleared meanwhile. */
    *count = xt_image_newest(xl_check_image(L), *count, sequences);
    return sequences;
}

/*
 * Pushes a table of the records of these `count` executions; if `sequences` is null, of
 * the latest. By number, which doesn't change if a finalizer records meanwhile; what one
 * has cleared is left out. [-0, +1]
 */
static void push_executions(lua_State *L, size_t count, const uint64_t sequences[]) {
    int64_t stored = 0;
    xl_measures measures;
    xl_copy_measures(xl_check_image(L), &measures);
    uint64_t latest = xt_image_recorded(xl_check_image(L));
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        /* A finalizer may have closed the tracker: then this raises. */
        if (xl_push_execution_at(L, &measures,
                                 sequences != NULL ? sequences[i] : latest - i)) {
            lua_rawseti(L, -2, ++stored);
        }
    }
}

/* run:recent_executions(n) */
static int read_recent_executions(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    size_t n = xl_count_argument(L, xl_argument_at(2));
    size_t retained = xt_image_record_count(image);
    size_t count = n < retained ? n : retained;
    const uint64_t *sequences = push_newest(L, &count);
    push_executions(L, count, sequences);
    return 1;
}

/* run:session_executions(n [, session]) */
static int read_session_executions(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    size_t n = xl_count_argument(L, xl_argument_at(2));
    uint32_t session = xl_optional_session_argument(L, 3);
    size_t retained = xt_image_record_count(image);
    size_t count = n < retained ? n : retained;
    uint64_t *sequences = lua_newuserdatauv(L, count * sizeof *sequences, 0);
    /* A finalizer may have recorded or cleared meanwhile. */
    count = xt_image_newest_of_session(xl_check_image(L), session, count, sequences);
    push_executions(L, count, sequences);
    return 1;
}

/* run:avg_duration_for_tool(tool) */
static int read_avg_duration_for_tool(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    double average_us;
    if (xt_image_average_duration(image, xl_tool_argument(L, 2), &average_us)) {
        lua_pushnumber(L, average_us / 1000);
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/* run:get_tool_name(id) */
static int read_get_tool_name(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    int64_t id = xl_integer_argument(L, xl_argument_at(2), INT64_MIN, INT64_MAX);
    if (id >= 1 && id <= (int64_t)xt_image_tool_count(image)) {
        xl_push_text(L, xt_image_tool_name(image, (uint32_t)id));
    } else {
        lua_pushnil(L);
    }
    return 1;
}

/* run:tools() */
static int read_tools(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    uint32_t count = xt_image_tool_count(image);
    lua_createtable(L, (int)count, 0);
    for (uint32_t id = 1; id <= count; id++) {
        image = xl_check_image(L);
        xl_push_text(L, xt_image_tool_name(image, id));
        lua_rawseti(L, -2, id);
    }
    return 1;
}

/* run:in_flight() */
static int read_in_flight(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    if (type_of_self(L) == &xl_tracker_type) {
        xt_tracker_now_us(xl_read_clock_of_self(L, lua_touserdata(L, 1)));
        image = xl_check_image(L);
    }
    size_t capacity = xt_image_in_flight(image, 0, NULL);
    xt_running *running = lua_newuserdatauv(L, capacity * sizeof *running, 0);
    size_t listed = xt_image_in_flight(xl_check_image(L), capacity, running);
    size_t count = listed < capacity ? listed : capacity;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        char tool[XT_NAME_BYTES];
        char session[XT_SESSION_NAME_BYTES];
        image = xl_check_image(L);
        running[i].tool =
            xl_copy_text(tool, xt_image_tool_name(image, running[i].tool_id));
        running[i].session = xl_copy_session(session, image, running[i].session.hash);
        xl_push_running(L, &running[i]);
        lua_rawseti(L, -2, (int64_t)i + 1);
    }
    return 1;
}

/* Pushes `text`, or nil if it is empty. */
static void push_kept_text(lua_State *L, xt_text text) {
    if (text.length > 0) {
        xl_push_text(L, text);
    } else {
        lua_pushnil(L);
    }
}

/* run:args_text(args_hash) */
static int read_args_text(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    int64_t args_hash = xl_integer_argument(L, xl_argument_at(2), 0, UINT32_MAX);
    push_kept_text(L, args_hash == 0 ? (xt_text){NULL, 0}
                                     : xt_image_args_text(image, (uint32_t)args_hash));
    return 1;
}

/* The identifier of the error type `name`: 0 for the empty name, count + 1 if it is
 * unknown. */
static uint32_t find_error_type(const xt_image *image, xt_text name) {
    uint32_t count = xt_image_error_type_count(image);
    uint32_t id = name.length == 0 ? 0 : 1;
    while (id >= 1 && id <= count &&
           !xl_text_equals(xt_image_error_type(image, id), name)) {
        id++;
    }
    return id;
}

/* run:error_text(tool [, error_type]) */
static int read_error_text(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    uint32_t tool_id = xl_tool_argument(L, 2);
    uint32_t error_type_id =
        find_error_type(image, xl_optional_text_argument(L, xl_argument_at(3)));
    bool is_known = tool_id != 0 && error_type_id <= xt_image_error_type_count(image);
    push_kept_text(L, is_known ? xt_image_error_text(image, tool_id, error_type_id)
                               : (xt_text){NULL, 0});
    return 1;
}

/* run:session_name(session) */
static int read_session_name(lua_State *L) {
    const xt_image *image = xl_check_image(L);
    xt_session session = xt_session_of(xl_text_argument(L, xl_argument_at(2)));
    xl_push_session(L, xt_image_session(image, session.hash));
    return 1;
}

/* run:label() */
static int read_label(lua_State *L) {
    xl_push_text(L, xt_image_label(xl_check_image(L)));
    return 1;
}

/* run:measures() */
static int read_measures(lua_State *L) {
    xl_measures measures;
    xl_copy_measures(xl_check_image(L), &measures);
    xl_push_measures(L, &measures);
    return 1;
}

/* run:instance_id() */
static int read_instance_id(lua_State *L) {
    uint8_t instance[XT_INSTANCE_BYTES];
    xt_image_instance(xl_check_image(L), instance);
    xl_push_instance_id(L, instance);
    return 1;
}

/* run:cleared() */
static int read_cleared(lua_State *L) {
    xl_push_time(L, xt_image_cleared_us(xl_check_image(L)));
    return 1;
}

/* #run */
int xl_len(lua_State *L) {
    lua_pushinteger(L, (int64_t)xt_image_record_count(xl_check_image(L)));
    return 1;
}

const luaL_Reg xl_read_methods[] = {
    {"stats", read_stats},
    {"histogram", read_histogram},
    {"recent_executions", read_recent_executions},
    {"session_executions", read_session_executions},
    {"avg_duration_for_tool", read_avg_duration_for_tool},
    {"get_tool_name", read_get_tool_name},
    {"tools", read_tools},
    {"in_flight", read_in_flight},
    {"args_text", read_args_text},
    {"error_text", read_error_text},
    {"session_name", read_session_name},
    {"label", read_label},
    {"measures", read_measures},
    {"instance_id", read_instance_id},
    {"cleared", read_cleared},
    {NULL, NULL},
};
