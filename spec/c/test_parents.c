/*
 * Parents of nested calls, compared with a model that tests each pair of records. SEED in
 * the environment repeats a test.
 */
#include "exectrack_snapshot.h"
#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_random.h"
#include "support_tracker.h"

enum { MOST = 40 };

static random_source source;
static uint64_t now_us = 1000;

/* A call from `start_us` to `end_us`. */
static void add(xt_tracker *tracker, uint64_t start_us, uint64_t end_us, uint32_t depth,
                uint32_t session) {
    const xt_execution execution = {.tool = xt_text_of("read"),
                                    .duration_us = end_us - start_us,
                                    .end_us = end_us,
                                    .depth = depth,
                                    .session = {.hash = session}};
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
}

static xt_tracker *new_tracker(size_t max_history) {
    xt_options options = options_at(&now_us, max_history);
    return tracker_with(&options);
}

/* Asserts the parents and own times, and closes the tracker. */
static void assert_parents(xt_tracker *tracker, size_t count, const uint32_t parents[],
                           const uint64_t self_us[]) {
    const xt_image *image = xt_tracker_image(tracker);
    uint32_t found[MOST];
    uint64_t found_us[MOST];
    assert_int_equal(xt_image_record_count(image), count);
    assert_int_equal(xt_image_parents(image, NULL, found, found_us), XT_OK);
    assert_memory_equal(found, parents, count * sizeof found[0]);
    assert_memory_equal(found_us, self_us, count * sizeof found_us[0]);
    xt_tracker_close(tracker);
}

static void parent_is_the_call_that_holds_it(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(MOST);
    add(tracker, 130, 140, 2, 7);
    add(tracker, 120, 150, 1, 7);
    add(tracker, 150, 160, 1, 7);
    add(tracker, 100, 200, 0, 7);
    assert_parents(tracker, 4, (uint32_t[]){2, 4, 4, 0}, (uint64_t[]){10, 20, 10, 60});
}

static void part_has_the_own_times_of_the_whole(void **state) {
    (void)state;
    xt_tracker *whole = new_tracker(4); /* a ring whose first record is overwritten */
    xt_tracker *part = new_tracker(MOST);
    uint32_t parents[4];
    uint64_t self_us[4];
    for (uint64_t start_us = 110; start_us <= 150; start_us += 10) {
        add(whole, start_us, start_us + 10, start_us < 150, 7);
    }
    add(whole, 120, 200, 0, 7);
    add(part, 140, 150, 1, 7);
    add(part, 120, 200, 0, 7);
    const xt_image *of_whole = xt_tracker_image(whole);
    assert_int_equal(xt_image_parents(of_whole, NULL, parents, self_us), XT_OK);
    assert_true(xt_image_self_of_part(of_whole, xt_tracker_image(part), self_us));
    assert_int_equal(self_us[0], 10);
    assert_int_equal(self_us[1], 60);
    add(part, 120, 200, 0, 8);
    assert_false(xt_image_self_of_part(of_whole, xt_tracker_image(part), self_us));
    xt_tracker_close(whole);
    xt_tracker_close(part);
}

static void an_interval_holds_one_that_is_the_same(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(MOST);
    add(tracker, 100, 100, 0, 0);
    add(tracker, 100, 100, 1, 0);
    assert_parents(tracker, 2, (uint32_t[]){0, 1}, (uint64_t[]){0, 0});
}

static void calls_at_the_same_time_are_taken_off_once(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(MOST);
    add(tracker, 0, 100, 0, 0);
    add(tracker, 10, 50, 1, 0);
    add(tracker, 20, 30, 1, 0);
    add(tracker, 40, 60, 1, 0);
    assert_parents(tracker, 4, (uint32_t[]){0, 1, 1, 1}, (uint64_t[]){50, 40, 10, 20});
}

static void there_is_none_in_another_session_or_two_levels_up(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(MOST);
    add(tracker, 100, 200, 0, 1);
    add(tracker, 120, 150, 1, 2);
    add(tracker, 120, 150, 2, 1);
    add(tracker, 120, 150, 1, 0);
    assert_parents(tracker, 4, (uint32_t[]){0, 0, 0, 0}, (uint64_t[]){100, 30, 30, 30});
}

static void of_several_that_hold_it_none_is_the_parent(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(MOST);
    add(tracker, 100, 200, 0, 0);
    add(tracker, 110, 220, 0, 0);
    add(tracker, 120, 150, 1, 0);
    add(tracker, 120, 210, 1, 0);
    add(tracker, 105, 109, 1, 0);
    assert_parents(tracker, 5, (uint32_t[]){0, 0, 0, 2, 1},
                   (uint64_t[]){96, 20, 30, 90, 4});
}

static void a_call_that_began_before_1970_takes_what_was_recorded(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(MOST);
    const xt_execution execution = {
        .tool = xt_text_of("read"), .duration_us = 1000, .end_us = 100};
    assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
    add(tracker, 0, 90, 1, 0);
    assert_parents(tracker, 2, (uint32_t[]){0, 1}, (uint64_t[]){910, 90});
}

typedef struct call {
    uint64_t start_us;
    uint64_t end_us;
    uint32_t depth;
    uint32_t session;
} call;

static bool holds(const call *outer, const call *inner) {
    return outer->session == inner->session && outer->depth + 1 == inner->depth &&
           outer->start_us <= inner->start_us && outer->end_us >= inner->end_us;
}

/* The place, from 1, of the only call that contains `inner`; else 0. */
static uint32_t model_parent(const call calls[], size_t count, const call *inner) {
    uint32_t parent = 0;
    size_t holders = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (holds(&calls[i], inner)) {
            parent = i + 1;
            holders++;
        }
    }
    return holders == 1 ? parent : 0;
}

/* The microseconds of call `place` that none of its children covers. */
static uint64_t model_self_us(const call calls[], size_t count, const uint32_t parents[],
                              uint32_t place) {
    uint64_t self_us = 0;
    for (uint64_t us = calls[place].start_us; us < calls[place].end_us; us++) {
        bool is_covered = false;
        for (size_t i = 0; i < count; i++) {
            is_covered |= parents[i] == place + 1 && calls[i].start_us <= us &&
                          us < calls[i].end_us;
        }
        self_us += !is_covered;
    }
    return self_us;
}

static void agree_with_a_naive_model(void **state) {
    (void)state;
    for (int round = 0; round < 2000; round++) {
        call calls[MOST];
        uint32_t parents[MOST];
        uint64_t self_us[MOST];
        size_t count = random_below(&source, MOST);
        uint32_t range = 1 + random_below(&source, 60);
        xt_tracker *tracker = new_tracker(count);
        add(tracker, 5, 6, 1, 1); /* so that the ring wraps */
        for (size_t i = 0; i < count; i++) {
            uint64_t start_us = random_below(&source, range);
            calls[i] = (call){start_us, start_us + random_below(&source, range),
                              random_below(&source, 3), random_below(&source, 2)};
            add(tracker, calls[i].start_us, calls[i].end_us, calls[i].depth,
                calls[i].session);
        }
        for (uint32_t i = 0; i < count; i++) {
            parents[i] = model_parent(calls, count, &calls[i]);
        }
        for (uint32_t i = 0; i < count; i++) {
            self_us[i] = model_self_us(calls, count, parents, i);
        }
        assert_parents(tracker, count, parents, self_us);
    }
}

static void without_memory_nothing_is_stored(void **state) {
    (void)state;
    counting_allocator account = {.fails_at = 1};
    const xt_allocator allocator = allocator_of(&account);
    xt_tracker *tracker = new_tracker(1);
    uint32_t parent = 77;
    uint64_t self_us = 78;
    add(tracker, 1, 2, 1, 0);
    assert_int_equal(
        xt_image_parents(xt_tracker_image(tracker), &allocator, &parent, &self_us),
        XT_ERROR_MEMORY);
    assert_int_equal(parent, 77);
    assert_int_equal(self_us, 78);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parent_is_the_call_that_holds_it),
        cmocka_unit_test(an_interval_holds_one_that_is_the_same),
        cmocka_unit_test(calls_at_the_same_time_are_taken_off_once),
        cmocka_unit_test(there_is_none_in_another_session_or_two_levels_up),
        cmocka_unit_test(of_several_that_hold_it_none_is_the_parent),
        cmocka_unit_test(a_call_that_began_before_1970_takes_what_was_recorded),
        cmocka_unit_test(agree_with_a_naive_model),
        cmocka_unit_test(part_has_the_own_times_of_the_whole),
        cmocka_unit_test(without_memory_nothing_is_stored),
    };
    source = random_seeded();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
