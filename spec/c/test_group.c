/*
 * Grouping, compared with the naive model.
 */
#include "exectrack_snapshot.h"

#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_groups.h"
#include "support_random.h"
#include "support_tracker.h"

#include <math.h>
#include <stdio.h>

/* The properties of the records of a random image. */
typedef struct image_shape {
    size_t max_history;
    size_t recorded;
    uint32_t tools;
    uint32_t error_types;
    uint32_t args_hashes;
    uint32_t span_us; /* between the first end and the last */
    uint32_t repeats; /* the most times that a record is repeated in a row */
    bool is_ordered;
} image_shape;

static random_source source;
static uint64_t now_us = 1000;

static xt_tracker *new_tracker(size_t max_history) {
    xt_options options = options_at(&now_us, max_history);
    options.max_tools = 2000;
    return tracker_with(&options);
}

static void record_random(xt_tracker *tracker, const image_shape *shape,
                          uint64_t end_us) {
    char tool[16];
    char error_type[16];
    xt_execution execution = {
        .outcome = {.status = (xt_status)random_below(&source, 4),
                    .was_cached = random_once_in(&source, 3)},
        .duration_us = random_duration_us(&source, 52),
        .args_hash = 0 - random_below(&source, shape->args_hashes),
        .session = {.hash = 0 - random_below(&source, 3)},
        .end_us = end_us,
        .timing = (xt_timing)(random_once_in(&source, 3) ? random_below(&source, 3) : 0),
        .is_undated = random_once_in(&source, 6),
    };
    snprintf(tool, sizeof tool, "tool %u", random_below(&source, shape->tools));
    snprintf(error_type, sizeof error_type, "E%u",
             random_below(&source, shape->error_types));
    execution.tool = xt_text_of(tool);
    if (execution.outcome.status == XT_FAILED) {
        execution.outcome.error_type = xt_text_of(error_type);
    }
    for (uint32_t i = random_below(&source, shape->repeats) + 1; i > 0; i--) {
        assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
    }
}

static xt_tracker *random_tracker(const image_shape *shape) {
    const uint64_t first_us = 1700000000000000;
    xt_tracker *tracker = new_tracker(shape->max_history);
    for (size_t i = 0; i < shape->recorded; i++) {
        uint64_t after_us = shape->is_ordered ? i * shape->span_us / shape->recorded
                                              : random_below(&source, shape->span_us);
        record_random(tracker, shape, first_us + after_us);
    }
    return tracker;
}

static xt_groups *groups_of(const xt_tracker *tracker, const xt_grouping *grouping) {
    xt_groups *groups;
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_group(image, grouping, NULL, &groups), XT_OK);
    return groups;
}

/* Groups the records of `tracker`, and compares. Returns how many groups there are. */
static size_t check(const xt_tracker *tracker, const xt_grouping *grouping) {
    xt_groups *groups = groups_of(tracker, grouping);
    size_t count = xt_groups_count(groups);
    assert_groups_are_right(groups, xt_tracker_image(tracker), grouping);
    xt_groups_close(groups);
    return count;
}

/* Checks `grouping`, and all groupings that extend its keys. */
static void check_extended(const xt_tracker *tracker, xt_grouping grouping) {
    size_t last = grouping.key_count;
    check(tracker, &grouping);
    for (unsigned key = 0; key < XT_KEYS; key++) {
        bool is_used = false;
        for (size_t i = 0; i < last; i++) {
            is_used |= grouping.keys[i] == (xt_key)key;
        }
        if (!is_used) {
            grouping.key_count = last + 1;
            grouping.keys[last] = (xt_key)key;
            check_extended(tracker, grouping);
        }
    }
}

static void groups_by_all_keys_in_every_order(void **state) {
    (void)state;
    const double quantiles[] = {0.5, 0.99};
    const xt_grouping grouping = {
        .every_us = 100, .quantile_count = 2, .quantiles = quantiles};
    xt_tracker *tracker = random_tracker(&(image_shape){.max_history = 150,
                                                        .recorded = 200,
                                                        .tools = 3,
                                                        .error_types = 2,
                                                        .args_hashes = 3,
                                                        .span_us = 300,
                                                        .repeats = 2});
    check_extended(tracker, grouping);
    xt_tracker_close(tracker);
}

/* One of four numbers, so that each is frequent. */
static uint32_t any_of(const uint32_t numbers[4]) {
    return numbers[random_below(&source, 4)];
}

static image_shape random_shape(void) {
    size_t recorded = random_below(&source, any_of((uint32_t[]){2, 50, 1200, 5000}));
    uint32_t slots = any_of((uint32_t[]){1, 50, 1024, 6000});
    return (image_shape){
        .max_history = random_below(&source, slots) + 1,
        .recorded = recorded,
        .tools = any_of((uint32_t[]){1, 2, 32, 1500}),
        .error_types = any_of((uint32_t[]){1, 2, 16, 200}),
        .args_hashes = any_of((uint32_t[]){1, 3, 300, 65535}),
        .span_us = any_of((uint32_t[]){1, 10, 5000, 4000000000}),
        .repeats = any_of((uint32_t[]){1, 1, 2, 100}),
        .is_ordered = random_once_in(&source, 2),
    };
}

static xt_grouping random_grouping(double quantiles[XT_MAX_QUANTILES]) {
    xt_grouping grouping = {
        .key_count = random_below(&source, 4),
        .keys = {XT_BY_TOOL, XT_BY_STATUS, XT_BY_CACHED, XT_BY_ERROR_TYPE,
                 XT_BY_ARGS_HASH, XT_BY_SESSION, XT_BY_TIME},
        .every_us = any_of((uint32_t[]){1, 7, 1000, 60000000}),
        .quantile_count = random_below(&source, any_of((uint32_t[]){1, 1, 5, 65})),
        .quantiles = quantiles,
    };
    for (uint32_t i = 0; i < XT_KEYS; i++) {
        uint32_t j = i + random_below(&source, XT_KEYS - i);
        xt_key key = grouping.keys[i];
        grouping.keys[i] = grouping.keys[j];
        grouping.keys[j] = key;
    }
    for (size_t i = 0; i < grouping.quantile_count; i++) {
        quantiles[i] = random_unit(&source);
    }
    return grouping;
}

static void groups_random_images(void **state) {
    (void)state;
    for (int round = 0; round < 200; round++) {
        image_shape shape = random_shape();
        xt_tracker *tracker = random_tracker(&shape);
        for (int i = 0; i < 8; i++) {
            double quantiles[XT_MAX_QUANTILES];
            xt_grouping grouping = random_grouping(quantiles);
            check(tracker, &grouping);
        }
        xt_tracker_close(tracker);
    }
}

static void groups_an_empty_image(void **state) {
    (void)state;
    const double quantiles[] = {0.5};
    const xt_grouping groupings[] = {
        {0},
        {.quantile_count = 1, .quantiles = quantiles},
        {.key_count = 1, .keys = {XT_BY_TOOL}},
        {.key_count = 2, .keys = {XT_BY_TIME, XT_BY_ARGS_HASH}, .every_us = 10},
    };
    xt_tracker *trackers[] = {new_tracker(10), new_tracker(0), new_tracker(10)};
    record(trackers[1], "read", XT_SUCCESS, 5);
    record(trackers[2], "read", XT_SUCCESS, 5);
    xt_tracker_clear(trackers[2]);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 4; j++) {
            assert_int_equal(check(trackers[i], &groupings[j]), 0);
        }
        xt_tracker_close(trackers[i]);
    }
}

static void no_keys_make_one_group(void **state) {
    (void)state;
    const double quantiles[] = {1, 0.5};
    const xt_grouping grouping = {.quantile_count = 2, .quantiles = quantiles};
    xt_tracker *tracker = new_tracker(3);
    record_at(tracker, "forgotten", XT_SUCCESS, 1000, 1);
    record_at(tracker, "read", XT_SUCCESS, 10, 1000);
    record_at(tracker, "grep", XT_FAILED, 30, 3000);
    record_at(tracker, "read", XT_TIMED_OUT, 20, 2000);
    xt_groups *groups = groups_of(tracker, &grouping);
    xt_tracker_close(tracker); /* the groups stay valid */
    assert_int_equal(xt_groups_count(groups), 1);
    xt_group group = xt_groups_get(groups, 0);
    const xt_counts expected = {.executions = 3,
                                .successful = 1,
                                .failed = 1,
                                .timed_out = 1,
                                .total_duration_us = 60};
    assert_memory_equal(&group.counts, &expected, sizeof expected);
    assert_int_equal(group.tool_id, 0);
    assert_int_equal(group.min_duration_us, 10);
    assert_int_equal(group.max_duration_us, 30);
    assert_int_equal(group.first_end_us, 1000);
    assert_int_equal(group.last_end_us, 3000);
    assert_int_equal(group.quantiles_us[0], 30);
    assert_int_equal(group.quantiles_us[1], 20);
    xt_groups_close(groups);
}

static void intervals_start_at_multiples(void **state) {
    (void)state;
    static const uint64_t every_us[] = {1,
                                        3,
                                        60000000,
                                        XT_MAX_COUNT / 2,
                                        XT_MAX_COUNT,
                                        XT_MAX_COUNT + 1,
                                        UINT64_MAX - 1,
                                        UINT64_MAX};
    static const uint64_t ends_us[] = {
        0, 1, 2, 3, 59999999, 60000000, XT_MAX_COUNT, XT_MAX_COUNT - 1, 0, 120000001, 1};
    xt_tracker *tracker = new_tracker(100);
    for (size_t i = 0; i < sizeof ends_us / sizeof ends_us[0]; i++) {
        record_at(tracker, "read", XT_SUCCESS, i, ends_us[i]);
    }
    for (size_t i = 0; i < sizeof every_us / sizeof every_us[0]; i++) {
        const xt_grouping grouping = {
            .key_count = 1, .keys = {XT_BY_TIME}, .every_us = every_us[i]};
        check(tracker, &grouping);
    }
    xt_tracker_close(tracker);
}

static uint64_t total_of(const xt_tracker *tracker) {
    const xt_grouping grouping = {.key_count = 1, .keys = {XT_BY_TOOL}};
    xt_groups *groups = groups_of(tracker, &grouping);
    uint64_t total_us = xt_groups_get(groups, 0).counts.total_duration_us;
    xt_groups_close(groups);
    return total_us;
}

static void totals_stop_at_the_largest_count(void **state) {
    (void)state;
    xt_tracker *tracker = new_tracker(6000);
    for (int i = 0; i < 2048; i++) {
        record(tracker, "wait", XT_SUCCESS, XT_MAX_DURATION_US);
    }
    assert_int_equal(total_of(tracker), XT_MAX_COUNT - 2047);
    record(tracker, "wait", XT_SUCCESS, 2047);
    assert_int_equal(total_of(tracker), XT_MAX_COUNT);
    record(tracker, "wait", XT_SUCCESS, 1);
    assert_int_equal(total_of(tracker), XT_MAX_COUNT);
    for (int i = 0; i < 400; i++) { /* the sum is above 2^64 */
        record(tracker, "wait", XT_SUCCESS, XT_MAX_DURATION_US);
        assert_int_equal(total_of(tracker), XT_MAX_COUNT);
    }
    xt_tracker_close(tracker);
}

/* A tracker of `count` records, each with a different tool, error type and
 * fingerprint. */
static xt_tracker *tracker_of_many(size_t count) {
    xt_tracker *tracker = new_tracker(count);
    for (size_t i = 0; i < count; i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i);
        const xt_execution execution = {
            .tool = xt_text_of(name),
            .outcome = {.status = XT_FAILED, .error_type = xt_text_of(name)},
            .duration_us = i,
            .args_hash = (uint32_t)i * 2654435761U, /* all different */
            .end_us = i * 1000,
        };
        assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
    }
    return tracker;
}

static void groups_into_as_many_as_there_are_records(void **state) {
    (void)state;
    enum { COUNT = 30000 };
    const double quantiles[] = {0.5, 0.9};
    xt_grouping grouping = {.key_count = 1,
                            .keys = {XT_BY_ARGS_HASH},
                            .every_us = 1000,
                            .quantile_count = 2,
                            .quantiles = quantiles};
    xt_tracker *tracker = tracker_of_many(COUNT);
    assert_int_equal(check(tracker, &grouping), COUNT);
    grouping.keys[0] = XT_BY_TIME;
    assert_int_equal(check(tracker, &grouping), COUNT);
    grouping.keys[0] = XT_BY_TOOL;
    assert_int_equal(check(tracker, &grouping), 2001); /* with (other) */
    grouping.keys[0] = XT_BY_ERROR_TYPE;
    assert_int_equal(check(tracker, &grouping), 257);
    grouping.key_count = 4; /* the largest possible codes */
    grouping.keys[1] = XT_BY_TOOL;
    grouping.keys[2] = XT_BY_STATUS;
    grouping.keys[3] = XT_BY_ARGS_HASH;
    assert_int_equal(check(tracker, &grouping), COUNT);
    xt_tracker_close(tracker);
}

static void groups_with_the_same_hash_stay_apart(void **state) {
    (void)state;
    /* With seed 1 they have the same hash, by time alone and by fingerprint alone. */
    static const uint32_t times_us[] = {65482, 137751, 65482};
    static const uint32_t args_hashes[] = {13205, 37377, 13205};
    const xt_grouping by_time = {
        .key_count = 1, .keys = {XT_BY_TIME}, .every_us = 1, .seed = 1};
    const xt_grouping by_args_hash = {
        .key_count = 1, .keys = {XT_BY_ARGS_HASH}, .seed = 1};
    xt_tracker *tracker = new_tracker(3);
    for (int i = 0; i < 3; i++) {
        const xt_execution execution = {.args_hash = args_hashes[i],
                                        .end_us = times_us[i]};
        assert_int_equal(xt_tracker_record_at(tracker, &execution), XT_OK);
    }
    assert_int_equal(check(tracker, &by_time), 2);
    assert_int_equal(check(tracker, &by_args_hash), 2);
    xt_tracker_close(tracker);
}

/* An allocator whose memory isn't zeroed. */
static void *allocate_dirty(void *context, size_t bytes) {
    xt_allocator from = allocator_of(context);
    void *block = from.allocate(context, bytes);
    return block != NULL ? memset(block, 0xa5, bytes) : NULL;
}

static xt_allocator dirty_allocator_of(counting_allocator *account) {
    return (xt_allocator){allocate_dirty, allocator_of(account).release, account};
}

/* Groups while allocation `fails_at` fails. Returns whether it succeeded. */
static bool group_while_failing(const xt_tracker *tracker, const xt_grouping *grouping,
                                int fails_at, bool for_good) {
    counting_allocator account = {.fails_at = fails_at, .for_good = for_good};
    const xt_image *image = xt_tracker_image(tracker);
    xt_allocator allocator = dirty_allocator_of(&account);
    xt_groups *groups = (void *)&account;
    xt_error error = xt_image_group(image, grouping, &allocator, &groups);
    if (error == XT_OK) {
        assert_int_equal(blocks_left(&account), 1);
        assert_groups_are_right(groups, image, grouping);
        xt_groups_close(groups);
    } else {
        assert_int_equal(error, XT_ERROR_MEMORY);
        assert_null(groups);
        assert_true(account.calls >= fails_at);
    }
    assert_int_equal(blocks_left(&account), 0);
    assert_int_equal(account.mistakes, 0);
    return error == XT_OK;
}

static int failures_until_grouped(const xt_tracker *tracker, const xt_grouping *grouping,
                                  bool for_good) {
    int fails_at = 1;
    while (!group_while_failing(tracker, grouping, fails_at, for_good)) {
        fails_at++;
    }
    return fails_at - 1;
}

static void grouping_without_memory_leaks_nothing(void **state) {
    (void)state;
    const double quantiles[] = {0.5};
    const xt_grouping groupings[] = {
        {0},
        {.key_count = 1, .keys = {XT_BY_TOOL}},
        {.key_count = 1, .keys = {XT_BY_ARGS_HASH}},
        {.key_count = 2,
         .keys = {XT_BY_TIME, XT_BY_TOOL},
         .every_us = 1,
         .quantile_count = 1,
         .quantiles = quantiles},
    };
    const size_t counts[] = {0, 1, 5000};
    for (int i = 0; i < 3; i++) {
        xt_tracker *tracker = tracker_of_many(counts[i]);
        for (int j = 0; j < 8; j++) {
            const xt_grouping *grouping = &groupings[j / 2];
            assert_true(failures_until_grouped(tracker, grouping, j % 2 == 1) > 0);
        }
        xt_tracker_close(tracker);
    }
}

static void assert_refused(const xt_tracker *tracker, const xt_grouping *grouping) {
    counting_allocator account = {0};
    xt_allocator allocator = allocator_of(&account);
    xt_groups *groups = (void *)&account;
    const xt_image *image = xt_tracker_image(tracker);
    xt_error error = xt_image_group(image, grouping, &allocator, &groups);
    assert_int_equal(error, XT_ERROR_GROUPING);
    assert_null(groups);
    assert_int_equal(account.calls, 0);
}

static void refuses_what_is_out_of_range(void **state) {
    (void)state;
    const double too_many[XT_MAX_QUANTILES + 1] = {0};
    const double quantiles[][2] = {{0.5, 1.01}, {-0.01, 0.5}, {0.5, NAN}};
    const xt_grouping groupings[] = {
        {.key_count = XT_KEYS + 1, .keys = {0, 1, 2, 3, 4, 5, 6}, .every_us = 1},
        {.key_count = SIZE_MAX, .keys = {0, 1, 2, 3, 4, 5, 6}, .every_us = 1},
        {.key_count = 3, .keys = {XT_BY_TOOL, XT_BY_STATUS, XT_BY_TOOL}},
        {.key_count = 2, .keys = {XT_BY_TIME, XT_BY_TIME}, .every_us = 1},
        {.key_count = 1, .keys = {(xt_key)XT_KEYS}},
        {.key_count = 1, .keys = {(xt_key)-1}},
        {.key_count = 2, .keys = {XT_BY_TOOL, XT_BY_TIME}},
        {.quantile_count = XT_MAX_QUANTILES + 1, .quantiles = too_many},
        {.quantile_count = 2, .quantiles = quantiles[0]},
        {.quantile_count = 2, .quantiles = quantiles[1]},
        {.quantile_count = 2, .quantiles = quantiles[2]},
    };
    xt_tracker *tracker = new_tracker(10);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof groupings / sizeof groupings[0]; i++) {
            assert_refused(tracker, &groupings[i]);
        }
        record(tracker, "read", XT_SUCCESS, 5);
    }
    xt_tracker_close(tracker);
}

static void takes_what_is_at_the_end_of_its_range(void **state) {
    (void)state;
    const double quantiles[XT_MAX_QUANTILES] = {0, 1, 0.5};
    const xt_grouping groupings[] = {
        {.key_count = XT_KEYS,
         .keys = {6, 5, 4, 3, 2, 1, 0},
         .every_us = 1,
         .quantile_count = XT_MAX_QUANTILES,
         .quantiles = quantiles},
        /* Keys after key_count are ignored. */
        {.key_count = 1, .keys = {XT_BY_CACHED, XT_BY_TIME, (xt_key)99}},
    };
    xt_tracker *tracker = tracker_of_many(100);
    check(tracker, &groupings[0]);
    check(tracker, &groupings[1]);
    xt_tracker_close(tracker);
}

static void the_system_gives_memory_by_default(void **state) {
    (void)state;
    const xt_allocator none = {0};
    const xt_grouping grouping = {0};
    xt_tracker *tracker = tracker_of_many(10);
    xt_groups *groups;
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_group(image, &grouping, &none, &groups), XT_OK);
    assert_groups_are_right(groups, image, &grouping);
    xt_groups_close(groups);
    xt_groups_close(NULL);
    xt_tracker_close(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_by_all_keys_in_every_order),
        cmocka_unit_test(groups_random_images),
        cmocka_unit_test(groups_an_empty_image),
        cmocka_unit_test(no_keys_make_one_group),
        cmocka_unit_test(intervals_start_at_multiples),
        cmocka_unit_test(totals_stop_at_the_largest_count),
        cmocka_unit_test(groups_into_as_many_as_there_are_records),
        cmocka_unit_test(groups_with_the_same_hash_stay_apart),
        cmocka_unit_test(grouping_without_memory_leaks_nothing),
        cmocka_unit_test(refuses_what_is_out_of_range),
        cmocka_unit_test(takes_what_is_at_the_end_of_its_range),
        cmocka_unit_test(the_system_gives_memory_by_default),
    };
    source = random_seeded();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
