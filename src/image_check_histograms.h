/*
 * The part of the check of an image that is about histograms.
 */
#ifndef XT_IMAGE_CHECK_HISTOGRAMS_H
#define XT_IMAGE_CHECK_HISTOGRAMS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * Null if the histograms are as invariant 7 says, else what is wrong. The tools must be sound
 * by themselves. `is_taken` is room for each histogram, and is overwritten.
 */
const char *xt_image_check_histograms(const xt_image *image, bool is_taken[]);

#pragma GCC visibility pop

#endif
