#include "recorder_read.h"

#include "clock.h"
#include "file_system.h"
#include "pages.h"
#include "recorder_copy.h"
#include "recorder_file.h"

#include <string.h>

/*
 * A copy is tried for so long, but at least so many times: on a busy machine this process
 * may be stopped for longer. Tries are further and further apart, as each makes the writer
 * fetch the image into its caches again.
 */
enum { MOST_US = 100000, FEWEST_TRIES = 8, FIRST_PAUSE_US = 20, LONGEST_PAUSE_US = 2000 };

static xt_error read_memory(void *context, uint64_t offset, void *bytes, size_t count) {
    memcpy(bytes, (const char *)context + offset, count);
    return XT_OK;
}

/* `context` is a descriptor. */
static xt_error read_file(void *context, uint64_t offset, void *bytes, size_t count) {
    const int *file = context;
    char *next = bytes;
    while (count > 0) {
        ptrdiff_t got = xt_file_read_at(*file, offset, next, count);
        if (got <= 0) {
            return got < 0 ? XT_ERROR_FILE : XT_ERROR_SIZE;
        }
        next += got;
        offset += (uint64_t)got;
        count -= (size_t)got;
    }
    return XT_OK;
}

static xt_writer_state state_of(const xt_writer *writer, bool is_locked) {
    if (writer->closed_us != 0) {
        return XT_WRITER_CLOSED;
    }
    return is_locked ? XT_WRITER_LIVE : XT_WRITER_DIED;
}

/*
 * Copies the recorder once, with its writer and whether it lives. The writer is looked at
 * first, and then the lock: if the copy has the same writer, it hadn't ended before, and
 * no other had begun.
 */
static xt_error try(xt_recorder_copy *copy, int file, xt_writer_state *state,
                    const char **wrong) {
    xt_writer writer;
    bool is_locked = false;
    const xt_image *image = &copy->image;
    uint64_t offset = (uint64_t)((char *)image->writer - (char *)image->header);
    xt_error error =
        copy->source.read(copy->source.context, offset, &writer, sizeof writer);
    if (error == XT_OK && file >= 0) {
        is_locked = xt_recorder_file_is_locked(file);
    }
    if (error == XT_OK) {
        error = xt_recorder_copy_try(copy, wrong);
    }
    if (error == XT_OK && memcmp(&writer, &copy->writer, sizeof writer) != 0) {
        error = XT_ERROR_CHANGING;
    }
    *state = state_of(image->writer, is_locked);
    return error;
}

static xt_error try_in_time(xt_recorder_copy *copy, int file, xt_writer_state *state,
                            const char **wrong) {
    const xt_system_clock clock = xt_system_clock_start();
    const uint64_t end_us = xt_system_clock_now_us(&clock) + MOST_US;
    unsigned pause_us = FIRST_PAUSE_US;
    xt_error error = try(copy, file, state, wrong);
    for (int tries = 1; error == XT_ERROR_CHANGING; tries++) {
        if (tries >= FEWEST_TRIES && xt_system_clock_now_us(&clock) >= end_us) {
            break;
        }
        xt_pause(pause_us);
        pause_us = pause_us < LONGEST_PAUSE_US ? 2 * pause_us : pause_us;
        error = try(copy, file, state, wrong);
    }
    return error;
}

/* Makes the time of a checked copy that of the reading: its writer may not have read the
 * clock for long, and what is in flight has gone on since. */
static void take_time(xt_image *image) {
    const xt_system_clock clock = xt_system_clock_start();
    const uint64_t now_us = xt_system_clock_now_us(&clock);
    if (image->header->now_us < now_us) {
        image->header->now_us = now_us;
    }
}

/* Copies the recorder into `block`, checks the copy, and takes its snapshot. */
static xt_error take(const xt_recorder_source *source, int file, const xt_header *header,
                     void *block, const xt_allocator *allocator, xt_snapshot **snapshot,
                     const char **wrong) {
    const xt_allocator from = xt_allocator_or_system(allocator);
    xt_recorder_copy copy;
    xt_writer_state state;
    xt_recorder_copy_begin(&copy, source, header, block);
    xt_error error = try_in_time(&copy, file, &state, wrong);
    if (error == XT_OK) {
        error = xt_image_verify(&copy.image, &from, wrong);
    }
    if (error == XT_OK && state == XT_WRITER_LIVE) {
        take_time(&copy.image);
    }
    if (error == XT_OK) {
        error = xt_snapshot_take(&copy.image, allocator, snapshot);
    }
    if (error == XT_OK) {
        (*snapshot)->writer = *copy.image.writer;
        (*snapshot)->writer_state = state;
    }
    return error;
}

xt_error xt_recorder_read(const xt_recorder_source *source, int file,
                          const xt_header *header, const xt_allocator *allocator,
                          xt_snapshot **snapshot, const char **wrong) {
    const size_t bytes = (size_t)header->size_bytes;
    void *block = xt_pages_map(bytes);
    if (block == NULL) {
        return XT_ERROR_MEMORY;
    }
    xt_error error = take(source, file, header, block, allocator, snapshot, wrong);
    xt_pages_unmap(block, bytes);
    return error;
}

xt_error xt_recorder_load(int file, const xt_header *header,
                          const xt_allocator *allocator, xt_snapshot **snapshot,
                          const char **wrong) {
    return xt_recorder_read(&(xt_recorder_source){read_file, &file}, file, header,
                            allocator, snapshot, wrong);
}

xt_error xt_recorder_decode(const void *bytes, const xt_header *header,
                            const xt_allocator *allocator, xt_snapshot **snapshot,
                            const char **wrong) {
    void *context = (void *)(uintptr_t)bytes; /* which is only read */
    return xt_recorder_read(&(xt_recorder_source){read_memory, context}, -1, header,
                            allocator, snapshot, wrong);
}
