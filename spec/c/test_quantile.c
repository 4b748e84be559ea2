/*
 * Selected quantiles, compared with those of the sorted values.
 */
#include "quantile.h"

#include "support_cmocka.h"
#include "support_quantiles.h"
#include "support_random.h"

#include <math.h>

enum { MOST = 70000, SHAPES = 9 };

static random_source source;
static uint64_t given[MOST];
static uint64_t values[MOST];
static uint64_t scratch[MOST];

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Compares the quantiles of the first `count` values with those of the sorted values. */
static void check(size_t count, size_t quantile_count, const double asked_for[]) {
    uint64_t results[XT_MAX_QUANTILES];
    xt_quantiles quantiles;
    assert_true(xt_quantiles_order(&quantiles, quantile_count, asked_for));
    memcpy(values, given, count * sizeof values[0]);
    memset(scratch, 0xff, sizeof scratch);
    xt_quantiles_select(&quantiles, count, values, scratch, results);
    qsort(given, count, sizeof given[0], compare);
    for (size_t i = 0; i < quantile_count; i++) {
        assert_int_equal(results[i], nearest_rank_us(given, count, asked_for[i]));
    }
    if (count < MOST) {
        assert_int_equal(scratch[count], UINT64_MAX); /* no more scratch is written */
    }
}

static double random_quantile(void) {
    switch (random_below(&source, 6)) {
    case 0:
        return 0;
    case 1:
        return 1;
    case 2:
        return random_below(&source, 101) / 100.0;
    case 3:
        return 1e-300;
    default:
        return random_unit(&source);
    }
}

/* The same with random quantiles, in any order, and some of them the same. */
static void check_random(size_t count) {
    double asked_for[XT_MAX_QUANTILES];
    size_t quantile_count = random_below(&source, XT_MAX_QUANTILES + 1);
    if (!random_once_in(&source, 4)) {
        quantile_count = quantile_count % 5;
    }
    for (size_t i = 0; i < quantile_count; i++) {
        bool again = i > 0 && random_once_in(&source, 4);
        asked_for[i] = again ? asked_for[i - 1] : random_quantile();
    }
    check(count, quantile_count, asked_for);
}

/* A value whose digits of 11 bits are mostly the same. */
static uint64_t random_digits(void) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 11) {
        uint64_t digit = random_once_in(&source, 8) ? random_bits(&source) : 0;
        value |= (digit & 2047) << shift;
    }
    return value;
}

/* Value number `i` of `count` of one of the shapes. */
static uint64_t value_of(uint32_t shape, size_t i, size_t count) {
    switch (shape) {
    case 0:
        return 12345; /* all equal */
    case 1:
        return random_once_in(&source, 2) ? 7 : XT_MAX_DURATION_US;
    case 2: /* one huge outlier */
        return i == count / 2 ? XT_MAX_DURATION_US : random_below(&source, 1000);
    case 3: /* every magnitude */
        return random_duration_us(&source, 56);
    case 4:
        return random_lognormal_us(&source, 11, 2);
    case 5:
        return i;
    case 6: /* close together, far from 0 */
        return UINT64_MAX - random_below(&source, 100000);
    case 7: /* each digit separates one value from the others */
        return i < 64 ? UINT64_C(1) << i : 0;
    default:
        return random_digits();
    }
}

static void give(uint32_t shape, size_t count) {
    for (size_t i = 0; i < count; i++) {
        given[i] = value_of(shape, i, count);
    }
}

static void selects_of_few_values(void **state) {
    (void)state;
    for (size_t count = 1; count < 300; count++) {
        for (uint32_t shape = 0; shape < SHAPES; shape++) {
            give(shape, count);
            check_random(count);
        }
    }
}

static void selects_of_many_values(void **state) {
    (void)state;
    for (uint32_t shape = 0; shape < SHAPES; shape++) {
        for (int i = 0; i < 8; i++) {
            size_t count = 1 + random_below(&source, MOST);
            give(shape, count);
            check_random(count);
        }
        give(shape, MOST);
        check_random(MOST);
    }
}

static void selects_every_element(void **state) {
    (void)state;
    enum { COUNT = 500 };
    for (uint32_t shape = 0; shape < SHAPES; shape++) {
        for (size_t first = 1; first <= COUNT; first += XT_MAX_QUANTILES) {
            double asked_for[XT_MAX_QUANTILES];
            size_t quantile_count = 0;
            for (size_t rank = first; rank <= COUNT && quantile_count < XT_MAX_QUANTILES;
                 rank++) {
                asked_for[quantile_count++] = ((double)rank - 0.5) / COUNT;
            }
            give(shape, COUNT);
            check(COUNT, quantile_count, asked_for);
        }
    }
}

static void answers_in_the_order_asked_for(void **state) {
    (void)state;
    const double asked_for[] = {0.99, 0, 0.5, 1, 0.5, 0.01};
    const uint64_t expected[] = {99, 1, 50, 100, 50, 1};
    uint64_t results[6];
    xt_quantiles quantiles;
    assert_true(xt_quantiles_order(&quantiles, 6, asked_for));
    for (size_t i = 0; i < 100; i++) {
        values[i] = i * 37 % 100 + 1;
    }
    xt_quantiles_select(&quantiles, 100, values, scratch, results);
    assert_memory_equal(results, expected, sizeof results);
}

/* Compares the ranks of all quantiles of `most` steps among `count` with exact ones. */
static void check_ranks(uint64_t most, uint64_t count) {
    for (uint64_t i = 0; i <= most; i++) {
        uint64_t exact = i / most * count + (i % most * count + most - 1) / most;
        double quantile = (double)i / (double)most;
        assert_int_equal(xt_quantile_rank(quantile, count), exact > 0 ? exact : 1);
    }
}

static void ranks_are_those_of_the_decimal(void **state) {
    (void)state;
    const uint64_t most_counted = 513 * (uint64_t)UINT32_MAX; /* by one histogram */
    for (uint64_t count = 1; count <= 2000; count++) {
        check_ranks(1000, count);
    }
    for (int i = 0; i < 200; i++) {
        check_ranks(1000, most_counted - random_below(&source, 100000));
        check_ranks(10000, 1 + random_below(&source, 10000));
        check_ranks(10000, XT_MAX_HISTORY - random_below(&source, 100000));
    }
    check_ranks(1000000, XT_MAX_HISTORY);
}

static void ranks_are_those_of_the_fraction_too(void **state) {
    (void)state;
    for (uint64_t count = 1; count <= 1000; count++) {
        check_ranks(count, count); /* 5.0 / 9 is above 5/9 */
    }
}

static void selects_by_that_rank(void **state) {
    (void)state;
    const double asked_for[] = {0.07, 0.29}; /* as doubles 0.07 * 100 is above 7 */
    uint64_t results[2];
    xt_quantiles quantiles;
    assert_true(xt_quantiles_order(&quantiles, 2, asked_for));
    for (size_t i = 0; i < 100; i++) {
        values[i] = i + 1;
    }
    xt_quantiles_select(&quantiles, 100, values, scratch, results);
    assert_int_equal(results[0], 7);
    assert_int_equal(results[1], 29);
}

static void selects_no_quantiles(void **state) {
    (void)state;
    xt_quantiles quantiles;
    assert_true(xt_quantiles_order(&quantiles, 0, NULL));
    give(4, 1000);
    memcpy(values, given, sizeof values);
    xt_quantiles_select(&quantiles, 1000, values, scratch, NULL);
}

static void refuses_what_is_no_quantile(void **state) {
    (void)state;
    const double wrong[] = {-0.0001, 1.0001, NAN, INFINITY, -INFINITY};
    double asked_for[XT_MAX_QUANTILES + 1] = {0};
    xt_quantiles quantiles;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        asked_for[3] = wrong[i];
        assert_false(xt_quantiles_order(&quantiles, 4, asked_for));
    }
    asked_for[3] = -0.0;
    assert_true(xt_quantiles_order(&quantiles, XT_MAX_QUANTILES, asked_for));
    assert_false(xt_quantiles_order(&quantiles, XT_MAX_QUANTILES + 1, asked_for));
    assert_false(xt_quantiles_order(&quantiles, SIZE_MAX, asked_for));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(selects_of_few_values),
        cmocka_unit_test(selects_of_many_values),
        cmocka_unit_test(selects_every_element),
        cmocka_unit_test(answers_in_the_order_asked_for),
        cmocka_unit_test(ranks_are_those_of_the_decimal),
        cmocka_unit_test(ranks_are_those_of_the_fraction_too),
        cmocka_unit_test(selects_by_that_rank),
        cmocka_unit_test(selects_no_quantiles),
        cmocka_unit_test(refuses_what_is_no_quantile),
    };
    source = random_seeded();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
