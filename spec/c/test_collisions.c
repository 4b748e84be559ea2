/*
 * Someone who chooses names or fingerprints, and knows everything but the seed, can't
 * make a hash table slow: their keys don't collide more than others. Measured by the
 * table's longest run of used slots.
 */
#include "group_table.h"
#include "memory.h"
#include "names.h"
#include "xxh64.h"

#include "support_cmocka.h"

static size_t longest_run(size_t count, const bool taken[]) {
    size_t longest = 0;
    size_t run = 0;
    for (size_t i = 0; i < count; i++) {
        run = taken[i] ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* The inverse of an odd number modulo 2^64, by Newton's method. */
static uint64_t inverse(uint64_t odd) {
    uint64_t result = odd;
    for (int i = 0; i < 5; i++) {
        result *= 2 - odd * result;
    }
    return result;
}

/* The word that XXH64 maps to `mixed` before it adds it to the hash. */
static uint64_t word_mixed_to(uint64_t mixed) {
    uint64_t turned = mixed * inverse(0x9e3779b185ebca87);
    return (turned >> 31 | turned << 33) * inverse(0xc2b2ae3d27d4eb4f);
}

enum { BITS = 5, NAMES = 1 << 2 * BITS, MAX_NAMES = 16384 };

typedef struct crafted_name {
    uint8_t bytes[16];
} crafted_name;

/*
 * Each of these names has the same XXH64 as 2^BITS - 1 others, whatever the seed: for
 * each change of the highest bits by `i`, one `j` cancels it.
 */
static crafted_name crafted(uint64_t i, uint64_t j) {
    uint64_t first = word_mixed_to(i << (37 - BITS));
    uint64_t second = word_mixed_to(j << (64 - BITS));
    crafted_name name;
    for (int byte = 0; byte < 8; byte++) {
        name.bytes[byte] = (uint8_t)(first >> 8 * byte);
        name.bytes[8 + byte] = (uint8_t)(second >> 8 * byte);
    }
    return name;
}

static xt_text crafted_text(crafted_name *name, uint64_t n) {
    *name = crafted(n % (1 << BITS), n / (1 << BITS));
    return (xt_text){(const char *)name->bytes, sizeof name->bytes};
}

static void crafted_names_collide_by_xxh64_whatever_its_seed(void **state) {
    (void)state;
    crafted_name name;
    for (uint64_t seed = 0; seed < 3; seed++) {
        xt_text text = crafted_text(&name, 0);
        uint64_t first = xt_xxh64(text.bytes, text.length, seed);
        int same = 0;
        for (uint64_t n = 0; n < NAMES; n++) {
            text = crafted_text(&name, n);
            same += xt_xxh64(text.bytes, text.length, seed) == first;
        }
        assert_int_equal(same, 1 << BITS);
    }
}

static size_t longest_run_of_crafted_names(uint64_t seed) {
    static uint32_t slots[8 * MAX_NAMES];
    static xt_name places[MAX_NAMES];
    static char bytes[sizeof(crafted_name) * NAMES];
    static bool taken[4 * MAX_NAMES];
    xt_names_head head = {.slots = xt_names_slots_for(MAX_NAMES - 1),
                          .byte_slots = xt_names_bytes_for(MAX_NAMES - 1)};
    xt_names names = {&head, places, bytes};
    xt_name_index index;
    memset(slots, 0, sizeof slots);
    assert_true(xt_name_index_slots(head.slots) <= sizeof slots / sizeof slots[0]);
    xt_name_index_build(&index, &names, slots, seed);
    for (uint64_t n = 0; n < NAMES; n++) {
        crafted_name name;
        xt_name_index_intern(&index, &names, crafted_text(&name, n), NULL, NULL);
    }
    assert_int_equal(head.count, NAMES);
    for (size_t i = 0; i <= index.mask; i++) {
        taken[i] = index.by_bytes[i] != 0;
    }
    return longest_run((size_t)index.mask + 1, taken);
}

static void crafted_names_do_not_crowd_in_an_index(void **state) {
    (void)state;
    /* 32 slots for each name: a run is rarely above 3; of colliding names it is 32. */
    for (uint64_t seed = 0; seed < 8; seed++) {
        assert_in_range(longest_run_of_crafted_names(seed), 2, 6);
    }
}

enum { CANDIDATES = 1 << 18, CHOSEN = 200, CAPACITY = 4096 };

/* Groups `count` records by their fingerprint alone. */
static void group(xt_group_table *table, uint64_t seed, size_t count,
                  const xt_record records[]) {
    static uint32_t numbers[CANDIDATES];
    const xt_group_coding coding = {.weights[XT_BY_ARGS_HASH] = 1};
    xt_group_table_open(table, &xt_system_allocator, seed);
    assert_true(xt_group_table_reserve(table, count > CAPACITY ? count : CAPACITY));
    xt_group_table_number(table, &coding, count, records, numbers);
    assert_int_equal(table->count, count);
}

/* Stores records whose groups share one slot in a table of `CAPACITY`, with seed 1. */
static void choose(xt_record chosen[CHOSEN]) {
    static xt_record records[CANDIDATES];
    xt_group_table table;
    size_t count = 0;
    for (uint32_t i = 0; i < CANDIDATES; i++) {
        records[i] = (xt_record){.args_hash = i};
    }
    group(&table, 1, CANDIDATES, records);
    for (size_t i = 0; i < 2 * table.capacity && count < CHOSEN; i++) {
        const xt_group_slot *slot = &table.slots[i];
        if (slot->number != 0 && slot->hash % 1024 == 0) {
            chosen[count++] = records[slot->number - 1];
        }
    }
    assert_int_equal(count, CHOSEN);
    xt_group_table_close(&table);
}

static size_t longest_run_of_groups(const xt_group_table *table) {
    static bool taken[2 * CAPACITY];
    assert_int_equal(table->capacity, CAPACITY);
    for (size_t i = 0; i < 2 * CAPACITY; i++) {
        taken[i] = table->slots[i].number != 0;
    }
    return longest_run(2 * CAPACITY, taken);
}

static void groups_that_collide_with_one_seed_do_not_crowd_with_another(void **state) {
    (void)state;
    xt_record chosen[CHOSEN];
    xt_group_table table;
    choose(chosen);
    for (uint64_t seed = 1; seed < 8; seed++) {
        group(&table, seed, CHOSEN, chosen);
        size_t run = longest_run_of_groups(&table);
        assert_in_range(run, seed == 1 ? 20 : 2, seed == 1 ? CHOSEN : 6);
        xt_group_table_close(&table);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crafted_names_collide_by_xxh64_whatever_its_seed),
        cmocka_unit_test(crafted_names_do_not_crowd_in_an_index),
        cmocka_unit_test(groups_that_collide_with_one_seed_do_not_crowd_with_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
