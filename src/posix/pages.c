#define _DEFAULT_SOURCE /* for MAP_ANONYMOUS and madvise, which POSIX 2008 lacks */

#include "pages.h"

#include <sys/mman.h>

enum { MOST_SPARSE_BYTES = 8 * 1024 * 1024 };

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
