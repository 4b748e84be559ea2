#include "siphash.h"

typedef struct state {
    uint64_t a, b, c, d;
} state;

static uint64_t rotate_left(uint64_t n, int bits) {
    return n << bits | n >> (64 - bits);
}

static inline void mix(state *s) {
    s->a += s->b;
    s->c += s->d;
    s->b = rotate_left(s->b, 13) ^ s->a;
    s->d = rotate_left(s->d, 16) ^ s->c;
    s->a = rotate_left(s->a, 32) + s->d;
    s->c += s->b;
    s->d = rotate_left(s->d, 21) ^ s->a;
    s->b = rotate_left(s->b, 17) ^ s->c;
    s->c = rotate_left(s->c, 32);
}

static inline void absorb(state *s, uint64_t word) {
    s->d ^= word;
    mix(s);
    s->a ^= word;
}

/* The `count` bytes at `p`, up to eight, as a little-endian number. */
static inline uint64_t read_word(const uint8_t *p, size_t count) {
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) {
        word |= (uint64_t)p[i] << 8 * i;
    }
    return word;
}

uint64_t xt_siphash(const void *bytes, size_t length, uint64_t key_0, uint64_t key_1) {
    state s = {key_0 ^ 0x736f6d6570736575, key_1 ^ 0x646f72616e646f6d,
               key_0 ^ 0x6c7967656e657261, key_1 ^ 0x7465646279746573};
    const uint8_t *p = bytes;
    size_t left = length;
    for (; left >= 8; left -= 8, p += 8) {
        absorb(&s, read_word(p, 8));
    }
    absorb(&s, (uint64_t)length << 56 | read_word(p, left));
    s.c ^= 0xff;
    mix(&s);
    mix(&s);
    mix(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}
