/*
 * Merging runs. What comes out depends on what the runs hold, never on their order.
 */
#include "name_union.h"
#include "snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Working memory: arrays with room for all that the runs have. */
typedef struct merge {
    const xt_image *const *images;
    size_t count;
    xt_name_union tools;
    xt_name_union error_types;
    xt_record *records;
    size_t record_count;
    uint64_t lost_error_types; /* records whose error type has become `(other)` */
    xt_in_flight_entry *in_flight;
    size_t in_flight_count;
    xt_denial *denials;
    size_t denial_count;
} merge;

/* How much of everything there is. */
typedef struct amounts {
    size_t tools;
    size_t error_types;
    size_t records;
    size_t in_flight;
    size_t denials;
} amounts;

static amounts count_all(size_t count, const xt_image *const images[]) {
    amounts all = {0};
    for (size_t i = 0; i < count; i++) {
        const xt_header *header = images[i]->header;
        all.tools += header->tool_names.count;
        all.error_types += header->error_types.count;
        all.records += header->record_count;
        all.in_flight += header->in_flight.listed;
        all.denials += header->denial_count;
    }
    return all;
}

/* Room for `count` items at `*end` bytes behind `memory`, which may be null to measure. */
static void *take(char *memory, uint64_t *end, size_t count, size_t item_bytes) {
    void *start = memory != NULL ? memory + *end : NULL;
    *end += ((uint64_t)count * item_bytes + 7) & ~(uint64_t)7;
    return start;
}

/* Places the arrays for `all` in `memory`; returns how many bytes they take. */
static uint64_t place(merge *work, const amounts *all, char *memory) {
    uint64_t end = 8; /* never none */
    work->tools.ids = take(memory, &end, all->tools, sizeof(uint32_t));
    work->tools.sources = take(memory, &end, all->tools, sizeof(xt_name_source));
    work->error_types.ids = take(memory, &end, all->error_types, sizeof(uint32_t));
    work->error_types.sources =
        take(memory, &end, all->error_types, sizeof(xt_name_source));
    work->records = take(memory, &end, all->records, sizeof(xt_record));
    work->in_flight = take(memory, &end, all->in_flight, sizeof(xt_in_flight_entry));
    work->denials = take(memory, &end, all->denials, sizeof(xt_denial));
    return end;
}

static void unite_names(merge *work) {
    uint32_t max_tools = 1;
    for (size_t i = 0; i < work->count; i++) {
        const xt_image *image = work->images[i];
        xt_name_union_add(&work->tools, &image->tool_names);
        xt_name_union_add(&work->error_types, &image->error_types);
        if (image->header->max_tools > max_tools) {
            max_tools = image->header->max_tools;
        }
    }
    xt_name_union_build(&work->tools, max_tools, XT_MAX_TOOLS);
    xt_name_union_build(&work->error_types, XT_ERROR_TYPES, XT_ERROR_TYPES);
}

/* Whether a name that isn't `(other)` itself has become that: by its identifiers. */
static bool is_lost(const xt_name_union *names, uint32_t id, xt_text name) {
    return id == names->other && xt_text_compare(name, xt_text_of(XT_OTHER)) != 0;
}

/* The identifiers, in the union, of one run's tools and error types, indexed from 0. */
typedef struct translation {
    const uint32_t *tools;
    const uint32_t *error_types;
} translation;

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
            work->records[work->record_count++] = record;
        }
    }
}

static void gather_in_flight(merge *work, const xt_image *image, translation to) {
    for (uint32_t slot = image->in_flight.head->oldest; slot != 0;) {
        xt_in_flight_entry entry = *xt_in_flight_get(&image->in_flight, slot);
        slot = entry.next;
        entry.tool = to.tools[entry.tool] - 1;
        work->in_flight[work->in_flight_count++] = entry;
    }
}

static void gather_denials(merge *work, const xt_image *image, translation to) {
    for (uint32_t i = 0; i < image->header->denial_count; i++) {
        xt_denial denial = image->denials[i];
        denial.tool = to.tools[denial.tool] - 1;
        denial.reason = to.error_types[denial.reason - 1];
        work->denials[work->denial_count++] = denial;
    }
}

static int order(uint64_t a, uint64_t b) {
    return (a > b) - (a < b);
}

static int compare_records(const void *a, const void *b) {
    const xt_record *left = a;
    const xt_record *right = b;
    int by = order(left->end_us, right->end_us);
    by = by != 0 ? by : order(left->tool, right->tool);
    by = by != 0 ? by : order(left->packed, right->packed);
    by = by != 0 ? by : order(left->args_hash, right->args_hash);
    return by != 0 ? by : order(left->error_type, right->error_type);
}

static int compare_in_flight(const void *a, const void *b) {
    const xt_in_flight_entry *left = a;
    const xt_in_flight_entry *right = b;
    int by = order(left->start_us, right->start_us);
    by = by != 0 ? by : order(left->tool, right->tool);
    return by != 0 ? by : order(left->args_hash, right->args_hash);
}

static int compare_denials(const void *a, const void *b) {
    const xt_denial *left = a;
    const xt_denial *right = b;
    int by = order(left->tool, right->tool);
    return by != 0 ? by : order(left->reason, right->reason);
}

static void sort(void *items, size_t count, size_t item_bytes,
                 int compare(const void *, const void *)) {
    if (count > 1) {
        qsort(items, count, item_bytes, compare);
    }
}

/* Adds up the sorted denials of the same tool and reason. */
static void unite_denials(merge *work) {
    size_t count = 0;
    for (size_t i = 0; i < work->denial_count; i++) {
        const xt_denial *denial = &work->denials[i];
        xt_denial *last = count > 0 ? &work->denials[count - 1] : NULL;
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
    translation to = {work->tools.ids, work->error_types.ids};
    for (size_t i = 0; i < work->count; i++) {
        const xt_image *image = work->images[i];
        gather_records(work, image, to);
        gather_in_flight(work, image, to);
        gather_denials(work, image, to);
        to.tools += image->header->tool_names.count;
        to.error_types += image->header->error_types.count;
    }
    sort(work->records, work->record_count, sizeof(xt_record), compare_records);
    sort(work->in_flight, work->in_flight_count, sizeof(xt_in_flight_entry),
         compare_in_flight);
    sort(work->denials, work->denial_count, sizeof(xt_denial), compare_denials);
    unite_denials(work);
}

static uint32_t sum_up_to(uint32_t a, uint32_t b, size_t most) {
    return b < most - a ? a + b : (uint32_t)most;
}

/* Adds what the header of a run says to that of the merged one. */
static void merge_header(xt_header *into, const xt_header *from) {
    into->max_history = sum_up_to(into->max_history, from->max_history, XT_MAX_HISTORY);
    into->max_in_flight =
        sum_up_to(into->max_in_flight, from->max_in_flight, XT_MAX_IN_FLIGHT);
    if (from->created_us < into->created_us) {
        into->created_us = from->created_us;
    }
    if (from->now_us > into->now_us) {
        into->now_us = from->now_us;
    }
    into->recorded = xt_count_sum(into->recorded, from->recorded);
    into->in_flight.serial = xt_count_sum(into->in_flight.serial, from->in_flight.serial);
    into->tools_overflowed = xt_count_sum(into->tools_overflowed, from->tools_overflowed);
    into->error_types_overflowed =
        xt_count_sum(into->error_types_overflowed, from->error_types_overflowed);
    into->denials_overflowed =
        xt_count_sum(into->denials_overflowed, from->denials_overflowed);
    xt_lifetime_merge(&into->lifetime, &from->lifetime);
}

static bool same_label(const xt_header *a, const xt_header *b) {
    return a->label_length == b->label_length &&
           memcmp(a->label, b->label, a->label_length) == 0;
}

/* The options and sums of all runs, without slots. */
static xt_header merged_header(const merge *work) {
    const xt_header *first = work->images[0]->header;
    xt_header header = {
        .magic = XT_IMAGE_MAGIC,
        .version = XT_IMAGE_VERSION,
        .byte_order = XT_IMAGE_BYTE_ORDER,
        .max_tools = work->tools.capacity,
        .created_us = first->created_us,
        .label_length = first->label_length,
    };
    memcpy(header.label, first->label, first->label_length);
    for (size_t i = 0; i < work->count; i++) {
        const xt_header *from = work->images[i]->header;
        merge_header(&header, from);
        if (!same_label(&header, from)) {
            header.label_length = 0;
        }
    }
    header.error_types_overflowed =
        xt_count_sum(header.error_types_overflowed, work->lost_error_types);
    if (header.label_length == 0) {
        memset(header.label, 0, sizeof header.label);
    }
    return header;
}

/* Gives `header` slots for what is kept of everything, and no more. */
static void set_slots(xt_header *header, const merge *work, size_t max_history) {
    uint32_t listed = (uint32_t)work->in_flight_count;
    if (listed > header->max_in_flight) {
        listed = header->max_in_flight;
    }
    if (max_history != XT_KEEP_ALL) {
        header->max_history =
            (uint32_t)(max_history < XT_MAX_HISTORY ? max_history : XT_MAX_HISTORY);
    }
    header->tool_names = work->tools.head;
    header->error_types = work->error_types.head;
    header->in_flight.slots = listed;
    header->in_flight.used = listed;
    header->in_flight.listed = listed;
    header->in_flight.oldest = listed > 0 ? 1 : 0;
    header->in_flight.newest = listed;
    header->denial_slots =
        (uint32_t)(work->denial_count < XT_MAX_DENIALS ? work->denial_count
                                                       : XT_MAX_DENIALS);
    header->denial_count = header->denial_slots;
    header->record_slots =
        (uint32_t)(work->record_count < header->max_history ? work->record_count
                                                            : header->max_history);
    header->record_count = header->record_slots;
}

/* Adds up the tools, and counts the executions of those that have become `(other)`. */
static void merge_tools(const merge *work, xt_image *into) {
    xt_header *header = into->header;
    const uint32_t *id = work->tools.ids;
    memset(into->tools, 0, header->tool_names.count * sizeof into->tools[0]);
    memset(into->histograms, 0, header->tool_names.count * sizeof into->histograms[0]);
    for (size_t i = 0; i < work->count; i++) {
        const xt_image *image = work->images[i];
        for (uint32_t j = 0; j < image->header->tool_names.count; j++, id++) {
            xt_tool_merge(&into->tools[*id - 1], &image->tools[j]);
            xt_histogram_merge(&into->histograms[*id - 1], &image->histograms[j]);
            if (is_lost(&work->tools, *id, xt_names_get(&image->tool_names, j + 1))) {
                uint64_t lost =
                    xt_count_sum(xt_lifetime_executions(&image->tools[j].lifetime),
                                 image->tools[j].in_flight);
                header->tools_overflowed = xt_count_sum(header->tools_overflowed, lost);
            }
        }
    }
}

/* Lists the oldest of what is in flight that have a slot, and sums it up. */
static void merge_in_flight(const merge *work, xt_image *into) {
    xt_header *header = into->header;
    uint64_t running = 0;
    for (uint32_t i = 0; i < header->in_flight.listed; i++) {
        xt_in_flight_entry *entry = &into->in_flight.entries[i];
        *entry = work->in_flight[i];
        entry->serial = i + 1;
        entry->previous = i;
        entry->next = i + 1 < header->in_flight.listed ? i + 2 : 0;
        into->tools[entry->tool].listed++;
    }
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        running += into->tools[i].in_flight;
    }
    header->running = running < UINT32_MAX ? (uint32_t)running : UINT32_MAX;
}

static void merge_denials(const merge *work, xt_image *into) {
    xt_header *header = into->header;
    for (size_t i = 0; i < work->denial_count; i++) {
        if (i < header->denial_slots) {
            into->denials[i] = work->denials[i];
        } else {
            header->denials_overflowed =
                xt_count_sum(header->denials_overflowed, work->denials[i].count);
        }
    }
}

static void fill(const merge *work, xt_image *into) {
    size_t kept = into->header->record_count;
    xt_name_union_store(&work->tools, &into->tool_names);
    xt_name_union_store(&work->error_types, &into->error_types);
    merge_tools(work, into);
    merge_in_flight(work, into);
    merge_denials(work, into);
    if (kept > 0) {
        memcpy(into->records, work->records + (work->record_count - kept),
               kept * sizeof(xt_record));
    }
    xt_snapshot_count_windows(into);
}

xt_error xt_snapshot_merge(size_t count, const xt_image *const images[],
                           size_t max_history, const xt_allocator *allocator,
                           xt_snapshot **snapshot) {
    assert(count > 0);
    xt_allocator from = xt_allocator_or_system(allocator);
    amounts all = count_all(count, images);
    merge work = {.images = images, .count = count};
    uint64_t bytes = place(&work, &all, NULL);
    char *memory = bytes < SIZE_MAX ? from.allocate(from.context, (size_t)bytes) : NULL;
    *snapshot = NULL;
    if (memory == NULL) {
        return XT_ERROR_MEMORY;
    }
    place(&work, &all, memory);
    unite_names(&work);
    gather(&work);
    xt_header header = merged_header(&work);
    set_slots(&header, &work, max_history);
    xt_error error = xt_snapshot_allocate(&header, &from, snapshot);
    if (error == XT_OK) {
        fill(&work, &(*snapshot)->image);
    }
    from.release(from.context, memory, (size_t)bytes);
    return error;
}
