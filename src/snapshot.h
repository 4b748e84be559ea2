/*
 * The internals of a snapshot, for the files that make one.
 */
#ifndef XT_SNAPSHOT_H
#define XT_SNAPSHOT_H

#include "exectrack_snapshot.h"
#include "image.h"

#pragma GCC visibility push(hidden)

/* Everything is in one block of memory: this struct, then the image's block. */
struct xt_snapshot {
    _Alignas(8) xt_image image;
    xt_allocator allocator;
    size_t bytes; /* of the whole block of memory */
    /* Of a recorder, what is known of its writer; else the state is XT_WRITER_NONE: */
    xt_writer_state writer_state;
    xt_writer writer;
};

_Static_assert(sizeof(xt_snapshot) % 8 == 0, "the image's block follows it");

/* `allocator`, or the system's if it is null. */
xt_allocator xt_allocator_or_system(const xt_allocator *allocator);

/* The size in bytes of a snapshot with the slots of `header`; SIZE_MAX if too large. */
size_t xt_snapshot_bytes_for(const xt_header *header);

/*
 * Allocates a snapshot with the slots of `header`, which it copies, with the new size.
 * The caller must fill in the rest of the image. On XT_ERROR_MEMORY `*snapshot` is null.
 */
xt_error xt_snapshot_allocate(const xt_header *header, const xt_allocator *allocator,
                              xt_snapshot **snapshot);

/* How many bytes xt_snapshot_take allocates; SIZE_MAX for too many. */
size_t xt_snapshot_bytes(const xt_image *image);

#pragma GCC visibility pop

#endif
