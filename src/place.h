/*
 * The place of an execution in an imported log.
 */
#ifndef XT_PLACE_H
#define XT_PLACE_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/*
 * The name that is stored for `file`. One longer than XT_NAME_BYTES loses its beginning, as
 * the file's own name is at the end: it is written to `bytes`, with an ellipsis in front,
 * and begins with a whole character of UTF-8.
 */
xt_text xt_place_cut(xt_text file, char bytes[XT_NAME_BYTES]);

#pragma GCC visibility pop

#endif
