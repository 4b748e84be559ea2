#include "lua/message_code.h"

#include "support_cmocka.h"

#include <string.h>

static void assert_code(const char *line, const char *expected, xt_status status) {
    char buffer[XL_ERROR_TYPE_BYTES];
    xl_failure failure;
    if (!xl_find_code(xt_text_of(line), buffer, &failure)) {
        fail_msg("no code in '%s'", line);
    }
    if (failure.error_type.length != strlen(expected) ||
        memcmp(failure.error_type.bytes, expected, strlen(expected)) != 0) {
        fail_msg("'%s' has %.*s, not %s", line, (int)failure.error_type.length,
                 failure.error_type.bytes, expected);
    }
    assert_int_equal(failure.status, status);
}

static void assert_failed(const char *line, const char *expected) {
    assert_code(line, expected, XT_FAILED);
}

static void assert_none(const char *line) {
    char buffer[XL_ERROR_TYPE_BYTES];
    xl_failure failure;
    if (xl_find_code(xt_text_of(line), buffer, &failure)) {
        fail_msg("'%s' has %.*s", line, (int)failure.error_type.length,
                 failure.error_type.bytes);
    }
}

static void name_of_a_system_s_error_is_a_code(void **state) {
    (void)state;
    assert_failed("ENOENT: no such file or directory: x", "ENOENT");
    assert_failed("EPERM", "EPERM");
    assert_failed("cannot read (EIO).", "EIO");
    assert_failed("failed with EIO.", "EIO");
    assert_failed("code=EIO", "EIO");
    assert_failed("E2BIG: argument list too long", "E2BIG");
    assert_failed("failed EIO and EPERM", "EIO");
    assert_failed("EWOULDBLOCK", "EWOULDBLOCK");
}

static void name_of_a_system_s_error_counts_as_a_whole_word_only(void **state) {
    static const char *const lines[] = {"open EIOS",
                                        "open EIO_X",
                                        "open eio",
                                        "open \xc3\xa9"
                                        "EIO",
                                        "open /EIO",
                                        "open EIO/x",
                                        "open C:\\EIO",
                                        "open EIO.txt",
                                        "mail EIO@host",
                                        ""};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_none(lines[i]);
    }
}

static void description_of_a_system_s_error_is_a_code(void **state) {
    (void)state;
    assert_failed("x.txt: No such file or directory", "ENOENT");
    assert_failed("/tmp/x 1: Is a directory (21)", "EISDIR");
    assert_failed("EIO: No such file or directory", "EIO");
    assert_failed("exit 3: No such file or directory", "exit_3");
    assert_none("no such file or folder");
    assert_none("Is a directorys");
}

static void exit_codes_keep_their_number(void **state) {
    (void)state;
    assert_failed("exit 2", "exit_2");
    assert_failed("exit_2", "exit_2");
    assert_failed("Exit code: 3", "exit_3");
    assert_failed("make: exited with code 1.", "exit_1");
    assert_failed("returned non-zero exit status 255, sorry", "exit_255");
    assert_failed("failed (exit=137)", "exit_137");
    assert_failed("exit status 404", "exit_404");
    assert_failed("exit code -1073741819", "exit_-1073741819");
    assert_failed("exit code 4294967295", "exit_4294967295");
    assert_failed("exit-2", "exit_2");
    assert_failed("exitcode=2", "exit_2");
    assert_none("exit code 4294967296");
    assert_none("exit code 99999999999");
    assert_none("exit 2b");
    assert_none("exit 2.5 s");
    assert_none("exit 1,000");
    assert_none("exit 2_000");
    assert_none("exit the 2");
    assert_none("exit ..... 2");
    assert_none("fireexit 2");
    assert_none("4exit 2");
    assert_none("exit");
}

static void signals_keep_their_number(void **state) {
    (void)state;
    assert_failed("killed by signal 9", "signal_9");
    assert_failed("signal: 11 (core dumped)", "signal_11");
    assert_failed("exited on signal number 64", "signal_64");
    assert_none("signal 65");
    assert_none("signal 0");
    assert_none("signal: killed");
    assert_failed("Command terminated (SIGKILL)", "signal_9");
    assert_failed("SIGABRT", "signal_6");
    assert_code("signal SIGTERM", "signal_15", XT_CANCELLED);
    assert_none("sigkill");
    assert_none("SIGKILL_X");
    assert_none("SIGKILL9");
}

static void http_statuses_keep_their_number(void **state) {
    (void)state;
    assert_failed("HTTP 503", "http_503");
    assert_failed("http_503", "http_503");
    assert_failed("got HTTP/1.1 404 Not Found", "http_404");
    assert_failed("HTTP/2 302", "http_302");
    assert_failed("HTTP Error 404: Not Found", "http_404");
    assert_failed("Request failed with status code 429", "http_429");
    assert_failed("bad status: 500, sorry", "http_500");
    assert_none("HTTP 99");
    assert_none("HTTP 600");
    assert_none("HTTP/1.1");
    assert_none("http://404.example.org");
    assert_none("https://example.org 404");
    assert_none("https port 443");
    assert_failed("response code 503", "http_503");
    assert_failed("the server responded with 503", "http_503");
    assert_none("the response is 503");
    assert_failed("server returned 503", "http_503");
    assert_failed("Upstream replied with an error: 502", "http_502");
    assert_failed("API Error: 529 overloaded", "http_529");
    assert_none("server 503");
    assert_none("server returned 503a");
    assert_none("service returned 399");
    assert_none("query returned 503 rows");
    assert_none("status 399");
    assert_none("status 600");
    assert_none("user 404 not found");
}

static void http_statuses_may_begin_a_message(void **state) {
    (void)state;
    assert_failed("404", "http_404");
    assert_failed("404 Not Found", "http_404");
    assert_failed("502: Bad Gateway", "http_502");
    assert_failed("HTTPError: 503 Server Error: x", "http_503");
    assert_failed("Error code: 429 - slow down", "http_429");
    assert_failed("Error 429", "http_429");
    assert_failed("error 429: slow down", "http_429");
    assert_failed("curl: (22) The requested URL returned error: 404", "http_404");
    assert_failed("cannot get page 7: 404 Not Found", "http_404");
    assert_none("cannot get page 7: 404");
    assert_none("399");
    assert_none("600");
    assert_none("404 not found");
    assert_none("404 Files");
    assert_none("404 ");
    assert_none("Error codes: 429");
    assert_none("Error code: 39");
    assert_none("my error code: 429");
}

static void few_codes_are_no_failures(void **state) {
    (void)state;
    assert_code("ETIMEDOUT: x", "ETIMEDOUT", XT_TIMED_OUT);
    assert_code("HTTP 408", "http_408", XT_TIMED_OUT);
    assert_code("HTTP 504", "http_504", XT_TIMED_OUT);
    assert_code("504 Gateway Timeout", "http_504", XT_TIMED_OUT);
    assert_code("exit 124", "exit_124", XT_TIMED_OUT);
    assert_code("ECANCELED", "ECANCELED", XT_CANCELLED);
    assert_code("HTTP 499", "http_499", XT_CANCELLED);
    assert_code("exit 130", "exit_130", XT_CANCELLED);
    assert_code("exit 143", "exit_143", XT_CANCELLED);
    assert_code("signal 2", "signal_2", XT_CANCELLED);
    assert_code("signal 15", "signal_15", XT_CANCELLED);
    assert_failed("exit 137", "exit_137");
    assert_failed("timeout: exit 12", "exit_12");
    assert_failed("EINTR: interrupted", "EINTR");
}

static void number_may_be_an_http_status(void **state) {
    static const int64_t others[] = {INT64_MIN, -404, 0, 200, 399, 600, INT64_MAX};
    char buffer[XL_ERROR_TYPE_BYTES];
    xl_failure failure;
    (void)state;
    assert_true(xl_find_http_status(400, buffer, &failure));
    assert_memory_equal(failure.error_type.bytes, "http_400", 8);
    assert_int_equal(failure.status, XT_FAILED);
    assert_true(xl_find_http_status(599, buffer, &failure));
    assert_true(xl_find_http_status(504, buffer, &failure));
    assert_int_equal(failure.status, XT_TIMED_OUT);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(xl_find_http_status(others[i], buffer, &failure));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_of_a_system_s_error_is_a_code),
        cmocka_unit_test(name_of_a_system_s_error_counts_as_a_whole_word_only),
        cmocka_unit_test(description_of_a_system_s_error_is_a_code),
        cmocka_unit_test(exit_codes_keep_their_number),
        cmocka_unit_test(signals_keep_their_number),
        cmocka_unit_test(http_statuses_keep_their_number),
        cmocka_unit_test(http_statuses_may_begin_a_message),
        cmocka_unit_test(few_codes_are_no_failures),
        cmocka_unit_test(number_may_be_an_http_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
