/*
 * The check of the places of an image's records.
 */
#ifndef XT_IMAGE_CHECK_PLACES_H
#define XT_IMAGE_CHECK_PLACES_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* Null if the places keep invariant 16, else a message. `sorted` has room for each log
 * file, and is overwritten. O(records + files * log files). */
const char *xt_image_check_places(const xt_image *image, xt_named sorted[]);

#pragma GCC visibility pop

#endif
