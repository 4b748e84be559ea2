#include "record.h"

#include "support_cmocka.h"

static void packed_word_has_the_bits_that_the_format_says(void **state) {
    (void)state;
    assert_int_equal(xt_record_pack(0, XT_SUCCESS, false), 0);
    assert_int_equal(xt_record_pack(1, XT_SUCCESS, false), 1);
    assert_int_equal(xt_record_pack(0, XT_FAILED, false), UINT64_C(1) << 56);
    assert_int_equal(xt_record_pack(0, XT_TIMED_OUT, false), UINT64_C(2) << 56);
    assert_int_equal(xt_record_pack(0, XT_CANCELLED, false), UINT64_C(3) << 56);
    assert_int_equal(xt_record_pack(0, XT_SUCCESS, true), UINT64_C(1) << 58);
    assert_int_equal(xt_record_pack(XT_MAX_DURATION_US, XT_CANCELLED, true),
                     (UINT64_C(1) << 59) - 1);
    assert_int_equal(XT_RECORD_BITS, 59);
}

static void what_is_packed_comes_back(void **state) {
    (void)state;
    const uint64_t durations[] = {0, 1, 0xaaaaaaaaaaaaaa, XT_MAX_DURATION_US};
    for (size_t i = 0; i < 4; i++) {
        for (int choice = 0; choice < 8; choice++) {
            xt_status status = (xt_status)(choice / 2);
            bool was_cached = choice % 2 == 1;
            const xt_record record = {
                .packed = xt_record_pack(durations[i], status, was_cached)};
            assert_int_equal(xt_record_duration_us(&record), durations[i]);
            assert_int_equal(xt_record_status(&record), status);
            assert_int_equal(xt_record_was_cached(&record), was_cached);
        }
    }
}

static void fields_stand_where_the_format_says(void **state) {
    (void)state;
    assert_int_equal(offsetof(xt_record, end_us), 0);
    assert_int_equal(offsetof(xt_record, packed), 8);
    assert_int_equal(offsetof(xt_record, args_hash), 16);
    assert_int_equal(offsetof(xt_record, tool), 20);
    assert_int_equal(offsetof(xt_record, error_type), 22);
    assert_int_equal(sizeof(xt_record), 24);
}

static uint64_t start_of(uint64_t end_us, uint64_t duration_us) {
    const xt_record record = {.end_us = end_us,
                              .packed = xt_record_pack(duration_us, XT_FAILED, true)};
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_word_has_the_bits_that_the_format_says),
        cmocka_unit_test(what_is_packed_comes_back),
        cmocka_unit_test(fields_stand_where_the_format_says),
        cmocka_unit_test(start_is_the_end_less_the_duration_but_not_before_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
