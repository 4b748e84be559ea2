#include "support_random.h"

#include "exectrack.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

random_source random_seeded(void) {
    const char *given = getenv("SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    return (random_source){seed};
}

/* SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): any seed is a good one. */
uint64_t random_bits(random_source *source) {
    uint64_t z = source->state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint32_t random_below(random_source *source, uint32_t limit) {
    return (uint32_t)((random_bits(source) >> 32) * limit >> 32);
}

bool random_once_in(random_source *source, uint32_t times) {
    return random_below(source, times) == 0;
}

double random_unit(random_source *source) {
    return ((double)(random_bits(source) >> 12) + 0.5) / 4503599627370496.0;
}

uint64_t random_duration_us(random_source *source, uint32_t bits) {
    uint32_t used = random_below(source, bits + 1);
    return used == 0 ? 0 : random_bits(source) >> (64 - used);
}

uint64_t random_lognormal_us(random_source *source, double mean, double deviation) {
    const double two_pi = 6.283185307179586;
    double radius = sqrt(-2 * log(random_unit(source)));
    double normal = radius * cos(two_pi * random_unit(source));
    double value = exp(mean + deviation * normal);
    return value < (double)XT_MAX_DURATION_US ? (uint64_t)value : XT_MAX_DURATION_US;
}
