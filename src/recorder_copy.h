/*
 * Copying the image of a recorder's file, which its writer, another process, may change
 * meanwhile. Makes no system calls: where the bytes come from is up to the caller.
 */
#ifndef XT_RECORDER_COPY_H
#define XT_RECORDER_COPY_H

#include "image.h"

#pragma GCC visibility push(hidden)

/*
 * The bytes of a recorder. `read` is given `context`, stores `count` bytes from `offset`
 * on, and returns XT_OK; XT_ERROR_SIZE if there are fewer; or XT_ERROR_FILE with the
 * reason in `errno`. An aligned number of 4 or 8 bytes must be read as a whole.
 */
typedef struct xt_recorder_source {
    xt_error (*read)(void *context, uint64_t offset, void *bytes, size_t count);
    void *context;
} xt_recorder_source;

/* The parts of an image that are copied: the tables, and for each kind of texts one part
 * for the entries. */
enum { XT_COPIED_TABLES = 12, XT_COPIED_PARTS = XT_COPIED_TABLES + XT_TEXTS_KINDS };

/* The bytes of so many slots for texts are copied at once, or not at all. */
enum { XT_TEXTS_AT_ONCE = 32, XT_MOST_TEXTS_PARTS = XT_MAX_TEXTS / XT_TEXTS_AT_ONCE };

typedef struct xt_recorder_copy {
    xt_recorder_source source;
    xt_header first;  /* the header as it was found at first */
    xt_image image;   /* the copy; its block has the size of the recorder */
    xt_writer writer; /* as it was copied, with an unfinished change of it */
    size_t reached[XT_COPIED_PARTS]; /* bytes of each part that any try has copied */
    bool has_pages;                  /* whether there was any try */
    uint8_t texts_reached[XT_TEXTS_KINDS][XT_MOST_TEXTS_PARTS]; /* 1 for those copied */
    xt_undo_log later_log;
} xt_recorder_copy;

/*
 * Prepares to copy the recorder that begins with `header`, which was checked, into
 * `block`, which is zeroed and has the size that `header` says.
 */
void xt_recorder_copy_begin(xt_recorder_copy *copy, const xt_recorder_source *source,
                            const xt_header *header, void *block);

/*
 * Copies the recorder once, recovers the copy from an unfinished operation, and leaves out
 * the oldest records if they were overwritten meanwhile. What is never used isn't read,
 * and stays 0.
 *
 * XT_OK: then `copy->image` is what the recorder was at one moment, between two operations,
 * without these records. Its bytes may still be anything, as the file may be damaged: only
 * the header was checked, and the image must be. It has a slot for each record, unlike its
 * block, if records were left out. Else XT_ERROR_CHANGING: the writer changed too much, try
 * again; or an error of the source, of xt_image_check_header, or XT_ERROR_INVALID, with a
 * message in `*wrong`.
 */
xt_error xt_recorder_copy_try(xt_recorder_copy *copy, const char **wrong);

#pragma GCC visibility pop

#endif
