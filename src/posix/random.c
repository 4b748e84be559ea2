#define _DEFAULT_SOURCE /* for getentropy, which POSIX 2008 lacks */

#include "random.h"

#include "siphash.h"

#ifdef __APPLE__
#include <sys/random.h>
#endif
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A hash of time, process and an address, for when the system has no random bytes. */
static uint64_t hash_of_circumstances(uint64_t key) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t circumstances[] = {(uint64_t)now.tv_sec, (uint64_t)now.tv_nsec,
                                      (uint64_t)getpid(), (uint64_t)(uintptr_t)&now};
    return xt_siphash(circumstances, sizeof circumstances, key, 0);
}

void xt_random_bytes(void *bytes, size_t count) {
    if (getentropy(bytes, count) == 0) {
        return;
    }
    for (size_t i = 0; i < count; i += sizeof(uint64_t)) {
        uint64_t hash = hash_of_circumstances(i);
        size_t left = count - i;
        memcpy((char *)bytes + i, &hash, left < sizeof hash ? left : sizeof hash);
    }
}
