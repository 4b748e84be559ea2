#include "timing.h"

#include "push.h"

static const char *const words[] = {
    [XT_MEASURED] = "measured", [XT_ELAPSED] = "elapsed", [XT_UNTIMED] = "untimed"};
enum { WORDS = sizeof words / sizeof words[0] };

const char *xl_timing_word(xt_timing timing) {
    return words[timing];
}

xt_timing xl_timing_argument(lua_State *L, xt_argument argument) {
    size_t timing = xt_find_word(xt_text_argument(L, argument), WORDS, words);
    if (timing == WORDS) {
        xt_argument_error(L, &argument,
                          lua_pushfstring(L,
                                          "unknown timing %s, not one of 'measured', "
                                          "'elapsed', 'untimed'",
                                          xt_quote(L, argument.index)));
    }
    return (xt_timing)timing;
}

void xl_set_exact_timing(lua_State *L, xt_timing timing) {
    if (timing != XT_MEASURED) {
        xt_set_text(L, "timing", xt_text_of(words[timing]));
    }
}

xt_timing xl_read_exact_timing(lua_State *L, const xt_place *in) {
    const xt_place at = {in, "timing", 0};
    if (!xt_has_field(L, "timing")) {
        return XT_MEASURED;
    }
    size_t timing = xt_find_word(xt_push_text_at(L, &at, SIZE_MAX), WORDS, words);
    if (timing == WORDS) {
        xt_refuse(L, &at, lua_pushfstring(L, "unknown timing %s", xt_quote(L, -1)));
    }
    lua_pop(L, 1); /* word */
    return (xt_timing)timing;
}
