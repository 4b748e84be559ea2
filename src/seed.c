#include "seed.h"

#include "random.h"

uint64_t xt_seed_or_random(uint64_t given) {
    uint64_t seed = given;
    if (given == 0) {
        xt_random_bytes(&seed, sizeof seed);
    }
    return seed;
}
