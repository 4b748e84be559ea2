/*
 * The check of an image's histograms.
 */
#ifndef XT_IMAGE_CHECK_HISTOGRAMS_H
#define XT_IMAGE_CHECK_HISTOGRAMS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * Null if the histograms keep invariant 7, else a message. The tools must have passed
 * xt_tool_check. `is_taken` has room for each histogram, and is overwritten.
 */
const char *xt_image_check_histograms(const xt_image *image, bool is_taken[]);

#pragma GCC visibility pop

#endif
