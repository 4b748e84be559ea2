#include "support_quantiles.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

void sort_durations(uint64_t durations[], size_t count) {
    qsort(durations, count, sizeof durations[0], compare);
}

size_t nearest_rank(double q, size_t count) {
    char decimal[32]; /* one digit, the point, 15 digits */
    snprintf(decimal, sizeof decimal, "%.15f", q);
    uint64_t carried = 0;
    bool is_whole = true;
    for (int i = 16; i >= 2; i--) {
        uint64_t product = carried + (uint64_t)(decimal[i] - '0') * count;
        is_whole = is_whole && product % 10 == 0;
        carried = product / 10;
    }
    size_t rank = (size_t)(carried + (uint64_t)(decimal[0] - '0') * count) + !is_whole;
    return rank > 0 ? rank : 1;
}

uint64_t nearest_rank_us(const uint64_t sorted[], size_t count, double q) {
    return sorted[nearest_rank(q, count) - 1];
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
