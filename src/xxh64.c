/*
 * The input is read as little-endian words, so a hash is the same on every machine.
 */
#include "xxh64.h"

static const uint64_t prime_1 = 0x9e3779b185ebca87;
static const uint64_t prime_2 = 0xc2b2ae3d27d4eb4f;
static const uint64_t prime_3 = 0x165667b19e3779f9;
static const uint64_t prime_4 = 0x85ebca77c2b2ae63;
static const uint64_t prime_5 = 0x27d4eb2f165667c5;

static uint64_t rotate_left(uint64_t n, int bits) {
    return n << bits | n >> (64 - bits);
}

static uint64_t read_32(const uint8_t *p) {
    return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
           (uint64_t)p[3] << 24;
}

static uint64_t read_64(const uint8_t *p) {
    return read_32(p) | read_32(p + 4) << 32;
}

static uint64_t round_of(uint64_t accumulator, uint64_t lane) {
    return rotate_left(accumulator + lane * prime_2, 31) * prime_1;
}

static uint64_t merge_round(uint64_t hash, uint64_t accumulator) {
    return (hash ^ round_of(0, accumulator)) * prime_1 + prime_4;
}

/* Hashes all whole stripes of 32 bytes from `*p` on, of which there is at least one, and
 * moves `*p` behind them. */
static uint64_t hash_stripes(const uint8_t **p, const uint8_t *end, uint64_t seed) {
    uint64_t a = seed + prime_1 + prime_2;
    uint64_t b = seed + prime_2;
    uint64_t c = seed;
    uint64_t d = seed - prime_1;
    while (end - *p >= 32) {
        a = round_of(a, read_64(*p));
        b = round_of(b, read_64(*p + 8));
        c = round_of(c, read_64(*p + 16));
        d = round_of(d, read_64(*p + 24));
        *p += 32;
    }
    uint64_t hash =
        rotate_left(a, 1) + rotate_left(b, 7) + rotate_left(c, 12) + rotate_left(d, 18);
    return merge_round(merge_round(merge_round(merge_round(hash, a), b), c), d);
}

static uint64_t avalanche(uint64_t hash) {
    hash = (hash ^ hash >> 33) * prime_2;
    hash = (hash ^ hash >> 29) * prime_3;
    return hash ^ hash >> 32;
}

static uint64_t add_word(uint64_t hash, uint64_t word) {
    return rotate_left(hash ^ round_of(0, word), 27) * prime_1 + prime_4;
}

uint64_t xt_xxh64_word(uint64_t a, uint64_t seed) {
    return avalanche(add_word(seed + prime_5 + 8, a));
}

uint64_t xt_xxh64_words(uint64_t a, uint64_t b, uint64_t seed) {
    return avalanche(add_word(add_word(seed + prime_5 + 16, a), b));
}

uint64_t xt_xxh64(const void *bytes, size_t length, uint64_t seed) {
    if (length == 0) {
        return avalanche(seed + prime_5);
    }
    const uint8_t *p = bytes;
    const uint8_t *end = p + length;
    uint64_t hash =
        (length >= 32 ? hash_stripes(&p, end, seed) : seed + prime_5) + length;
    for (; end - p >= 8; p += 8) {
        hash = add_word(hash, read_64(p));
    }
    if (end - p >= 4) {
        hash = rotate_left(hash ^ read_32(p) * prime_1, 23) * prime_2 + prime_3;
        p += 4;
    }
    for (; p < end; p++) {
        hash = rotate_left(hash ^ *p * prime_5, 11) * prime_1;
    }
    return avalanche(hash);
}
