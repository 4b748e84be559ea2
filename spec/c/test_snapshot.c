#include "support_cmocka.h"
#include "support_run.h"
#include "support_snapshot.h"
#include "support_tracker.h"

enum { ROUNDS = 300, STEPS = 250 };

static random_source source;
static uint64_t now_us;

static void record_failure(xt_tracker *tracker, const char *tool,
                           const char *error_type) {
    const xt_execution execution = {
        .tool = xt_text_of(tool),
        .outcome = {.status = XT_FAILED,
                    .was_cached = true,
                    .error_type = xt_text_of(error_type)},
        .duration_us = 300,
        .args_hash = 7,
    };
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

/*
 * A full ring of 5 records that has wrapped; 2 tools and (other), 2 error types;
 * executions in flight in slots 1 and 3 of 4, slot 2 is free; one denial and one denied
 * call.
 */
static xt_tracker *make_busy(void) {
    now_us = 1000000;
    xt_options options = options_at(&now_us, 5);
    options.max_tools = 2;
    options.max_in_flight = 4;
    options.label = xt_text_of("nightly");
    xt_tracker *tracker = tracker_with(&options);
    record(tracker, "read", XT_SUCCESS, 100);
    record_failure(tracker, "write", "ENOENT");
    xt_tracker_start(tracker, xt_text_of("write"), 1);
    xt_span span = xt_tracker_start(tracker, xt_text_of("read"), 2);
    now_us += 50;
    xt_tracker_start(tracker, xt_text_of("search"), 3);
    for (uint64_t i = 0; i < 4; i++) {
        record(tracker, "edit", XT_TIMED_OUT, 1000 * i);
    }
    finish(tracker, &span, XT_CANCELLED);
    record_at(tracker, "read", XT_SUCCESS, 2, 5);
    record_failure(tracker, "read", "EACCES");
    const xt_image *image = xt_tracker_image(tracker);
    begin_change(tracker);
    image->header->denial_count = 1;
    image->denials[0] = (xt_denial){.count = 3, .last_us = 9, .tool = 1, .reason = 2};
    image->header->denials_overflowed = 4;
    end_change(tracker);
    assert_sound(tracker);
    return tracker;
}

static void assert_taken_reads_alike(const xt_tracker *tracker) {
    const xt_image *image = xt_tracker_image(tracker);
    void *before = copy_of_block(tracker);
    xt_snapshot *snapshot = snapshot_of(image);
    assert_same_reading(image, xt_snapshot_image(snapshot));
    assert_true(is_block(tracker, before));
    xt_snapshot_close(snapshot);
    free(before);
}

static void snapshot_of_an_empty_tracker_reads_alike(void **state) {
    (void)state;
    for (size_t max_history = 0; max_history < 3; max_history++) {
        xt_options options = options_at(&now_us, max_history);
        options.max_in_flight = max_history;
        xt_tracker *tracker = tracker_with(&options);
        assert_taken_reads_alike(tracker);
        xt_tracker_close(tracker);
    }
}

static void snapshot_of_a_busy_tracker_reads_alike(void **state) {
    (void)state;
    xt_tracker *tracker = make_busy();
    assert_taken_reads_alike(tracker);
    assert_int_equal(xt_image_tool_count(xt_tracker_image(tracker)), 3);
    assert_int_equal(xt_image_stats(xt_tracker_image(tracker)).overflowed, 5);
    xt_tracker_close(tracker);
}

static void snapshot_of_a_random_run_reads_alike(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        random_run run;
        start_run(&run, &source, STEPS);
        assert_taken_reads_alike(run.tracker);
        close_run(&run);
    }
}

static void
snapshot_of_a_cleared_tracker_has_its_names_and_what_is_in_flight(void **state) {
    (void)state;
    xt_tracker *tracker = make_busy();
    xt_tracker_clear(tracker);
    assert_taken_reads_alike(tracker);
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    const xt_image *image = xt_snapshot_image(snapshot);
    assert_int_equal(xt_image_tool_count(image), 3);
    assert_int_equal(xt_image_in_flight(image, 0, NULL), 2);
    assert_int_equal(xt_image_record_count(image), 0);
    assert_int_equal(xt_image_recorded(image), 9);
    assert_int_equal(xt_image_stats(image).lifetime.executions, 0);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void nothing_that_the_tracker_does_later_shows(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 3; round++) {
        random_run run;
        start_run(&run, &source, STEPS);
        xt_snapshot *snapshot = snapshot_of(run.image);
        const xt_image *image = xt_snapshot_image(snapshot);
        size_t bytes = xt_image_bytes(image);
        void *before = malloc(bytes);
        assert_non_null(before);
        memcpy(before, image->header, bytes);
        for (int i = 0; i < 50; i++) {
            step_run(&run, &source);
        }
        close_run(&run);
        assert_memory_equal(image->header, before, bytes);
        xt_snapshot_close(snapshot);
        free(before);
    }
}

static void slots_are_what_is_used(void **state) {
    (void)state;
    xt_tracker *tracker = make_busy();
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    const xt_image *image = xt_snapshot_image(snapshot);
    const xt_header *header = image->header;
    const xt_names_head tools = {3, 3, 16, 16};
    const xt_names_head error_types = {2, 2, 12, 12};
    const xt_in_flight_head in_flight = {2, 2, 2, 1, 2, 0, 3};
    assert_memory_equal(&header->tool_names, &tools, sizeof tools);
    assert_memory_equal(&header->error_types, &error_types, sizeof error_types);
    assert_memory_equal(&header->in_flight, &in_flight, sizeof in_flight);
    assert_int_equal(header->denial_slots, 1);
    assert_int_equal(header->record_slots, 5);
    assert_int_equal(header->record_next, 0);
    assert_int_equal(xt_image_bytes(image), 576 + 3 * 184 + 4 * 2064 + (3 * 8 + 16) +
                                                (2 * 8 + 16) + 2 * 40 + 24 + 5 * 32);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void assert_places(const xt_image *image, uint32_t tool_id, uint32_t success,
                          uint32_t other) {
    const uint32_t expected[XT_OUTCOMES] = {success, other};
    assert_memory_equal(image->tools[tool_id - 1].histograms, expected, sizeof expected);
}

static void histograms_are_those_that_hold_something_in_the_order_of_tools(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_with(NULL);
    record(tracker, "a", XT_FAILED, 0);
    record(tracker, "b", XT_SUCCESS, 2);
    record(tracker, "a", XT_SUCCESS, 3);
    assert_places(xt_tracker_image(tracker), 1, 3, 1);
    assert_places(xt_tracker_image(tracker), 2, 2, 0);
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    assert_places(xt_snapshot_image(snapshot), 1, 1, 2);
    assert_places(xt_snapshot_image(snapshot), 2, 3, 0);
    xt_snapshot_close(snapshot);
    xt_tracker_clear(tracker);
    record(tracker, "b", XT_SUCCESS, 0);
    assert_places(xt_tracker_image(tracker), 2, 2, 0);
    snapshot = snapshot_of(xt_tracker_image(tracker));
    assert_places(xt_snapshot_image(snapshot), 1, 0, 0);
    assert_places(xt_snapshot_image(snapshot), 2, 1, 0);
    assert_int_equal(xt_snapshot_image(snapshot)->header->histogram_slots, 1);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void snapshot_of_an_empty_tracker_is_a_header(void **state) {
    (void)state;
    xt_tracker *tracker = tracker_with(NULL);
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    assert_int_equal(xt_image_bytes(xt_snapshot_image(snapshot)), 576);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void snapshot_has_no_generation_and_no_checksum(void **state) {
    (void)state;
    xt_tracker *tracker = make_busy();
    const xt_image *image = xt_tracker_image(tracker);
    image->header->generation = 8;
    image->header->checksum = 9;
    xt_snapshot *snapshot = snapshot_of(image);
    const xt_header *header = xt_snapshot_image(snapshot)->header;
    assert_int_equal(header->generation, 0);
    assert_int_equal(header->checksum, 0);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void snapshot_of_a_snapshot_has_the_same_bytes(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 3; round++) {
        random_run run;
        start_run(&run, &source, STEPS);
        xt_snapshot *snapshot = snapshot_of(run.image);
        xt_snapshot *again = snapshot_of(xt_snapshot_image(snapshot));
        assert_true(xt_snapshot_equals(snapshot, again));
        const xt_image *image = xt_snapshot_image(again);
        assert_int_equal(xt_image_bytes(xt_snapshot_image(snapshot)),
                         xt_image_bytes(image));
        close_run(&run);
        xt_snapshot_close(snapshot);
        assert_string_equal(verdict_on(image), "sound");
        xt_snapshot_close(again);
    }
}

/* Two executions of `tool` in flight, in slots 2 and 3 or 1 and 2, after one more. */
static xt_snapshot *take_with_in_flight(bool has_hole, const char *tool) {
    now_us = 77;
    xt_options options = options_at(&now_us, 2);
    xt_tracker *tracker = tracker_with(&options);
    xt_span first = xt_tracker_start(tracker, xt_text_of(tool), 0);
    if (!has_hole) {
        finish(tracker, &first, XT_SUCCESS); /* the next one takes its slot */
    }
    xt_tracker_start(tracker, xt_text_of(tool), 0);
    xt_tracker_start(tracker, xt_text_of(tool), 0);
    if (has_hole) {
        finish(tracker, &first, XT_SUCCESS);
    }
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    xt_tracker_close(tracker);
    return snapshot;
}

static void equal_are_those_that_read_alike_whatever_slots_were_used(void **state) {
    (void)state;
    xt_snapshot *a = take_with_in_flight(true, "read");
    xt_snapshot *b = take_with_in_flight(false, "read");
    xt_snapshot *c = take_with_in_flight(false, "edit");
    assert_true(xt_snapshot_equals(a, b));
    assert_true(xt_snapshot_equals(b, a));
    assert_true(xt_snapshot_equals(a, a));
    assert_false(xt_snapshot_equals(b, c));
    xt_snapshot_close(a);
    xt_snapshot_close(b);
    xt_snapshot_close(c);
}

static void every_difference_makes_them_unequal(void **state) {
    (void)state;
    xt_tracker *tracker = make_busy();
    xt_snapshot *a = snapshot_of(xt_tracker_image(tracker));
    const xt_image *image = xt_snapshot_image(a);
    xt_snapshot *b = snapshot_of(image);
    uint8_t *block = (uint8_t *)xt_snapshot_image(b)->header;
    for (size_t i = 0; i < xt_image_bytes(image); i++) {
        if (i < offsetof(xt_header, size_bytes) || i >= offsetof(xt_header, checksum)) {
            block[i] ^= 1;
            assert_false(xt_snapshot_equals(a, b));
            block[i] ^= 1;
        }
    }
    assert_true(xt_snapshot_equals(a, b));
    record(tracker, "read", XT_SUCCESS, 1);
    xt_snapshot *later = snapshot_of(xt_tracker_image(tracker));
    assert_false(xt_snapshot_equals(a, later));
    xt_tracker_clear(tracker);
    xt_snapshot *smaller = snapshot_of(xt_tracker_image(tracker));
    assert_false(xt_snapshot_equals(a, smaller));
    assert_false(xt_snapshot_equals(smaller, a));
    xt_snapshot_close(smaller);
    xt_snapshot_close(later);
    xt_snapshot_close(a);
    xt_snapshot_close(b);
    xt_tracker_close(tracker);
}

static xt_error take(const void *context, const xt_allocator *allocator,
                     xt_snapshot **snapshot) {
    return xt_snapshot_take(context, allocator, snapshot);
}

static void taking_without_memory_leaves_nothing_behind(void **state) {
    (void)state;
    xt_tracker *tracker = make_busy();
    void *before = copy_of_block(tracker);
    assert_survives_want_of_memory(take, xt_tracker_image(tracker), 1);
    assert_true(is_block(tracker, before));
    xt_tracker_close(tracker);
    free(before);
}

static void memory_need_not_be_zeroed(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS / 3; round++) {
        random_run run;
        start_run(&run, &source, STEPS);
        assert_same_in_dirty_memory(take, run.image);
        close_run(&run);
    }
}

static void allocator_without_allocate_is_the_system_s(void **state) {
    (void)state;
    const xt_allocator none = {0};
    xt_tracker *tracker = make_busy();
    xt_snapshot *snapshot;
    assert_int_equal(xt_snapshot_take(xt_tracker_image(tracker), &none, &snapshot),
                     XT_OK);
    assert_same_reading(xt_tracker_image(tracker), xt_snapshot_image(snapshot));
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void closing_nothing_is_nothing(void **state) {
    (void)state;
    xt_snapshot_close(NULL);
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshot_of_an_empty_tracker_reads_alike),
        cmocka_unit_test(snapshot_of_a_busy_tracker_reads_alike),
        cmocka_unit_test(snapshot_of_a_random_run_reads_alike),
        cmocka_unit_test(
            snapshot_of_a_cleared_tracker_has_its_names_and_what_is_in_flight),
        cmocka_unit_test(nothing_that_the_tracker_does_later_shows),
        cmocka_unit_test(slots_are_what_is_used),
        cmocka_unit_test(histograms_are_those_that_hold_something_in_the_order_of_tools),
        cmocka_unit_test(snapshot_of_an_empty_tracker_is_a_header),
        cmocka_unit_test(snapshot_has_no_generation_and_no_checksum),
        cmocka_unit_test(snapshot_of_a_snapshot_has_the_same_bytes),
        cmocka_unit_test(equal_are_those_that_read_alike_whatever_slots_were_used),
        cmocka_unit_test(every_difference_makes_them_unequal),
        cmocka_unit_test(taking_without_memory_leaves_nothing_behind),
        cmocka_unit_test(memory_need_not_be_zeroed),
        cmocka_unit_test(allocator_without_allocate_is_the_system_s),
        cmocka_unit_test(closing_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
