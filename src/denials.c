#include "denials.h"

#include "kept_texts.h"

/* The entry of this tool and reason, touched so that it can be changed. A new one is
 * added; null if it has no room. */
static xt_denial *touch(xt_image *image, uint32_t tool, uint32_t reason,
                        xt_journal *journal) {
    xt_header *header = image->header;
    for (uint32_t i = 0; i < header->denial_count; i++) {
        xt_denial *denial = &image->denials[i];
        if (denial->tool == tool && denial->reason == reason) {
            xt_journal_touch(journal, denial, sizeof *denial);
            return denial;
        }
    }
    if (header->denial_count == header->denial_slots) {
        return NULL;
    }
    xt_denial *denial = &image->denials[header->denial_count++];
    xt_journal_touch(journal, denial, sizeof *denial);
    *denial = (xt_denial){.tool = tool, .reason = reason};
    return denial;
}

/* Touches the fields of the header about denials and denied calls. */
static void touch_header(xt_header *header, xt_journal *journal) {
    const size_t start = offsetof(xt_header, denial_slots);
    const size_t end = offsetof(xt_header, spare);
    xt_journal_touch(journal, (char *)header + start, end - start);
}

void xt_denials_count(xt_image *image, uint32_t tool_id, uint32_t reason,
                      uint64_t denied_us, xt_journal *journal) {
    uint64_t *overflowed = &image->header->denials_overflowed;
    touch_header(image->header, journal);
    xt_denial *denial = touch(image, tool_id - 1, reason, journal);
    if (denial == NULL) {
        *overflowed = xt_count_sum(*overflowed, 1);
        return;
    }
    denial->count = xt_count_sum(denial->count, 1);
    if (denied_us > denial->last_us) {
        denial->last_us = denied_us;
    }
}

void xt_denials_list(xt_image *image, const xt_denied_entry *call, xt_journal *journal) {
    xt_header *header = image->header;
    xt_denied_entry *place = &image->denied[header->denied_next];
    xt_journal_touch(journal, place, sizeof *place);
    *place = *call;
    header->denied_count += header->denied_count < header->denied_slots;
    header->denied_next =
        header->denied_next + 1 < header->denied_slots ? header->denied_next + 1 : 0;
}

size_t xt_image_denials(const xt_image *image, size_t capacity, xt_denied denials[]) {
    size_t count = image->header->denial_count;
    for (size_t i = 0; i < capacity && i < count; i++) {
        const xt_denial *denial = &image->denials[i];
        denials[i] = (xt_denied){
            .tool = xt_names_get(&image->tool_names, denial->tool + 1),
            .reason = xt_names_get(&image->error_types, denial->reason),
            .tool_id = denial->tool + 1,
            .reason_id = denial->reason,
            .count = denial->count,
            .last_us = denial->last_us,
        };
    }
    return count;
}

size_t xt_image_denied_calls(const xt_image *image, size_t capacity,
                             xt_denied_call calls[]) {
    uint32_t count = image->header->denied_count;
    for (uint32_t age = 0; age < capacity && age < count; age++) {
        const xt_denied_entry *call = xt_image_denied(image, age);
        calls[age] = (xt_denied_call){
            .tool = xt_names_get(&image->tool_names, call->tool + 1),
            .reason = xt_names_get(&image->error_types, call->reason),
            .tool_id = call->tool + 1,
            .reason_id = call->reason,
            .args_hash = call->args_hash,
            .session = xt_image_session(image, call->session),
            .denied_us = call->denied_us,
        };
    }
    return count;
}

uint64_t xt_image_denials_overflowed(const xt_image *image) {
    return image->header->denials_overflowed;
}
