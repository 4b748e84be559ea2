#include "selection.h"

#include "builder.h"
#include "newest.h"

#include <string.h>

enum { WORD_BITS = 64 };

size_t xt_selection_words(const xt_image *image) {
    return ((size_t)image->header->record_count + WORD_BITS - 1) / WORD_BITS;
}

/* Whether the fingerprint `session` is one of those of `filter`. */
static bool has_session(const xt_filter *filter, uint32_t session) {
    size_t low = 0;
    size_t high = filter->session_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (filter->sessions[middle] < session) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < filter->session_count && filter->sessions[low] == session;
}

/* The number of combinations of status, cached, timing and undated: adjacent bits. */
enum { FACTS = 1 << (XT_UNDATED_SHIFT + 1 - XT_STATUS_SHIFT) };

/* Stores for each combination of these bits whether it passes the conditions on them. */
static void allow_facts(const xt_filter *filter, bool by_facts[FACTS]) {
    for (unsigned facts = 0; facts < FACTS; facts++) {
        const xt_record record = {.packed = (uint64_t)facts << XT_STATUS_SHIFT};
        xt_timing timing = xt_record_timing(&record);
        by_facts[facts] = timing <= XT_UNTIMED && filter->timings[timing] &&
                          filter->statuses[xt_record_status(&record)] &&
                          filter->cached[xt_record_was_cached(&record)] &&
                          filter->undated[xt_record_is_undated(&record)];
    }
}

/* Evaluates all conditions without branches, which would be mispredicted. */
static bool passes(const xt_filter *filter, const bool by_facts[FACTS],
                   const xt_record *record) {
    uint64_t duration_us = xt_record_duration_us(record);
    return (filter->tools == NULL || filter->tools[record->tool + 1]) &
           (filter->error_types == NULL || filter->error_types[record->error_type]) &
           (filter->sessions == NULL || has_session(filter, record->session)) &
           by_facts[record->packed >> XT_STATUS_SHIFT & (FACTS - 1)] &
           (record->end_us >= filter->since_us) & (record->end_us < filter->before_us) &
           (duration_us >= filter->min_duration_us) &
           (duration_us <= filter->max_duration_us);
}

/* Deselects the records with numbers up to `number`. */
static void drop_until(const xt_image *image, uint64_t number, uint64_t selection[]) {
    const xt_header *header = image->header;
    uint64_t before = header->recorded - header->record_count; /* the oldest's number */
    uint64_t dropped = number > before ? number - before : 0;
    size_t count =
        dropped < header->record_count ? (size_t)dropped : header->record_count;
    memset(selection, 0, count / WORD_BITS * sizeof selection[0]);
    if (count % WORD_BITS > 0) {
        selection[count / WORD_BITS] &= UINT64_MAX << count % WORD_BITS;
    }
}

void xt_selection_of(const xt_image *image, const xt_filter *filter,
                     uint64_t selection[]) {
    bool by_facts[FACTS];
    xt_stretch stretches[2];
    size_t i = 0;
    allow_facts(filter, by_facts);
    memset(selection, 0, xt_selection_words(image) * sizeof selection[0]);
    xt_image_stretches(image, stretches);
    for (int stretch = 0; stretch < 2; stretch++) {
        const xt_record *records = stretches[stretch].records;
        for (size_t j = 0; j < stretches[stretch].count; j++, i++) {
            xt_record_fetch_ahead(&records[j]);
            uint64_t bit = passes(filter, by_facts, &records[j]);
            selection[i / WORD_BITS] |= bit << i % WORD_BITS;
        }
    }
    drop_until(image, filter->after, selection);
}

/* How many records are selected in the `words` words. */
static size_t count_selected(size_t words, const uint64_t selection[]) {
    size_t count = 0;
    for (size_t i = 0; i < words; i++) {
        count += (size_t)__builtin_popcountll(selection[i]);
    }
    return count;
}

/* Deselects the first `count` selected records, of which there are at least as many. */
static void drop_first(size_t count, uint64_t selection[]) {
    for (; count > 0; count--) {
        while (*selection == 0) {
            selection++;
        }
        *selection &= *selection - 1;
    }
}

/* Offers all selected records to `newest`, and deselects them. */
static void offer_selected(xt_newest *newest, uint64_t before, size_t words,
                           uint64_t selection[]) {
    for (size_t i = words; i-- > 0;) {
        while (selection[i] != 0) {
            size_t bit = WORD_BITS - 1 - (size_t)__builtin_clzll(selection[i]);
            selection[i] ^= UINT64_C(1) << bit;
            xt_newest_offer(newest, before + 1 + i * WORD_BITS + bit);
        }
    }
}

/* Deselects all but the newest `count` of the selected records; there are more. */
static xt_error keep_newest(const xt_image *image, size_t count, uint64_t selection[],
                            const xt_allocator *from) {
    const xt_header *header = image->header;
    uint64_t before = header->recorded - header->record_count; /* the oldest's number */
    size_t bytes = count * sizeof(uint64_t);
    uint64_t *sequences = from->allocate(from->context, bytes);
    xt_newest newest = {.image = image, .capacity = count, .sequences = sequences};
    if (sequences == NULL) {
        return XT_ERROR_MEMORY;
    }
    offer_selected(&newest, before, xt_selection_words(image), selection);
    for (size_t i = 0; i < newest.count; i++) {
        size_t place = (size_t)(sequences[i] - before - 1);
        selection[place / WORD_BITS] |= UINT64_C(1) << place % WORD_BITS;
    }
    from->release(from->context, sequences, bytes);
    return XT_OK;
}

/* Deselects all but the newest `last` of the `count` selected records. */
static xt_error narrow(const xt_image *image, size_t count, size_t last,
                       uint64_t selection[], const xt_allocator *from) {
    if (last >= count || last == 0) {
        return XT_OK; /* if it is 0, nothing is copied later */
    }
    if (xt_image_is_in_order(image)) {
        drop_first(count - last, selection);
        return XT_OK;
    }
    return keep_newest(image, last, selection, from);
}

/* One item of `item_bytes` for each record, in up to two stretches like the records. */
typedef struct items {
    const char *older;
    size_t older_count;
    const char *newer;
    size_t item_bytes;
} items;

/* Copies the items of the first `count` selected records. Inline, so that the compiler
 * knows the size of a record. */
static inline void copy_selected(items from, const uint64_t selection[], size_t count,
                                 void *into) {
    char *next = into;
    for (size_t i = 0; count > 0; i++) {
        for (uint64_t left = selection[i]; left != 0; left &= left - 1, count--) {
            size_t place = i * WORD_BITS + (size_t)__builtin_ctzll(left);
            const char *item =
                place < from.older_count
                    ? from.older + place * from.item_bytes
                    : from.newer + (place - from.older_count) * from.item_bytes;
            memcpy(next, item, from.item_bytes);
            next += from.item_bytes;
        }
    }
}

/* The places of the selected records, and their log files, in a block of memory. Of an image
 * without places all is 0. */
typedef struct places {
    xt_log_place *items;
    size_t bytes; /* of the block, which begins with the items */
    xt_log_files files;
} places;

/* Copies the places of the first `count` records that are selected. */
static xt_error copy_places(const xt_image *image, const uint64_t selection[],
                            size_t count, const xt_allocator *from, places *copied) {
    size_t files = image->log_files.head->count;
    xt_stretch at[2];
    *copied = (places){0};
    if (!xt_image_has_places(image)) {
        return XT_OK;
    }
    copied->bytes = count * sizeof(xt_log_place) + xt_log_files_bytes(files);
    copied->items = from->allocate(from->context, copied->bytes);
    if (copied->items == NULL) {
        return XT_ERROR_MEMORY;
    }
    copied->files = xt_log_files_begin(copied->items + count, files);
    xt_image_stretches(image, at);
    copy_selected((items){(const void *)at[0].places, at[0].count,
                          (const void *)at[1].places, sizeof(xt_log_place)},
                  selection, count, copied->items);
    for (size_t i = 0; i < count; i++) {
        xt_text name = xt_names_get(&image->log_files, copied->items[i].file);
        xt_log_files_renumber(&copied->files, &copied->items[i], name.length);
    }
    return XT_OK;
}

/* Adds the first `count` records of `image` that are selected, with their places. */
static void add_selected(xt_builder *builder, const xt_image *image,
                         const uint64_t selection[], size_t count, const places *copied) {
    xt_stretch at[2];
    size_t row_bytes = image->measures.count * sizeof(uint64_t);
    xt_image_stretches(image, at);
    copy_selected((items){(const void *)at[0].records, at[0].count,
                          (const void *)at[1].records, sizeof(xt_record)},
                  selection, count, xt_builder_add_records(builder, count));
    if (row_bytes > 0) {
        copy_selected((items){(const void *)at[0].values, at[0].count,
                              (const void *)at[1].values, row_bytes},
                      selection, count, builder->image->measures.values);
    }
    if (copied->files.count > 0) {
        memcpy(builder->image->log_places, copied->items, count * sizeof *copied->items);
    }
}

/* Takes the snapshot of the first `count` records that are selected. */
static xt_error take_selected(const xt_image *image, const uint64_t selection[],
                              size_t count, const places *copied,
                              const xt_allocator *allocator, xt_snapshot **snapshot) {
    xt_builder builder;
    const xt_log_files *files = copied->items != NULL ? &copied->files : NULL;
    xt_error error = xt_builder_open_like(&builder, image, count, files, allocator);
    *snapshot = builder.snapshot;
    if (error == XT_OK) {
        add_selected(&builder, image, selection, count, copied);
        xt_builder_count_windows(&builder);
        xt_builder_finish(&builder);
    }
    return error;
}

xt_error xt_snapshot_select(const xt_image *image, uint64_t selection[], size_t last,
                            const xt_allocator *allocator, xt_snapshot **snapshot) {
    places copied;
    xt_allocator from = xt_allocator_or_system(allocator);
    size_t selected = count_selected(xt_selection_words(image), selection);
    size_t count = selected < last ? selected : last;
    *snapshot = NULL;
    xt_error error = narrow(image, selected, count, selection, &from);
    if (error == XT_OK) {
        error = copy_places(image, selection, count, &from, &copied);
    }
    if (error == XT_OK) {
        error = take_selected(image, selection, count, &copied, &from, snapshot);
        if (copied.items != NULL) {
            from.release(from.context, copied.items, copied.bytes);
        }
    }
    return error;
}
