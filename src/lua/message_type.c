#include "message_type.h"

#include "ascii.h"
#include "message.h"

#include <string.h>

enum {
    WORD_BYTES = 32,
    LEAST_HEX = 6,
    LEAST_WITHOUT_VOWEL = 8,
    LEAST_PART = 3,
    MOST_INITIALS = 6
};

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
        if (start > MOST_INITIALS || (start > 0 && (start == 1 || !is_end)) ||
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

/* Whether it is part of a date, as `Jan` and `Mon` are in `Mon, 12 Jan 2026`. */
static bool is_of_date(xt_text word) {
    static const char names[] =
        "JanFebMarAprMayJunJulAugSepOctNovDecMonTueWedThuFriSatSun";
    enum { LENGTH = 3 };
    for (size_t i = 0; word.length == LENGTH && i + 1 < sizeof names; i += LENGTH) {
        if (memcmp(names + i, word.bytes, LENGTH) == 0) {
            return true;
        }
    }
    return false;
}

/* The last part of `word`, if it is the name of an exception, such as
 * `java.io.IOException`; empty for any other word. */
static xt_text exception_name(xt_text word) {
    size_t start = 0;
    for (size_t i = 0; i < word.length; i++) {
        if (!xl_is_alphanumeric(word.bytes[i]) && !xl_is_one_of("._", word.bytes[i])) {
            return xl_text_to(word, 0);
        }
        start = word.bytes[i] == '.' ? i + 1 : start;
    }
    xt_text name = xl_text_from(word, start);
    bool is_exception = xl_ends_with(name, "error") || xl_ends_with(name, "exception");
    return xl_text_to(name, is_exception && xl_is_upper(name.bytes[0]) ? name.length : 0);
}

/*
 * `word`, in which there is no space, without the punctuation around it; of the name of an
 * exception its last part. Empty if it looks like something that differs from one message
 * to the next.
 */
static xt_text stable_word(xt_text word) {
    xt_text part = without_punctuation(word);
    xt_text name = exception_name(part);
    bool varies = name.length > 0
                      ? is_value(name)
                      : is_value(word) || is_of_date(part) || has_identifier(part) ||
                            memchr(part.bytes, '.', part.length) != NULL;
    part = name.length > 0 ? name : part;
    return varies || part.length > WORD_BYTES ? xl_text_to(part, 0) : part;
}

/* Takes the next word off `rest`; empty if there is none. */
static xt_text next_word(xt_text *rest) {
    size_t start = 0;
    while (start < rest->length && xl_is_space(rest->bytes[start])) {
        start++;
    }
    size_t end = start;
    while (end < rest->length && !xl_is_space(rest->bytes[end])) {
        end++;
    }
    xt_text word = xl_text_from(xl_text_to(*rest, end), start);
    *rest = xl_text_from(*rest, end);
    return word;
}

static bool has_letter(xt_text word) {
    for (size_t i = 0; i < word.length; i++) {
        if (xl_is_letter(word.bytes[i])) {
            return true;
        }
    }
    return false;
}

/* Appends `word` to the `type` in `buffer`, after a space unless it comes first. False if
 * it doesn't fit. */
static bool append_word(xt_text *type, xt_text word, char buffer[XL_ERROR_TYPE_BYTES]) {
    size_t start = type->length > 0 ? type->length + 1 : 0;
    if (start + word.length > XL_ERROR_TYPE_BYTES) {
        return false;
    }
    if (start > 0) {
        buffer[start - 1] = ' ';
    }
    memcpy(buffer + start, word.bytes, word.length);
    type->length = start + word.length;
    return true;
}

/* The stable words of `text`; empty if none of them has an ASCII letter. */
static xt_text join_words(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = {buffer, 0};
    xt_text word;
    bool is_ascii = false;
    while ((word = next_word(&text)).length > 0) {
        xt_text part = stable_word(word);
        is_ascii = is_ascii || has_letter(part);
        if (part.length > 0 && !append_word(&type, part, buffer)) {
            break;
        }
    }
    return is_ascii ? type : xl_text_to(type, 0);
}

/* Takes the longest beginning of `rest` off it that is ASCII or isn't, as its first byte. */
static xt_text next_run(xt_text *rest) {
    size_t length = 1;
    while (length < rest->length &&
           xl_is_ascii(rest->bytes[length]) == xl_is_ascii(rest->bytes[0])) {
        length++;
    }
    xt_text run = xl_text_to(*rest, length);
    *rest = xl_text_from(*rest, length);
    return run;
}

/* Appends as much of `text` as fits, cut at a character. False if that isn't all. */
static bool append_cut(xt_text *type, xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text part = xl_cut(text, XL_ERROR_TYPE_BYTES - type->length);
    memcpy(buffer + type->length, part.bytes, part.length);
    type->length += part.length;
    return part.length == text.length;
}

/* The beginning of `text`, which has hardly a word of ASCII. */
static xt_text take_beginning(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = {buffer, 0};
    xt_text word;
    bool fits = true;
    while (fits && (word = next_word(&text)).length > 0) {
        bool needs_space = type.length > 0;
        while (fits && word.length > 0) {
            xt_text run = next_run(&word);
            run = xl_is_ascii(run.bytes[0]) ? stable_word(run) : run;
            if (run.length > 0 && needs_space) {
                fits = append_cut(&type, xt_text_of(" "), buffer);
                needs_space = false;
            }
            fits = fits && append_cut(&type, run, buffer);
        }
    }
    while (type.length > 0 && buffer[type.length - 1] == ' ') {
        type.length--;
    }
    return type;
}

xt_text xl_message_type(xt_text text, char buffer[XL_ERROR_TYPE_BYTES]) {
    xt_text type = join_words(text, buffer);
    if (type.length == 0) {
        type = take_beginning(text, buffer);
    }
    return type.length > 0 ? type : xt_text_of("error");
}
