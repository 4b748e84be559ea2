#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS and madvise, which POSIX 2008 lacks */

#include "pages.h"

#include <sys/mman.h>

enum { MOST_SPARSE_BYTES = 8 * 1024 * 1024 };

/*
 * Touching one byte of a huge page uses all of its 2 MiB. Most of a small tracker is room
 * for tools that are never used, so huge pages would make it larger. Even a tracker
 * smaller than 2 MiB can be part of a huge page, as the kernel merges adjacent mappings.
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

void *xt_pages_map(size_t bytes) {
    void *block =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) {
        return NULL;
    }
    refuse_huge_pages(block, bytes);
    return block;
}

void xt_pages_unmap(void *block, size_t bytes) {
    munmap(block, bytes);
}
