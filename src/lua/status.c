#include "status.h"

#include <string.h>

static const xt_text words[] = {
    [XT_SUCCESS] = {"success", 7},
    [XT_FAILED] = {"failed", 6},
    [XT_TIMED_OUT] = {"timed_out", 9},
    [XT_CANCELLED] = {"cancelled", 9},
};

const char *xt_status_word(xt_status status) {
    return words[status].bytes;
}

bool xt_status_of(xt_text word, xt_status *status) {
    /* Two bits of the first letter tell which it can be: a branch on it would be
       mispredicted in a mixed run. The empty word has its terminating zero to look at. */
    static const xt_status by_letter[] = {XT_CANCELLED, XT_FAILED, XT_SUCCESS,
                                          XT_TIMED_OUT};
    *status = by_letter[(word.bytes[0] >> 3 & 2) | (word.bytes[0] >> 2 & 1)];
    xt_text expected = words[*status];
    return word.length == expected.length &&
           memcmp(word.bytes, expected.bytes, word.length) == 0;
}
