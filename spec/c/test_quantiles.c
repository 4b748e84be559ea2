/*
 * The histogram's quantiles, compared with those of the sorted durations by nearest rank.
 */
#include "histogram.h"

#include "exectrack.h"
#include "support_cmocka.h"
#include "support_quantiles.h"
#include "support_random.h"

#include <math.h>

enum { DURATIONS = 20000 };

static random_source source;
static uint64_t durations[DURATIONS];

static const double quantiles[] = {0,    0.001, 0.01, 0.1,  0.25,  0.5,
                                   0.75, 0.9,   0.95, 0.99, 0.999, 1};
enum { QUANTILES = sizeof quantiles / sizeof quantiles[0] };

static double error_of_scale(uint32_t halvings) {
    double base = exp2(exp2((double)halvings - 6));
    return (base - 1) / (base + 1) * (1 + 1e-9);
}

/* Checks the estimates for the `count` durations, which it sorts. */
static void check_estimates(size_t count) {
    xt_histogram histogram = {0};
    double values_us[QUANTILES];
    for (size_t i = 0; i < count; i++) {
        xt_histogram_add(&histogram, durations[i], NULL);
    }
    xt_histogram_quantiles(&histogram, QUANTILES, quantiles, values_us);
    sort_durations(durations, count);
    for (size_t i = 0; i < QUANTILES; i++) {
        double exact_us = (double)nearest_rank_us(durations, count, quantiles[i]);
        double error_us = fabs(values_us[i] - exact_us);
        assert_true(error_us <= promised_error(durations, count) * exact_us);
        assert_true(error_us <= error_of_scale(histogram.halvings) * exact_us);
    }
}

static void fill_lognormally(double mean, double deviation) {
    for (size_t i = 0; i < DURATIONS; i++) {
        durations[i] = random_lognormal_us(&source, mean, deviation);
    }
}

static void errs_by_at_most_1_1_percent_on_lognormal_data(void **state) {
    (void)state;
    fill_lognormally(11, 1);
    check_estimates(DURATIONS);
    assert_true(durations[DURATIONS - 1] / durations[0] < 64000);
}

static void errs_by_at_most_2_2_percent_on_wide_lognormal_data(void **state) {
    (void)state;
    fill_lognormally(18, 2);
    durations[0] = 1 << 10;
    durations[1] = UINT64_C(1) << 41;
    check_estimates(DURATIONS);
    assert_true(durations[DURATIONS - 1] / durations[0] > 65536);
    assert_true(durations[DURATIONS - 1] / durations[0] < UINT32_MAX);
}

static void errs_by_at_most_4_4_percent_on_the_widest_lognormal_data(void **state) {
    (void)state;
    fill_lognormally(16, 6);
    durations[0] = 1;
    durations[1] = XT_MAX_DURATION_US;
    check_estimates(DURATIONS);
}

static void errs_within_the_bound_on_bimodal_data(void **state) {
    (void)state;
    for (size_t i = 0; i < DURATIONS; i++) {
        /* Two modes: hits of a cache, and a network. */
        durations[i] = i % 10 < 7 ? random_lognormal_us(&source, 5, 0.2)
                                  : random_lognormal_us(&source, 14, 0.5);
    }
    check_estimates(DURATIONS);
    assert_true(durations[0] > 0 && durations[DURATIONS - 1] / durations[0] < 500000);
}

static void errs_within_the_bound_on_constant_data(void **state) {
    (void)state;
    const uint64_t constants[] = {0, 1, 2, 999, 1000000, 1000001, XT_MAX_DURATION_US};
    for (size_t c = 0; c < sizeof constants / sizeof constants[0]; c++) {
        for (size_t i = 0; i < 1000; i++) {
            durations[i] = constants[c];
        }
        check_estimates(1000);
    }
}

static void errs_within_the_bound_on_durations_with_zeros(void **state) {
    (void)state;
    for (size_t i = 0; i < DURATIONS; i++) {
        durations[i] = i % 2 == 0 ? 0 : random_duration_us(&source, 56);
    }
    check_estimates(DURATIONS);
}

static void errs_within_the_bound_on_a_few_random_durations(void **state) {
    (void)state;
    for (int round = 0; round < 3000; round++) {
        size_t count = 1 + random_below(&source, 12);
        uint32_t bits = random_below(&source, 57);
        for (size_t i = 0; i < count; i++) {
            durations[i] = random_duration_us(&source, bits);
        }
        check_estimates(count);
    }
}

static void
errs_by_at_most_1_1_percent_while_durations_span_less_than_64_000_times(void **state) {
    (void)state;
    for (int round = 0; round < 3000; round++) {
        uint64_t shortest_us = 1 + random_duration_us(&source, 40);
        durations[0] = shortest_us;
        durations[1] = shortest_us * 64000 - 1;
        for (size_t i = 2; i < 8; i++) {
            durations[i] = shortest_us + random_bits(&source) % (shortest_us * 63999 - 1);
        }
        check_estimates(8);
    }
}

static void answers_the_element_of_rank_ceiling_of_q_times_n(void **state) {
    (void)state;
    /* So far apart that an estimate shows which element it is of. */
    const uint64_t data[] = {1000, 2000, 4000, 8000};
    const double q[] = {0, 0.25, 0.2501, 0.5, 0.5001, 0.75, 0.7501, 1};
    const size_t element[] = {0, 0, 1, 1, 2, 2, 3, 3};
    xt_histogram histogram = {0};
    double values_us[8];
    for (size_t i = 0; i < 4; i++) {
        xt_histogram_add(&histogram, data[i], NULL);
    }
    xt_histogram_quantiles(&histogram, 8, q, values_us);
    for (size_t i = 0; i < 8; i++) {
        double exact_us = (double)data[element[i]];
        assert_true(fabs(values_us[i] - exact_us) <= 0.0055 * exact_us);
    }
}

static void takes_a_quantile_as_the_decimal_that_it_was_written_as(void **state) {
    (void)state;
    const double q = 0.07; /* as doubles 0.07 * 100 is above 7 */
    xt_histogram histogram = {0};
    double value_us;
    for (uint64_t i = 1; i <= 100; i++) {
        xt_histogram_add(&histogram, i <= 7 ? 1000 : 2000, NULL);
    }
    xt_histogram_quantiles(&histogram, 1, &q, &value_us);
    assert_true(fabs(value_us - 1000) <= 5.5);
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errs_by_at_most_1_1_percent_on_lognormal_data),
        cmocka_unit_test(errs_by_at_most_2_2_percent_on_wide_lognormal_data),
        cmocka_unit_test(errs_by_at_most_4_4_percent_on_the_widest_lognormal_data),
        cmocka_unit_test(errs_within_the_bound_on_bimodal_data),
        cmocka_unit_test(errs_within_the_bound_on_constant_data),
        cmocka_unit_test(errs_within_the_bound_on_durations_with_zeros),
        cmocka_unit_test(errs_within_the_bound_on_a_few_random_durations),
        cmocka_unit_test(
            errs_by_at_most_1_1_percent_while_durations_span_less_than_64_000_times),
        cmocka_unit_test(answers_the_element_of_rank_ceiling_of_q_times_n),
        cmocka_unit_test(takes_a_quantile_as_the_decimal_that_it_was_written_as),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
