#include "builder.h"
#include "memory.h"

#include <string.h>

xt_allocator xt_allocator_or_system(const xt_allocator *allocator) {
    return allocator != NULL && allocator->allocate != NULL ? *allocator
                                                            : xt_system_allocator;
}

size_t xt_snapshot_bytes_for(const xt_header *header) {
    size_t block_bytes = xt_image_size(header);
    return block_bytes < SIZE_MAX - sizeof(xt_snapshot)
               ? sizeof(xt_snapshot) + block_bytes
               : SIZE_MAX;
}

xt_error xt_snapshot_allocate(const xt_header *header, const xt_allocator *allocator,
                              xt_snapshot **result) {
    xt_allocator from = xt_allocator_or_system(allocator);
    size_t bytes = xt_snapshot_bytes_for(header);
    *result = NULL;
    xt_snapshot *snapshot = bytes < SIZE_MAX ? from.allocate(from.context, bytes) : NULL;
    if (snapshot == NULL) {
        return XT_ERROR_MEMORY;
    }
    snapshot->allocator = from;
    snapshot->bytes = bytes;
    snapshot->writer_state = XT_WRITER_NONE;
    xt_header *own_header = (xt_header *)(snapshot + 1);
    *own_header = *header;
    own_header->size_bytes = bytes - sizeof(xt_snapshot);
    xt_image_view(&snapshot->image, own_header);
    *result = snapshot;
    return XT_OK;
}

void xt_snapshot_close(xt_snapshot *snapshot) {
    if (snapshot != NULL) {
        xt_allocator allocator = snapshot->allocator;
        allocator.release(allocator.context, snapshot, snapshot->bytes);
    }
}

const xt_image *xt_snapshot_image(const xt_snapshot *snapshot) {
    return &snapshot->image;
}

xt_known_writer xt_snapshot_writer(const xt_snapshot *snapshot) {
    const xt_writer *writer = &snapshot->writer;
    if (snapshot->writer_state == XT_WRITER_NONE) {
        return (xt_known_writer){.state = XT_WRITER_NONE};
    }
    return (xt_known_writer){.state = snapshot->writer_state,
                             .pid = writer->pid,
                             .host = {writer->host, writer->host_length},
                             .opened_us = writer->opened_us};
}

void xt_snapshot_copy_writer(xt_snapshot *snapshot, const xt_snapshot *from) {
    snapshot->writer_state = from->writer_state;
    snapshot->writer = from->writer;
}

size_t xt_snapshot_bytes(const xt_image *image) {
    xt_room room = xt_room_of(image);
    return xt_builder_bytes(&room);
}

xt_error xt_snapshot_take(const xt_image *image, const xt_allocator *allocator,
                          xt_snapshot **snapshot) {
    xt_builder builder;
    xt_stretch stretches[2];
    xt_error error = xt_builder_open_like(&builder, image, image->header->record_count,
                                          NULL, allocator);
    if (error == XT_OK) {
        xt_image_stretches(image, stretches);
        xt_builder_add_stretch(&builder, stretches[0]);
        xt_builder_add_stretch(&builder, stretches[1]);
        xt_builder_finish(&builder);
    }
    *snapshot = builder.snapshot;
    return error;
}

xt_error xt_snapshot_without_texts(const xt_image *image, const xt_allocator *allocator,
                                   xt_snapshot **snapshot) {
    xt_texts_head none = {.is_sorted = 1};
    xt_image bare = *image;
    bare.texts[XT_ARGS_TEXTS].head = &none;
    bare.texts[XT_ERROR_TEXTS].head = &none;
    return xt_snapshot_take(&bare, allocator, snapshot);
}

bool xt_snapshot_equals(const xt_snapshot *a, const xt_snapshot *b) {
    size_t bytes = xt_image_bytes(&a->image);
    return bytes == xt_image_bytes(&b->image) &&
           memcmp(a->image.header, b->image.header, bytes) == 0;
}
