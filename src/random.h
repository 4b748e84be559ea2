/*
 * Random bytes from the system. There is one source for each kind of system, in posix/
 * and windows/.
 */
#ifndef XT_RANDOM_H
#define XT_RANDOM_H

#include <stddef.h>

#pragma GCC visibility push(hidden)

/* Stores `count` random bytes, up to 256, from the system, which takes 0.2 us. Never
 * fails; but if the system has none, the bytes can be guessed. */
void xt_random_bytes(void *bytes, size_t count);

#pragma GCC visibility pop

#endif
