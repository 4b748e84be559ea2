/*
 * Measures: numbers of the user's own, by tool and by record.
 */
#include "support_cmocka.h"
#include "support_merge.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <math.h>

#define NONE XT_NO_MEASURE

static uint64_t now_us;
static const double millionth =
    1e-6; /* a variable, as a literal may have more precision than a double */

static xt_measure measure(const char *name, const char *unit, double scale) {
    return (xt_measure){xt_text_of(name), xt_text_of(unit), scale};
}

/* A tracker of two measures, cost in millionths of USD and bytes. */
static xt_tracker *make_tracker(size_t max_history) {
    const xt_measure measures[] = {measure("cost", "USD", millionth),
                                   measure("bytes", "By", 1)};
    now_us = 1000;
    xt_options options = options_at(&now_us, max_history);
    options.max_tools = 4;
    options.measures = measures;
    options.measure_count = 2;
    return tracker_with(&options);
}

/* Records an execution with two values. */
static void record_values(xt_tracker *tracker, const char *tool, uint64_t cost,
                          uint64_t bytes) {
    const uint64_t values[] = {cost, bytes};
    const xt_execution execution = {.tool = xt_text_of(tool),
                                    .outcome = {.measures = values}};
    now_us++;
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static void assert_stats(const xt_image *image, uint32_t tool_id, size_t index,
                         xt_measure_stats expected) {
    xt_measure_stats stats;
    assert_true(xt_image_tool_measure(image, tool_id, index, &stats));
    assert_int_equal(stats.sum, expected.sum);
    assert_int_equal(stats.count, expected.count);
    assert_int_equal(stats.max, expected.max);
    assert_int_equal(stats.window_sum, expected.window_sum);
}

/* Asserts the values of the record that is `age` records older than the newest. */
static void assert_values(const xt_image *image, size_t age, uint64_t first,
                          uint64_t second) {
    const uint64_t *values = execution_of_age(image, age).outcome.measures;
    assert_non_null(values);
    assert_int_equal(values[0], first);
    assert_int_equal(values[1], second);
}

static void measures_are_those_of_the_options(void **state) {
    (void)state;
    xt_measure measures[XT_MAX_MEASURES];
    xt_tracker *tracker = make_tracker(2);
    assert_int_equal(xt_image_measures(xt_tracker_image(tracker), measures), 2);
    assert_true(is_text(measures[0].name, "cost"));
    assert_true(is_text(measures[0].unit, "USD"));
    assert_true(measures[0].scale == millionth);
    assert_true(is_text(measures[1].name, "bytes"));
    assert_true(is_text(measures[1].unit, "By"));
    assert_true(measures[1].scale == 1);
    close_sound(tracker);
}

static void tracker_without_measures_ignores_values(void **state) {
    (void)state;
    uint64_t at_us = 1;
    xt_measure_stats stats;
    xt_options options = options_at(&at_us, 2);
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    record_values(tracker, "read", 1, 2);
    assert_null(execution_of_age(image, 0).outcome.measures);
    assert_int_equal(xt_image_measures(image, NULL), 0);
    assert_false(xt_image_tool_measure(image, 1, 0, &stats));
    close_sound(tracker);
}

static void measures_take_their_entries_8_bytes_a_record_and_32_a_tool(void **state) {
    (void)state;
    uint64_t at_us = 1;
    xt_options options = options_at(&at_us, 10);
    xt_tracker *without = tracker_with(&options);
    const xt_measure one = measure("cost", "", 1);
    options.measures = &one;
    options.measure_count = 1;
    xt_tracker *with = tracker_with(&options);
    assert_int_equal(xt_image_bytes(xt_tracker_image(with)) -
                         xt_image_bytes(xt_tracker_image(without)),
                     80 + 10 * 8 + (options.max_tools + 1) * 32);
    close_sound(without);
    close_sound(with);
}

static xt_error creating_with(size_t count, const xt_measure measures[]) {
    xt_tracker *tracker;
    xt_options options = options_at(&now_us, 1);
    options.measures = measures;
    options.measure_count = count;
    xt_error error = xt_tracker_create(&options, &tracker);
    xt_tracker_close(tracker);
    return error;
}

static void options_are_checked(void **state) {
    (void)state;
    char long_text[XT_MEASURE_BYTES + 1];
    memset(long_text, 'x', sizeof long_text);
    const xt_text longest = {long_text, XT_MEASURE_BYTES};
    const xt_text too_long = {long_text, XT_MEASURE_BYTES + 1};
    xt_measure measures[5];
    for (int i = 0; i < 5; i++) {
        measures[i] = measure(&"abcde"[i], "", 1);
    }
    assert_int_equal(creating_with(4, measures), XT_OK);
    assert_int_equal(creating_with(5, measures), XT_ERROR_MEASURES);
    measures[3].name = measures[1].name;
    assert_int_equal(creating_with(4, measures), XT_ERROR_MEASURES);
    measures[0] = (xt_measure){longest, longest, 5e-324};
    assert_int_equal(creating_with(1, measures), XT_OK);
    measures[0].name = too_long;
    assert_int_equal(creating_with(1, measures), XT_ERROR_MEASURES);
    measures[0] = (xt_measure){longest, too_long, 1};
    assert_int_equal(creating_with(1, measures), XT_ERROR_MEASURES);
    measures[0] = measure("", "", 1);
    assert_int_equal(creating_with(1, measures), XT_ERROR_MEASURES);
    const double scales[] = {0, -1, (double)INFINITY, (double)NAN};
    for (int i = 0; i < 4; i++) {
        measures[0] = measure("a", "", scales[i]);
        assert_int_equal(creating_with(1, measures), XT_ERROR_MEASURES);
    }
}

static void values_add_up_by_tool_and_in_all(void **state) {
    (void)state;
    xt_measure_stats stats;
    xt_tracker *tracker = make_tracker(10);
    const xt_image *image = xt_tracker_image(tracker);
    record_values(tracker, "read", 2000, NONE);
    record_values(tracker, "edit", 5, 7);
    record_values(tracker, "read", 0, 40);
    record(tracker, "read", XT_SUCCESS, 1);
    assert_stats(image, 1, 0, (xt_measure_stats){2000, 2, 2000, 2000});
    assert_stats(image, 1, 1, (xt_measure_stats){40, 1, 40, 40});
    assert_stats(image, 2, 0, (xt_measure_stats){5, 1, 5, 5});
    assert_stats(image, XT_ALL_TOOLS, 0, (xt_measure_stats){2005, 3, 2000, 2005});
    assert_stats(image, XT_ALL_TOOLS, 1, (xt_measure_stats){47, 2, 40, 47});
    assert_false(xt_image_tool_measure(image, 0, 0, &stats));
    assert_false(xt_image_tool_measure(image, 3, 0, &stats));
    assert_false(xt_image_tool_measure(image, 1, 2, &stats));
    assert_values(image, 3, 2000, NONE);
    assert_values(image, 1, 0, 40);
    assert_null(execution_of_age(image, 0).outcome.measures);
    close_sound(tracker);
}

static void values_leave_the_window_with_their_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(2);
    const xt_image *image = xt_tracker_image(tracker);
    record_values(tracker, "read", 100, 1);
    record_values(tracker, "edit", 10, NONE);
    record_values(tracker, "edit", 1, 3);
    assert_stats(image, 1, 0, (xt_measure_stats){100, 1, 100, 0});
    assert_stats(image, 1, 1, (xt_measure_stats){1, 1, 1, 0});
    assert_stats(image, 2, 0, (xt_measure_stats){11, 2, 10, 11});
    record_values(tracker, "edit", 2, NONE);
    assert_stats(image, 2, 0, (xt_measure_stats){13, 3, 10, 3});
    assert_values(image, 1, 1, 3);
    assert_values(image, 0, 2, NONE);
    close_sound(tracker);
}

static void values_count_without_a_history(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(0);
    record_values(tracker, "read", 3, NONE);
    assert_stats(xt_tracker_image(tracker), 1, 0, (xt_measure_stats){3, 1, 3, 0});
    close_sound(tracker);
}

static void span_is_finished_with_values(void **state) {
    (void)state;
    const uint64_t values[] = {NONE, 9};
    xt_tracker *tracker = make_tracker(2);
    xt_span span = xt_tracker_start(tracker, xt_text_of("read"), 0);
    const xt_outcome outcome = {.measures = values};
    assert_int_equal(xt_tracker_finish(tracker, &span, &outcome, NULL), XT_OK);
    assert_values(xt_tracker_image(tracker), 0, NONE, 9);
    close_sound(tracker);
}

static void sums_stop_at_the_largest(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker(3);
    const xt_image *image = xt_tracker_image(tracker);
    record_values(tracker, "read", XT_MAX_COUNT + 1, XT_MAX_COUNT - 1);
    assert_values(image, 0, XT_MAX_COUNT, XT_MAX_COUNT - 1);
    for (int i = 0; i < 4; i++) { /* so that a sum of 64 bits would wrap */
        record_values(tracker, "read", XT_MAX_COUNT, XT_MAX_COUNT);
        assert_stats(image, 1, 0,
                     (xt_measure_stats){XT_MAX_COUNT, (uint64_t)i + 2, XT_MAX_COUNT,
                                        XT_MAX_COUNT});
        assert_sound(tracker);
    }
    for (int i = 0; i < 3; i++) {
        record_values(tracker, "read", 1, 2);
    }
    assert_stats(image, 1, 0, (xt_measure_stats){XT_MAX_COUNT, 8, XT_MAX_COUNT, 3});
    assert_stats(image, 1, 1, (xt_measure_stats){XT_MAX_COUNT, 8, XT_MAX_COUNT, 6});
    close_sound(tracker);
}

static void clearing_zeroes_sums_and_keeps_measures(void **state) {
    (void)state;
    xt_measure measures[XT_MAX_MEASURES];
    xt_tracker *tracker = make_tracker(2);
    const xt_image *image = xt_tracker_image(tracker);
    record_values(tracker, "read", 4, 5);
    xt_tracker_clear(tracker);
    assert_stats(image, 1, 0, (xt_measure_stats){0, 0, 0, 0});
    assert_stats(image, XT_ALL_TOOLS, 1, (xt_measure_stats){0, 0, 0, 0});
    assert_int_equal(xt_image_measures(image, measures), 2);
    record_values(tracker, "read", 6, 7);
    assert_stats(image, 1, 1, (xt_measure_stats){7, 1, 7, 7});
    close_sound(tracker);
}

static void snapshots_and_filters_have_the_values_of_their_records(void **state) {
    (void)state;
    xt_snapshot *filtered;
    xt_tracker *tracker = make_tracker(4);
    record_values(tracker, "read", 1, 1);
    record_values(tracker, "read", 2, NONE);
    record_values(tracker, "edit", 4, 4);
    record(tracker, "read", XT_FAILED, 1);
    record_values(tracker, "read", 8, 8); /* at place 0 of the ring */
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    const xt_image *image = xt_snapshot_image(snapshot);
    assert_same_reading(image, xt_tracker_image(tracker));
    assert_values(image, 0, 8, 8);
    assert_values(image, 2, 4, 4);
    const bool tools[] = {false, true, false};
    xt_filter filter = xt_filter_all();
    filter.tools = tools;
    assert_int_equal(
        xt_snapshot_filter(xt_tracker_image(tracker), &filter, NULL, &filtered), XT_OK);
    const xt_image *passing = xt_snapshot_image(filtered);
    assert_string_equal(verdict_on(passing), "sound");
    assert_values(passing, 2, 2, NONE);
    assert_null(execution_of_age(passing, 1).outcome.measures);
    assert_values(passing, 0, 8, 8);
    assert_stats(passing, 1, 0, (xt_measure_stats){11, 3, 8, 10});
    assert_stats(passing, 2, 0, (xt_measure_stats){4, 1, 4, 0});
    xt_snapshot_close(filtered);
    xt_snapshot_close(snapshot);
    close_sound(tracker);
}

/* Asserts the total of a measure of group `index`. */
static void assert_totals(const xt_groups *groups, size_t index, size_t measure_index,
                          uint64_t sum, uint64_t count) {
    const xt_measure_total *totals = xt_groups_get(groups, index).measures;
    assert_int_equal(totals[measure_index].sum, sum);
    assert_int_equal(totals[measure_index].count, count);
}

/* With groups numbered by codes and by a table, with and without quantiles. */
static void groups_add_up_their_values(void **state) {
    (void)state;
    const double median = 0.5;
    xt_tracker *tracker = make_tracker(6);
    record_values(tracker, "read", XT_MAX_COUNT, 1);
    record_values(tracker, "edit", 3, NONE);
    record_values(tracker, "read", 5, NONE);
    record(tracker, "edit", XT_SUCCESS, 1);
    for (int by = 0; by < 4; by++) {
        xt_grouping grouping = {.key_count = by < 2 ? 1 : 2,
                                .keys = {XT_BY_TOOL, XT_BY_ARGS_HASH},
                                .quantile_count = (size_t)by % 2,
                                .quantiles = &median};
        xt_groups *groups;
        assert_int_equal(
            xt_image_group(xt_tracker_image(tracker), &grouping, NULL, &groups), XT_OK);
        assert_int_equal(xt_groups_count(groups), 2);
        assert_totals(groups, 0, 0, XT_MAX_COUNT, 2);
        assert_totals(groups, 0, 1, 1, 1);
        assert_totals(groups, 1, 0, 3, 1);
        assert_totals(groups, 1, 1, 0, 0);
        xt_groups_close(groups);
    }
    close_sound(tracker);
}

/* A run with one execution of "read" that has the values of `count` measures. */
static xt_tracker *run_of(size_t count, const xt_measure measures[],
                          const uint64_t values[]) {
    xt_options options = options_at(&now_us, 2);
    options.measures = measures;
    options.measure_count = count;
    xt_tracker *tracker = tracker_with(&options);
    const xt_execution execution = {.tool = xt_text_of("read"),
                                    .outcome = {.measures = values}};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    return tracker;
}

static void merging_unites_measures_by_name(void **state) {
    (void)state;
    const xt_measure one[] = {measure("tokens", "", 1),
                              measure("cost", "USD", millionth)};
    const xt_measure two[] = {measure("a", "By", 1), measure("cost", "USD", millionth)};
    xt_measure measures[XT_MAX_MEASURES];
    now_us = 5;
    xt_tracker *a = run_of(2, one, (uint64_t[]){10, 20});
    xt_tracker *b = run_of(2, two, (uint64_t[]){1, 2});
    xt_snapshot *merge = merge_and_close(a, b);
    const xt_image *image = xt_snapshot_image(merge);
    assert_int_equal(xt_image_measures(image, measures), 3);
    assert_true(is_text(measures[0].name, "a"));
    assert_true(is_text(measures[1].name, "cost"));
    assert_true(is_text(measures[2].name, "tokens"));
    assert_true(is_text(measures[1].unit, "USD"));
    assert_true(measures[1].scale == millionth);
    assert_stats(image, 1, 0, (xt_measure_stats){1, 1, 1, 1});
    assert_stats(image, 1, 1, (xt_measure_stats){22, 2, 20, 22});
    assert_stats(image, 1, 2, (xt_measure_stats){10, 1, 10, 10});
    /* All other fields are equal, so they are in the order of their values. */
    const uint64_t *older = execution_of_age(image, 1).outcome.measures;
    const uint64_t *newer = execution_of_age(image, 0).outcome.measures;
    assert_memory_equal(older, ((uint64_t[]){1, 2, NONE}), 3 * sizeof *older);
    assert_memory_equal(newer, ((uint64_t[]){NONE, 20, 10}), 3 * sizeof *newer);
    xt_snapshot_close(merge);
}

static void merging_refuses_measures_that_do_not_go_together(void **state) {
    (void)state;
    const xt_measure cost = measure("cost", "USD", millionth);
    const xt_measure others[] = {
        measure("cost", "EUR", millionth),
        measure("cost", "USD", 1e-3),
        measure("cost", "", millionth),
    };
    const xt_measure four[] = {measure("a", "", 1), measure("b", "", 1),
                               measure("c", "", 1), measure("d", "", 1)};
    for (int i = 0; i < 4; i++) {
        xt_snapshot *merge = (void *)&now_us;
        xt_tracker *a = run_of(1, &cost, NULL);
        xt_tracker *b = i < 3 ? run_of(1, &others[i], NULL) : run_of(4, four, NULL);
        const xt_image *images[] = {xt_tracker_image(a), xt_tracker_image(b)};
        assert_int_equal(xt_snapshot_merge(2, images, 0, NULL, &merge), XT_ERROR_MERGE);
        assert_null(merge);
        close_sound(a);
        close_sound(b);
    }
}

/*
 * A full ring of 2 records, of read and edit; the first has no value of bytes. Before,
 * read had the values 1 and 100.
 */
static xt_tracker *make_sound(void) {
    xt_tracker *tracker = make_tracker(2);
    record_values(tracker, "read", 1, 100);
    record_values(tracker, "read", 20, NONE);
    record_values(tracker, "edit", 3, 4);
    assert_sound(tracker);
    return tracker;
}

/* Runs `corrupt` on a valid image and asserts the check's message. */
#define CHECK_AFTER(message, corrupt)                                                    \
    do {                                                                                 \
        xt_tracker *tracker = make_sound();                                              \
        const xt_image *image = xt_tracker_image(tracker);                               \
        xt_measure_entry *cost = &image->measures.entries[0];                            \
        xt_tool_measure *read = image->measures.sums;                                    \
        uint64_t *values = image->measures.values;                                       \
        (void)cost, (void)read, (void)values;                                            \
        corrupt;                                                                         \
        assert_string_equal(verdict_on(image), message);                                 \
        xt_tracker_close(tracker);                                                       \
    } while (0)

static void check_finds_wrong_measures(void **state) {
    (void)state;
    const char *range = "a measure's name, unit or scale is out of range";
    const char *bytes = "unused bytes of a measure's name or unit aren't 0";
    CHECK_AFTER(range, cost->name_length = 0);
    CHECK_AFTER(range, cost->name_length = XT_MEASURE_BYTES + 1);
    CHECK_AFTER(range, cost->unit_length = XT_MEASURE_BYTES + 1);
    CHECK_AFTER(range, cost->scale = 0);
    CHECK_AFTER(range, cost->scale = (double)NAN);
    CHECK_AFTER(bytes, cost->name_length = 3);
    CHECK_AFTER(bytes, cost->unit[XT_MEASURE_BYTES - 1] = 1);
    CHECK_AFTER("two measures have the same name", cost[1] = cost[0]);
}

static void check_finds_wrong_values_and_sums(void **state) {
    (void)state;
    const char *range = "a tool's sum, count or maximum of a measure is out of range";
    const char *more = "a tool's records have more of a measure than its lifetime";
    const char *window = "a tool's window sum of a measure doesn't match its records";
    CHECK_AFTER("a record's value of a measure is out of range",
                values[0] = XT_MAX_COUNT + 1);
    CHECK_AFTER(range, read->sum = XT_MAX_COUNT + 1);
    CHECK_AFTER(range, read->count = 3);
    CHECK_AFTER(range, read->count = 0);
    CHECK_AFTER(range, read->count = 1); /* a sum of 21 by one value of at most 20 */
    CHECK_AFTER(range, read->max = 22);
    CHECK_AFTER(range, (*read = (xt_tool_measure){.count = 1, .max = 1}));
    CHECK_AFTER(range, (*read = (xt_tool_measure){.sum = 1}));
    CHECK_AFTER(more, (*read = (xt_tool_measure){19, 1, 19, 20}));
    CHECK_AFTER(more, (*read = (xt_tool_measure){.window_sum = 20}));
    CHECK_AFTER(more, (*read = (xt_tool_measure){21, 2, 19, 20}));
    CHECK_AFTER(window, read->window_sum = 21);
    CHECK_AFTER(window, values[2] = NONE);
    CHECK_AFTER("sound", (*read = (xt_tool_measure){XT_MAX_COUNT, 2, XT_MAX_COUNT, 20}));
}

static void nothing_goes_on_with_sums_of_no_tool(void **state) {
    (void)state;
    xt_tracker *tracker = make_sound();
    const xt_image *image = xt_tracker_image(tracker);
    assert_null(xt_image_check_room(image));
    image->measures.sums[2 * 2].max = 1;
    assert_string_equal(xt_image_check_room(image),
                        "unused slots of tools or histograms aren't 0");
    image->measures.sums[2 * 2].max = 0;
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_are_those_of_the_options),
        cmocka_unit_test(tracker_without_measures_ignores_values),
        cmocka_unit_test(measures_take_their_entries_8_bytes_a_record_and_32_a_tool),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(values_add_up_by_tool_and_in_all),
        cmocka_unit_test(values_leave_the_window_with_their_records),
        cmocka_unit_test(values_count_without_a_history),
        cmocka_unit_test(span_is_finished_with_values),
        cmocka_unit_test(sums_stop_at_the_largest),
        cmocka_unit_test(clearing_zeroes_sums_and_keeps_measures),
        cmocka_unit_test(snapshots_and_filters_have_the_values_of_their_records),
        cmocka_unit_test(groups_add_up_their_values),
        cmocka_unit_test(merging_unites_measures_by_name),
        cmocka_unit_test(merging_refuses_measures_that_do_not_go_together),
        cmocka_unit_test(check_finds_wrong_measures),
        cmocka_unit_test(check_finds_wrong_values_and_sums),
        cmocka_unit_test(nothing_goes_on_with_sums_of_no_tool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
