#include "name_union.h"

#include "support_cmocka.h"
#include "support_random.h"
#include "support_snapshot.h"
#include "support_tracker.h"

enum { ROUNDS = 2000, NAMES = 40, BYTES = 8000, SOURCES = 160 };

/* A table of names, with its memory. */
typedef struct name_table {
    xt_names_head head;
    xt_name names[NAMES];
    char bytes[BYTES];
} name_table;

/* A union, with its working memory and the memory of its table. */
typedef struct united {
    xt_name_union names;
    uint32_t ids[SOURCES];
    xt_name_source sources[SOURCES];
    xt_name stored_names[SOURCES];
    char stored_bytes[SOURCES * XT_NAME_BYTES];
    xt_names_head head;
    xt_names stored;
} united;

static random_source source;

static xt_names names_of(name_table *table) {
    return (xt_names){&table->head, table->names, table->bytes};
}

static void add_name(name_table *table, xt_text text) {
    xt_names_head *head = &table->head;
    assert_true(head->count < NAMES && head->byte_count + text.length <= BYTES);
    table->names[head->count++] = (xt_name){head->byte_count, (uint32_t)text.length};
    if (text.length > 0) {
        memcpy(table->bytes + head->byte_count, text.bytes, text.length);
    }
    head->byte_count += (uint32_t)text.length;
}

/* A table of the names in `strings`, which ends with a null pointer. */
static name_table table_of(const char *const strings[]) {
    name_table result = {0};
    for (size_t i = 0; strings[i] != NULL; i++) {
        add_name(&result, xt_text_of(strings[i]));
    }
    return result;
}

#define TABLE(...) table_of((const char *const[]){__VA_ARGS__, NULL})

static void start_union(united *all) {
    memset(all, 0xa5, sizeof *all);
    all->names = (xt_name_union){.ids = all->ids, .sources = all->sources};
}

static void add_table(united *all, name_table *table) {
    const xt_names names = names_of(table);
    xt_name_union_add(&all->names, &names);
}

/* Builds the union and makes a table of it, which must be valid and full. */
static void build(united *all, uint32_t least, uint32_t most) {
    xt_named sorted[SOURCES];
    xt_name_union_build(&all->names, least, most);
    uint32_t count = all->names.count;
    uint32_t byte_count = all->names.byte_count;
    all->head = (xt_names_head){.slots = count, .byte_slots = byte_count};
    all->stored = (xt_names){&all->head, all->stored_names, all->stored_bytes};
    memset(all->stored_bytes + byte_count, 0, 8);
    for (uint32_t id = 1; id <= count; id++) {
        xt_names_append(&all->stored, xt_name_union_get(&all->names, id), NULL);
    }
    assert_int_equal(all->head.byte_count, byte_count);
    assert_null(xt_names_check(&all->stored, sorted));
}

/* Asserts that the names of the union are `names`, in their order. */
static void assert_names(const united *all, size_t count, const xt_text names[]) {
    assert_int_equal(all->names.count, count);
    for (uint32_t id = 1; id <= count; id++) {
        assert_true(same_text(xt_names_get(&all->stored, id), names[id - 1]));
    }
}

#define ASSERT_NAMES(all, ...)                                                           \
    do {                                                                                 \
        const char *const strings[] = {__VA_ARGS__};                                     \
        xt_text texts[sizeof strings / sizeof strings[0]];                               \
        for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {                \
            texts[i] = xt_text_of(strings[i]);                                           \
        }                                                                                \
        assert_names(all, sizeof strings / sizeof strings[0], texts);                    \
    } while (0)

#define ASSERT_IDS(all, ...)                                                             \
    do {                                                                                 \
        const uint32_t expected[] = {__VA_ARGS__};                                       \
        assert_int_equal((all)->names.source_count * sizeof(uint32_t), sizeof expected); \
        assert_memory_equal((all)->ids, expected, sizeof expected);                      \
    } while (0)

static void union_of_no_table_is_empty(void **state) {
    (void)state;
    united all;
    start_union(&all);
    all.names.ids = NULL;
    all.names.sources = NULL;
    build(&all, 5, 9);
    assert_int_equal(all.names.count, 0);
    assert_int_equal(all.names.byte_count, 0);
    assert_int_equal(all.names.capacity, 5);
    assert_int_equal(all.names.other, 0);
}

static void union_of_empty_tables_is_empty(void **state) {
    (void)state;
    united all;
    name_table empty = {0};
    start_union(&all);
    add_table(&all, &empty);
    add_table(&all, &empty);
    build(&all, 1, 1);
    assert_int_equal(all.names.source_count, 0);
    assert_int_equal(all.names.count, 0);
}

static void names_are_in_the_order_of_their_bytes(void **state) {
    (void)state;
    united all;
    name_table names = TABLE("b", "\xff", "ab", "\x80", "a", "\x7f", "B");
    start_union(&all);
    add_table(&all, &names);
    build(&all, 9, 9);
    ASSERT_NAMES(&all, "B", "a", "ab", "b", "\x7f", "\x80", "\xff");
    ASSERT_IDS(&all, 4, 7, 3, 6, 2, 5, 1);
    assert_int_equal(all.names.other, 0);
}

static void names_may_be_empty_and_hold_zeros(void **state) {
    (void)state;
    united all;
    name_table names = {0};
    const xt_text sorted[] = {text_of("", 0), text_of("a", 1), text_of("a\0", 2),
                              text_of("a\0b", 3), text_of("ab", 2)};
    start_union(&all);
    add_name(&names, sorted[3]);
    add_name(&names, sorted[0]);
    add_name(&names, sorted[4]);
    add_name(&names, sorted[2]);
    add_name(&names, sorted[1]);
    add_table(&all, &names);
    build(&all, 9, 9);
    assert_names(&all, 5, sorted);
    ASSERT_IDS(&all, 4, 1, 5, 3, 2);
}

static void empty_name_alone_is_a_name(void **state) {
    (void)state;
    united all;
    name_table names = TABLE("");
    start_union(&all);
    add_table(&all, &names);
    build(&all, 1, 1);
    ASSERT_NAMES(&all, "");
    ASSERT_IDS(&all, 1);
    assert_int_equal(all.names.byte_count, 0);
}

static void name_of_several_tables_is_one(void **state) {
    (void)state;
    united all;
    name_table a = TABLE("read", "edit");
    name_table b = TABLE("edit", "search", "read");
    name_table c = TABLE("read");
    start_union(&all);
    add_table(&all, &a);
    add_table(&all, &b);
    add_table(&all, &c);
    build(&all, 9, 9);
    ASSERT_NAMES(&all, "edit", "read", "search");
    ASSERT_IDS(&all, 2, 1, 1, 3, 2, 2);
}

static void other_is_last_whatever_comes_before_it(void **state) {
    (void)state;
    united all;
    name_table a = TABLE("(other)", "read");
    name_table b = TABLE("zip", "(other)", "(other)!", "");
    start_union(&all);
    add_table(&all, &a);
    add_table(&all, &b);
    build(&all, 9, 9);
    ASSERT_NAMES(&all, "", "(other)!", "read", "zip", "(other)");
    ASSERT_IDS(&all, 5, 3, 4, 5, 2, 1);
    assert_int_equal(all.names.other, 5);
}

static void other_takes_no_room_from_the_rest(void **state) {
    (void)state;
    united all;
    name_table names = TABLE("b", "(other)", "a");
    start_union(&all);
    add_table(&all, &names);
    build(&all, 1, 9);
    ASSERT_NAMES(&all, "a", "b", "(other)");
    assert_int_equal(all.names.capacity, 2);
}

static void other_alone_is_the_only_name(void **state) {
    (void)state;
    united all;
    name_table names = TABLE("(other)");
    start_union(&all);
    add_table(&all, &names);
    add_table(&all, &names);
    build(&all, 1, 1);
    ASSERT_NAMES(&all, "(other)");
    ASSERT_IDS(&all, 1, 1);
    assert_int_equal(all.names.capacity, 1);
}

static void room_is_as_much_as_is_needed_within_the_limits(void **state) {
    (void)state;
    const uint32_t limits[][3] = {{1, 9, 3}, {3, 9, 3}, {4, 9, 4}, {1, 3, 3}, {1, 2, 2}};
    for (size_t i = 0; i < 5; i++) {
        united all;
        name_table names = TABLE("a", "b", "c");
        start_union(&all);
        add_table(&all, &names);
        build(&all, limits[i][0], limits[i][1]);
        assert_int_equal(all.names.capacity, limits[i][2]);
        assert_int_equal(all.names.other != 0, limits[i][2] == 2);
    }
}

static void names_beyond_the_room_are_other(void **state) {
    (void)state;
    united all;
    name_table a = TABLE("d", "b", "e");
    name_table b = TABLE("c", "a", "d");
    start_union(&all);
    add_table(&all, &a);
    add_table(&all, &b);
    build(&all, 1, 3);
    ASSERT_NAMES(&all, "a", "b", "c", "(other)");
    ASSERT_IDS(&all, 4, 2, 4, 3, 1, 4);
    assert_int_equal(all.names.byte_count, 3 + 7);
}

/* A text of `length` times `letter`. */
static xt_text letters(char letter, size_t length) {
    static char bytes[26][XT_NAME_BYTES];
    char *own = bytes[letter - 'a'];
    memset(own, letter, length);
    return text_of(own, length);
}

static void long_names_need_more_room(void **state) {
    (void)state;
    const size_t lengths[] = {63, 64, 65, 128, 129};
    const uint32_t capacities[] = {2, 2, 3, 3, 4};
    for (size_t i = 0; i < 5; i++) {
        united all;
        name_table names = {0};
        start_union(&all);
        add_name(&names, letters('a', 64));
        add_name(&names, letters('b', lengths[i]));
        add_table(&all, &names);
        add_table(&all, &names); /* it isn't needed any more */
        build(&all, 1, 9);
        assert_int_equal(all.names.capacity, capacities[i]);
        assert_int_equal(all.names.other, 0);
    }
}

static void short_names_fit_where_longer_ones_are_other(void **state) {
    (void)state;
    united all;
    name_table names = {0};
    const xt_text kept[] = {letters('a', 120), letters('c', 72), xt_text_of("(other)")};
    start_union(&all);
    add_name(&names, letters('b', 73));
    add_name(&names, kept[1]);
    add_name(&names, kept[0]);
    add_name(&names, letters('d', 1));
    add_table(&all, &names);
    build(&all, 1, 3); /* 192 bytes */
    assert_names(&all, 3, kept);
    ASSERT_IDS(&all, 3, 2, 1, 3);
    assert_int_equal(all.names.byte_count, 192 + 7);
}

/* Of few letters, so that many names are equal or parts of others; or long. */
static xt_text random_name(char bytes[XT_NAME_BYTES]) {
    size_t length = random_below(&source, random_once_in(&source, 3) ? 200 : 3);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = "\0a\xff"[random_below(&source, i < 2 ? 3 : 1)];
    }
    return random_once_in(&source, 8) ? xt_text_of(XT_OTHER) : text_of(bytes, length);
}

static bool has_name(name_table *table, xt_text name) {
    const xt_names names = names_of(table);
    for (uint32_t id = 1; id <= table->head.count; id++) {
        if (same_text(xt_names_get(&names, id), name)) {
            return true;
        }
    }
    return false;
}

static name_table random_table(void) {
    name_table result = {0};
    for (uint32_t left = random_below(&source, NAMES / 2); left > 0; left--) {
        char bytes[XT_NAME_BYTES];
        xt_text name = random_name(bytes);
        if (!has_name(&result, name)) {
            add_name(&result, name);
        }
    }
    return result;
}

/* The least name of `tables` that is above `previous`, or any if that is null. */
static xt_text next_name(size_t count, name_table tables[], const xt_text *previous) {
    xt_text least = {NULL, 0};
    for (size_t i = 0; i < count; i++) {
        const xt_names names = names_of(&tables[i]);
        for (uint32_t id = 1; id <= tables[i].head.count; id++) {
            xt_text name = xt_names_get(&names, id);
            if (!is_text(name, XT_OTHER) &&
                (previous == NULL || xt_text_compare(name, *previous) > 0) &&
                (least.bytes == NULL || xt_text_compare(name, least) < 0)) {
                least = name;
            }
        }
    }
    return least;
}

/* Asserts that the names are those of `tables` that fit. */
static void assert_union(const united *all, size_t count, name_table tables[]) {
    uint32_t id = 0;
    size_t bytes = 0;
    xt_text name = next_name(count, tables, NULL);
    while (name.bytes != NULL) {
        if (id < all->names.capacity &&
            bytes + name.length <= (size_t)all->names.capacity * 64) {
            assert_true(same_text(xt_names_get(&all->stored, ++id), name));
            bytes += name.length;
        }
        name = next_name(count, tables, &name);
    }
    assert_int_equal(all->names.count, id + (all->names.other != 0));
}

/* Asserts that `id` is that of `name` in the union, or of (other) if it isn't there. */
static void assert_id(const united *all, uint32_t id, xt_text name) {
    if (same_text(xt_names_get(&all->stored, id), name)) {
        return;
    }
    assert_true(is_text(xt_names_get(&all->stored, id), XT_OTHER));
    for (uint32_t i = 1; i <= all->names.count; i++) {
        assert_false(same_text(xt_names_get(&all->stored, i), name));
    }
}

static void assert_ids(const united *all, size_t count, name_table tables[]) {
    const uint32_t *id = all->ids;
    for (size_t i = 0; i < count; i++) {
        const xt_names names = names_of(&tables[i]);
        for (uint32_t j = 1; j <= tables[i].head.count; j++) {
            assert_id(all, *id++, xt_names_get(&names, j));
        }
    }
}

static void union_agrees_with_a_naive_model(void **state) {
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        static united all;
        name_table tables[4];
        size_t count = random_below(&source, 5);
        start_union(&all);
        for (size_t i = 0; i < count; i++) {
            tables[i] = random_table();
            add_table(&all, &tables[i]);
        }
        uint32_t least = 1 + random_below(&source, 9);
        build(&all, least, least + random_below(&source, 20));
        assert_union(&all, count, tables);
        assert_ids(&all, count, tables);
    }
}

int main(void) {
    source = random_seeded();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(union_of_no_table_is_empty),
        cmocka_unit_test(union_of_empty_tables_is_empty),
        cmocka_unit_test(names_are_in_the_order_of_their_bytes),
        cmocka_unit_test(names_may_be_empty_and_hold_zeros),
        cmocka_unit_test(empty_name_alone_is_a_name),
        cmocka_unit_test(name_of_several_tables_is_one),
        cmocka_unit_test(other_is_last_whatever_comes_before_it),
        cmocka_unit_test(other_takes_no_room_from_the_rest),
        cmocka_unit_test(other_alone_is_the_only_name),
        cmocka_unit_test(room_is_as_much_as_is_needed_within_the_limits),
        cmocka_unit_test(names_beyond_the_room_are_other),
        cmocka_unit_test(long_names_need_more_room),
        cmocka_unit_test(short_names_fit_where_longer_ones_are_other),
        cmocka_unit_test(union_agrees_with_a_naive_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
