/*
 * SipHash-1-3, after Aumasson and Bernstein ("SipHash: a fast short-input PRF", 2012):
 * the hash of tables whose keys others may choose. Without the hash's key nobody can find
 * inputs that collide. XXH64 isn't safe, whatever its seed: a difference in bit 36 of one
 * mixed 8-byte word and a difference in bit 63 of the next one cancel out, and words with
 * such differences can be computed.
 */
#ifndef XT_SIPHASH_H
#define XT_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* The hash of `length` bytes, which may be null if there are none; `key_0` and `key_1`
 * are the halves of the key. O(length). */
uint64_t xt_siphash(const void *bytes, size_t length, uint64_t key_0, uint64_t key_1);

#pragma GCC visibility pop

#endif
