/*
 * Enclosing calls and own times of records. They aren't stored, but computed from
 * sessions, depths and times.
 */
#include "image.h"
#include "order.h"
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

/* A record as an interval. */
typedef struct interval {
    uint64_t start_us;
    uint64_t end_us;
    uint32_t session;
    uint32_t depth;
    uint32_t place;      /* of the record, from 0 for the oldest */
    uint64_t covered_us; /* the latest end of its children so far; first its start */
} interval;

/* By session, depth and start; of equal ones the longest first. */
static int compare(const void *left, const void *right) {
    const interval *a = left;
    const interval *b = right;
    int by = xt_order(a->session, b->session);
    by = by != 0 ? by : xt_order(a->depth, b->depth);
    by = by != 0 ? by : xt_order(a->start_us, b->start_us);
    by = by != 0 ? by : xt_order(b->end_us, a->end_us);
    return by != 0 ? by : xt_order(a->place, b->place);
}

/* Stores the intervals of all dated records, and sets all parents to none and all own
 * times to the durations. Returns the number of intervals; 0 if no depth is above 0. */
static size_t gather(const xt_image *image, interval intervals[], uint32_t parents[],
                     uint64_t self_us[]) {
    xt_stretch stretches[2];
    uint32_t place = 0;
    size_t count = 0;
    uint32_t deepest = 0;
    xt_image_stretches(image, stretches);
    for (int i = 0; i < 2; i++) {
        for (size_t j = 0; j < stretches[i].count; j++, place++) {
            const xt_record *record = &stretches[i].records[j];
            uint32_t depth = xt_record_depth(record);
            uint64_t start_us = xt_record_start_us(record);
            parents[place] = 0;
            self_us[place] = xt_record_duration_us(record);
            if (xt_record_is_undated(record)) {
                continue;
            }
            intervals[count++] = (interval){.start_us = start_us,
                                            .end_us = record->end_us,
                                            .session = record->session,
                                            .depth = depth,
                                            .place = place,
                                            .covered_us = start_us};
            deepest = depth > deepest ? depth : deepest;
        }
    }
    return deepest > 0 ? count : 0;
}

/* The two intervals that end last, of those that started so far; null for none. */
typedef struct latest {
    interval *first;
    interval *second;
} latest;

static void take_in(latest *among, interval *next) {
    if (among->first == NULL || next->end_us > among->first->end_us) {
        among->second = among->first;
        among->first = next;
    } else if (among->second == NULL || next->end_us > among->second->end_us) {
        among->second = next;
    }
}

/* The only interval among them that contains one that ends at `end_us`; null if none or
 * more than one does. */
static interval *only_holder(const latest *among, uint64_t end_us) {
    bool is_held = among->first != NULL && among->first->end_us >= end_us;
    bool is_doubtful = among->second != NULL && among->second->end_us >= end_us;
    return is_held && !is_doubtful ? among->first : NULL;
}

/* Whether `outer` is of the same session as `inner`, and one level above it. */
static bool is_above(const interval *outer, const interval *inner) {
    return outer->session == inner->session && outer->depth + 1 == inner->depth;
}

/* Subtracts from the own time of `outer` the time that `inner` covers and that no earlier
 * child covered. */
static void cover(interval *outer, const interval *inner, uint64_t self_us[]) {
    uint64_t from_us =
        inner->start_us > outer->covered_us ? inner->start_us : outer->covered_us;
    if (inner->end_us > from_us) {
        self_us[outer->place] -= inner->end_us - from_us;
        outer->covered_us = inner->end_us;
    }
}

/*
 * Finds the parents of the intervals from `inner` up to `end`, which are of one session
 * and depth, among those from `outer` up to `inner`, which are one level above. Both are
 * in the order of starts, so all that started before an interval have been seen, and the
 * two of them that end last show whether exactly one contains it.
 */
static void find_parents(interval *outer, const interval *inner, const interval *end,
                         uint32_t parents[], uint64_t self_us[]) {
    const interval *outer_end = inner;
    latest among = {NULL, NULL};
    for (; inner < end; inner++) {
        for (; outer < outer_end && outer->start_us <= inner->start_us; outer++) {
            take_in(&among, outer);
        }
        interval *parent = only_holder(&among, inner->end_us);
        if (parent != NULL) {
            parents[inner->place] = parent->place + 1;
            cover(parent, inner, self_us);
        }
    }
}

/* The end of the intervals that have the session and depth of the first, `level`. */
static interval *end_of_level(interval *level, const interval *end) {
    interval *next = level;
    while (next < end && next->session == level->session && next->depth == level->depth) {
        next++;
    }
    return next;
}

/* Finds the parents of the `count` intervals, level by level. */
static void find_all(size_t count, interval intervals[], uint32_t parents[],
                     uint64_t self_us[]) {
    const interval *end = intervals + count;
    interval *outer = intervals;
    qsort(intervals, count, sizeof intervals[0], compare);
    for (interval *level = intervals; level < end;) {
        interval *next = end_of_level(level, end);
        find_parents(is_above(outer, level) ? outer : level, level, next, parents,
                     self_us);
        outer = level;
        level = next;
    }
}

xt_error xt_image_parents(const xt_image *image, const xt_allocator *allocator,
                          uint32_t parents[], uint64_t self_us[]) {
    xt_allocator from = xt_allocator_or_system(allocator);
    size_t count = image->header->record_count;
    size_t bytes = (count + 1) * sizeof(interval); /* never 0 */
    interval *intervals = from.allocate(from.context, bytes);
    if (intervals == NULL) {
        return XT_ERROR_MEMORY;
    }
    count = gather(image, intervals, parents, self_us);
    if (count > 0) {
        find_all(count, intervals, parents, self_us);
    }
    from.release(from.context, intervals, bytes);
    return XT_OK;
}

/* A walk over the records of an image, from the oldest on. */
typedef struct walk {
    xt_stretch stretches[2];
    size_t stretch;
    size_t next;
} walk;

static walk walk_from(const xt_image *image) {
    walk from = {.stretch = 0};
    xt_image_stretches(image, from.stretches);
    return from;
}

/* The next record; null behind the last. */
static const xt_record *step(walk *over) {
    while (over->stretch < 2 && over->next == over->stretches[over->stretch].count) {
        over->stretch++;
        over->next = 0;
    }
    return over->stretch < 2 ? &over->stretches[over->stretch].records[over->next++]
                             : NULL;
}

bool xt_image_self_of_part(const xt_image *image, const xt_image *part,
                           uint64_t self_us[]) {
    walk over_part = walk_from(part);
    walk over_all = walk_from(image);
    const xt_record *wanted = step(&over_part);
    size_t found = 0;
    size_t place = 0;
    for (const xt_record *record; wanted != NULL && (record = step(&over_all)) != NULL;
         place++) {
        if (memcmp(record, wanted, sizeof *record) == 0) {
            self_us[found++] = self_us[place];
            wanted = step(&over_part);
        }
    }
    return wanted == NULL;
}
