#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* on 32 bits too, whoever compiles this */

#include "recorder_keep.h"

#include "growing.h"
#include "recorder_directory.h"
#include "recorder_name.h"
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct found {
    uint64_t created_us;
    char name[XT_RECORDER_NAME_BYTES];
} found;

typedef struct search {
    int directory;
    xt_text label;
    xt_allocator allocator;
    xt_growing found;
} search;

_Static_assert((int)XT_RECORDER_NAME_BYTES <= (int)XT_RECORDER_NAME_ROOM,
               "a name of ours is a name in a directory");

/* The place of `name`, which isn't too long for one. */
static xt_recorder_place place_of(int directory, const char *name) {
    xt_recorder_place place = {.directory = directory};
    memcpy(place.name, name, strlen(name) + 1);
    return place;
}

/* Whether a file of `bytes` begins with `header`, of a recorder with this label. */
static bool is_recorder(const xt_header *header, uint64_t bytes, xt_text label) {
    return bytes <= SIZE_MAX && xt_image_check_header(header, (size_t)bytes) == XT_OK &&
           header->writer_slots == 1 && header->label_length == label.length &&
           (label.length == 0 || memcmp(header->label, label.bytes, label.length) == 0);
}

/* Reads the header of the file `name`. False if it isn't a recorder with the label. */
static bool read_header(const search *in, const char *name, xt_header *header) {
    const xt_recorder_place place = place_of(in->directory, name);
    uint64_t bytes;
    int file = xt_directory_open_file(&place, &bytes);
    if (file < 0) {
        return false;
    }
    ssize_t got = read(file, header, sizeof *header);
    close(file);
    return got == (ssize_t)sizeof *header && is_recorder(header, bytes, in->label);
}

/* Adds the file `name` to what was found, if it is a recorder with the label. */
static void look_at(void *context, const char *name) {
    search *in = context;
    xt_header header;
    if (!xt_recorder_name_matches(name, in->label) || !read_header(in, name, &header) ||
        !xt_growing_reserve(&in->found, sizeof(found), &in->allocator)) {
        return;
    }
    found *next = (found *)in->found.items + in->found.count++;
    next->created_us = header.created_us;
    memcpy(next->name, name, strlen(name) + 1);
}

static int compare(const void *left, const void *right) {
    const found *a = left;
    const found *b = right;
    if (a->created_us != b->created_us) {
        return a->created_us < b->created_us ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

/* Removes the file at `place` while it has its lock. False if a process has it open. */
static bool remove_recorder(const xt_recorder_place *place) {
    xt_recorder_file file;
    const char *problem;
    if (xt_recorder_file_open(&file, place, true, &problem) != XT_OK) {
        return false;
    }
    bool is_gone = file.descriptor < 0 || xt_directory_remove(place);
    xt_recorder_file_close(&file);
    return is_gone;
}

static void remove_oldest(const search *in, size_t keep) {
    const found *all = in->found.items;
    size_t left = in->found.count;
    for (size_t i = 0; i < in->found.count && left > keep; i++) {
        const xt_recorder_place place = place_of(in->directory, all[i].name);
        if (remove_recorder(&place)) {
            left--;
        }
    }
}

void xt_recorder_keep(const xt_recorder_place *place, xt_text label, size_t keep,
                      const xt_allocator *allocator) {
    search in = {.directory = place->directory,
                 .label = label,
                 .allocator = xt_allocator_or_system(allocator)};
    if (xt_directory_list(in.directory, look_at, &in) && in.found.count > keep) {
        qsort(in.found.items, in.found.count, sizeof(found), compare);
        remove_oldest(&in, keep);
    }
    xt_growing_close(&in.found, &in.allocator);
}

/* Whether `name` is that of a new file until it has its own. */
static bool is_temporary(const char *name) {
    const size_t start = sizeof XT_RECORDER_NEW - 1;
    const size_t end = sizeof XT_RECORDER_NEW_END - 1;
    size_t length = strlen(name);
    return length >= start + end && length < XT_RECORDER_NAME_ROOM &&
           memcmp(name, XT_RECORDER_NEW, start) == 0 &&
           memcmp(name + length - end, XT_RECORDER_NEW_END, end) == 0;
}

/* Whether there is a file at `place` that isn't empty. */
static bool has_bytes(const xt_recorder_place *place) {
    uint64_t bytes;
    int file = xt_directory_open_file(place, &bytes);
    if (file >= 0) {
        close(file);
    }
    return file >= 0 && bytes > 0;
}

static void remove_if_unfinished(void *context, const char *name) {
    if (is_temporary(name)) {
        const int *directory = context;
        const xt_recorder_place place = place_of(*directory, name);
        if (has_bytes(&place)) {
            remove_recorder(&place);
        }
    }
}

void xt_recorder_remove_unfinished(const xt_recorder_place *place) {
    int directory = place->directory;
    xt_directory_list(directory, remove_if_unfinished, &directory);
}
