#include "tracker.h"

size_t xt_tracker_abandon(xt_tracker *tracker, uint32_t session) {
    xt_execution execution = {
        .outcome = {.status = XT_CANCELLED, .error_type = xt_text_of("abandoned")},
        .end_us = xt_tracker_now_us(tracker), /* first: a host's clock may do anything */
        .session = {.hash = session},
    };
    const xt_in_flight *table = &tracker->image.in_flight;
    size_t count = 0;
    uint32_t slot = table->head->oldest;
    while (slot != 0) {
        const xt_in_flight_entry entry = *xt_in_flight_get(table, slot);
        if (entry.session == session) {
            xt_span span = {entry.start_us,
                            entry.serial,
                            entry.tool + 1,
                            entry.args_hash,
                            entry.session,
                            entry.depth,
                            slot};
            execution.args_hash = entry.args_hash;
            execution.depth = entry.depth;
            execution.duration_us = execution.end_us - entry.start_us;
            xt_tracker_finish_as(tracker, &span, &execution);
            count++;
        }
        slot = entry.next;
    }
    return count;
}
