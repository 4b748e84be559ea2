#include "names.h"

#include "support_cmocka.h"
#include "support_tracker.h"

/* A table of names in blocks as large as its sections, with its index. */
typedef struct table {
    xt_names_head head;
    xt_names names;
    xt_name_index index;
    uint32_t *index_slots;
    uint64_t overflowed;
} table;

static uint32_t *make_index_slots(const table *of) {
    uint32_t *slots = calloc(xt_name_index_slots(of->head.slots), sizeof *slots);
    assert_non_null(slots);
    return slots;
}

static void open_table(table *made, uint32_t count) {
    *made = (table){.head = {.slots = xt_names_slots_for(count),
                             .byte_slots = xt_names_bytes_for(count)}};
    made->names = (xt_names){&made->head, calloc(made->head.slots, sizeof(xt_name)),
                             calloc((made->head.byte_slots + 7) / 8, 8)};
    assert_true(made->names.names != NULL && made->names.bytes != NULL);
    made->index_slots = make_index_slots(made);
    xt_name_index_build(&made->index, &made->names, made->index_slots, 1);
}

static void assert_sound_table(const table *made) {
    xt_named *sorted = calloc(made->head.slots, sizeof *sorted);
    assert_non_null(sorted);
    assert_null(xt_names_check(&made->names, sorted));
    free(sorted);
}

static void close_table(table *made) {
    assert_sound_table(made);
    free(made->names.names);
    free(made->names.bytes);
    free(made->index_slots);
}

static uint32_t intern(table *into, xt_text text) {
    uint32_t id =
        xt_name_index_intern(&into->index, &into->names, text, &into->overflowed, NULL);
    assert_sound_table(into);
    return id;
}

static uint32_t find(const table *in, xt_text text) {
    return xt_name_index_find(&in->index, &in->names, text);
}

static void room_for_names_includes_other(void **state) {
    (void)state;
    assert_int_equal(xt_names_slots_for(3), 4);
    assert_int_equal(xt_names_bytes_for(3), 3 * 64 + 7);
    assert_int_equal(xt_names_slots_for(65535), 65536);
}

static void index_has_room_for_more_than_all_names(void **state) {
    (void)state;
    for (size_t name_slots = 2; name_slots <= 65536; name_slots *= 2) {
        assert_true(xt_name_index_slots(name_slots) > name_slots);
        assert_true(xt_name_index_slots(name_slots + 1) > name_slots + 1);
    }
}

static void search_in_a_full_table_ends(void **state) {
    (void)state;
    for (uint32_t count = 1; count <= 20; count++) {
        table names;
        open_table(&names, count);
        for (char name = 'a'; name < 'z'; name++) {
            intern(&names, text_of(&name, 1));
        }
        assert_int_equal(names.head.count, count + 1);
        for (char name = 0; name < 127; name++) {
            uint32_t place = (uint32_t)(name - 'a');
            uint32_t id = name >= 'a' && place < count ? place + 1 : 0;
            assert_int_equal(find(&names, text_of(&name, 1)), id);
        }
        close_table(&names);
    }
}

static void names_are_numbered_as_they_come(void **state) {
    (void)state;
    table names;
    open_table(&names, 5);
    assert_int_equal(intern(&names, xt_text_of("read")), 1);
    assert_int_equal(intern(&names, xt_text_of("write")), 2);
    assert_int_equal(intern(&names, xt_text_of("read")), 1);
    assert_int_equal(find(&names, xt_text_of("write")), 2);
    assert_int_equal(find(&names, xt_text_of("grep")), 0);
    assert_true(is_text(xt_names_get(&names.names, 2), "write"));
    assert_null(xt_names_get(&names.names, 0).bytes);
    assert_null(xt_names_get(&names.names, 3).bytes);
    close_table(&names);
}

static void names_of_any_bytes_are_told_apart(void **state) {
    (void)state;
    /* Lengths around the 8 bytes that are compared at once. */
    static const char bytes[] =
        "\0\0\xff"
        "abcdefghijklmnopqrst";
    table names;
    open_table(&names, 100);
    for (uint32_t length = 0; length <= 23; length++) {
        assert_int_equal(intern(&names, text_of(bytes, length)), length + 1);
    }
    for (uint32_t length = 0; length <= 23; length++) {
        assert_int_equal(find(&names, text_of(bytes, length)), length + 1);
        assert_int_equal(xt_names_get(&names.names, length + 1).length, length);
    }
    assert_int_equal(find(&names, text_of(NULL, 0)), 1);
    close_table(&names);
}

static void names_that_differ_in_one_byte_are_told_apart(void **state) {
    (void)state;
    for (size_t length = 1; length <= 40; length++) {
        table names;
        char name[40] = {0};
        open_table(&names, 64);
        assert_int_equal(intern(&names, text_of(name, length)), 1);
        for (uint32_t place = 0; place < length; place++) {
            /* The same address every time, for which the previous name is cached. */
            name[place] = 1;
            assert_int_equal(intern(&names, text_of(name, length)), place + 2);
            name[place] = 0;
            assert_int_equal(intern(&names, text_of(name, length)), 1);
        }
        close_table(&names);
    }
}

static void name_at_an_address_that_held_another_is_itself(void **state) {
    (void)state;
    table names;
    open_table(&names, 5);
    char name[] = "read";
    assert_int_equal(intern(&names, text_of(name, 4)), 1);
    assert_int_equal(intern(&names, text_of(name, 3)), 2);
    memcpy(name, "grep", 4);
    assert_int_equal(intern(&names, text_of(name, 4)), 3);
    memcpy(name, "read", 4);
    assert_int_equal(intern(&names, text_of(name, 4)), 1);
    close_table(&names);
}

static void only_the_first_255_bytes_of_a_name_count(void **state) {
    (void)state;
    table names;
    char name[300];
    open_table(&names, 20);
    memset(name, 'x', sizeof name);
    assert_int_equal(intern(&names, text_of(name, 254)), 1);
    assert_int_equal(intern(&names, text_of(name, 255)), 2);
    assert_int_equal(intern(&names, text_of(name, 256)), 2);
    name[255] = 'y';
    assert_int_equal(intern(&names, text_of(name, 300)), 2);
    assert_int_equal(find(&names, text_of(name, 300)), 2);
    name[254] = 'y';
    assert_int_equal(find(&names, text_of(name, 300)), 0);
    assert_int_equal(xt_names_get(&names.names, 2).length, 255);
    close_table(&names);
}

static void names_beyond_the_slots_are_other(void **state) {
    (void)state;
    table names;
    open_table(&names, 2);
    assert_int_equal(intern(&names, xt_text_of("a")), 1);
    assert_int_equal(intern(&names, xt_text_of("b")), 2);
    assert_int_equal(names.overflowed, 0);
    assert_int_equal(intern(&names, xt_text_of("c")), 3);
    assert_int_equal(intern(&names, xt_text_of("d")), 3);
    assert_int_equal(intern(&names, xt_text_of("c")), 3);
    assert_int_equal(names.overflowed, 3);
    assert_int_equal(intern(&names, xt_text_of("a")), 1);
    assert_int_equal(names.overflowed, 3);
    assert_true(is_text(xt_names_get(&names.names, 3), "(other)"));
    close_table(&names);
}

static void names_beyond_the_bytes_are_other(void **state) {
    (void)state;
    table names;
    char name[XT_NAME_BYTES] = {0};
    open_table(&names, 4);
    assert_int_equal(intern(&names, text_of(name, 255)), 1);
    assert_int_equal(intern(&names, text_of(name, 2)), 2);
    assert_int_equal(names.overflowed, 1);
    assert_true(is_text(xt_names_get(&names.names, 2), "(other)"));
    close_table(&names);
}

static void names_may_fill_every_byte(void **state) {
    (void)state;
    table names;
    char name[XT_NAME_BYTES] = {0};
    open_table(&names, 4);
    assert_int_equal(intern(&names, text_of(name, 255)), 1);
    assert_int_equal(intern(&names, text_of(name, 1)), 2);
    assert_int_equal(intern(&names, text_of(name, 0)), 3);
    assert_int_equal(names.overflowed, 0);
    assert_int_equal(intern(&names, text_of(name, 2)), 4);
    assert_int_equal(names.head.byte_count, names.head.byte_slots);
    close_table(&names);
}

static void tool_that_is_called_other_is_an_ordinary_one(void **state) {
    (void)state;
    table names;
    open_table(&names, 2);
    assert_int_equal(intern(&names, xt_text_of("(other)")), 1);
    assert_int_equal(intern(&names, xt_text_of("a")), 2);
    assert_int_equal(intern(&names, xt_text_of("b")), 3);
    assert_int_equal(names.overflowed, 0);
    assert_int_equal(intern(&names, xt_text_of("c")), 1);
    assert_int_equal(names.overflowed, 1);
    assert_int_equal(names.head.count, 3);
    close_table(&names);
}

static void other_takes_no_room_from_names_that_still_fit(void **state) {
    (void)state;
    table names;
    char longest[XT_NAME_BYTES] = {0};
    open_table(&names, 2);
    assert_int_equal(intern(&names, text_of(longest, sizeof longest)), 1); /* (other) */
    assert_int_equal(intern(&names, xt_text_of("a")), 2);
    assert_int_equal(intern(&names, xt_text_of("b")), 3);
    assert_int_equal(intern(&names, xt_text_of("c")), 1);
    assert_int_equal(names.overflowed, 2);
    close_table(&names);
}

static void index_that_is_built_anew_finds_every_name(void **state) {
    (void)state;
    enum { NAMES = 600 };
    table names;
    open_table(&names, NAMES);
    char name[2];
    for (uint32_t id = 1; id <= NAMES; id++) {
        memcpy(name, (char[]){(char)(id / 26), (char)(id % 26)}, 2);
        assert_int_equal(xt_name_index_intern(&names.index, &names.names,
                                              text_of(name, 2), NULL, NULL),
                         id);
    }
    xt_name_index rebuilt = {0};
    uint32_t *slots = make_index_slots(&names);
    xt_name_index_build(&rebuilt, &names.names, slots, 2);
    /* It has another seed, so names have other slots. */
    assert_int_equal(rebuilt.mask, names.index.mask);
    assert_memory_not_equal(rebuilt.by_bytes, names.index.by_bytes,
                            (rebuilt.mask + 1) * sizeof slots[0]);
    for (uint32_t id = 1; id <= NAMES; id++) {
        memcpy(name, (char[]){(char)(id / 26), (char)(id % 26)}, 2);
        assert_int_equal(xt_name_index_find(&rebuilt, &names.names, text_of(name, 2)),
                         id);
    }
    free(slots);
    close_table(&names);
}

static void texts_compare_as_their_bytes_do(void **state) {
    (void)state;
    /* In ascending order. */
    const xt_text texts[] = {
        text_of(NULL, 0),     text_of("\0", 1),     text_of("\0\0", 2),
        text_of("\0a", 2),    text_of("Read", 4),   text_of("read", 4),
        text_of("read\0", 5), text_of("reader", 6), text_of("real", 4),
        text_of("\x7f", 1),   text_of("\x80", 1),   text_of("\xff", 1),
    };
    const size_t count = sizeof texts / sizeof texts[0];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            int order = xt_text_compare(texts[i], texts[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
    assert_int_equal(xt_text_compare(text_of(NULL, 0), text_of("", 0)), 0);
}

static void names_are_sorted_by_their_bytes_with_their_identifiers(void **state) {
    (void)state;
    const char *const names[] = {"write", "", "read", "grep", "reader", "Read"};
    const uint32_t sorted_ids[] = {2, 6, 4, 3, 5, 1};
    table from;
    xt_named sorted[6];
    open_table(&from, 6);
    xt_names_sort(&from.names, sorted);
    for (size_t i = 0; i < 6; i++) {
        intern(&from, xt_text_of(names[i]));
    }
    xt_names_sort(&from.names, sorted);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(sorted[i].id, sorted_ids[i]);
        assert_true(is_text(sorted[i].text, names[sorted_ids[i] - 1]));
    }
    close_table(&from);
}

static void check_says_what_is_wrong_with_a_table(void **state) {
    (void)state;
    table names;
    xt_named sorted[4];
    open_table(&names, 3);
    intern(&names, xt_text_of("read"));
    intern(&names, xt_text_of("real"));
    names.head.count = 5;
    assert_string_equal(xt_names_check(&names.names, sorted),
                        "the counts of a table of names are out of range");
    names.head.count = 2;
    names.names.names[1].offset--;
    assert_string_equal(xt_names_check(&names.names, sorted),
                        "a name is outside its table");
    names.names.names[1].offset++;
    names.head.byte_count++;
    assert_string_equal(xt_names_check(&names.names, sorted),
                        "a table of names counts too many bytes");
    names.head.byte_count--;
    names.names.bytes[7] = 'd';
    assert_string_equal(xt_names_check(&names.names, sorted),
                        "a table of names has the same name twice");
    names.names.bytes[7] = 'l';
    close_table(&names);
}

/* Bytes for later names, and padding at the end of the section. */
static void check_finds_a_byte_of_no_name(void **state) {
    (void)state;
    table names;
    xt_named sorted[4];
    open_table(&names, 3);
    intern(&names, xt_text_of("read"));
    assert_int_equal(names.head.byte_slots, 199);
    for (size_t place = 4; place < 200; place++) {
        names.names.bytes[place] = 1;
        assert_string_equal(xt_names_check(&names.names, sorted),
                            "unused bytes of a table of names aren't 0");
        names.names.bytes[place] = 0;
    }
    close_table(&names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_for_names_includes_other),
        cmocka_unit_test(index_has_room_for_more_than_all_names),
        cmocka_unit_test(search_in_a_full_table_ends),
        cmocka_unit_test(names_are_numbered_as_they_come),
        cmocka_unit_test(names_of_any_bytes_are_told_apart),
        cmocka_unit_test(names_that_differ_in_one_byte_are_told_apart),
        cmocka_unit_test(name_at_an_address_that_held_another_is_itself),
        cmocka_unit_test(only_the_first_255_bytes_of_a_name_count),
        cmocka_unit_test(names_beyond_the_slots_are_other),
        cmocka_unit_test(names_beyond_the_bytes_are_other),
        cmocka_unit_test(names_may_fill_every_byte),
        cmocka_unit_test(tool_that_is_called_other_is_an_ordinary_one),
        cmocka_unit_test(other_takes_no_room_from_names_that_still_fit),
        cmocka_unit_test(index_that_is_built_anew_finds_every_name),
        cmocka_unit_test(texts_compare_as_their_bytes_do),
        cmocka_unit_test(names_are_sorted_by_their_bytes_with_their_identifiers),
        cmocka_unit_test(check_says_what_is_wrong_with_a_table),
        cmocka_unit_test(check_finds_a_byte_of_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
