/*
 * Polynomials over GF(2) are stored in reflected order: the highest bit of a word is the
 * coefficient of x^0.
 */
#include "crc32c.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define WITH_INSTRUCTION __attribute__((target("sse4.2")))
#elif defined(__ARM_FEATURE_CRC32) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#include <arm_acle.h>
#define WITH_INSTRUCTION
#endif

enum { SLICES = 8 };

static const uint32_t polynomial = 0x82f63b78; /* without the term x^32 */

/* `a` times x, modulo the polynomial. */
static uint32_t times_x(uint32_t a) {
    return a >> 1 ^ (polynomial & (0 - (a & 1)));
}

/* Sets table[k][b] to the effect of byte b on the checksum k bytes later. */
static void make_tables(uint32_t table[SLICES][256]) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) {
            crc = times_x(crc);
        }
        table[0][byte] = crc;
    }
    for (uint32_t byte = 0; byte < 256; byte++) {
        for (int k = 1; k < SLICES; k++) {
            uint32_t before = table[k - 1][byte];
            table[k][byte] = before >> 8 ^ table[0][before & 0xff];
        }
    }
}

/*
 * Slicing by 8 (Kounavis and Berry, ISCC 2005). The tables are computed at each call,
 * which costs as much as the checksum of a few kilobytes, so that they take no memory in
 * between.
 */
uint32_t xt_crc32c_portable(uint32_t crc, const void *bytes, size_t length) {
    uint32_t table[SLICES][256];
    const uint8_t *p = bytes;
    make_tables(table);
    crc = ~crc;
    for (; length >= 8; length -= 8, p += 8) {
        crc = table[7][(crc ^ p[0]) & 0xff] ^ table[6][(crc >> 8 ^ p[1]) & 0xff] ^
              table[5][(crc >> 16 ^ p[2]) & 0xff] ^ table[4][crc >> 24 ^ p[3]] ^
              table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
    }
    for (; length > 0; length--, p++) {
        crc = crc >> 8 ^ table[0][(crc ^ *p) & 0xff];
    }
    return ~crc;
}

#ifdef WITH_INSTRUCTION

enum { STREAM_BYTES = 8192 };

/* x^(8 * STREAM_BYTES): STREAM_BYTES zero bytes multiply a checksum by this. */
static const uint32_t after_stream = 0x28461564;

#if defined(__x86_64__)
static bool has_instruction(void) {
    return __builtin_cpu_supports("sse4.2") != 0;
}

WITH_INSTRUCTION static uint32_t add_byte(uint32_t crc, uint8_t byte) {
    return _mm_crc32_u8(crc, byte);
}

WITH_INSTRUCTION static uint32_t add_word(uint32_t crc, uint64_t word) {
    return (uint32_t)_mm_crc32_u64(crc, word);
}
#else
static bool has_instruction(void) {
    return true; /* the compiler was told that all processors have it */
}

static uint32_t add_byte(uint32_t crc, uint8_t byte) {
    return __crc32cb(crc, byte);
}

static uint32_t add_word(uint32_t crc, uint64_t word) {
    return __crc32cd(crc, word);
}
#endif

/* `a` times `b`, modulo the polynomial. */
static uint32_t times(uint32_t a, uint32_t b) {
    uint32_t product = 0;
    for (; a != 0; a <<= 1) {
        product ^= b & (0 - (a >> 31));
        b = times_x(b);
    }
    return product;
}

static uint64_t word_at(const uint8_t *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/*
 * Three streams in parallel: the instruction has a latency of three cycles, but one can
 * start in every cycle.
 */
WITH_INSTRUCTION static uint32_t add_streams(uint32_t crc, const uint8_t *p) {
    uint32_t second = 0;
    uint32_t third = 0;
    for (size_t i = 0; i < STREAM_BYTES; i += 8) {
        crc = add_word(crc, word_at(p + i));
        second = add_word(second, word_at(p + STREAM_BYTES + i));
        third = add_word(third, word_at(p + 2 * STREAM_BYTES + i));
    }
    return times(times(crc, after_stream) ^ second, after_stream) ^ third;
}

WITH_INSTRUCTION static uint32_t add_all(uint32_t crc, const uint8_t *p, size_t length) {
    for (; length >= 3 * STREAM_BYTES; length -= 3 * STREAM_BYTES) {
        crc = add_streams(crc, p);
        p += 3 * STREAM_BYTES;
    }
    for (; length >= 8; length -= 8, p += 8) {
        crc = add_word(crc, word_at(p));
    }
    for (; length > 0; length--, p++) {
        crc = add_byte(crc, *p);
    }
    return crc;
}

uint32_t xt_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return has_instruction() ? ~add_all(~crc, bytes, length)
                             : xt_crc32c_portable(crc, bytes, length);
}

#else

uint32_t xt_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return xt_crc32c_portable(crc, bytes, length);
}

#endif
