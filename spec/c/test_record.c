#include "record.h"

#include "support_cmocka.h"

static xt_execution execution_of(uint64_t duration_us, xt_status status, bool was_cached,
                                 uint32_t depth) {
    return (xt_execution){.duration_us = duration_us,
                          .outcome = {.status = status, .was_cached = was_cached},
                          .depth = depth};
}

static uint64_t pack(uint64_t duration_us, xt_status status, bool was_cached,
                     uint32_t depth) {
    xt_execution execution = execution_of(duration_us, status, was_cached, depth);
    return xt_record_of(&execution, 1, 0).packed;
}

static uint64_t packed_as(uint64_t duration_us, xt_timing timing, bool is_undated) {
    xt_execution execution = {
        .duration_us = duration_us, .timing = timing, .is_undated = is_undated};
    return xt_record_of(&execution, 1, 0).packed;
}

static void packed_word_has_the_bits_that_the_format_says(void **state) {
    (void)state;
    assert_int_equal(pack(0, XT_SUCCESS, false, 0), 0);
    assert_int_equal(pack(1, XT_SUCCESS, false, 0), 1);
    assert_int_equal(pack(0, XT_FAILED, false, 0), UINT64_C(1) << 52);
    assert_int_equal(pack(0, XT_TIMED_OUT, false, 0), UINT64_C(2) << 52);
    assert_int_equal(pack(0, XT_CANCELLED, false, 0), UINT64_C(3) << 52);
    assert_int_equal(pack(0, XT_SUCCESS, true, 0), UINT64_C(1) << 54);
    assert_int_equal(pack(0, XT_SUCCESS, false, 1), UINT64_C(1) << 58);
    assert_int_equal(packed_as(0, XT_ELAPSED, false), UINT64_C(1) << 55);
    assert_int_equal(packed_as(0, XT_UNTIMED, false), UINT64_C(2) << 55);
    assert_int_equal(packed_as(0, XT_MEASURED, true), UINT64_C(1) << 57);
    assert_int_equal(pack(XT_MAX_DURATION_US, XT_CANCELLED, true, XT_MAX_DEPTH),
                     XT_RECORD_MASK & ~(UINT64_C(7) << 55));
    assert_int_equal(XT_RECORD_MASK, UINT64_C(0x1fffffffffffffff));
}

static void what_is_too_large_is_stored_as_the_largest(void **state) {
    (void)state;
    assert_int_equal(pack(XT_MAX_DURATION_US + 1, XT_SUCCESS, false, 8),
                     pack(XT_MAX_DURATION_US, XT_SUCCESS, false, 7));
    assert_int_equal(pack(UINT64_MAX, XT_SUCCESS, false, UINT32_MAX),
                     pack(XT_MAX_DURATION_US, XT_SUCCESS, false, 7));
}

static void what_is_packed_comes_back(void **state) {
    (void)state;
    const uint64_t durations[] = {0, 1, 0xaaaaaaaaaaaaa, XT_MAX_DURATION_US};
    for (size_t i = 0; i < 4; i++) {
        for (uint32_t choice = 0; choice < 64; choice++) {
            xt_status status = (xt_status)(choice % 4);
            bool was_cached = choice / 4 % 2 == 1;
            const xt_record record = {
                .packed = pack(durations[i], status, was_cached, choice / 8)};
            assert_int_equal(xt_record_duration_us(&record), durations[i]);
            assert_int_equal(xt_record_status(&record), status);
            assert_int_equal(xt_record_was_cached(&record), was_cached);
            assert_int_equal(xt_record_depth(&record), choice / 8);
        }
    }
}

static void timing_comes_back_but_no_duration_of_what_is_untimed(void **state) {
    (void)state;
    for (xt_timing timing = XT_MEASURED; timing <= XT_UNTIMED; timing++) {
        for (int is_undated = 0; is_undated < 2; is_undated++) {
            const xt_record record = {.packed = packed_as(7, timing, is_undated)};
            assert_int_equal(xt_record_timing(&record), timing);
            assert_int_equal(xt_record_is_measured(&record), timing == XT_MEASURED);
            assert_int_equal(xt_record_is_undated(&record), is_undated);
            assert_int_equal(xt_record_duration_us(&record),
                             timing == XT_UNTIMED ? 0 : 7);
        }
    }
}

static void a_record_has_what_the_execution_has(void **state) {
    (void)state;
    xt_execution execution = execution_of(1, XT_FAILED, false, 2);
    execution.args_hash = 3;
    execution.outcome.result_hash = 4;
    execution.session.hash = 5;
    execution.end_us = 6;
    const xt_record expected = {.end_us = 6,
                                .packed = pack(1, XT_FAILED, false, 2),
                                .args_hash = 3,
                                .result_hash = 4,
                                .session = 5,
                                .tool = 7,
                                .error_type = 9};
    const xt_record record = xt_record_of(&execution, 8, 9);
    assert_memory_equal(&record, &expected, sizeof record);
}

static void fields_stand_where_the_format_says(void **state) {
    (void)state;
    assert_int_equal(offsetof(xt_record, end_us), 0);
    assert_int_equal(offsetof(xt_record, packed), 8);
    assert_int_equal(offsetof(xt_record, args_hash), 16);
    assert_int_equal(offsetof(xt_record, result_hash), 20);
    assert_int_equal(offsetof(xt_record, session), 24);
    assert_int_equal(offsetof(xt_record, tool), 28);
    assert_int_equal(offsetof(xt_record, error_type), 30);
    assert_int_equal(sizeof(xt_record), 32);
}

static uint64_t start_of(uint64_t end_us, uint64_t duration_us) {
    const xt_record record = {.end_us = end_us,
                              .packed = pack(duration_us, XT_FAILED, true, 0)};
    return xt_record_start_us(&record);
}

static void start_is_the_end_less_the_duration_but_not_before_1970(void **state) {
    (void)state;
    assert_int_equal(start_of(1000, 300), 700);
    assert_int_equal(start_of(1000, 0), 1000);
    assert_int_equal(start_of(1000, 999), 1);
    assert_int_equal(start_of(1000, 1000), 0);
    assert_int_equal(start_of(1000, 1001), 0);
    assert_int_equal(start_of(0, XT_MAX_DURATION_US), 0);
}

static void what_is_undated_starts_as_it_ends(void **state) {
    (void)state;
    const xt_record record = {.end_us = 9, .packed = packed_as(4, XT_MEASURED, true)};
    assert_int_equal(xt_record_start_us(&record), 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_word_has_the_bits_that_the_format_says),
        cmocka_unit_test(what_is_too_large_is_stored_as_the_largest),
        cmocka_unit_test(what_is_packed_comes_back),
        cmocka_unit_test(timing_comes_back_but_no_duration_of_what_is_untimed),
        cmocka_unit_test(a_record_has_what_the_execution_has),
        cmocka_unit_test(fields_stand_where_the_format_says),
        cmocka_unit_test(start_is_the_end_less_the_duration_but_not_before_1970),
        cmocka_unit_test(what_is_undated_starts_as_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
