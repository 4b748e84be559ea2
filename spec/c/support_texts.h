/*
 * Texts of images for tests: compared, and those of a merge with those of its runs.
 */
#ifndef SUPPORT_TEXTS_H
#define SUPPORT_TEXTS_H

#include "image.h"

/* Fails the test unless both images keep the same texts, and as many at most. */
void assert_same_texts(const xt_image *a, const xt_image *b);

/* Fails the test unless `merge`, in which all names and texts have room, keeps of each that
 * one of the runs has the one that was used last, and no others. */
void assert_merged_texts(const xt_image *merge, size_t count,
                         const xt_image *const images[]);

#endif
