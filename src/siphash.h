/*
 * SipHash-1-3, after Aumasson and Bernstein ("SipHash: a fast short-input PRF", 2012): the
 * hash of the indexes, for keys that others choose. Who doesn't know the key can't find
 * inputs that collide. XXH64 wouldn't do, whatever its seed: a difference in bit 36 of
 * what one word of eight bytes is mixed to and one in bit 63 for the next cancel out, and
 * such words can be computed.
 */
#ifndef XT_SIPHASH_H
#define XT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The hash of `length` bytes, which may be null for none, by the key's two halves. */
uint64_t xt_siphash(const void *bytes, size_t length, uint64_t key_0, uint64_t key_1);

#pragma GCC visibility pop

#endif
