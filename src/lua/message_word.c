#include "message_word.h"

#include "ascii.h"
#include "message_line.h"

#include <string.h>

enum { WORD_BYTES = 32, LEAST_HEX = 6, LEAST_WITHOUT_VOWEL = 8, LEAST_PART = 3 };

static bool is_around_words(char byte) {
    return xl_is_punctuation(byte) && byte != '_';
}

static xt_text without_punctuation(xt_text word) {
    while (word.length > 0 && is_around_words(word.bytes[0])) {
        word = xl_text_from(word, 1);
    }
    while (word.length > 0 && is_around_words(word.bytes[word.length - 1])) {
        word.length--;
    }
    return word;
}

/* Whether it looks like a number, a path, a setting or an address. */
static bool is_value(xt_text word) {
    for (size_t i = 0; i < word.length; i++) {
        char byte = word.bytes[i];
        if (xl_is_digit(byte) || xl_is_control(byte) || xl_is_one_of("/\\=@", byte)) {
            return true;
        }
    }
    return false;
}

/* How many of the bytes that `text` begins with are of a class. */
static size_t count_first(xt_text text, bool (*is_of_class)(char byte)) {
    size_t count = 0;
    while (count < text.length && is_of_class(text.bytes[count])) {
        count++;
    }
    return count;
}

static bool is_lower_hex(char byte) {
    return byte >= 'a' && byte <= 'f';
}

static bool is_upper_hex(char byte) {
    return byte >= 'A' && byte <= 'F';
}

static bool has_vowel(xt_text text) {
    for (size_t i = 0; i < text.length; i++) {
        if (xl_is_one_of("aeiouyAEIOUY", text.bytes[i])) {
            return true;
        }
    }
    return false;
}

static bool are_mixed(xt_text letters) {
    size_t capitals = count_first(letters, xl_is_upper);
    size_t small = count_first(xl_text_from(letters, capitals), xl_is_lower);
    return capitals + small < letters.length || (capitals > 1 && small > 0);
}

/* Whether letters of both cases are made of parts such as `JSON`, `Decode` and `Error`. */
static bool are_words(xt_text letters) {
    bool is_first = true;
    for (xt_text rest = letters; rest.length > 0; is_first = false) {
        size_t capitals = count_first(rest, xl_is_upper);
        size_t small = count_first(xl_text_from(rest, capitals), xl_is_lower);
        /* The last of several capitals is that of a part of its own. */
        size_t start = small > 0 && capitals > 0 ? capitals - 1 : capitals;
        xt_text part = xl_text_from(xl_text_to(rest, capitals + small), start);
        rest = xl_text_from(rest, capitals + small);
        bool is_end = is_first || (small == 0 && rest.length == 0);
        if ((start > 0 && (start == 1 || !is_end)) ||
            (small > 0 && (part.length < LEAST_PART || !has_vowel(part)))) {
            return false;
        }
    }
    return true;
}

static bool is_identifier(xt_text letters) {
    size_t length = letters.length;
    if (length >= LEAST_HEX && (count_first(letters, is_lower_hex) == length ||
                                count_first(letters, is_upper_hex) == length)) {
        return true;
    }
    return are_mixed(letters) ? !are_words(letters)
                              : length >= LEAST_WITHOUT_VOWEL && !has_vowel(letters);
}

/* Whether any of the runs of ASCII letters in `word` is an identifier. */
static bool has_identifier(xt_text word) {
    while (word.length > 0) {
        size_t length = count_first(word, xl_is_letter);
        if (length > 0 && is_identifier(xl_text_to(word, length))) {
            return true;
        }
        word = xl_text_from(word, length > 0 ? length : 1);
    }
    return false;
}

xt_text xl_stable_word(xt_text word) {
    xt_text part = without_punctuation(word);
    bool varies = part.length > WORD_BYTES || is_value(word) ||
                  memchr(part.bytes, '.', part.length) != NULL || has_identifier(part);
    return varies ? xl_text_to(part, 0) : part;
}
