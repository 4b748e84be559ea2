/*
 * Denied calls of a tracker.
 */
#include "denials.h"
#include "kept_texts.h"
#include "tracker.h"

void xt_tracker_deny(xt_tracker *tracker, const xt_call *call, xt_text reason,
                     uint64_t denied_us) {
    xt_image *image = &tracker->image;
    xt_journal *journal = tracker->journal;
    uint64_t overflowed = 0; /* not used: a denied call isn't an execution */
    if (reason.length == 0) {
        reason = (xt_text){XT_OTHER, XT_OTHER_LENGTH};
    }
    xt_journal_begin(journal);
    uint32_t tool_id = xt_name_index_intern(&tracker->tools, &image->tool_names,
                                            call->tool, &overflowed, journal);
    uint32_t reason_id = xt_name_index_intern(&tracker->error_types, &image->error_types,
                                              reason, &overflowed, journal);
    const xt_denied_entry entry = {
        .denied_us = denied_us < XT_MAX_COUNT ? denied_us : XT_MAX_COUNT,
        .args_hash = call->args_hash,
        .session = call->session.hash,
        .tool = tool_id - 1,
        .reason = reason_id,
    };
    xt_denials_count(image, tool_id, reason_id, entry.denied_us, journal);
    xt_denials_list(image, &entry, journal);
    xt_keep_texts_of_call(image, call, entry.denied_us, journal);
    xt_journal_end(journal);
}
