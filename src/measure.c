#include "measure.h"

#include "names.h"

#include <math.h>
#include <string.h>

static bool is_scale(double scale) {
    return isfinite(scale) && scale > 0;
}

static bool is_valid(const xt_measure *measure) {
    return measure->name.length >= 1 && measure->name.length <= XT_MEASURE_BYTES &&
           measure->unit.length <= XT_MEASURE_BYTES && is_scale(measure->scale);
}

bool xt_measures_are_valid(size_t count, const xt_measure measures[]) {
    if (count > XT_MAX_MEASURES) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_valid(&measures[i])) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (xt_text_compare(measures[i].name, measures[j].name) == 0) {
                return false;
            }
        }
    }
    return true;
}

xt_measure_entry xt_measure_entry_of(const xt_measure *measure) {
    xt_measure_entry entry = {
        .scale = measure->scale,
        .name_length = (uint32_t)measure->name.length,
        .unit_length = (uint32_t)measure->unit.length,
    };
    memcpy(entry.name, measure->name.bytes, measure->name.length);
    if (measure->unit.length > 0) {
        memcpy(entry.unit, measure->unit.bytes, measure->unit.length);
    }
    return entry;
}

xt_measure xt_measure_of(const xt_measure_entry *entry) {
    return (xt_measure){.name = {entry->name, entry->name_length},
                        .unit = {entry->unit, entry->unit_length},
                        .scale = entry->scale};
}

int xt_measure_compare(const xt_measure_entry *a, const xt_measure_entry *b) {
    return xt_text_compare((xt_text){a->name, a->name_length},
                           (xt_text){b->name, b->name_length});
}

/*
 * The integer whose reciprocal, rounded to a float, is the scale; 0 if there is none.
 * Dividing by that integer rounds once; multiplying by the scale would round twice: 2,000
 * millionths are 0.002 this way, and not 0.0019999999999999996.
 */
static double values_per_unit(double scale) {
    double integer = round(1 / scale);
    double reciprocal = 1 / integer; /* a variable, as expressions may be more exact */
    return integer >= 1 && reciprocal == scale ? integer : 0;
}

uint64_t xt_measure_value(double number, double scale) {
    double per_unit = values_per_unit(scale);
    double value = per_unit > 0 ? number * per_unit : number / scale;
    return value < 0x1p63 ? (uint64_t)llround(value) : XT_MAX_COUNT;
}

double xt_measure_number(uint64_t value, double scale) {
    double per_unit = values_per_unit(scale);
    return per_unit > 0 ? (double)value / per_unit : (double)value * scale;
}

/* Whether the bytes of a field after its text of `length` are 0. */
static bool is_padded(const char bytes[XT_MEASURE_BYTES], uint32_t length) {
    static const char zeros[XT_MEASURE_BYTES];
    return memcmp(bytes + length, zeros, XT_MEASURE_BYTES - length) == 0;
}

static const char *check_entry(const xt_measure_entry *entry) {
    const xt_measure measure = xt_measure_of(entry);
    if (!is_valid(&measure)) {
        return "a measure's name, unit or scale is out of range";
    }
    return is_padded(entry->name, entry->name_length) &&
                   is_padded(entry->unit, entry->unit_length)
               ? NULL
               : "unused bytes of a measure's name or unit aren't 0";
}

const char *xt_measure_check_entries(size_t count, const xt_measure_entry entries[]) {
    for (size_t i = 0; i < count; i++) {
        const char *wrong = check_entry(&entries[i]);
        for (size_t j = 0; wrong == NULL && j < i; j++) {
            if (xt_measure_compare(&entries[i], &entries[j]) == 0) {
                wrong = "two measures have the same name";
            }
        }
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

void xt_tool_measure_merge(xt_tool_measure *measure, const xt_tool_measure *other) {
    measure->sum = xt_count_sum(measure->sum, other->sum);
    measure->count = xt_count_sum(measure->count, other->count);
    if (other->max > measure->max) {
        measure->max = other->max;
    }
}

/* Whether `sum` can be the sum of `count` values of which `max` is the largest. */
static bool is_sum(const xt_tool_measure *measure) {
    if (measure->count == 0) {
        return measure->sum == 0 && measure->max == 0;
    }
    uint64_t ceiling =
        measure->sum / measure->count + (measure->sum % measure->count != 0);
    return ceiling <= measure->max && measure->max <= measure->sum;
}

const char *xt_tool_measure_check(const xt_tool_measure *measure, uint64_t executions,
                                  const xt_tool_measure *records) {
    if (measure->sum > XT_MAX_COUNT || measure->count > executions || !is_sum(measure)) {
        return "a tool's sum, count or maximum of a measure is out of range";
    }
    if (records->count > measure->count || records->max > measure->max ||
        records->sum > measure->sum) {
        return "a tool's records have more of a measure than its lifetime";
    }
    return records->window_sum == measure->window_sum
               ? NULL
               : "a tool's window sum of a measure doesn't match its records";
}
