#include "image_check_histograms.h"

#include <string.h>

/* Checks that the tool's histograms exist, and that no other tool or outcome has them. */
static const char *check_places(const xt_tool *tool, uint32_t count, bool is_taken[]) {
    for (int outcome = 0; outcome < XT_OUTCOMES; outcome++) {
        uint32_t place = tool->histograms[outcome];
        if (place > count) {
            return "a tool's histogram doesn't exist";
        }
        if (place != 0) {
            if (is_taken[place - 1]) {
                return "two tools or outcomes have the same histogram";
            }
            is_taken[place - 1] = true;
        }
    }
    return NULL;
}

static uint64_t count_outcome(const xt_lifetime *lifetime, xt_outcome_kind outcome) {
    xt_lifetime others = *lifetime;
    others.by_status[XT_SUCCESS] = 0;
    return outcome == XT_OUTCOME_SUCCESS ? lifetime->by_status[XT_SUCCESS]
                                         : xt_lifetime_executions(&others);
}

static bool has_full_counter(const xt_histogram *histogram) {
    if (histogram->zero_count == UINT32_MAX) {
        return true;
    }
    for (size_t i = 0; i < XT_HISTOGRAM_COUNTERS; i++) {
        if (histogram->counters[i] == UINT32_MAX) {
            return true;
        }
    }
    return false;
}

/* Checks that no histogram counts more than the executions of its outcome, and that both
 * together count the measured executions. */
static const char *check_counts(const xt_image *image, uint32_t index) {
    static const char miscounted[] = "a tool's histograms don't match its executions";
    const xt_lifetime *lifetime = &image->tools[index].lifetime;
    uint64_t measured = xt_lifetime_measured(lifetime);
    uint64_t counted = 0;
    bool is_full = xt_lifetime_executions(lifetime) == XT_MAX_COUNT;
    for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
        const xt_histogram *histogram = xt_image_histogram(image, index, outcome);
        const char *wrong = xt_histogram_check(histogram);
        uint64_t count = xt_histogram_count(histogram);
        if (wrong != NULL) {
            return wrong;
        }
        if (count > count_outcome(lifetime, outcome)) {
            return miscounted;
        }
        counted += count;
        is_full |= has_full_counter(histogram);
    }
    return counted == measured || (is_full && counted < measured) ? NULL : miscounted;
}

/* The bucket of `duration_us`; INT32_MIN, below all others, for 0. */
static int32_t bucket_of(const xt_histogram *histogram, uint64_t duration_us) {
    int scale = XT_HISTOGRAM_SCALE - (int)histogram->halvings;
    return duration_us == 0 ? INT32_MIN : xt_histogram_index(duration_us, scale);
}

static int32_t lowest_bucket(const xt_histogram *histogram) {
    return histogram->zero_count > 0 ? INT32_MIN : histogram->lowest;
}

static int32_t highest_bucket(const xt_histogram *histogram) {
    return histogram->width == 0 ? INT32_MIN
                                 : histogram->lowest + (int32_t)histogram->width - 1;
}

/* Whether the lowest and the highest bucket of both histograms together are those of the
 * tool's shortest and longest duration; if both are empty, whether these are 0. */
static bool has_its_ends(const xt_image *image, uint32_t index) {
    const xt_tool *tool = &image->tools[index];
    bool is_empty = true;
    bool has_shortest = false;
    bool has_longest = false;
    for (xt_outcome_kind outcome = 0; outcome < XT_OUTCOMES; outcome++) {
        const xt_histogram *histogram = xt_image_histogram(image, index, outcome);
        if (xt_histogram_is_empty(histogram)) {
            continue;
        }
        int32_t shortest = bucket_of(histogram, tool->min_us);
        int32_t longest = bucket_of(histogram, tool->max_us);
        if (lowest_bucket(histogram) < shortest || highest_bucket(histogram) > longest) {
            return false;
        }
        is_empty = false;
        has_shortest |= lowest_bucket(histogram) == shortest;
        has_longest |= highest_bucket(histogram) == longest;
    }
    return is_empty ? tool->max_us == 0 : has_shortest && has_longest;
}

/* Whether `total_us` can be the sum of the durations that `histogram` of `tool` counts; if
 * a counter or the total has stopped, only whether it is 0 without durations. */
static bool has_its_sum(const xt_tool *tool, const xt_histogram *histogram,
                        uint64_t total_us) {
    bool is_full = tool->lifetime.total_us == XT_MAX_COUNT || has_full_counter(histogram);
    uint64_t count = xt_histogram_count(histogram);
    return (is_full && count > 0) ||
           xt_is_sum(total_us, count, tool->min_us, tool->max_us);
}

static bool has_its_sums(const xt_image *image, uint32_t index) {
    const xt_tool *tool = &image->tools[index];
    return has_its_sum(tool, xt_image_histogram(image, index, XT_OUTCOME_SUCCESS),
                       tool->lifetime.total_us - tool->other_us) &&
           has_its_sum(tool, xt_image_histogram(image, index, XT_OUTCOME_OTHER),
                       tool->other_us);
}

static const char *check_tool(const xt_image *image, uint32_t index) {
    const char *wrong = check_counts(image, index);
    if (wrong != NULL) {
        return wrong;
    }
    if (!has_its_ends(image, index)) {
        return "a tool's histograms don't match its shortest or longest duration";
    }
    return has_its_sums(image, index)
               ? NULL
               : "a tool's total of successes or of all else doesn't match its durations";
}

static bool are_all(const bool flags[], uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (!flags[i]) {
            return false;
        }
    }
    return true;
}

const char *xt_image_check_histograms(const xt_image *image, bool is_taken[]) {
    uint32_t count = image->header->histogram_count;
    memset(is_taken, 0, count * sizeof is_taken[0]);
    for (uint32_t i = 0; i < image->header->tool_names.count; i++) {
        const char *wrong = check_places(&image->tools[i], count, is_taken);
        if (wrong == NULL) {
            wrong = check_tool(image, i);
        }
        if (wrong != NULL) {
            return wrong;
        }
    }
    return are_all(is_taken, count) ? NULL : "a histogram belongs to no tool";
}
