#include "support_quantiles.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void sort_durations(uint64_t durations[], size_t count) {
    qsort(durations, count, sizeof durations[0], compare);
}

uint64_t nearest_rank_us(const uint64_t sorted[], size_t count, double q) {
    double rank = ceil(q * (double)count);
    return sorted[rank < 1 ? 0 : (size_t)rank - 1];
}

double promised_error(const uint64_t sorted[], size_t count) {
    size_t first = 0;
    while (first < count && sorted[first] == 0) {
        first++;
    }
    double factor = first < count ? (double)sorted[count - 1] / (double)sorted[first] : 1;
    if (factor < 64000) {
        return 0.011;
    }
    return factor <= 4e9 ? 0.022 : 0.044;
}
