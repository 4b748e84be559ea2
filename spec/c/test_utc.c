#include "support_cmocka.h"

#include "exectrack.h"
#include "utc.h"

#include <stdio.h>

static void assert_utc(uint64_t seconds, const char *expected) {
    char text[XT_UTC_BYTES];
    xt_utc_write(seconds * 1000000 + 999999, text);
    assert_string_equal(text, expected);
}

static void a_time_is_written_to_the_second(void **state) {
    (void)state;
    assert_utc(0, "19700101T000000Z");
    assert_utc(1795639238, "20261125T204038Z");
    assert_utc(951868799, "20000229T235959Z");
    assert_utc(951868800, "20000301T000000Z");
    assert_utc(4107542399, "21000228T235959Z");
    assert_utc(4107542400, "21000301T000000Z");
    assert_utc(253402300800, "100000101T000000Z");
}

static void the_latest_time_fits(void **state) {
    (void)state;
    char text[XT_UTC_BYTES];
    xt_utc_write(XT_MAX_COUNT, text);
    assert_string_equal(text, "2942470110T040054Z");
    assert_int_equal(strlen(text), XT_UTC_BYTES - 1);
}

static void each_day_of_400_years_follows_the_one_before(void **state) {
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t day = 0;
    for (int year = 1970; year < 2370; year++) {
        int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        for (int month = 0; month < 12; month++) {
            int length = lengths[month] + (month == 1 ? is_leap : 0);
            for (int i = 1; i <= length; i++, day++) {
                char expected[32];
                snprintf(expected, sizeof expected, "%d%02d%02dT010203Z", year, month + 1,
                         i);
                assert_utc(day * 86400 + 3723, expected);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_is_written_to_the_second),
        cmocka_unit_test(the_latest_time_fits),
        cmocka_unit_test(each_day_of_400_years_follows_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
