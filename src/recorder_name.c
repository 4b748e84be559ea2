#include "recorder_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char extension[] = ".run";

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

static bool is_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

/* Writes the part of a name that is for the label, and the `-` behind it. Returns its
 * length. */
static size_t write_label(xt_text label, char *name) {
    if (label.length == 0) {
        label = xt_text_of("run");
    }
    for (size_t i = 0; i < label.length; i++) {
        char byte = label.bytes[i];
        bool is_plain = is_letter(byte) || is_digit(byte) || byte == '_' ||
                        (i > 0 && (byte == '-' || byte == '.'));
        name[i] = is_plain ? byte : '_';
    }
    name[label.length] = '-';
    return label.length + 1;
}

void xt_recorder_name_write(xt_text label, uint64_t created_us, uint32_t pid,
                            uint32_t number, char name[XT_RECORDER_NAME_BYTES]) {
    char time[XT_UTC_BYTES];
    char ending[24] = "";
    size_t length = write_label(label, name);
    xt_utc_write(created_us, time);
    if (number > 1) {
        snprintf(ending, sizeof ending, "-%" PRIu32, number);
    }
    snprintf(name + length, XT_RECORDER_NAME_BYTES - length, "%s-%" PRIu32 "%s%s", time,
             pid, ending, extension);
}

/* Skips from `least` to `most` digits; null if there are fewer, or if `at` is null. */
static const char *skip_digits(const char *at, int least, int most) {
    int count = 0;
    while (at != NULL && count < most && is_digit(at[count])) {
        count++;
    }
    return at != NULL && count >= least ? at + count : NULL;
}

/* Skips `byte`; null if something else is there, or if `at` is null. */
static const char *skip(const char *at, char byte) {
    return at != NULL && *at == byte ? at + 1 : NULL;
}

bool xt_recorder_name_matches(const char *name, xt_text label) {
    char start[XT_LABEL_BYTES + 1];
    size_t length = write_label(label, start);
    if (strncmp(name, start, length) != 0) {
        return false;
    }
    const char *at = skip(skip_digits(name + length, 8, 10), 'T');
    at = skip(skip(skip_digits(at, 6, 6), 'Z'), '-');
    at = skip_digits(at, 1, 10);
    if (at != NULL && *at == '-') {
        at = skip_digits(at + 1, 1, 10);
    }
    return at != NULL && strcmp(at, extension) == 0;
}
