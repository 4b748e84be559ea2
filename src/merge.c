/*
 * Merging runs. The result doesn't depend on the order of the runs.
 */
#include "builder.h"
#include "measures.h"
#include "merged_facts.h"
#include "merged_records.h"
#include "name_union.h"
#include "order.h"
#include "text_union.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Working memory: arrays with room for the items of all runs. */
typedef struct merge {
    const xt_image *const *images;
    size_t count;
    xt_measure_union measures;
    xt_name_union tools;
    xt_name_union error_types;
    bool *has_histogram; /* for each tool and outcome of the merged run */
    size_t histogram_count;
    xt_merged_records records;
    uint64_t lost_error_types; /* records whose error type has become `(other)` */
    xt_running *running;
    size_t running_count;
    xt_denied *denials;
    size_t denial_count;
    xt_denied_entry *denied;
    size_t denied_count;
    xt_text_union texts[XT_TEXTS_KINDS];
} merge;

/* How many items of each kind all runs have, which may be more than fit in memory. */
typedef struct amounts {
    uint64_t tools;
    uint64_t error_types;
    uint64_t records;
    uint64_t log_files;
    uint64_t running;
    uint64_t denials;
    uint64_t denied;
    uint64_t texts[XT_TEXTS_KINDS];
} amounts;

static amounts count_all(size_t count, const xt_image *const images[]) {
    amounts all = {0};
    for (size_t i = 0; i < count; i++) {
        const xt_header *header = images[i]->header;
        all.tools += header->tool_names.count;
        all.error_types += header->error_types.count;
        all.records += header->record_count;
        all.log_files += header->log_files.count;
        all.running += header->in_flight.listed;
        all.denials += header->denial_count;
        all.denied += header->denied_count;
        for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
            all.texts[kind] += header->texts[kind].count;
        }
    }
    return all;
}

/* Reserves `count` items at offset `*end` of `memory`, and moves `*end` behind them.
 * `memory` may be null, to compute the size. */
static void *take(char *memory, uint64_t *end, uint64_t count, size_t item_bytes) {
    void *start = memory != NULL ? memory + *end : NULL;
    *end += (count * item_bytes + 7) & ~(uint64_t)7;
    return start;
}

/* Places the arrays for `all` in `memory`; returns how many bytes they take. */
static uint64_t place(merge *work, const amounts *all, char *memory) {
    uint64_t end = 8; /* so that the size is never 0 */
    work->tools.ids = take(memory, &end, all->tools, sizeof(uint32_t));
    work->tools.sources = take(memory, &end, all->tools, sizeof(xt_name_source));
    work->has_histogram = take(memory, &end, all->tools, XT_OUTCOMES * sizeof(bool));
    work->error_types.ids = take(memory, &end, all->error_types, sizeof(uint32_t));
    work->error_types.sources =
        take(memory, &end, all->error_types, sizeof(xt_name_source));
    work->records.log_files.ids = take(memory, &end, all->log_files, sizeof(uint32_t));
    work->records.log_files.sources =
        take(memory, &end, all->log_files, sizeof(xt_name_source));
    work->records.kept_memory = take(memory, &end, all->log_files, xt_log_files_bytes(1));
    work->records.items =
        take(memory, &end, all->records, xt_merged_record_bytes(&work->records));
    work->running = take(memory, &end, all->running, sizeof(xt_running));
    work->denials = take(memory, &end, all->denials, sizeof(xt_denied));
    work->denied = take(memory, &end, all->denied, sizeof(xt_denied_entry));
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        work->texts[kind].texts =
            take(memory, &end, all->texts[kind], sizeof(xt_kept_text));
    }
    return end;
}

static void unite_names(merge *work) {
    uint32_t max_tools = 1;
    for (size_t i = 0; i < work->count; i++) {
        const xt_image *image = work->images[i];
        xt_name_union_add(&work->tools, &image->tool_names);
        xt_name_union_add(&work->error_types, &image->error_types);
        xt_name_union_add(&work->records.log_files, &image->log_files);
        if (image->header->max_tools > max_tools) {
            max_tools = image->header->max_tools;
        }
    }
    xt_name_union_build(&work->tools, max_tools, XT_MAX_TOOLS);
    xt_name_union_build(&work->error_types, XT_ERROR_TYPES, XT_ERROR_TYPES);
    xt_name_union_build(&work->records.log_files, 0, UINT32_MAX); /* all have room */
}

/* Whether `name`, whose identifier in the union is `id`, has become `(other)`. */
static bool is_lost(const xt_name_union *names, uint32_t id, xt_text name) {
    return id == names->other && xt_text_compare(name, xt_text_of(XT_OTHER)) != 0;
}

/* The identifiers, in the union, of one run's tools, error types and log files, indexed from
 * 0. */
typedef struct translation {
    const uint32_t *tools;
    const uint32_t *error_types;
    const uint32_t *log_files;
} translation;

/* Whether the tool at `index` will have a histogram for this outcome, to be set. */
static bool *has_histogram(const merge *work, uint32_t index, xt_outcome_kind outcome) {
    return &work->has_histogram[(size_t)index * XT_OUTCOMES + outcome];
}

static void gather_histograms(merge *work, const xt_image *image, translation to) {
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
            bool *has = has_histogram(work, to.tools[i] - 1, outcome);
            if (!*has && !xt_histogram_is_empty(xt_image_histogram(image, i, outcome))) {
                *has = true;
                work->histogram_count++;
            }
        }
    }
}

/* The place of record `i` of `stretch`. */
static xt_log_place place_of(const xt_stretch *stretch, size_t i, translation to) {
    xt_log_place place = {0};
    if (stretch->places != NULL && stretch->places[i].file != 0) {
        place = stretch->places[i];
        place.file = to.log_files[place.file - 1];
    }
    return place;
}

static void gather_records(merge *work, const xt_image *image, translation to) {
    xt_stretch stretches[2];
    xt_image_stretches(image, stretches);
    for (int stretch = 0; stretch < 2; stretch++) {
        for (size_t i = 0; i < stretches[stretch].count; i++) {
            xt_record record = stretches[stretch].records[i];
            record.tool = (uint16_t)(to.tools[record.tool] - 1);
            if (record.error_type != 0) {
                xt_text name = xt_names_get(&image->error_types, record.error_type);
                record.error_type = (uint16_t)to.error_types[record.error_type - 1];
                work->lost_error_types +=
                    is_lost(&work->error_types, record.error_type, name);
            }
            xt_merged_records_add(&work->records, &record, &image->measures,
                                  stretches[stretch].values + i * image->measures.count,
                                  place_of(&stretches[stretch], i, to));
        }
    }
}

static void gather_running(merge *work, const xt_image *image, translation to) {
    xt_running *running = &work->running[work->running_count];
    size_t count = xt_image_in_flight(image, 0, NULL);
    xt_image_in_flight(image, count, running);
    for (size_t i = 0; i < count; i++) {
        running[i].tool_id = to.tools[running[i].tool_id - 1];
    }
    work->running_count += count;
}

static void gather_denials(merge *work, const xt_image *image, translation to) {
    xt_denied *denials = &work->denials[work->denial_count];
    size_t count = xt_image_denials(image, 0, NULL);
    xt_image_denials(image, count, denials);
    for (size_t i = 0; i < count; i++) {
        denials[i].tool_id = to.tools[denials[i].tool_id - 1];
        denials[i].reason_id = to.error_types[denials[i].reason_id - 1];
    }
    work->denial_count += count;
}

static void gather_denied(merge *work, const xt_image *image, translation to) {
    for (uint32_t i = 0; i < image->header->denied_count; i++) {
        xt_denied_entry call = image->denied[i];
        call.tool = to.tools[call.tool] - 1;
        call.reason = to.error_types[call.reason - 1];
        work->denied[work->denied_count++] = call;
    }
}

static void gather_texts(merge *work, const xt_image *image, xt_texts_kind kind,
                         translation to) {
    xt_text_union *texts = &work->texts[kind];
    xt_kept_text *added = &texts->texts[texts->count];
    size_t count = xt_image_texts(image, kind, SIZE_MAX, added);
    for (size_t i = 0; i < count && kind == XT_ERROR_TEXTS; i++) {
        added[i].tool_id = to.tools[added[i].tool_id - 1];
        if (added[i].error_type_id != 0) {
            added[i].error_type_id = to.error_types[added[i].error_type_id - 1];
        }
    }
    texts->count += count;
}

static int compare_running(const void *a, const void *b) {
    const xt_running *left = a;
    const xt_running *right = b;
    int by = xt_order(left->start_us, right->start_us);
    by = by != 0 ? by : xt_order(left->tool_id, right->tool_id);
    by = by != 0 ? by : xt_order(left->args_hash, right->args_hash);
    by = by != 0 ? by : xt_order(left->session.hash, right->session.hash);
    by = by != 0 ? by : xt_order(left->depth, right->depth);
    return by != 0 ? by : xt_order(left->known_us, right->known_us);
}

static int compare_denials(const void *a, const void *b) {
    const xt_denied *left = a;
    const xt_denied *right = b;
    int by = xt_order(left->tool_id, right->tool_id);
    return by != 0 ? by : xt_order(left->reason_id, right->reason_id);
}

static int compare_denied(const void *a, const void *b) {
    const xt_denied_entry *left = a;
    const xt_denied_entry *right = b;
    int by = xt_order(left->denied_us, right->denied_us);
    by = by != 0 ? by : xt_order(left->tool, right->tool);
    by = by != 0 ? by : xt_order(left->reason, right->reason);
    by = by != 0 ? by : xt_order(left->args_hash, right->args_hash);
    return by != 0 ? by : xt_order(left->session, right->session);
}

static void sort(void *items, size_t count, size_t item_bytes,
                 int compare(const void *, const void *)) {
    if (count > 1) {
        qsort(items, count, item_bytes, compare);
    }
}

/* Combines the sorted denials of the same tool and reason. */
static void unite_denials(merge *work) {
    size_t count = 0;
    for (size_t i = 0; i < work->denial_count; i++) {
        const xt_denied *denial = &work->denials[i];
        xt_denied *last = count > 0 ? &work->denials[count - 1] : NULL;
        if (last == NULL || compare_denials(last, denial) != 0) {
            work->denials[count++] = *denial;
        } else {
            last->count = xt_count_sum(last->count, denial->count);
            last->last_us =
                denial->last_us > last->last_us ? denial->last_us : last->last_us;
        }
    }
    work->denial_count = count;
}

static void gather(merge *work) {
    translation to = {work->tools.ids, work->error_types.ids,
                      work->records.log_files.ids};
    memset(work->has_histogram, 0, work->tools.count * XT_OUTCOMES * sizeof(bool));
    for (size_t i = 0; i < work->count; i++) {
        const xt_image *image = work->images[i];
        gather_histograms(work, image, to);
        gather_records(work, image, to);
        gather_running(work, image, to);
        gather_denials(work, image, to);
        gather_denied(work, image, to);
        for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
            gather_texts(work, image, (xt_texts_kind)kind, to);
        }
        to.tools += image->header->tool_names.count;
        to.error_types += image->header->error_types.count;
        to.log_files += image->header->log_files.count;
    }
    xt_merged_records_sort(&work->records);
    sort(work->running, work->running_count, sizeof(xt_running), compare_running);
    sort(work->denials, work->denial_count, sizeof(xt_denied), compare_denials);
    sort(work->denied, work->denied_count, sizeof(xt_denied_entry), compare_denied);
    unite_denials(work);
}

/* The number of executions whose tool has become `(other)` by merging. */
static uint64_t count_lost(const merge *work) {
    const uint32_t *id = work->tools.ids;
    uint64_t lost = 0;
    for (size_t i = 0; i < work->count; i++) {
        const xt_image *image = work->images[i];
        for (uint32_t j = 0; j < image->header->tool_names.count; j++, id++) {
            if (is_lost(&work->tools, *id, xt_names_get(&image->tool_names, j + 1))) {
                lost = xt_count_sum(
                    lost, xt_count_sum(xt_lifetime_executions(&image->tools[j].lifetime),
                                       image->tools[j].in_flight));
            }
        }
    }
    return lost;
}

static xt_facts merged_facts(const merge *work, size_t max_history) {
    xt_facts facts = {.label = xt_image_label(work->images[0]),
                      .max_tools = work->tools.capacity,
                      .ignored_args = xt_image_ignored_args(work->images[0]),
                      .is_in_order = true,
                      .created_us = xt_image_created_us(work->images[0]),
                      .cleared_us = xt_image_cleared_us(work->images[0])};
    for (size_t i = 0; i < work->count; i++) {
        xt_facts from = xt_facts_of(work->images[i]);
        xt_facts_merge(&facts, &from);
    }
    facts.measure_count = work->measures.count;
    memcpy(facts.measures, work->measures.entries, sizeof facts.measures);
    if (max_history != XT_KEEP_ALL) {
        facts.max_history =
            (uint32_t)(max_history < XT_MAX_HISTORY ? max_history : XT_MAX_HISTORY);
    }
    facts.tools_overflowed = xt_count_sum(facts.tools_overflowed, count_lost(work));
    facts.error_types_overflowed =
        xt_count_sum(facts.error_types_overflowed, work->lost_error_types);
    return facts;
}

/* The smaller of `count` and `most`. */
static uint32_t up_to(size_t count, size_t most) {
    return (uint32_t)(count < most ? count : most);
}

/* Whether any of the first `count` executions in flight isn't known to run until `now_us`. */
static bool has_known(const merge *work, uint32_t count, uint64_t now_us) {
    for (uint32_t i = 0; i < count; i++) {
        if (work->running[i].known_us != now_us) {
            return true;
        }
    }
    return false;
}

/* The room that the merged run needs. */
static xt_room merged_room(const merge *work, const xt_facts *facts) {
    xt_room room = {
        .tools = work->tools.count,
        .tool_name_bytes = work->tools.byte_count,
        .histograms = (uint32_t)work->histogram_count,
        .error_types = work->error_types.count,
        .error_type_bytes = work->error_types.byte_count,
        .in_flight = up_to(work->running_count, facts->max_in_flight),
        .denials = up_to(work->denial_count, XT_MAX_DENIALS),
        .denied_calls = up_to(work->denied_count, XT_MAX_DENIED_CALLS),
        .measures = work->measures.count,
        .records = (uint32_t)work->records.count,
        .log_files = work->records.kept_files.count,
        .log_file_bytes = work->records.kept_files.byte_count,
    };
    room.known = has_known(work, room.in_flight, facts->now_us) ? room.in_flight : 0;
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        room.texts[kind] = (uint32_t)work->texts[kind].count;
    }
    return room;
}

static void add_names(xt_builder *into, const merge *work) {
    for (uint32_t id = 1; id <= work->error_types.count; id++) {
        xt_builder_add_error_type(into, xt_name_union_get(&work->error_types, id));
    }
    for (uint32_t id = 1; id <= work->tools.count; id++) {
        xt_builder_add_tool(into, xt_name_union_get(&work->tools, id), NULL);
        for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
            if (*has_histogram(work, id - 1, outcome)) {
                xt_builder_add_histogram(into, outcome);
            }
        }
    }
}

static void merge_histograms(xt_image *into, xt_tool *tool, const xt_image *image,
                             uint32_t index) {
    for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
        const xt_histogram *histogram = xt_image_histogram(image, index, outcome);
        if (!xt_histogram_is_empty(histogram)) {
            xt_histogram_merge(xt_image_use_histogram(into, tool, outcome, NULL),
                               histogram);
        }
    }
}

/* Sums the statistics of all runs into the tools of `into`. */
static void merge_tools(xt_image *into, const merge *work) {
    const uint32_t *id = work->tools.ids;
    for (size_t i = 0; i < work->count; i++) {
        const xt_image *image = work->images[i];
        for (uint32_t j = 0; j < image->header->tool_names.count; j++, id++) {
            xt_tool *tool = &into->tools[*id - 1];
            xt_tool_merge(tool, &image->tools[j]);
            merge_histograms(into, tool, image, j);
            xt_measure_union_merge(&work->measures,
                                   xt_measures_sums(&into->measures, *id - 1),
                                   &image->measures, j);
        }
    }
}

/* Adds the oldest executions in flight, all denials and texts, and the newest denied
 * calls, and the records. */
static void add_rest(xt_builder *into, merge *work, const xt_room *room) {
    for (uint32_t i = 0; i < room->in_flight; i++) {
        work->running[i].serial = i + 1;
        xt_builder_add_running(into, &work->running[i]);
    }
    for (size_t i = 0; i < work->denial_count; i++) {
        xt_builder_add_denied(into, &work->denials[i]);
    }
    for (size_t i = work->denied_count - room->denied_calls; i < work->denied_count;
         i++) {
        xt_builder_add_denied_call(into, &work->denied[i]);
    }
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        for (uint32_t i = 0; i < room->texts[kind]; i++) {
            xt_builder_add_text(into, (xt_texts_kind)kind, &work->texts[kind].texts[i]);
        }
    }
    xt_merged_records_build(&work->records, into);
}

static xt_error build(merge *work, size_t max_history, const xt_allocator *allocator,
                      xt_snapshot **snapshot) {
    xt_facts facts = merged_facts(work, max_history);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        xt_text_union_build(&work->texts[kind], facts.max_texts[kind]);
    }
    xt_merged_records_keep(&work->records, up_to(work->records.count, facts.max_history));
    xt_room room = merged_room(work, &facts);
    xt_builder into;
    xt_error error = xt_builder_open(&into, &facts, &room, allocator);
    *snapshot = into.snapshot;
    if (error == XT_OK) {
        add_names(&into, work);
        merge_tools(into.image, work);
        add_rest(&into, work, &room);
        xt_builder_count_windows(&into);
        xt_builder_finish(&into);
    }
    return error;
}

xt_error xt_snapshot_merge(size_t count, const xt_image *const images[],
                           size_t max_history, const xt_allocator *allocator,
                           xt_snapshot **snapshot) {
    assert(count > 0);
    xt_allocator from = xt_allocator_or_system(allocator);
    amounts all = count_all(count, images);
    merge work = {.images = images, .count = count};
    *snapshot = NULL;
    for (size_t i = 0; i < count; i++) {
        if (xt_measure_union_add(&work.measures, &images[i]->measures) != NULL) {
            return XT_ERROR_MERGE;
        }
    }
    work.records.measures = &work.measures;
    work.records.has_places = all.log_files > 0;
    uint64_t bytes = place(&work, &all, NULL);
    char *memory = bytes < SIZE_MAX ? from.allocate(from.context, (size_t)bytes) : NULL;
    if (memory == NULL) {
        return XT_ERROR_MEMORY;
    }
    place(&work, &all, memory);
    unite_names(&work);
    gather(&work);
    xt_error error = build(&work, max_history, &from, snapshot);
    from.release(from.context, memory, (size_t)bytes);
    return error;
}
