#include "column.h"

#include <string.h>

/* Lists chunks without memory, up to that of the item at `place`. */
static bool list_chunks(xt_column *column, size_t place, const xt_allocator *from) {
    while (column->chunks.count <= place >> XT_CHUNK_SHIFT) {
        if (!xt_growing_reserve(&column->chunks, sizeof(void *), from)) {
            return false;
        }
        ((void **)column->chunks.items)[column->chunks.count++] = NULL;
    }
    return true;
}

bool xt_column_reserve(xt_column *column, size_t item_bytes, size_t place, int fill,
                       const xt_allocator *from) {
    if (xt_column_at(column, item_bytes, place) != NULL) {
        return true;
    }
    size_t bytes = XT_CHUNK_ITEMS * item_bytes;
    if (!list_chunks(column, place, from)) {
        return false;
    }
    void *chunk = from->allocate(from->context, bytes);
    if (chunk == NULL) {
        return false;
    }
    if (fill != 0) {
        memset(chunk, fill, bytes);
    }
    ((void **)column->chunks.items)[place >> XT_CHUNK_SHIFT] = chunk;
    return true;
}

void xt_column_release(xt_column *column, size_t item_bytes, size_t place,
                       const xt_allocator *from) {
    if (xt_column_at(column, item_bytes, place) != NULL) {
        void **chunk = (void **)column->chunks.items + (place >> XT_CHUNK_SHIFT);
        from->release(from->context, *chunk, XT_CHUNK_ITEMS * item_bytes);
        *chunk = NULL;
    }
}

void xt_column_close(xt_column *column, size_t item_bytes, const xt_allocator *from) {
    for (size_t i = 0; i < column->chunks.count; i++) {
        xt_column_release(column, item_bytes, i << XT_CHUNK_SHIFT, from);
    }
    xt_growing_close(&column->chunks, from);
}
