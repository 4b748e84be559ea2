#include "snapshot.h"

#include "memory.h"

#include <string.h>

xt_allocator xt_allocator_or_system(const xt_allocator *allocator) {
    return allocator != NULL && allocator->allocate != NULL ? *allocator
                                                            : xt_system_allocator;
}

/* Zeroes the last word of a section of `count` bytes, which they may leave a part of. */
static void clear_padding(char *bytes, size_t count) {
    if (count % 8 != 0) {
        memset(bytes + (count & ~(size_t)7), 0, 8);
    }
}

/* The memory of a snapshot with the slots that `header` says; SIZE_MAX for too much. */
static size_t bytes_of(const xt_header *header) {
    size_t block_bytes = xt_image_size(header);
    return block_bytes < SIZE_MAX - sizeof(xt_snapshot)
               ? sizeof(xt_snapshot) + block_bytes
               : SIZE_MAX;
}

xt_error xt_snapshot_allocate(const xt_header *header, const xt_allocator *allocator,
                              xt_snapshot **result) {
    xt_allocator from = xt_allocator_or_system(allocator);
    size_t bytes = bytes_of(header);
    *result = NULL;
    xt_snapshot *snapshot = bytes < SIZE_MAX ? from.allocate(from.context, bytes) : NULL;
    if (snapshot == NULL) {
        return XT_ERROR_MEMORY;
    }
    snapshot->allocator = from;
    snapshot->bytes = bytes;
    xt_header *own_header = (xt_header *)(snapshot + 1);
    *own_header = *header;
    own_header->size_bytes = bytes - sizeof(xt_snapshot);
    xt_image_view(&snapshot->image, own_header);
    clear_padding(snapshot->image.tool_names.bytes, header->tool_names.byte_slots);
    clear_padding(snapshot->image.error_types.bytes, header->error_types.byte_slots);
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

static xt_names_head compact_names(const xt_names_head *head) {
    return (xt_names_head){head->count, head->count, head->byte_count, head->byte_count};
}

/* The header of `image` with no more slots than are used, and `record_count` records. */
static xt_header compact_header(const xt_image *image, size_t record_count) {
    xt_header header = *image->header;
    uint32_t listed = header.in_flight.listed;
    header.checksum = 0;
    header.generation = 0;
    header.tool_names = compact_names(&header.tool_names);
    header.error_types = compact_names(&header.error_types);
    header.in_flight = (xt_in_flight_head){
        .slots = listed,
        .used = listed,
        .listed = listed,
        .oldest = listed > 0 ? 1 : 0,
        .newest = listed,
        .serial = header.in_flight.serial,
    };
    header.denial_slots = header.denial_count;
    header.record_slots = (uint32_t)record_count;
    header.record_count = (uint32_t)record_count;
    header.record_next = 0;
    return header;
}

size_t xt_snapshot_bytes(const xt_image *image) {
    xt_header header = compact_header(image, image->header->record_count);
    return bytes_of(&header);
}

static void copy(void *to, const void *from, size_t count, size_t item_bytes) {
    if (count > 0) {
        memcpy(to, from, count * item_bytes);
    }
}

static void copy_names(xt_names *to, const xt_names *from) {
    copy(to->names, from->names, from->head->count, sizeof from->names[0]);
    copy(to->bytes, from->bytes, from->head->byte_count, 1);
}

/* Copies what is listed, in slots from 1 on in the order of the starts. */
static void copy_in_flight(xt_in_flight *to, const xt_in_flight *from) {
    uint32_t slot = from->head->oldest;
    for (uint32_t i = 1; slot != 0; i++) {
        xt_in_flight_entry *entry = &to->entries[i - 1];
        *entry = *xt_in_flight_get(from, slot);
        slot = entry->next;
        entry->previous = i - 1;
        entry->next = slot != 0 ? i + 1 : 0;
    }
}

xt_error xt_snapshot_allocate_like(const xt_image *image, size_t record_count,
                                   const xt_allocator *allocator,
                                   xt_snapshot **snapshot) {
    xt_header header = compact_header(image, record_count);
    xt_error error = xt_snapshot_allocate(&header, allocator, snapshot);
    if (error != XT_OK) {
        return error;
    }
    xt_image *to = &(*snapshot)->image;
    size_t tools = header.tool_names.count;
    copy(to->tools, image->tools, tools, sizeof image->tools[0]);
    copy(to->histograms, image->histograms, tools, sizeof image->histograms[0]);
    copy_names(&to->tool_names, &image->tool_names);
    copy_names(&to->error_types, &image->error_types);
    copy_in_flight(&to->in_flight, &image->in_flight);
    copy(to->denials, image->denials, header.denial_count, sizeof image->denials[0]);
    return XT_OK;
}

xt_error xt_snapshot_take(const xt_image *image, const xt_allocator *allocator,
                          xt_snapshot **snapshot) {
    xt_stretch stretches[2];
    xt_error error = xt_snapshot_allocate_like(image, image->header->record_count,
                                               allocator, snapshot);
    if (error != XT_OK) {
        return error;
    }
    xt_record *records = (*snapshot)->image.records;
    xt_image_stretches(image, stretches);
    copy(records, stretches[0].records, stretches[0].count, sizeof records[0]);
    copy(records + stretches[0].count, stretches[1].records, stretches[1].count,
         sizeof records[0]);
    return XT_OK;
}

void xt_snapshot_count_windows(xt_image *snapshot) {
    xt_header *header = snapshot->header;
    header->window = (xt_window){0};
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        snapshot->tools[i].window = (xt_window){0};
    }
    for (uint32_t i = 0; i < header->record_count; i++) {
        const xt_record *record = &snapshot->records[i];
        xt_window_add(&header->window, record);
        xt_window_add(&snapshot->tools[record->tool].window, record);
    }
}

bool xt_snapshot_equals(const xt_snapshot *a, const xt_snapshot *b) {
    size_t bytes = xt_image_bytes(&a->image);
    return bytes == xt_image_bytes(&b->image) &&
           memcmp(a->image.header, b->image.header, bytes) == 0;
}
