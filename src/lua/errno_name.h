/*
 * The names that POSIX gives to the system's errors.
 */
#ifndef XL_ERRNO_NAME_H
#define XL_ERRNO_NAME_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* The name of error number `value`, such as `ENOENT`, in static memory; null for none. */
const char *xl_errno_name(int value);

/* The name that is `word`, in static memory; null if none is. */
const char *xl_errno_named(xt_text word);

/*
 * The name of the error whose message, as strerror gives it or with a small first letter,
 * is part of `message`, in static memory; null for none. Of several, that with the
 * longest message. O(length).
 */
const char *xl_errno_described(xt_text message);

#pragma GCC visibility pop

#endif
