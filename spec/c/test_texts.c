#include "texts.h"

#include "support_cmocka.h"
#include "support_random.h"
#include "support_tracker.h"

enum { WIDTH = 16, SET = XT_TEXTS_PER_SET };

/* A table in blocks as large as its sections. */
typedef struct table {
    xt_texts_head head;
    xt_texts texts;
} table;

static void open_table(table *made, uint32_t slots, bool is_sorted) {
    *made = (table){.head = {.most = xt_texts_slots_for(slots),
                             .slots = slots,
                             .is_sorted = is_sorted}};
    made->texts = (xt_texts){&made->head, calloc(slots + 1, sizeof(xt_texts_entry)),
                             calloc(slots + 1, WIDTH), WIDTH};
    assert_true(made->texts.entries != NULL && made->texts.bytes != NULL);
}

static void close_table(table *made) {
    assert_null(xt_texts_check(&made->texts));
    free(made->texts.entries);
    free(made->texts.bytes);
}

static void put(table *into, uint32_t key, const char *text, uint64_t used_us) {
    xt_texts_put(&into->texts, key, xt_text_of(text), used_us, NULL);
    assert_null(xt_texts_check(&into->texts));
}

static bool use(table *of, uint32_t key, uint64_t used_us) {
    return xt_texts_use(&of->texts, key, used_us, NULL);
}

static bool has(const table *in, uint32_t key, const char *text) {
    return is_text(xt_texts_get(&in->texts, key), text);
}

static bool has_none(const table *in, uint32_t key) {
    return xt_texts_get(&in->texts, key).length == 0;
}

/* Fills a set with the texts "1" to "8" under the keys 1 to 8, used at 1 to 8. */
static void open_full_set(table *made) {
    open_table(made, SET, false);
    for (uint32_t key = 1; key <= SET; key++) {
        put(made, key, (char[]){(char)('0' + key), 0}, key);
    }
}

static void slots_are_whole_sets(void **state) {
    (void)state;
    assert_int_equal(xt_texts_slots_for(0), 0);
    assert_int_equal(xt_texts_slots_for(1), 8);
    assert_int_equal(xt_texts_slots_for(8), 8);
    assert_int_equal(xt_texts_slots_for(9), 16);
    assert_int_equal(xt_texts_slots_for(XT_MAX_TEXTS), XT_MAX_TEXTS);
}

static void text_used_longest_ago_makes_room(void **state) {
    (void)state;
    table texts;
    open_full_set(&texts);
    assert_int_equal(texts.head.count, SET);
    assert_true(use(&texts, 1, 9));
    put(&texts, 100, "new", 10);
    assert_true(has(&texts, 1, "1"));
    assert_true(has_none(&texts, 2));
    assert_true(has(&texts, 100, "new"));
    assert_false(use(&texts, 2, 11));
    put(&texts, 3, "3", 12);
    put(&texts, 101, "newer", 13);
    assert_true(has(&texts, 3, "3"));
    assert_true(has_none(&texts, 4));
    assert_int_equal(texts.head.count, SET);
    close_table(&texts);
}

static void of_those_used_together_the_first_by_bytes_makes_room(void **state) {
    (void)state;
    static const char *const names[SET] = {"d", "ca", "c", "b", "b", "e", "f", "g"};
    table texts;
    open_table(&texts, SET, false);
    for (uint32_t key = 1; key <= SET; key++) {
        put(&texts, key, names[key - 1], 5);
    }
    const uint32_t leaves[] = {4, 5, 3, 2};
    for (uint32_t i = 0; i < 4; i++) {
        assert_false(has_none(&texts, leaves[i]));
        put(&texts, 100 + i, "x", 6);
        assert_true(has_none(&texts, leaves[i]));
    }
    close_table(&texts);
}

static void text_used_later_is_not_replaced_by_an_earlier_one(void **state) {
    (void)state;
    table texts;
    open_full_set(&texts);
    put(&texts, 8, "same time", 8);
    assert_true(has(&texts, 8, "same time"));
    put(&texts, 8, "earlier", 7);
    assert_true(has(&texts, 8, "same time"));
    assert_true(use(&texts, 8, 0));
    put(&texts, 100, "new", 1);
    assert_true(has(&texts, 8, "same time"));
    assert_true(has_none(&texts, 1));
    close_table(&texts);
}

static void shorter_text_leaves_nothing_of_a_longer_one(void **state) {
    (void)state;
    table texts;
    open_table(&texts, SET, false);
    put(&texts, 1, "0123456789abcdef", 1);
    put(&texts, 1, "a", 2);
    put(&texts, 1, "ab", 3);
    assert_true(has(&texts, 1, "ab"));
    close_table(&texts);
}

static void longer_text_is_cut_to_the_width(void **state) {
    (void)state;
    table texts;
    open_table(&texts, SET, false);
    put(&texts, 1, "0123456789abcdefg", 1);
    assert_true(has(&texts, 1, "0123456789abcdef"));
    put(&texts, 1, "0123456789abcde\xc3\xa9", 2);
    assert_true(has(&texts, 1, "0123456789abcde"));
    close_table(&texts);
}

static void text_is_cut_between_characters(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        size_t length;
    } cases[] = {
        {"", 0, 0},
        {"abc", 3, 3},
        {"abc", 2, 2},
        {"a\xc3\xa9", 3, 3}, /* U+00E9 */
        {"a\xc3\xa9", 2, 1},
        {"a\xc3\xa9", 1, 1},
        {"a\xe2\x82\xac.", 4, 4}, /* U+20AC */
        {"a\xe2\x82\xac.", 3, 1},
        {"a\xe2\x82\xac.", 2, 1},
        {"a\xf0\x9f\x98\x80", 4, 1}, /* U+1F600 */
        {"a\xf0\x9f\x98\x80", 3, 1},
        {"a\xf0\x9f\x98\x80", 2, 1},
        {"\xf0\x9f\x98\x80", 3, 0},
        {"a\xf0\x80\x80\x80\x80", 5, 5}, /* no character is so long */
        {"abcd\x80\x80", 5, 5},
        {"\x80\x80", 1, 1},
        {"\xff\xff\xff", 2, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        xt_text cut = xt_text_cut(xt_text_of(cases[i].text), cases[i].most);
        assert_int_equal(cut.length, cases[i].length);
        assert_ptr_equal(cut.bytes, cases[i].text);
    }
}

static void text_may_be_that_which_makes_room(void **state) {
    (void)state;
    table texts;
    open_full_set(&texts);
    xt_texts_put(&texts.texts, 100, xt_texts_get(&texts.texts, 1), 9, NULL);
    assert_true(has(&texts, 100, "1"));
    assert_true(has_none(&texts, 1));
    close_table(&texts);
}

static void table_without_slots_keeps_nothing(void **state) {
    (void)state;
    table texts;
    open_table(&texts, 0, false);
    put(&texts, 1, "1", 1);
    assert_true(has_none(&texts, 1));
    assert_false(use(&texts, 1, 2));
    xt_texts_clear(&texts.texts, NULL);
    close_table(&texts);
}

static void latest_of_any_keys_is_kept(void **state) {
    (void)state;
    enum { SLOTS = 13 * SET };
    random_source random = random_seeded();
    table texts;
    open_table(&texts, SLOTS, false);
    for (uint64_t now = 0; now < 2000; now++) {
        uint32_t key = (uint32_t)random_bits(&random) | 1;
        put(&texts, key, "text", now);
        assert_true(has(&texts, key, "text"));
    }
    assert_int_equal(texts.head.count, SLOTS);
    close_table(&texts);
}

/* The keys of errors: a tool and an error type. */
static void keys_made_of_identifiers_are_spread_over_the_sets(void **state) {
    (void)state;
    enum { SLOTS = 256 };
    for (uint32_t types = 1; types <= SLOTS / 2; types *= 2) {
        table texts;
        open_table(&texts, SLOTS, false);
        for (uint32_t i = 0; i < SLOTS / 2; i++) {
            put(&texts, (i / types + 1) << 9 | (i % types + 1), "text", i);
        }
        assert_int_equal(texts.head.count, SLOTS / 2);
        close_table(&texts);
    }
}

static void copy_is_sorted_whatever_the_order_was(void **state) {
    (void)state;
    enum { TEXTS = 20 };
    random_source random = random_seeded();
    table from;
    table copy;
    open_table(&from, 64, false);
    for (uint32_t i = 0; i < TEXTS; i++) {
        uint32_t key = i * 7 % TEXTS + 1 + random_below(&random, 2) * 1000;
        put(&from, key, (char[]){(char)key, 'a', 0}, key);
    }
    open_table(&copy, TEXTS, true);
    memset(copy.texts.bytes, 'x', (size_t)TEXTS * WIDTH);
    xt_texts_append_all(&copy.texts, &from.texts);
    xt_texts_sort(&copy.texts);
    assert_null(xt_texts_check(&copy.texts));
    for (uint32_t i = 0; i < TEXTS; i++) {
        uint32_t key = copy.texts.entries[i].key;
        assert_int_equal(copy.texts.entries[i].last_us, key);
        assert_true(has(&copy, key, (char[]){(char)key, 'a', 0}));
        assert_true(has(&from, key, (char[]){(char)key, 'a', 0}));
    }
    assert_true(has_none(&copy, TEXTS + 1));
    close_table(&from);
    close_table(&copy);
}

static void assert_all_zero(const table *of) {
    for (size_t i = 0; i < of->head.slots * sizeof(xt_texts_entry); i++) {
        assert_int_equal(((const char *)of->texts.entries)[i], 0);
    }
    for (size_t i = 0; i < (size_t)of->head.slots * WIDTH; i++) {
        assert_int_equal(of->texts.bytes[i], 0);
    }
}

static void clear_leaves_zeros_even_of_what_was_cleared_in_part(void **state) {
    (void)state;
    table texts;
    open_full_set(&texts);
    texts.texts.entries[0] = (xt_texts_entry){0};
    texts.texts.bytes[WIDTH] = 0;
    texts.texts.entries[2].key = 0;
    xt_texts_clear(&texts.texts, NULL);
    assert_all_zero(&texts);
    assert_int_equal(texts.head.count, 0);
    put(&texts, 1, "1", 1);
    assert_true(has(&texts, 1, "1"));
    close_table(&texts);
}

#define assert_wrong(texts, part, value, problem)                                        \
    do {                                                                                 \
        const table before = (texts);                                                    \
        const xt_texts_entry entry = (texts).texts.entries[1];                           \
        (texts).part = (value);                                                          \
        assert_string_equal(xt_texts_check(&(texts).texts), problem);                    \
        (texts) = before;                                                                \
        (texts).texts.entries[1] = entry;                                                \
    } while (false)

static void check_says_what_is_wrong_with_a_table(void **state) {
    (void)state;
    table texts;
    open_full_set(&texts);
    assert_wrong(texts, head.most, XT_MAX_TEXTS + SET,
                 "the header of a table of texts is out of range");
    assert_wrong(texts, head.most, SET + 1,
                 "the header of a table of texts is out of range");
    assert_wrong(texts, head.is_sorted, 2,
                 "the header of a table of texts is out of range");
    assert_wrong(texts, head.most, 0, "a table of texts has too many slots or too few");
    assert_wrong(texts, head.most, 2 * SET,
                 "a table of texts has too many slots or too few");
    assert_wrong(texts, head.count, SET + 1,
                 "a table of texts has too many slots or too few");
    assert_wrong(texts, head.count, SET - 1, "a table of texts has a wrong count");
    assert_wrong(texts, texts.entries[1].key, 0, "a text is out of range");
    assert_wrong(texts, texts.entries[1].length, 0, "a text is out of range");
    assert_wrong(texts, texts.entries[1].length, WIDTH + 1, "a text is out of range");
    assert_wrong(texts, texts.entries[1].last_us, XT_MAX_COUNT + 1,
                 "a text is out of range");
    assert_wrong(texts, texts.entries[1].key, 1,
                 "a text is in the wrong place or is kept twice");
    texts.texts.bytes[2 * WIDTH - 1] = 'x';
    assert_string_equal(xt_texts_check(&texts.texts),
                        "unused bytes of a table of texts aren't 0");
    texts.texts.bytes[2 * WIDTH - 1] = 0;
    close_table(&texts);
}

static void check_finds_a_free_entry_that_is_not_zero(void **state) {
    (void)state;
    table texts;
    open_table(&texts, SET, false);
    texts.texts.entries[1].last_us = 1;
    assert_string_equal(xt_texts_check(&texts.texts), "a text is out of range");
    texts.texts.entries[1].last_us = 0;
    texts.texts.bytes[WIDTH] = 1;
    assert_string_equal(xt_texts_check(&texts.texts),
                        "unused bytes of a table of texts aren't 0");
    texts.texts.bytes[WIDTH] = 0;
    close_table(&texts);
}

static void check_finds_a_text_in_another_set(void **state) {
    (void)state;
    table texts;
    open_table(&texts, 2 * SET, false);
    put(&texts, 1, "1", 1);
    uint32_t place = texts.texts.entries[0].key == 1 ? 0 : SET;
    for (uint32_t key = 2; xt_texts_check(&texts.texts) == NULL; key++) {
        texts.texts.entries[place].key = key;
    }
    assert_string_equal(xt_texts_check(&texts.texts),
                        "a text is in the wrong place or is kept twice");
    texts.texts.entries[place].key = 1;
    close_table(&texts);
}

static void check_finds_a_sorted_table_out_of_order(void **state) {
    (void)state;
    table texts;
    open_table(&texts, 2, true);
    xt_texts_append(&texts.texts, 1, xt_text_of("1"), 1);
    xt_texts_append(&texts.texts, 2, xt_text_of("2"), 1);
    assert_wrong(texts, texts.entries[1].key, 1,
                 "a text is in the wrong place or is kept twice");
    assert_wrong(texts, head.count, 1, "a table of texts has too many slots or too few");
    close_table(&texts);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_whole_sets),
        cmocka_unit_test(text_used_longest_ago_makes_room),
        cmocka_unit_test(of_those_used_together_the_first_by_bytes_makes_room),
        cmocka_unit_test(text_used_later_is_not_replaced_by_an_earlier_one),
        cmocka_unit_test(shorter_text_leaves_nothing_of_a_longer_one),
        cmocka_unit_test(longer_text_is_cut_to_the_width),
        cmocka_unit_test(text_is_cut_between_characters),
        cmocka_unit_test(text_may_be_that_which_makes_room),
        cmocka_unit_test(table_without_slots_keeps_nothing),
        cmocka_unit_test(latest_of_any_keys_is_kept),
        cmocka_unit_test(keys_made_of_identifiers_are_spread_over_the_sets),
        cmocka_unit_test(copy_is_sorted_whatever_the_order_was),
        cmocka_unit_test(clear_leaves_zeros_even_of_what_was_cleared_in_part),
        cmocka_unit_test(check_says_what_is_wrong_with_a_table),
        cmocka_unit_test(check_finds_a_free_entry_that_is_not_zero),
        cmocka_unit_test(check_finds_a_text_in_another_set),
        cmocka_unit_test(check_finds_a_sorted_table_out_of_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
