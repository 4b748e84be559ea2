#include "hash_slots.h"

enum { FIRST_SLOTS = 64 };

/* Stores `stored`, which isn't in the table, in the first free slot for it. */
static void put(xt_hash_slots *table, xt_hash_slot stored) {
    xt_hash_slot *slot = xt_hash_slots_first(table, stored.hash);
    while (slot->number != 0) {
        slot = xt_hash_slots_next(table, slot);
    }
    *slot = stored;
}

/* Moves everything to a table of `slots`. False if there is no memory. */
static bool grow(xt_hash_slots *table, size_t slots, const xt_allocator *from) {
    if (slots > SIZE_MAX / sizeof(xt_hash_slot)) {
        return false;
    }
    xt_hash_slots grown = {.mask = slots - 1, .count = table->count};
    grown.slots = from->allocate(from->context, slots * sizeof(xt_hash_slot));
    if (grown.slots == NULL) {
        return false;
    }
    for (size_t i = 0; table->slots != NULL && i <= table->mask; i++) {
        if (table->slots[i].number != 0) {
            put(&grown, table->slots[i]);
        }
    }
    xt_hash_slots_close(table, from);
    *table = grown;
    return true;
}

bool xt_hash_slots_reserve(xt_hash_slots *table, const xt_allocator *from) {
    if (table->slots == NULL) {
        return grow(table, FIRST_SLOTS, from);
    }
    size_t slots = table->mask + 1;
    return table->count < slots / 4 * 3 || grow(table, 2 * slots, from);
}

void xt_hash_slots_close(xt_hash_slots *table, const xt_allocator *from) {
    if (table->slots != NULL) {
        from->release(from->context, table->slots,
                      (table->mask + 1) * sizeof table->slots[0]);
    }
    *table = (xt_hash_slots){0};
}
