#include "status.h"

#include <string.h>

static const xt_text statuses[] = {
    [XT_SUCCESS] = {"success", 7},
    [XT_FAILED] = {"failed", 6},
    [XT_TIMED_OUT] = {"timed_out", 9},
    [XT_CANCELLED] = {"cancelled", 9},
};

static bool is_word(xt_text word, xt_text expected) {
    return word.length == expected.length &&
           memcmp(word.bytes, expected.bytes, word.length) == 0;
}

const char *xt_status_word(xt_status status) {
    return statuses[status].bytes;
}

bool xt_status_of(xt_text word, xt_status *status) {
    /* Two bits of the first letter select the only status that it can be: a branch would
     * be mispredicted when statuses vary. */
    static const xt_status by_letter[] = {XT_CANCELLED, XT_FAILED, XT_SUCCESS,
                                          XT_TIMED_OUT};
    *status = by_letter[(word.bytes[0] >> 3 & 2) | (word.bytes[0] >> 2 & 1)];
    return is_word(word, statuses[*status]);
}

static const char *const timings[] = {
    [XT_MEASURED] = "measured", [XT_ELAPSED] = "elapsed", [XT_UNTIMED] = "untimed"};
enum { TIMINGS = sizeof timings / sizeof timings[0] };

const char *xt_timing_word(xt_timing timing) {
    return timings[timing];
}

bool xt_timing_of(xt_text word, xt_timing *timing) {
    int i = 0;
    while (i < TIMINGS && !is_word(word, xt_text_of(timings[i]))) {
        i++;
    }
    *timing = (xt_timing)i;
    return i < TIMINGS;
}
