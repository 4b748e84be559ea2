/*
 * Memory in whole pages from the system. There is one source for each kind of system, in
 * posix/ and windows/.
 */
#ifndef XT_PAGES_H
#define XT_PAGES_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Zeroed memory of `bytes`, more than 0, at the start of a page; null if there is none. A
   page that is never touched costs nothing. */
void *xt_pages_map(size_t bytes);

/* Returns a block to the system. `bytes` is the size that it was mapped with. */
void xt_pages_unmap(void *block, size_t bytes);

#pragma GCC visibility pop

#endif
