#include "image_check_places.h"

static const char *check_files(const xt_image *image, xt_named sorted[]) {
    const char *wrong = xt_names_check(&image->log_files, sorted);
    for (uint32_t i = 0; wrong == NULL && i < image->log_files.head->count; i++) {
        if (image->log_files.names[i].length == 0) {
            wrong = "the name of a log file is empty";
        }
    }
    return wrong;
}

/* Checks the places of `stretch`, before which there were `*seen` different files. */
static const char *check_stretch(const xt_image *image, xt_stretch stretch,
                                 uint32_t *seen) {
    for (size_t i = 0; i < stretch.count; i++) {
        const xt_log_place *place = &stretch.places[i];
        if (place->file > image->log_files.head->count) {
            return "a record's log file doesn't exist";
        }
        if (place->file == 0 && place->line != 0) {
            return "a record has a line without a log file";
        }
        if (place->file > *seen + 1) {
            return "the log files are out of order";
        }
        *seen += place->file > *seen;
    }
    return NULL;
}

const char *xt_image_check_places(const xt_image *image, xt_named sorted[]) {
    const xt_header *header = image->header;
    const char *wrong = check_files(image, sorted);
    if (wrong != NULL || header->log_files.count == 0) {
        return wrong;
    }
    xt_stretch stretches[2];
    uint32_t seen = 0;
    xt_image_stretches(image, stretches);
    for (int i = 0; wrong == NULL && i < 2; i++) {
        wrong = check_stretch(image, stretches[i], &seen);
    }
    if (wrong == NULL && seen < header->log_files.count) {
        wrong = "no record refers to a log file";
    }
    size_t unused = header->record_slots - header->record_count;
    if (wrong == NULL && !xt_is_zero(image->log_places + header->record_count,
                                     unused * sizeof image->log_places[0])) {
        wrong = "unused places aren't 0";
    }
    return wrong;
}
