/* Beginning a recorder in a directory. */
#define _POSIX_C_SOURCE 200809L

#include "builder.h"
#include "clock.h"
#include "new_file.h"
#include "recorder.h"
#include "recorder_directory.h"
#include "recorder_keep.h"
#include "recorder_name.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = XT_NEW_FILE_PATH_BYTES };

/* The time for the name of a file, by the clock of its tracker. */
static uint64_t time_for_name(const xt_clock *clock) {
    uint64_t now_us;
    if (clock->now_us != NULL) {
        now_us = clock->now_us(clock->context);
    } else {
        const xt_system_clock system = xt_system_clock_start();
        now_us = xt_system_clock_now_us(&system);
    }
    return now_us < XT_MAX_COUNT ? now_us : XT_MAX_COUNT;
}

/* Makes the directory at `path`, unless it is there. */
static xt_error make_directory(const char *path, const char **problem) {
    xt_recorder_place place;
    xt_error error = xt_recorder_place_open(&place, path, problem);
    if (error != XT_OK) { /* if it ends with `/`, `.` or `..`, it is there */
        return error == XT_ERROR_FILE && errno == EISDIR ? XT_OK : error;
    }
    bool is_there = xt_directory_make(&place);
    xt_recorder_place_close(&place);
    return is_there ? XT_OK : XT_ERROR_FILE;
}

/* Makes the directory at `path`, of `length` bytes, and those above it. */
static xt_error make_directories(char *path, size_t length, const char **problem) {
    xt_error error = XT_OK;
    for (size_t i = 1; i < length && error == XT_OK; i++) {
        if (path[i] == '/') {
            path[i] = '\0';
            error = make_directory(path, problem);
            path[i] = '/';
        }
    }
    return error == XT_OK ? make_directory(path, problem) : error;
}

/* Makes `directory`, and copies it to `path` with a separator behind it. Stores its
 * length. */
static xt_error begin_path(char path[PATH_BYTES], const char *directory, size_t *length,
                           const char **problem) {
    *length = strlen(directory);
    if (*length + 1 + XT_RECORDER_NAME_BYTES > PATH_BYTES) {
        errno = ENAMETOOLONG;
        return XT_ERROR_FILE;
    }
    memcpy(path, directory, *length + 1);
    xt_error error = make_directories(path, *length, problem);
    if (error == XT_OK && path[*length - 1] != '/') {
        path[(*length)++] = '/';
    }
    return error;
}

/* Begins a recorder under the first name that is free, behind `length` bytes of `path`. */
static xt_error begin(char path[PATH_BYTES], size_t length,
                      const xt_recorder_options *options, xt_tracker **tracker,
                      const char **problem) {
    uint64_t now_us = time_for_name(&options->run.clock);
    xt_error error = XT_ERROR_FILE;
    errno = EEXIST;
    for (uint32_t number = 1; error == XT_ERROR_FILE && errno == EEXIST; number++) {
        xt_recorder_name_write(options->run.label, now_us, (uint32_t)getpid(), number,
                               path + length);
        error = xt_recorder_open_new(path, options, tracker, problem);
    }
    return error;
}

/* Removes old recorders from the directory of the new one at `path`. */
static void keep_newest(const char *path, size_t keep, const xt_options *run) {
    xt_recorder_place place;
    const char *problem;
    if (xt_recorder_place_open(&place, path, &problem) == XT_OK) {
        xt_recorder_keep(&place, run->label, keep, &run->allocator);
        xt_recorder_place_close(&place);
    }
}

/* As xt_recorder_open_in; after an error `*problem` may be null. */
static xt_error open_in(const char *directory, size_t keep,
                        const xt_recorder_options *options, xt_tracker **tracker,
                        const char **problem) {
    char path[PATH_BYTES];
    size_t length;
    xt_error error = xt_build_plan(&options->run, XT_IN_A_FILE, &length);
    if (error == XT_OK) {
        error = begin_path(path, directory, &length, problem);
    }
    if (error == XT_OK) {
        error = begin(path, length, options, tracker, problem);
    }
    if (error == XT_OK && keep > 0) {
        keep_newest(path, keep, &options->run);
    }
    return error;
}

xt_error xt_recorder_open_in(const char *directory, size_t keep,
                             const xt_recorder_options *options, xt_tracker **tracker,
                             const char **problem) {
    const xt_recorder_options defaults = xt_recorder_options_default();
    const char *more = NULL;
    *tracker = NULL;
    xt_error error =
        open_in(directory, keep, options != NULL ? options : &defaults, tracker, &more);
    if (error != XT_OK && problem != NULL) {
        *problem = more != NULL ? more : xt_error_message(error);
    }
    return error;
}
