/*
 * Reading an image that keeps the invariants: a tracker's or a snapshot's.
 */
#include "kept_texts.h"
#include "measures.h"

#include <string.h>

static xt_counts counts_of_lifetime(const xt_lifetime *lifetime) {
    return (xt_counts){
        .executions = xt_lifetime_executions(lifetime),
        .successful = lifetime->by_status[XT_SUCCESS],
        .failed = lifetime->by_status[XT_FAILED],
        .timed_out = lifetime->by_status[XT_TIMED_OUT],
        .cancelled = lifetime->by_status[XT_CANCELLED],
        .cached_hits = lifetime->cached_hits,
        .untimed = lifetime->untimed,
        .elapsed = lifetime->elapsed,
        .total_duration_us = lifetime->total_us,
        .elapsed_duration_us = lifetime->elapsed_us,
    };
}

static uint64_t window_executions(const xt_window *window) {
    uint64_t executions = 0;
    for (int status = 0; status < XT_STATUSES; status++) {
        executions += window->by_status[status];
    }
    return executions;
}

static xt_counts counts_of_window(const xt_window *window) {
    return (xt_counts){
        .executions = window_executions(window),
        .successful = window->by_status[XT_SUCCESS],
        .failed = window->by_status[XT_FAILED],
        .timed_out = window->by_status[XT_TIMED_OUT],
        .cancelled = window->by_status[XT_CANCELLED],
        .cached_hits = window->cached_hits,
        .untimed = window->untimed,
        .elapsed = window->elapsed,
        .total_duration_us = window->total_us,
        .elapsed_duration_us = window->elapsed_us,
    };
}

xt_stats xt_image_stats(const xt_image *image) {
    const xt_header *header = image->header;
    return (xt_stats){
        .lifetime = counts_of_lifetime(&header->lifetime),
        .window = counts_of_window(&header->window),
        .overflowed = header->tools_overflowed,
        .error_types_overflowed = header->error_types_overflowed,
        .in_flight =
            header->running < UINT32_MAX ? (uint32_t)header->running : UINT32_MAX,
    };
}

static bool is_tool(const xt_image *image, uint32_t tool_id) {
    return tool_id >= 1 && tool_id <= image->header->tool_names.count;
}

bool xt_image_tool_stats(const xt_image *image, uint32_t tool_id, xt_tool_stats *stats) {
    if (!is_tool(image, tool_id)) {
        return false;
    }
    const xt_tool *tool = &image->tools[tool_id - 1];
    *stats = (xt_tool_stats){
        .lifetime = counts_of_lifetime(&tool->lifetime),
        .window = counts_of_window(&tool->window),
        .min_duration_us = tool->min_us,
        .max_duration_us = tool->max_us,
        .other_duration_us = tool->other_us,
        .last_end_us = tool->last_end_us,
        .last_failure_us = tool->last_failure_us,
        .failure_streak = tool->failure_streak,
        .failure_rounds = tool->failure_rounds,
        .in_flight = tool->in_flight,
    };
    return true;
}

static double clamp(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

/* The histogram of the tool for `outcome`. `both` is room for that of XT_OUTCOME_ALL. */
static const xt_histogram *durations_of(const xt_image *image, uint32_t tool_id,
                                        xt_outcome_kind outcome, xt_histogram *both) {
    uint32_t index = tool_id - 1;
    if (outcome != XT_OUTCOME_ALL) {
        return xt_image_histogram(image, index, outcome);
    }
    const xt_histogram *successes = xt_image_histogram(image, index, XT_OUTCOME_SUCCESS);
    const xt_histogram *others = xt_image_histogram(image, index, XT_OUTCOME_OTHER);
    if (xt_histogram_is_empty(others)) {
        return successes;
    }
    *both = *successes;
    xt_histogram_merge(both, others);
    return both;
}

bool xt_image_tool_quantiles(const xt_image *image, uint32_t tool_id, size_t count,
                             const double quantiles[], double values_us[]) {
    if (!is_tool(image, tool_id)) {
        return false;
    }
    const xt_tool *tool = &image->tools[tool_id - 1];
    if (!xt_tool_is_measured(tool)) {
        return false;
    }
    xt_histogram both;
    xt_histogram_quantiles(durations_of(image, tool_id, XT_OUTCOME_ALL, &both), count,
                           quantiles, values_us);
    for (size_t i = 0; i < count; i++) {
        values_us[i] = clamp(values_us[i], (double)tool->min_us, (double)tool->max_us);
    }
    return true;
}

bool xt_image_tool_histogram(const xt_image *image, uint32_t tool_id,
                             xt_outcome_kind outcome, xt_tool_histogram *histogram) {
    if (!is_tool(image, tool_id)) {
        return false;
    }
    xt_histogram both;
    xt_histogram_read(durations_of(image, tool_id, outcome, &both), histogram);
    return true;
}

bool xt_image_average_duration(const xt_image *image, uint32_t tool_id,
                               double *average_us) {
    if (!is_tool(image, tool_id)) {
        return false;
    }
    const xt_counts counts = counts_of_window(&image->tools[tool_id - 1].window);
    uint64_t measured = xt_counts_measured(&counts);
    if (measured == 0) {
        return false;
    }
    *average_us = (double)counts.total_duration_us / (double)measured;
    return true;
}

uint32_t xt_image_tool_count(const xt_image *image) {
    return image->header->tool_names.count;
}

xt_text xt_image_tool_name(const xt_image *image, uint32_t tool_id) {
    return xt_names_get(&image->tool_names, tool_id);
}

uint32_t xt_image_tool_id(const xt_image *image, xt_text name) {
    if (name.length > XT_NAME_BYTES) {
        name.length = XT_NAME_BYTES;
    }
    for (uint32_t id = 1; id <= image->header->tool_names.count; id++) {
        if (xt_text_compare(xt_names_get(&image->tool_names, id), name) == 0) {
            return id;
        }
    }
    return 0;
}

uint32_t xt_image_error_type_count(const xt_image *image) {
    return image->header->error_types.count;
}

xt_text xt_image_error_type(const xt_image *image, uint32_t id) {
    return xt_names_get(&image->error_types, id);
}

uint32_t xt_image_log_file_count(const xt_image *image) {
    return image->log_files.head->count;
}

xt_text xt_image_log_file(const xt_image *image, uint32_t id) {
    return xt_names_get(&image->log_files, id);
}

size_t xt_image_record_count(const xt_image *image) {
    return image->header->record_count;
}

size_t xt_image_max_history(const xt_image *image) {
    return image->header->max_history;
}

size_t xt_image_max_tools(const xt_image *image) {
    return image->header->max_tools;
}

size_t xt_image_max_in_flight(const xt_image *image) {
    return image->header->max_in_flight;
}

uint64_t xt_image_recorded(const xt_image *image) {
    return image->header->recorded;
}

uint64_t xt_image_undated(const xt_image *image) {
    return image->header->undated;
}

uint64_t xt_image_started(const xt_image *image) {
    return image->header->in_flight.serial;
}

bool xt_image_is_in_order(const xt_image *image) {
    return (image->header->flags & XT_FLAG_UNORDERED) == 0;
}

bool xt_image_is_filtered(const xt_image *image) {
    return (image->header->flags & XT_FLAG_FILTERED) != 0;
}

/* The end of the last execution of the lifetime; 1 if all are undated. */
static uint64_t last_end_us(const xt_image *image) {
    uint64_t last_us = 1;
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        if (image->tools[i].last_end_us > last_us) {
            last_us = image->tools[i].last_end_us;
        }
    }
    return last_us;
}

/* An earlier record of an ordered ring can't have ended after the oldest that is left,
 * whose end may be that of an execution before the lifetime began if it is undated. */
uint64_t xt_image_lost_us(const xt_image *image) {
    const xt_header *header = image->header;
    if (xt_image_is_filtered(image) ||
        xt_lifetime_executions(&header->lifetime) <= header->record_count) {
        return header->lost_us;
    }
    uint64_t lost_us = last_end_us(image);
    if (header->record_count > 0 && xt_image_is_in_order(image)) {
        uint32_t oldest = xt_image_place(header, header->record_count - 1);
        uint64_t oldest_us = image->records[oldest].end_us;
        lost_us = oldest_us < lost_us ? oldest_us : lost_us;
    }
    return lost_us > header->lost_us ? lost_us : header->lost_us;
}

/* The place of the record at `slot` in the ring. */
static xt_place place_of(const xt_image *image, uint32_t slot) {
    const xt_log_place *place = &image->log_places[slot];
    return (xt_place){.file = xt_names_get(&image->log_files, place->file),
                      .line = place->line,
                      .file_id = place->file};
}

bool xt_image_execution(const xt_image *image, uint64_t sequence,
                        xt_execution *execution) {
    const xt_header *header = image->header;
    if (sequence > header->recorded ||
        header->recorded - sequence >= header->record_count) {
        return false;
    }
    uint32_t age = (uint32_t)(header->recorded - sequence);
    uint32_t place = xt_image_place(header, age);
    const xt_record *record = &image->records[place];
    *execution = (xt_execution){
        .tool = xt_names_get(&image->tool_names, record->tool + UINT32_C(1)),
        .outcome = {.status = xt_record_status(record),
                    .was_cached = xt_record_was_cached(record),
                    .error_type = xt_names_get(&image->error_types, record->error_type),
                    .result_hash = record->result_hash,
                    .measures = xt_measures_given(&image->measures, place)},
        .duration_us = xt_record_duration_us(record),
        .timing = xt_record_timing(record),
        .args_hash = record->args_hash,
        .session = xt_image_session(image, record->session),
        .depth = xt_record_depth(record),
        .tool_id = record->tool + UINT32_C(1),
        .error_type_id = record->error_type,
        .end_us = record->end_us,
        .is_undated = xt_record_is_undated(record),
    };
    if (xt_image_has_places(image)) {
        execution->place = place_of(image, place);
    }
    return true;
}

size_t xt_image_in_flight(const xt_image *image, size_t capacity, xt_running running[]) {
    uint32_t slot = image->in_flight.head->oldest;
    for (size_t i = 0; i < capacity && slot != 0; i++) {
        const xt_in_flight_entry *entry = xt_in_flight_get(&image->in_flight, slot);
        running[i] = (xt_running){
            .tool = xt_names_get(&image->tool_names, entry->tool + 1),
            .tool_id = entry->tool + 1,
            .args_hash = entry->args_hash,
            .session = xt_image_session(image, entry->session),
            .depth = entry->depth,
            .start_us = entry->start_us,
            .known_us = xt_image_known_us(image, slot),
            .serial = entry->serial,
        };
        slot = entry->next;
    }
    return image->in_flight.head->listed;
}

size_t xt_image_bytes(const xt_image *image) {
    return (size_t)image->header->size_bytes;
}

xt_text xt_image_label(const xt_image *image) {
    return (xt_text){image->header->label, image->header->label_length};
}

void xt_image_instance(const xt_image *image, uint8_t instance[XT_INSTANCE_BYTES]) {
    memcpy(instance, image->header->instance, XT_INSTANCE_BYTES);
}

uint32_t xt_image_ignored_args(const xt_image *image) {
    return image->header->ignored_args;
}

uint64_t xt_image_created_us(const xt_image *image) {
    return image->header->created_us;
}

uint64_t xt_image_cleared_us(const xt_image *image) {
    return image->header->cleared_us;
}

uint64_t xt_image_now_us(const xt_image *image) {
    return image->header->now_us;
}
