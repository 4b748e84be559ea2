#include "image_check_histograms.h"
#include "image_check_places.h"
#include "kept_texts.h"
#include "measures.h"

#include <string.h>

static const char *check_header(const xt_header *header) {
    static const uint8_t zeros[XT_LABEL_BYTES]; /* at least as many as reserved bytes */
    if (header->label_length > XT_LABEL_BYTES) {
        return "the label is too long";
    }
    if (memcmp(header->label + header->label_length, zeros,
               XT_LABEL_BYTES - header->label_length) != 0) {
        return "unused bytes of the label aren't 0";
    }
    if ((header->flags & ~(uint32_t)XT_FLAGS) != 0) {
        return "an unknown flag is set";
    }
    if (header->now_us < header->created_us || header->now_us > XT_MAX_COUNT) {
        return "the latest time is out of range";
    }
    if (header->cleared_us < header->created_us || header->cleared_us > header->now_us) {
        return "the time when counting began is out of range";
    }
    return header->spare == 0 &&
                   memcmp(header->reserved, zeros, sizeof header->reserved) == 0
               ? NULL
               : "reserved bytes aren't 0";
}

/* Checks the counts of a header and the place of the next record. */
static const char *check_counts(const xt_header *header) {
    if (header->histogram_count > header->histogram_slots ||
        header->denial_count > header->denial_slots ||
        header->denied_count > header->denied_slots ||
        header->record_count > header->record_slots) {
        return "a table has more entries than slots";
    }
    if (header->record_slots == 0 ? header->record_next != 0
                                  : header->record_next >= header->record_slots) {
        return "the place of the next record is outside the ring";
    }
    if (header->record_count < header->record_slots &&
        (header->record_next != header->record_count ||
         xt_lifetime_executions(&header->lifetime) != header->record_count)) {
        return "records are missing from a ring that isn't full";
    }
    if ((header->log_files.count > 0) != (header->log_place_slots > 0)) {
        return "there are log files without places, or places without log files";
    }
    if (header->recorded < header->record_count) {
        return "more records are retained than were recorded";
    }
    if (header->lost_us > XT_MAX_COUNT) {
        return "the time until which executions were lost is out of range";
    }
    if (header->recorded > XT_MAX_COUNT || header->undated > header->recorded ||
        header->in_flight.serial > XT_MAX_COUNT) {
        return "a count of what was recorded or started is out of range";
    }
    if (header->tools_overflowed > XT_MAX_COUNT ||
        header->error_types_overflowed > XT_MAX_COUNT ||
        header->denials_overflowed > XT_MAX_COUNT) {
        return "a count of what overflowed is out of range";
    }
    return NULL;
}

static const char *check_lifetime(const xt_image *image) {
    xt_lifetime sum = {0};
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        xt_lifetime_merge(&sum, &image->tools[i].lifetime);
    }
    return memcmp(&sum, &image->header->lifetime, sizeof sum) == 0
               ? NULL
               : "the overall lifetime isn't the sum of the tools'";
}

static const char *check_tools(const xt_image *image) {
    uint64_t running = 0;
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        const char *wrong = xt_tool_check(&image->tools[i]);
        if (wrong != NULL) {
            return wrong;
        }
        running += image->tools[i].in_flight;
    }
    return running == image->header->running
               ? NULL
               : "the number of executions in flight isn't the sum of the tools'";
}

/* Whether `packed` of `record` is valid: no unused bit is set, and an untimed record has
 * no duration. */
static bool is_packed(const xt_record *record) {
    xt_timing timing = xt_record_timing(record);
    return (record->packed & ~XT_RECORD_MASK) == 0 && timing <= XT_UNTIMED &&
           (timing != XT_UNTIMED || xt_record_duration_us(record) == 0);
}

/* Whether the duration and end of `record` are in the ranges of its tool and header. */
static bool is_in_range(const xt_image *image, const xt_record *record) {
    const xt_tool *tool = &image->tools[record->tool];
    uint64_t duration_us = xt_record_duration_us(record);
    bool is_measured = xt_record_is_measured(record);
    if (is_measured && (duration_us < tool->min_us || duration_us > tool->max_us)) {
        return false;
    }
    return xt_record_is_undated(record)
               ? record->end_us >= 1 && record->end_us <= image->header->undated
               : record->end_us <= tool->last_end_us;
}

/* What the records of a tool add up to. */
typedef struct record_sums {
    xt_window window;
    uint64_t other_us; /* of measured ones that didn't succeed, modulo 2^64 */
} record_sums;

static void add_record(record_sums *sums, const xt_record *record) {
    xt_window_add(&sums->window, record);
    if (xt_record_is_measured(record) && xt_record_status(record) != XT_SUCCESS) {
        sums->other_us += xt_record_duration_us(record);
    }
}

/* Checks the records of `stretch`; if they must be in order, that they end at `*end_us`
 * or later. Adds each to the sums of its tool. */
static const char *check_stretch(const xt_image *image, xt_stretch stretch,
                                 uint64_t *end_us, record_sums sums[]) {
    const uint32_t tools = image->header->tool_names.count;
    const uint32_t error_types = image->header->error_types.count;
    const bool is_in_order = (image->header->flags & XT_FLAG_UNORDERED) == 0;
    uint64_t before_us = *end_us;
    for (size_t i = 0; i < stretch.count; i++) {
        const xt_record *record = &stretch.records[i];
        if (record->tool >= tools || record->error_type > error_types) {
            return "a record's tool or error type doesn't exist";
        }
        if (!is_packed(record) || record->end_us > XT_MAX_COUNT) {
            return "a record is out of range";
        }
        if (record->end_us < before_us && is_in_order) {
            return "the records are out of order";
        }
        if (!is_in_range(image, record)) {
            return "a record's duration or end is out of its tool's range";
        }
        before_us = record->end_us;
        add_record(&sums[record->tool], record);
    }
    *end_us = before_us;
    return NULL;
}

static const char *check_records(const xt_image *image, record_sums sums[]) {
    xt_stretch stretches[2];
    uint64_t end_us = 0;
    xt_image_stretches(image, stretches);
    const char *wrong = check_stretch(image, stretches[0], &end_us, sums);
    return wrong != NULL ? wrong : check_stretch(image, stretches[1], &end_us, sums);
}

/* Whether the durations of records of each outcome are at most those of the lifetime. */
static bool covers_durations(const xt_tool *tool, const record_sums *sums) {
    uint64_t success_us = tool->lifetime.total_us - tool->other_us;
    return tool->lifetime.total_us == XT_MAX_COUNT ||
           (sums->other_us <= tool->other_us &&
            sums->window.total_us - sums->other_us <= success_us);
}

/* Whether each count and sum of records is at most that of the lifetime. */
static bool covers(const xt_tool *tool, const record_sums *sums) {
    const xt_lifetime *lifetime = &tool->lifetime;
    const xt_window *window = &sums->window;
    if (!covers_durations(tool, sums) || (lifetime->elapsed_us < XT_MAX_COUNT &&
                                          window->elapsed_us > lifetime->elapsed_us)) {
        return false;
    }
    for (int status = 0; status < XT_STATUSES; status++) {
        if (window->by_status[status] > lifetime->by_status[status]) {
            return false;
        }
    }
    return window->cached_hits <= lifetime->cached_hits &&
           window->untimed <= lifetime->untimed && window->elapsed <= lifetime->elapsed;
}

static const char *check_windows(const xt_image *image, record_sums sums[]) {
    const xt_header *header = image->header;
    xt_window all = {0};
    memset(sums, 0, header->tool_names.count * sizeof sums[0]);
    const char *wrong = check_records(image, sums);
    if (wrong != NULL) {
        return wrong;
    }
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        const xt_window *window = &sums[i].window;
        if (memcmp(window, &image->tools[i].window, sizeof *window) != 0) {
            return "a tool's window doesn't match its records";
        }
        if (!covers(&image->tools[i], &sums[i])) {
            return "a tool's window counts more than its lifetime";
        }
        xt_window_merge(&all, window);
    }
    return memcmp(&all, &header->window, sizeof all) == 0
               ? NULL
               : "the overall window doesn't match the records";
}

/* Checks until when what is in flight is known to run. */
static const char *check_known(const xt_image *image) {
    const xt_header *header = image->header;
    uint64_t earliest_us = header->now_us;
    for (uint32_t i = 0; i < header->known_slots; i++) {
        if (image->known_us[i] > header->now_us) {
            return "an execution in flight is known to run for too long";
        }
        earliest_us = image->known_us[i] < earliest_us ? image->known_us[i] : earliest_us;
    }
    return header->known_slots == 0 || (header->known_slots == header->in_flight.listed &&
                                        earliest_us < header->now_us)
               ? NULL
               : "there are known times of executions in flight that need none";
}

/* Uses `counts[i].cached_hits` to count the listed executions of tool i. */
static const char *check_in_flight(const xt_image *image, xt_window counts[]) {
    uint32_t tools = image->header->tool_names.count;
    const char *wrong = xt_in_flight_check(&image->in_flight, tools);
    wrong = wrong != NULL ? wrong : check_known(image);
    if (wrong != NULL) {
        return wrong;
    }
    memset(counts, 0, tools * sizeof counts[0]);
    for (uint32_t slot = image->in_flight.head->oldest; slot != 0;) {
        const xt_in_flight_entry *entry = xt_in_flight_get(&image->in_flight, slot);
        counts[entry->tool].cached_hits++;
        slot = entry->next;
    }
    for (uint32_t i = 0; i < tools; i++) {
        const xt_tool *tool = &image->tools[i];
        if (tool->listed != counts[i].cached_hits || tool->listed > tool->in_flight) {
            return "a tool's count of listed executions is wrong";
        }
    }
    return NULL;
}

/* Whether one of the first `count` denials has the tool and reason of `denial`. */
static bool is_among(const xt_image *image, uint32_t count, const xt_denial *denial) {
    for (uint32_t i = 0; i < count; i++) {
        if (image->denials[i].tool == denial->tool &&
            image->denials[i].reason == denial->reason) {
            return true;
        }
    }
    return false;
}

static const char *check_denials(const xt_image *image) {
    for (uint32_t i = 0; i < image->header->denial_count; i++) {
        const xt_denial *denial = &image->denials[i];
        if (denial->tool >= image->header->tool_names.count || denial->reason == 0 ||
            denial->reason > image->header->error_types.count) {
            return "a denial's tool or reason doesn't exist";
        }
        if (denial->count == 0 || denial->count > XT_MAX_COUNT ||
            denial->last_us > XT_MAX_COUNT) {
            return "a denial is out of range";
        }
        if (is_among(image, i, denial)) {
            return "two denials have the same tool and reason";
        }
    }
    return NULL;
}

/* How many denied calls are counted. */
static uint64_t count_denied(const xt_image *image) {
    uint64_t count = image->header->denials_overflowed;
    for (uint32_t i = 0; i < image->header->denial_count; i++) {
        count = xt_count_sum(count, image->denials[i].count);
    }
    return count;
}

static const char *check_denied_calls(const xt_image *image) {
    const xt_header *header = image->header;
    if (header->denied_slots == 0 ? header->denied_next != 0
                                  : header->denied_next >= header->denied_slots) {
        return "the place of the next denied call is outside the ring";
    }
    if (header->denied_count < header->denied_slots &&
        header->denied_next != header->denied_count) {
        return "denied calls are missing from a ring that isn't full";
    }
    if (header->denied_count > count_denied(image)) {
        return "more denied calls are kept than were counted";
    }
    for (uint32_t i = 0; i < header->denied_count; i++) {
        const xt_denied_entry *call = &image->denied[i];
        if (call->tool >= header->tool_names.count || call->reason == 0 ||
            call->reason > header->error_types.count) {
            return "a denied call's tool or reason doesn't exist";
        }
        if (call->denied_us > XT_MAX_COUNT) {
            return "a denied call is out of range";
        }
    }
    return NULL;
}

static const char *check_names(const xt_image *image, xt_named sorted[]) {
    const char *wrong = xt_names_check(&image->tool_names, sorted);
    if (wrong == NULL) {
        wrong = xt_names_check(&image->error_types, sorted);
    }
    for (uint32_t i = 0; wrong == NULL && i < image->header->error_types.count; i++) {
        if (image->error_types.names[i].length == 0) {
            wrong = "an error type is empty";
        }
    }
    return wrong;
}

static const char *check_writer(const xt_writer *writer) {
    if (writer->host_length > XT_HOST_BYTES) {
        return "the name of the writer's host is too long";
    }
    if (!xt_is_zero(writer->host + writer->host_length,
                    XT_HOST_BYTES - writer->host_length)) {
        return "unused bytes of the name of the writer's host aren't 0";
    }
    if (writer->opened_us > XT_MAX_COUNT || writer->closed_us > XT_MAX_COUNT ||
        (writer->closed_us != 0 && writer->closed_us < writer->opened_us)) {
        return "the times of the writer are out of range";
    }
    return NULL;
}

/* Checks the generation and the sections of a recorder. */
static const char *check_recorder(const xt_image *image) {
    uint64_t generation = image->header->generation;
    if (image->undo == NULL ? generation != 0 : generation % 2 != 0) {
        return "an operation is unfinished";
    }
    return image->writer != NULL ? check_writer(image->writer) : NULL;
}

size_t xt_image_check_bytes(const xt_image *image) {
    size_t tools = image->header->tool_names.slots;
    size_t error_types = image->header->error_types.slots;
    size_t log_files = image->header->log_files.slots;
    size_t names = tools > error_types ? tools : error_types;
    size_t names_bytes = (names > log_files ? names : log_files) * sizeof(xt_named);
    _Static_assert(sizeof(record_sums) >= XT_OUTCOMES * sizeof(bool),
                   "there is room for a flag for each histogram, too");
    size_t sums_bytes = (tools + 1) * sizeof(record_sums); /* never 0 */
    _Static_assert(sizeof(xt_tool_measure) <= sizeof(record_sums) &&
                       sizeof(xt_window) <= sizeof(record_sums),
                   "it fits there, too");
    return names_bytes > sums_bytes ? names_bytes : sums_bytes;
}

const char *xt_image_check(const xt_image *image, void *scratch) {
    const char *wrong = check_header(image->header);
    if (wrong == NULL) {
        wrong = check_recorder(image);
    }
    if (wrong == NULL) {
        wrong = check_counts(image->header);
    }
    if (wrong == NULL) {
        wrong = check_names(image, scratch);
    }
    if (wrong == NULL) {
        wrong = check_tools(image);
    }
    if (wrong == NULL) {
        wrong = xt_image_check_histograms(image, scratch);
    }
    if (wrong == NULL) {
        wrong = check_lifetime(image);
    }
    if (wrong == NULL) {
        wrong = check_windows(image, scratch);
    }
    if (wrong == NULL) {
        wrong = xt_measures_check(image, scratch);
    }
    if (wrong == NULL) {
        wrong = check_in_flight(image, scratch);
    }
    if (wrong == NULL) {
        wrong = check_denials(image);
    }
    if (wrong == NULL) {
        wrong = check_denied_calls(image);
    }
    if (wrong == NULL) {
        wrong = xt_image_check_texts(image);
    }
    return wrong != NULL ? wrong : xt_image_check_places(image, scratch);
}

xt_error xt_image_verify(const xt_image *image, const xt_allocator *allocator,
                         const char **wrong) {
    size_t bytes = xt_image_check_bytes(image);
    void *scratch = allocator->allocate(allocator->context, bytes);
    if (scratch == NULL) {
        return XT_ERROR_MEMORY;
    }
    *wrong = xt_image_check(image, scratch);
    allocator->release(allocator->context, scratch, bytes);
    return *wrong == NULL ? XT_OK : XT_ERROR_INVALID;
}

static bool has_room_for_other(const xt_names *names, uint32_t limit) {
    const xt_text other = {XT_OTHER, XT_OTHER_LENGTH};
    for (uint32_t id = 1; id <= names->head->count; id++) {
        if (xt_text_compare(xt_names_get(names, id), other) == 0) {
            return true;
        }
    }
    return names->head->count <= limit &&
           names->head->byte_count <= limit * XT_BYTES_PER_NAME;
}

static bool has_sorted_texts(const xt_header *header) {
    uint32_t sorted = 0;
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        sorted |= header->texts[kind].is_sorted;
    }
    return sorted != 0;
}

const char *xt_image_check_room(const xt_image *image) {
    const xt_header *header = image->header;
    uint32_t tools = header->tool_names.count;
    uint32_t histograms = header->histogram_count;
    if (header->tool_names.slots != xt_names_slots_for(header->max_tools) ||
        header->tool_names.byte_slots != xt_names_bytes_for(header->max_tools) ||
        header->error_types.slots != xt_names_slots_for(XT_ERROR_TYPES) ||
        header->error_types.byte_slots != xt_names_bytes_for(XT_ERROR_TYPES) ||
        header->histogram_slots != XT_OUTCOMES * header->tool_names.slots ||
        header->in_flight.slots != header->max_in_flight ||
        header->denial_slots != XT_MAX_DENIALS ||
        header->denied_slots != XT_MAX_DENIED_CALLS || has_sorted_texts(header) ||
        header->record_slots != header->max_history || header->log_place_slots != 0 ||
        header->known_slots != 0) {
        return "it has no room for more executions: it is a snapshot";
    }
    if (header->recorded > XT_MAX_COUNT / 2 ||
        header->in_flight.serial > XT_MAX_COUNT / 2) {
        return "it counts too many executions to record more";
    }
    if (!has_room_for_other(&image->tool_names, header->max_tools) ||
        !has_room_for_other(&image->error_types, XT_ERROR_TYPES)) {
        return "a table of names has no room for (other)";
    }
    size_t unused = header->tool_names.slots - tools;
    if (!xt_is_zero(&image->tools[tools], unused * sizeof image->tools[0]) ||
        !xt_is_zero(xt_measures_sums(&image->measures, tools),
                    unused * image->measures.count * sizeof(xt_tool_measure)) ||
        !xt_is_zero(&image->histograms[histograms],
                    (header->histogram_slots - histograms) *
                        sizeof image->histograms[0])) {
        return "unused slots of tools or histograms aren't 0";
    }
    return NULL;
}
