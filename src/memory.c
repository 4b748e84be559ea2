#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS and madvise, which POSIX 2008 lacks */

#include "memory.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { SMALLEST_MAPPING_BYTES = 64 * 1024, MOST_SPARSE_BYTES = 8 * 1024 * 1024 };

/*
 * The first touch of a huge page, 2 MiB, costs all of it. Trackers that aren't large are mostly
 * room for tools that never come, so they would be the larger for it. Even small ones can
 * come to cover a huge page, as neighbouring mappings become one to the kernel.
 */
static void refuse_huge_pages(void *block, size_t bytes) {
#ifdef MADV_NOHUGEPAGE
    if (bytes < MOST_SPARSE_BYTES) {
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
