#include "support_measures.h"

#include "support_cmocka.h"
#include "support_tracker.h"

/* Measure `i` of all. Some names are prefixes of others, one has a zero byte. */
static xt_measure measure_at(size_t i) {
    const xt_measure all[XT_MAX_MEASURES] = {
        {text_of("a", 1), xt_text_of(""), 1},
        {text_of("a\0", 2), xt_text_of("By"), 1024},
        {text_of("cost", 4), xt_text_of("USD"), 1e-6},
        {text_of("\xff", 1), xt_text_of("By"), 1},
    };
    return all[i];
}

/* The index of `measure` among all. */
static size_t place_of(const xt_measure *measure) {
    size_t place = 0;
    while (xt_text_compare(measure_at(place).name, measure->name) != 0) {
        place++;
    }
    return place;
}

size_t random_measures(random_source *source, xt_measure measures[XT_MAX_MEASURES]) {
    size_t count = random_once_in(source, 3) ? random_below(source, 5) : 0;
    size_t first = random_below(source, XT_MAX_MEASURES);
    size_t step = random_once_in(source, 2) ? 1 : XT_MAX_MEASURES - 1;
    for (size_t i = 0; i < count; i++) {
        measures[i] = measure_at((first + i * step) % XT_MAX_MEASURES);
    }
    return count;
}

void random_values(random_source *source, uint64_t values[XT_MAX_MEASURES]) {
    for (size_t i = 0; i < XT_MAX_MEASURES; i++) {
        uint64_t value = random_below(source, 3);
        if (random_once_in(source, 50)) {
            value = XT_MAX_COUNT - value;
        }
        values[i] = random_once_in(source, 3) ? XT_NO_MEASURE : value;
    }
}

const uint64_t *values_by_name(const xt_image *image, const uint64_t *values,
                               uint64_t by_name[XT_MAX_MEASURES]) {
    xt_measure measures[XT_MAX_MEASURES];
    size_t count = xt_image_measures(image, measures);
    for (size_t i = 0; i < XT_MAX_MEASURES; i++) {
        by_name[i] = XT_NO_MEASURE;
    }
    for (size_t i = 0; values != NULL && i < count; i++) {
        by_name[place_of(&measures[i])] = values[i];
    }
    return by_name;
}

xt_execution with_values_by_name(const xt_image *image, xt_execution execution,
                                 uint64_t by_name[XT_MAX_MEASURES]) {
    execution.outcome.measures =
        values_by_name(image, execution.outcome.measures, by_name);
    return execution;
}

int compare_by_name(const uint64_t a[XT_MAX_MEASURES],
                    const uint64_t b[XT_MAX_MEASURES]) {
    size_t i = 0;
    while (i < XT_MAX_MEASURES - 1 && a[i] == b[i]) {
        i++;
    }
    return (a[i] > b[i]) - (a[i] < b[i]);
}

void stats_by_name(const xt_image *image, uint32_t tool_id,
                   xt_measure_stats stats[XT_MAX_MEASURES]) {
    xt_measure measures[XT_MAX_MEASURES];
    size_t count = xt_image_measures(image, measures);
    memset(stats, 0, XT_MAX_MEASURES * sizeof *stats);
    for (size_t i = 0; i < count; i++) {
        assert_true(
            xt_image_tool_measure(image, tool_id, i, &stats[place_of(&measures[i])]));
    }
}

void count_values(const uint64_t by_name[XT_MAX_MEASURES],
                  xt_measure_stats stats[XT_MAX_MEASURES]) {
    for (size_t i = 0; i < XT_MAX_MEASURES; i++) {
        uint64_t value = by_name[i];
        if (value != XT_NO_MEASURE) {
            uint64_t room = XT_MAX_COUNT - stats[i].sum;
            stats[i].sum += value < room ? value : room;
            stats[i].count++;
            stats[i].max = value > stats[i].max ? value : stats[i].max;
        }
    }
}
