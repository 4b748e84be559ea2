#include "selection.h"

#include "support_cmocka.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_tracker.h"

enum { ROUNDS = 400, STEPS = 350 };

static random_source source;
static uint64_t now_us;

/* The arguments of xt_snapshot_filter, for the helpers that make allocations fail. */
typedef struct filtering {
    const xt_image *image;
    xt_filter filter;
} filtering;

static xt_error make_filtered(const void *context, const xt_allocator *allocator,
                              xt_snapshot **snapshot) {
    const filtering *what = context;
    return xt_snapshot_filter(what->image, &what->filter, allocator, snapshot);
}

/* A snapshot of the records that pass, checked. */
static xt_snapshot *filtered(const xt_image *image, const xt_filter *filter) {
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_filter(image, filter, NULL, &snapshot), XT_OK);
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
    now_us = 80;
    xt_options options = options_at(&now_us, 6);
    xt_tracker *tracker = tracker_with(&options);
    record_like(tracker, "read", (xt_outcome){.status = XT_FAILED, .was_cached = true},
                1);
    record_like(tracker, "edit", (xt_outcome){.status = XT_FAILED, .was_cached = true},
                1);
    record_like(tracker, "read", (xt_outcome){.status = XT_SUCCESS}, 5);
    record_like(tracker, "read",
                (xt_outcome){.status = XT_FAILED, .error_type = xt_text_of("ENOENT")}, 6);
    record_like(tracker, "edit",
                (xt_outcome){.status = XT_TIMED_OUT,
                             .was_cached = true,
                             .error_type = xt_text_of("ETIME")},
                7);
    record_like(tracker, "edit", (xt_outcome){.status = XT_CANCELLED}, 8);
    record_like(tracker, "read", (xt_outcome){.status = XT_SUCCESS, .was_cached = true},
                0);
    record_like(tracker, "edit",
                (xt_outcome){.status = XT_FAILED, .error_type = xt_text_of("ENOENT")},
                XT_MAX_DURATION_US);
    return tracker;
}

/* Which of the six records pass: a bit for each, the lowest for the oldest. */
static uint64_t passing(const xt_filter *filter) {
    xt_tracker *tracker = make_tracker();
    uint64_t selection = UINT64_MAX;
    xt_selection_of(xt_tracker_image(tracker), filter, &selection);
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
    xt_selection_of(xt_tracker_image(tracker), &filter, &selection);
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

static void records_after_a_number_are_those_recorded_later(void **state) {
    (void)state;
    const uint64_t afters[] = {0, 2, 3, 7, 8, UINT64_MAX}; /* the records are 3 to 8 */
    const uint64_t left[] = {0x3f, 0x3f, 0x3e, 0x20, 0, 0};
    for (size_t i = 0; i < 6; i++) {
        xt_filter filter = xt_filter_all();
        filter.after = afters[i];
        assert_int_equal(passing(&filter), left[i]);
    }
}

static void nothing_is_left_of_no_records(void **state) {
    (void)state;
    const xt_filter filter = xt_filter_all();
    xt_tracker *tracker = tracker_with(NULL);
    xt_snapshot *snapshot = filtered(xt_tracker_image(tracker), &filter);
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
        xt_selection_of(xt_tracker_image(tracker), &filter, selection);
        for (size_t j = 0; j < 192; j++) {
            assert_int_equal(selection[j / 64] >> j % 64 & 1, j < counts[i]);
        }
        assert_int_equal(selection[3], 77);
        xt_tracker_close(tracker);
    }
}

static void last_keeps_the_newest_of_those_that_pass(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    const uint64_t durations[] = {XT_MAX_DURATION_US, 8, 7, 6, 5};
    const size_t lasts[] = {0, 1, 4, 5, 6, XT_KEEP_ALL};
    xt_filter filter = xt_filter_all();
    filter.min_duration_us = 5;
    for (size_t i = 0; i < 6; i++) {
        filter.last = lasts[i];
        xt_snapshot *snapshot = filtered(image, &filter);
        const xt_image *kept = xt_snapshot_image(snapshot);
        size_t count = lasts[i] < 5 ? lasts[i] : 5;
        assert_int_equal(xt_image_record_count(kept), count);
        assert_int_equal(xt_image_recorded(kept), 8);
        for (size_t age = 0; age < count; age++) {
            assert_int_equal(execution_of_age(kept, age).duration_us, durations[age]);
        }
        xt_snapshot_close(snapshot);
    }
    xt_tracker_close(tracker);
}

static void last_goes_by_the_end_and_then_by_the_order_of_recording(void **state) {
    (void)state;
    const uint64_t ends[] = {30, 10, 20, 30, 20, 0}; /* their durations are 1 to 6 */
    const uint64_t kept[5][5] = {{4}, {1, 4}, {1, 4, 5}, {1, 3, 4, 5}, {1, 2, 3, 4, 5}};
    xt_tracker *tracker = tracker_with(NULL);
    xt_filter filter = xt_filter_all();
    for (size_t i = 0; i < 6; i++) {
        record_at(tracker, "read", XT_SUCCESS, i + 1, ends[i]);
    }
    for (filter.last = 1; filter.last <= 5; filter.last++) {
        xt_snapshot *snapshot = filtered(xt_tracker_image(tracker), &filter);
        const xt_image *left = xt_snapshot_image(snapshot);
        assert_int_equal(xt_image_record_count(left), filter.last);
        for (size_t i = 0; i < filter.last; i++) {
            assert_int_equal(execution_of_age(left, filter.last - 1 - i).duration_us,
                             kept[filter.last - 1][i]);
        }
        xt_snapshot_close(snapshot);
    }
    xt_tracker_close(tracker);
}

static void windows_are_of_the_records_that_are_left(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    xt_filter filter = xt_filter_all();
    filter.tools = (const bool[]){false, false, true};
    xt_snapshot *snapshot = filtered(xt_tracker_image(tracker), &filter);
    const xt_image *image = xt_snapshot_image(snapshot);
    xt_stats stats = xt_image_stats(image);
    const xt_counts window = {3, 0, 1, 1, 1, 1, XT_MAX_DURATION_US + 15, 0, 0, 0};
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

static void choose_sessions(xt_filter *filter) {
    static const uint32_t sessions[] = {0, 1, 2};
    filter->sessions = &sessions[random_below(&source, 2)];
    filter->session_count = random_below(&source, 3);
}

/* Conditions that most records pass. The arrays have room for every identifier. */
static xt_filter random_filter(bool tools[], bool error_types[], const xt_image *image) {
    xt_filter filter = xt_filter_all();
    choose(tools, xt_image_tool_count(image) + 1);
    choose(error_types, xt_image_error_type_count(image) + 1);
    filter.tools = random_once_in(&source, 2) ? tools : NULL;
    filter.error_types = random_once_in(&source, 2) ? error_types : NULL;
    if (random_once_in(&source, 4)) {
        choose_sessions(&filter);
    }
    if (random_once_in(&source, 2)) {
        choose(filter.statuses, 4);
        choose(filter.cached, 2);
    }
    if (random_once_in(&source, 2)) {
        choose(filter.timings, 3);
        choose(filter.undated, 2);
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

static bool has_session(const xt_filter *filter, uint32_t session) {
    bool has = filter->sessions == NULL;
    for (size_t i = 0; i < filter->session_count; i++) {
        has |= filter->sessions[i] == session;
    }
    return has;
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
        (filter->error_types != NULL && !filter->error_types[error_type]) ||
        !has_session(filter, execution->session.hash)) {
        return false;
    }
    if (!filter->statuses[execution->outcome.status] ||
        !filter->cached[execution->outcome.was_cached ? 1 : 0] ||
        !filter->timings[execution->timing] ||
        !filter->undated[execution->is_undated ? 1 : 0]) {
        return false;
    }
    return filter->since_us <= execution->end_us &&
           execution->end_us < filter->before_us &&
           filter->min_duration_us <= execution->duration_us &&
           execution->duration_us <= filter->max_duration_us;
}

/* Asserts that `window` counts the records of tool `id`, or of all tools for 0. */
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

/* How many of the `count` executions that pass are newer than the one at `i`. */
static size_t count_newer(const xt_execution passing[], size_t count, size_t i) {
    size_t newer = 0;
    for (size_t j = 0; j < count; j++) {
        newer += passing[j].end_us > passing[i].end_us ||
                 (passing[j].end_us == passing[i].end_us && j > i);
    }
    return newer;
}

/* Asserts that `snapshot` has the newest records of `image` that pass. */
static void assert_filtered(const xt_image *snapshot, const xt_image *image,
                            const xt_filter *filter) {
    xt_execution passing[RUN_LONGEST];
    size_t count = 0;
    size_t kept = 0;
    for (size_t age = xt_image_record_count(image); age-- > 0;) {
        passing[count] = execution_of_age(image, age);
        count += xt_image_recorded(image) - age > filter->after &&
                 passes(filter, image, &passing[count]);
    }
    size_t left = count < filter->last ? count : filter->last;
    assert_int_equal(xt_image_record_count(snapshot), left);
    for (size_t i = 0; i < count; i++) {
        if (count_newer(passing, count, i) < filter->last) {
            xt_execution actual = execution_of_age(snapshot, left - ++kept);
            assert_true(same_execution(&actual, &passing[i]));
        }
    }
}

static void filtering_agrees_with_a_naive_model(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        random_run run;
        bool tools[XT_ERROR_TYPES];
        bool error_types[XT_ERROR_TYPES];
        start_run(&run, &source, STEPS);
        xt_filter filter = random_filter(tools, error_types, run.image);
        if (random_once_in(&source, 2)) {
            filter.last = random_below(&source, 100);
            filter.after = random_below(&source, STEPS);
        }
        xt_snapshot *snapshot = filtered(run.image, &filter);
        const xt_image *image = xt_snapshot_image(snapshot);
        assert_filtered(image, run.image, &filter);
        assert_same_apart_from_records(image, run.image);
        assert_windows(image);
        assert_int_equal(xt_image_is_filtered(image),
                         xt_image_record_count(image) < xt_image_record_count(run.image));
        xt_snapshot_close(snapshot);
        close_run(&run);
    }
}

static void filtering_what_was_filtered_narrows_it_further(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 4; round++) {
        random_run run;
        xt_filter filter = xt_filter_all();
        start_run(&run, &source, STEPS);
        filter.since_us = 1010;
        xt_snapshot *since = filtered(run.image, &filter);
        filter.statuses[XT_SUCCESS] = false;
        filter.last = 20;
        xt_snapshot *at_once = filtered(run.image, &filter);
        xt_snapshot *in_two_steps = filtered(xt_snapshot_image(since), &filter);
        assert_true(xt_snapshot_equals(at_once, in_two_steps));
        xt_snapshot_close(since);
        xt_snapshot_close(at_once);
        xt_snapshot_close(in_two_steps);
        close_run(&run);
    }
}

static void filtering_nothing_out_is_taking(void **state) {
    (void)state;
    const xt_filter filter = xt_filter_all();
    for (int round = 0; round < ROUNDS / 4; round++) {
        random_run run;
        start_run(&run, &source, STEPS);
        xt_snapshot *snapshot = filtered(run.image, &filter);
        xt_snapshot *taken = snapshot_of(run.image);
        assert_true(xt_snapshot_equals(snapshot, taken));
        xt_snapshot_close(snapshot);
        xt_snapshot_close(taken);
        close_run(&run);
    }
}

static void filtering_needs_no_zeroed_memory_and_survives_want_of_it(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 4; round++) {
        random_run run;
        start_run(&run, &source, STEPS);
        filtering what = {run.image, xt_filter_all()};
        what.filter.last = random_below(&source, 100);
        bool is_narrowed = what.filter.last > 0 &&
                           what.filter.last < xt_image_record_count(run.image) &&
                           !xt_image_is_in_order(run.image);
        assert_same_in_dirty_memory(make_filtered, &what);
        assert_survives_want_of_memory(make_filtered, &what, is_narrowed ? 3 : 2);
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
        cmocka_unit_test(records_after_a_number_are_those_recorded_later),
        cmocka_unit_test(nothing_is_left_of_no_records),
        cmocka_unit_test(selection_has_a_bit_for_each_record),
        cmocka_unit_test(last_keeps_the_newest_of_those_that_pass),
        cmocka_unit_test(last_goes_by_the_end_and_then_by_the_order_of_recording),
        cmocka_unit_test(windows_are_of_the_records_that_are_left),
        cmocka_unit_test(filtering_agrees_with_a_naive_model),
        cmocka_unit_test(filtering_what_was_filtered_narrows_it_further),
        cmocka_unit_test(filtering_nothing_out_is_taking),
        cmocka_unit_test(filtering_needs_no_zeroed_memory_and_survives_want_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
