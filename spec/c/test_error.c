#include "exectrack.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static void every_error_has_its_message(void **state) {
    (void)state;
    assert_string_equal(xt_error_message(XT_OK), "no error");
    assert_string_equal(xt_error_message(XT_ERROR_MEMORY), "not enough memory");
    assert_string_equal(xt_error_message(XT_ERROR_MAX_HISTORY),
                        "max_history must be from 0 to 268435456");
    assert_string_equal(xt_error_message(XT_ERROR_MAX_TOOLS),
                        "max_tools must be from 1 to 65535");
    assert_string_equal(xt_error_message(XT_ERROR_MAX_IN_FLIGHT),
                        "max_in_flight must be from 0 to 65535");
    assert_string_equal(xt_error_message(XT_ERROR_LABEL),
                        "the label is longer than 64 bytes");
    assert_string_equal(xt_error_message(XT_ERROR_SESSION_NAMES),
                        "session_names must be from 0 to 65536");
    assert_string_equal(xt_error_message(XT_ERROR_ARGS_TEXTS),
                        "args_texts must be from 0 to 65536");
    assert_string_equal(xt_error_message(XT_ERROR_ERROR_TEXTS),
                        "error_texts must be from 0 to 65536");
    assert_string_equal(
        xt_error_message(XT_ERROR_MEASURES),
        "there may be at most 4 measures, with distinct names of 1 to 32 bytes, "
        "units of at most 32 bytes and scales that are finite and above 0");
    assert_string_equal(xt_error_message(XT_ERROR_STATUS), "unknown status");
    assert_string_equal(xt_error_message(XT_ERROR_SPAN),
                        "the span is already finished or belongs to another tracker");
    assert_string_equal(xt_error_message(XT_ERROR_GROUPING),
                        "a key, an interval or a quantile is out of its range");
    assert_string_equal(
        xt_error_message(XT_ERROR_MERGE),
        "the runs have more than 4 measures, or differ in the unit or scale of one");
    assert_string_equal(xt_error_message(XT_ERROR_FILE), "a file operation failed");
    assert_string_equal(xt_error_message(XT_ERROR_KIND), "it isn't a saved run");
    assert_string_equal(xt_error_message(XT_ERROR_BYTE_ORDER),
                        "it was saved on a machine of another byte order");
    assert_string_equal(xt_error_message(XT_ERROR_VERSION),
                        "it is in another version of the format");
    assert_string_equal(xt_error_message(XT_ERROR_SIZE),
                        "it is shorter or longer than its header says");
    assert_string_equal(xt_error_message(XT_ERROR_CHECKSUM),
                        "its checksum is wrong: it isn't what was saved");
    assert_string_equal(xt_error_message(XT_ERROR_INVALID),
                        "its contents are inconsistent");
    assert_string_equal(xt_error_message(XT_ERROR_BUSY), "another recorder has it open");
    assert_string_equal(xt_error_message(XT_ERROR_MISMATCH),
                        "it was made with other options");
    assert_string_equal(xt_error_message(XT_ERROR_FILE_SYSTEM),
                        "it is on a file system that recorders aren't for");
    assert_string_equal(xt_error_message(XT_ERROR_CHANGING),
                        "its writer is too busy: it changes too fast to be read");
}

static void number_that_is_no_error_has_a_message_too(void **state) {
    (void)state;
    assert_string_equal(xt_error_message((xt_error)(XT_ERROR_CHANGING + 1)),
                        "unknown error");
    assert_string_equal(xt_error_message((xt_error)-1), "unknown error");
}

static void messages_say_the_limits_of_the_header(void **state) {
    (void)state;
    assert_int_equal(XT_MAX_HISTORY, 268435456);
    assert_int_equal(XT_MAX_TOOLS, 65535);
    assert_int_equal(XT_MAX_IN_FLIGHT, 65535);
    assert_int_equal(XT_LABEL_BYTES, 64);
    assert_int_equal(XT_MAX_TEXTS, 65536);
}

static void text_of_a_string_ends_before_its_zero(void **state) {
    (void)state;
    assert_int_equal(xt_text_of("read\0file").length, 4);
    assert_int_equal(xt_text_of("").length, 0);
    assert_true(is_text(xt_text_of("read"), "read"));
}

static void text_of_a_null_pointer_is_empty(void **state) {
    (void)state;
    assert_int_equal(xt_text_of(NULL).length, 0);
    assert_null(xt_text_of(NULL).bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_its_message),
        cmocka_unit_test(number_that_is_no_error_has_a_message_too),
        cmocka_unit_test(messages_say_the_limits_of_the_header),
        cmocka_unit_test(text_of_a_string_ends_before_its_zero),
        cmocka_unit_test(text_of_a_null_pointer_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
