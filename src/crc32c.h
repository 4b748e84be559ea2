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
 * Continues a CRC-32C with the `length` bytes at `bytes`, which may be null if there are
 * none. `crc` is the checksum of the bytes before, 0 if there are none. O(length).
 */
uint32_t xt_crc32c(uint32_t crc, const void *bytes, size_t length);

/* The same without the CRC-32C instruction, which xt_crc32c uses where there is one. */
uint32_t xt_crc32c_portable(uint32_t crc, const void *bytes, size_t length);

#pragma GCC visibility pop

#endif
