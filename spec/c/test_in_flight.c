/*
 * The table of executions in flight. Its check is tested in test_image_check_calls.c, its
 * use by a tracker in test_span.c.
 */
#include "in_flight.h"

#include "support_cmocka.h"

enum { SLOTS = 3 };

typedef struct table {
    xt_in_flight_head head;
    xt_in_flight_entry entries[SLOTS];
    xt_in_flight in_flight;
} table;

static void open_table(table *made) {
    *made = (table){.head = {.slots = SLOTS}};
    made->in_flight = (xt_in_flight){&made->head, made->entries};
}

/* Adds the next start, with its serial as the tool. Returns its slot. */
static uint32_t add(table *into) {
    uint64_t serial = ++into->head.serial;
    const xt_span span = {.start_us = serial * 100,
                          .serial = serial,
                          .tool_id = (uint32_t)serial,
                          .args_hash = (uint32_t)serial * 7};
    uint32_t slot = xt_in_flight_add(&into->in_flight, &span);
    assert_null(xt_in_flight_check(&into->in_flight, 100));
    return slot;
}

static void take(table *from, uint32_t slot) {
    xt_in_flight_remove(&from->in_flight, slot);
    assert_null(xt_in_flight_check(&from->in_flight, 100));
}

/* Fails the test unless the serials from oldest to newest are `expected`, then 0. */
static void assert_order(const table *in, const uint64_t expected[]) {
    uint32_t slot = in->head.oldest;
    uint32_t count = 0;
    for (; slot != 0; count++) {
        const xt_in_flight_entry *entry = xt_in_flight_get(&in->in_flight, slot);
        assert_int_equal(entry->serial, expected[count]);
        slot = entry->next;
    }
    assert_int_equal(expected[count], 0);
    assert_int_equal(in->head.listed, count);
}

static void entry_has_what_its_span_has(void **state) {
    (void)state;
    table made;
    open_table(&made);
    assert_int_equal(add(&made), 1);
    const xt_in_flight_entry *entry = xt_in_flight_get(&made.in_flight, 1);
    assert_int_equal(entry->serial, 1);
    assert_int_equal(entry->start_us, 100);
    assert_int_equal(entry->args_hash, 7);
    assert_int_equal(entry->tool, 0);
}

static void table_that_is_full_gives_no_slot(void **state) {
    (void)state;
    table made;
    open_table(&made);
    for (uint32_t slot = 1; slot <= SLOTS; slot++) {
        assert_int_equal(add(&made), slot);
    }
    assert_int_equal(add(&made), 0);
    assert_order(&made, (const uint64_t[]){1, 2, 3, 0});
    take(&made, 2);
    assert_int_equal(add(&made), 2);
    assert_int_equal(add(&made), 0);
    assert_order(&made, (const uint64_t[]){1, 3, 5, 0});
}

static void slots_that_were_never_used_are_not_touched(void **state) {
    (void)state;
    const xt_in_flight_entry untouched = {0};
    table made;
    open_table(&made);
    for (int i = 0; i < 10; i++) {
        take(&made, add(&made));
    }
    assert_int_equal(made.head.used, 1);
    assert_memory_equal(&made.entries[1], &untouched, sizeof untouched);
}

static void entries_are_taken_out_in_any_order(void **state) {
    (void)state;
    static const uint32_t orders[6][3] = {{1, 2, 3}, {1, 3, 2}, {2, 1, 3},
                                          {2, 3, 1}, {3, 1, 2}, {3, 2, 1}};
    for (size_t i = 0; i < 6; i++) {
        table made;
        open_table(&made);
        while (add(&made) != 0) {
        }
        take(&made, orders[i][0]);
        take(&made, orders[i][1]);
        assert_order(&made, (const uint64_t[]){orders[i][2], 0});
        take(&made, orders[i][2]);
        assert_order(&made, (const uint64_t[]){0});
        assert_int_equal(made.head.oldest, 0);
        assert_int_equal(made.head.newest, 0);
        while (add(&made) != 0) {
        }
        assert_order(&made, (const uint64_t[]){5, 6, 7, 0});
    }
}

static void table_has_the_span_that_stands_in_its_slot(void **state) {
    (void)state;
    table made;
    open_table(&made);
    xt_span span = {
        .start_us = 100, .serial = 1, .tool_id = 1, .args_hash = 7, .slot = 1};
    assert_false(xt_in_flight_has(&made.in_flight, &span));
    add(&made);
    const xt_span others[] = {
        {.start_us = 101, .serial = 1, .tool_id = 1, .args_hash = 7, .slot = 1},
        {.start_us = 100, .serial = 2, .tool_id = 1, .args_hash = 7, .slot = 1},
        {.start_us = 100, .serial = 1, .tool_id = 2, .args_hash = 7, .slot = 1},
        {.start_us = 100, .serial = 1, .tool_id = 1, .args_hash = 8, .slot = 1},
        {.start_us = 100, .serial = 1, .tool_id = 1, .args_hash = 7, .slot = 2},
        {.start_us = 100, .serial = 1, .tool_id = 1, .args_hash = 7, .slot = 0},
    };
    assert_true(xt_in_flight_has(&made.in_flight, &span));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_false(xt_in_flight_has(&made.in_flight, &others[i]));
    }
    take(&made, 1);
    assert_false(xt_in_flight_has(&made.in_flight, &span));
}

static void table_without_slots_is_sound(void **state) {
    (void)state;
    xt_in_flight_head head = {0};
    xt_in_flight none = {&head, NULL};
    const xt_span span = {.serial = 1, .tool_id = 1};
    assert_int_equal(xt_in_flight_add(&none, &span), 0);
    assert_null(xt_in_flight_check(&none, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entry_has_what_its_span_has),
        cmocka_unit_test(table_that_is_full_gives_no_slot),
        cmocka_unit_test(slots_that_were_never_used_are_not_touched),
        cmocka_unit_test(entries_are_taken_out_in_any_order),
        cmocka_unit_test(table_has_the_span_that_stands_in_its_slot),
        cmocka_unit_test(table_without_slots_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
