#include "name_set.h"

#include "siphash.h"

#include <string.h>

struct xt_name_block {
    xt_name_block *previous;
    size_t used;
    char bytes[32 * 1024];
};

/* The number of `text`, whose hash is given; 0 for none. Stores the slot where the search
 * ended. */
static uint32_t find(const xt_name_set *set, xt_text text, uint32_t hash,
                     xt_hash_slot **slot) {
    *slot = xt_hash_slots_first(&set->slots, hash);
    while ((*slot)->number != 0) {
        xt_text name = xt_name_set_get(set, (*slot)->number);
        if ((*slot)->hash == hash && name.length == text.length &&
            (text.length == 0 || memcmp(name.bytes, text.bytes, text.length) == 0)) {
            break;
        }
        *slot = xt_hash_slots_next(&set->slots, *slot);
    }
    return (*slot)->number;
}

/* Makes room for `length` bytes in the last block. */
static bool reserve_bytes(xt_name_set *set, size_t length, const xt_allocator *from) {
    xt_name_block *last = set->blocks;
    if (last != NULL && length <= sizeof last->bytes - last->used) {
        return true;
    }
    xt_name_block *block = from->allocate(from->context, sizeof *block);
    if (block == NULL) {
        return false;
    }
    block->previous = last;
    block->used = 0;
    set->blocks = block;
    return true;
}

/* Copies `text` to where there is room for it. */
static xt_text keep(xt_name_set *set, xt_text text) {
    char *bytes = set->blocks->bytes + set->blocks->used;
    if (text.length > 0) {
        memcpy(bytes, text.bytes, text.length);
    }
    set->blocks->used += text.length;
    set->bytes += text.length;
    return (xt_text){bytes, text.length};
}

bool xt_name_set_intern(xt_name_set *set, xt_text text, const xt_allocator *from,
                        uint32_t *number) {
    xt_hash_slot *slot;
    text.length = text.length < XT_NAME_BYTES ? text.length : XT_NAME_BYTES;
    if (!xt_hash_slots_reserve(&set->slots, from)) {
        return false;
    }
    uint32_t hash = (uint32_t)xt_siphash(text.bytes, text.length, set->seed, set->seed);
    *number = find(set, text, hash, &slot);
    if (*number != 0) {
        return true;
    }
    if (!reserve_bytes(set, text.length, from) ||
        !xt_growing_reserve(&set->names, sizeof(xt_text), from)) {
        return false;
    }
    ((xt_text *)set->names.items)[set->names.count++] = keep(set, text);
    *number = (uint32_t)set->names.count;
    *slot = (xt_hash_slot){hash, *number};
    set->slots.count++;
    return true;
}

void xt_name_set_close(xt_name_set *set, const xt_allocator *from) {
    while (set->blocks != NULL) {
        xt_name_block *last = set->blocks;
        set->blocks = last->previous;
        from->release(from->context, last, sizeof *last);
    }
    xt_growing_close(&set->names, from);
    xt_hash_slots_close(&set->slots, from);
    *set = (xt_name_set){.seed = set->seed};
}
