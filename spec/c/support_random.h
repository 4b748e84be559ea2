/*
 * Random numbers that can be repeated with a seed.
 */
#ifndef SUPPORT_RANDOM_H
#define SUPPORT_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct random_source {
    uint64_t state;
} random_source;

/* A source seeded with SEED from the environment, else with the time. Prints the seed. */
random_source random_seeded(void);

/* 64 random bits. */
uint64_t random_bits(random_source *source);

/* A number from 0 to `limit` - 1. */
uint32_t random_below(random_source *source, uint32_t limit);

/* True once in `times`. */
bool random_once_in(random_source *source, uint32_t times);

/* From 0, exclusive, to 1, exclusive. */
double random_unit(random_source *source);

/* A duration below 2^56 of at most `bits` bits, each number of bits equally likely. */
uint64_t random_duration_us(random_source *source, uint32_t bits);

/* exp(mean + deviation * normal), at most the longest duration. */
uint64_t random_lognormal_us(random_source *source, double mean, double deviation);

#endif
