#include "growing.h"

#include <string.h>

enum { FIRST_CAPACITY = 16 };

bool xt_growing_reserve(xt_growing *array, size_t item_bytes, const xt_allocator *from) {
    if (array->count < array->capacity) {
        return true;
    }
    size_t capacity = array->capacity > 0 ? array->capacity : FIRST_CAPACITY / 2;
    if (capacity > SIZE_MAX / 2 / item_bytes) {
        return false;
    }
    size_t bytes = 2 * capacity * item_bytes;
    void *items = from->allocate(from->context, bytes);
    if (items == NULL) {
        return false;
    }
    if (array->count > 0) {
        memcpy(items, array->items, array->count * item_bytes);
    }
    size_t count = array->count;
    xt_growing_close(array, from);
    *array = (xt_growing){items, count, 2 * capacity, bytes};
    return true;
}

void xt_growing_close(xt_growing *array, const xt_allocator *from) {
    if (array->items != NULL) {
        from->release(from->context, array->items, array->bytes);
    }
    *array = (xt_growing){0};
}
