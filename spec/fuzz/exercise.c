#include "exercise.h"

#include "events.h"

#include "support_cmocka.h"
#include "support_groups.h"
#include "support_snapshot.h"
#include "support_tracker.h"

static void *allocate_dirty(void *context, size_t bytes) {
    (void)context;
    void *block = malloc(bytes);
    return block != NULL ? memset(block, 0xa5, bytes) : NULL;
}

static void release(void *context, void *block, size_t bytes) {
    (void)context;
    (void)bytes;
    free(block);
}

const xt_allocator dirty_allocator = {allocate_dirty, release, NULL};

static void *array_of(size_t count, size_t item_bytes) {
    void *items = calloc(count + 1, item_bytes);
    assert_non_null(items);
    return items;
}

static void assert_is_sound(const xt_image *image) {
    assert_string_equal(verdict_on(image), "sound");
}

static void read_totals(const xt_image *image) {
    xt_stats stats = xt_image_stats(image);
    assert_int_equal(stats.window.executions, xt_image_record_count(image));
    assert_true(stats.lifetime.executions >= stats.window.executions);
    assert_true(xt_image_recorded(image) >= xt_image_record_count(image));
    assert_true(xt_image_max_history(image) >= xt_image_record_count(image));
    assert_true(xt_image_now_us(image) >= xt_image_created_us(image));
    assert_true(xt_image_label(image).length <= XT_LABEL_BYTES);
}

static void read_quantiles(const xt_image *image, uint32_t id,
                           const xt_tool_stats *stats) {
    const double quantiles[] = {0, 0.5, 0.9, 0.99, 1};
    double values_us[5] = {0};
    double average_us;
    bool has_any = xt_image_tool_quantiles(image, id, 5, quantiles, values_us);
    assert_int_equal(has_any, xt_counts_measured(&stats->lifetime) > 0);
    for (int i = 0; has_any && i < 5; i++) {
        assert_true(values_us[i] >= (double)stats->min_duration_us);
        assert_true(values_us[i] <= (double)stats->max_duration_us);
        assert_true(i == 0 || values_us[i] >= values_us[i - 1]);
    }
    assert_int_equal(xt_image_average_duration(image, id, &average_us),
                     xt_counts_measured(&stats->window) > 0);
}

static void read_tools(const xt_image *image) {
    uint32_t count = xt_image_tool_count(image);
    uint64_t records = 0;
    xt_tool_stats stats;
    for (uint32_t id = 1; id <= count; id++) {
        assert_true(xt_image_tool_stats(image, id, &stats));
        assert_int_equal(xt_image_tool_id(image, xt_image_tool_name(image, id)), id);
        read_quantiles(image, id, &stats);
        assert_true(stats.other_duration_us <= stats.lifetime.total_duration_us);
        records += stats.window.executions;
    }
    assert_int_equal(records, xt_image_record_count(image));
    assert_false(xt_image_tool_stats(image, 0, &stats));
    assert_false(xt_image_tool_stats(image, count + 1, &stats));
}

static void read_place(const xt_image *image, const xt_place *place) {
    char text[XT_PLACE_BYTES];
    assert_true(same_text(place->file, xt_image_log_file(image, place->file_id)));
    assert_int_equal(xt_place_write(place, text) == 0, place->file_id == 0);
    assert_true(place->line == 0 || place->file_id != 0);
}

static void read_records(const xt_image *image) {
    xt_execution execution;
    uint64_t newest = xt_image_recorded(image);
    uint64_t before = newest - xt_image_record_count(image);
    for (uint64_t sequence = before + 1; sequence <= newest; sequence++) {
        assert_true(xt_image_execution(image, sequence, &execution));
        assert_true(
            same_text(execution.tool, xt_image_tool_name(image, execution.tool_id)));
        read_place(image, &execution.place);
    }
    assert_false(xt_image_execution(image, before, &execution));
    assert_false(xt_image_execution(image, newest + 1, &execution));
}

static void read_measures(const xt_image *image) {
    xt_measure measures[XT_MAX_MEASURES];
    xt_measure_stats all;
    xt_measure_stats tool;
    size_t count = xt_image_measures(image, measures);
    for (size_t i = 0; i < count; i++) {
        uint64_t sum = 0;
        assert_true(measures[i].name.length > 0 && measures[i].scale > 0);
        assert_true(xt_image_tool_measure(image, XT_ALL_TOOLS, i, &all));
        for (uint32_t id = 1; id <= xt_image_tool_count(image); id++) {
            assert_true(xt_image_tool_measure(image, id, i, &tool));
            assert_true(tool.window_sum <= tool.sum);
            sum = xt_count_sum(sum, tool.sum);
        }
        assert_int_equal(all.sum, sum);
    }
    assert_false(xt_image_tool_measure(image, XT_ALL_TOOLS, count, &all));
}

static void read_in_flight(const xt_image *image) {
    size_t count = xt_image_in_flight(image, 0, NULL);
    xt_running *running = array_of(count, sizeof *running);
    assert_int_equal(xt_image_in_flight(image, count, running), count);
    assert_true(count <= xt_image_stats(image).in_flight);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || running[i].serial > running[i - 1].serial);
        assert_true(
            same_text(running[i].tool, xt_image_tool_name(image, running[i].tool_id)));
    }
    free(running);
}

static void read_denials(const xt_image *image) {
    xt_denied denials[XT_MAX_DENIALS];
    size_t count = xt_image_denials(image, XT_MAX_DENIALS, denials);
    assert_true(count <= XT_MAX_DENIALS);
    for (size_t i = 0; i < count; i++) {
        assert_true(denials[i].count > 0);
        assert_true(
            same_text(denials[i].tool, xt_image_tool_name(image, denials[i].tool_id)));
        assert_non_null(denials[i].reason.bytes);
    }
}

static void read_denied_calls(const xt_image *image) {
    xt_denied_call calls[XT_MAX_DENIED_CALLS];
    size_t count = xt_image_denied_calls(image, XT_MAX_DENIED_CALLS, calls);
    for (size_t i = 0; i < count; i++) {
        assert_true(
            same_text(calls[i].tool, xt_image_tool_name(image, calls[i].tool_id)));
        assert_non_null(calls[i].reason.bytes);
    }
}

/* The text that `image` has for the key of `kept`. */
static xt_text text_again(const xt_image *image, xt_texts_kind kind,
                          const xt_kept_text *kept) {
    switch (kind) {
    case XT_SESSION_NAMES:
        return xt_image_session_name(image, kept->hash);
    case XT_ARGS_TEXTS:
        return xt_image_args_text(image, kept->hash);
    case XT_ERROR_TEXTS:
        return xt_image_error_text(image, kept->tool_id, kept->error_type_id);
    }
    return kept->text;
}

static void read_texts(const xt_image *image, xt_texts_kind kind) {
    size_t count = xt_image_texts(image, kind, 0, NULL);
    xt_kept_text *texts = array_of(count, sizeof *texts);
    assert_int_equal(xt_image_texts(image, kind, count, texts), count);
    assert_true(count <= xt_image_max_texts(image, kind));
    for (size_t i = 0; i < count; i++) {
        assert_true(texts[i].text.length > 0);
        assert_ptr_equal(text_again(image, kind, &texts[i]).bytes, texts[i].text.bytes);
    }
    free(texts);
}

static void ask_of_circuit(const xt_image *image, random_source *random, uint32_t id) {
    const xt_text type = xt_image_error_type(image, 1);
    xt_circuit_settings settings = {.failures = random_below(random, 5) + 1,
                                    .min_calls = random_below(random, 10) + 1,
                                    .failure_rate = random_unit(random),
                                    .cooldown_us = random_duration_us(random, 52),
                                    .max_cooldown_us = random_duration_us(random, 52),
                                    .ignored = &type,
                                    .ignored_count = random_below(random, 2),
                                    .only = random_below(random, 2) ? &type : NULL,
                                    .only_count = random_below(random, 2)};
    xt_circuit circuit;
    if (xt_image_circuit(image, id, &settings, &circuit)) {
        assert_true(circuit.streak > 0 && circuit.streak <= circuit.failures);
        assert_true(circuit.failures <= circuit.calls);
        assert_true(circuit.calls <= XT_RECENT_EXECUTIONS);
        assert_true(circuit.open_until_us <= circuit.half_open_until_us);
        assert_true(circuit.half_open_until_us <= XT_MAX_COUNT);
    }
}

/* Calls the functions that policies use. `id` may be XT_ALL_TOOLS. */
static void ask_as_policies(const xt_image *image, random_source *random, uint32_t id) {
    uint64_t time_us = xt_image_now_us(image) - random_duration_us(random, 40);
    int64_t after_us = time_us <= XT_MAX_COUNT ? (int64_t)time_us : -1;
    uint64_t starts = xt_image_starts(image, id, after_us);
    uint64_t start_us = 0;
    uint32_t most = starts < UINT32_MAX ? (uint32_t)starts : UINT32_MAX;
    uint64_t n = starts > 0 ? random_below(random, most) + UINT64_C(1) : 1;
    assert_int_equal(xt_image_nth_start(image, id, after_us, n, &start_us), starts > 0);
    assert_true(starts == 0 || (int64_t)start_us > after_us);
    assert_false(xt_image_nth_start(image, id, after_us, starts + 1, &start_us));
    assert_true(xt_image_running(image, id, start_us) <= xt_image_running(image, id, 0));
    ask_of_circuit(image, random, id);
}

static void ask_about_loops(const xt_image *image, const xt_execution *execution,
                            random_source *random) {
    const xt_loop_call call = {.tool_id = execution->tool_id,
                               .args_hash = execution->args_hash,
                               .session = execution->session.hash,
                               .ignores_results = true,
                               .records = random_below(random, 100),
                               .searched = random_below(random, 3000)};
    xt_loop found = xt_image_loop(image, &call);
    assert_true(found.cycle_calls <= XT_MAX_CYCLE && found.rounds <= found.repeats);
    assert_true(found.failures <= XT_MAX_SIMILAR_FAILURES);
}

static void ask_of_tools(const xt_image *image, random_source *random) {
    uint32_t id = random_below(random, xt_image_tool_count(image) + 1);
    uint64_t value_us = 0;
    xt_execution execution;
    ask_as_policies(image, random, XT_ALL_TOOLS);
    ask_as_policies(image, random, id); /* 0 is no tool */
    assert_true(xt_image_recent_quantile(image, id, random_unit(random), &value_us) <=
                XT_RECENT_EXECUTIONS);
    if (xt_image_execution(image, xt_image_recorded(image), &execution)) {
        ask_about_loops(image, &execution, random);
    }
}

static void check_events(const xt_image *image) {
    size_t count = 2 * xt_image_record_count(image);
    xt_event *events = array_of(count, sizeof *events);
    bool *has_started = array_of(count / 2, sizeof *has_started);
    xt_events_of(image, events);
    for (size_t i = 0; i < count; i++) {
        bool *started = &has_started[xt_event_index(&events[i])];
        assert_true(i == 0 || events[i].time_us >= events[i - 1].time_us);
        assert_int_equal(xt_event_is_end(&events[i]), *started);
        *started = true;
    }
    free(has_started);
    free(events);
}

static bool *random_choice(random_source *random, size_t count) {
    bool *chosen = array_of(count, sizeof *chosen);
    for (size_t i = 0; i < count; i++) {
        chosen[i] = !random_once_in(random, 4);
    }
    return chosen;
}

/* A filter whose limits are taken from records, so that some pass. */
static xt_filter random_filter(const xt_image *image, random_source *random) {
    xt_filter filter = xt_filter_all();
    xt_execution execution;
    uint32_t count = (uint32_t)xt_image_record_count(image);
    uint64_t age = count > 0 ? random_below(random, count) : 0;
    if (xt_image_execution(image, xt_image_recorded(image) - age, &execution)) {
        filter.since_us = random_once_in(random, 3) ? execution.end_us : 0;
        filter.max_duration_us = execution.duration_us;
    }
    filter.after = random_once_in(random, 4) ? xt_image_recorded(image) - age : 0;
    filter.statuses[random_below(random, 4)] = false;
    filter.cached[0] = !random_once_in(random, 4);
    filter.timings[random_below(random, 3)] = !random_once_in(random, 4);
    filter.undated[random_below(random, 2)] = !random_once_in(random, 4);
    filter.tools = random_choice(random, xt_image_tool_count(image) + (size_t)1);
    filter.error_types =
        random_choice(random, xt_image_error_type_count(image) + (size_t)1);
    return filter;
}

static xt_snapshot *filtered(const xt_image *image, const xt_filter *filter) {
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_filter(image, filter, &dirty_allocator, &snapshot),
                     XT_OK);
    assert_is_sound(xt_snapshot_image(snapshot));
    assert_same_apart_from_records(xt_snapshot_image(snapshot), image);
    return snapshot;
}

static void check_filtering(const xt_image *image, random_source *random) {
    xt_filter filter = random_filter(image, random);
    xt_snapshot *passing = filtered(image, &filter);
    size_t count = xt_image_record_count(xt_snapshot_image(passing));
    filter.last = random_below(random, 5);
    xt_snapshot *last = filtered(image, &filter);
    xt_snapshot *of_passing = filtered(xt_snapshot_image(passing), &filter);
    assert_int_equal(xt_image_record_count(xt_snapshot_image(last)),
                     count < filter.last ? count : filter.last);
    assert_same_records(xt_snapshot_image(of_passing), xt_snapshot_image(last));
    xt_snapshot_close(of_passing);
    xt_snapshot_close(last);
    xt_snapshot_close(passing);
    free((void *)(uintptr_t)filter.tools);
    free((void *)(uintptr_t)filter.error_types);
}

static void check_newest(const xt_image *image) {
    size_t count = xt_image_record_count(image);
    uint64_t *sequences = array_of(count, sizeof *sequences);
    assert_int_equal(xt_image_newest(image, SIZE_MAX, sequences), count);
    for (size_t i = 1; i < count; i++) {
        xt_execution newer = execution_of(image, sequences[i - 1]);
        xt_execution older = execution_of(image, sequences[i]);
        assert_true(newer.end_us > older.end_us ||
                    (newer.end_us == older.end_us && sequences[i - 1] > sequences[i]));
    }
    free(sequences);
}

static void check_taking(const xt_image *image) {
    xt_snapshot *first;
    xt_snapshot *second;
    assert_int_equal(xt_snapshot_take(image, &dirty_allocator, &first), XT_OK);
    const xt_image *taken = xt_snapshot_image(first);
    assert_is_sound(taken);
    assert_same_reading(taken, image);
    assert_int_equal(xt_snapshot_take(taken, &dirty_allocator, &second), XT_OK);
    assert_true(xt_snapshot_equals(first, second));
    xt_snapshot_close(first);
    xt_snapshot_close(second);
}

/* Groups by random keys in random order, and compares with a model. */
static void check_grouping(const xt_image *image, random_source *random) {
    const double quantiles[] = {1, 0, 0.5, random_unit(random)};
    xt_grouping grouping = {.every_us = random_duration_us(random, 56) + 1,
                            .quantile_count = random_below(random, 5),
                            .quantiles = quantiles};
    uint32_t first = random_below(random, XT_KEYS);
    uint32_t step = random_once_in(random, 2) ? 1 : XT_KEYS - 1;
    grouping.key_count = random_below(random, XT_KEYS + 1);
    for (uint32_t i = 0; i < grouping.key_count; i++) {
        grouping.keys[i] = (xt_key)((first + i * step) % XT_KEYS);
    }
    xt_groups *groups;
    assert_int_equal(xt_image_group(image, &grouping, &dirty_allocator, &groups), XT_OK);
    assert_groups_are_right(groups, image, &grouping);
    xt_groups_close(groups);
}

static xt_snapshot *merged(size_t count, const xt_image *const images[],
                           size_t max_history) {
    xt_snapshot *snapshot;
    assert_int_equal(
        xt_snapshot_merge(count, images, max_history, &dirty_allocator, &snapshot),
        XT_OK);
    assert_is_sound(xt_snapshot_image(snapshot));
    return snapshot;
}

/* Another run, older than most, with another label. It is made once, as that is slow. */
static const xt_image *another_run(void) {
    static xt_snapshot *snapshot;
    uint64_t now_us = 1000;
    if (snapshot != NULL) {
        return xt_snapshot_image(snapshot);
    }
    xt_options options = options_at(&now_us, 2);
    options.max_tools = 2;
    options.label = xt_text_of("another");
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_TIMED_OUT, 0);
    record(tracker, "write", XT_SUCCESS, 1 << 20);
    xt_tracker_start(tracker, xt_text_of("search"), 1);
    snapshot = snapshot_of(xt_tracker_image(tracker));
    xt_tracker_close(tracker);
    return xt_snapshot_image(snapshot);
}

/* Merges it with itself, with its own merge, and with another run, in both orders. */
static void check_merging(const xt_image *image, random_source *random) {
    xt_snapshot *merged_alone = merged(1, &image, XT_KEEP_ALL);
    const xt_image *alone = xt_snapshot_image(merged_alone);
    const xt_image *another = another_run();
    const xt_image *const forwards[] = {image, another, image, alone};
    const xt_image *const backwards[] = {alone, image, another, image};
    xt_snapshot *a = merged(4, forwards, XT_KEEP_ALL);
    xt_snapshot *b = merged(4, backwards, XT_KEEP_ALL);
    xt_snapshot *few = merged(4, forwards, random_below(random, 5));
    assert_true(xt_snapshot_equals(a, b));
    assert_int_equal(xt_image_record_count(xt_snapshot_image(a)),
                     3 * xt_image_record_count(image) + 2);
    assert_true(xt_image_record_count(xt_snapshot_image(few)) <= 4);
    xt_snapshot_close(few);
    xt_snapshot_close(b);
    xt_snapshot_close(a);
    xt_snapshot_close(merged_alone);
}

static void check_encoding(const xt_snapshot *snapshot) {
    xt_snapshot *decoded;
    size_t count = xt_image_bytes(xt_snapshot_image(snapshot));
    void *bytes = array_of(count, 1);
    xt_snapshot_encode(snapshot, bytes);
    assert_int_equal(xt_snapshot_decode(bytes, count, &dirty_allocator, &decoded, NULL),
                     XT_OK);
    assert_true(xt_snapshot_equals(decoded, snapshot));
    xt_snapshot_close(decoded);
    free(bytes);
}

void exercise(const xt_snapshot *snapshot, random_source *random) {
    const xt_image *image = xt_snapshot_image(snapshot);
    read_totals(image);
    read_tools(image);
    read_records(image);
    read_measures(image);
    read_in_flight(image);
    read_denials(image);
    read_denied_calls(image);
    read_texts(image, XT_SESSION_NAMES);
    read_texts(image, XT_ARGS_TEXTS);
    read_texts(image, XT_ERROR_TEXTS);
    ask_of_tools(image, random);
    check_events(image);
    check_newest(image);
    check_filtering(image, random);
    check_taking(image);
    check_grouping(image, random);
    check_merging(image, random);
    check_encoding(snapshot);
}
