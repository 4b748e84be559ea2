/*
 * The writer (journal.h) makes the generation odd, keeps the bytes of a range in the undo
 * log before it changes them, and makes the generation even. With its fences and those
 * here: whoever finds a change finds, if it looks later, the log's entry for it, and the
 * odd generation or a later one. So a copy is right in each of its steps:
 *
 * 1. The tables. The generation is g before they are copied and afterwards.
 *    If g is even, no operation changed them meanwhile.
 *    If it is odd, one operation was unfinished all the time. The log is copied after the
 *    tables, and before the generation is looked at again: so it has an entry for each
 *    change that is in the copy, and isn't yet that of the next operation. Undone, the
 *    copy is what the recorder was before that operation; redone, what it is after it.
 *    The header is copied first, and an operation only adds to tables: the counts in the
 *    copy are at least those of the recovered one, so enough of each table is copied.
 *    (A clear sets counts to 0; so does redoing it.)
 *
 * 2. The records, which take longest, are copied after that, and may be newer.
 *    If the generation is still g, they may have been changed only by the operation of
 *    step 1, which went on. The log is copied once more, before that is looked at: it has
 *    the first copy's entries, and those for the changes since.
 *    Else later operations may have changed them. An operation adds at most one record, at
 *    the next place of the ring. With r records in the copy that was recovered, and n in
 *    the recorder now, n - r operations have ended that added one, and one more may have
 *    changed its place; so only the next n - r + 1 places can be wrong. Those of them that
 *    weren't free have the oldest records, which are left out. Clearing begins again at
 *    the first place: after that, the copy is tried again. (A writer that was killed, whose
 *    operation another undid, changes none of this: it isn't counted in n.)
 */
#include "recorder_copy.h"

#include "measures.h"
#include "undo_log.h"

#include <stdatomic.h>
#include <string.h>

static const char *const became_another = "it became another file while it was read";
static const char *const damaged_log = "its undo log is damaged";

/* Whatever is read after this isn't older than what was read before. */
static void in_order(void) {
    atomic_thread_fence(memory_order_acquire);
}

/* Copies `count` bytes to `at`, in the block, from the same place in the recorder. */
static xt_error read_to(const xt_recorder_copy *copy, void *at, size_t count) {
    const char *block = (const char *)copy->image.header;
    return count == 0
               ? XT_OK
               : copy->source.read(copy->source.context,
                                   (uint64_t)((const char *)at - block), at, count);
}

static xt_error read_generation(const xt_recorder_copy *copy, uint64_t *generation) {
    return copy->source.read(copy->source.context, offsetof(xt_header, generation),
                             generation, sizeof *generation);
}

/* A table, of which the first `count` items are used. */
typedef struct table {
    void *items;
    size_t item_bytes;
    uint32_t count;
    uint32_t slots; /* the count may be larger, if the file is damaged */
} table;

static void list_tables(const xt_image *image, table tables[XT_COPIED_TABLES]) {
    const xt_header *header = image->header;
    const xt_names_head *tools = &header->tool_names;
    const xt_names_head *types = &header->error_types;
    const uint32_t measures = header->measure_count;
    const table all[XT_COPIED_TABLES] = {
        {image->tools, sizeof(xt_tool), tools->count, tools->slots},
        {image->histograms, sizeof(xt_histogram), header->histogram_count,
         header->histogram_slots},
        {image->measures.sums, measures * sizeof(xt_tool_measure), tools->count,
         tools->slots},
        {image->tool_names.names, sizeof(xt_name), tools->count, tools->slots},
        {image->tool_names.bytes, 1, tools->byte_count, tools->byte_slots},
        {image->error_types.names, sizeof(xt_name), types->count, types->slots},
        {image->error_types.bytes, 1, types->byte_count, types->byte_slots},
        {image->in_flight.entries, sizeof(xt_in_flight_entry), header->in_flight.used,
         header->in_flight.slots},
        {image->denials, sizeof(xt_denial), header->denial_count, header->denial_slots},
        {image->denied, sizeof(xt_denied_entry), header->denied_count,
         header->denied_slots},
        {image->measures.entries, sizeof(xt_measure_entry), measures, measures},
        {image->writer, sizeof(xt_writer), 1, 1},
    };
    memcpy(tables, all, sizeof all);
}

/* How many bytes of `items` are used. */
static size_t used_bytes(const table *items) {
    return (items->count < items->slots ? items->count : items->slots) *
           items->item_bytes;
}

/* Copies the first `count` bytes of part number `part`; or more, if an earlier try did, whose bytes
 * would else stay. */
static xt_error read_part(xt_recorder_copy *copy, int part, void *at, size_t count) {
    if (count > copy->reached[part]) {
        copy->reached[part] = count;
    }
    return read_to(copy, at, copy->reached[part]);
}

static xt_error read_tables(xt_recorder_copy *copy) {
    table tables[XT_COPIED_TABLES];
    xt_error error = XT_OK;
    list_tables(&copy->image, tables);
    for (int i = 0; error == XT_OK && i < XT_COPIED_TABLES; i++) {
        error = read_part(copy, i, tables[i].items, used_bytes(&tables[i]));
    }
    return error;
}

/* Copies the bytes of those texts whose entries were copied, and others that an earlier
 * try has copied. Used slots may be anywhere. */
static xt_error read_bytes_of(xt_recorder_copy *copy, int kind) {
    const xt_texts *texts = &copy->image.texts[kind];
    xt_error error = XT_OK;
    for (uint32_t i = 0; error == XT_OK && i < texts->head->slots;
         i += XT_TEXTS_AT_ONCE) {
        size_t left = texts->head->slots - i;
        size_t count = left < XT_TEXTS_AT_ONCE ? left : XT_TEXTS_AT_ONCE;
        uint8_t *is_reached = &copy->texts_reached[kind][i / XT_TEXTS_AT_ONCE];
        *is_reached |= !xt_is_zero(&texts->entries[i], count * sizeof texts->entries[0]);
        if (*is_reached) {
            error = read_to(copy, texts->bytes + (size_t)i * texts->width,
                            count * texts->width);
        }
    }
    return error;
}

static xt_error read_texts(xt_recorder_copy *copy) {
    xt_error error = XT_OK;
    for (int kind = 0; error == XT_OK && kind < XT_TEXTS_KINDS; kind++) {
        const xt_texts *texts = &copy->image.texts[kind];
        bool has_any = texts->head->count > 0;
        error = read_part(copy, XT_COPIED_TABLES + kind, texts->entries,
                          has_any * texts->head->slots * sizeof texts->entries[0]);
        if (error == XT_OK && copy->reached[XT_COPIED_TABLES + kind] > 0) {
            error = read_bytes_of(copy, kind);
        }
    }
    return error;
}

/* Copies the log to `log`, entries last: these are complete up to `used`. */
static xt_error read_log(const xt_recorder_copy *copy, xt_undo_log *log) {
    const char *block = (const char *)copy->image.header;
    uint64_t offset = (uint64_t)((const char *)copy->image.undo - block);
    const size_t head_bytes = offsetof(xt_undo_log, entries);
    xt_error error = copy->source.read(copy->source.context, offset, log, head_bytes);
    in_order();
    if (error != XT_OK || log->used == 0) {
        return error;
    }
    size_t used = log->used < XT_UNDO_BYTES ? log->used : XT_UNDO_BYTES;
    return copy->source.read(copy->source.context, offset + head_bytes, log->entries,
                             used);
}

/* Copies the header, and makes the image a view of the block. */
static xt_error read_header(xt_recorder_copy *copy, const char **wrong) {
    xt_header *header = copy->image.header;
    const size_t bytes = (size_t)copy->first.size_bytes;
    xt_error error = read_to(copy, header, sizeof *header);
    if (error != XT_OK) {
        return error;
    }
    if (xt_image_check_header(header, bytes) != XT_OK ||
        !xt_image_same_sections(header, &copy->first) ||
        memcmp(header->instance, copy->first.instance, sizeof header->instance) != 0) {
        *wrong = became_another;
        return XT_ERROR_INVALID;
    }
    xt_image_view(&copy->image, header);
    return XT_OK;
}

/* Copies all but the records and the log. */
static xt_error read_all_tables(xt_recorder_copy *copy, const char **wrong) {
    xt_error error = read_header(copy, wrong);
    if (error == XT_OK) {
        error = read_tables(copy);
    }
    return error == XT_OK ? read_texts(copy) : error;
}

/* Step 1: copies all but the records, at one generation, which it stores. */
static xt_error read_state(xt_recorder_copy *copy, uint64_t *generation,
                           const char **wrong) {
    uint64_t later;
    xt_error error = read_generation(copy, generation);
    in_order();
    if (error == XT_OK) {
        error = read_all_tables(copy, wrong);
    }
    in_order();
    if (error == XT_OK && *generation % 2 != 0) {
        error = read_log(copy, copy->image.undo);
    }
    in_order();
    if (error == XT_OK) {
        error = read_generation(copy, &later);
    }
    if (error == XT_OK && later != *generation) {
        error = XT_ERROR_CHANGING;
    }
    copy->image.header->generation = *generation;
    return error;
}

/* Copies the records up to the largest place that one can have, and their values. */
static xt_error read_records(const xt_recorder_copy *copy) {
    const xt_image *image = &copy->image;
    const xt_header *header = image->header;
    size_t count = header->record_count < header->record_slots ? header->record_count
                                                               : header->record_slots;
    xt_error error = read_to(copy, image->records, count * sizeof image->records[0]);
    if (error == XT_OK) {
        error = read_to(copy, image->measures.values,
                        count * image->measures.count * sizeof(uint64_t));
    }
    return error;
}

/*
 * Step 2: copies the records. Stores in `*now` the header as it was after that, and takes
 * the later log if the generation is still the same.
 */
static xt_error read_ring(xt_recorder_copy *copy, xt_header *now) {
    const uint64_t generation = copy->image.header->generation;
    const bool is_unfinished = generation % 2 != 0;
    xt_error error = read_records(copy);
    in_order();
    if (error == XT_OK && is_unfinished) {
        error = read_log(copy, &copy->later_log);
    }
    in_order();
    if (error == XT_OK) {
        error = copy->source.read(copy->source.context, 0, now, sizeof *now);
    }
    in_order();
    if (error == XT_OK) {
        error = read_generation(copy, &now->generation);
    }
    if (error == XT_OK && is_unfinished && now->generation == generation) {
        *copy->image.undo = copy->later_log;
    }
    return error;
}

static xt_error recover(xt_image *image, const char **wrong) {
    if (!xt_undo_log_recover(image)) {
        *wrong = damaged_log;
        return XT_ERROR_INVALID;
    }
    return XT_OK;
}

/*
 * Makes the ring one without the `lost` oldest records, of which there are as many, and
 * with a slot for each that is left. If it has wrapped, these are moved next to the newer
 * ones, so that they are still a ring.
 */
static void leave_out(xt_image *image, uint32_t lost) {
    xt_header *header = image->header;
    const size_t row = image->measures.count;
    bool is_full = header->record_count == header->record_slots;
    uint32_t newer = is_full ? header->record_next : 0;
    uint32_t first = newer + lost; /* the place of the oldest that is left */
    uint32_t end = is_full ? header->record_slots : header->record_count;
    if (first >= end &&
        is_full) { /* all that are left are newer: places before `newer` */
        first -= end;
        end = newer;
        newer = 0;
    }
    if (newer == 0) {
        image->records += first;
        image->measures.values += first * row;
    } else {
        memmove(&image->records[newer], &image->records[first],
                (end - first) * sizeof image->records[0]);
        memmove(&image->measures.values[newer * row],
                &image->measures.values[first * row],
                (end - first) * row * sizeof(uint64_t));
    }
    header->record_count -= lost;
    header->record_slots = header->record_count;
    header->record_next = newer;
}

/* Makes all windows count the records, whose ring is full. Those of a tool that doesn't
 * exist, in a damaged file, count nowhere. */
static void count_windows(xt_image *image) {
    xt_header *header = image->header;
    bool is_sound = true;
    header->window = (xt_window){0};
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        image->tools[i].window = (xt_window){0};
    }
    for (uint32_t i = 0; i < header->record_count; i++) {
        const xt_record *record = &image->records[i];
        if (record->tool >= header->tool_names.count) {
            is_sound = false;
            continue;
        }
        xt_window_add(&header->window, record);
        xt_window_add(&image->tools[record->tool].window, record);
    }
    if (is_sound) {
        xt_measures_count_windows(image);
    }
}

/* Whether the counts that `leave_out` uses are those of a ring. */
static bool has_ring(const xt_header *header) {
    return header->record_count <= header->record_slots &&
           header->record_next <= header->record_slots &&
           header->tool_names.count <= header->tool_names.slots;
}

/* Leaves out the records that operations since then, up to `now`, may have overwritten. */
static xt_error leave_out_overwritten(xt_image *image, const xt_header *now) {
    const xt_header *then = image->header;
    if (now->clears != then->clears || now->recorded < then->recorded) {
        return XT_ERROR_CHANGING;
    }
    if (!has_ring(then)) {
        return XT_OK; /* the check will refuse it */
    }
    uint64_t changed = now->recorded - then->recorded + 1;
    uint32_t unused = then->record_slots - then->record_count;
    uint64_t lost = changed > unused ? changed - unused : 0;
    if (lost > then->record_count) {
        lost = then->record_count;
    }
    if (lost > 0) {
        leave_out(image, (uint32_t)lost);
        count_windows(image);
    }
    return XT_OK;
}

void xt_recorder_copy_begin(xt_recorder_copy *copy, const xt_recorder_source *source,
                            const xt_header *header, void *block) {
    memset(copy, 0, sizeof *copy);
    copy->source = *source;
    copy->first = *header;
    memcpy(block, header, sizeof *header);
    xt_image_view(&copy->image, block);
}

/* Copies the tables once only to make the pages of the copy: that takes six times as long
 * as copying the tables again, and a copy succeeds only if the writer pauses so long. */
static xt_error make_pages(xt_recorder_copy *copy, const char **wrong) {
    copy->has_pages = true;
    return read_all_tables(copy, wrong);
}

xt_error xt_recorder_copy_try(xt_recorder_copy *copy, const char **wrong) {
    uint64_t generation;
    xt_header now;
    xt_error error = copy->has_pages ? XT_OK : make_pages(copy, wrong);
    if (error == XT_OK) {
        error = read_state(copy, &generation, wrong);
    }
    if (error == XT_OK) {
        error = read_ring(copy, &now);
    }
    copy->writer = *copy->image.writer;
    if (error == XT_OK) {
        error = recover(&copy->image, wrong);
    }
    if (error == XT_OK && now.generation != generation) {
        error = leave_out_overwritten(&copy->image, &now);
    }
    return error;
}
