/*
 * XXH64, after the specification by Yann Collet ("xxHash fast digest algorithm", 0.1.1).
 */
#ifndef XT_XXH64_H
#define XT_XXH64_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The hash of `length` bytes with `seed`, the same on every machine. O(length). */
uint64_t xt_xxh64(const void *bytes, size_t length, uint64_t seed);

/* The hash of the 8 bytes of `a`, and of the 16 of `a` and `b`, the least significant first. */
uint64_t xt_xxh64_word(uint64_t a, uint64_t seed);
uint64_t xt_xxh64_words(uint64_t a, uint64_t b, uint64_t seed);

#pragma GCC visibility pop

#endif
