#include "image.h"

#include <string.h>

/* The offset of each section in the block, in bytes. */
typedef struct xt_sections {
    size_t tools;
    size_t histograms;
    size_t tool_measures;
    size_t tool_names;
    size_t tool_name_bytes;
    size_t error_types;
    size_t error_type_bytes;
    size_t in_flight;
    size_t known;
    size_t denials;
    size_t denied;
    size_t texts[XT_TEXTS_KINDS];
    size_t text_bytes[XT_TEXTS_KINDS];
    size_t measures;
    size_t records;
    size_t values;
    size_t log_places;
    size_t log_files;
    size_t log_file_bytes;
    size_t writer;
    size_t undo;
    size_t end;
} xt_sections;

/* The widths of the tables of texts. */
static const uint32_t text_widths[XT_TEXTS_KINDS] = {XT_SESSION_NAME_BYTES, XT_TEXT_BYTES,
                                                     XT_TEXT_BYTES};

/*
 * Places a section of `count` items of `item_bytes` at `*end`, moves `*end` behind it,
 * and returns its offset. If it would end beyond SIZE_MAX, `*end` becomes SIZE_MAX and
 * stays so.
 */
static size_t place_section(size_t *end, size_t count, size_t item_bytes) {
    size_t start = *end;
    size_t room = SIZE_MAX - 7 - start;
    if (start > SIZE_MAX - 7 || (item_bytes > 0 && count > room / item_bytes)) {
        *end = SIZE_MAX;
    } else {
        *end = (start + count * item_bytes + 7) & ~(size_t)7;
    }
    return start;
}

/* The sections for the slots of `header`; `end` is SIZE_MAX if it is too large. */
static xt_sections sections_of(const xt_header *header) {
    xt_sections at;
    size_t tools = header->tool_names.slots;
    size_t error_types = header->error_types.slots;
    size_t measures = header->measure_count;
    at.end = sizeof(xt_header);
    at.tools = place_section(&at.end, tools, sizeof(xt_tool));
    at.histograms = place_section(&at.end, header->histogram_slots, sizeof(xt_histogram));
    at.tool_measures = place_section(&at.end, tools, measures * sizeof(xt_tool_measure));
    at.tool_names = place_section(&at.end, tools, sizeof(xt_name));
    at.tool_name_bytes = place_section(&at.end, header->tool_names.byte_slots, 1);
    at.error_types = place_section(&at.end, error_types, sizeof(xt_name));
    at.error_type_bytes = place_section(&at.end, header->error_types.byte_slots, 1);
    at.in_flight =
        place_section(&at.end, header->in_flight.slots, sizeof(xt_in_flight_entry));
    at.known = place_section(&at.end, header->known_slots, sizeof(uint64_t));
    at.denials = place_section(&at.end, header->denial_slots, sizeof(xt_denial));
    at.denied = place_section(&at.end, header->denied_slots, sizeof(xt_denied_entry));
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        size_t texts = header->texts[kind].slots;
        at.texts[kind] = place_section(&at.end, texts, sizeof(xt_texts_entry));
        at.text_bytes[kind] = place_section(&at.end, texts, text_widths[kind]);
    }
    at.measures = place_section(&at.end, measures, sizeof(xt_measure_entry));
    at.records = place_section(&at.end, header->record_slots, sizeof(xt_record));
    at.values = place_section(&at.end, header->record_slots, measures * sizeof(uint64_t));
    at.log_places = place_section(&at.end, header->log_place_slots, sizeof(xt_log_place));
    at.log_files = place_section(&at.end, header->log_files.slots, sizeof(xt_name));
    at.log_file_bytes = place_section(&at.end, header->log_files.byte_slots, 1);
    at.writer = place_section(&at.end, header->writer_slots, sizeof(xt_writer));
    at.undo = place_section(&at.end, header->undo_slots, sizeof(xt_undo_log));
    return at;
}

size_t xt_image_size(const xt_header *header) {
    return sections_of(header).end;
}

bool xt_image_same_sections(const xt_header *a, const xt_header *b) {
    xt_sections of_a = sections_of(a);
    xt_sections of_b = sections_of(b);
    return memcmp(&of_a, &of_b, sizeof of_a) == 0;
}

void xt_image_view(xt_image *image, void *memory) {
    xt_header *header = memory;
    char *block = memory;
    xt_sections sections = sections_of(header);
    const xt_sections *at = &sections;
    *image = (xt_image){
        .header = header,
        .tools = (void *)(block + at->tools),
        .histograms = (void *)(block + at->histograms),
        .tool_names = {&header->tool_names, (void *)(block + at->tool_names),
                       block + at->tool_name_bytes},
        .error_types = {&header->error_types, (void *)(block + at->error_types),
                        block + at->error_type_bytes},
        .in_flight = {&header->in_flight, (void *)(block + at->in_flight)},
        .known_us = (void *)(block + at->known),
        .denials = (void *)(block + at->denials),
        .denied = (void *)(block + at->denied),
        .records = (void *)(block + at->records),
        .measures = {header->measure_count, (void *)(block + at->measures),
                     (void *)(block + at->tool_measures), (void *)(block + at->values)},
        .log_places = (void *)(block + at->log_places),
        .log_files = {&header->log_files, (void *)(block + at->log_files),
                      block + at->log_file_bytes},
    };
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        image->texts[kind] =
            (xt_texts){&header->texts[kind], (void *)(block + at->texts[kind]),
                       block + at->text_bytes[kind], text_widths[kind]};
    }
    if (header->writer_slots > 0) {
        image->writer = (void *)(block + at->writer);
    }
    if (header->undo_slots > 0) {
        image->undo = (void *)(block + at->undo);
    }
}

static bool has_texts_within_limits(const xt_header *header) {
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        if (header->texts[kind].slots > XT_MAX_TEXTS) {
            return false;
        }
    }
    return true;
}

const xt_histogram *xt_image_histogram(const xt_image *image, uint32_t index,
                                       xt_outcome_kind outcome) {
    static const xt_histogram none;
    uint32_t place = image->tools[index].histograms[outcome];
    return place != 0 ? &image->histograms[place - 1] : &none;
}

/* Whether there are places of all records, or of none. */
static bool has_places_within_limits(const xt_header *header) {
    const xt_names_head *files = &header->log_files;
    return (header->log_place_slots == 0 ||
            header->log_place_slots == header->record_slots) &&
           files->slots <= XT_MAX_LOG_FILES &&
           files->byte_slots <= XT_MAX_LOG_FILES * XT_BYTES_PER_NAME;
}

/* Whether it has both sections of a recorder's file, or neither. */
static bool is_recorder_or_not(const xt_header *header) {
    return header->writer_slots <= 1 && header->undo_slots == header->writer_slots;
}

static bool has_slots_within_limits(const xt_header *header) {
    const uint32_t most_error_types = XT_ERROR_TYPES + 1;
    return header->max_history <= XT_MAX_HISTORY && header->max_tools >= 1 &&
           header->max_tools <= XT_MAX_TOOLS &&
           header->max_in_flight <= XT_MAX_IN_FLIGHT &&
           header->record_slots <= header->max_history &&
           header->tool_names.slots <= header->max_tools + 1 &&
           header->tool_names.byte_slots <=
               header->max_tools * XT_BYTES_PER_NAME + XT_OTHER_LENGTH &&
           header->error_types.slots <= most_error_types &&
           header->error_types.byte_slots <=
               XT_ERROR_TYPES * XT_BYTES_PER_NAME + XT_OTHER_LENGTH &&
           header->histogram_slots <= XT_OUTCOMES * header->tool_names.slots &&
           header->in_flight.slots <= header->max_in_flight &&
           (header->known_slots == 0 || header->known_slots == header->in_flight.slots) &&
           header->denial_slots <= XT_MAX_DENIALS &&
           header->denied_slots <= XT_MAX_DENIED_CALLS &&
           has_texts_within_limits(header) && header->measure_count <= XT_MAX_MEASURES &&
           has_places_within_limits(header) && is_recorder_or_not(header);
}

xt_error xt_image_check_header(const xt_header *header, size_t bytes) {
    if (memcmp(header->magic, XT_IMAGE_MAGIC, sizeof header->magic) != 0) {
        return XT_ERROR_KIND;
    }
    if (header->byte_order != XT_IMAGE_BYTE_ORDER) {
        return XT_ERROR_BYTE_ORDER;
    }
    if (header->version != XT_IMAGE_VERSION) {
        return XT_ERROR_VERSION;
    }
    if (header->size_bytes != bytes) {
        return XT_ERROR_SIZE;
    }
    return has_slots_within_limits(header) && xt_image_size(header) == bytes
               ? XT_OK
               : XT_ERROR_INVALID;
}

void xt_image_stretches(const xt_image *image, xt_stretch stretches[2]) {
    const xt_header *header = image->header;
    size_t newer = header->record_next; /* records from place 0 on */
    if (header->record_count < header->record_slots) {
        newer = 0; /* the ring has never wrapped */
    }
    size_t older = header->record_count - newer;
    const xt_measures *measures = &image->measures;
    stretches[0] = (xt_stretch){image->records + newer,
                                measures->values + newer * measures->count, older, NULL};
    stretches[1] = (xt_stretch){image->records, measures->values, newer, NULL};
    if (xt_image_has_places(image)) {
        stretches[0].places = image->log_places + newer;
        stretches[1].places = image->log_places;
    }
}
