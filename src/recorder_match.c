#include "recorder_match.h"

#include <string.h>

/* Whether nothing was written to a file but its size. After a power cut that may be all that
 * the system had stored of a new one. */
static bool is_blank(const xt_header *header, size_t count) {
    return count == sizeof *header && xt_is_zero(header, sizeof *header);
}

xt_error xt_recorder_check_start(const xt_header *header, size_t count, size_t file_bytes,
                                 const char **problem) {
    if (is_blank(header, count)) {
        *problem = "its first bytes are zeros";
        return XT_ERROR_INVALID;
    }
    if (count < sizeof *header ||
        memcmp(header->magic, XT_IMAGE_MAGIC, sizeof header->magic) != 0) {
        *problem = file_bytes == 0 ? "it is empty" : "it isn't the file of a recorder";
        return XT_ERROR_KIND;
    }
    xt_error error = xt_image_check_header(header, file_bytes);
    /* A saved run has its checksum at this place in every version. */
    if (header->checksum != 0 || (error == XT_OK && header->writer_slots == 0)) {
        *problem = "it is a saved run, not the file of a recorder";
        return XT_ERROR_KIND;
    }
    *problem = xt_error_message(error);
    switch (error) {
    case XT_OK:
        return XT_OK;
    case XT_ERROR_BYTE_ORDER:
        *problem = "it was made on a machine of another byte order";
        return XT_ERROR_MISMATCH;
    case XT_ERROR_VERSION:
        return XT_ERROR_MISMATCH;
    default:
        return XT_ERROR_INVALID;
    }
}

static bool has_same_measures(const xt_facts *a, const xt_facts *b) {
    return a->measure_count == b->measure_count &&
           memcmp(a->measures, b->measures, a->measure_count * sizeof a->measures[0]) ==
               0;
}

const char *xt_recorder_difference(const xt_facts *facts, const xt_facts *wanted) {
    if (facts->max_history != wanted->max_history) {
        return "it was made with another max_history";
    }
    if (facts->max_tools != wanted->max_tools) {
        return "it was made with another max_tools";
    }
    if (facts->max_in_flight != wanted->max_in_flight) {
        return "it was made with another max_in_flight";
    }
    static const char *const texts[XT_TEXTS_KINDS] = {
        "it was made with another number of session_names",
        "it was made with another number of args_texts",
        "it was made with another number of error_texts"};
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        if (facts->max_texts[kind] != wanted->max_texts[kind]) {
            return texts[kind];
        }
    }
    if (facts->ignored_args != wanted->ignored_args) {
        return "it was made with other ignored arguments";
    }
    return has_same_measures(facts, wanted) ? NULL : "it was made with other measures";
}
