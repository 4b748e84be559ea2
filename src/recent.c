/*
 * What policies read: bounded scans of the executions in flight, and of the records,
 * newest first.
 */
#include "recent.h"

#include "image.h"
#include "quantile.h"

#include <assert.h>

static const xt_record *record_of_age(const xt_image *image, uint32_t age) {
    return &image->records[xt_image_place(image->header, age)];
}

/* The smaller of `records` and the number of retained records. */
static uint32_t newest(const xt_image *image, size_t records) {
    uint32_t count = image->header->record_count;
    return records < count ? (uint32_t)records : count;
}

/* Whether `tool_id` is the tool at `index`, from 0, or XT_ALL_TOOLS. */
static bool is_meant(uint32_t tool_id, uint32_t index) {
    return tool_id == XT_ALL_TOOLS || tool_id == index + 1;
}

static const xt_in_flight_entry *oldest_listed(const xt_in_flight *table) {
    uint32_t slot = table->head->oldest;
    return slot != 0 ? xt_in_flight_get(table, slot) : NULL;
}

static const xt_in_flight_entry *next_listed(const xt_in_flight *table,
                                             const xt_in_flight_entry *entry) {
    return entry->next != 0 ? xt_in_flight_get(table, entry->next) : NULL;
}

/* The number of executions in flight of `tool_id` or of all tools; stores in `*listed`
 * how many of them are listed. */
static uint32_t in_flight_of(const xt_image *image, uint32_t tool_id, uint32_t *listed) {
    const xt_header *header = image->header;
    if (tool_id == XT_ALL_TOOLS) {
        *listed = header->in_flight.listed;
        return xt_image_stats(image).in_flight;
    }
    if (tool_id == 0 || tool_id > header->tool_names.count) {
        *listed = 0;
        return 0;
    }
    *listed = image->tools[tool_id - 1].listed;
    return image->tools[tool_id - 1].in_flight;
}

/* Never negative: `listed` is at most `in_flight` for each tool and for the sum of all,
 * even in a merged run whose number in flight has stopped at its maximum. */
static uint32_t unlisted_of(const xt_image *image, uint32_t tool_id) {
    uint32_t listed;
    uint32_t in_flight = in_flight_of(image, tool_id, &listed);
    assert(listed <= in_flight);
    return in_flight - listed;
}

/* How many records are searched for the newest `records` of a session. */
static uint32_t searched_for(const xt_image *image, size_t records) {
    return newest(image, records > XT_RECENT_RECORDS ? records : XT_RECENT_RECORDS);
}

size_t xt_image_newest_of_session(const xt_image *image, uint32_t session, size_t records,
                                  uint64_t sequences[]) {
    uint32_t count = searched_for(image, records);
    size_t stored = 0;
    for (uint32_t age = 0; age < count && stored < records; age++) {
        if (record_of_age(image, age)->session == session) {
            sequences[stored++] = image->header->recorded - age;
        }
    }
    return stored;
}

size_t xt_image_repeats(const xt_image *image, uint32_t tool_id, uint32_t args_hash,
                        size_t records, uint32_t session) {
    const xt_in_flight *table = &image->in_flight;
    uint32_t count = searched_for(image, records);
    size_t repeats = 0;
    for (uint32_t age = 0; age < count && records > 0; age++) {
        const xt_record *record = record_of_age(image, age);
        if (record->session == session) {
            repeats +=
                record->tool + UINT32_C(1) == tool_id && record->args_hash == args_hash;
            records--;
        }
    }
    for (const xt_in_flight_entry *entry = oldest_listed(table); entry != NULL;
         entry = next_listed(table, entry)) {
        repeats += entry->tool + 1 == tool_id && entry->args_hash == args_hash &&
                   entry->session == session;
    }
    return repeats;
}

static bool is_after(uint64_t time_us, int64_t after_us) {
    return after_us < 0 || time_us > (uint64_t)after_us;
}

/* Called with `count` executions that started at `start_us`. */
typedef void take_starts(void *taker, uint64_t start_us, uint64_t count);

/*
 * Calls `take` for the starts of `tool_id`, except of undated records: for all those
 * after `after_us`, and maybe for others. If the records are in order, it stops at the
 * newest one that ended at `after_us` or before: older ones have started before that,
 * too. Unlisted executions count as started at the latest reading of the clock.
 */
static void each_start(const xt_image *image, uint32_t tool_id, int64_t after_us,
                       take_starts *take, void *taker) {
    const xt_header *header = image->header;
    const xt_in_flight *table = &image->in_flight;
    const bool is_in_order = (header->flags & XT_FLAG_UNORDERED) == 0;
    for (uint32_t age = 0; age < header->record_count; age++) {
        const xt_record *record = record_of_age(image, age);
        if (is_in_order && !is_after(record->end_us, after_us)) {
            break;
        }
        if (is_meant(tool_id, record->tool) && !xt_record_is_undated(record)) {
            take(taker, xt_record_start_us(record), 1);
        }
    }
    for (const xt_in_flight_entry *entry = oldest_listed(table); entry != NULL;
         entry = next_listed(table, entry)) {
        if (is_meant(tool_id, entry->tool)) {
            take(taker, entry->start_us, 1);
        }
    }
    take(taker, header->now_us, unlisted_of(image, tool_id));
}

/* Counts the starts after a time. */
typedef struct start_count {
    int64_t after_us;
    uint64_t count;
    uint64_t newest_us; /* of those counted; 0 for none */
    uint64_t oldest_us; /* UINT64_MAX for none */
} start_count;

static void count_starts(void *taker, uint64_t start_us, uint64_t count) {
    start_count *starts = taker;
    if (count > 0 && is_after(start_us, starts->after_us)) {
        starts->count += count;
        if (start_us > starts->newest_us) {
            starts->newest_us = start_us;
        }
        if (start_us < starts->oldest_us) {
            starts->oldest_us = start_us;
        }
    }
}

static start_count starts_after(const xt_image *image, uint32_t tool_id,
                                int64_t after_us) {
    start_count starts = {.after_us = after_us, .oldest_us = UINT64_MAX};
    each_start(image, tool_id, after_us, count_starts, &starts);
    return starts;
}

uint64_t xt_image_starts(const xt_image *image, uint32_t tool_id, int64_t after_us) {
    return starts_after(image, tool_id, after_us).count;
}

enum { BUCKET_BITS = 8, BUCKETS = 1 << BUCKET_BITS };

/* Counts the starts from a time on, in buckets of 2^shift microseconds. */
typedef struct start_buckets {
    uint64_t from_us;
    int shift;
    uint64_t counts[BUCKETS];
} start_buckets;

static void sort_starts(void *taker, uint64_t start_us, uint64_t count) {
    start_buckets *buckets = taker;
    if (start_us >= buckets->from_us) {
        uint64_t bucket = (start_us - buckets->from_us) >> buckets->shift;
        if (bucket < BUCKETS) {
            buckets->counts[bucket] += count;
        }
    }
}

/* The shift with which a time `range_us` after the first bucket falls into the last. */
static int shift_for(uint64_t range_us) {
    int shift = 0;
    while (range_us >> shift >= BUCKETS) {
        shift += BUCKET_BITS;
    }
    return shift;
}

/*
 * The `n`th newest of `starts`, from 1, of which there are more than `n`: found digit by
 * digit, in base 256, where each round narrows it to one bucket.
 */
static uint64_t find_nth(const xt_image *image, uint32_t tool_id,
                         const start_count *starts, uint64_t n) {
    uint64_t from_us = starts->oldest_us;
    for (int shift = shift_for(starts->newest_us - from_us); shift >= 0;
         shift -= BUCKET_BITS) {
        start_buckets buckets = {.from_us = from_us, .shift = shift};
        int bucket = BUCKETS - 1;
        each_start(image, tool_id, (int64_t)from_us - 1, sort_starts, &buckets);
        for (; buckets.counts[bucket] < n; bucket--) {
            n -= buckets.counts[bucket];
        }
        from_us += (uint64_t)bucket << shift;
    }
    return from_us;
}

xt_nth_start xt_image_starts_and_nth(const xt_image *image, uint32_t tool_id,
                                     int64_t after_us, uint64_t n) {
    start_count starts = starts_after(image, tool_id, after_us);
    xt_nth_start result = {.count = starts.count};
    if (n > 0 && starts.count >= n) {
        result.start_us =
            starts.count == n ? starts.oldest_us : find_nth(image, tool_id, &starts, n);
    }
    return result;
}

bool xt_image_nth_start(const xt_image *image, uint32_t tool_id, int64_t after_us,
                        uint64_t n, uint64_t *start_us) {
    xt_nth_start nth = xt_image_starts_and_nth(image, tool_id, after_us, n);
    bool is_found = n > 0 && nth.count >= n;
    if (is_found) {
        *start_us = nth.start_us;
    }
    return is_found;
}

uint32_t xt_image_running(const xt_image *image, uint32_t tool_id, uint64_t since_us) {
    const xt_in_flight *table = &image->in_flight;
    uint32_t listed;
    uint32_t running = in_flight_of(image, tool_id, &listed);
    if (since_us == 0) {
        return running;
    }
    for (const xt_in_flight_entry *entry = oldest_listed(table); entry != NULL;
         entry = next_listed(table, entry)) {
        running -= is_meant(tool_id, entry->tool) && entry->start_us < since_us;
    }
    return running;
}

/* Stores the recent durations of `tool_id`, newest first, and returns how many. */
static size_t recent_durations(const xt_image *image, uint32_t tool_id,
                               uint64_t durations_us[XT_RECENT_EXECUTIONS]) {
    uint32_t records = newest(image, XT_RECENT_RECORDS);
    size_t count = 0;
    for (uint32_t age = 0; age < records && count < XT_RECENT_EXECUTIONS; age++) {
        const xt_record *record = record_of_age(image, age);
        if (record->tool + UINT32_C(1) == tool_id && xt_record_is_measured(record) &&
            !xt_record_was_cached(record) && xt_record_status(record) != XT_CANCELLED) {
            durations_us[count++] = xt_record_duration_us(record);
        }
    }
    return count;
}

size_t xt_image_recent_quantile(const xt_image *image, uint32_t tool_id, double quantile,
                                uint64_t *value_us) {
    uint64_t durations_us[XT_RECENT_EXECUTIONS];
    uint64_t scratch[XT_RECENT_EXECUTIONS];
    xt_quantiles quantiles;
    if (!xt_quantiles_order(&quantiles, 1, &quantile)) {
        return 0;
    }
    size_t count = recent_durations(image, tool_id, durations_us);
    if (count > 0) {
        xt_quantiles_select(&quantiles, count, durations_us, scratch, value_us);
    }
    return count;
}
