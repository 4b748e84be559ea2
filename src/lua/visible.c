#include "visible.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Control characters, separators, directional marks and noncharacters: HARMFUL of
 * unicode.lua, which also shows what can't be seen. */
static const uint32_t harmful[][2] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD}, {0x061C, 0x061C},
    {0x200B, 0x200B}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},
    {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE007F},
};

static bool is_harmful(uint32_t code) {
    for (size_t i = 0; i < sizeof harmful / sizeof harmful[0]; i++) {
        if (code >= harmful[i][0] && code <= harmful[i][1]) {
            return true;
        }
    }
    return false;
}

/* The length of a character that begins with byte `first`; 0 if none does. */
static size_t length_of(unsigned char first) {
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    if (first < 0xE0) {
        return 2;
    }
    return first < 0xF0 ? 3 : 4;
}

/* Stores the first character of `text`. Returns its length; 0 if it isn't valid UTF-8. */
static size_t decode(xt_text text, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length */
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    size_t length = length_of(bytes[0]);
    if (length == 0 || length > text.length) {
        return 0;
    }
    *code = length == 1 ? bytes[0] : bytes[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (bytes[i] & 0x3F);
    }
    bool is_surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return *code < least[length] || *code > 0x10FFFF || is_surrogate ? 0 : length;
}

/* Writes a harmful character as its escape. */
static void write_escape(char *to, uint32_t code) {
    switch (code) {
    case '\t':
        strcpy(to, "\\t");
        break;
    case '\n':
        strcpy(to, "\\n");
        break;
    case '\r':
        strcpy(to, "\\r");
        break;
    default:
        sprintf(to, code < 0x80 ? "\\x%02x" : "\\u{%04x}", (unsigned)code);
    }
}

size_t xl_make_character_visible(char to[XL_VISIBLE_CHARACTER_BYTES], xt_text text) {
    uint32_t code = 0;
    size_t length = decode(text, &code);
    if (length == 0) {
        sprintf(to, "\\x%02x", (unsigned)(unsigned char)text.bytes[0]);
        return 1;
    }
    if (is_harmful(code)) {
        write_escape(to, code);
    } else {
        memcpy(to, text.bytes, length);
        to[length] = '\0';
    }
    return length;
}

void xl_make_visible(char *to, xt_text text, size_t most) {
    size_t at = 0;
    while (at < text.length) {
        char character[XL_VISIBLE_CHARACTER_BYTES];
        const xt_text left = {text.bytes + at, text.length - at};
        at += xl_make_character_visible(character, left);
        if (at > most) {
            strcpy(to, "...");
            return;
        }
        strcpy(to, character);
        to += strlen(character);
    }
    *to = '\0';
}

/* The length of the plain character that `bytes` begin with; 0 if it isn't plain. */
static size_t plain_length(const unsigned char *bytes, size_t left) {
    if (bytes[0] >= 0x20 && bytes[0] < 0x7F) {
        return 1;
    }
    bool is_frame = left >= 3 && bytes[0] == 0xE2 && bytes[1] >= 0x94 &&
                    bytes[1] <= 0x96 && (bytes[2] & 0xC0) == 0x80;
    return is_frame ? 3 : 0;
}

ptrdiff_t xl_plain_width(xt_text text) {
    const unsigned char *bytes = (const unsigned char *)text.bytes;
    ptrdiff_t width = 0;
    for (size_t i = 0; i < text.length; width++) {
        size_t length = plain_length(bytes + i, text.length - i);
        if (length == 0) {
            return -1;
        }
        i += length;
    }
    return width;
}
