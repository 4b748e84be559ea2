/*
 * Grouping records. Each group has a number, the index of its tally: if there are few
 * codes the number is the code, else a table assigns it.
 */
#include "group_table.h"
#include "group_tally.h"
#include "order.h"
#include "quantile.h"
#include "seed.h"
#include "snapshot.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Records are numbered in blocks. Room for BLOCK new groups is made before each. */
enum { BLOCK = 256, MAX_CODES = 65536 };

struct xt_groups {
    xt_allocator allocator;
    size_t bytes; /* of this struct and all that follows it */
    size_t count;
    xt_group groups[]; /* then the quantiles of all groups, then the totals of measures */
};

/* A group that has records, to be sorted. */
typedef struct xt_group_place {
    xt_group_order order;
    uint32_t number;
} xt_group_place;

/* The state of a grouping. Pointers are null until they are allocated. */
typedef struct xt_grouper {
    const xt_image *image;
    xt_allocator allocator;
    xt_group_coding coding;
    uint64_t seed; /* 0 for a random one */
    xt_quantiles quantiles;
    bool has_table; /* if not, the number of a group is its code */
    xt_group_table table;
    size_t tally_count;
    xt_group_tally *tallies; /* by number */
    uint32_t *numbers;      /* of each record's group; null if they aren't needed later */
    size_t numbered;        /* records that have a number already */
    size_t place_count;     /* groups that have records */
    xt_group_place *places; /* room for tally_count */
    xt_groups *groups;
} xt_grouper;

static void *allocate(const xt_allocator *from, size_t count, size_t item_bytes) {
    bool fits = count <= SIZE_MAX / item_bytes;
    return fits ? from->allocate(from->context, count * item_bytes) : NULL;
}

static void release(const xt_allocator *from, void *block, size_t bytes) {
    if (block != NULL) {
        from->release(from->context, block, bytes);
    }
}

/* Makes room for `count` tallies, and keeps the first `used`. */
static bool reserve_tallies(xt_grouper *grouper, size_t count, size_t used) {
    const xt_allocator *from = &grouper->allocator;
    const size_t item_bytes = sizeof(xt_group_tally);
    if (count <= grouper->tally_count) {
        return true;
    }
    xt_group_tally *tallies = allocate(from, count, item_bytes);
    if (tallies == NULL) {
        return false;
    }
    if (used > 0) {
        memcpy(tallies, grouper->tallies, used * item_bytes);
    }
    release(from, grouper->tallies, grouper->tally_count * item_bytes);
    grouper->tallies = tallies;
    grouper->tally_count = count;
    return true;
}

/* Tallies the records by number, and keeps the numbers if they are needed later. */
static bool tally_by_number(xt_grouper *grouper, size_t count,
                            const xt_record records[]) {
    uint32_t block_numbers[BLOCK];
    xt_group_table *table = &grouper->table;
    for (size_t i = 0; i < count; i += BLOCK) {
        size_t known = table->count;
        size_t block_count = count - i < BLOCK ? count - i : BLOCK;
        uint32_t *numbers = block_numbers;
        if (grouper->numbers != NULL) {
            numbers = grouper->numbers + grouper->numbered;
        }
        if (!xt_group_table_reserve(table, block_count) ||
            !reserve_tallies(grouper, table->capacity, known)) {
            return false;
        }
        xt_group_table_number(table, &grouper->coding, block_count, records + i, numbers);
        xt_group_tally_clear(table->count - known, grouper->tallies + known);
        xt_group_tally_by_number(block_count, records + i, numbers, grouper->tallies);
        grouper->numbered += block_count;
    }
    return true;
}

static bool tally_records(xt_grouper *grouper) {
    xt_stretch stretches[2];
    xt_image_stretches(grouper->image, stretches);
    for (int i = 0; i < 2; i++) {
        const xt_stretch *stretch = &stretches[i];
        if (!grouper->has_table) {
            xt_group_tally_by_code(&grouper->coding, stretch->count, stretch->records,
                                   grouper->tallies);
        } else if (!tally_by_number(grouper, stretch->count, stretch->records)) {
            return false;
        }
    }
    return true;
}

static xt_group_key key_of(const xt_grouper *grouper, uint32_t number) {
    return grouper->has_table ? grouper->table.keys[number]
                              : (xt_group_key){.code = number};
}

static int compare_places(const void *left, const void *right) {
    const uint64_t *a = ((const xt_group_place *)left)->order.values;
    const uint64_t *b = ((const xt_group_place *)right)->order.values;
    int by = 0;
    for (size_t i = 0; by == 0 && i < XT_KEYS; i++) {
        by = xt_order(a[i], b[i]);
    }
    return by;
}

/* Collects the groups that have records and sorts them. */
static bool place_groups(xt_grouper *grouper) {
    size_t numbers = grouper->has_table ? grouper->table.count : grouper->tally_count;
    xt_group_place *places =
        allocate(&grouper->allocator, grouper->tally_count, sizeof places[0]);
    if (places == NULL) {
        return false;
    }
    grouper->places = places;
    for (uint32_t number = 0; number < numbers; number++) {
        xt_group_key key = key_of(grouper, number);
        bool is_left_out = (key.code & grouper->coding.undated_mask) != 0;
        if (xt_group_tally_records(&grouper->tallies[number]) > 0 && !is_left_out) {
            places[grouper->place_count++] =
                (xt_group_place){xt_group_order_of(&grouper->coding, key), number};
        }
    }
    if (grouper->has_table) { /* by code they are in order already */
        qsort(places, grouper->place_count, sizeof places[0], compare_places);
    }
    return true;
}

/* Allocates the result and fills in all but the quantiles. */
static bool make_groups(xt_grouper *grouper) {
    size_t count = grouper->place_count;
    size_t quantile_count = grouper->quantiles.count;
    size_t group_bytes = sizeof(xt_group) + quantile_count * sizeof(uint64_t) +
                         grouper->image->measures.count * sizeof(xt_measure_total);
    if (count > (SIZE_MAX - sizeof(xt_groups)) / group_bytes) {
        return false;
    }
    size_t bytes = sizeof(xt_groups) + count * group_bytes;
    xt_groups *groups = allocate(&grouper->allocator, 1, bytes);
    if (groups == NULL) {
        return false;
    }
    groups->allocator = grouper->allocator;
    groups->bytes = bytes;
    groups->count = count;
    uint64_t *quantiles_us = (uint64_t *)(groups->groups + count);
    for (size_t i = 0; i < count; i++) {
        uint32_t number = grouper->places[i].number;
        xt_group *group = &groups->groups[i];
        *group = xt_group_with_key(&grouper->coding, key_of(grouper, number));
        xt_group_tally_store(&grouper->tallies[number], group);
        group->quantiles_us =
            quantile_count > 0 ? quantiles_us + i * quantile_count : NULL;
    }
    grouper->groups = groups;
    return true;
}

/* The totals of the first group. */
static xt_measure_total *totals_of(const xt_grouper *grouper) {
    const xt_groups *groups = grouper->groups;
    const uint64_t *quantiles_us = (const uint64_t *)(groups->groups + groups->count);
    return (xt_measure_total *)(uintptr_t)(quantiles_us +
                                           groups->count * grouper->quantiles.count);
}

/* Stores the row of totals of each group, by its number. */
static void place_totals(const xt_grouper *grouper, uint32_t rows[]) {
    xt_groups *groups = grouper->groups;
    size_t measures = grouper->image->measures.count;
    memset(totals_of(grouper), 0, groups->count * measures * sizeof(xt_measure_total));
    for (size_t i = 0; i < groups->count; i++) {
        rows[grouper->places[i].number] = (uint32_t)i;
        groups->groups[i].measures = totals_of(grouper) + i * measures;
    }
}

/* Adds the `count` values at `values` to the totals at `totals`. */
static void add_values(size_t count, const uint64_t values[], xt_measure_total totals[]) {
    for (size_t i = 0; i < count; i++) {
        if (values[i] != XT_NO_MEASURE) {
            totals[i].sum = xt_count_sum(totals[i].sum, values[i]);
            totals[i].count++;
        }
    }
}

static bool find_totals(xt_grouper *grouper) {
    const xt_allocator *from = &grouper->allocator;
    size_t measures = grouper->image->measures.count;
    const uint32_t *number = grouper->numbers;
    xt_stretch stretches[2];
    uint32_t *rows = allocate(from, grouper->tally_count, sizeof rows[0]);
    if (rows == NULL) {
        return false;
    }
    place_totals(grouper, rows);
    xt_image_stretches(grouper->image, stretches);
    for (int i = 0; i < 2; i++) {
        const xt_stretch *stretch = &stretches[i];
        for (size_t j = 0; j < stretch->count; j++) {
            const xt_record *record = &stretch->records[j];
            uint64_t group =
                number != NULL ? *number++ : xt_group_code(&grouper->coding, record);
            if (!xt_group_leaves_out(&grouper->coding, record)) {
                add_values(measures, stretch->values + j * measures,
                           totals_of(grouper) + rows[group] * measures);
            }
        }
    }
    release(from, rows, grouper->tally_count * sizeof rows[0]);
    return true;
}

/* Stores the index of the first duration of each group, by its number. */
static void place_durations(const xt_grouper *grouper, uint32_t starts[]) {
    uint32_t start = 0;
    for (size_t i = 0; i < grouper->place_count; i++) {
        uint32_t number = grouper->places[i].number;
        starts[number] = start;
        start += (uint32_t)xt_group_tally_measured(&grouper->tallies[number]);
    }
}

/* Stores the measured durations, ordered by group. */
static void gather_durations(const xt_grouper *grouper, uint32_t starts[],
                             uint64_t durations_us[]) {
    const xt_group_coding *coding = &grouper->coding;
    const uint32_t *number = grouper->numbers;
    xt_stretch stretches[2];
    xt_image_stretches(grouper->image, stretches);
    for (int i = 0; i < 2; i++) {
        const xt_record *record = stretches[i].records;
        const xt_record *end = record + stretches[i].count;
        for (; record < end; record++) {
            uint64_t group = number != NULL ? *number++ : xt_group_code(coding, record);
            if (xt_record_is_measured(record) && !xt_group_leaves_out(coding, record)) {
                durations_us[starts[group]++] = xt_record_duration_us(record);
            }
        }
    }
}

static size_t measured_in(const xt_group *group) {
    return (size_t)xt_counts_measured(&group->counts);
}

static void select_quantiles(const xt_grouper *grouper, uint64_t durations_us[],
                             uint64_t scratch[]) {
    const xt_groups *groups = grouper->groups;
    uint64_t *quantiles_us = (uint64_t *)(groups->groups + groups->count);
    for (size_t i = 0; i < groups->count; i++) {
        size_t measured = measured_in(&groups->groups[i]);
        if (measured > 0) {
            xt_quantiles_select(&grouper->quantiles, measured, durations_us, scratch,
                                quantiles_us);
        } else {
            memset(quantiles_us, 0, grouper->quantiles.count * sizeof quantiles_us[0]);
        }
        durations_us += measured;
        quantiles_us += grouper->quantiles.count;
    }
}

/* The largest number of measured records in a group, at least 1: an array's size. */
static size_t largest_group(const xt_groups *groups) {
    size_t largest = 1;
    for (size_t i = 0; i < groups->count; i++) {
        size_t measured = measured_in(&groups->groups[i]);
        largest = measured > largest ? measured : largest;
    }
    return largest;
}

static bool find_quantiles(xt_grouper *grouper) {
    const xt_allocator *from = &grouper->allocator;
    size_t count = grouper->image->header->record_count;
    size_t largest = largest_group(grouper->groups);
    uint32_t *starts = allocate(from, grouper->tally_count, sizeof starts[0]);
    uint64_t *durations_us = allocate(from, count, sizeof durations_us[0]);
    uint64_t *scratch = allocate(from, largest, sizeof scratch[0]);
    bool is_allocated = starts != NULL && durations_us != NULL && scratch != NULL;
    if (is_allocated) {
        place_durations(grouper, starts);
        gather_durations(grouper, starts, durations_us);
        select_quantiles(grouper, durations_us, scratch);
    }
    release(from, scratch, largest * sizeof scratch[0]);
    release(from, durations_us, count * sizeof durations_us[0]);
    release(from, starts, grouper->tally_count * sizeof starts[0]);
    return is_allocated;
}

/* Chooses how groups are numbered, and allocates the memory for that. */
static bool prepare(xt_grouper *grouper) {
    size_t count = grouper->image->header->record_count;
    uint64_t codes = grouper->coding.code_count;
    /* With more codes than records, a table is faster than clearing the tallies. */
    grouper->has_table = grouper->coding.every_us > 0 ||
                         grouper->coding.session_mask != 0 || codes > MAX_CODES ||
                         codes > (uint64_t)count + BLOCK;
    if (!grouper->has_table) {
        bool is_reserved = reserve_tallies(grouper, (size_t)codes, 0);
        xt_group_tally_clear(grouper->tally_count, grouper->tallies);
        return is_reserved;
    }
    xt_group_table_open(&grouper->table, &grouper->allocator,
                        xt_seed_or_random(grouper->seed));
    if (grouper->quantiles.count == 0 && grouper->image->measures.count == 0) {
        return true;
    }
    grouper->numbers = allocate(&grouper->allocator, count, sizeof grouper->numbers[0]);
    return grouper->numbers != NULL;
}

static bool group_records(xt_grouper *grouper) {
    return prepare(grouper) && tally_records(grouper) && place_groups(grouper) &&
           make_groups(grouper) &&
           (grouper->quantiles.count == 0 || find_quantiles(grouper)) &&
           (grouper->image->measures.count == 0 || find_totals(grouper));
}

static void release_work(xt_grouper *grouper) {
    const xt_allocator *from = &grouper->allocator;
    size_t record_count = grouper->image->header->record_count;
    release(from, grouper->places, grouper->tally_count * sizeof grouper->places[0]);
    release(from, grouper->numbers, record_count * sizeof grouper->numbers[0]);
    release(from, grouper->tallies, grouper->tally_count * sizeof grouper->tallies[0]);
    if (grouper->has_table) {
        xt_group_table_close(&grouper->table);
    }
}

xt_error xt_image_group(const xt_image *image, const xt_grouping *grouping,
                        const xt_allocator *allocator, xt_groups **groups) {
    xt_grouper grouper = {.image = image,
                          .allocator = xt_allocator_or_system(allocator),
                          .seed = grouping->seed};
    *groups = NULL;
    if (!xt_group_coding_make(&grouper.coding, image, grouping) ||
        !xt_quantiles_order(&grouper.quantiles, grouping->quantile_count,
                            grouping->quantiles)) {
        return XT_ERROR_GROUPING;
    }
    bool is_done = image->header->record_count == 0 ? make_groups(&grouper)
                                                    : group_records(&grouper);
    release_work(&grouper);
    if (!is_done) {
        xt_groups_close(grouper.groups);
        return XT_ERROR_MEMORY;
    }
    *groups = grouper.groups;
    return XT_OK;
}

size_t xt_groups_count(const xt_groups *groups) {
    return groups->count;
}

xt_group xt_groups_get(const xt_groups *groups, size_t index) {
    assert(index < groups->count);
    return groups->groups[index];
}

void xt_groups_close(xt_groups *groups) {
    if (groups != NULL) {
        xt_allocator allocator = groups->allocator;
        allocator.release(allocator.context, groups, groups->bytes);
    }
}
