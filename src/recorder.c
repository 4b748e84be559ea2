/*
 * Opening and closing recorders.
 */
#include "recorder.h"
#include "memory.h"
#include "recorder_file.h"
#include "recorder_keep.h"
#include "recorder_match.h"
#include "tracker.h"
#include "undo_log.h"
#include "utc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The storage of a tracker whose image is a file. */
typedef struct xt_recorder {
    xt_recorder_file file;
    xt_journal journal;
    xt_tracker *tracker; /* null until it is made */
    xt_allocator allocator;
    size_t bytes; /* of this struct */
    char path[];
} xt_recorder;

/* What one call of xt_recorder_open needs. */
typedef struct opening {
    const char *path;
    bool is_new; /* there must be no file */
    const xt_recorder_options *options;
    size_t image_bytes; /* of a new file */
    xt_recorder_place place;
    const char *problem;
} opening;

xt_recorder_options xt_recorder_options_default(void) {
    return (xt_recorder_options){.run = xt_options_default()};
}

static xt_recorder *allocate(const opening *self) {
    xt_allocator from = xt_allocator_or_system(&self->options->run.allocator);
    size_t length = strlen(self->path) + 1;
    size_t bytes = sizeof(xt_recorder) + length;
    xt_recorder *recorder = from.allocate(from.context, bytes);
    if (recorder != NULL) {
        memset(recorder, 0, sizeof *recorder);
        recorder->file.descriptor = recorder->file.second = -1;
        recorder->allocator = from;
        recorder->bytes = bytes;
        memcpy(recorder->path, self->path, length);
    }
    return recorder;
}

/* Closes the file and frees the recorder, which may be null. Keeps `errno`. */
static void drop(xt_recorder *recorder) {
    if (recorder != NULL) {
        xt_allocator from = recorder->allocator;
        int reason = errno;
        xt_recorder_file_close(&recorder->file);
        from.release(from.context, recorder, recorder->bytes);
        errno = reason;
    }
}

/* Stores this process as the writer, or when it has closed the file. An operation, as an
 * opening that is interrupted must leave the file sound. */
static void store_writer(xt_recorder *recorder, const xt_writer *writer) {
    xt_writer *stored = recorder->tracker->image.writer;
    xt_journal_begin(&recorder->journal);
    xt_journal_touch(&recorder->journal, stored, sizeof *stored);
    *stored = *writer;
    xt_journal_end(&recorder->journal);
}

/* The `release` of a recorder's storage. */
static void release(void *context, void *block, size_t bytes) {
    xt_recorder *recorder = context;
    (void)block;
    (void)bytes;
    if (!recorder->file.is_inherited) {
        xt_writer writer = *recorder->tracker->image.writer;
        writer.closed_us = xt_tracker_now_us(recorder->tracker);
        store_writer(recorder, &writer);
    }
    drop(recorder);
}

static xt_storage storage_of(xt_recorder *recorder) {
    return (xt_storage){.block = recorder->file.block,
                        .bytes = recorder->file.bytes,
                        .context = recorder,
                        .journal = &recorder->journal};
}

/* The recorder of `tracker`; null for a tracker in private memory. */
static xt_recorder *recorder_of(const xt_tracker *tracker) {
    return tracker->storage.release == release ? tracker->storage.context : NULL;
}

/* If the image's latest time is ahead of the system's clock, that goes on from there. */
static void set_clock(xt_tracker *tracker) {
    uint64_t latest_us = tracker->image.header->now_us;
    uint64_t now_us = xt_system_clock_now_us(&tracker->system_clock);
    if (now_us < latest_us) {
        tracker->system_clock.offset_us += latest_us - now_us;
    }
}

/* The recorder's file now belongs to its tracker, which records from here on. */
static void take_over(xt_recorder *recorder) {
    xt_tracker *tracker = recorder->tracker;
    recorder->journal = xt_undo_log_journal(&tracker->image);
    set_clock(tracker);
    xt_tracker_end_all(tracker, xt_text_of("writer_died"));
    xt_writer writer = xt_recorder_this_process();
    writer.opened_us = xt_tracker_now_us(tracker);
    store_writer(recorder, &writer);
    tracker->storage.release = release;
}

/* Makes the empty run of a new file. */
static xt_error begin_run(opening *self, xt_recorder *recorder) {
    const xt_storage storage = storage_of(recorder);
    xt_error error =
        xt_tracker_create_in(&storage, &self->options->run, &recorder->tracker);
    if (error == XT_OK) {
        take_over(recorder);
    }
    return error;
}

/* Removes a new file that didn't get its name. */
static void discard(const opening *self, xt_recorder *recorder) {
    xt_recorder_file_discard(&recorder->file, &self->place);
    if (recorder->tracker != NULL) {
        recorder->tracker->storage.release = NULL;
        xt_tracker_close(recorder->tracker);
    }
    drop(recorder);
}

/* Makes a new file, which has no name yet, with an empty run. */
static xt_error make(opening *self, xt_recorder **made) {
    xt_recorder *recorder = allocate(self);
    *made = NULL;
    if (recorder == NULL) {
        return XT_ERROR_MEMORY;
    }
    xt_recorder_remove_unfinished(&self->place);
    xt_error error = xt_recorder_file_create(
        &recorder->file, &self->place, self->image_bytes, self->options->any_file_system);
    if (error == XT_OK) {
        error = begin_run(self, recorder);
    }
    if (error != XT_OK) {
        discard(self, recorder);
        return error;
    }
    *made = recorder;
    return XT_OK;
}

/* Begins a new file where there is none. If there is one after all, `*made` is null. */
static xt_error begin(opening *self, xt_recorder **made) {
    bool exists = false;
    xt_error error = make(self, made);
    if (error == XT_OK) {
        error = xt_recorder_file_publish(&(*made)->file, &self->place, &exists);
        if (error != XT_OK || exists) {
            discard(self, *made);
            *made = NULL;
        }
    }
    return error;
}

/* Writes the `number`th name for a file `name` that was made at `created_us`: with the time
 * before its extension. False if it is too long. */
static bool write_aside(const char *name, uint64_t created_us, unsigned number,
                        char aside[XT_RECORDER_NAME_ROOM]) {
    char time[XT_UTC_BYTES];
    char ending[16] = "";
    const char *extension = strrchr(name, '.');
    if (extension == NULL || extension == name) {
        extension = name + strlen(name);
    }
    if (number > 1) {
        snprintf(ending, sizeof ending, "-%u", number);
    }
    xt_utc_write(created_us, time);
    int length = snprintf(aside, XT_RECORDER_NAME_ROOM, "%.*s-%s%s%s",
                          (int)(extension - name), name, time, ending, extension);
    return length > 0 && length < XT_RECORDER_NAME_ROOM;
}

/* Gives the file `old` another name, and its own to the new one `made`. */
static xt_error rotate(opening *self, uint64_t created_us, xt_recorder *made) {
    char aside[XT_RECORDER_NAME_ROOM];
    unsigned number = 0;
    bool is_aside;
    do {
        if (!write_aside(self->place.name, created_us, ++number, aside)) {
            errno = ENAMETOOLONG;
            return XT_ERROR_FILE;
        }
        is_aside = xt_recorder_file_set_aside(&self->place, aside);
    } while (!is_aside && errno == EEXIST);
    return is_aside ? xt_recorder_file_replace(&made->file, &self->place) : XT_ERROR_FILE;
}

/* Begins a new file instead of the one at the place, which was made at `created_us`, and is
 * locked by this process. */
static xt_error begin_instead(opening *self, uint64_t created_us, xt_recorder **made) {
    xt_error error = make(self, made);
    if (error == XT_OK) {
        error = rotate(self, created_us, *made);
        if (error != XT_OK) {
            discard(self, *made);
            *made = NULL;
        }
    }
    return error;
}

/* Reads the header of a file. XT_OK if its run can be checked. */
static xt_error look_at(opening *self, const xt_recorder *recorder, xt_header *header) {
    size_t file_bytes = recorder->file.bytes;
    size_t count = file_bytes < sizeof *header ? file_bytes : sizeof *header;
    *header = (xt_header){0};
    xt_error error = xt_recorder_file_read(&recorder->file, header, count);
    return error == XT_OK
               ? xt_recorder_check_start(header, count, file_bytes, &self->problem)
               : error;
}

/* Recovers the run of a mapped file, and checks that it is what the options ask for. */
static xt_error check_run(opening *self, const xt_recorder *recorder) {
    xt_image image;
    xt_image_view(&image, recorder->file.block);
    const xt_facts wanted = xt_facts_of_options(&self->options->run);
    const xt_facts facts = xt_facts_of(&image);
    self->problem = xt_recorder_difference(&facts, &wanted);
    if (self->problem != NULL) {
        return XT_ERROR_MISMATCH;
    }
    if (!xt_undo_log_recover(&image)) {
        self->problem = "its undo log is damaged";
        return XT_ERROR_INVALID;
    }
    return XT_OK;
}

/* Goes on with the run of an open file. XT_ERROR_MISMATCH or XT_ERROR_INVALID if it can't
 * be gone on with, and XT_ERROR_KIND if it isn't a recorder's. */
static xt_error go_on(opening *self, xt_recorder *recorder, xt_header *header) {
    xt_error error = look_at(self, recorder, header);
    if (error == XT_OK) {
        error = xt_recorder_file_map(&recorder->file);
    }
    if (error == XT_OK) {
        error = check_run(self, recorder);
    }
    if (error == XT_OK) {
        const xt_storage storage = storage_of(recorder);
        error = xt_tracker_open_in(&storage, &self->options->run, &recorder->tracker,
                                   &self->problem);
    }
    if (error == XT_OK) {
        take_over(recorder);
    }
    return error;
}

/* When a file was made; when it was last changed if its header doesn't say. */
static uint64_t creation_of(const xt_recorder *recorder, const xt_header *header) {
    bool is_known = header->version == XT_IMAGE_VERSION &&
                    header->byte_order == XT_IMAGE_BYTE_ORDER && header->created_us > 0 &&
                    header->created_us <= header->now_us &&
                    header->now_us <= XT_MAX_COUNT;
    return is_known ? header->created_us : recorder->file.changed_us;
}

/* Whether a file that can't be gone on with is to be renamed. */
static bool is_rotated(const opening *self, xt_error error) {
    return (error == XT_ERROR_MISMATCH || error == XT_ERROR_INVALID) &&
           self->options->on_mismatch == XT_MISMATCH_ROTATE;
}

/* Goes on with an open file, in `*recorder`; or begins another one in its place, and stores
 * its recorder instead. After an error the recorder is dropped. */
static xt_error go_on_or_rotate(opening *self, xt_recorder **recorder) {
    xt_header header;
    xt_recorder *old = *recorder;
    xt_error error = go_on(self, old, &header);
    if (error != XT_OK) {
        *recorder = NULL;
        if (is_rotated(self, error)) {
            self->problem = NULL;
            error = begin_instead(self, creation_of(old, &header), recorder);
        }
        drop(old);
    }
    return error;
}

/* Opens a file that is there, or begins one. If it has vanished or appeared meanwhile,
 * `*opened` is null. */
static xt_error open_or_begin(opening *self, xt_recorder **opened) {
    self->problem = NULL;
    *opened = allocate(self);
    if (*opened == NULL) {
        return XT_ERROR_MEMORY;
    }
    xt_error error = xt_recorder_file_open(
        &(*opened)->file, &self->place, self->options->any_file_system, &self->problem);
    if (error == XT_OK && (*opened)->file.descriptor >= 0) {
        return go_on_or_rotate(self, opened);
    }
    drop(*opened);
    *opened = NULL;
    return error == XT_OK ? begin(self, opened) : error;
}

/* Opens the recorder at the place of `self`. */
static xt_error open_at_place(opening *self, xt_tracker **tracker) {
    xt_recorder *opened = NULL;
    xt_error error;
    do {
        error = open_or_begin(self, &opened);
    } while (error == XT_OK && opened == NULL);
    *tracker = opened != NULL ? opened->tracker : NULL;
    return error;
}

/* Begins a recorder at the place of `self`, where there must be nothing. */
static xt_error begin_at_place(opening *self, xt_tracker **tracker) {
    xt_recorder *made = NULL;
    bool is_taken =
        xt_recorder_file_exists(&self->place); /* asking costs less than making */
    xt_error error = is_taken ? XT_OK : begin(self, &made);
    if (error == XT_OK && made == NULL) {
        errno = EEXIST;
        error = XT_ERROR_FILE;
    }
    *tracker = made != NULL ? made->tracker : NULL;
    return error;
}

static xt_error open_path(opening *self, xt_tracker **tracker) {
    xt_error error = xt_build_plan(&self->options->run, XT_IN_A_FILE, &self->image_bytes);
    if (error == XT_OK) {
        error = xt_recorder_place_open(&self->place, self->path, &self->problem);
    }
    if (error == XT_OK) {
        error =
            self->is_new ? begin_at_place(self, tracker) : open_at_place(self, tracker);
        xt_recorder_place_close(&self->place);
    }
    return error;
}

/* Opens a recorder as `self` says, and stores what is wrong in `*problem`. */
static xt_error open_as(opening *self, xt_tracker **tracker, const char **problem) {
    const xt_recorder_options defaults = xt_recorder_options_default();
    if (self->options == NULL) {
        self->options = &defaults;
    }
    *tracker = NULL;
    xt_error error = open_path(self, tracker);
    if (error != XT_OK && problem != NULL) {
        *problem = self->problem != NULL ? self->problem : xt_error_message(error);
    }
    return error;
}

xt_error xt_recorder_open(const char *path, const xt_recorder_options *options,
                          xt_tracker **tracker, const char **problem) {
    opening self = {.path = path, .options = options};
    return open_as(&self, tracker, problem);
}

xt_error xt_recorder_open_new(const char *path, const xt_recorder_options *options,
                              xt_tracker **tracker, const char **problem) {
    opening self = {.path = path, .options = options, .is_new = true};
    return open_as(&self, tracker, problem);
}

xt_error xt_recorder_sync(xt_tracker *tracker) {
    const xt_recorder *recorder = recorder_of(tracker);
    return recorder != NULL && !recorder->file.is_inherited
               ? xt_recorder_file_sync(&recorder->file)
               : XT_OK;
}

const char *xt_recorder_path(const xt_tracker *tracker) {
    const xt_recorder *recorder = recorder_of(tracker);
    return recorder != NULL ? recorder->path : NULL;
}

bool xt_recorder_is_inherited(const xt_tracker *tracker) {
    const xt_recorder *recorder = recorder_of(tracker);
    return recorder != NULL && recorder->file.is_inherited;
}

uint32_t xt_recorder_process(const xt_tracker *tracker) {
    const xt_recorder *recorder = recorder_of(tracker);
    return recorder != NULL ? recorder->file.pid : 0;
}
