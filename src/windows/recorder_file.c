/*
 * Windows has no recorders: opening one ends where its path would be looked for.
 */
#include "recorder_file.h"

xt_error xt_recorder_place_open(xt_recorder_place *place, const char *path,
                                const char **problem) {
    (void)place;
    (void)path;
    *problem = "there are no recorders on Windows";
    return XT_ERROR_FILE_SYSTEM;
}

void xt_recorder_place_close(xt_recorder_place *place) {
    (void)place;
}

/* The others aren't called. */

xt_error xt_recorder_file_open(xt_recorder_file *file, const xt_recorder_place *place,
                               bool any_file_system, const char **problem) {
    (void)file;
    (void)place;
    (void)any_file_system;
    (void)problem;
    return XT_ERROR_FILE_SYSTEM;
}

bool xt_recorder_file_is_locked(int descriptor) {
    (void)descriptor;
    return false;
}

xt_error xt_recorder_file_read(const xt_recorder_file *file, void *bytes, size_t count) {
    (void)file;
    (void)bytes;
    (void)count;
    return XT_ERROR_FILE_SYSTEM;
}

xt_error xt_recorder_file_map(xt_recorder_file *file) {
    (void)file;
    return XT_ERROR_FILE_SYSTEM;
}

bool xt_recorder_file_exists(const xt_recorder_place *place) {
    (void)place;
    return false;
}

xt_error xt_recorder_file_create(xt_recorder_file *file, const xt_recorder_place *place,
                                 size_t bytes, bool any_file_system) {
    (void)file;
    (void)place;
    (void)bytes;
    (void)any_file_system;
    return XT_ERROR_FILE_SYSTEM;
}

void xt_recorder_file_discard(xt_recorder_file *file, const xt_recorder_place *place) {
    (void)file;
    (void)place;
}

xt_error xt_recorder_file_publish(xt_recorder_file *file, const xt_recorder_place *place,
                                  bool *exists) {
    (void)file;
    (void)place;
    *exists = false;
    return XT_ERROR_FILE_SYSTEM;
}

bool xt_recorder_file_set_aside(const xt_recorder_place *place, const char *aside) {
    (void)place;
    (void)aside;
    return false;
}

xt_error xt_recorder_file_replace(xt_recorder_file *file,
                                  const xt_recorder_place *place) {
    (void)file;
    (void)place;
    return XT_ERROR_FILE_SYSTEM;
}

xt_error xt_recorder_file_sync(const xt_recorder_file *file) {
    (void)file;
    return XT_ERROR_FILE_SYSTEM;
}

void xt_recorder_file_close(xt_recorder_file *file) {
    (void)file;
}

xt_writer xt_recorder_this_process(void) {
    return (xt_writer){0};
}
