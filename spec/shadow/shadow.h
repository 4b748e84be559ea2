/*
 * A journal for test builds: it keeps a copy of what an operation began with, and ends the
 * process if a byte was changed that wasn't announced, or before it was, or if an operation
 * touches more than it may.
 *
 * With XT_SHADOW defined every tracker without a journal has one.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include "image.h"

/* A shadow of `image`, which must stay where it is; to be closed. */
xt_journal *xt_shadow_open(const xt_image *image);

void xt_shadow_close(xt_journal *journal);

#endif
