#define _DEFAULT_SOURCE /* for getentropy, which POSIX 2008 lacks */

#include "seed.h"

#include "siphash.h"

#ifdef __APPLE__
#include <sys/random.h>
#endif
#include <time.h>
#include <unistd.h>

/* What differs between processes and moments, for where the system refuses. */
static uint64_t hash_of_circumstances(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t circumstances[] = {(uint64_t)now.tv_sec, (uint64_t)now.tv_nsec,
                                      (uint64_t)getpid(), (uint64_t)(uintptr_t)&now};
    return xt_siphash(circumstances, sizeof circumstances, 0, 0);
}

uint64_t xt_seed_or_random(uint64_t given) {
    uint64_t seed = given;
    if (given == 0 && getentropy(&seed, sizeof seed) != 0) {
        return hash_of_circumstances();
    }
    return seed;
}
