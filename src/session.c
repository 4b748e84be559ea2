#include "exectrack.h"
#include "xxh64.h"

static const char digits[] = "0123456789abcdef";

/* The value of a hexadecimal digit; 16 for another byte. */
static uint32_t value_of(char digit) {
    uint32_t decimal = (uint32_t)digit - '0';
    uint32_t letter = (uint32_t)digit - 'a';
    return decimal < 10 ? decimal : letter < 6 ? letter + 10 : 16;
}

/* The fingerprint, if `name` is one: `#` and eight digits; else 0. */
static uint32_t read_hash(xt_text name) {
    uint32_t hash = 0;
    if (name.length != XT_SESSION_HASH_BYTES || name.bytes[0] != '#') {
        return 0;
    }
    for (size_t i = 1; i < XT_SESSION_HASH_BYTES; i++) {
        uint32_t value = value_of(name.bytes[i]);
        if (value == 16) {
            return 0;
        }
        hash = hash << 4 | value;
    }
    return hash;
}

xt_session xt_session_of(xt_text name) {
    uint32_t hash = read_hash(name);
    if (hash != 0) {
        return (xt_session){.hash = hash};
    }
    uint64_t wide = xt_xxh64(name.length > 0 ? name.bytes : "", name.length, 0);
    hash = (uint32_t)(wide ^ wide >> 32);
    return (xt_session){.hash = hash != 0 ? hash : 1, .name = name};
}

void xt_session_write_hash(uint32_t hash, char name[XT_SESSION_HASH_BYTES]) {
    name[0] = '#';
    for (size_t i = XT_SESSION_HASH_BYTES - 1; i > 0; i--) {
        name[i] = digits[hash & 15];
        hash >>= 4;
    }
}
