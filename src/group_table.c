#include "group_table.h"

#include "siphash.h"

#include <assert.h>
#include <string.h>

enum {
    SLOTS_PER_GROUP = 2,
    BYTES_PER_GROUP = sizeof(xt_group_key) + SLOTS_PER_GROUP * sizeof(xt_group_slot),
};

#define TIME_FACTOR UINT64_C(0xc2b2ae3d27d4eb4f)

void xt_group_table_open(xt_group_table *table, const xt_allocator *allocator,
                         uint64_t seed) {
    table->allocator = *allocator;
    table->seed = seed;
    table->capacity = 0;
    table->count = 0;
    table->keys = NULL;
    table->slots = NULL;
    memset(table->recent, 0xff, sizeof table->recent); /* no group has this code */
}

void xt_group_table_close(xt_group_table *table) {
    if (table->capacity > 0) {
        table->allocator.release(table->allocator.context, table->keys,
                                 table->capacity * BYTES_PER_GROUP);
    }
}

static uint32_t hash_of(const xt_group_table *table, xt_group_key key) {
    return (uint32_t)xt_siphash(&key, sizeof key, table->seed, table->seed);
}

/* Copies the slots of `table` to the `mask` + 1 free slots at `slots`. */
static void copy_slots(const xt_group_table *table, xt_group_slot slots[], size_t mask) {
    for (size_t i = 0; i < table->capacity * SLOTS_PER_GROUP; i++) {
        size_t place = table->slots[i].hash & mask;
        if (table->slots[i].number != 0) {
            while (slots[place].number != 0) {
                place = (place + 1) & mask;
            }
            slots[place] = table->slots[i];
        }
    }
}

static bool grow(xt_group_table *table, size_t capacity) {
    const xt_allocator *from = &table->allocator;
    size_t slot_count = capacity * SLOTS_PER_GROUP;
    if (capacity > SIZE_MAX / BYTES_PER_GROUP) {
        return false;
    }
    xt_group_key *keys = from->allocate(from->context, capacity * BYTES_PER_GROUP);
    if (keys == NULL) {
        return false;
    }
    xt_group_slot *slots = (xt_group_slot *)(keys + capacity);
    memset(slots, 0, slot_count * sizeof slots[0]);
    copy_slots(table, slots, slot_count - 1);
    if (table->count > 0) {
        memcpy(keys, table->keys, table->count * sizeof keys[0]);
    }
    xt_group_table_close(table);
    table->keys = keys;
    table->slots = slots;
    table->capacity = capacity;
    return true;
}

bool xt_group_table_reserve(xt_group_table *table, size_t more) {
    size_t capacity = table->capacity > 0 ? table->capacity : 1;
    if (more <= table->capacity - table->count) {
        return true;
    }
    while (capacity - table->count < more) {
        capacity *= 2;
    }
    return grow(table, capacity);
}

static bool is_same(const xt_group_key *a, const xt_group_key *b) {
    return a->code == b->code && a->time_us == b->time_us && a->session == b->session;
}

/* Whether `slot` has the group with `key`. First compares the hash in the slot. */
static bool is_of(const xt_group_table *table, const xt_group_slot *slot, uint32_t hash,
                  xt_group_key key) {
    const xt_group_key *found = &table->keys[slot->number - 1];
    return slot->hash == hash && is_same(found, &key);
}

/* The number, from 0, of the group with `key`, which is added if it is new. */
static uint32_t number_of(xt_group_table *table, xt_group_key key) {
    size_t mask = table->capacity * SLOTS_PER_GROUP - 1;
    uint32_t hash = hash_of(table, key);
    size_t place = hash & mask;
    while (table->slots[place].number != 0) {
        if (is_of(table, &table->slots[place], hash, key)) {
            return table->slots[place].number - 1;
        }
        place = (place + 1) & mask;
    }
    assert(table->count < table->capacity);
    table->keys[table->count++] = key;
    table->slots[place] = (xt_group_slot){hash, (uint32_t)table->count};
    return (uint32_t)table->count - 1;
}

void xt_group_table_number(xt_group_table *table, const xt_group_coding *coding,
                           size_t count, const xt_record records[], uint32_t numbers[]) {
    xt_group_key key = {0};
    uint64_t every_us = coding->every_us;
    uint64_t spread = 0; /* spreads groups of the same code over the recent ones */
    for (size_t i = 0; i < count; i++) {
        uint64_t end_us = records[i].end_us;
        /* Mostly false, as adjacent records end at similar times; it saves a division. */
        if (end_us - key.time_us >= every_us && every_us > 0) {
            key.time_us = end_us - end_us % every_us;
            spread = key.time_us * TIME_FACTOR >> 32;
        }
        key.code = xt_group_code(coding, &records[i]);
        key.code |= records[i].packed << (62 - XT_UNDATED_SHIFT) & coding->undated_mask;
        key.session = records[i].session & coding->session_mask;
        uint64_t place = (key.code ^ key.session ^ spread) % XT_RECENT_GROUPS;
        xt_group_recent *recent = &table->recent[place];
        if (!is_same(&recent->key, &key)) {
            *recent = (xt_group_recent){key, number_of(table, key)};
        }
        numbers[i] = recent->number;
    }
}
