#include "tracker.h"

#include "clock.h"
#include "denials.h"
#include "memory.h"

#include <assert.h>
#include <string.h>

/* Everything is in one block: the image, then this, then the slots of the indexes. */
struct xt_tracker {
    xt_image image;
    xt_name_index tools;
    xt_name_index error_types;
    xt_clock clock;
    xt_system_clock system_clock;
    xt_allocator allocator;
    size_t block_bytes;
    uint32_t index_slots[];
};

xt_options xt_options_default(void) {
    return (xt_options){.max_history = 1000, .max_tools = 512, .max_in_flight = 64};
}

/* Reads the clock and remembers the reading as the latest. It never goes back. */
static uint64_t read_clock(xt_tracker *tracker) {
    uint64_t *latest_us = &tracker->image.header->now_us;
    uint64_t now_us = tracker->clock.now_us != NULL
                          ? tracker->clock.now_us(tracker->clock.context)
                          : xt_system_clock_now_us(&tracker->system_clock);
    if (now_us > XT_MAX_COUNT) {
        now_us = XT_MAX_COUNT;
    }
    if (now_us > *latest_us) {
        *latest_us = now_us;
    }
    return *latest_us;
}

/* Makes an empty tracker of the zeroed `tracker` and the zeroed `block` of its image. */
static void build(xt_tracker *tracker, void *block, size_t image_bytes,
                  const xt_options *options) {
    xt_image *image = &tracker->image;
    tracker->clock = options->clock;
    tracker->system_clock = xt_system_clock_start();
    xt_image_create(image, block, image_bytes, options, 0);
    image->header->created_us = read_clock(tracker);
    uint32_t *slots = tracker->index_slots;
    xt_name_index_build(&tracker->tools, &image->tool_names, slots);
    slots += xt_name_index_slots(image->tool_names.head->slots);
    xt_name_index_build(&tracker->error_types, &image->error_types, slots);
}

/* Stores the size of the block, and of the image that it begins with. */
static xt_error plan(const xt_options *options, size_t *block_bytes,
                     size_t *image_bytes) {
    xt_error error = xt_image_plan(options, image_bytes);
    if (error != XT_OK) {
        return error;
    }
    size_t slots = xt_name_index_slots(options->max_tools + 1) +
                   xt_name_index_slots(XT_ERROR_TYPES + 1);
    size_t own_bytes = sizeof(xt_tracker) + slots * sizeof(uint32_t);
    *block_bytes = *image_bytes + own_bytes;
    return *image_bytes <= SIZE_MAX - own_bytes ? XT_OK : XT_ERROR_MEMORY;
}

xt_error xt_tracker_create(const xt_options *options, xt_tracker **result) {
    const xt_options defaults = xt_options_default();
    size_t block_bytes;
    size_t image_bytes;
    *result = NULL;
    if (options == NULL) {
        options = &defaults;
    }
    xt_error error = plan(options, &block_bytes, &image_bytes);
    if (error != XT_OK) {
        return error;
    }
    xt_allocator allocator =
        options->allocator.allocate != NULL ? options->allocator : xt_system_allocator;
    char *block = allocator.allocate(allocator.context, block_bytes);
    if (block == NULL) {
        return XT_ERROR_MEMORY;
    }
    xt_tracker *tracker = (xt_tracker *)(void *)(block + image_bytes);
    tracker->allocator = allocator;
    tracker->block_bytes = block_bytes;
    build(tracker, block, image_bytes, options);
    *result = tracker;
    return XT_OK;
}

void xt_tracker_close(xt_tracker *tracker) {
    if (tracker != NULL) {
        xt_allocator allocator = tracker->allocator;
        allocator.release(allocator.context, tracker->image.header, tracker->block_bytes);
    }
}

static uint32_t intern_tool(xt_tracker *tracker, xt_text name) {
    return xt_name_index_intern(&tracker->tools, &tracker->image.tool_names, name,
                                &tracker->image.header->tools_overflowed);
}

static uint16_t intern_error_type(xt_tracker *tracker, xt_text name) {
    if (name.length == 0) {
        return 0;
    }
    return (uint16_t)xt_name_index_intern(&tracker->error_types,
                                          &tracker->image.error_types, name,
                                          &tracker->image.header->error_types_overflowed);
}

/*
 * The place in the ring for the next record, which the oldest leaves if the ring is full;
 * `otherwise` if there is no ring.
 */
static xt_record *take_place(xt_image *image, xt_record *otherwise) {
    xt_header *header = image->header;
    if (header->record_slots == 0) {
        return otherwise;
    }
    xt_record *place = &image->records[header->record_next];
    if (header->record_count == header->record_slots) {
        xt_window_remove(&image->tools[place->tool].window, place);
        xt_window_remove(&header->window, place);
    } else {
        header->record_count++;
    }
    header->record_next =
        header->record_next + 1 < header->record_slots ? header->record_next + 1 : 0;
    return place;
}

static bool ends_before_newest(const xt_image *image, uint64_t end_us) {
    const xt_header *header = image->header;
    return header->record_count > 0 &&
           end_us < image->records[xt_image_place(header, 0)].end_us;
}

/* Counts `record`, which was just made. */
static void count(xt_image *image, const xt_record *record) {
    xt_header *header = image->header;
    xt_tool *tool = &image->tools[record->tool];
    header->recorded++;
    xt_lifetime_add(&header->lifetime, record);
    xt_tool_add(tool, record);
    xt_histogram_add(&image->histograms[record->tool], xt_record_duration_us(record));
    if (header->record_slots > 0) {
        xt_window_add(&header->window, record);
        xt_window_add(&tool->window, record);
    }
}

/*
 * Adds `execution`, which was of tool `tool_id` and ended at `end_us`, and whose status
 * is one. The record is made in its place: copying one that was just made would stall.
 */
static void append(xt_tracker *tracker, const xt_execution *execution, uint32_t tool_id,
                   uint64_t end_us) {
    xt_image *image = &tracker->image;
    const xt_outcome *outcome = &execution->outcome;
    uint64_t duration_us = execution->duration_us < XT_MAX_DURATION_US
                               ? execution->duration_us
                               : XT_MAX_DURATION_US;
    uint16_t error_type = intern_error_type(tracker, outcome->error_type);
    if (ends_before_newest(image, end_us)) {
        image->header->flags |= XT_FLAG_UNORDERED;
    }
    xt_record unretained;
    xt_record *record = take_place(image, &unretained);
    record->end_us = end_us;
    record->packed = xt_record_pack(duration_us, outcome->status, outcome->was_cached);
    record->args_hash = execution->args_hash;
    record->tool = (uint16_t)(tool_id - 1);
    record->error_type = error_type;
    count(image, record);
}

static bool is_status(xt_status status) {
    return (unsigned)status <= XT_CANCELLED;
}

xt_error xt_tracker_record(xt_tracker *tracker, const xt_execution *execution) {
    if (!is_status(execution->outcome.status)) {
        return XT_ERROR_STATUS;
    }
    uint64_t end_us = read_clock(tracker);
    append(tracker, execution, intern_tool(tracker, execution->tool), end_us);
    return XT_OK;
}

xt_error xt_tracker_record_at(xt_tracker *tracker, const xt_execution *execution) {
    if (!is_status(execution->outcome.status)) {
        return XT_ERROR_STATUS;
    }
    uint64_t end_us = execution->end_us < XT_MAX_COUNT ? execution->end_us : XT_MAX_COUNT;
    append(tracker, execution, intern_tool(tracker, execution->tool), end_us);
    return XT_OK;
}

/* Starts an execution at `start_us`, which isn't after the latest reading. */
static xt_span start(xt_tracker *tracker, xt_text name, uint32_t args_hash,
                     uint64_t start_us) {
    xt_image *image = &tracker->image;
    xt_span span = {
        .start_us = start_us,
        .serial = ++image->in_flight.head->serial,
        .tool_id = intern_tool(tracker, name),
        .args_hash = args_hash,
    };
    xt_tool *tool = &image->tools[span.tool_id - 1];
    span.slot = xt_in_flight_add(&image->in_flight, &span);
    tool->listed += span.slot != 0;
    tool->in_flight++;
    image->header->running++;
    return span;
}

xt_span xt_tracker_start(xt_tracker *tracker, xt_text tool, uint32_t args_hash) {
    uint64_t start_us = read_clock(tracker);
    return start(tracker, tool, args_hash, start_us);
}

xt_span xt_tracker_start_at(xt_tracker *tracker, xt_text tool, uint32_t args_hash,
                            uint64_t start_us) {
    uint64_t latest_us = tracker->image.header->now_us;
    return start(tracker, tool, args_hash, start_us < latest_us ? start_us : latest_us);
}

/*
 * Whether `span` is in flight. Of one that isn't listed only so much is known that
 * finishing it leaves the image sound.
 */
static bool is_running(const xt_image *image, const xt_span *span) {
    const xt_header *header = image->header;
    if (span->serial == 0 || span->serial > header->in_flight.serial ||
        span->start_us > header->now_us || span->tool_id == 0 ||
        span->tool_id > header->tool_names.count) {
        return false;
    }
    const xt_tool *tool = &image->tools[span->tool_id - 1];
    return span->slot != 0 ? xt_in_flight_has(&image->in_flight, span)
                           : tool->in_flight > tool->listed;
}

/* Takes `span`, which is in flight, out of what is, and marks it as finished. */
static void take_out(xt_image *image, xt_span *span) {
    xt_tool *tool = &image->tools[span->tool_id - 1];
    if (span->slot != 0) {
        xt_in_flight_remove(&image->in_flight, span->slot);
        tool->listed--;
    }
    tool->in_flight--;
    image->header->running--;
    span->serial = 0;
}

xt_error xt_tracker_finish(xt_tracker *tracker, xt_span *span, const xt_outcome *outcome,
                           uint64_t *duration_us) {
    xt_image *image = &tracker->image;
    if (!is_status(outcome->status)) {
        return XT_ERROR_STATUS;
    }
    if (!is_running(image, span)) {
        return XT_ERROR_SPAN;
    }
    uint64_t end_us = read_clock(tracker);
    if (!is_running(image, span)) { /* the clock finished it */
        return XT_ERROR_SPAN;
    }
    xt_execution execution = {
        .outcome = *outcome,
        .duration_us = end_us - span->start_us,
        .args_hash = span->args_hash,
    };
    take_out(image, span);
    append(tracker, &execution, span->tool_id, end_us);
    if (duration_us != NULL) {
        *duration_us = execution.duration_us;
    }
    return XT_OK;
}

void xt_tracker_finish_as(xt_tracker *tracker, xt_span *span,
                          const xt_execution *execution) {
    assert(is_status(execution->outcome.status) && execution->end_us <= XT_MAX_COUNT);
    assert(is_running(&tracker->image, span));
    take_out(&tracker->image, span);
    append(tracker, execution, span->tool_id, execution->end_us);
}

void xt_tracker_deny(xt_tracker *tracker, xt_text tool, xt_text reason,
                     uint64_t denied_us) {
    xt_image *image = &tracker->image;
    uint64_t overflowed = 0; /* of no interest: only executions are counted there */
    if (reason.length == 0) {
        reason = (xt_text){XT_OTHER, XT_OTHER_LENGTH};
    }
    uint32_t tool_id =
        xt_name_index_intern(&tracker->tools, &image->tool_names, tool, &overflowed);
    uint32_t reason_id = xt_name_index_intern(&tracker->error_types, &image->error_types,
                                              reason, &overflowed);
    xt_denials_count(image, tool_id, reason_id,
                     denied_us < XT_MAX_COUNT ? denied_us : XT_MAX_COUNT);
}

void xt_tracker_clear(xt_tracker *tracker) {
    xt_image *image = &tracker->image;
    xt_header *header = image->header;
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        if (xt_lifetime_executions(&image->tools[i].lifetime) > 0) {
            xt_tool_clear(&image->tools[i]);
            image->histograms[i] = (xt_histogram){0};
        }
    }
    header->flags &= ~(uint32_t)XT_FLAG_UNORDERED;
    header->denial_count = 0;
    header->denials_overflowed = 0;
    header->record_count = 0;
    header->record_next = 0;
    header->lifetime = (xt_lifetime){0};
    header->window = (xt_window){0};
    header->tools_overflowed = 0;
    header->error_types_overflowed = 0;
}

uint32_t xt_tracker_tool_id(const xt_tracker *tracker, xt_text name) {
    return xt_name_index_find(&tracker->tools, &tracker->image.tool_names, name);
}

uint64_t xt_tracker_now_us(xt_tracker *tracker) {
    return read_clock(tracker);
}

const xt_image *xt_tracker_image(const xt_tracker *tracker) {
    return &tracker->image;
}
