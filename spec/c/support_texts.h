/*
 * Comparing the texts of two images, and those of a merge with those of its runs.
 */
#ifndef SUPPORT_TEXTS_H
#define SUPPORT_TEXTS_H

#include "image.h"

/* Fails the test unless both images keep the same texts and have the same limits. */
void assert_same_texts(const xt_image *a, const xt_image *b);

/* Fails the test unless `merge`, in which all names and texts fit, keeps for each key of
 * its runs the text that was used last, and no others. */
void assert_merged_texts(const xt_image *merge, size_t count,
                         const xt_image *const images[]);

#endif
