#include "lua/message_status.h"

#include "support_cmocka.h"

#include <string.h>

/* Asserts the status of each message, up to a null. */
static void assert_all(xt_status expected, const char *const messages[]) {
    for (; *messages != NULL; messages++) {
        if (xl_message_status(xt_text_of(*messages)) != expected) {
            fail_msg("%s", *messages);
        }
    }
}

static void phrases_at_the_beginning_decide(void **state) {
    static const char *const timed_out[] = {"timeout",
                                            "Timeout",
                                            "timed out",
                                            "Timed out waiting for the selector",
                                            "deadline exceeded",
                                            "Operation timed out after 1000 ms",
                                            "the operation timed out.",
                                            "context deadline exceeded",
                                            "The command has timed out",
                                            "Request timed out",
                                            "connection timeout",
                                            "Gateway Time-out",
                                            "upstream request timeout",
                                            "ssl handshake timeout",
                                            "server timeout",
                                            NULL};
    static const char *const cancelled[] = {
        "cancelled",         "canceled",
        "CANCELLED",         "interrupted",
        "aborted by user",   "aborted by the user after 3 s",
        "context canceled",  "The operation was canceled.",
        "request cancelled", NULL};
    (void)state;
    assert_all(XT_TIMED_OUT, timed_out);
    assert_all(XT_CANCELLED, cancelled);
}

static void phrases_after_prefixes_decide(void **state) {
    static const char *const timed_out[] = {
        "  a: timed out",
        "curl: (28) Operation timed out after 9 ms",
        "socket.connect: timeout",
        "Error: tool: timed out",
        "Request failed: timeout",
        "MCP error -32001: Request timed out",
        "my IOException: timed out",
        "[CURL-EASY][OPERATION_TIMEDOUT] Timeout was reached (28)",
        "The tool execution timed out",
        "[The command timed out after 300 seconds.",
        "[warn] (timeout)",
        "a: b: c: d: e: f: g: h: timeout",
        NULL};
    static const char *const failed[] = {"cannot cancel: already cancelled",
                                         "cannot cancel: cancelled",
                                         "unknown option: timeout",
                                         "the order failed to ship: canceled",
                                         "x:timeout",
                                         "a: b: c: d: e: f: g: h: i: timeout",
                                         "7: timeout",
                                         NULL};
    (void)state;
    assert_all(XT_TIMED_OUT, timed_out);
    assert_all(XT_FAILED, failed);
}

static void sure_phrases_decide_after_any_colon(void **state) {
    static const char *const timed_out[] = {
        "dial tcp 10.0.0.1:80: i/o timeout",
        "Get : context deadline exceeded",
        "Failed to connect to x port 443 after 5 ms: Timeout was reached",
        "cannot fetch page 7: because: read timed out",
        "a: b: c: d: e: f: g: h: i j: timed out",
        NULL};
    static const char *const failed[] = {"cannot fetch:timed out",
                                         "cannot fetch page 7: not timed out", NULL};
    (void)state;
    assert_all(XT_TIMED_OUT, timed_out);
    assert_all(XT_FAILED, failed);
}

static void name_of_an_exception_decides_at_the_beginning(void **state) {
    static const char *const timed_out[] = {
        "TimeoutError", "TimeoutError: Navigation took 5 ms",
        "asyncio.exceptions.TimeoutError", "java.net.SocketTimeoutException: Read", NULL};
    static const char *const cancelled[] = {"AbortError: This operation was aborted",
                                            "Error: CancelledError()", NULL};
    static const char *const failed[] = {"Timeouts.ValueError: x", "InvalidTimeoutError",
                                         "Timeout.io: x", "no TimeoutError", NULL};
    (void)state;
    assert_all(XT_TIMED_OUT, timed_out);
    assert_all(XT_CANCELLED, cancelled);
    assert_all(XT_FAILED, failed);
}

static void other_words_decide_nothing(void **state) {
    static const char *const failed[] = {"",
                                         "the",
                                         "operation",
                                         "invalid timeout value",
                                         "not timed out",
                                         "user timed out",
                                         "time out",
                                         "time-out-value",
                                         "gateway time-out value",
                                         "http timeout must be positive",
                                         "timed outside",
                                         "timeouts",
                                         "timeout_ms is too small",
                                         "timeout=5 is too small",
                                         "timeout-value",
                                         "timeout/x",
                                         "\"timeout\" is no option",
                                         "operation interrupted\xC3\xA9",
                                         "deadline exceeds",
                                         "aborted",
                                         "aborted by users",
                                         "already cancelled",
                                         NULL};
    (void)state;
    assert_all(XT_FAILED, failed);
}

static void words_that_may_begin_another_sentence_need_more(void **state) {
    static const char *const timed_out[] = {"timeout after a while",
                                            "timeout 30s",
                                            "timeout: no answer",
                                            "timeout, sorry",
                                            "timeout (30 s)",
                                            "timeout - no answer",
                                            "timeout.",
                                            "Timeout of 9 ms",
                                            "timeout exceeded",
                                            "timeout while reading",
                                            "timeout\x01",
                                            "timeout!",
                                            "timeout: valued guest",
                                            NULL};
    static const char *const cancelled[] = {
        "cancelled by the user", "canceled: no answer", "interrupted; try again", NULL};
    static const char *const failed[] = {"timeout must be a number",
                                         "timeout value is wrong",
                                         "timeout: not found",
                                         "timeout: Input should be int",
                                         "timeout: no such file",
                                         "timeout: 5 is not a valid duration",
                                         "timeout (a string) must be a number",
                                         "timeout in seconds should be positive",
                                         "timeout.lua is missing",
                                         "cancelled orders can't be changed",
                                         "interrupted tasks",
                                         "timeout afterwards",
                                         "canceled \xE2\x80\xA6",
                                         "timeout 'x'",
                                         NULL};
    (void)state;
    assert_all(XT_TIMED_OUT, timed_out);
    assert_all(XT_CANCELLED, cancelled);
    assert_all(XT_FAILED, failed);
}

static void code_counts_as_a_whole(void **state) {
    static const struct {
        const char *code;
        xt_status status;
    } codes[] = {
        {"timeout", XT_TIMED_OUT},
        {"DEADLINE_EXCEEDED", XT_TIMED_OUT},
        {"request-timeout", XT_TIMED_OUT},
        {"timed_out", XT_TIMED_OUT},
        {"Cancelled", XT_CANCELLED},
        {"operation_cancelled", XT_CANCELLED},
        {"timeout_error", XT_TIMED_OUT},
        {"RequestTimeout", XT_TIMED_OUT},
        {"ERR_CANCELED", XT_CANCELLED},
        {"AbortError", XT_CANCELLED},
        {"OPERATION_TIMEDOUT", XT_TIMED_OUT},
        {"KeyboardInterrupt", XT_CANCELLED},
        {"invalid_timeout", XT_FAILED},
        {"timeout after", XT_FAILED},
        {"order_cancelled", XT_FAILED},
        {"", XT_FAILED},
    };
    char longest[66] = "the                                                    timed out";
    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        assert_int_equal(xl_code_status(xt_text_of(codes[i].code)), codes[i].status);
    }
    assert_int_equal(strlen(longest), 64);
    assert_int_equal(xl_code_status(xt_text_of(longest)), XT_TIMED_OUT);
    strcat(longest, " ");
    assert_int_equal(xl_code_status(xt_text_of(longest)), XT_FAILED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phrases_at_the_beginning_decide),
        cmocka_unit_test(phrases_after_prefixes_decide),
        cmocka_unit_test(sure_phrases_decide_after_any_colon),
        cmocka_unit_test(name_of_an_exception_decides_at_the_beginning),
        cmocka_unit_test(other_words_decide_nothing),
        cmocka_unit_test(words_that_may_begin_another_sentence_need_more),
        cmocka_unit_test(code_counts_as_a_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
