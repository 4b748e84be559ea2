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
    return make_tracker(made);
}

/* Frees what `begin` allocated, except the tracker. */
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
    for (size_t i = 0; i < importer->measure_count; i++) {
        xt_column_release(&importer->measures[i].values, sizeof(uint64_t), place, from);
    }
}

static void record_all(building *made) {
    size_t count = made->importer->counts.executions;
    for (size_t i = 0; i < count; i++) {
        if (made->order != NULL) {
            record(made, made->order[i].place);
        } else {
            record(made, i);
            release_chunk(made->importer, i);
        }
    }
}

/* Takes the snapshot, with the limits of the options in place of those that were
 * needed. */
static xt_error take(const building *made, const xt_allocator *allocator,
                     xt_snapshot **snapshot) {
    const xt_importer *importer = made->importer;
    xt_error error =
        xt_snapshot_take(xt_tracker_image(made->tracker), allocator, snapshot);
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
    }
    end(&made);
    xt_import_clear(importer); /* before the snapshot needs memory */
    if (error == XT_OK) {
        error = take(&made, allocator, snapshot);
    }
    xt_tracker_close(made.tracker);
    return error;
}
