#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS and madvise, which POSIX 2008 lacks */

#include "memory.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SMALLEST_MAPPING_BYTES = 64 * 1024, HUGE_PAGE_BYTES = 2 * 1024 * 1024 };

/*
 * Neighbouring mappings become one to the kernel, so even small ones can come to cover a
 * whole huge page, whose first touch would then cost all of it.
 */
static void refuse_huge_pages(void *block, size_t bytes) {
#ifdef MADV_NOHUGEPAGE
    if (bytes < HUGE_PAGE_BYTES) {
        madvise(block, bytes, MADV_NOHUGEPAGE);
    }
#else
    (void)block;
    (void)bytes;
#endif
}

static void *allocate(void *context, size_t bytes) {
    (void)context;
    if (bytes < SMALLEST_MAPPING_BYTES) {
        return calloc(1, bytes);
    }
    void *block =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        return NULL;
    }
    refuse_huge_pages(block, bytes);
    return block;
}

static void release(void *context, void *block, size_t bytes) {
    (void)context;
    if (bytes < SMALLEST_MAPPING_BYTES) {
        free(block);
    } else {
        munmap(block, bytes);
    }
}

const xt_allocator xt_system_allocator = {allocate, release, NULL};
