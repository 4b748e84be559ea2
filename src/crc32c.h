/*
 * CRC-32C: the checksum of a saved run.
 *
 * Sources: the polynomial of Castagnoli, Braeuer and Herrmann (IEEE Transactions on
 * Communications 41, 1993), as RFC 3720 uses it, whose appendix B.4 has the vectors.
 */
#ifndef XT_CRC32C_H
#define XT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/*
 * The CRC-32C of what `crc` is that of, 0 for nothing, followed by the `length` bytes at
 * `bytes`, which may be null if there are none. O(length).
 */
uint32_t xt_crc32c(uint32_t crc, const void *bytes, size_t length);

/* The same on any machine; xt_crc32c is faster where the processor has an instruction. */
uint32_t xt_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#pragma GCC visibility pop

#endif
