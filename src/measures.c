#include "measures.h"

#include <string.h>

/* The value stored for measure `i`, given `given`, which may be null. */
static inline uint64_t stored(const uint64_t *given, uint32_t i) {
    if (given == NULL || given[i] == XT_NO_MEASURE) {
        return XT_NO_MEASURE;
    }
    return given[i] < XT_MAX_COUNT ? given[i] : XT_MAX_COUNT;
}

/* `value` as part of a sum: 0 for XT_NO_MEASURE. */
static inline uint64_t amount(uint64_t value) {
    return value != XT_NO_MEASURE ? value : 0;
}

const uint64_t *xt_measures_given(const xt_measures *measures, size_t place) {
    const uint64_t *values = xt_measures_values(measures, place);
    for (uint32_t i = 0; i < measures->count; i++) {
        if (values[i] != XT_NO_MEASURE) {
            return values;
        }
    }
    return NULL;
}

/* Subtracts the values of the oldest record, which is about to be overwritten, from its
 * tool's window. */
static void remove_oldest(xt_image *image, xt_journal *journal) {
    const xt_measures *measures = &image->measures;
    uint32_t place = image->header->record_next;
    const uint64_t *values = xt_measures_values(measures, place);
    xt_tool_measure *sums = xt_measures_sums(measures, image->records[place].tool);
    xt_journal_touch(journal, sums, measures->count * sizeof *sums);
    for (uint32_t i = 0; i < measures->count; i++) {
        sums[i].window_sum -= amount(values[i]);
    }
}

/* Stores the values of the next record, and adds them to the window of `sums`. */
static void retain(xt_image *image, xt_tool_measure sums[], const uint64_t *given,
                   xt_journal *journal) {
    const xt_measures *measures = &image->measures;
    uint64_t *values = xt_measures_values(measures, image->header->record_next);
    xt_journal_touch(journal, values, measures->count * sizeof *values);
    for (uint32_t i = 0; i < measures->count; i++) {
        values[i] = stored(given, i);
        sums[i].window_sum += amount(values[i]);
    }
}

void xt_measures_add(xt_image *image, uint32_t tool, const uint64_t *given,
                     xt_journal *journal) {
    const xt_header *header = image->header;
    const xt_measures *measures = &image->measures;
    xt_tool_measure *sums = xt_measures_sums(measures, tool);
    xt_journal_touch(journal, sums, measures->count * sizeof *sums);
    for (uint32_t i = 0; i < measures->count; i++) {
        uint64_t value = stored(given, i);
        if (value != XT_NO_MEASURE) {
            xt_tool_measure_add(&sums[i], value);
        }
    }
    if (header->record_slots > 0) {
        if (header->record_count == header->record_slots) {
            remove_oldest(image, journal);
        }
        retain(image, sums, given, journal);
    }
}

void xt_measures_count_windows(xt_image *image) {
    const xt_header *header = image->header;
    const xt_measures *measures = &image->measures;
    for (size_t i = 0; i < (size_t)header->tool_names.count * measures->count; i++) {
        measures->sums[i].window_sum = 0;
    }
    for (uint32_t place = 0; measures->count > 0 && place < header->record_count;
         place++) {
        const uint64_t *values = xt_measures_values(measures, place);
        xt_tool_measure *sums = xt_measures_sums(measures, image->records[place].tool);
        for (uint32_t i = 0; i < measures->count; i++) {
            sums[i].window_sum += amount(values[i]);
        }
    }
}

void xt_measures_clear(xt_image *image, xt_journal *journal) {
    const xt_measures *measures = &image->measures;
    size_t bytes = (size_t)image->header->tool_names.count * measures->count *
                   sizeof measures->sums[0];
    if (bytes > 0) {
        xt_journal_touch(journal, measures->sums, bytes);
        memset(measures->sums, 0, bytes);
    }
}

/* Counts the values of measure `index` by tool. False if one is out of range. */
static bool count_records(const xt_image *image, uint32_t index,
                          xt_tool_measure counted[]) {
    xt_stretch stretches[2];
    xt_image_stretches(image, stretches);
    memset(counted, 0, image->header->tool_names.count * sizeof counted[0]);
    for (int i = 0; i < 2; i++) {
        const xt_stretch *stretch = &stretches[i];
        for (size_t j = 0; j < stretch->count; j++) {
            uint64_t value = stretch->values[j * image->measures.count + index];
            xt_tool_measure *tool = &counted[stretch->records[j].tool];
            if (value > XT_MAX_COUNT && value != XT_NO_MEASURE) {
                return false;
            }
            if (value != XT_NO_MEASURE) {
                xt_tool_measure_add(tool, value);
                tool->window_sum += value;
            }
        }
    }
    return true;
}

const char *xt_measures_check(const xt_image *image, xt_tool_measure scratch[]) {
    const xt_measures *measures = &image->measures;
    const char *wrong = xt_measure_check_entries(measures->count, measures->entries);
    for (uint32_t i = 0; wrong == NULL && i < measures->count; i++) {
        if (!count_records(image, i, scratch)) {
            wrong = "a record's value of a measure is out of range";
        }
        for (uint32_t j = 0; wrong == NULL && j < image->header->tool_names.count; j++) {
            uint64_t executions = xt_lifetime_executions(&image->tools[j].lifetime);
            wrong = xt_tool_measure_check(&xt_measures_sums(measures, j)[i], executions,
                                          &scratch[j]);
        }
    }
    return wrong;
}

size_t xt_image_measures(const xt_image *image, xt_measure measures[XT_MAX_MEASURES]) {
    size_t count = image->measures.count;
    for (size_t i = 0; i < count; i++) {
        measures[i] = xt_measure_of(&image->measures.entries[i]);
    }
    return count;
}

/* The sum of measure `index` over the records of the tool at index `tool`. */
static uint64_t sum_of_records(const xt_image *image, uint32_t tool, size_t index) {
    xt_stretch stretches[2];
    uint64_t sum = 0;
    xt_image_stretches(image, stretches);
    for (int i = 0; i < 2; i++) {
        for (size_t j = 0; j < stretches[i].count; j++) {
            if (stretches[i].records[j].tool == tool) {
                uint64_t value = stretches[i].values[j * image->measures.count + index];
                sum = xt_count_sum(sum, amount(value));
            }
        }
    }
    return sum;
}

/* Adds the statistics of the tool at index `tool`. The window's sum is stored modulo
 * 2^64; that is exact unless the sum of the lifetime, which is at least as large, has
 * stopped. */
static void add_tool(xt_measure_stats *stats, const xt_image *image, uint32_t tool,
                     size_t index) {
    const xt_tool_measure *own = &xt_measures_sums(&image->measures, tool)[index];
    uint64_t window_sum =
        own->sum < XT_MAX_COUNT ? own->window_sum : sum_of_records(image, tool, index);
    stats->sum = xt_count_sum(stats->sum, own->sum);
    stats->count = xt_count_sum(stats->count, own->count);
    stats->window_sum = xt_count_sum(stats->window_sum, window_sum);
    if (own->max > stats->max) {
        stats->max = own->max;
    }
}

bool xt_image_tool_measure(const xt_image *image, uint32_t tool_id, size_t index,
                           xt_measure_stats *stats) {
    uint32_t tools = image->header->tool_names.count;
    bool is_all = tool_id == XT_ALL_TOOLS;
    if (index >= image->measures.count ||
        (!is_all && (tool_id == 0 || tool_id > tools))) {
        return false;
    }
    *stats = (xt_measure_stats){0};
    for (uint32_t i = is_all ? 0 : tool_id - 1; i < (is_all ? tools : tool_id); i++) {
        add_tool(stats, image, i, index);
    }
    return true;
}
