/*
 * The system's memory as a tracker uses it: zeroed blocks whose untouched pages cost
 * nothing.
 */
#ifndef XT_MEMORY_H
#define XT_MEMORY_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/*
 * Blocks of 64 KiB and more are pages of their own, smaller ones come from `calloc`. (A
 * large block from `calloc` may be one that was used before, which it then clears,
 * touching it all.)
 */
extern const xt_allocator xt_system_allocator;

#pragma GCC visibility pop

#endif
