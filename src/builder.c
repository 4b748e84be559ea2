#include "builder.h"

#include "kept_texts.h"
#include "measures.h"

#include <assert.h>
#include <string.h>

static uint32_t flags_of(const xt_facts *facts) {
    return (facts->is_in_order ? 0 : XT_FLAG_UNORDERED) |
           (facts->is_filtered ? XT_FLAG_FILTERED : 0);
}

/* The header of an empty snapshot with this room. */
static xt_header header_of(const xt_facts *facts, const xt_room *room) {
    xt_header header = {
        .magic = XT_IMAGE_MAGIC,
        .version = XT_IMAGE_VERSION,
        .byte_order = XT_IMAGE_BYTE_ORDER,
        .flags = flags_of(facts),
        .max_history = facts->max_history,
        .max_tools = facts->max_tools,
        .max_in_flight = facts->max_in_flight,
        .ignored_args = facts->ignored_args,
        .label_length = (uint32_t)facts->label.length,
        .created_us = facts->created_us,
        .cleared_us = facts->cleared_us,
        .now_us = facts->now_us,
        .tool_names = {.slots = room->tools, .byte_slots = room->tool_name_bytes},
        .error_types = {.slots = room->error_types, .byte_slots = room->error_type_bytes},
        .in_flight = {.slots = room->in_flight, .serial = facts->started},
        .known_slots = room->known,
        .histogram_slots = room->histograms,
        .denial_slots = room->denials,
        .denials_overflowed = facts->denials_overflowed,
        .denied_slots = room->denied_calls,
        .measure_count = room->measures,
        .record_slots = room->records,
        .log_place_slots = room->log_files > 0 ? room->records : 0,
        .log_files = {.slots = room->log_files, .byte_slots = room->log_file_bytes},
        .writer_slots = room->writers,
        .undo_slots = room->writers,
        .lost_us = facts->lost_us,
        .recorded = facts->recorded,
        .undated = facts->undated,
        .tools_overflowed = facts->tools_overflowed,
        .error_types_overflowed = facts->error_types_overflowed,
    };
    memcpy(header.instance, facts->instance, sizeof header.instance);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        header.texts[kind] = (xt_texts_head){
            .most = facts->max_texts[kind], .slots = room->texts[kind], .is_sorted = 1};
    }
    if (facts->label.length > 0) {
        memcpy(header.label, facts->label.bytes, facts->label.length);
    }
    return header;
}

xt_facts xt_facts_of_options(const xt_options *options) {
    xt_facts facts = {
        .label = options->label,
        .max_history = (uint32_t)options->max_history,
        .max_tools = (uint32_t)options->max_tools,
        .max_in_flight = (uint32_t)options->max_in_flight,
        .ignored_args = options->ignored_args,
        .max_texts = {xt_texts_slots_for(options->session_names),
                      xt_texts_slots_for(options->args_texts),
                      xt_texts_slots_for(options->error_texts)},
        .is_in_order = true,
        .measure_count = (uint32_t)options->measure_count,
    };
    memcpy(facts.instance, options->instance, sizeof facts.instance);
    for (size_t i = 0; i < options->measure_count; i++) {
        facts.measures[i] = xt_measure_entry_of(&options->measures[i]);
    }
    return facts;
}

static xt_header empty_header(const xt_facts *facts, xt_place_of_image place) {
    xt_room room = xt_room_for_limits(facts);
    room.writers = place == XT_IN_A_FILE;
    xt_header header = header_of(facts, &room);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        header.texts[kind].is_sorted = 0;
    }
    header.size_bytes = xt_image_size(&header);
    return header;
}

static void set_measures(xt_image *image, const xt_facts *facts) {
    memcpy(image->measures.entries, facts->measures,
           facts->measure_count * sizeof facts->measures[0]);
}

xt_error xt_build_plan(const xt_options *options, xt_place_of_image place,
                       size_t *bytes) {
    if (options->max_history > XT_MAX_HISTORY) {
        return XT_ERROR_MAX_HISTORY;
    }
    if (options->max_tools == 0 || options->max_tools > XT_MAX_TOOLS) {
        return XT_ERROR_MAX_TOOLS;
    }
    if (options->max_in_flight > XT_MAX_IN_FLIGHT) {
        return XT_ERROR_MAX_IN_FLIGHT;
    }
    if (options->label.length > XT_LABEL_BYTES) {
        return XT_ERROR_LABEL;
    }
    if (options->session_names > XT_MAX_TEXTS) {
        return XT_ERROR_SESSION_NAMES;
    }
    if (options->args_texts > XT_MAX_TEXTS) {
        return XT_ERROR_ARGS_TEXTS;
    }
    if (options->error_texts > XT_MAX_TEXTS) {
        return XT_ERROR_ERROR_TEXTS;
    }
    if (!xt_measures_are_valid(options->measure_count, options->measures)) {
        return XT_ERROR_MEASURES;
    }
    const xt_facts facts = xt_facts_of_options(options);
    xt_header header = empty_header(&facts, place);
    *bytes = xt_image_size(&header);
    return *bytes == SIZE_MAX ? XT_ERROR_MEMORY : XT_OK;
}

void xt_build_empty(xt_image *image, xt_place_of_image place, void *block,
                    const xt_options *options) {
    const xt_facts facts = xt_facts_of_options(options);
    xt_header header = empty_header(&facts, place);
    memcpy(block, &header, sizeof header);
    xt_image_view(image, block);
    set_measures(image, &facts);
}

size_t xt_builder_bytes(const xt_room *room) {
    xt_header header = header_of(&(xt_facts){.is_in_order = true}, room);
    return xt_snapshot_bytes_for(&header);
}

/* Zeroes the last word of a section of `count` bytes, which may fill it only in part. */
static void clear_padding(char *bytes, size_t count) {
    if (count % 8 != 0) {
        memset(bytes + (count & ~(size_t)7), 0, 8);
    }
}

xt_error xt_builder_open(xt_builder *builder, const xt_facts *facts, const xt_room *room,
                         const xt_allocator *allocator) {
    xt_header header = header_of(facts, room);
    xt_error error = xt_snapshot_allocate(&header, allocator, &builder->snapshot);
    if (error != XT_OK) {
        return error;
    }
    builder->image = &builder->snapshot->image;
    set_measures(builder->image, facts);
    memset(builder->image->measures.sums, 0,
           (size_t)room->tools * room->measures * sizeof(xt_tool_measure));
    clear_padding(builder->image->tool_names.bytes, room->tool_name_bytes);
    clear_padding(builder->image->error_types.bytes, room->error_type_bytes);
    clear_padding(builder->image->log_files.bytes, room->log_file_bytes);
    return XT_OK;
}

/* Adds `text`; false if it has no room. */
static bool add_name(xt_names *names, xt_text text) {
    bool fits = xt_names_fits(names, text.length);
    if (fits) {
        xt_names_append(names, text, NULL);
    }
    return fits;
}

bool xt_builder_add_error_type(xt_builder *builder, xt_text text) {
    return add_name(&builder->image->error_types, text);
}

bool xt_builder_add_log_file(xt_builder *builder, xt_text name) {
    return add_name(&builder->image->log_files, name);
}

bool xt_builder_add_tool(xt_builder *builder, xt_text name, const xt_tool *tool) {
    xt_image *image = builder->image;
    if (!xt_names_fits(&image->tool_names, name.length)) {
        return false;
    }
    xt_tool *added = &image->tools[xt_names_append(&image->tool_names, name, NULL) - 1];
    *added = tool != NULL ? *tool : (xt_tool){0};
    added->listed = 0;
    memset(added->histograms, 0, sizeof added->histograms);
    return true;
}

bool xt_builder_add_tool_stats(xt_builder *builder, xt_text name,
                               const xt_tool_stats *stats) {
    const xt_counts *counts = &stats->lifetime;
    const xt_tool tool = {
        .lifetime = {.by_status = {counts->successful, counts->failed, counts->timed_out,
                                   counts->cancelled},
                     .cached_hits = counts->cached_hits,
                     .total_us = counts->total_duration_us,
                     .untimed = counts->untimed,
                     .elapsed = counts->elapsed,
                     .elapsed_us = counts->elapsed_duration_us},
        .min_us = stats->min_duration_us,
        .max_us = stats->max_duration_us,
        .other_us = stats->other_duration_us,
        .last_end_us = stats->last_end_us,
        .last_failure_us = stats->last_failure_us,
        .failure_streak = stats->failure_streak,
        .failure_rounds = stats->failure_rounds,
        .in_flight = stats->in_flight,
    };
    return xt_builder_add_tool(builder, name, &tool);
}

xt_histogram *xt_builder_add_histogram(xt_builder *builder, xt_outcome_kind outcome) {
    xt_image *image = builder->image;
    const xt_header *header = image->header;
    if (header->histogram_count == header->histogram_slots) {
        return NULL;
    }
    xt_tool *tool = &image->tools[header->tool_names.count - 1];
    xt_histogram *added = xt_image_use_histogram(image, tool, outcome, NULL);
    *added = (xt_histogram){0};
    return added;
}

void xt_builder_set_measure(xt_builder *builder, size_t index,
                            const xt_measure_stats *stats) {
    uint32_t tool = builder->image->header->tool_names.count - 1;
    xt_measures_sums(&builder->image->measures, tool)[index] =
        (xt_tool_measure){.sum = stats->sum, .count = stats->count, .max = stats->max};
}

static void list(xt_builder *builder, const xt_span *span, uint64_t known_us) {
    xt_image *image = builder->image;
    uint32_t slot = xt_in_flight_add(&image->in_flight, span);
    if (image->header->known_slots > 0) {
        image->known_us[slot - 1] = known_us;
    }
    image->tools[span->tool_id - 1].listed++;
}

void xt_builder_add_running(xt_builder *builder, const xt_running *running) {
    list(builder,
         &(xt_span){.start_us = running->start_us,
                    .serial = running->serial,
                    .tool_id = running->tool_id,
                    .args_hash = running->args_hash,
                    .session = running->session.hash,
                    .depth = running->depth},
         running->known_us);
}

static void add_denial(xt_builder *builder, const xt_denial *denial) {
    xt_header *header = builder->image->header;
    if (header->denial_count < header->denial_slots) {
        builder->image->denials[header->denial_count++] = *denial;
    } else {
        header->denials_overflowed =
            xt_count_sum(header->denials_overflowed, denial->count);
    }
}

void xt_builder_add_denied(xt_builder *builder, const xt_denied *denied) {
    add_denial(builder, &(xt_denial){.count = denied->count,
                                     .last_us = denied->last_us,
                                     .tool = denied->tool_id - 1,
                                     .reason = denied->reason_id});
}

void xt_builder_add_denied_call(xt_builder *builder, const xt_denied_entry *call) {
    builder->image->denied[builder->image->header->denied_count++] = *call;
}

static void add_histograms_of(xt_builder *builder, const xt_image *image,
                              uint32_t index) {
    for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
        const xt_histogram *histogram = xt_image_histogram(image, index, outcome);
        if (!xt_histogram_is_empty(histogram)) {
            *xt_builder_add_histogram(builder, outcome) = *histogram;
        }
    }
}

void xt_builder_add_text(xt_builder *builder, xt_texts_kind kind,
                         const xt_kept_text *text) {
    xt_texts_append(&builder->image->texts[kind], xt_text_key(kind, text), text->text,
                    text->last_us);
}

static void add_names_of(xt_builder *builder, const xt_image *image) {
    for (uint32_t id = 1; id <= image->header->error_types.count; id++) {
        xt_builder_add_error_type(builder, xt_names_get(&image->error_types, id));
    }
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        xt_builder_add_tool(builder, xt_names_get(&image->tool_names, i + 1),
                            &image->tools[i]);
        add_histograms_of(builder, image, i);
    }
    memcpy(builder->image->measures.sums, image->measures.sums,
           (size_t)image->header->tool_names.count * image->measures.count *
               sizeof(xt_tool_measure));
}

static void add_in_flight_of(xt_builder *builder, const xt_image *image) {
    for (uint32_t slot = image->in_flight.head->oldest; slot != 0;) {
        const xt_in_flight_entry *entry = xt_in_flight_get(&image->in_flight, slot);
        list(builder,
             &(xt_span){.start_us = entry->start_us,
                        .serial = entry->serial,
                        .tool_id = entry->tool + 1,
                        .args_hash = entry->args_hash,
                        .session = entry->session,
                        .depth = entry->depth},
             xt_image_known_us(image, slot));
        slot = entry->next;
    }
}

/* Adds the log files of `image` that are among `files`; all if that is null. */
static void add_files_of(xt_builder *builder, const xt_image *image,
                         const xt_log_files *files) {
    uint32_t count = files != NULL ? files->count : image->log_files.head->count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = files != NULL ? files->sources[i] : i + 1;
        xt_builder_add_log_file(builder, xt_names_get(&image->log_files, id));
    }
}

xt_error xt_builder_open_like(xt_builder *builder, const xt_image *image, size_t records,
                              const xt_log_files *files, const xt_allocator *allocator) {
    xt_facts facts = xt_facts_of(image);
    xt_room room = xt_room_of(image);
    facts.is_filtered |= records < room.records;
    room.records = (uint32_t)records;
    if (files != NULL) {
        room.log_files = files->count;
        room.log_file_bytes = files->byte_count;
    }
    xt_error error = xt_builder_open(builder, &facts, &room, allocator);
    if (error != XT_OK) {
        return error;
    }
    add_names_of(builder, image);
    add_in_flight_of(builder, image);
    for (uint32_t i = 0; i < image->header->denial_count; i++) {
        add_denial(builder, &image->denials[i]);
    }
    for (uint32_t age = image->header->denied_count; age-- > 0;) {
        xt_builder_add_denied_call(builder, xt_image_denied(image, age));
    }
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        xt_texts_append_all(&builder->image->texts[kind], &image->texts[kind]);
    }
    add_files_of(builder, image, files);
    return XT_OK;
}

xt_record *xt_builder_add_records(xt_builder *builder, size_t count) {
    xt_header *header = builder->image->header;
    xt_record *records = builder->image->records + header->record_count;
    header->record_count += (uint32_t)count;
    return records;
}

void xt_builder_add_stretch(xt_builder *builder, xt_stretch stretch) {
    const xt_measures *measures = &builder->image->measures;
    uint64_t *values = xt_measures_values(measures, builder->image->header->record_count);
    xt_log_place *places =
        builder->image->log_places + builder->image->header->record_count;
    xt_record *records = xt_builder_add_records(builder, stretch.count);
    if (stretch.count > 0) {
        memcpy(records, stretch.records, stretch.count * sizeof *records);
    }
    if (stretch.count > 0 && measures->count > 0) {
        memcpy(values, stretch.values, stretch.count * measures->count * sizeof *values);
    }
    if (stretch.count > 0 && builder->image->header->log_place_slots > 0) {
        memcpy(places, stretch.places, stretch.count * sizeof *places);
    }
}

void xt_builder_add_execution(xt_builder *builder, const xt_execution *execution) {
    const xt_record record =
        xt_record_of(execution, execution->tool_id, execution->error_type_id);
    uint64_t none[XT_MAX_MEASURES];
    memset(none, 0xff, sizeof none); /* XT_NO_MEASURE */
    const uint64_t *given = execution->outcome.measures;
    const xt_log_place place = {execution->place.file_id, execution->place.line};
    xt_builder_add_stretch(
        builder, (xt_stretch){&record, given != NULL ? given : none, 1, &place});
}

void xt_builder_count_windows(xt_builder *builder) {
    xt_image *image = builder->image;
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        image->tools[i].window = (xt_window){0};
    }
    for (uint32_t i = 0; i < image->header->record_count; i++) {
        const xt_record *record = &image->records[i];
        xt_window_add(&image->tools[record->tool].window, record);
    }
    xt_measures_count_windows(image);
}

static bool is_full(const xt_names_head *names) {
    return names->count == names->slots && names->byte_count == names->byte_slots;
}

static bool is_full_of_texts(const xt_header *header) {
    bool is_full = true;
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        is_full &= header->texts[kind].count == header->texts[kind].slots;
    }
    return is_full;
}

bool xt_builder_is_full(const xt_builder *builder) {
    const xt_header *header = builder->image->header;
    return is_full(&header->tool_names) && is_full(&header->error_types) &&
           is_full(&header->log_files) &&
           header->histogram_count == header->histogram_slots &&
           header->in_flight.listed == header->in_flight.slots &&
           header->denial_count == header->denial_slots &&
           header->denied_count == header->denied_slots && is_full_of_texts(header) &&
           header->record_count == header->record_slots;
}

xt_snapshot *xt_builder_finish(xt_builder *builder) {
    assert(xt_builder_is_full(builder));
    xt_header *header = builder->image->header;
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        xt_texts_sort(&builder->image->texts[kind]);
    }
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        const xt_tool *tool = &builder->image->tools[i];
        xt_lifetime_merge(&header->lifetime, &tool->lifetime);
        xt_window_merge(&header->window, &tool->window);
        header->running += tool->in_flight;
    }
    header->lost_us = xt_image_lost_us(builder->image);
    return builder->snapshot;
}
