/*
 * A snapshot from a table that `to_table` made.
 *
 * Reading runs in protected mode: for a wrong value it raises a message that names the
 * value's place. Then the snapshot is checked like one that was loaded from a file.
 */
#include "arguments.h"
#include "binding.h"
#include "builder.h"
#include "instance_id.h"
#include "lua_memory.h"
#include "number_text.h"
#include "push.h"
#include "table_form.h"

/* Where read_run has the table of the log files on the stack. */
enum { FILES = 3 };

/*
 * The number of names in an array, and their bytes together. Names are its elements, or,
 * if `field` isn't null, this field of its elements. Raises a message if there are more
 * than `most` names or `most_bytes` bytes.
 */
static uint32_t measure_names(lua_State *L, const char *array, const char *field,
                              uint32_t most, uint32_t most_bytes, uint32_t *bytes) {
    const xl_place at = {NULL, array, 0};
    size_t count = xl_enter_array(L, &at, most);
    *bytes = 0;
    for (size_t i = 1; i <= count; i++) {
        const xl_place element = {&at, NULL, i};
        *bytes += (uint32_t)xl_push_name(L, &element, field).length;
        lua_pop(L, 1); /* name */
    }
    if (*bytes > most_bytes) {
        xl_refuse(L, &at,
                  lua_pushfstring(L,
                                  "names of at most %s bytes in total expected, got %s",
                                  xl_digits((int64_t)most_bytes).bytes,
                                  xl_digits((int64_t)*bytes).bytes));
    }
    lua_pop(L, 1); /* array */
    return (uint32_t)count;
}

static uint32_t measure_array(lua_State *L, const char *array, size_t most) {
    const xl_place at = {NULL, array, 0};
    size_t count = xl_enter_array(L, &at, most);
    lua_pop(L, 1); /* array */
    return (uint32_t)count;
}

static void check_format(lua_State *L) {
    const xl_place at = {NULL, "format", 0};
    xt_text format = xl_push_text_at(L, &at, SIZE_MAX);
    if (!xl_text_equals(format, xt_text_of(XL_TABLE_FORMAT))) {
        xl_refuse(L, &at, "'" XL_TABLE_FORMAT "' expected");
    }
    lua_pop(L, 1); /* format */
    xl_read_integer(L, NULL, "version", XL_TABLE_VERSION, XL_TABLE_VERSION);
}

static void read_instance(lua_State *L, uint8_t instance[XT_INSTANCE_BYTES]) {
    const xl_place at = {NULL, "instance_id", 0};
    if (!xl_parse_instance_id(xl_push_text_at(L, &at, SIZE_MAX), instance)) {
        xl_refuse(L, &at, "a UUID expected");
    }
    lua_pop(L, 1); /* id */
}

static uint32_t read_max_texts(lua_State *L, const char *field) {
    return xt_texts_slots_for((size_t)xl_read_integer(L, NULL, field, 0, XT_MAX_TEXTS));
}

/* Reads the run's options and sums from the table on top. Pushes the label below that
 * table, as the facts point to it. [-0, +1] */
static xt_facts read_facts(lua_State *L) {
    const xl_place label = {NULL, "label", 0};
    check_format(L);
    xt_facts facts = {.label = xl_push_text_at(L, &label, XT_LABEL_BYTES)};
    lua_insert(L, -2);
    read_instance(L, facts.instance);
    facts.max_history =
        (uint32_t)xl_read_integer(L, NULL, "max_history", 0, XT_MAX_HISTORY);
    facts.max_tools = (uint32_t)xl_read_integer(L, NULL, "max_tools", 1, XT_MAX_TOOLS);
    facts.max_in_flight =
        (uint32_t)xl_read_integer(L, NULL, "max_in_flight", 0, XT_MAX_IN_FLIGHT);
    if (xl_has_field(L, "ignored_args")) {
        facts.ignored_args = xl_read_uint32(L, NULL, "ignored_args");
    }
    facts.max_texts[XT_SESSION_NAMES] = read_max_texts(L, "max_session_names");
    facts.max_texts[XT_ARGS_TEXTS] = read_max_texts(L, "max_args_texts");
    facts.max_texts[XT_ERROR_TEXTS] = read_max_texts(L, "max_error_texts");
    facts.created_us =
        xl_read_exact_time(L, NULL, "created_seconds", "created_microseconds");
    facts.cleared_us =
        xl_read_exact_time(L, NULL, "cleared_seconds", "cleared_microseconds");
    facts.now_us = xl_read_exact_time(L, NULL, "taken_seconds", "taken_microseconds");
    facts.recorded = xl_read_count(L, NULL, "recorded");
    facts.undated = xl_read_count(L, NULL, "undated");
    facts.started = xl_read_count(L, NULL, "started");
    facts.is_in_order = xl_read_boolean(L, NULL, "in_order");
    facts.is_filtered = xl_read_boolean(L, NULL, "filtered");
    if (xl_has_field(L, "lost_seconds")) {
        facts.lost_us = xl_read_exact_time(L, NULL, "lost_seconds", "lost_microseconds");
    }
    facts.tools_overflowed = xl_read_count(L, NULL, "overflowed");
    facts.error_types_overflowed = xl_read_count(L, NULL, "error_types_overflowed");
    facts.denials_overflowed = xl_read_count(L, NULL, "denials_overflowed");
    xl_read_exact_measures(L, &facts);
    return facts;
}

/* Reads a histogram of the tool at `in`, which is on top. False if it is empty. One that
 * has an offset, but no buckets, is wrong, so it isn't taken as empty: the check then
 * finds it. */
static bool read_histogram(lua_State *L, const xl_place *in, xt_outcome_kind outcome,
                           xt_tool_histogram *histogram) {
    static const char *const fields[XT_OUTCOMES] = {
        [XT_OUTCOME_SUCCESS] = "histogram", [XT_OUTCOME_OTHER] = "other_histogram"};
    const xl_place at = {in, fields[outcome], 0};
    const xl_place counts = {&at, "bucket_counts", 0};
    const xl_place offset = {&at, "offset", 0};
    xl_enter_table(L, &at);
    histogram->scale = (int32_t)xl_read_integer(
        L, &at, "scale", XT_HISTOGRAM_SCALE - XT_HISTOGRAM_HALVINGS, XT_HISTOGRAM_SCALE);
    histogram->zero_count = xl_read_uint32(L, &at, "zero_count");
    histogram->offset = (int32_t)xl_read_integer_at(L, &offset, INT16_MIN, INT16_MAX);
    histogram->bucket_count = (uint32_t)xl_enter_array(L, &counts, XT_HISTOGRAM_BUCKETS);
    for (uint32_t i = 0; i < histogram->bucket_count; i++) {
        const xl_place element = {&counts, NULL, i + UINT64_C(1)};
        histogram->counts[i] = (uint32_t)xl_read_integer_at(L, &element, 0, UINT32_MAX);
    }
    lua_pop(L, 2); /* histogram, bucket_counts */
    return histogram->zero_count != 0 || histogram->bucket_count != 0 ||
           histogram->offset != 0;
}

/* How many histograms of the first `tools` tools aren't empty. Raises for a wrong one. */
static uint32_t measure_histograms(lua_State *L, uint32_t tools) {
    const xl_place array = {NULL, "tools", 0};
    uint32_t count = 0;
    xl_enter_table(L, &array);
    for (uint32_t i = 1; i <= tools; i++) {
        const xl_place at = {&array, NULL, i};
        xl_enter_table(L, &at);
        for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
            xt_tool_histogram histogram;
            count += read_histogram(L, &at, outcome, &histogram);
        }
        lua_pop(L, 1); /* tool */
    }
    lua_pop(L, 1); /* array */
    return count;
}

/* Whether any of the first `count` executions in flight says until when it is known. */
static bool has_known(lua_State *L, uint32_t count) {
    const xl_place array = {NULL, "in_flight", 0};
    bool has_any = false;
    xl_enter_table(L, &array);
    for (uint32_t i = 1; i <= count; i++) {
        const xl_place at = {&array, NULL, i};
        xl_enter_table(L, &at);
        has_any |= xl_has_field(L, "known_seconds");
        lua_pop(L, 1); /* execution */
    }
    lua_pop(L, 1); /* array */
    return has_any;
}

/* The room that the contents of the table on top need. Raises a message if that is more
 * than the limits in `facts` allow. */
static xt_room measure(lua_State *L, const xt_facts *facts) {
    const xt_room most = xt_room_for_limits(facts);
    xt_room room = {0};
    room.tools = measure_names(L, "tools", "name", most.tools, most.tool_name_bytes,
                               &room.tool_name_bytes);
    room.histograms = measure_histograms(L, room.tools);
    room.error_types = measure_names(L, "error_types", NULL, most.error_types,
                                     most.error_type_bytes, &room.error_type_bytes);
    room.in_flight = measure_array(L, "in_flight", most.in_flight);
    room.known = has_known(L, room.in_flight) ? room.in_flight : 0;
    room.denials = measure_array(L, "denials", most.denials);
    room.denied_calls = measure_array(L, "denied", most.denied_calls);
    room.measures = facts->measure_count;
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        room.texts[kind] = measure_array(L, xl_texts_fields[kind], most.texts[kind]);
    }
    room.records = measure_array(L, "records", most.records);
    return room;
}

/* There is no room if a finalizer has added something to the table since it was
 * measured. */
static void check_room(lua_State *L, const xl_place *at, bool had_room) {
    if (!had_room) {
        xl_refuse(L, at, "changed while it was read");
    }
}

static void read_error_types(lua_State *L, xt_builder *builder, const xt_room *room) {
    const xl_place array = {NULL, "error_types", 0};
    xl_enter_table(L, &array);
    for (uint32_t i = 1; i <= room->error_types; i++) {
        const xl_place at = {&array, NULL, i};
        check_room(L, &at,
                   xt_builder_add_error_type(builder, xl_push_name(L, &at, NULL)));
        lua_pop(L, 1); /* name */
    }
    lua_pop(L, 1); /* array */
}

static void read_stats(lua_State *L, const xl_place *at, xt_tool_stats *stats) {
    xt_counts *counts = &stats->lifetime;
    counts->successful = xl_read_count(L, at, "successful");
    counts->failed = xl_read_count(L, at, "failed");
    counts->timed_out = xl_read_count(L, at, "timed_out");
    counts->cancelled = xl_read_count(L, at, "cancelled");
    counts->cached_hits = xl_read_count(L, at, "cached_hits");
    counts->total_duration_us = xl_read_count(L, at, "total_duration_us");
    counts->untimed = xl_read_count(L, at, "untimed");
    counts->elapsed = xl_read_count(L, at, "elapsed");
    counts->elapsed_duration_us = xl_read_count(L, at, "elapsed_us");
    stats->min_duration_us =
        xl_read_integer(L, at, "min_duration_us", 0, XT_MAX_DURATION_US);
    stats->max_duration_us =
        xl_read_integer(L, at, "max_duration_us", 0, XT_MAX_DURATION_US);
    stats->other_duration_us = xl_read_count(L, at, "other_duration_us");
    stats->last_end_us =
        xl_read_exact_time(L, at, "last_end_seconds", "last_end_microseconds");
    stats->last_failure_us =
        xl_read_exact_time(L, at, "last_failure_seconds", "last_failure_microseconds");
    stats->failure_streak = xl_read_uint32(L, at, "failure_streak");
    stats->failure_rounds = xl_read_uint32(L, at, "failure_rounds");
    stats->in_flight = xl_read_uint32(L, at, "in_flight");
}

static void read_histograms(lua_State *L, const xl_place *at, xt_builder *builder) {
    for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
        xt_tool_histogram read;
        if (read_histogram(L, at, outcome, &read)) {
            xt_histogram *histogram = xt_builder_add_histogram(builder, outcome);
            check_room(L, at, histogram != NULL);
            xt_histogram_from(histogram, &read);
        }
    }
}

/* Reads the table at `at`, which is on top, and adds its contents to the builder. */
typedef void read_element(lua_State *L, const xl_place *at, xt_builder *builder,
                          const xt_room *room);

/* Reads the first `count` elements of the array `name`, all tables, with `read`. */
static void read_array(lua_State *L, const char *name, uint32_t count, read_element *read,
                       xt_builder *builder, const xt_room *room) {
    const xl_place array = {NULL, name, 0};
    xl_enter_table(L, &array);
    for (uint32_t i = 1; i <= count; i++) {
        const xl_place at = {&array, NULL, i};
        xl_enter_table(L, &at);
        read(L, &at, builder, room);
        lua_pop(L, 1); /* element */
    }
    lua_pop(L, 1); /* array */
}

static void read_tool(lua_State *L, const xl_place *at, xt_builder *builder,
                      const xt_room *room) {
    const xl_place name = {at, "name", 0};
    xt_tool_stats stats = {0};
    (void)room;
    read_stats(L, at, &stats);
    xt_text text = xl_push_text_at(L, &name, XT_NAME_BYTES);
    check_room(L, at, xt_builder_add_tool_stats(builder, text, &stats));
    lua_pop(L, 1); /* name */
    read_histograms(L, at, builder);
    xl_read_exact_tool_measures(L, at, builder);
}

static void read_running(lua_State *L, const xl_place *at, xt_builder *builder,
                         const xt_room *room) {
    const xt_running running = {
        .tool_id = xl_read_id(L, at, "tool_id", room->tools),
        .serial = xl_read_count(L, at, "serial"),
        .args_hash = xl_read_uint32(L, at, "args_hash"),
        .session = xl_read_exact_session(L, at),
        .depth = xl_read_exact_depth(L, at),
        .start_us = xl_read_exact_time(L, at, "start_seconds", "start_microseconds"),
        .known_us = xl_has_field(L, "known_seconds")
                        ? xl_read_exact_time(L, at, "known_seconds", "known_microseconds")
                        : xt_image_now_us(builder->image),
    };
    xt_builder_add_running(builder, &running);
}

static void read_denied(lua_State *L, const xl_place *at, xt_builder *builder,
                        const xt_room *room) {
    const xt_denied denied = {
        .tool_id = xl_read_id(L, at, "tool_id", room->tools),
        .reason_id = xl_read_id(L, at, "reason_id", room->error_types),
        .count = xl_read_count(L, at, "count"),
        .last_us = xl_read_exact_time(L, at, "last_seconds", "last_microseconds"),
    };
    xt_builder_add_denied(builder, &denied);
}

static void read_denied_call(lua_State *L, const xl_place *at, xt_builder *builder,
                             const xt_room *room) {
    const xt_denied_entry call = {
        .tool = xl_read_id(L, at, "tool_id", room->tools) - 1,
        .reason = xl_read_id(L, at, "reason_id", room->error_types),
        .args_hash = xl_read_uint32(L, at, "args_hash"),
        .session = xl_read_exact_session(L, at).hash,
        .denied_us = xl_read_exact_time(L, at, "denied_seconds", "denied_microseconds"),
    };
    xt_builder_add_denied_call(builder, &call);
}

/* Reads the time and the text, which is in `field`, into `kept`, and adds it to the
 * builder. */
static void add_text(lua_State *L, const xl_place *in, xt_builder *builder,
                     xt_texts_kind kind, xt_kept_text kept, const char *field) {
    const xl_place at = {in, field, 0};
    kept.last_us = xl_read_exact_time(L, in, "last_seconds", "last_microseconds");
    kept.text = xl_push_text_at(
        L, &at, kind == XT_SESSION_NAMES ? XT_SESSION_NAME_BYTES : XT_TEXT_BYTES);
    if (kind == XT_SESSION_NAMES) {
        kept.hash = xt_session_of(kept.text).hash;
    }
    xt_builder_add_text(builder, kind, &kept);
    lua_pop(L, 1); /* text */
}

static void read_session_name(lua_State *L, const xl_place *at, xt_builder *builder,
                              const xt_room *room) {
    (void)room;
    add_text(L, at, builder, XT_SESSION_NAMES, (xt_kept_text){0}, "name");
}

static void read_args_text(lua_State *L, const xl_place *at, xt_builder *builder,
                           const xt_room *room) {
    const xt_kept_text kept = {.hash = xl_read_uint32(L, at, "args_hash")};
    (void)room;
    add_text(L, at, builder, XT_ARGS_TEXTS, kept, "text");
}

static void read_error_text(lua_State *L, const xl_place *at, xt_builder *builder,
                            const xt_room *room) {
    xt_kept_text kept = {.tool_id = xl_read_id(L, at, "tool_id", room->tools)};
    if (xl_has_field(L, "error_type_id")) {
        kept.error_type_id = xl_read_id(L, at, "error_type_id", room->error_types);
    }
    add_text(L, at, builder, XT_ERROR_TEXTS, kept, "text");
}

static void read_record(lua_State *L, const xl_place *at, xt_builder *builder,
                        const xt_room *room) {
    uint64_t values[XT_MAX_MEASURES];
    xt_execution execution = xl_read_exact_record(L, at, room->tools, room->error_types);
    xl_read_exact_values(L, at, room->measures, values);
    execution.outcome.measures = values;
    execution.place = xl_read_exact_place(L, at, FILES);
    xt_builder_add_execution(builder, &execution);
}

static void fill(lua_State *L, xt_builder *builder, const xt_room *room) {
    read_error_types(L, builder, room);
    read_array(L, "tools", room->tools, read_tool, builder, room);
    read_array(L, "in_flight", room->in_flight, read_running, builder, room);
    read_array(L, "denials", room->denials, read_denied, builder, room);
    read_array(L, "denied", room->denied_calls, read_denied_call, builder, room);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        static read_element *const readers[XT_TEXTS_KINDS] = {
            read_session_name, read_args_text, read_error_text};
        read_array(L, xl_texts_fields[kind], room->texts[kind], readers[kind], builder,
                   room);
    }
    xl_add_log_files(L, FILES, builder, room);
    read_array(L, "records", room->records, read_record, builder, room);
    if (!xt_builder_is_full(builder)) {
        xl_refuse_table(L, "the table changed while it was read");
    }
    xt_builder_count_windows(builder);
}

/* Makes a snapshot of the table at index 1, or raises a message about what is wrong with
 * it. */
static int read_run(lua_State *L) {
    lua_pushvalue(L, 1);
    const xt_facts facts = read_facts(L);
    xt_room room = measure(L, &facts);
    xl_measure_places(L, &room);
    xl_lua_memory memory = xl_lua_memory_of(L);
    xt_allocator allocator = xl_lua_allocator(&memory);
    xt_builder builder;
    xt_error error = xt_builder_open(&builder, &facts, &room, &allocator);
    xl_check_lua_memory(&memory, error, false);
    lua_pushvalue(L, 1);
    fill(L, &builder, &room);
    const xt_snapshot *snapshot = xt_builder_finish(&builder);
    const char *wrong = NULL;
    error = xt_image_verify(xt_snapshot_image(snapshot), &allocator, &wrong);
    xl_check_lua_memory(&memory, error, false);
    if (wrong != NULL) {
        xl_refuse_table(L, wrong);
    }
    xl_push_snapshot(L, snapshot);
    return 1;
}

/* exectrack.from_table(table) */
int xl_snapshot_from_table(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushcfunction(L, read_run);
    lua_pushvalue(L, 1);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK) {
        return 1;
    }
    if (!xl_is_refusal(L)) {
        return lua_error(L); /* Lua's memory error, or an error of a debug hook */
    }
    return xl_push_problem(L, NULL, XT_ERROR_INVALID, lua_tostring(L, -1), 0);
}
