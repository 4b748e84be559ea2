#include "undo_log.h"

#include "tracker.h"

/*
 * The most that an operation touches: the header; two new names; the tool, twice,
 * and the tool of the overwritten record; the record; a histogram, of which one counter
 * is touched again; an entry in flight and its neighbours, or a denial and a denied call;
 * a text of each kind, and their counts; the measures of both tools and of the record.
 */
_Static_assert(
    XT_CHANGING_BYTES + 2 * (sizeof(xt_name) + XT_NAME_BYTES) + 3 * sizeof(xt_tool) +
            sizeof(xt_record) + sizeof(xt_histogram) + sizeof(uint32_t) +
            3 * sizeof(xt_in_flight_entry) + sizeof(xt_denial) + sizeof(xt_denied_entry) +
            XT_TEXTS_KINDS * (sizeof(uint32_t) + sizeof(xt_texts_entry) + XT_TEXT_BYTES) +
            XT_MAX_MEASURES * (2 * sizeof(xt_tool_measure) + sizeof(uint64_t)) <=
        XT_MOST_TOUCHED_BYTES,
    "it fits in a journal");

xt_journal xt_undo_log_journal(const xt_image *image) {
    return (xt_journal){.log = image->undo,
                        .block = (char *)image->header,
                        .generation = &image->header->generation};
}

void xt_journal_keep_apart(xt_journal *journal, const void *start, size_t bytes) {
    if (journal->log != NULL && journal->log->intent == XT_REDO_CLEAR) {
        XT_TELL_SHADOW(journal, xt_shadow_touch(journal->shadow, start, bytes))
    } else {
        xt_journal_keep(journal, start, bytes);
    }
}

/* Old bytes of an image in its log. */
typedef struct xt_kept {
    size_t offset; /* in the block */
    size_t length;
    const uint8_t *bytes;
} xt_kept;

/* Reads the last entry of the first `*used` bytes of `log`, and makes them fewer by it.
 * False if it can't be one of an image of `image_bytes`. */
static bool take_last(const xt_undo_log *log, size_t *used, size_t image_bytes,
                      xt_kept *kept) {
    xt_undo_entry entry;
    if (*used < sizeof entry) {
        return false;
    }
    size_t end = *used - sizeof entry;
    memcpy(&entry, log->entries + end, sizeof entry);
    if (entry.length > end || entry.length > image_bytes ||
        entry.offset > image_bytes - entry.length) {
        return false;
    }
    size_t room = ((size_t)entry.length + 7) & ~(size_t)7;
    if (room > end) {
        return false;
    }
    *used = end - room;
    *kept = (xt_kept){(size_t)entry.offset, (size_t)entry.length, log->entries + *used};
    return true;
}

/* The bytes of `image` that its log may have kept: all before the log. */
static size_t kept_bytes(const xt_image *image) {
    return (size_t)((const char *)image->undo - (const char *)image->header);
}

/* Puts those of the old bytes back that are part of the header. */
static void put_back_in_header(xt_header *header, const xt_kept *kept) {
    if (kept->offset < sizeof *header) {
        size_t room = sizeof *header - kept->offset;
        memcpy((char *)header + kept->offset, kept->bytes,
               kept->length < room ? kept->length : room);
    }
}

/* Whether the first `used` bytes of the log are entries, and undoing them leaves a header of
 * the same sections. */
static bool can_undo(const xt_image *image, size_t used) {
    xt_header header = *image->header;
    xt_kept kept;
    if (used > XT_UNDO_BYTES) {
        return false;
    }
    while (used > 0) {
        if (!take_last(image->undo, &used, kept_bytes(image), &kept)) {
            return false;
        }
        put_back_in_header(&header, &kept);
    }
    return xt_image_same_sections(&header, image->header) &&
           xt_image_check_header(&header, (size_t)image->header->size_bytes) == XT_OK;
}

/* Puts all old bytes back, those that were kept last first. */
static bool undo(xt_image *image) {
    size_t used = image->undo->used;
    xt_kept kept;
    if (!can_undo(image, used)) {
        return false;
    }
    while (used > 0 && take_last(image->undo, &used, kept_bytes(image), &kept)) {
        memcpy((char *)image->header + kept.offset, kept.bytes, kept.length);
    }
    return true;
}

/* Whether clearing `image` stays within its sections. */
static bool can_clear(const xt_header *header) {
    return header->tool_names.count <= header->tool_names.slots &&
           header->histogram_count <= header->histogram_slots;
}

static bool redo_clear(xt_image *image) {
    const uint64_t *arguments = image->undo->arguments;
    bool is_possible = can_clear(image->header);
    if (is_possible) {
        xt_image_clear(image, arguments[0], arguments[1], NULL);
    }
    return is_possible;
}

bool xt_undo_log_recover(xt_image *image) {
    uint64_t *generation = &image->header->generation;
    if (image->undo == NULL || *generation % 2 == 0) {
        return true;
    }
    if (image->undo->intent != XT_REDO_CLEAR ? !undo(image) : !redo_clear(image)) {
        return false;
    }
    xt_journal_store(generation, *generation + 1);
    return true;
}
