#include "random.h"

#include <windows.h>

#include <ntsecapi.h> /* needs windows.h */

/* The system's documentation says that this doesn't fail. */
void xt_random_bytes(void *bytes, size_t count) {
    RtlGenRandom(bytes, (ULONG)count);
}
