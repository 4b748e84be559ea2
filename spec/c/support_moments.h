/*
 * What a recorder was at each moment, to compare copies with.
 */
#ifndef SUPPORT_MOMENTS_H
#define SUPPORT_MOMENTS_H

#include "exectrack_snapshot.h"
#include "image.h"

/* Snapshots of a run after each operation, as it was for a time. All zeros is none. */
typedef struct moments {
    xt_snapshot **taken;
    size_t count;
    size_t room;
} moments;

/* Adds what `image` is now. */
void add_moment(moments *of, const xt_image *image);

/* Forgets all moments. */
void forget_moments(moments *of);

/*
 * Fails the test unless `copy`, the image of a copy, is sound and is what the run was at
 * one of the moments, apart from the clock's latest reading, and from the oldest records.
 * Returns how many of these it lacks: not more than may have been overwritten by the last
 * moment.
 */
uint64_t assert_is_moment(const moments *of, const xt_image *copy);

#endif
