#include "text_union.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static xt_kept_text text_at(uint32_t hash, const char *text, uint64_t last_us) {
    return (xt_kept_text){.hash = hash, .text = xt_text_of(text), .last_us = last_us};
}

/* Whether the union has this text. */
static bool has(const xt_text_union *texts, uint32_t hash, const char *text) {
    for (size_t i = 0; i < texts->count; i++) {
        if (texts->texts[i].hash == hash && is_text(texts->texts[i].text, text)) {
            return true;
        }
    }
    return false;
}

static void union_has_each_key_once_with_the_text_used_last(void **state) {
    (void)state;
    xt_kept_text texts[] = {text_at(2, "x", 1), text_at(1, "old", 1),
                            text_at(1, "new", 2), text_at(2, "y", 1), text_at(2, "w", 1)};
    xt_text_union all = {texts, 5};
    xt_text_union_build(&all, 5);
    assert_int_equal(all.count, 2);
    assert_true(has(&all, 1, "new"));
    assert_true(has(&all, 2, "y"));
}

static void errors_are_told_apart_by_tool_and_error_type(void **state) {
    (void)state;
    xt_kept_text texts[] = {
        {.tool_id = 1, .error_type_id = 2}, {.tool_id = 2, .error_type_id = 1},
        {.tool_id = 1, .error_type_id = 0}, {.tool_id = 1, .error_type_id = 2},
        {.tool_id = 1, .error_type_id = 1},
    };
    xt_text_union all = {texts, 5};
    xt_text_union_build(&all, 5);
    assert_int_equal(all.count, 4);
}

static void those_used_last_are_kept(void **state) {
    (void)state;
    xt_kept_text texts[] = {text_at(1, "a", 3), text_at(2, "c", 3), text_at(3, "b", 3),
                            text_at(4, "b", 3), text_at(5, "z", 2), text_at(5, "z", 1),
                            text_at(6, "a", 4)};
    xt_text_union all = {texts, 7};
    xt_text_union_build(&all, 3);
    assert_int_equal(all.count, 3);
    assert_true(has(&all, 6, "a"));
    assert_true(has(&all, 2, "c"));
    assert_true(has(&all, 4, "b"));
}

static void union_of_nothing_is_empty(void **state) {
    (void)state;
    xt_text_union none = {NULL, 0};
    xt_text_union_build(&none, 0);
    assert_int_equal(none.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(union_has_each_key_once_with_the_text_used_last),
        cmocka_unit_test(errors_are_told_apart_by_tool_and_error_type),
        cmocka_unit_test(those_used_last_are_kept),
        cmocka_unit_test(union_of_nothing_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
