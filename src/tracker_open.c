/*
 * Making, opening and closing trackers.
 */
#include "builder.h"
#include "random.h"
#include "seed.h"
#include "tracker.h"

#include <string.h>

#ifdef XT_SHADOW /* a test build, with spec/shadow/ */
#include "shadow.h"
#endif

xt_options xt_options_default(void) {
    return (xt_options){
        .max_history = 1000, .max_tools = 512, .max_in_flight = 64, .session_names = 256};
}

static xt_allocator allocator_of(const xt_options *options) {
    return xt_allocator_or_system(&options->allocator);
}

/* The size in bytes of a tracker without its image, for tables with these slots. */
static size_t own_bytes(size_t tool_slots, size_t error_type_slots) {
    size_t slots =
        xt_name_index_slots(tool_slots) + xt_name_index_slots(error_type_slots);
    return sizeof(xt_tracker) + slots * sizeof(uint32_t);
}

/* Makes the zeroed `tracker` one of `image`, with its indexes and a clock, but without a
 * journal yet. */
static void attach(xt_tracker *tracker, const xt_image *image, const xt_storage *storage,
                   const xt_options *options) {
    size_t tool_slots = xt_name_index_slots(image->tool_names.head->slots);
    tracker->image = *image;
    tracker->storage = *storage;
    tracker->clock = options->clock;
    tracker->system_clock = xt_system_clock_start();
    tracker->allocator = allocator_of(options);
    if (image->header->record_count > 0) {
        tracker->newest_end_us = image->records[xt_image_place(image->header, 0)].end_us;
    }
    uint64_t seed = xt_seed_or_random(options->seed);
    xt_name_index_build(&tracker->tools, &image->tool_names, tracker->index_slots, seed);
    xt_name_index_build(&tracker->error_types, &image->error_types,
                        tracker->index_slots + tool_slots, seed);
}

/* From now on the journal of the storage is told before each change. */
static void announce(xt_tracker *tracker) {
    tracker->journal = tracker->storage.journal;
#ifdef XT_SHADOW
    if (tracker->journal == NULL) {
        tracker->journal = xt_shadow_open(&tracker->image);
    }
#endif
    bool is_plain = tracker->image.measures.count == 0 &&
                    tracker->image.header->texts[XT_ARGS_TEXTS].slots == 0;
    tracker->is_plain = is_plain && tracker->journal == NULL;
    tracker->is_plain_announced = is_plain && tracker->journal != NULL;
}

/* Stores a random UUID: version 4 of RFC 9562. */
static void draw_instance(uint8_t instance[XT_INSTANCE_BYTES]) {
    xt_random_bytes(instance, XT_INSTANCE_BYTES);
    instance[6] = (uint8_t)((instance[6] & 0x0f) | 0x40); /* the version */
    instance[8] = (uint8_t)((instance[8] & 0x3f) | 0x80); /* the variant */
}

/* Begins the run of a new tracker. */
static void begin_run(xt_tracker *tracker) {
    static const uint8_t none[XT_INSTANCE_BYTES];
    xt_header *header = tracker->image.header;
    if (memcmp(header->instance, none, sizeof none) == 0) {
        draw_instance(header->instance);
    }
    header->created_us = xt_tracker_now_us(tracker);
    header->cleared_us = header->created_us;
    announce(tracker);
}

/* A tracker of `image`, in memory of its own; null if there is no memory. */
static xt_tracker *allocate(const xt_image *image, const xt_storage *storage,
                            const xt_options *options) {
    xt_allocator from = allocator_of(options);
    size_t bytes =
        own_bytes(image->tool_names.head->slots, image->error_types.head->slots);
    xt_tracker *tracker = from.allocate(from.context, bytes);
    if (tracker != NULL) {
        attach(tracker, image, storage, options);
        tracker->memory = tracker;
        tracker->bytes = bytes;
    }
    return tracker;
}

xt_error xt_tracker_create_in(const xt_storage *storage, const xt_options *options,
                              xt_tracker **tracker) {
    xt_image image;
    xt_build_empty(&image, storage->journal != NULL ? XT_IN_A_FILE : XT_IN_MEMORY,
                   storage->block, options);
    *tracker = allocate(&image, storage, options);
    if (*tracker == NULL) {
        return XT_ERROR_MEMORY;
    }
    begin_run(*tracker);
    return XT_OK;
}

/*
 * The tracker of an empty image of `image_bytes`, in one block that begins with the
 * image; null if there is no memory. With two blocks, the allocator would zero the
 * smaller one by touching all of it.
 */
static xt_tracker *allocate_with_image(const xt_options *options, size_t image_bytes) {
    xt_allocator from = allocator_of(options);
    size_t bytes = own_bytes(options->max_tools + 1, XT_ERROR_TYPES + 1);
    char *block = image_bytes <= SIZE_MAX - bytes
                      ? from.allocate(from.context, image_bytes + bytes)
                      : NULL;
    if (block == NULL) {
        return NULL;
    }
    xt_image image;
    xt_tracker *tracker = (xt_tracker *)(void *)(block + image_bytes);
    xt_build_empty(&image, XT_IN_MEMORY, block, options);
    attach(tracker, &image, &(xt_storage){.block = block, .bytes = image_bytes}, options);
    tracker->memory = block;
    tracker->bytes = image_bytes + bytes;
    return tracker;
}

xt_error xt_tracker_create(const xt_options *options, xt_tracker **tracker) {
    const xt_options defaults = xt_options_default();
    size_t image_bytes;
    *tracker = NULL;
    if (options == NULL) {
        options = &defaults;
    }
    xt_error error = xt_build_plan(options, XT_IN_MEMORY, &image_bytes);
    if (error != XT_OK) {
        return error;
    }
    *tracker = allocate_with_image(options, image_bytes);
    if (*tracker == NULL) {
        return XT_ERROR_MEMORY;
    }
    begin_run(*tracker);
    return XT_OK;
}

xt_error xt_tracker_open_in(const xt_storage *storage, const xt_options *options,
                            xt_tracker **tracker, const char **wrong) {
    xt_image image;
    xt_allocator from = allocator_of(options);
    *tracker = NULL;
    xt_error error = storage->bytes < sizeof(xt_header)
                         ? XT_ERROR_SIZE
                         : xt_image_check_header(storage->block, storage->bytes);
    *wrong = xt_error_message(error);
    if (error != XT_OK) {
        return error;
    }
    xt_image_view(&image, storage->block);
    error = xt_image_verify(&image, &from, wrong);
    if (error != XT_OK) {
        return error;
    }
    *wrong = xt_image_check_room(&image);
    if (*wrong != NULL) {
        return XT_ERROR_INVALID;
    }
    *tracker = allocate(&image, storage, options);
    if (*tracker == NULL) {
        return XT_ERROR_MEMORY;
    }
    announce(*tracker);
    return XT_OK;
}

void xt_tracker_close(xt_tracker *tracker) {
    if (tracker != NULL) {
        xt_storage storage = tracker->storage;
        xt_allocator from = tracker->allocator;
#ifdef XT_SHADOW
        xt_shadow_close(storage.journal == NULL ? tracker->journal : NULL);
#endif
        if (storage.release != NULL) {
            storage.release(storage.context, storage.block, storage.bytes);
        }
        from.release(from.context, tracker->memory, tracker->bytes);
    }
}
