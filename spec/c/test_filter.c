#include "support_cmocka.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_tracker.h"

enum { ROUNDS = 400, STEPS = 350, WORDS = RUN_LONGEST / 64 + 1 };

static random_source source;
static uint64_t now_us;

/* What xt_snapshot_select is to do, for the helpers that make it run out of memory. */
typedef struct selecting {
    const xt_image *image;
    const uint64_t *selection;
    size_t last;
} selecting;

static xt_error make_selected(const void *context, const xt_allocator *allocator,
                              xt_snapshot **snapshot) {
    const selecting *what = context;
    return xt_snapshot_select(what->image, what->selection, what->last, allocator,
                              snapshot);
}

/* A sound snapshot of the newest `last` of those selected. */
static xt_snapshot *selected(const xt_image *image, const uint64_t selection[],
                             size_t last) {
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_select(image, selection, last, NULL, &snapshot), XT_OK);
    assert_string_equal(verdict_on(xt_snapshot_image(snapshot)), "sound");
    return snapshot;
}

static void record_like(xt_tracker *tracker, const char *tool, xt_outcome outcome,
                        uint64_t duration_us) {
    const xt_execution execution = {
        .tool = xt_text_of(tool), .outcome = outcome, .duration_us = duration_us};
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
    now_us += 10;
}

/*
 * Six records, which end at 100, 110 to 150: tools read (1) and edit (2), error types
 * ENOENT (1) and ETIME (2). The ring has wrapped.
 */
static xt_tracker *make_tracker(void) {
    const xt_text none = {NULL, 0};
    now_us = 80;
    xt_options options = options_at(&now_us, 6);
    xt_tracker *tracker = tracker_with(&options);
    record_like(tracker, "read", (xt_outcome){XT_FAILED, true, none}, 1);
    record_like(tracker, "edit", (xt_outcome){XT_FAILED, true, none}, 1);
    record_like(tracker, "read", (xt_outcome){XT_SUCCESS, false, none}, 5);
    record_like(tracker, "read", (xt_outcome){XT_FAILED, false, xt_text_of("ENOENT")}, 6);
    record_like(tracker, "edit", (xt_outcome){XT_TIMED_OUT, true, xt_text_of("ETIME")},
                7);
    record_like(tracker, "edit", (xt_outcome){XT_CANCELLED, false, none}, 8);
    record_like(tracker, "read", (xt_outcome){XT_SUCCESS, true, none}, 0);
    record_like(tracker, "edit", (xt_outcome){XT_FAILED, false, xt_text_of("ENOENT")},
                XT_MAX_DURATION_US);
    return tracker;
}

/* Which of the six records pass, the oldest in the lowest bit. */
static uint64_t passing(const xt_filter *filter) {
    xt_tracker *tracker = make_tracker();
    uint64_t selection = UINT64_MAX;
    xt_image_select(xt_tracker_image(tracker), filter, &selection);
    xt_tracker_close(tracker);
    return selection;
}

static void filter_of_all_selects_all(void **state) {
    (void)state;
    xt_filter filter = xt_filter_all();
    assert_int_equal(passing(&filter), 0x3f);
    xt_tracker *tracker = tracker_with(NULL);
    uint64_t selection = 0;
    record_at(tracker, "read", XT_SUCCESS, 0, 0);
    record_at(tracker, "read", XT_SUCCESS, UINT64_MAX, UINT64_MAX);
    xt_image_select(xt_tracker_image(tracker), &filter, &selection);
    assert_int_equal(selection, 3);
    xt_tracker_close(tracker);
}

static void tools_are_by_identifier(void **state) {
    (void)state;
    xt_filter filter = xt_filter_all();
    filter.tools = (const bool[]){false, true, false};
    assert_int_equal(passing(&filter), 0x13);
    filter.tools = (const bool[]){true, false, true};
    assert_int_equal(passing(&filter), 0x2c);
    filter.tools = (const bool[]){true, false, false};
    assert_int_equal(passing(&filter), 0);
}

static void error_types_are_by_identifier_and_none_is_the_first(void **state) {
    (void)state;
    xt_filter filter = xt_filter_all();
    filter.error_types = (const bool[]){true, false, false};
    assert_int_equal(passing(&filter), 0x19);
    filter.error_types = (const bool[]){false, true, false};
    assert_int_equal(passing(&filter), 0x22);
    filter.error_types = (const bool[]){false, true, true};
    assert_int_equal(passing(&filter), 0x26);
}

static void statuses_are_those_that_are_wanted(void **state) {
    (void)state;
    const uint64_t by_status[] = {0x11, 0x22, 0x04, 0x08};
    for (int status = XT_SUCCESS; status <= XT_CANCELLED; status++) {
        xt_filter filter = xt_filter_all();
        filter.statuses[status] = false;
        assert_int_equal(passing(&filter), 0x3f & ~by_status[status]);
    }
}

static void cached_are_told_from_those_that_are_not(void **state) {
    (void)state;
    xt_filter filter = xt_filter_all();
    filter.cached[0] = false;
    assert_int_equal(passing(&filter), 0x14);
    filter.cached[0] = true;
    filter.cached[1] = false;
    assert_int_equal(passing(&filter), 0x2b);
}

static void since_is_inclusive_and_before_exclusive(void **state) {
    (void)state;
    xt_filter filter = xt_filter_all();
    filter.since_us = 120;
    assert_int_equal(passing(&filter), 0x3c);
    filter.since_us = 121;
    assert_int_equal(passing(&filter), 0x38);
    filter.before_us = 140;
    assert_int_equal(passing(&filter), 0x08);
    filter.before_us = 141;
    assert_int_equal(passing(&filter), 0x18);
    filter.since_us = 141;
    assert_int_equal(passing(&filter), 0);
}

static void durations_are_inclusive(void **state) {
    (void)state;
    xt_filter filter = xt_filter_all();
    filter.min_duration_us = 6;
    assert_int_equal(passing(&filter), 0x2e);
    filter.min_duration_us = 7;
    assert_int_equal(passing(&filter), 0x2c);
    filter.max_duration_us = 8;
    assert_int_equal(passing(&filter), 0x0c);
    filter.max_duration_us = 7;
    assert_int_equal(passing(&filter), 0x04);
    filter.min_duration_us = XT_MAX_DURATION_US;
    filter.max_duration_us = XT_MAX_DURATION_US;
    assert_int_equal(passing(&filter), 0x20);
    filter.min_duration_us = 0;
    filter.max_duration_us = 0;
    assert_int_equal(passing(&filter), 0x10);
}

static void nothing_is_selected_of_no_records(void **state) {
    (void)state;
    const xt_filter filter = xt_filter_all();
    xt_tracker *tracker = tracker_with(NULL);
    uint64_t selection = 77;
    assert_int_equal(xt_selection_words(xt_tracker_image(tracker)), 0);
    xt_image_select(xt_tracker_image(tracker), &filter, &selection);
    assert_int_equal(selection, 77);
    xt_snapshot *snapshot = selected(xt_tracker_image(tracker), &selection, 5);
    xt_snapshot *taken = snapshot_of(xt_tracker_image(tracker));
    assert_true(xt_snapshot_equals(snapshot, taken));
    xt_snapshot_close(snapshot);
    xt_snapshot_close(taken);
    xt_tracker_close(tracker);
}

static void selection_has_a_bit_for_each_record(void **state) {
    (void)state;
    const size_t counts[] = {1, 63, 64, 65, 128, 129};
    const size_t words[] = {1, 1, 1, 2, 2, 3};
    const xt_filter filter = xt_filter_all();
    for (size_t i = 0; i < 6; i++) {
        xt_options options = options_at(&now_us, counts[i]);
        xt_tracker *tracker = tracker_with(&options);
        uint64_t selection[4] = {0, 0, 0, 77};
        for (size_t j = 0; j < 150; j++) {
            record(tracker, "read", XT_SUCCESS, 1);
        }
        assert_int_equal(xt_selection_words(xt_tracker_image(tracker)), words[i]);
        xt_image_select(xt_tracker_image(tracker), &filter, selection);
        for (size_t j = 0; j < 192; j++) {
            assert_int_equal(selection[j / 64] >> j % 64 & 1, j < counts[i]);
        }
        assert_int_equal(selection[3], 77);
        xt_tracker_close(tracker);
    }
}

static void last_keeps_the_newest_of_those_selected(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    const uint64_t selection = 0x2d; /* durations 5, 7, 8 and the longest */
    const uint64_t durations[] = {XT_MAX_DURATION_US, 8, 7, 5};
    const size_t lasts[] = {0, 1, 2, 3, 4, 5, SIZE_MAX};
    for (size_t i = 0; i < 7; i++) {
        xt_snapshot *snapshot = selected(image, &selection, lasts[i]);
        const xt_image *kept = xt_snapshot_image(snapshot);
        size_t count = lasts[i] < 4 ? lasts[i] : 4;
        assert_int_equal(xt_image_record_count(kept), count);
        assert_int_equal(xt_image_recorded(kept), 8);
        for (size_t age = 0; age < count; age++) {
            assert_int_equal(execution_of_age(kept, age).duration_us, durations[age]);
        }
        xt_snapshot_close(snapshot);
    }
    xt_tracker_close(tracker);
}

static void selection_made_by_hand_may_say_more_than_there_are_records(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    const uint64_t selection = UINT64_MAX;
    xt_snapshot *taken = snapshot_of(image);
    xt_snapshot *snapshot = selected(image, &selection, SIZE_MAX);
    assert_true(xt_snapshot_equals(snapshot, taken));
    xt_snapshot_close(snapshot);
    snapshot = selected(image, &selection, 1);
    assert_int_equal(execution_of_age(xt_snapshot_image(snapshot), 0).duration_us,
                     XT_MAX_DURATION_US);
    xt_snapshot_close(snapshot);
    xt_snapshot_close(taken);
    xt_tracker_close(tracker);
}

static void windows_are_of_the_records_that_are_left(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const uint64_t selection = 0x2d;
    xt_snapshot *snapshot = selected(xt_tracker_image(tracker), &selection, 3);
    const xt_image *image = xt_snapshot_image(snapshot);
    xt_stats stats = xt_image_stats(image);
    const xt_counts window = {3, 0, 1, 1, 1, 1, XT_MAX_DURATION_US + 15};
    const xt_counts read_window = {0};
    xt_tool_stats read;
    xt_tool_stats edit;
    double average_us = -1;
    assert_true(xt_image_tool_stats(image, 1, &read));
    assert_true(xt_image_tool_stats(image, 2, &edit));
    assert_memory_equal(&stats.window, &window, sizeof window);
    assert_memory_equal(&read.window, &read_window, sizeof window);
    assert_memory_equal(&edit.window, &window, sizeof window);
    assert_int_equal(read.lifetime.executions, 4);
    assert_int_equal(edit.lifetime.executions, 4);
    assert_false(xt_image_average_duration(image, 1, &average_us));
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void choose(bool wanted[], size_t count) {
    for (size_t i = 0; i < count; i++) {
        wanted[i] = !random_once_in(&source, 4);
    }
}

/* Conditions that most records pass; the first two need room for every identifier. */
static xt_filter random_filter(bool tools[], bool error_types[], const xt_image *image) {
    xt_filter filter = xt_filter_all();
    choose(tools, xt_image_tool_count(image) + 1);
    choose(error_types, xt_image_error_type_count(image) + 1);
    filter.tools = random_once_in(&source, 2) ? tools : NULL;
    filter.error_types = random_once_in(&source, 2) ? error_types : NULL;
    if (random_once_in(&source, 2)) {
        choose(filter.statuses, 4);
        choose(filter.cached, 2);
    }
    if (random_once_in(&source, 2)) {
        filter.since_us = 1000 + random_below(&source, 30);
        filter.before_us = filter.since_us + random_below(&source, 200);
    }
    if (random_once_in(&source, 2)) {
        filter.min_duration_us = random_duration_us(&source, 8);
        filter.max_duration_us = random_duration_us(&source, 40);
    }
    return filter;
}

static bool passes(const xt_filter *filter, const xt_image *image,
                   const xt_execution *execution) {
    uint32_t error_type = 0;
    for (uint32_t id = 1; id <= xt_image_error_type_count(image); id++) {
        if (same_text(xt_image_error_type(image, id), execution->outcome.error_type)) {
            error_type = id;
        }
    }
    if ((filter->tools != NULL && !filter->tools[execution->tool_id]) ||
        (filter->error_types != NULL && !filter->error_types[error_type])) {
        return false;
    }
    if (!filter->statuses[execution->outcome.status] ||
        !filter->cached[execution->outcome.was_cached ? 1 : 0]) {
        return false;
    }
    return filter->since_us <= execution->end_us &&
           execution->end_us < filter->before_us &&
           filter->min_duration_us <= execution->duration_us &&
           execution->duration_us <= filter->max_duration_us;
}

/* Asserts that the window of tool `id`, or of all with 0, is of the records there are. */
static void assert_window(const xt_image *image, uint32_t id, const xt_counts *window) {
    xt_counts expected = {0};
    for (size_t age = 0; age < xt_image_record_count(image); age++) {
        xt_execution execution = execution_of_age(image, age);
        if (id == 0 || execution.tool_id == id) {
            count_execution(&expected, &execution);
        }
    }
    assert_memory_equal(window, &expected, sizeof expected);
}

static void assert_windows(const xt_image *image) {
    xt_stats stats = xt_image_stats(image);
    assert_window(image, 0, &stats.window);
    for (uint32_t id = 1; id <= xt_image_tool_count(image); id++) {
        xt_tool_stats tool;
        assert_true(xt_image_tool_stats(image, id, &tool));
        assert_window(image, id, &tool.window);
    }
}

/* Asserts that `snapshot` has the newest `last` records of `image` that pass. */
static void assert_selected(const xt_image *snapshot, const xt_image *image,
                            const xt_filter *filter, size_t last) {
    size_t kept = 0;
    for (size_t age = 0; age < xt_image_record_count(image); age++) {
        xt_execution expected = execution_of_age(image, age);
        if (kept < last && passes(filter, image, &expected)) {
            xt_execution actual = execution_of_age(snapshot, kept++);
            assert_true(same_execution(&actual, &expected));
        }
    }
    assert_int_equal(xt_image_record_count(snapshot), kept);
}

static void selecting_agrees_with_a_naive_model(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        random_run run;
        bool tools[XT_ERROR_TYPES];
        bool error_types[XT_ERROR_TYPES];
        uint64_t selection[WORDS];
        start_run(&run, &source, STEPS);
        xt_filter filter = random_filter(tools, error_types, run.image);
        size_t last = random_once_in(&source, 2) ? SIZE_MAX : random_below(&source, 100);
        xt_image_select(run.image, &filter, selection);
        xt_snapshot *snapshot = selected(run.image, selection, last);
        const xt_image *image = xt_snapshot_image(snapshot);
        assert_selected(image, run.image, &filter, last);
        assert_same_apart_from_records(image, run.image);
        assert_windows(image);
        xt_snapshot_close(snapshot);
        close_run(&run);
    }
}

static void selecting_of_a_selection_narrows_it_further(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 4; round++) {
        random_run run;
        uint64_t all[WORDS];
        uint64_t failed[WORDS];
        xt_filter filter = xt_filter_all();
        start_run(&run, &source, STEPS);
        filter.since_us = 1010;
        xt_image_select(run.image, &filter, all);
        xt_snapshot *since = selected(run.image, all, SIZE_MAX);
        filter.statuses[XT_SUCCESS] = false;
        xt_image_select(run.image, &filter, all);
        xt_image_select(xt_snapshot_image(since), &filter, failed);
        xt_snapshot *at_once = selected(run.image, all, 20);
        xt_snapshot *in_two_steps = selected(xt_snapshot_image(since), failed, 20);
        assert_true(xt_snapshot_equals(at_once, in_two_steps));
        xt_snapshot_close(since);
        xt_snapshot_close(at_once);
        xt_snapshot_close(in_two_steps);
        close_run(&run);
    }
}

static void selecting_all_is_taking(void **state) {
    (void)state;
    const xt_filter filter = xt_filter_all();
    for (int round = 0; round < ROUNDS / 4; round++) {
        random_run run;
        uint64_t selection[WORDS];
        start_run(&run, &source, STEPS);
        xt_image_select(run.image, &filter, selection);
        xt_snapshot *snapshot = selected(run.image, selection, SIZE_MAX);
        xt_snapshot *taken = snapshot_of(run.image);
        assert_true(xt_snapshot_equals(snapshot, taken));
        xt_snapshot_close(snapshot);
        xt_snapshot_close(taken);
        close_run(&run);
    }
}

static void selecting_needs_no_zeroed_memory_and_survives_want_of_it(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 4; round++) {
        random_run run;
        uint64_t selection[WORDS];
        start_run(&run, &source, STEPS);
        for (size_t i = 0; i < WORDS; i++) {
            selection[i] = random_bits(&source);
        }
        const selecting what = {run.image, selection, random_below(&source, 100)};
        assert_same_in_dirty_memory(make_selected, &what);
        assert_survives_want_of_memory(make_selected, &what, 1);
        close_run(&run);
    }
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_of_all_selects_all),
        cmocka_unit_test(tools_are_by_identifier),
        cmocka_unit_test(error_types_are_by_identifier_and_none_is_the_first),
        cmocka_unit_test(statuses_are_those_that_are_wanted),
        cmocka_unit_test(cached_are_told_from_those_that_are_not),
        cmocka_unit_test(since_is_inclusive_and_before_exclusive),
        cmocka_unit_test(durations_are_inclusive),
        cmocka_unit_test(nothing_is_selected_of_no_records),
        cmocka_unit_test(selection_has_a_bit_for_each_record),
        cmocka_unit_test(last_keeps_the_newest_of_those_selected),
        cmocka_unit_test(selection_made_by_hand_may_say_more_than_there_are_records),
        cmocka_unit_test(windows_are_of_the_records_that_are_left),
        cmocka_unit_test(selecting_agrees_with_a_naive_model),
        cmocka_unit_test(selecting_of_a_selection_narrows_it_further),
        cmocka_unit_test(selecting_all_is_taking),
        cmocka_unit_test(selecting_needs_no_zeroed_memory_and_survives_want_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
