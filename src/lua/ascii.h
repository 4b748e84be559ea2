/*
 * Classes of ASCII characters, the same in every locale.
 */
#ifndef XL_ASCII_H
#define XL_ASCII_H

#include "exectrack.h"

#include <string.h>

static inline bool xl_is_lower(char byte) {
    return byte >= 'a' && byte <= 'z';
}

static inline bool xl_is_upper(char byte) {
    return byte >= 'A' && byte <= 'Z';
}

static inline bool xl_is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

static inline bool xl_is_alphanumeric(char byte) {
    return xl_is_lower(byte) || xl_is_upper(byte) || xl_is_digit(byte);
}

static inline bool xl_is_letter(char byte) {
    return xl_is_lower(byte) || xl_is_upper(byte);
}

static inline bool xl_is_space(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static inline bool xl_is_ascii(char byte) {
    return (unsigned char)byte < 0x80;
}

static inline bool xl_is_control(char byte) {
    return (unsigned char)byte < ' ' || byte == 0x7f;
}

static inline bool xl_is_punctuation(char byte) {
    return xl_is_ascii(byte) && !xl_is_control(byte) && byte != ' ' &&
           !xl_is_alphanumeric(byte);
}

/* Whether `byte` is one of the `bytes` of a string; a zero byte never is. */
static inline bool xl_is_one_of(const char *bytes, char byte) {
    return byte != '\0' && strchr(bytes, byte) != NULL;
}

/* Whether `word`, in any case, ends with `end`, which is in lower case. */
static inline bool xl_ends_with(xt_text word, const char *end) {
    size_t length = strlen(end);
    if (word.length < length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char byte = word.bytes[word.length - length + i];
        if ((xl_is_upper(byte) ? byte - 'A' + 'a' : byte) != end[i]) {
            return false;
        }
    }
    return true;
}

/* Whether `word`, in any case, is `other`, which is in lower case. */
static inline bool xl_is_word(xt_text word, const char *other) {
    return word.length == strlen(other) && xl_ends_with(word, other);
}

#endif
