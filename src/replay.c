#include "events.h"
#include "snapshot.h"
#include "tracker.h"

/* One block of memory: this struct, the events, and the spans of the records. */
struct xt_replay {
    const xt_image *image;
    xt_allocator allocator;
    size_t bytes;
    size_t event_count;
    size_t done;     /* events that are processed */
    size_t to_start; /* the record, from 1, that starts if it isn't skipped; 0 for none */
    uint64_t now_us; /* time of the latest event, or of the first before it */
    xt_span *spans;  /* by record; the serial is 0 if it isn't in flight */
    size_t measure_count;
    xt_measure measures[XT_MAX_MEASURES];
    xt_event events[];
};

xt_error xt_replay_create(const xt_image *image, const xt_allocator *allocator,
                          xt_replay **result) {
    xt_allocator from = xt_allocator_or_system(allocator);
    size_t count = xt_image_record_count(image);
    uint64_t bytes =
        sizeof(xt_replay) + (uint64_t)count * (2 * sizeof(xt_event) + sizeof(xt_span));
    *result = NULL;
    xt_replay *replay =
        bytes < SIZE_MAX ? from.allocate(from.context, (size_t)bytes) : NULL;
    if (replay == NULL) {
        return XT_ERROR_MEMORY;
    }
    *replay = (xt_replay){.image = image,
                          .allocator = from,
                          .bytes = (size_t)bytes,
                          .event_count = 2 * count,
                          .now_us = xt_image_created_us(image)};
    replay->spans = (xt_span *)(replay->events + replay->event_count);
    replay->measure_count = xt_image_measures(image, replay->measures);
    xt_events_of(image, replay->events);
    for (size_t i = 0; i < count; i++) {
        replay->spans[i].serial = 0;
    }
    if (count > 0) {
        replay->now_us = replay->events[0].time_us;
    }
    *result = replay;
    return XT_OK;
}

static uint64_t time_of_replay(void *context) {
    const xt_replay *replay = context;
    return replay->now_us;
}

/* A run may be a few executions of a longer one, with no room for others: but policies
 * that look at many raise an error if a tracker never has so many. */
static size_t max_history_of(const xt_image *image) {
    size_t max_history = xt_image_max_history(image);
    return max_history > XT_RECENT_RECORDS ? max_history : XT_RECENT_RECORDS;
}

xt_options xt_replay_options(const xt_replay *replay) {
    xt_options options = {
        .max_history = max_history_of(replay->image),
        .max_tools = xt_image_max_tools(replay->image),
        .max_in_flight = xt_image_max_in_flight(replay->image),
        .ignored_args = xt_image_ignored_args(replay->image),
        .session_names = xt_image_max_texts(replay->image, XT_SESSION_NAMES),
        .label = xt_image_label(replay->image),
        .clock = {time_of_replay, (void *)(uintptr_t)replay},
        .measures = replay->measures,
        .measure_count = replay->measure_count,
    };
    xt_image_instance(replay->image, options.instance);
    return options;
}

static xt_execution execution_at(const xt_replay *replay, size_t index) {
    const xt_image *image = replay->image;
    uint64_t before = xt_image_recorded(image) - xt_image_record_count(image);
    xt_execution execution;
    xt_image_execution(image, before + index + 1, &execution);
    return execution;
}

static void start(xt_replay *replay, xt_tracker *tracker, size_t index) {
    xt_execution execution = execution_at(replay, index);
    const xt_call call = {.tool = execution.tool,
                          .args_hash = execution.args_hash,
                          .session = execution.session,
                          .depth = execution.depth};
    replay->spans[index] = xt_tracker_start_at(tracker, &call, replay->now_us);
}

static void finish(xt_replay *replay, xt_tracker *tracker, size_t index) {
    if (replay->spans[index].serial != 0) {
        xt_execution execution = execution_at(replay, index);
        xt_tracker_finish_as(tracker, &replay->spans[index], &execution);
    }
}

bool xt_replay_next(xt_replay *replay, xt_tracker *tracker, xt_replayed *next) {
    if (replay->to_start != 0) {
        start(replay, tracker, replay->to_start - 1);
        replay->to_start = 0;
    }
    xt_tracker_set_clock(tracker, replay->now_us);
    while (replay->done < replay->event_count) {
        const xt_event *event = &replay->events[replay->done++];
        size_t index = xt_event_index(event);
        replay->now_us = event->time_us;
        xt_tracker_set_clock(tracker, event->time_us);
        if (!xt_event_is_end(event)) {
            replay->to_start = index + 1;
            *next = (xt_replayed){execution_at(replay, index), index, event->time_us};
            return true;
        }
        finish(replay, tracker, index);
    }
    return false;
}

void xt_replay_skip(xt_replay *replay) {
    replay->to_start = 0;
}

void xt_replay_close(xt_replay *replay) {
    if (replay != NULL) {
        xt_allocator allocator = replay->allocator;
        allocator.release(allocator.context, replay, replay->bytes);
    }
}
