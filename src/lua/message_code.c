#include "message_code.h"

#include "ascii.h"
#include "errno_name.h"
#include "message.h"
#include "number_text.h"

#include <stdio.h>
#include <string.h>

/* What isn't simply a failure. */
static const struct {
    const char *type;
    xt_status status;
} statuses[] = {
    {"ETIMEDOUT", XT_TIMED_OUT}, {"ECANCELED", XT_CANCELLED}, {"http_408", XT_TIMED_OUT},
    {"http_499", XT_CANCELLED},  {"http_504", XT_TIMED_OUT},  {"exit_124", XT_TIMED_OUT},
    {"exit_130", XT_CANCELLED},  {"exit_143", XT_CANCELLED},  {"signal_2", XT_CANCELLED},
    {"signal_15", XT_CANCELLED},
};

static xl_failure failure_with(xt_text type) {
    xl_failure failure = {XT_FAILED, type, true};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        const char *known = statuses[i].type;
        if (strlen(known) == type.length && memcmp(known, type.bytes, type.length) == 0) {
            failure.status = statuses[i].status;
        }
    }
    return failure;
}

static xl_failure numbered(const char *kind, int64_t number,
                           char buffer[XL_ERROR_TYPE_BYTES]) {
    snprintf(buffer, XL_ERROR_TYPE_BYTES, "%s_%s", kind, xl_digits(number).bytes);
    return failure_with(xt_text_of(buffer));
}

bool xl_find_http_status(int64_t number, char buffer[XL_ERROR_TYPE_BYTES],
                         xl_failure *failure) {
    if (number < 400 || number > 599) {
        return false;
    }
    *failure = numbered("http", number, buffer);
    return true;
}

/* Whether a byte continues a word, so that an errno name within it isn't one by
 * itself. */
static bool is_of_name(char byte) {
    return !xl_is_space(byte) &&
           (!xl_is_punctuation(byte) || xl_is_one_of("_/\\.@", byte));
}

static const char *errno_in(xt_text text) {
    const char *name = NULL;
    for (size_t i = 0; i < text.length && name == NULL; i++) {
        size_t start = i;
        while (i < text.length && is_of_name(text.bytes[i])) {
            i++;
        }
        xt_text word = xl_text_from(xl_text_to(text, i), start);
        while (word.length > 0 && word.bytes[word.length - 1] == '.') {
            word.length--;
        }
        name = xl_errno_named(word);
    }
    return name;
}

static bool is_word_among(xt_text word, const char *const words[]) {
    for (; *words != NULL; words++) {
        if (xl_is_word(word, *words)) {
            return true;
        }
    }
    return false;
}

/* Takes the letters, or the digits, that `rest` begins with off it. */
static xt_text take_run(xt_text *rest, bool (*is_of_run)(char byte)) {
    size_t length = 0;
    while (length < rest->length && is_of_run(rest->bytes[length])) {
        length++;
    }
    xt_text run = xl_text_to(*rest, length);
    *rest = xl_text_from(*rest, length);
    return run;
}

/* Takes what may be between a keyword and its number off `rest`. */
static void take_separators(xt_text *rest) {
    enum { MOST = 3 }; /* as in `): ` */
    for (int i = 0;
         i < MOST && rest->length > 0 && xl_is_one_of(" \t:=_-/(#.*,)", rest->bytes[0]);
         i++) {
        if (rest->length > 1 && memcmp(rest->bytes, "//", 2) == 0) {
            return; /* http://404.example.org */
        }
        *rest = xl_text_from(*rest, 1);
    }
}

/* Whether the number before `rest` ends there: not in `12b`, `1.5` or `1,000`. */
static bool is_number_end(xt_text rest) {
    if (rest.length > 0 && xl_is_one_of(".,", rest.bytes[0])) {
        return rest.length == 1 || !xl_is_digit(rest.bytes[1]);
    }
    return rest.length == 0 ||
           (rest.bytes[0] != '_' && !xl_is_alphanumeric(rest.bytes[0]));
}

/* Takes a number of at most 10 digits off `rest`, and stores it. It is negative after a minus that
 * isn't a hyphen, as in `exit-1`. False if there is none. */
static bool take_number(xt_text *rest, const char *start, int64_t *number) {
    enum { MOST_DIGITS = 10 };
    const char *before = rest->bytes;
    xt_text digits = take_run(rest, xl_is_digit);
    if (digits.length == 0 || digits.length > MOST_DIGITS || !is_number_end(*rest)) {
        return false;
    }
    *number = 0;
    for (size_t i = 0; i < digits.length; i++) {
        *number = *number * 10 + (digits.bytes[i] - '0');
    }
    if (before - start >= 2 && before[-1] == '-' && !xl_is_alphanumeric(before[-2])) {
        *number = -*number;
    }
    return true;
}

/* A kind of number, the words that introduce it, and those that may be between, or of
 * which one must be. */
typedef struct number_rule {
    const char *kind;
    const char *keywords[5];
    const char *fillers[16];
    int64_t least;
    int64_t most;
    bool needs_filler;
} number_rule;

static const number_rule rules[] = {
    {"exit",
     {"exit", "exited", "exits", "exitcode"},
     {"with", "status", "code", "value", "is", "was", "of", "a", "error", "non", "zero",
      "exit", "nonzero"},
     INT32_MIN,
     UINT32_MAX,
     false},
    {"signal", {"signal"}, {"number", "no", "is", "was"}, 1, 64, false},
    {"http",
     {"http"},
     {"status", "code", "error", "response", "request", "returned", "failed", "with",
      "client", "server", "is", "was"},
     100,
     599,
     false},
    {"http", {"status"}, {"code", "is", "was"}, 400, 599, false},
    {"http", {"response", "responded"}, {"with", "code"}, 400, 599, false},
    {"http",
     {"server", "service", "upstream", "api"},
     {"returned", "responded", "replied", "answered", "with", "a", "an", "error", "code"},
     400,
     599,
     true},
};

/* The signals that have the same number in all systems. */
static const struct {
    const char *name;
    int number;
} signals[] = {
    {"SIGHUP", 1},   {"SIGINT", 2},   {"SIGQUIT", 3},  {"SIGILL", 4},
    {"SIGTRAP", 5},  {"SIGABRT", 6},  {"SIGFPE", 8},   {"SIGKILL", 9},
    {"SIGSEGV", 11}, {"SIGPIPE", 13}, {"SIGALRM", 14}, {"SIGTERM", 15},
};

/* The number of the signal of which `word` is the name; 0 if it isn't one. */
static int signal_named(xt_text word) {
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        if (strlen(signals[i].name) == word.length &&
            memcmp(signals[i].name, word.bytes, word.length) == 0) {
            return signals[i].number;
        }
    }
    return 0;
}

/* The version in `HTTP/1.1 404`. */
static void take_version(xt_text *rest) {
    const char *const versions[] = {"/1.0 ", "/1.1 ", "/2 ", "/2.0 ", "/3 "};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        size_t length = strlen(versions[i]);
        if (rest->length >= length && memcmp(rest->bytes, versions[i], length) == 0) {
            *rest = xl_text_from(*rest, length);
            return;
        }
    }
}

/* Whether `rule` applies to what follows its keyword: a number in its range, after any of
 * its fillers. */
static bool applies(const number_rule *rule, xt_text rest, int64_t *number) {
    const char *start = rest.bytes;
    take_version(&rest);
    for (bool has_filler = false;; has_filler = true) {
        take_separators(&rest);
        if (rest.length == 0) {
            return false;
        }
        if (xl_is_digit(rest.bytes[0])) {
            return (has_filler || !rule->needs_filler) &&
                   take_number(&rest, start, number) && *number >= rule->least &&
                   *number <= rule->most;
        }
        xt_text word = take_run(&rest, xl_is_letter);
        if (!is_word_among(word, rule->fillers)) {
            return false;
        }
    }
}

/* What `word`, before `rest`, says if it is a signal's name or the keyword of a number. */
static bool find_numbered(xt_text word, xt_text rest, char buffer[XL_ERROR_TYPE_BYTES],
                          xl_failure *failure) {
    int64_t number = signal_named(word);
    if (number != 0 && is_number_end(rest)) {
        *failure = numbered("signal", number, buffer);
        return true;
    }
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if (is_word_among(word, rules[i].keywords) && applies(&rules[i], rest, &number)) {
            *failure = numbered(rules[i].kind, number, buffer);
            return true;
        }
    }
    return false;
}

/* The first number in `text` that a keyword introduces, or signal's name. */
static bool find_number(xt_text text, char buffer[XL_ERROR_TYPE_BYTES],
                        xl_failure *failure) {
    xt_text rest = text;
    while (rest.length > 0) {
        bool is_whole = rest.bytes == text.bytes || !xl_is_alphanumeric(rest.bytes[-1]);
        /* All begin with one of these: few words are compared with them. */
        bool may_count = is_whole && xl_is_one_of("aAeEhHrRsSuU", rest.bytes[0]);
        xt_text word = take_run(&rest, xl_is_letter);
        if (may_count && find_numbered(word, rest, buffer, failure)) {
            return true;
        }
        rest = word.length == 0 ? xl_text_from(rest, 1) : rest;
    }
    return false;
}

/* Whether `rest`, which follows a number, begins like the reason of an HTTP status. */
static bool is_reason(xt_text rest) {
    static const char *const words[] = {
        "bad",          "client",        "conflict",    "content",  "failed",
        "forbidden",    "gateway",       "gone",        "internal", "locked",
        "method",       "not",           "payload",     "payment",  "proxy",
        "request",      "server",        "service",     "too",      "unavailable",
        "unauthorized", "unprocessable", "unsupported", NULL};
    while (rest.length > 0 && xl_is_one_of(" :-", rest.bytes[0])) {
        rest = xl_text_from(rest, 1);
    }
    return rest.length > 0 && xl_is_upper(rest.bytes[0]) &&
           is_word_among(take_run(&rest, xl_is_letter), words);
}

/* Whether `rest` begins with `Error` or `Error code`, which are taken off it. */
static bool take_introduction(xt_text *rest) {
    xt_text after = *rest;
    if (!xl_is_word(take_run(&after, xl_is_letter), "error")) {
        return false;
    }
    take_separators(&after);
    *rest = after;
    if (xl_is_word(take_run(&after, xl_is_letter), "code")) {
        take_separators(&after);
        *rest = after;
    }
    return true;
}

/* The HTTP status that `text` begins with. It needs a reason, an introduction, or, if that
 * `may_be_alone`, nothing after it. */
static bool find_first_number(xt_text text, bool may_be_alone,
                              char buffer[XL_ERROR_TYPE_BYTES], xl_failure *failure) {
    xt_text rest = text;
    int64_t number;
    bool is_introduced = take_introduction(&rest);
    if (!take_number(&rest, rest.bytes, &number)) {
        return false;
    }
    return (is_introduced || is_reason(rest) || (may_be_alone && rest.length == 0)) &&
           xl_find_http_status(number, buffer, failure);
}

/* The HTTP status at the beginning of `text`, or after prefixes; with a reason also after
 * any colon. */
static bool find_first_status(xt_text text, char buffer[XL_ERROR_TYPE_BYTES],
                              xl_failure *failure) {
    enum { MOST_PREFIXES = 8 };
    xt_text rest = text;
    size_t length = SIZE_MAX;
    for (int i = 0; i <= MOST_PREFIXES && rest.length < length; i++) {
        if (find_first_number(rest, true, buffer, failure)) {
            return true;
        }
        length = rest.length;
        rest = xl_without_prefix(rest);
    }
    while ((text = xl_after_colon(text)).length > 0) {
        if (find_first_number(text, false, buffer, failure)) {
            return true;
        }
    }
    return false;
}

bool xl_find_short_code(xt_text text, char buffer[XL_ERROR_TYPE_BYTES],
                        xl_failure *failure) {
    const char *name = errno_in(text);
    if (name != NULL) {
        *failure = failure_with(xt_text_of(name));
        return true;
    }
    return find_number(text, buffer, failure) || find_first_status(text, buffer, failure);
}

bool xl_find_code(xt_text text, char buffer[XL_ERROR_TYPE_BYTES], xl_failure *failure) {
    if (xl_find_short_code(text, buffer, failure)) {
        return true;
    }
    const char *name = xl_errno_described(text);
    if (name != NULL) {
        *failure = failure_with(xt_text_of(name));
    }
    return name != NULL;
}
