#include "json.h"
#include "support_cmocka.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads what is in an array or object, and so on. `kinds` gets one letter a value. */
static void read_all(xt_json *json, char kinds[]) {
    static const char letters[] = "nftids[{";
    xt_json_value value;
    xt_json_value key;
    if (!xt_json_read(json, &value)) {
        return;
    }
    kinds[strlen(kinds)] = letters[value.kind];
    if (value.kind == XT_JSON_ARRAY) {
        for (bool more = xt_json_first_element(json); more;
             more = xt_json_next_element(json)) {
            read_all(json, kinds);
        }
        strcat(kinds, "]");
    } else if (value.kind == XT_JSON_OBJECT) {
        for (bool more = xt_json_first_key(json, &key); more;
             more = xt_json_next_key(json, &key)) {
            read_all(json, kinds);
        }
        strcat(kinds, "}");
    }
}

static void assert_kinds(const char *text, const char *expected) {
    char kinds[64] = "";
    xt_json json = xt_json_open(xt_text_of(text));
    read_all(&json, kinds);
    assert_true(xt_json_finish(&json));
    assert_null(json.problem);
    assert_string_equal(kinds, expected);
}

/* A copy of `text` in memory of its own, so that reading beyond it is noticed. */
static xt_text copy_of(const char *text, size_t length) {
    char *bytes = malloc(length + (length == 0));
    assert_non_null(bytes);
    memcpy(bytes, text, length);
    return (xt_text){bytes, length};
}

static void assert_problem_in(const char *text, size_t length, const char *problem,
                              size_t line, size_t byte) {
    char kinds[64] = "";
    xt_text copy = copy_of(text, length);
    xt_json json = xt_json_open(copy);
    read_all(&json, kinds);
    assert_false(xt_json_finish(&json));
    assert_string_equal(json.problem, problem);
    size_t at_line;
    size_t at_byte;
    xt_json_position(&json, &at_line, &at_byte);
    assert_int_equal(at_line, line);
    assert_int_equal(at_byte, byte);
    free((void *)copy.bytes);
}

static void assert_problem(const char *text, const char *problem, size_t byte) {
    assert_problem_in(text, strlen(text), problem, 1, byte);
}

static xt_json_value scalar(const char *text) {
    xt_json_value value;
    xt_json json = xt_json_open(xt_text_of(text));
    assert_true(xt_json_read(&json, &value));
    assert_true(xt_json_finish(&json));
    return value;
}

static void assert_string(const char *text, const char *expected, size_t length) {
    char bytes[64];
    xt_json_value value = scalar(text);
    assert_int_equal(value.kind, XT_JSON_STRING);
    assert_int_equal(value.has_escapes, strchr(text, '\\') != NULL);
    assert_int_equal(value.text.length, strlen(text) - 2);
    assert_int_equal(xt_json_unescape(&value, bytes), length);
    assert_memory_equal(bytes, expected, length);
}

static void every_kind_of_value_is_read(void **state) {
    (void)state;
    assert_kinds("[null,true,false,0,-1.5,\"s\",[],{}]", "[ntfids[]{}]");
    assert_kinds(" { \"a\" : [ 1 , { \"b\" : 2 } ] ,\r\n\t\"\" : \"\" } ", "{[i{i}]s}");
    assert_kinds("\xef\xbb\xbf 1", "i");
}

static void integers_are_exact(void **state) {
    (void)state;
    const struct {
        const char *text;
        int64_t value;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"9007199254740993", INT64_C(9007199254740993)},
                 {"9223372036854775807", INT64_MAX},
                 {"-9223372036854775808", INT64_MIN}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        xt_json_value value = scalar(cases[i].text);
        assert_int_equal(value.kind, XT_JSON_INTEGER);
        assert_true(value.integer == cases[i].value);
    }
}

/* The values are those of the C compiler; but where that may round twice, through a wider
 * type, they are written as exact ones. */
static void other_numbers_are_the_nearest_double(void **state) {
    (void)state;
#define CASE(text)                                                                       \
    { #text, text }
    const struct {
        const char *text;
        double value;
    } cases[] = {CASE(9223372036854775808.0),
                 CASE(-9223372036854775809.0),
                 CASE(1.0),
                 CASE(-0.0),
                 CASE(0.1),
                 CASE(1767225600.123456),
                 CASE(1e22),
                 CASE(1e23),
                 CASE(123456789012345678.25),
                 {"9007199254740993.0", 9007199254740992},
                 {"9007199254740992.99999999999999999999999999", 9007199254740992},
                 {"9007199254740993.00000000000000000000000001", 9007199254740994},
                 CASE(2.2250738585072011e-308),
                 CASE(4.9406564584124654e-324),
                 CASE(1.7976931348623157e308),
                 CASE(0.000000000000000000000000000000000000000000001e45),
                 CASE(1E+2),
                 CASE(22412084025988347e18),
                 CASE(0e99999)};
#undef CASE
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        xt_json_value value = scalar(cases[i].text);
        assert_int_equal(value.kind, XT_JSON_FLOAT);
        assert_memory_equal(&value.number, &cases[i].value, sizeof value.number);
    }
    assert_int_equal(scalar("9223372036854775808").kind, XT_JSON_FLOAT);
    assert_int_equal(scalar("-9223372036854775809").kind, XT_JSON_FLOAT);
    assert_int_equal(scalar("100000000000000000000").kind, XT_JSON_FLOAT);
}

static void a_number_that_is_too_large_is_infinite_and_one_too_small_0(void **state) {
    (void)state;
    assert_true(isinf(scalar("1e999").number));
    assert_true(scalar("-1e999").number < 0);
    assert_true(isinf(scalar("1e99999999999999999999999").number));
    assert_true(scalar("1e-99999999999999999999999").number == 0);
    assert_true(scalar("0e99999999999999999999999").number == 0);
}

/* More digits than a double or the middle of two can have: the last one counts. */
static void all_digits_of_a_number_count(void **state) {
    (void)state;
    enum { ZEROS = 2000 };
    char text[ZEROS + 32] = "9007199254740993.";
    size_t length = strlen(text);
    memset(text + length, '0', ZEROS);
    strcpy(text + length + ZEROS, "e0");
    assert_true(scalar(text).number == 9007199254740992.0);
    strcpy(text + length + ZEROS, "1e0");
    assert_true(scalar(text).number == 9007199254740994.0);
    memset(text, '0', ZEROS);
    memcpy(text, "0.", 2);
    strcpy(text + ZEROS, "1e1999");
    assert_true(scalar(text).number == 1.0);
    memset(text, '0', ZEROS);
    text[0] = '1';
    strcpy(text + ZEROS, "e-1999");
    assert_true(scalar(text).number == 1.0);
}

/* Multiplies the number in `digits`, which don't begin with 0, by `factor`, up to 9. */
static void multiply(char digits[], unsigned factor) {
    size_t length = strlen(digits);
    unsigned carry = 0;
    for (size_t i = length; i-- > 0;) {
        carry += (unsigned)(digits[i] - '0') * factor;
        digits[i] = (char)('0' + carry % 10);
        carry /= 10;
    }
    if (carry > 0) {
        memmove(digits + 1, digits, length + 1);
        digits[0] = (char)('0' + carry);
    }
}

/* 3 * 2^-1075 is in the middle of the two smallest doubles above 0. It has 752 digits. */
static void the_middle_of_two_doubles_is_known_by_all_its_digits(void **state) {
    (void)state;
    char text[800] = "3";
    for (int i = 0; i < 1075; i++) {
        multiply(text, 5);
    }
    size_t length = strlen(text);
    assert_int_equal(length, 752);
    strcpy(text + length, "e-1075");
    assert_true(scalar(text).number == 0x1p-1073); /* the even one */
    text[length - 1]--;
    assert_true(scalar(text).number == 0x1p-1074);
}

static void escapes_are_read(void **state) {
    (void)state;
    assert_string("\"\"", "", 0);
    assert_string("\"plain, of more than 8 bytes\"", "plain, of more than 8 bytes", 27);
    assert_string("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
    assert_string("\"a\\u0000\\u001fb\"",
                  "a\0\x1f"
                  "b",
                  4);
    assert_string("\"\\u007f\\u0080\\u07FF\\u0800\\uffff\"",
                  "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11);
    assert_string("\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
                  8);
}

static void half_a_surrogate_pair_is_the_replacement_character(void **state) {
    (void)state;
    assert_string("\"\\ud800\"", "\xef\xbf\xbd", 3);
    assert_string("\"\\udfffx\"", "\xef\xbf\xbdx", 4);
    assert_string("\"\\ud800\\ud800\\udc00\"", "\xef\xbf\xbd\xf0\x90\x80\x80", 7);
    assert_string("\"\\ud800\\n\"", "\xef\xbf\xbd\n", 4);
    assert_string("\"\\ud800\\u0041\"",
                  "\xef\xbf\xbd"
                  "A",
                  4);
}

/* The boundaries of RFC 3629, alone and behind 7 bytes, so that all places in 8 are tried. */
static void strings_are_utf_8(void **state) {
    (void)state;
    static const char *const valid[] = {
        "\xc2\x80",     "\xdf\xbf",     "\xe0\xa0\x80",     "\xed\x9f\xbf",
        "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const invalid[] = {"\x80",
                                          "\xbf",
                                          "\xc0\x80",
                                          "\xc1\xbf",
                                          "\xc2",
                                          "\xc2\x7f",
                                          "\xe0\x9f\xbf",
                                          "\xed\xa0\x80",
                                          "\xe1\x80",
                                          "\xe1\x80\xc0",
                                          "\xf0\x8f\xbf\xbf",
                                          "\xf4\x90\x80\x80",
                                          "\xf1\x80\x80",
                                          "\xf5\x80\x80",
                                          "\xff"};
    char text[32];
    for (size_t before = 0; before < 9; before++) {
        for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
            snprintf(text, sizeof text, "\"%.*s%s\"", (int)before, "12345678", valid[i]);
            assert_int_equal(scalar(text).text.length, before + strlen(valid[i]));
        }
        for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++) {
            snprintf(text, sizeof text, "\"%.*s%s\"", (int)before, "12345678",
                     invalid[i]);
            assert_problem(text, "a byte that isn't UTF-8", before + 2);
        }
    }
}

static void problems_say_what_and_where(void **state) {
    (void)state;
    const struct {
        const char *text;
        const char *problem;
        size_t byte;
    } cases[] = {
        {"", "the text ends too early", 1},
        {" ", "the text ends too early", 2},
        {"[1,]", "a value expected", 4},
        {"[,1]", "a value expected", 2},
        {"[1 2]", "',' or ']' expected", 4},
        {"[1}", "',' or ']' expected", 3},
        {"[1", "the text ends too early", 3},
        {"{\"a\"}", "':' expected", 5},
        {"{\"a\":}", "a value expected", 6},
        {"{a:1}", "a key in quotes expected", 2},
        {"{1:1}", "a key in quotes expected", 2},
        {"{\"a\":1,}", "a key in quotes expected", 8},
        {"{\"a\":1 \"b\":2}", "',' or '}' expected", 8},
        {"{\"a\":1", "the text ends too early", 7},
        {"1 2", "the end expected", 3},
        {"{}}", "the end expected", 3},
        {"nul", "the text ends too early", 4},
        {"[nulL]", "a value expected", 2},
        {"True", "a value expected", 1},
        {"NaN", "a value expected", 1},
        {"'a'", "a value expected", 1},
        {"+1", "a value expected", 1},
        {".5", "a value expected", 1},
        {"-", "the text ends too early", 2},
        {"-x", "a digit expected", 2},
        {"01", "a digit after a leading zero", 2},
        {"-01.5", "a digit after a leading zero", 3},
        {"1.x", "a digit expected", 3},
        {"1.", "the text ends too early", 3},
        {"1ex", "a digit expected", 3},
        {"1e+", "the text ends too early", 4},
        {"0x1", "the end expected", 2},
        {"\"a", "the text ends too early", 3},
        {"\"a\tb\"", "a control character in a string, without an escape", 3},
        {"\"\\x\"", "an unknown escape", 3},
        {"\"\\", "the text ends too early", 3},
        {"\"\\u12g4\"", "four hexadecimal digits expected", 6},
        {"\"\\u12", "the text ends too early", 6},
        {"// 1", "a value expected", 1},
        {"1\xef\xbb\xbf", "the end expected", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_problem(cases[i].text, cases[i].problem, cases[i].byte);
    }
    assert_problem_in("1\0", 2, "the end expected", 1, 2);
    assert_problem_in("\"12345678\0\"", 11,
                      "a control character in a string, without an escape", 1, 10);
    assert_problem_in("\"\\\0\"", 4, "an unknown escape", 1, 3);
    assert_problem_in("[1,\r\n\n 2,\n  x]", 14, "a value expected", 4, 3);
}

static void nothing_is_read_after_a_problem(void **state) {
    (void)state;
    xt_json_value value;
    xt_json json = xt_json_open(xt_text_of("? [ ] { }"));
    assert_false(xt_json_read(&json, &value));
    json.at += 1;
    assert_false(xt_json_read(&json, &value));
    assert_false(xt_json_first_element(&json));
    assert_false(xt_json_next_element(&json));
    assert_false(xt_json_first_key(&json, &value));
    assert_false(xt_json_next_key(&json, &value));
    assert_false(xt_json_finish(&json));
    assert_string_equal(json.problem, "a value expected");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(integers_are_exact),
        cmocka_unit_test(other_numbers_are_the_nearest_double),
        cmocka_unit_test(a_number_that_is_too_large_is_infinite_and_one_too_small_0),
        cmocka_unit_test(all_digits_of_a_number_count),
        cmocka_unit_test(the_middle_of_two_doubles_is_known_by_all_its_digits),
        cmocka_unit_test(escapes_are_read),
        cmocka_unit_test(half_a_surrogate_pair_is_the_replacement_character),
        cmocka_unit_test(strings_are_utf_8),
        cmocka_unit_test(problems_say_what_and_where),
        cmocka_unit_test(nothing_is_read_after_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
