#include "words.h"

#include "arguments.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
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

xl_number_text xl_digits(int64_t integer) {
    xl_number_text text;
    snprintf(text.bytes, sizeof text.bytes, "%" PRId64, integer);
    return text;
}

static xl_number_text float_text(double number) {
    xl_number_text text = {"nan"};
    if (isnan(number)) {
        return text;
    }
    snprintf(text.bytes, sizeof text.bytes, "%.14g", number);
    char *point = strchr(text.bytes, localeconv()->decimal_point[0]);
    if (point != NULL) {
        *point = '.';
    }
    return text;
}

xl_number_text xl_number_text_at(lua_State *L, int index) {
    int is_integer;
    int64_t integer = lua_tointegerx(L, index, &is_integer);
    return is_integer ? xl_digits(integer) : float_text(lua_tonumber(L, index));
}
