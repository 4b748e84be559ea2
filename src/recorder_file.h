/*
 * The files of recorders: what differs between systems. There is one source for each kind
 * of system, in posix/ and windows/, where there are no recorders.
 *
 * Knows nothing of runs but the sections of their writers. A function that returns
 * XT_ERROR_FILE has set `errno`; of any error it may store in `*problem` a message that
 * says more.
 */
#ifndef XT_RECORDER_FILE_H
#define XT_RECORDER_FILE_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* The longest name of a file in a directory, with the zero at its end. */
enum { XT_RECORDER_NAME_ROOM = 256 };

/* How the temporary names of new files begin and end. */
#define XT_RECORDER_NEW ".exectrack-new-"
#define XT_RECORDER_NEW_END ".tmp"

/* Where a path leads: a name in an open directory. The name isn't that of a symbolic
 * link. */
typedef struct xt_recorder_place {
    int directory; /* a descriptor */
    char name[XT_RECORDER_NAME_ROOM];
} xt_recorder_place;

/*
 * Finds out where `path` leads; the caller closes `*place`. A symbolic link is followed,
 * but not in a directory that others can write to: one whose owner isn't this user or
 * root, or whose group or others may write (ELOOP). The last name needn't exist.
 */
xt_error xt_recorder_place_open(xt_recorder_place *place, const char *path,
                                const char **problem);
void xt_recorder_place_close(xt_recorder_place *place);

/*
 * An open file, with a lock on it that ends with the process, or when the file is closed.
 * It must not be moved: in a child of `fork` its mapping becomes private, its descriptor
 * is closed, so that the child doesn't hold the lock, and `is_inherited` is set.
 */
typedef struct xt_recorder_file {
    int descriptor;      /* with the lock; -1 if it isn't open */
    int second;          /* without; a mapping of the other one would keep the lock */
    char *block;         /* its mapping; null if it isn't mapped */
    size_t bytes;        /* its size */
    uint64_t changed_us; /* Unix time of its last change, when it was opened */
    uint32_t pid;        /* of the process that opened it */
    bool is_inherited;
    char temporary[64];            /* its name until it is published; else empty */
    struct xt_recorder_file *next; /* of all that are open in this process */
    struct xt_recorder_file **link;
} xt_recorder_file;

/*
 * Opens and locks the file at `place`; if there is none, `descriptor` is -1.
 * XT_ERROR_BUSY; XT_ERROR_FILE_SYSTEM, unless `any_file_system`; XT_ERROR_KIND if it isn't
 * a regular file; XT_ERROR_FILE, with EPERM if it is another user's.
 */
xt_error xt_recorder_file_open(xt_recorder_file *file, const xt_recorder_place *place,
                               bool any_file_system, const char **problem);

/*
 * Whether the file has a lock of a recorder, in this process or another. Takes none, and
 * `descriptor` may be open for reading alone. (Asking with `flock` would take a lock.)
 */
bool xt_recorder_file_is_locked(int descriptor);

/* Reads `count` bytes from the beginning of an open file that has as many. */
xt_error xt_recorder_file_read(const xt_recorder_file *file, void *bytes, size_t count);

/* Maps the file, which isn't empty. */
xt_error xt_recorder_file_map(xt_recorder_file *file);

/* Whether there is anything at `place`. */
bool xt_recorder_file_exists(const xt_recorder_place *place);

/*
 * Makes a new file of `bytes` zeros in the directory of `place`, with a temporary name,
 * for its owner alone (mode 0600), and locks and maps it. Its room on the disk is
 * reserved. It is empty until it is locked: one that isn't empty and can be locked was left
 * by a process that died.
 */
xt_error xt_recorder_file_create(xt_recorder_file *file, const xt_recorder_place *place,
                                 size_t bytes, bool any_file_system);

/* Removes and closes a file that was created and not published. Keeps `errno`. */
void xt_recorder_file_discard(xt_recorder_file *file, const xt_recorder_place *place);

/* Gives a new file the name of `place`. If there is a file of this name now, sets `*exists`
 * instead. */
xt_error xt_recorder_file_publish(xt_recorder_file *file, const xt_recorder_place *place,
                                  bool *exists);

/* Gives the file at `place` the name `aside`, too, unless it has it already. False if there is
 * another one of that name (EEXIST), or after another error. */
bool xt_recorder_file_set_aside(const xt_recorder_place *place, const char *aside);

/* Gives a new file the name of the one at `place`, which loses it. */
xt_error xt_recorder_file_replace(xt_recorder_file *file, const xt_recorder_place *place);

/* Waits until all that was written is on the disk. */
xt_error xt_recorder_file_sync(const xt_recorder_file *file);

/* Closes a file, if it is open, which ends its lock. Keeps `errno`. */
void xt_recorder_file_close(xt_recorder_file *file);

/* This process, as the writer of a file; its times are 0. */
xt_writer xt_recorder_this_process(void);

#pragma GCC visibility pop

#endif
