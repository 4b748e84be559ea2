/*
 * Making the run of what an importer has collected.
 */
#include "import_state.h"
#include "snapshot.h"
#include "tracker.h"

#include <string.h>

/* A run that is being made. */
typedef struct building {
    xt_importer *importer;
    xt_import_item *order; /* null if the records are in order */
    uint32_t *tool_ids;    /* of the tracker, by number of a name; 0 if it isn't known */
    xt_tracker *tracker;
    uint64_t created_us;
    xt_log_place *places; /* of the tracker's records, by slot; null if there are none */
    xt_names_head files_head;
    xt_names log_files; /* those of the places, in a block that begins with `names` */
} building;

static uint64_t created_us(void *context) {
    return *(const uint64_t *)context;
}

/* The limit `given` of a run that needs `needed`, at least 1. */
static size_t limit(size_t given, size_t needed) {
    size_t least = needed > 0 ? needed : 1;
    return given < least ? given : least;
}

/* The tools that a tracker must have room for so that all names have. */
static size_t tools_needed(const xt_name_set *names) {
    size_t by_bytes = (names->bytes + XT_BYTES_PER_NAME - 1) / XT_BYTES_PER_NAME;
    return names->names.count > by_bytes ? names->names.count : by_bytes;
}

/* Makes the tracker, with no more room than is needed. */
static xt_error make_tracker(building *made) {
    const xt_importer *importer = made->importer;
    const xt_facts *facts = &importer->facts;
    const xt_import_counts *counts = &importer->counts;
    xt_measure measures[XT_MAX_MEASURES];
    xt_options options = {
        .max_history = limit(importer->max_history, counts->executions),
        .max_tools = limit(facts->max_tools, tools_needed(&importer->tools)),
        .max_in_flight = facts->max_in_flight,
        .session_names = facts->max_texts[XT_SESSION_NAMES],
        .args_texts = facts->max_texts[XT_ARGS_TEXTS],
        .error_texts = facts->max_texts[XT_ERROR_TEXTS],
        .label = facts->label,
        .clock = {created_us, &made->created_us},
        .allocator = importer->allocator,
        .ignored_args = facts->ignored_args,
        .measures = measures,
        .measure_count = importer->measure_count,
    };
    for (size_t i = 0; i < importer->measure_count; i++) {
        measures[i] = xt_measure_of(&importer->measures[i].entry);
    }
    memcpy(options.instance, facts->instance, sizeof options.instance);
    bool has_time = counts->undated < counts->executions;
    made->created_us = has_time ? importer->first_start_us : 0;
    xt_error error = xt_tracker_create(&options, &made->tracker);
    if (error == XT_OK) {
        xt_tracker_set_clock(made->tracker, counts->last_end_us);
    }
    return error;
}

/* The slots of the ring of records. */
static size_t ring_slots(const building *made) {
    return xt_image_max_history(xt_tracker_image(made->tracker));
}

/* Allocates the places of the records that will be kept, if any execution has one. A
 * tracker has no room for them. */
static xt_error make_places(building *made) {
    const xt_importer *importer = made->importer;
    const xt_allocator *from = &importer->allocator;
    size_t slots = ring_slots(made);
    if (importer->log_files.names.count == 0 || slots == 0) {
        return XT_OK;
    }
    made->places = from->allocate(from->context, slots * sizeof(xt_log_place));
    return made->places != NULL ? XT_OK : XT_ERROR_MEMORY;
}

/* Allocates what is needed to record. */
static xt_error begin(building *made) {
    const xt_importer *importer = made->importer;
    const xt_allocator *from = &importer->allocator;
    size_t tools = importer->tools.names.count;
    made->tool_ids = from->allocate(from->context, (tools + 1) * sizeof(uint32_t));
    if (made->tool_ids == NULL) {
        return XT_ERROR_MEMORY;
    }
    memset(made->tool_ids, 0, (tools + 1) * sizeof(uint32_t));
    if (!importer->is_in_order) {
        made->order = xt_import_sort(importer);
        if (made->order == NULL) {
            return XT_ERROR_MEMORY;
        }
    }
    xt_error error = make_tracker(made);
    return error == XT_OK ? make_places(made) : error;
}

/* Frees what `begin` allocated, except the tracker and the places. */
static void end(building *made) {
    const xt_importer *importer = made->importer;
    const xt_allocator *from = &importer->allocator;
    if (made->tool_ids != NULL) {
        from->release(from->context, made->tool_ids,
                      (importer->tools.names.count + 1) * sizeof(uint32_t));
    }
    if (made->order != NULL) {
        from->release(from->context, made->order,
                      importer->counts.executions * sizeof(xt_import_item));
    }
}

/* Stores the values of the record at `place`; null if the run has no measures. */
static const uint64_t *read_values(const xt_importer *importer, size_t place,
                                   uint64_t values[XT_MAX_MEASURES]) {
    for (size_t i = 0; i < importer->measure_count; i++) {
        values[i] = xt_import_value_at(&importer->measures[i], place);
    }
    return importer->measure_count > 0 ? values : NULL;
}

/* The text of the error of `record`, if it is the last one of its pair. */
static xt_text error_text(const xt_importer *importer, const xt_import_pair *pair,
                          size_t place) {
    const xt_import_text *texts = importer->error_texts.items;
    if (pair->text == 0 || texts[pair->text - 1].record != place) {
        return (xt_text){NULL, 0};
    }
    const xt_import_text *text = &texts[pair->text - 1];
    return (xt_text){text->bytes, text->length};
}

/* A text that is kept for `key`; empty for none. */
static xt_text kept(const xt_importer *importer, xt_texts_kind kind, uint32_t key) {
    return key != 0 ? xt_texts_get(&importer->texts[kind], key) : (xt_text){NULL, 0};
}

/* Records the execution at `place`. */
static void record(building *made, size_t place) {
    const xt_importer *importer = made->importer;
    const xt_record *from = xt_import_record(importer, place);
    const xt_import_pair *pair = xt_import_pair_of(importer, from);
    uint32_t *tool_id = &made->tool_ids[pair->tool];
    uint64_t values[XT_MAX_MEASURES];
    const xt_execution execution = {
        .tool = xt_name_set_get(&importer->tools, pair->tool),
        .outcome = {.status = xt_record_status(from),
                    .was_cached = xt_record_was_cached(from),
                    .error_type =
                        pair->error_type != 0
                            ? xt_name_set_get(&importer->error_types, pair->error_type)
                            : (xt_text){NULL, 0},
                    .result_hash = from->result_hash,
                    .measures = read_values(importer, place, values),
                    .error_text = error_text(importer, pair, place)},
        .duration_us = xt_record_duration_us(from),
        .timing = xt_record_timing(from),
        .args_hash = from->args_hash,
        .args_text = kept(importer, XT_ARGS_TEXTS, from->args_hash),
        .session = {from->session, kept(importer, XT_SESSION_NAMES, from->session)},
        .depth = xt_record_depth(from),
        .end_us = from->end_us,
        .is_undated = xt_record_is_undated(from),
    };
    xt_tracker_record_known(made->tracker, &execution, *tool_id);
    if (*tool_id == 0) { /* it stays unknown if it is counted under (other) */
        *tool_id = xt_tracker_tool_id(made->tracker, execution.tool);
    }
}

/* Frees the chunks whose last record is the one at `place`. */
static void release_chunk(xt_importer *importer, size_t place) {
    const xt_allocator *from = &importer->allocator;
    if ((place + 1) % XT_CHUNK_ITEMS != 0) {
        return;
    }
    xt_column_release(&importer->records, sizeof(xt_record), place, from);
    xt_column_release(&importer->places, sizeof(xt_log_place), place, from);
    for (size_t i = 0; i < importer->measure_count; i++) {
        xt_column_release(&importer->measures[i].values, sizeof(uint64_t), place, from);
    }
}

static void record_all(building *made) {
    size_t count = made->importer->counts.executions;
    size_t slots = made->places != NULL ? ring_slots(made) : 0;
    for (size_t i = 0; i < count; i++) {
        size_t place = made->order != NULL ? made->order[i].place : i;
        record(made, place);
        if (slots > 0) {
            made->places[i % slots] = xt_import_log_place(made->importer, place);
        }
        if (made->order == NULL) {
            release_chunk(made->importer, i);
        }
    }
}

/* Gives the files of the places their identifiers in the run. */
static void number_files(const building *made, xt_log_files *files) {
    const xt_importer *importer = made->importer;
    size_t slots = ring_slots(made);
    size_t count = importer->counts.executions;
    for (size_t i = count > slots ? count - slots : 0; i < count; i++) {
        xt_log_place *place = &made->places[i % slots];
        if (place->file != 0) {
            xt_text name = xt_name_set_get(&importer->log_files, place->file);
            xt_log_files_renumber(files, place, name.length);
        }
    }
}

/* Copies the names of the `files`. */
static xt_error copy_names(building *made, const xt_log_files *files) {
    const xt_importer *importer = made->importer;
    const xt_allocator *from = &importer->allocator;
    const xt_names_head head = {.slots = files->count, .byte_slots = files->byte_count};
    size_t names_bytes = head.slots * sizeof(xt_name);
    made->log_files.names =
        from->allocate(from->context, names_bytes + head.byte_slots + 1); /* never 0 */
    if (made->log_files.names == NULL) {
        return XT_ERROR_MEMORY;
    }
    made->files_head = head;
    made->log_files.head = &made->files_head;
    made->log_files.bytes = (char *)made->log_files.names + names_bytes;
    for (uint32_t i = 0; i < files->count; i++) {
        xt_text name = xt_name_set_get(&importer->log_files, files->sources[i]);
        xt_names_append(&made->log_files, name, NULL);
    }
    return XT_OK;
}

/* Finds the log files of the records that are kept. */
static xt_error find_files(building *made) {
    const xt_importer *importer = made->importer;
    const xt_allocator *from = &importer->allocator;
    size_t count = importer->log_files.names.count;
    if (made->places == NULL) {
        return XT_OK;
    }
    void *memory = from->allocate(from->context, xt_log_files_bytes(count));
    if (memory == NULL) {
        return XT_ERROR_MEMORY;
    }
    xt_log_files files = xt_log_files_begin(memory, count);
    number_files(made, &files);
    xt_error error = copy_names(made, &files);
    from->release(from->context, memory, xt_log_files_bytes(count));
    return error;
}

/* Frees the places and the names of their files. */
static void release_places(building *made) {
    const xt_allocator *from = &made->importer->allocator;
    const xt_names_head *head = &made->files_head;
    if (made->log_files.names != NULL) {
        from->release(from->context, made->log_files.names,
                      head->slots * sizeof(xt_name) + head->byte_slots + 1);
    }
    if (made->places != NULL) {
        from->release(from->context, made->places,
                      ring_slots(made) * sizeof(xt_log_place));
    }
}

/* Takes the snapshot, with the places, and with the limits of the options in place of those
 * that were needed. */
static xt_error take(const building *made, const xt_allocator *allocator,
                     xt_snapshot **snapshot) {
    const xt_importer *importer = made->importer;
    xt_image image = *xt_tracker_image(made->tracker);
    if (made->places != NULL) {
        image.log_places = made->places;
        image.log_files = made->log_files;
    }
    xt_error error = xt_snapshot_take(&image, allocator, snapshot);
    if (error == XT_OK) {
        xt_header *header = (*snapshot)->image.header;
        header->max_tools = importer->facts.max_tools;
        if (importer->max_history != XT_KEEP_ALL) {
            header->max_history = (uint32_t)importer->max_history;
        }
    }
    return error;
}

xt_error xt_importer_build(xt_importer *importer, const xt_allocator *allocator,
                           xt_snapshot **snapshot) {
    building made = {.importer = importer};
    *snapshot = NULL;
    xt_import_finish_measures(importer);
    xt_error error = begin(&made);
    if (error == XT_OK) {
        record_all(&made);
        error = find_files(&made);
    }
    end(&made);
    xt_import_clear(importer); /* before the snapshot needs memory */
    if (error == XT_OK) {
        error = take(&made, allocator, snapshot);
    }
    release_places(&made);
    xt_tracker_close(made.tracker);
    return error;
}
