#include "support_cmocka.h"

#include "recorder_name.h"

#include <stdio.h>

#define TIME_US (UINT64_C(1795639238) * 1000000)

static void assert_name(xt_text label, uint32_t number, const char *expected) {
    char name[XT_RECORDER_NAME_BYTES];
    xt_recorder_name_write(label, TIME_US, 4711, number, name);
    assert_string_equal(name, expected);
    assert_true(xt_recorder_name_matches(name, label));
}

static void a_name_has_label_time_and_process(void **state) {
    (void)state;
    assert_name(xt_text_of("agent"), 1, "agent-20261125T204038Z-4711.run");
    assert_name(xt_text_of("agent"), 2, "agent-20261125T204038Z-4711-2.run");
    assert_name(xt_text_of(""), 1, "run-20261125T204038Z-4711.run");
    assert_name(xt_text_of("run"), 1, "run-20261125T204038Z-4711.run");
}

static void a_label_is_made_one_of_a_file(void **state) {
    (void)state;
    const xt_text zeros = {"a\0b", 3};
    assert_name(xt_text_of("My_agent-2.0"), 1, "My_agent-2.0-20261125T204038Z-4711.run");
    assert_name(xt_text_of("a b/c\\d\n"), 1, "a_b_c_d_-20261125T204038Z-4711.run");
    assert_name(xt_text_of("../../etc"), 1, "_._.._etc-20261125T204038Z-4711.run");
    assert_name(xt_text_of("-x"), 1, "_x-20261125T204038Z-4711.run");
    assert_name(xt_text_of("\xc3\xa9"), 1, "__-20261125T204038Z-4711.run");
    assert_name(zeros, 1, "a_b-20261125T204038Z-4711.run");
}

static void the_longest_name_fits(void **state) {
    (void)state;
    char bytes[XT_LABEL_BYTES];
    char name[XT_RECORDER_NAME_BYTES];
    const xt_text label = {bytes, sizeof bytes};
    memset(bytes, 'x', sizeof bytes);
    xt_recorder_name_write(label, XT_MAX_COUNT, UINT32_MAX, UINT32_MAX, name);
    assert_string_equal(name + XT_LABEL_BYTES,
                        "-2942470110T040054Z-4294967295-4294967295.run");
    assert_true(xt_recorder_name_matches(name, label));
}

static void other_names_do_not_match(void **state) {
    (void)state;
    static const char *const names[] = {
        "",
        "agent",
        "agent.run",
        "agent-20261125T204038Z.run", /* one that opening has put aside */
        "agent-2-20261125T204038Z-4711.run",
        "agents-20261125T204038Z-4711.run",
        "Agent-20261125T204038Z-4711.run",
        "agent-20261125T204038-4711.run",
        "agent-2026125T204038Z-4711.run",
        "agent-20261125T20403Z-4711.run",
        "agent-20261125T2040388Z-4711.run",
        "agent-20261125T204038Z-.run",
        "agent-20261125T204038Z-4711-.run",
        "agent-20261125T204038Z-4711-2-3.run",
        "agent-20261125T204038Z-47111111111.run",
        "agent-20261125T204038Z-4711.run.bak",
        "agent-20261125T204038Z-4711",
        "agent-20261125T204038Z-4711.runs",
        "xagent-20261125T204038Z-4711.run",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (xt_recorder_name_matches(names[i], xt_text_of("agent"))) {
            fail_msg("%s matches", names[i]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_has_label_time_and_process),
        cmocka_unit_test(a_label_is_made_one_of_a_file),
        cmocka_unit_test(the_longest_name_fits),
        cmocka_unit_test(other_names_do_not_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
