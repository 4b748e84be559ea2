#include "support_cmocka.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include "json_execution.h"

#include <stdio.h>

static xt_json_execution read; /* too large for some stacks */

/* Nothing of the previous line may be left, but the order of its fields. */
static void clear(void) {
    memset(&read, 0xa5, offsetof(xt_json_execution, followers));
}

/* Reads a line in memory that ends with it, so that reading further is noticed. Its texts
 * are gone afterwards. */
static bool reads(const char *line) {
    size_t length = strlen(line);
    char *copy = malloc(length + 1);
    memcpy(copy, line, length);
    copy[length] = '\n'; /* as in a file */
    clear();
    bool is_read = xt_json_read_execution(text_of(copy, length), &read);
    free(copy);
    return is_read;
}

/* The same of a line that stays. */
#define assert_reads(line)                                                               \
    clear();                                                                             \
    assert_true(xt_json_read_execution(xt_text_of(line), &read))

static void the_least_line_is_an_untimed_undated_execution(void **state) {
    (void)state;
    assert_reads("{\"tool\":\"a\",\"status\":\"failed\"}");
    const xt_execution *execution = &read.execution;
    assert_true(is_text(execution->tool, "a"));
    assert_int_equal(execution->outcome.status, XT_FAILED);
    assert_int_equal(execution->timing, XT_UNTIMED);
    assert_int_equal(execution->duration_us, 0);
    assert_true(execution->is_undated);
    assert_false(execution->outcome.was_cached);
    assert_int_equal(execution->outcome.error_type.length, 0);
    assert_int_equal(execution->outcome.error_text.length, 0);
    assert_int_equal(execution->outcome.result_hash, 0);
    assert_null(execution->outcome.measures);
    assert_int_equal(execution->args_hash, 0);
    assert_int_equal(execution->args_text.length, 0);
    assert_int_equal(execution->session.hash, 0);
    assert_int_equal(execution->depth, 0);
    assert_int_equal(execution->place.file.length, 0);
    assert_int_equal(read.value_count, 0);
}

static void every_field_is_read_in_any_order(void **state) {
    (void)state;
    assert_reads(
        "{ \"timestamp\" : 1700000000.123456 , \"depth\":7, \"tool_id\":3,"
        "\"measures\":{\"cost\":0.25,\"n\":3},\"place\":\"a.jsonl:12\","
        "\"session\":\"chat 17\","
        "\"result_hash\":4294967295,\"args_hash\":1,\"error_type\":\"E\","
        "\"was_cached\":true,\"timing\":\"elapsed\",\"duration_ms\":1.5,"
        "\"status\":\"timed_out\",\"tool\":\"a b\" } ");
    const xt_execution *execution = &read.execution;
    xt_session session = xt_session_of(xt_text_of("chat 17"));
    assert_int_equal(execution->end_us, UINT64_C(1700000000123456));
    assert_false(execution->is_undated);
    assert_int_equal(execution->depth, 7);
    assert_int_equal(read.value_count, 2);
    assert_true(is_text(read.values[0].name, "cost"));
    assert_true(read.values[0].number == 0.25);
    assert_true(is_text(read.values[1].name, "n"));
    assert_true(read.values[1].number == 3);
    assert_true(is_text(execution->place.file, "a.jsonl"));
    assert_int_equal(execution->place.line, 12);
    assert_int_equal(execution->session.hash, session.hash);
    assert_true(is_text(execution->session.name, "chat 17"));
    assert_int_equal(execution->outcome.result_hash, UINT32_MAX);
    assert_int_equal(execution->args_hash, 1);
    assert_true(is_text(execution->outcome.error_type, "E"));
    assert_true(execution->outcome.was_cached);
    assert_int_equal(execution->timing, XT_ELAPSED);
    assert_int_equal(execution->duration_us, 1500);
    assert_int_equal(execution->outcome.status, XT_TIMED_OUT);
    assert_true(is_text(execution->tool, "a b"));
}

static void texts_may_have_escapes(void **state) {
    (void)state;
    assert_reads(
        "{\"tool\":\"a\\\"\\u00e4\",\"status\":\"success\",\"error_type\":\"\\n\","
        "\"session\":\"\\ud83d\\ude00\\ud800\",\"place\":\"\\t[\\u0031]\"}");
    assert_true(is_text(read.execution.tool, "a\"\xc3\xa4"));
    assert_true(is_text(read.execution.outcome.error_type, "\n"));
    assert_true(is_text(read.execution.session.name, "\xf0\x9f\x98\x80\xef\xbf\xbd"));
    assert_true(is_text(read.execution.place.file, "\t["));
    assert_int_equal(read.execution.place.line, 1);
}

/* A line whose tool has `count` escapes. */
static bool reads_escapes(int count) {
    char line[4096] = "{\"status\":\"success\",\"tool\":\"";
    for (int i = 0; i < count; i++) {
        strcat(line, "\\n");
    }
    return reads(strcat(line, "\"}"));
}

static void long_texts_with_escapes_are_left_to_lua(void **state) {
    (void)state;
    assert_true(reads_escapes(512));
    assert_int_equal(read.execution.tool.length, 512);
    assert_false(reads_escapes(513));
}

static void numbers_are_rounded_as_in_lua(void **state) {
    (void)state;
    static const struct {
        const char *duration;
        uint64_t us;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"0.0005", 1},
                 {"0.00049", 0},
                 {"2.5e-3", 3},
                 {"7", 7000},
                 {"9007199254740993", XT_MAX_DURATION_US},
                 {"1e300", XT_MAX_DURATION_US},
                 {"4503599627370.494", UINT64_C(4503599627370494)}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[128];
        snprintf(line, sizeof line,
                 "{\"tool\":\"a\",\"status\":\"success\",\"duration_ms\":%s}",
                 cases[i].duration);
        assert_true(reads(line));
        assert_int_equal(read.execution.timing, XT_MEASURED);
        assert_int_equal(read.execution.duration_us, cases[i].us);
    }
}

static void late_times_are_seconds_in_lines_of_our_own(void **state) {
    (void)state;
    assert_true(
        reads("{\"tool\":\"a\",\"status\":\"success\",\"timestamp\":7258118400}"));
    assert_int_equal(read.execution.end_us, UINT64_C(7258118400000000));
    assert_false(
        reads("{\"tool\":\"a\",\"status\":\"success\",\"timestamp\":7258118401}"));
    assert_true(
        reads("{\"tool\":\"a\",\"status\":\"success\",\"timestamp\":9223372036854,"
              "\"was_cached\":false}"));
    assert_int_equal(read.execution.end_us, UINT64_C(9223372036854000000));
}

static void an_undated_line_says_so(void **state) {
    (void)state;
    assert_true(reads("{\"tool\":\"a\",\"status\":\"success\",\"timestamp\":false}"));
    assert_true(read.execution.is_undated);
}

static void all_else_is_left_to_lua(void **state) {
    (void)state;
    static const char *const lines[] = {
        "",
        " ",
        "{",
        "{}",
        "[]",
        "null",
        "{\"tool\":\"a\"}",
        "{\"status\":\"success\"}",
        "{\"tool\":\"a\",\"status\":\"success\"",
        "{\"tool\":\"a\",\"status\":\"success\",}",
        "{\"tool\":\"a\",\"status\":\"success\"} x",
        " {\"tool\":\"a\",\"status\":\"success\"}",
        "\xef\xbb\xbf{\"tool\":\"a\",\"status\":\"success\"}",
        "{\"tool\":\"a\",\"status\":\"success\",\"tool\":\"a\"}",
        "{\"tool\":\"a\",\"status\":\"success\",\"x\":1}",
        "{\"tool\":\"a\",\"status\":\"success\",\"\":1}",
        "{\"to\\u006fl\":\"a\",\"status\":\"success\"}",
        "{\"tool\":\"a\",\"status\":\"su\\u0063cess\"}",
        "{\"tool\":\"a\",\"status\":\"\"}",
        "{\"tool\":\"a\",\"status\":\"ok\"}",
        "{\"tool\":\"a\",\"status\":1}",
        "{\"tool\":null,\"status\":\"success\"}",
        "{\"tool\":1,\"status\":\"success\"}",
        "{\"tool\":\"\xff\",\"status\":\"success\"}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        assert_false(reads(lines[i]));
    }
}

static void values_out_of_range_are_left_to_lua(void **state) {
    (void)state;
    static const char *const fields[] = {
        "\"duration_ms\":-1",
        "\"duration_ms\":1e999",
        "\"duration_ms\":\"1\"",
        "\"duration_ms\":null",
        "\"duration_ms\":1,\"timing\":\"untimed\"",
        "\"timing\":\"measured\"",
        "\"timing\":\"elapsed\"",
        "\"timing\":\"no\"",
        "\"timing\":null",
        "\"duration_ms\":1,\"timing\":\"\\u0065lapsed\"",
        "\"was_cached\":1",
        "\"was_cached\":null",
        "\"error_type\":1",
        "\"args_hash\":-1",
        "\"args_hash\":4294967296",
        "\"args_hash\":1.0",
        "\"args_hash\":\"1\"",
        "\"result_hash\":4294967296",
        "\"session\":1",
        "\"session\":null",
        "\"depth\":8",
        "\"depth\":-1",
        "\"place\":12",
        "\"place\":null",
        "\"tool_id\":[]",
        "\"tool_id\":\"1\"",
        "\"measures\":[]",
        "\"measures\":1",
        "\"measures\":{\"a\":-1}",
        "\"measures\":{\"a\":1e999}",
        "\"measures\":{\"a\":\"1\"}",
        "\"measures\":{\"a\":null}",
        "\"measures\":{\"a\":1,\"a\":2}",
        "\"measures\":{\"\\u0061\":1}",
        "\"measures\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}",
        "\"measures\":{\"a\":1",
        "\"timestamp\":true",
        "\"timestamp\":-1",
        "\"timestamp\":null",
        "\"timestamp\":\"2026-01-01\"",
        "\"timestamp\":9223372036855,\"was_cached\":false",
        "\"args\":1",
        "\"result\":1",
        "\"args_text\":\"a\"",
        "\"error_text\":\"a\"",
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        char line[256];
        snprintf(line, sizeof line, "{\"tool\":\"a\",\"status\":\"success\",%s}",
                 fields[i]);
        assert_false(reads(line));
    }
}

static void measures_may_be_none_or_four(void **state) {
    (void)state;
    assert_true(reads("{\"tool\":\"a\",\"status\":\"success\",\"measures\":{}}"));
    assert_int_equal(read.value_count, 0);
    assert_true(
        reads("{\"tool\":\"a\",\"status\":\"success\","
              "\"measures\":{\"a\":0,\"b\":1,\"c\":1e300,\"d\":1.5}}"));
    assert_int_equal(read.value_count, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_line_is_an_untimed_undated_execution),
        cmocka_unit_test(every_field_is_read_in_any_order),
        cmocka_unit_test(texts_may_have_escapes),
        cmocka_unit_test(long_texts_with_escapes_are_left_to_lua),
        cmocka_unit_test(numbers_are_rounded_as_in_lua),
        cmocka_unit_test(late_times_are_seconds_in_lines_of_our_own),
        cmocka_unit_test(an_undated_line_says_so),
        cmocka_unit_test(all_else_is_left_to_lua),
        cmocka_unit_test(values_out_of_range_are_left_to_lua),
        cmocka_unit_test(measures_may_be_none_or_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
