/*
 * A naive model of grouping: it sorts the records by their keys.
 */
#ifndef SUPPORT_GROUPS_H
#define SUPPORT_GROUPS_H

#include "exectrack_snapshot.h"

/* Fails the test unless `groups` are the groups of `image` by `grouping`. */
void assert_groups_are_right(const xt_groups *groups, const xt_image *image,
                             const xt_grouping *grouping);

#endif
