/*
 * Ending executions in flight that nobody will finish.
 */
#include "tracker.h"

/* Ends what is listed in `slot`, as `execution` says, which gets its other fields. */
static void end_listed(xt_tracker *tracker, uint32_t slot, xt_execution *execution) {
    const xt_in_flight_entry entry = *xt_in_flight_get(&tracker->image.in_flight, slot);
    xt_span span = {
        entry.start_us, entry.serial, entry.tool + 1, entry.args_hash, entry.session,
        entry.depth,    slot};
    execution->args_hash = entry.args_hash;
    execution->depth = entry.depth;
    execution->session = (xt_session){.hash = entry.session};
    execution->duration_us = execution->end_us - entry.start_us;
    xt_tracker_finish_as(tracker, &span, execution);
}

size_t xt_tracker_abandon(xt_tracker *tracker, uint32_t session) {
    xt_execution execution = {
        .outcome = {.status = XT_CANCELLED, .error_type = xt_text_of("abandoned")},
        .end_us = xt_tracker_now_us(tracker), /* first: a host's clock may do anything */
    };
    const xt_in_flight *table = &tracker->image.in_flight;
    size_t count = 0;
    uint32_t slot = table->head->oldest;
    while (slot != 0) {
        const xt_in_flight_entry *entry = xt_in_flight_get(table, slot);
        uint32_t next = entry->next;
        if (entry->session == session) {
            end_listed(tracker, slot, &execution);
            count++;
        }
        slot = next;
    }
    return count;
}

/* Ends those of the tool that aren't listed: when they began isn't known. */
static void end_unlisted(xt_tracker *tracker, uint32_t tool_id, xt_text error_type) {
    const xt_tool *tool = &tracker->image.tools[tool_id - 1];
    const xt_header *header = tracker->image.header;
    const xt_execution execution = {
        .outcome = {.status = XT_CANCELLED, .error_type = error_type},
        .timing = XT_UNTIMED,
        .end_us = header->now_us,
    };
    while (tool->in_flight > tool->listed) {
        xt_span span = {.serial = header->in_flight.serial, .tool_id = tool_id};
        xt_tracker_finish_as(tracker, &span, &execution);
    }
}

void xt_tracker_end_all(xt_tracker *tracker, xt_text error_type) {
    const xt_header *header = tracker->image.header;
    xt_execution execution = {
        .outcome = {.status = XT_CANCELLED, .error_type = error_type},
        .timing = XT_ELAPSED,
        .end_us = header->now_us,
    };
    while (header->in_flight.oldest != 0) {
        end_listed(tracker, header->in_flight.oldest, &execution);
    }
    for (uint32_t id = 1; id <= header->tool_names.count; id++) {
        end_unlisted(tracker, id, error_type);
    }
}
