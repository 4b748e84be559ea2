#include "memory.h"

#include "pages.h"

#include <stdlib.h>

enum { SMALLEST_MAPPING_BYTES = 64 * 1024 };

static void *allocate(void *context, size_t bytes) {
    (void)context;
    return bytes < SMALLEST_MAPPING_BYTES ? calloc(1, bytes) : xt_pages_map(bytes);
}

static void release(void *context, void *block, size_t bytes) {
    (void)context;
    if (bytes < SMALLEST_MAPPING_BYTES) {
        free(block);
    } else {
        xt_pages_unmap(block, bytes);
    }
}

const xt_allocator xt_system_allocator = {allocate, release, NULL};
