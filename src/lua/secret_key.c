/* Which names are those of secrets. */
#include "redact.h"

#include "ascii.h"

/* Words that make a name a secret's, also with an `s` at the end. */
static const char *const always[] = {
    "password", "passwd",    "passphrase", "passcode",  "secret", "credential",
    "apikey",   "accesskey", "privatekey", "secretkey", "creds",  "authorization",
};

/* Words that make it one if `key` follows. */
static const char *const before_key[] = {"api",     "access",  "private",
                                         "secret",  "signing", "encryption",
                                         "account", "auth",    "master"};

static xt_text singular(xt_text word) {
    word.length -= xl_ends_with(word, "s");
    return word;
}

static bool is_always_secret(xt_text word) {
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        if (xl_ends_with(word, always[i]) || xl_ends_with(singular(word), always[i])) {
            return true;
        }
    }
    return false;
}

static bool is_secret_key_of(xt_text previous, xt_text word) {
    if (!xl_is_word(singular(word), "key")) {
        return false;
    }
    for (size_t i = 0; i < sizeof before_key / sizeof before_key[0]; i++) {
        if (xl_ends_with(previous, before_key[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a token after this word marks a position in a list, as in `next_page_token`. */
static bool is_of_pages(xt_text previous) {
    return xl_is_word(previous, "page") || xl_is_word(previous, "continuation") ||
           xl_is_word(previous, "sync");
}

/* Whether a key that ends with these two words is a secret's; the first may be empty. */
static bool is_secret_at_end(xt_text previous, xt_text word) {
    bool is_short = xl_is_word(word, "pwd") || xl_is_word(word, "pass");
    bool is_token = xl_ends_with(word, "token") && !is_of_pages(previous);
    return is_token || xl_ends_with(singular(word), "cookie") ||
           (is_short && previous.length > 0); /* alone: a directory, or a test's result */
}

/* Whether a new word begins at `i`, among letters and digits: `githubToken`, `APIKey`. */
static bool begins_word(xt_text key, size_t i) {
    return xl_is_upper(key.bytes[i]) &&
           (!xl_is_upper(key.bytes[i - 1]) ||
            (i + 1 < key.length && xl_is_lower(key.bytes[i + 1])));
}

/* Takes the next word off `rest`, without digits at its end; empty if there is none. */
static xt_text next_word(xt_text *rest) {
    size_t start = 0;
    while (start < rest->length && !xl_is_alphanumeric(rest->bytes[start])) {
        start++;
    }
    size_t end = start;
    while (end < rest->length && xl_is_alphanumeric(rest->bytes[end]) &&
           (end == start || !begins_word(*rest, end))) {
        end++;
    }
    xt_text word = {rest->bytes + start, end - start};
    *rest = (xt_text){rest->bytes + end, rest->length - end};
    while (word.length > 1 && xl_is_digit(word.bytes[word.length - 1])) {
        word.length--;
    }
    return word;
}

bool xl_is_secret_key(xt_text key) {
    xt_text before = {key.bytes, 0};
    xt_text previous = before;
    for (xt_text word; (word = next_word(&key)).length > 0; previous = word) {
        if (is_always_secret(word) || is_secret_key_of(previous, word)) {
            return true;
        }
        before = previous;
    }
    return is_secret_at_end(before, previous);
}
