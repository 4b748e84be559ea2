/*
 * The measures that an importer has found: their values are kept as doubles until all are
 * known.
 */
#include "import_state.h"

#include <string.h>

/* The scales to choose from. */
static const double scales[] = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9};
enum { SCALES = sizeof scales / sizeof scales[0] };

static double number_at(const xt_column *values, size_t place, bool *has_number) {
    const uint64_t *bits = xt_column_at(values, sizeof *bits, place);
    double number = 0;
    *has_number = bits != NULL && *bits != XT_NO_MEASURE;
    if (*has_number) {
        memcpy(&number, bits, sizeof number);
    }
    return number;
}

static bool is_multiple(double number, double scale) {
    return xt_measure_number(xt_measure_value(number, scale), scale) == number;
}

/* The largest scale of which all of the first `count` values are multiples, or the
 * smallest; but so large that no value is above XT_MAX_COUNT. */
static double choose_scale(const xt_column *values, size_t count) {
    int chosen = 0;
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        bool has_number;
        double number = number_at(values, i, &has_number);
        while (chosen < SCALES - 1 && !is_multiple(number, scales[chosen])) {
            chosen++;
        }
        most = number > most ? number : most;
    }
    while (chosen > 0 && xt_measure_value(most, scales[chosen]) == XT_MAX_COUNT) {
        chosen--;
    }
    return scales[chosen];
}

/* Sorts the measures from index `first` on by their names. */
static void sort_by_name(xt_import_measure measures[], size_t first, size_t count) {
    for (size_t i = first + 1; i < count; i++) {
        xt_import_measure moved = measures[i];
        size_t place = i;
        while (place > first &&
               xt_measure_compare(&moved.entry, &measures[place - 1].entry) < 0) {
            measures[place] = measures[place - 1];
            place--;
        }
        measures[place] = moved;
    }
}

void xt_import_finish_measures(xt_importer *importer) {
    size_t first = importer->facts.measure_count;
    for (size_t i = first; i < importer->measure_count; i++) {
        xt_import_measure *measure = &importer->measures[i];
        measure->entry.scale =
            choose_scale(&measure->values, importer->counts.executions);
    }
    sort_by_name(importer->measures, first, importer->measure_count);
}

uint64_t xt_import_value_at(const xt_import_measure *measure, size_t place) {
    if (measure->is_described) {
        const uint64_t *value = xt_column_at(&measure->values, sizeof *value, place);
        return value != NULL ? *value : XT_NO_MEASURE;
    }
    bool has_number;
    double number = number_at(&measure->values, place, &has_number);
    return has_number ? xt_measure_value(number, measure->entry.scale) : XT_NO_MEASURE;
}
