/*
 * The system's allocator: zeroed blocks, whose untouched pages use no memory.
 */
#ifndef XT_MEMORY_H
#define XT_MEMORY_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/*
 * Blocks of 64 KiB and more are mapped as pages of their own; smaller ones come from
 * `calloc`. (`calloc` may reuse a large block, and would touch all its pages to zero it.)
 */
extern const xt_allocator xt_system_allocator;

#pragma GCC visibility pop

#endif
