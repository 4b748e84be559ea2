#include "support_cmocka.h"
#include "support_tracker.h"

#include "place.h"

static void assert_place(const char *text, const char *file, uint32_t line) {
    char written[XT_PLACE_BYTES];
    const xt_place place = xt_place_of(xt_text_of(text));
    assert_true(is_text(place.file, file));
    assert_int_equal(place.line, line);
    assert_int_equal(place.file_id, 0);
    assert_true(is_text(text_of(written, xt_place_write(&place, written)), text));
}

static void a_number_is_split_from_its_file(void **state) {
    (void)state;
    assert_place("a.jsonl:12", "a.jsonl", 12);
    assert_place("a.jsonl:4294967295", "a.jsonl", UINT32_MAX);
    assert_place("chat.json: messages[17]", "chat.json: messages[", 17);
    assert_place("[1]", "[", 1);
    assert_place("a:1:2", "a:1", 2);
    assert_place("a[1]:2", "a[1]", 2);
    assert_place("a[1][2]", "a[1][", 2);
    assert_place("::7", ":", 7);
}

/* What would be written in another way isn't split. */
static void any_other_text_is_a_file(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        "a",
        ":",
        ":7",
        "7",
        "[]",
        "a:",
        "a:0",
        "a:01",
        "a:1x",
        "a:-1",
        "a: 1",
        "a:4294967296",
        "a:99999999999",
        "a[0]",
        "a[01]",
        "a[1",
        "a1]",
        "a[1] ",
        "a[4294967296]",
        "a[:7",
        "a[x1]",
        "]",
        "a.jsonl: x",
        "a[-1]",
        "a:1]",
        "a:18446744073709551617",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_place(texts[i], texts[i], 0);
    }
}

static void a_file_without_bytes_is_no_place(void **state) {
    (void)state;
    char written[XT_PLACE_BYTES];
    const xt_place place = {.line = 7};
    assert_int_equal(xt_place_write(&place, written), 0);
}

/* The longest file and number have room. */
static void the_longest_place_is_written(void **state) {
    (void)state;
    char file[XT_NAME_BYTES];
    char written[XT_PLACE_BYTES];
    memset(file, 'x', sizeof file);
    xt_place place = {.file = text_of(file, sizeof file), .line = UINT32_MAX};
    assert_int_equal(xt_place_write(&place, written), XT_PLACE_BYTES);
    assert_memory_equal(written + sizeof file, ":4294967295", 11);
    file[sizeof file - 1] = '[';
    assert_int_equal(xt_place_write(&place, written), XT_PLACE_BYTES);
    assert_memory_equal(written + sizeof file, "4294967295]", 11);
}

/* The file that is kept of `count` times `unit`, and `end`. */
static xt_text cut(const char *unit, size_t count, const char *end,
                   char kept[XT_NAME_BYTES]) {
    static char file[1000];
    file[0] = 0;
    for (size_t i = 0; i < count; i++) {
        strcat(file, unit);
    }
    return xt_place_cut(xt_text_of(strcat(file, end)), kept);
}

static void a_long_file_loses_its_beginning(void **state) {
    (void)state;
    char kept[XT_NAME_BYTES];
    assert_int_equal(cut("x", XT_NAME_BYTES, "", kept).length, XT_NAME_BYTES);
    assert_int_equal(cut("x", XT_NAME_BYTES, "", kept).bytes[0], 'x');
    xt_text text = cut("x", XT_NAME_BYTES, "end", kept);
    assert_int_equal(text.length, XT_NAME_BYTES);
    assert_memory_equal(text.bytes, "\xe2\x80\xa6x", 4);
    assert_memory_equal(text.bytes + text.length - 4, "xend", 4);
}

/* 252 bytes of the file have room; a character that isn't whole is left out. */
static void a_long_file_is_cut_between_characters(void **state) {
    (void)state;
    static const struct {
        const char *unit;
        const char *end;
        size_t length;
    } cases[] = {
        {"\xc3\xa4", "", 252},
        {"\xc3\xa4", "x", 251},
        {"\xe2\x82\xac", "", 252},
        {"\xe2\x82\xac", "x", 250},
        {"\xe2\x82\xac", "xy", 251},
        {"\xf0\x9f\x98\x80", "", 252},
        {"\xf0\x9f\x98\x80", "x", 249},
        {"\xf0\x9f\x98\x80", "xyz", 251},
        {"\x80", "", 249}, /* no UTF-8: not more than three bytes are left out */
    };
    char kept[XT_NAME_BYTES];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        xt_text text =
            cut(cases[i].unit, 400 / strlen(cases[i].unit), cases[i].end, kept);
        assert_int_equal(text.length, 3 + cases[i].length);
        assert_memory_equal(text.bytes + 3, cases[i].unit, strlen(cases[i].unit));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_split_from_its_file),
        cmocka_unit_test(any_other_text_is_a_file),
        cmocka_unit_test(a_file_without_bytes_is_no_place),
        cmocka_unit_test(the_longest_place_is_written),
        cmocka_unit_test(a_long_file_loses_its_beginning),
        cmocka_unit_test(a_long_file_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
