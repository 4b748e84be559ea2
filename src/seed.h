/*
 * Random numbers: what tells trackers apart, and the seed of an index's hashes. Names and
 * fingerprints are chosen by others, as are saved runs: with a seed that they can't know,
 * they can't choose such as all have one place.
 */
#ifndef XT_SEED_H
#define XT_SEED_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Stores `count` random bytes, up to 256: from the system, which takes 0.2 us. Never fails,
 * but where the system refuses they can be guessed. */
void xt_random_bytes(void *bytes, size_t count);

/* `given`, or a random one for 0. Never fails. */
uint64_t xt_seed_or_random(uint64_t given);

#pragma GCC visibility pop

#endif
