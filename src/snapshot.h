/*
 * A snapshot as the files that make one see it: an image with its block in one piece of
 * memory.
 */
#ifndef XT_SNAPSHOT_H
#define XT_SNAPSHOT_H

#include "exectrack_snapshot.h"
#include "image.h"

#pragma GCC visibility push(hidden)

/* Everything is in one block of memory: this, then the image's block. */
struct xt_snapshot {
    _Alignas(8) xt_image image;
    xt_allocator allocator;
    size_t bytes; /* of all the memory */
};

_Static_assert(sizeof(xt_snapshot) % 8 == 0, "the image's block stands behind it");

/* `allocator`, or the system's if it is null. */
xt_allocator xt_allocator_or_system(const xt_allocator *allocator);

/* The memory of a snapshot with the slots that `header` says; SIZE_MAX for too much. */
size_t xt_snapshot_bytes_for(const xt_header *header);

/*
 * Allocates a snapshot whose image begins with a copy of `header`, made as large as the
 * slots there say. All else of the image is for the caller to fill in. XT_ERROR_MEMORY
 * leaves `*snapshot` null.
 */
xt_error xt_snapshot_allocate(const xt_header *header, const xt_allocator *allocator,
                              xt_snapshot **snapshot);

/* How many bytes xt_snapshot_take asks for; SIZE_MAX for too many. */
size_t xt_snapshot_bytes(const xt_image *image);

#pragma GCC visibility pop

#endif
