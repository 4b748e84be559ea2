/*
 * The search goes from word to word. Words consist of letters, digits, `_` and `-`, as
 * names and most tokens do. Every secret is recognized at the beginning of a word. The
 * bytes after that word which are read to decide this are either part of the secret, and
 * then skipped; or the reading stopped at a byte that also stops the reading for each
 * word in between. So each byte is read only a few times.
 */
#include "redact.h"

#include "ascii.h"

#include <string.h>

#ifndef XL_COUNT_LOOK /* a test counts them */
#define XL_COUNT_LOOK()
#endif

/* Tokens with a known prefix, and their least length. */
typedef struct token_form {
    const char *prefix;
    size_t fewest;
} token_form;

static const token_form forms[] = {
    {"sk-", 19},      {"sk_live_", 24}, {"sk_test_", 24},    {"rk_live_", 24},
    {"rk_test_", 24}, {"ghp_", 20},     {"gho_", 20},        {"ghu_", 20},
    {"ghs_", 20},     {"ghr_", 20},     {"github_pat_", 33}, {"glpat-", 26},
    {"npm_", 40},     {"AIza", 39},     {"AKIA", 20},        {"ASIA", 20},
    {"xoxa-", 15},    {"xoxb-", 15},    {"xoxe-", 15},       {"xoxo-", 15},
    {"xoxp-", 15},    {"xoxr-", 15},    {"xoxs-", 15},       {"xapp-", 15},
    {"hf_", 30},      {"gsk_", 40},     {"xai-", 40},        {"nvapi-", 40},
    {"pypi-", 40},    {"dop_v1_", 40},
};

static char byte_at(xt_text text, size_t i) {
    XL_COUNT_LOOK();
    return text.bytes[i];
}

static bool is_of_word(char byte) {
    return xl_is_alphanumeric(byte) || byte == '_' || byte == '-';
}

static bool is_quote(char byte) {
    return xl_is_one_of("\"'`", byte);
}

/* The first position from `i` on whose byte isn't `is_of`. */
static size_t skip(xt_text text, size_t i, bool is_of(char)) {
    while (i < text.length && is_of(byte_at(text, i))) {
        i++;
    }
    return i;
}

static bool has_at(xt_text text, size_t i, const char *bytes) {
    size_t length = strlen(bytes);
    return length <= text.length - i && memcmp(text.bytes + i, bytes, length) == 0;
}

static xt_text word_at(xt_text text, xl_stretch word) {
    return (xt_text){text.bytes + word.start, word.end - word.start};
}

/* Whether it has a digit, or a capital that isn't the first letter: the words of texts
 * and the names in programs mostly have none. */
static bool looks_random(xt_text text, xl_stretch part) {
    for (size_t i = part.start; i < part.end; i++) {
        char byte = byte_at(text, i);
        if (xl_is_digit(byte) || (xl_is_upper(byte) && i > part.start)) {
            return true;
        }
    }
    return false;
}

static bool has_token_form(xt_text text, xl_stretch word) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (word.end - word.start >= forms[i].fewest &&
            has_at(text, word.start, forms[i].prefix)) {
            size_t length = strlen(forms[i].prefix);
            return looks_random(text, (xl_stretch){word.start + length, word.end});
        }
    }
    return false;
}

/* Where the JSON Web Token ends that begins with `word`: three words, of which the last
 * may be empty, separated by dots. 0 if there is none. */
static size_t end_of_jwt(xt_text text, xl_stretch word) {
    if (!has_at(text, word.start, "eyJ") || word.end == text.length ||
        byte_at(text, word.end) != '.') {
        return 0;
    }
    size_t second = skip(text, word.end + 1, is_of_word);
    if (second == word.end + 1 || second == text.length || byte_at(text, second) != '.') {
        return 0;
    }
    return skip(text, second + 1, is_of_word);
}

/* Where the PEM block ends that begins with `word`; 0 if none does. */
static size_t end_of_pem(xt_text text, xl_stretch word) {
    if (!has_at(text, word.start, "-----BEGIN ")) {
        return 0;
    }
    for (size_t i = word.end; i < text.length; i++) {
        if (byte_at(text, i) == '-' && has_at(text, i, "-----END ")) {
            i = skip(text, i,
                     is_of_word); /* `-----END`; then its name up to the dashes */
            while (i < text.length && byte_at(text, i) != '-') {
                i++;
            }
            return skip(text, i, is_of_word);
        }
    }
    return text.length;
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t';
}

static bool is_of_credentials(char byte) {
    return is_of_word(byte) || xl_is_one_of(".~+/=", byte);
}

/* What follows the word `Bearer` or `Basic`, unless it looks like an ordinary word. */
static bool find_credentials(xt_text text, xl_stretch word, xl_stretch *secret) {
    enum { FEWEST_BYTES = 8, LONG_WORD_BYTES = 16 };
    bool is_bearer = xl_is_word(word_at(text, word), "bearer");
    if (!is_bearer && !xl_is_word(word_at(text, word), "basic")) {
        return false;
    }
    secret->start = skip(text, word.end, is_blank);
    if (secret->start == word.end) {
        return false;
    }
    secret->end = skip(text, secret->start, is_of_credentials);
    size_t length = secret->end - secret->start;
    if (length < FEWEST_BYTES) {
        return false;
    }
    return is_bearer ? length >= LONG_WORD_BYTES || looks_random(text, *secret)
                     : length % 4 == 0 && looks_random(text, *secret); /* Base64 */
}

static bool is_of_authority(char byte) {
    return !xl_is_space(byte) && !is_quote(byte) && !xl_is_one_of("/?#<>\\", byte);
}

/* If a URL begins with `word`, stores where its password is. */
static void note_password(xl_secret_search *search, xl_stretch word) {
    xt_text text = search->text;
    if (!has_at(text, word.end, "://")) {
        return;
    }
    size_t start = word.end + 3;
    size_t end = skip(text, start, is_of_authority);
    while (end > start && byte_at(text, end - 1) != '@') {
        end--;
    }
    const char *colon = end > start ? memchr(text.bytes + start, ':', end - start) : NULL;
    if (colon != NULL) {
        search->password = (xl_stretch){(size_t)(colon - text.bytes) + 1, end - 1};
    }
}

/* A name that a value follows, and how they are written. */
typedef struct assignment {
    xl_stretch name;
    size_t value;   /* where the value begins */
    bool is_quoted; /* whether the name is in quotes or brackets */
    char sign; /* between them: `=` or `:`, a space for none, `>` for an XML element */
} assignment;

static bool closes_name(char byte) {
    return is_quote(byte) || byte == '\\' || byte == ']';
}

/* The length of the sign at `i`: `=`, `:`, `=>` or `:=`; 0 for none, as for `==`, `::`
 * and the colon of a URL. */
static size_t sign_length(xt_text text, size_t i) {
    char sign = i < text.length ? byte_at(text, i) : '\0';
    char next = i + 1 < text.length ? byte_at(text, i + 1) : '\0';
    if (sign == '=') {
        return next == '>' ? 2 : !xl_is_one_of("=~", next);
    }
    return sign != ':' ? 0 : next == '=' ? 2 : !xl_is_one_of(":/", next);
}

/* Whether a value follows `word`. After a flag, it may follow without a sign, or be the
 * next string of a list. */
static bool is_assigned(xt_text text, xl_stretch word, assignment *found) {
    if (word.start > 0 && byte_at(text, word.start - 1) == '<' &&
        has_at(text, word.end, ">")) {
        *found = (assignment){.name = word, .value = word.end + 1, .sign = '>'};
        return found->value < text.length;
    }
    size_t closed = skip(text, word.end, closes_name);
    size_t sign = skip(text, closed, is_blank);
    size_t length = sign_length(text, sign);
    bool is_flag = byte_at(text, word.start) == '-';
    *found = (assignment){.name = word, .is_quoted = closed > word.end, .sign = ' '};
    if (length > 0) {
        found->sign = byte_at(text, sign);
    } else if (is_flag && found->is_quoted && has_at(text, sign, ",")) {
        length = 1;
    } else if (!is_flag || found->is_quoted || sign == word.end ||
               has_at(text, sign, "-")) {
        return false;
    }
    found->value = skip(text, sign + length, is_blank);
    return found->value < text.length;
}

/* Whether the name of a value is a secret's: `word`, or two words such as `API key`. */
static bool is_secret_name(const xl_secret_search *search, xl_stretch word) {
    if (xl_is_secret_key(word_at(search->text, word))) {
        return true;
    }
    return xl_is_word(word_at(search->text, word), "key") &&
           search->previous.end + 1 == word.start &&
           search->text.bytes[word.start - 1] == ' ' &&
           xl_is_secret_key(
               word_at(search->text, (xl_stretch){search->previous.start, word.end}));
}

/* What is between quotes. The first is at `opening`, after `escapes` backslashes. */
static xl_stretch quoted_value(xt_text text, size_t opening, size_t escapes) {
    char quote = byte_at(text, opening);
    size_t backslashes = 0;
    for (size_t i = opening + 1; i < text.length; i++) {
        char byte = byte_at(text, i);
        bool closes = escapes == 0 ? backslashes % 2 == 0 : backslashes == escapes;
        if (byte == quote && closes) {
            return (xl_stretch){opening + 1, i - escapes};
        }
        backslashes = byte == '\\' ? backslashes + 1 : 0;
    }
    return (xl_stretch){opening + 1, text.length};
}

/* What is between three quotes and three quotes, of which the first are at `opening`. */
static xl_stretch tripled_value(xt_text text, size_t opening) {
    char quote = byte_at(text, opening);
    size_t quotes = 0;
    for (size_t i = opening + 3; i < text.length; i++) {
        quotes = byte_at(text, i) == quote ? quotes + 1 : 0;
        if (quotes == 3) {
            return (xl_stretch){opening + 3, i - 2};
        }
    }
    return (xl_stretch){opening + 3, text.length};
}

/* An object or a list, from its bracket at `opening` to the one that closes it. */
static xl_stretch bracketed_value(xt_text text, size_t opening) {
    size_t level = 0;
    for (size_t i = opening; i < text.length; i++) {
        char byte = byte_at(text, i);
        if (byte == '"') {
            i = quoted_value(text, i, 0).end;
        } else if (xl_is_one_of("{[", byte)) {
            level++;
        } else if (xl_is_one_of("}]", byte) && --level == 0) {
            return (xl_stretch){opening, i + 1};
        }
    }
    return (xl_stretch){opening, text.length};
}

/* The value of a header such as `Cookie`: up to the end of the line, or the closing
 * quote. */
static xl_stretch header_value(xt_text text, const assignment *found) {
    size_t start = found->name.start;
    char before = start > 0 ? byte_at(text, start - 1) : '\0';
    size_t end = found->value;
    for (; end < text.length; end++) {
        char byte = byte_at(text, end);
        bool is_escape =
            byte == '\\' && (has_at(text, end, "\\r") || has_at(text, end, "\\n"));
        if (byte == '\n' || byte == '\r' || is_escape ||
            (is_quote(before) && byte == before)) {
            break;
        }
    }
    return (xl_stretch){found->value, end};
}

/* A block of YAML: this line, and the indented lines after it. */
static xl_stretch block_value(xt_text text, size_t start) {
    size_t end = start;
    while (end < text.length &&
           (byte_at(text, end) != '\n' ||
            (end + 1 < text.length && xl_is_space(byte_at(text, end + 1))))) {
        end++;
    }
    return (xl_stretch){start, end};
}

/* The text of an XML element, up to the next tag. */
static xl_stretch element_value(xt_text text, size_t start) {
    size_t end = start;
    while (end < text.length && byte_at(text, end) != '<') {
        end++;
    }
    return (xl_stretch){start, end};
}

static xl_stretch plain_value(xt_text text, const assignment *found) {
    bool is_reference = found->sign == ':' && byte_at(text, found->value) == '&';
    size_t end = found->value + is_reference; /* `&str` in Rust, `&anchor` in YAML */
    for (; end < text.length; end++) {
        char byte = byte_at(text, end);
        bool ends = xl_is_space(byte) || is_quote(byte) || xl_is_one_of("&;", byte) ||
                    (found->is_quoted && xl_is_one_of(",}]", byte)); /* JSON */
        if (ends) {
            break;
        }
        end += byte == '\\' && end + 1 < text.length;
    }
    return (xl_stretch){found->value, end};
}

static bool is_header(xt_text text, const assignment *found) {
    return found->sign == ':' &&
           (xl_ends_with(word_at(text, found->name), "authorization") ||
            xl_ends_with(word_at(text, found->name), "cookie"));
}

static bool is_backslash(char byte) {
    return byte == '\\';
}

static bool is_of_call(char byte) {
    return is_of_word(byte) || xl_is_one_of(".:$@(", byte);
}

/* Where the opening quote of a string may be: after `r` or `f` as in Python, `$` as in a
 * shell, or a call as in `Secret("x")`. */
static size_t end_of_prefix(xt_text text, size_t start) {
    enum { MOST_LETTERS = 2 };
    size_t end = skip(text, start, is_of_call);
    if (end == start || xl_is_one_of("$@(", byte_at(text, end - 1))) {
        return end;
    }
    for (size_t i = start; i < end; i++) {
        if (end - start > MOST_LETTERS || !xl_is_one_of("bBfFLrRuU", byte_at(text, i))) {
            return start;
        }
    }
    return end;
}

/* What is between the quotes of a string; empty if no string begins at `start`. */
static xl_stretch string_value(xt_text text, size_t start) {
    size_t prefix = end_of_prefix(text, start);
    size_t opening = skip(text, prefix, is_backslash);
    if (has_at(text, opening, "\"\"\"") || has_at(text, opening, "'''")) {
        return tripled_value(text, opening);
    }
    if (opening < text.length && is_quote(byte_at(text, opening))) {
        return quoted_value(text, opening, opening - prefix);
    }
    return (xl_stretch){start, start};
}

static xl_stretch value_of(xt_text text, const assignment *found) {
    if (found->sign == '>') {
        return element_value(text, found->value);
    }
    xl_stretch string = string_value(text, found->value);
    if (string.end > string.start) {
        return string;
    }
    if (is_header(text, found)) {
        return header_value(text, found);
    }
    if (found->sign == ':' && xl_is_one_of("|>", byte_at(text, found->value))) {
        return block_value(text, found->value);
    }
    if (xl_is_one_of("{[", byte_at(text, found->value))) {
        return bracketed_value(text, found->value);
    }
    xl_stretch value = plain_value(text, found);
    assignment typed; /* `name: type = value` */
    if (found->sign == ':' && is_assigned(text, value, &typed) && typed.sign == '=') {
        value.end = value_of(text, &typed).end;
    }
    return value;
}

/* Whether `word` is a flag of curl whose value is `name:password`. */
static bool is_user_flag(xt_text word) {
    return xl_is_word(word, "-u") || xl_is_word(word, "--user") ||
           xl_is_word(word, "--proxy-user");
}

/* Whether so many backslashes are before the quote of a value that it can't be meant: JSON
 * in JSON, four times, has 15. Else a text is searched again for each number of them. */
static bool has_too_many_escapes(xt_text text, size_t value) {
    enum { MOST_ESCAPES = 15 };
    size_t prefix = end_of_prefix(text, value);
    return skip(text, prefix, is_backslash) - prefix > MOST_ESCAPES;
}

/* The password in the value of such a flag; empty for none. */
static xl_stretch password_of_user(xt_text text, const assignment *found) {
    if (xl_is_one_of("{[", byte_at(text, found->value)) ||
        has_too_many_escapes(text, found->value)) {
        return (xl_stretch){found->value, found->value};
    }
    xl_stretch value = value_of(text, found);
    while (value.start < value.end && byte_at(text, value.start) != ':') {
        value.start++;
    }
    value.start += value.start < value.end;
    return value;
}

static bool find_value(const xl_secret_search *search, xl_stretch word,
                       xl_stretch *secret) {
    assignment found;
    if (!is_assigned(search->text, word, &found)) {
        return false;
    }
    if (is_secret_name(search, word)) {
        *secret = value_of(search->text, &found);
    } else if (is_user_flag(word_at(search->text, word))) {
        *secret = password_of_user(search->text, &found);
    } else {
        return false;
    }
    return secret->end > secret->start;
}

/* Whether there is a secret at `word`, where the search is: the word itself, or its
 * value. */
static bool find_at(xl_secret_search *search, xl_stretch word, xl_stretch *secret) {
    xt_text text = search->text;
    *secret = word;
    if (has_token_form(text, word)) {
        return true;
    }
    size_t end = end_of_jwt(text, word);
    end = end > 0 ? end : end_of_pem(text, word);
    if (end > 0) {
        secret->end = end;
        return true;
    }
    if (find_credentials(text, word, secret)) {
        return true;
    }
    if (search->password.end > search->at) {
        return false; /* in a URL's `user:password`, the user isn't a name of a value */
    }
    note_password(search, word);
    return find_value(search, word, secret);
}

/* How many bytes to skip where no word begins: two for `\n`, whose `n` isn't part of a
 * word. */
static size_t gap_length(xt_text text, size_t i) {
    bool is_escape = byte_at(text, i) == '\\' && i + 1 < text.length &&
                     xl_is_one_of("nrt", byte_at(text, i + 1));
    return is_escape ? 2 : 1;
}

static bool take(xl_secret_search *search, xl_stretch secret) {
    search->at = secret.end;
    search->previous = (xl_stretch){0, 0};
    return true;
}

bool xl_next_secret(xl_secret_search *search, size_t limit, xl_stretch *secret) {
    xt_text text = search->text;
    while (search->at < text.length && search->at < limit) {
        if (search->at == search->password.start && search->password.end > search->at) {
            *secret = search->password;
            return take(search, *secret);
        }
        xl_stretch word = {search->at, skip(text, search->at, is_of_word)};
        if (word.end == word.start) {
            search->at += gap_length(text, word.start);
        } else if (find_at(search, word, secret)) {
            return take(search, *secret);
        } else {
            search->at = word.end;
            search->previous = word;
        }
    }
    return false;
}
