/*
 * The facts of an image, and the room that its contents need.
 */
#include "builder.h"

#include <string.h>

xt_facts xt_facts_of(const xt_image *image) {
    const xt_header *header = image->header;
    xt_facts facts = {
        .label = xt_image_label(image),
        .max_history = header->max_history,
        .max_tools = header->max_tools,
        .max_in_flight = header->max_in_flight,
        .ignored_args = header->ignored_args,
        .is_in_order = xt_image_is_in_order(image),
        .is_filtered = xt_image_is_filtered(image),
        .created_us = header->created_us,
        .cleared_us = header->cleared_us,
        .now_us = header->now_us,
        .lost_us = xt_image_lost_us(image),
        .recorded = header->recorded,
        .undated = header->undated,
        .started = header->in_flight.serial,
        .tools_overflowed = header->tools_overflowed,
        .error_types_overflowed = header->error_types_overflowed,
        .denials_overflowed = header->denials_overflowed,
        .measure_count = header->measure_count,
    };
    memcpy(facts.instance, header->instance, sizeof facts.instance);
    memcpy(facts.measures, image->measures.entries,
           facts.measure_count * sizeof facts.measures[0]);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        facts.max_texts[kind] = image->texts[kind].head->most;
    }
    return facts;
}

/* How many histograms of `image` aren't empty. */
static uint32_t count_histograms(const xt_image *image) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < image->header->histogram_count; i++) {
        count += !xt_histogram_is_empty(&image->histograms[i]);
    }
    return count;
}

xt_room xt_room_of(const xt_image *image) {
    const xt_header *header = image->header;
    xt_room room = {
        .tools = header->tool_names.count,
        .tool_name_bytes = header->tool_names.byte_count,
        .histograms = count_histograms(image),
        .error_types = header->error_types.count,
        .error_type_bytes = header->error_types.byte_count,
        .in_flight = header->in_flight.listed,
        .known = header->known_slots,
        .denials = header->denial_count,
        .denied_calls = header->denied_count,
        .measures = header->measure_count,
        .records = header->record_count,
        .log_files = image->log_files.head->count,
        .log_file_bytes = image->log_files.head->byte_count,
    };
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        room.texts[kind] = image->texts[kind].head->count;
    }
    return room;
}

xt_room xt_room_for_limits(const xt_facts *facts) {
    xt_room room = {
        .tools = xt_names_slots_for(facts->max_tools),
        .tool_name_bytes = xt_names_bytes_for(facts->max_tools),
        .histograms = XT_OUTCOMES * xt_names_slots_for(facts->max_tools),
        .error_types = xt_names_slots_for(XT_ERROR_TYPES),
        .error_type_bytes = xt_names_bytes_for(XT_ERROR_TYPES),
        .in_flight = facts->max_in_flight,
        .denials = XT_MAX_DENIALS,
        .denied_calls = XT_MAX_DENIED_CALLS,
        .measures = facts->measure_count,
        .records = facts->max_history,
    };
    memcpy(room.texts, facts->max_texts, sizeof room.texts);
    return room;
}
