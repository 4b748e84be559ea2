#include "instance_id.h"

enum { ID_LENGTH = 36 };

/* Where in the text the two digits of each byte begin. */
static const uint8_t digits[XT_INSTANCE_BYTES] = {0,  2,  4,  6,  9,  11, 14, 16,
                                                  19, 21, 24, 26, 28, 30, 32, 34};

static bool is_hyphen_at(size_t place) {
    return place == 8 || place == 13 || place == 18 || place == 23;
}

void xl_push_instance_id(lua_State *L, const uint8_t instance[XT_INSTANCE_BYTES]) {
    static const char hex[] = "0123456789abcdef";
    char text[ID_LENGTH];
    for (size_t i = 0; i < ID_LENGTH; i++) {
        text[i] = '-';
    }
    for (size_t i = 0; i < XT_INSTANCE_BYTES; i++) {
        text[digits[i]] = hex[instance[i] >> 4];
        text[digits[i] + 1] = hex[instance[i] & 15];
    }
    lua_pushlstring(L, text, ID_LENGTH);
}

/* The value of a hexadecimal digit; -1 for any other character. */
static int value_of(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    int letter = digit | 0x20; /* in lower case */
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

bool xl_parse_instance_id(xt_text id, uint8_t instance[XT_INSTANCE_BYTES]) {
    if (id.length != ID_LENGTH) {
        return false;
    }
    for (size_t i = 0; i < ID_LENGTH; i++) {
        if (is_hyphen_at(i) ? id.bytes[i] != '-' : value_of(id.bytes[i]) < 0) {
            return false;
        }
    }
    for (size_t i = 0; i < XT_INSTANCE_BYTES; i++) {
        const char *pair = &id.bytes[digits[i]];
        instance[i] = (uint8_t)(value_of(pair[0]) << 4 | value_of(pair[1]));
    }
    return true;
}
