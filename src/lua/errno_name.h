/*
 * POSIX's names for the system's errors.
 */
#ifndef XL_ERRNO_NAME_H
#define XL_ERRNO_NAME_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* All names are in static memory. */

/* The name of error number `value`, such as `ENOENT`; null if it has none. */
const char *xl_errno_name(int value);

/* `word`, if it is such a name; else null. */
const char *xl_errno_named(xt_text word);

/*
 * The name of the error whose description, as strerror returns it or with a lower-case
 * first letter, is in `message`; null if there is none. Of several, that with the longest
 * description. O(length).
 */
const char *xl_errno_described(xt_text message);

#pragma GCC visibility pop

#endif
