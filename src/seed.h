/*
 * The seeds of hash tables. Others may choose names, fingerprints and saved runs; with a
 * seed that they don't know, they can't choose keys that all collide.
 */
#ifndef XT_SEED_H
#define XT_SEED_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* `given`, or a random number if it is 0. Never fails. */
uint64_t xt_seed_or_random(uint64_t given);

#pragma GCC visibility pop

#endif
