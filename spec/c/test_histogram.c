#include "histogram.h"

#include "exectrack.h"
#include "support_boundary.h"
#include "support_cmocka.h"
#include "support_random.h"

static random_source source;

/*
 * The histogram of `durations` by its definition: the highest scale at which the occupied
 * buckets fit, with each duration counted at its exact index.
 */
static xt_histogram defined_histogram(const uint64_t durations[], size_t count) {
    for (int scale = XT_HISTOGRAM_SCALE;; scale--) {
        xt_histogram histogram = {.halvings = (uint32_t)(XT_HISTOGRAM_SCALE - scale)};
        int32_t lowest = INT32_MAX;
        int32_t highest = INT32_MIN;
        for (size_t i = 0; i < count; i++) {
            if (durations[i] == 0) {
                histogram.zero_count++;
                continue;
            }
            int32_t index = xt_histogram_index(durations[i], scale);
            lowest = index < lowest ? index : lowest;
            highest = index > highest ? index : highest;
            histogram.counters[(uint32_t)index % XT_HISTOGRAM_COUNTERS]++;
        }
        if (lowest > highest) {
            return histogram;
        }
        if (highest - lowest < XT_HISTOGRAM_COUNTERS) {
            histogram.lowest = lowest;
            histogram.width = (uint32_t)(highest - lowest) + 1;
            return histogram;
        }
    }
}

static xt_histogram counted_histogram(const uint64_t durations[], size_t count) {
    xt_histogram histogram = {0};
    for (size_t i = 0; i < count; i++) {
        xt_histogram_add(&histogram, durations[i], NULL);
        assert_null(xt_histogram_check(&histogram));
    }
    return histogram;
}

static void assert_same(const xt_histogram *actual, const xt_histogram *expected) {
    assert_int_equal(actual->halvings, expected->halvings);
    assert_int_equal(actual->lowest, expected->lowest);
    assert_int_equal(actual->width, expected->width);
    assert_memory_equal(actual, expected, sizeof *actual);
}

/* Checks each bucket that contains an integer: its first, middle and last. */
static void check_buckets_of_scale(int scale) {
    uint64_t before_us = 0;
    size_t buckets = 0;
    for (int32_t index = -20 * (1 << scale); before_us < XT_MAX_DURATION_US; index++) {
        uint64_t last_us = exact_boundary_us(index + 1, scale);
        if (last_us > before_us) {
            uint64_t middle_us = before_us + 1 + (last_us - before_us - 1) / 2;
            assert_int_equal(xt_histogram_index(before_us + 1, scale), index);
            assert_int_equal(xt_histogram_index(middle_us, scale), index);
            assert_int_equal(xt_histogram_index(last_us, scale), index);
            buckets++;
        }
        before_us = last_us;
    }
    /* In most of the 52 octaves each bucket contains an integer. */
    assert_true(buckets > (size_t)(44 << scale));
}

static void index_is_exact_at_every_boundary_of_scales_0_to_6(void **state) {
    (void)state;
    for (int scale = 0; scale <= XT_HISTOGRAM_SCALE; scale++) {
        check_buckets_of_scale(scale);
    }
}

static void boundaries_that_are_whole_numbers_belong_to_the_bucket_below(void **state) {
    (void)state;
    assert_int_equal(xt_histogram_index(1000000, 6), -1);
    assert_int_equal(xt_histogram_index(1000001, 6), 0);
    assert_int_equal(xt_histogram_index(2000000, 6), 63);
    assert_int_equal(xt_histogram_index(2000001, 6), 64);
    assert_int_equal(xt_histogram_index(500000, 0), -2);
    assert_int_equal(xt_histogram_index(500001, 0), -1);
    assert_int_equal(xt_histogram_index(UINT64_C(1000000) << 36, 3), 287);
    assert_int_equal(xt_histogram_index((UINT64_C(1000000) << 36) + 1, 3), 288);
}

static void index_covers_all_durations(void **state) {
    (void)state;
    assert_int_equal(xt_histogram_index(1, 6), -1276);
    assert_int_equal(xt_histogram_index(1, 0), -20);
    assert_int_equal(xt_histogram_index(XT_MAX_DURATION_US, 6), 2052);
    assert_int_equal(xt_histogram_index(XT_MAX_DURATION_US, 0), 32);
}

static void zero_bytes_are_an_empty_histogram(void **state) {
    (void)state;
    xt_histogram histogram = {0};
    const double quantiles[] = {0, 0.5, 1};
    double values_us[] = {-1, -1, -1};
    assert_null(xt_histogram_check(&histogram));
    assert_int_equal(xt_histogram_count(&histogram), 0);
    xt_histogram_quantiles(&histogram, 3, quantiles, values_us);
    for (int i = 0; i < 3; i++) {
        assert_true(values_us[i] == 0);
    }
}

static void durations_of_zero_have_a_counter_of_their_own(void **state) {
    (void)state;
    const uint64_t durations[] = {0, 0, 0, 1};
    xt_histogram histogram = counted_histogram(durations, 3);
    assert_int_equal(histogram.zero_count, 3);
    assert_int_equal(histogram.width, 0);
    assert_int_equal(histogram.lowest, 0);
    histogram = counted_histogram(durations, 4);
    assert_int_equal(histogram.zero_count, 3);
    assert_int_equal(histogram.width, 1);
    assert_int_equal(histogram.lowest, -1276);
    assert_int_equal(xt_histogram_count(&histogram), 4);
}

static void span_of_512_buckets_fits_and_one_more_halves_the_resolution(void **state) {
    (void)state;
    /* At scale 6 a second is the last duration of bucket -1, and 256 of them of 511. */
    const uint64_t beyond[] = {1000000, 256000000};
    xt_histogram histogram = counted_histogram(beyond, 2);
    assert_int_equal(histogram.halvings, 1);
    assert_int_equal(histogram.lowest, -1);
    assert_int_equal(histogram.width, 257);
    const uint64_t within[] = {1000001, 256000000};
    histogram = counted_histogram(within, 2);
    assert_int_equal(histogram.halvings, 0);
    assert_int_equal(histogram.width, 512);
    xt_histogram_add(&histogram, 256000001, NULL);
    assert_int_equal(histogram.halvings, 1);
    assert_int_equal(histogram.lowest, 0);
    assert_int_equal(histogram.width, 257);
}

static void scale_3_holds_the_shortest_and_the_longest_duration(void **state) {
    (void)state;
    const uint64_t up[] = {1, XT_MAX_DURATION_US};
    const uint64_t down[] = {XT_MAX_DURATION_US, 1};
    xt_histogram rising = counted_histogram(up, 2);
    xt_histogram falling = counted_histogram(down, 2);
    xt_histogram expected = defined_histogram(up, 2);
    assert_int_equal(expected.halvings, XT_HISTOGRAM_HALVINGS);
    assert_same(&rising, &expected);
    assert_same(&falling, &expected);
}

enum { MOST_DURATIONS = 400 };

/* Random durations within a random range of magnitudes. */
static size_t fill_randomly(uint64_t durations[]) {
    size_t count = random_below(&source, MOST_DURATIONS);
    uint32_t most_bits = random_below(&source, 53);
    uint32_t fixed_bits = random_below(&source, most_bits + 1);
    uint64_t base_us = random_bits(&source) >> 12 >> (52 - most_bits);
    for (size_t i = 0; i < count; i++) {
        durations[i] = random_once_in(&source, 2)
                           ? base_us
                           : random_duration_us(&source, most_bits - fixed_bits);
    }
    return count;
}

static void counting_in_any_order_gives_the_histogram_by_definition(void **state) {
    (void)state;
    uint64_t durations[MOST_DURATIONS];
    for (int round = 0; round < 300; round++) {
        size_t count = fill_randomly(durations);
        xt_histogram actual = counted_histogram(durations, count);
        xt_histogram expected = defined_histogram(durations, count);
        assert_same(&actual, &expected);
        assert_int_equal(xt_histogram_count(&actual), count);
    }
}

static xt_histogram merged(const xt_histogram *a, const xt_histogram *b) {
    xt_histogram result = *a;
    xt_histogram_merge(&result, b);
    assert_null(xt_histogram_check(&result));
    return result;
}

/* Compares `durations` counted in two parts and merged with counted in one. */
static void check_merge(const uint64_t durations[], size_t cut, size_t count) {
    xt_histogram first = counted_histogram(durations, cut);
    xt_histogram second = counted_histogram(durations + cut, count - cut);
    xt_histogram whole = counted_histogram(durations, count);
    xt_histogram forwards = merged(&first, &second);
    xt_histogram backwards = merged(&second, &first);
    assert_same(&forwards, &whole);
    assert_same(&backwards, &whole);
}

static void merging_equals_counting_in_one_when_scales_differ(void **state) {
    (void)state;
    const uint64_t durations[] = {1000, 1010,   1020,    0,    1,
                                  77,   900000, 1 << 30, 1000, XT_MAX_DURATION_US};
    xt_histogram narrow = counted_histogram(durations, 4);
    xt_histogram wide = counted_histogram(durations + 4, 6);
    assert_int_equal(narrow.halvings, 0);
    assert_int_equal(wide.halvings, 3);
    check_merge(durations, 4, 10);
}

static void merging_lowers_both_scales_when_together_they_do_not_fit(void **state) {
    (void)state;
    const uint64_t durations[] = {1, 2, 3, XT_MAX_DURATION_US, XT_MAX_DURATION_US / 2};
    check_merge(durations, 3, 5);
}

static void merging_with_an_empty_histogram_changes_nothing(void **state) {
    (void)state;
    const uint64_t durations[] = {0, 1, 1 << 20, XT_MAX_DURATION_US};
    check_merge(durations, 0, 4);
    check_merge(durations, 1, 4);
    check_merge(durations, 4, 4);
    check_merge(durations, 0, 0);
}

static void merging_equals_counting_in_one_for_random_durations(void **state) {
    (void)state;
    uint64_t durations[2 * MOST_DURATIONS];
    for (int round = 0; round < 300; round++) {
        size_t cut = fill_randomly(durations);
        check_merge(durations, cut, cut + fill_randomly(durations + cut));
    }
}

static uint32_t *only_counter(xt_histogram *histogram) {
    return &histogram->counters[(uint32_t)histogram->lowest % XT_HISTOGRAM_COUNTERS];
}

static void counter_that_is_full_stays_full(void **state) {
    (void)state;
    const uint64_t durations[] = {0, 1000};
    xt_histogram histogram = counted_histogram(durations, 2);
    histogram.zero_count = UINT32_MAX - 1;
    *only_counter(&histogram) = UINT32_MAX - 1;
    for (int i = 0; i < 3; i++) {
        xt_histogram_add(&histogram, 0, NULL);
        xt_histogram_add(&histogram, 1000, NULL);
        assert_int_equal(histogram.zero_count, UINT32_MAX);
        assert_int_equal(*only_counter(&histogram), UINT32_MAX);
    }
    assert_int_equal(xt_histogram_count(&histogram), UINT64_C(2) * UINT32_MAX);
    assert_null(xt_histogram_check(&histogram));
}

static void counter_that_is_full_stays_full_when_merged(void **state) {
    (void)state;
    const uint64_t durations[] = {0, 1000};
    xt_histogram few = counted_histogram(durations, 2);
    xt_histogram full = few;
    full.zero_count = UINT32_MAX;
    *only_counter(&full) = UINT32_MAX;
    xt_histogram forwards = merged(&full, &few);
    xt_histogram backwards = merged(&few, &full);
    assert_same(&forwards, &full);
    assert_same(&backwards, &full);
}

static void counter_that_is_full_stays_full_when_the_resolution_is_halved(void **state) {
    (void)state;
    /* 1001 and 1009 are in adjacent buckets at scale 6, and in one bucket at scale 3. */
    const uint64_t durations[] = {1001, 1009};
    xt_histogram histogram = counted_histogram(durations, 2);
    assert_int_equal(histogram.width, 2);
    *only_counter(&histogram) = UINT32_MAX;
    xt_histogram_add(&histogram, 1, NULL);
    xt_histogram_add(&histogram, XT_MAX_DURATION_US, NULL);
    int32_t index = xt_histogram_index(1001, 3);
    assert_int_equal(xt_histogram_index(1009, 3), index);
    assert_int_equal(histogram.counters[(uint32_t)index % XT_HISTOGRAM_COUNTERS],
                     UINT32_MAX);
    assert_null(xt_histogram_check(&histogram));
}

static void check_names_a_scale_out_of_range(void **state) {
    (void)state;
    xt_histogram histogram = {.halvings = 4};
    assert_string_equal(xt_histogram_check(&histogram),
                        "a histogram's scale is out of range");
}

static void check_names_a_span_out_of_range(void **state) {
    (void)state;
    const char *message = "a histogram's span is out of range";
    xt_histogram histogram = {.width = 513};
    assert_string_equal(xt_histogram_check(&histogram), message);
    histogram = (xt_histogram){.lowest = -1277, .width = 1};
    assert_string_equal(xt_histogram_check(&histogram), message);
    histogram = (xt_histogram){.lowest = 2309, .width = 1};
    assert_string_equal(xt_histogram_check(&histogram), message);
    histogram = (xt_histogram){.lowest = 2308, .width = 2};
    assert_string_equal(xt_histogram_check(&histogram), message);
    histogram = (xt_histogram){.lowest = INT32_MAX, .width = 512};
    assert_string_equal(xt_histogram_check(&histogram), message);
    histogram = (xt_histogram){.lowest = INT32_MIN};
    assert_string_equal(xt_histogram_check(&histogram), message);
}

static void check_names_counts_outside_the_span(void **state) {
    (void)state;
    const char *message = "a histogram counts outside its span";
    const uint64_t durations[] = {1000, 2000};
    for (int side = 0; side < 2; side++) {
        xt_histogram histogram = counted_histogram(durations, 2);
        uint32_t place = (uint32_t)histogram.lowest - 1;
        place += side == 0 ? 0 : histogram.width + 1;
        histogram.counters[place % XT_HISTOGRAM_COUNTERS] = 1;
        assert_string_equal(xt_histogram_check(&histogram), message);
    }
    xt_histogram histogram = {.counters = {[511] = 1}};
    assert_string_equal(xt_histogram_check(&histogram), message);
}

static void check_names_an_empty_histogram_with_a_span(void **state) {
    (void)state;
    xt_histogram histogram = {.lowest = 1};
    assert_string_equal(xt_histogram_check(&histogram), "an empty histogram has a span");
}

static void check_names_a_span_that_ends_in_an_empty_bucket(void **state) {
    (void)state;
    const char *message = "a histogram's span ends in an empty bucket";
    const uint64_t durations[] = {1000, 2000};
    xt_histogram histogram = counted_histogram(durations, 2);
    histogram.width++;
    assert_string_equal(xt_histogram_check(&histogram), message);
    histogram = counted_histogram(durations, 2);
    histogram.lowest--;
    histogram.width++;
    assert_string_equal(xt_histogram_check(&histogram), message);
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(index_is_exact_at_every_boundary_of_scales_0_to_6),
        cmocka_unit_test(boundaries_that_are_whole_numbers_belong_to_the_bucket_below),
        cmocka_unit_test(index_covers_all_durations),
        cmocka_unit_test(zero_bytes_are_an_empty_histogram),
        cmocka_unit_test(durations_of_zero_have_a_counter_of_their_own),
        cmocka_unit_test(span_of_512_buckets_fits_and_one_more_halves_the_resolution),
        cmocka_unit_test(scale_3_holds_the_shortest_and_the_longest_duration),
        cmocka_unit_test(counting_in_any_order_gives_the_histogram_by_definition),
        cmocka_unit_test(merging_equals_counting_in_one_when_scales_differ),
        cmocka_unit_test(merging_lowers_both_scales_when_together_they_do_not_fit),
        cmocka_unit_test(merging_with_an_empty_histogram_changes_nothing),
        cmocka_unit_test(merging_equals_counting_in_one_for_random_durations),
        cmocka_unit_test(counter_that_is_full_stays_full),
        cmocka_unit_test(counter_that_is_full_stays_full_when_merged),
        cmocka_unit_test(counter_that_is_full_stays_full_when_the_resolution_is_halved),
        cmocka_unit_test(check_names_a_scale_out_of_range),
        cmocka_unit_test(check_names_a_span_out_of_range),
        cmocka_unit_test(check_names_counts_outside_the_span),
        cmocka_unit_test(check_names_an_empty_histogram_with_a_span),
        cmocka_unit_test(check_names_a_span_that_ends_in_an_empty_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
