/*
 * A journal for test builds: it copies the image when an operation begins, and ends the
 * process if a byte was changed that wasn't touched first, or if an operation touches
 * more than it may.
 *
 * With XT_SHADOW defined every tracker without a journal has one.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include "image.h"

/* A shadow of `image`, whose block must not move; it must be closed. */
xt_journal *xt_shadow_open(const xt_image *image);

void xt_shadow_close(xt_journal *journal);

#endif
