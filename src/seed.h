/*
 * The seed of an index's hashes. Names and fingerprints are chosen by others, as are saved
 * runs: with a seed that they can't know, they can't choose such as all have one place.
 */
#ifndef XT_SEED_H
#define XT_SEED_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* `given`, or a random one for 0. Never fails. */
uint64_t xt_seed_or_random(uint64_t given);

#pragma GCC visibility pop

#endif
