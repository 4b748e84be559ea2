#include "words.h"

#include "arguments.h"

#include <string.h>

static const xt_text statuses[] = {
    [XT_SUCCESS] = {"success", 7},
    [XT_FAILED] = {"failed", 6},
    [XT_TIMED_OUT] = {"timed_out", 9},
    [XT_CANCELLED] = {"cancelled", 9},
};

const char *xl_status_word(xt_status status) {
    return statuses[status].bytes;
}

bool xl_status_of(xt_text word, xt_status *status) {
    /* Two bits of the first letter select the only status that it can be: a branch would
     * be mispredicted when statuses vary. An empty word still has its terminating
     * zero. */
    static const xt_status by_letter[] = {XT_CANCELLED, XT_FAILED, XT_SUCCESS,
                                          XT_TIMED_OUT};
    *status = by_letter[(word.bytes[0] >> 3 & 2) | (word.bytes[0] >> 2 & 1)];
    xt_text expected = statuses[*status];
    return word.length == expected.length &&
           memcmp(word.bytes, expected.bytes, word.length) == 0;
}

static const char *const timings[] = {
    [XT_MEASURED] = "measured", [XT_ELAPSED] = "elapsed", [XT_UNTIMED] = "untimed"};
enum { TIMINGS = sizeof timings / sizeof timings[0] };

const char *xl_timing_word(xt_timing timing) {
    return timings[timing];
}

bool xl_timing_of(xt_text word, xt_timing *timing) {
    size_t i = xl_find_word(word, TIMINGS, timings);
    *timing = (xt_timing)i;
    return i < TIMINGS;
}
