/*
 * A file that appears at a path whole or not at all: it is written beside it under
 * another name, flushed to the disk, and renamed.
 *
 * Knows nothing of runs, and needs file_system.h alone: the command writes its reports by
 * it, too. What is at the path stays as it is, and nothing is left beside it, unless
 * `xt_new_file_commit` returns true or the process is killed; then `.exectrack-PID-N.tmp`
 * may be left. A function that returns false has discarded the file, and the reason is in
 * `errno`.
 */
#ifndef XT_NEW_FILE_H
#define XT_NEW_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

enum { XT_NEW_FILE_PATH_BYTES = 4096 };

typedef struct xt_new_file {
    int descriptor; /* -1 when it has been committed or discarded */
    uint64_t bytes; /* written so far */
    const char *path;
    char temporary[XT_NEW_FILE_PATH_BYTES]; /* where it is until it is renamed */
} xt_new_file;

/* What isn't open: it may be discarded. */
#define XT_NEW_FILE_NONE ((xt_new_file){.descriptor = -1})

/*
 * Opens a new file for `path`, which must stay valid while the file is open.
 *
 * If a regular file is there, the new one gets its owner and group, as far as that is
 * permitted, and its permissions without those of set-user-ID and the like; if not its
 * group, then group and others get only what both had. On Linux it also gets its POSIX
 * access control list; if the group or the list can't be kept, a file that had a list is
 * open to its owner alone. It is never open to anybody to whom the old one isn't; but
 * access control lists of other kinds, and of other systems, aren't kept. A symbolic link
 * is replaced, not followed. A directory (EISDIR), a device, a FIFO or a socket (EINVAL)
 * isn't replaced: who writes there means what is there.
 *
 * On Windows the new file gets the access control list of the old one; and what another
 * process has open, or is read-only, is only found not to be replaceable when the new file
 * is committed (EACCES).
 */
bool xt_new_file_open(xt_new_file *file, const char *path);

/*
 * Adds `count` bytes. EFBIG if the file would become larger than RLIMIT_FSIZE allows, for
 * which the system would kill the process.
 */
bool xt_new_file_write(xt_new_file *file, const void *bytes, size_t count);

/* Flushes the file, puts it in its place, and flushes the directory. */
bool xt_new_file_commit(xt_new_file *file);

/* Removes the file, if it is open. Keeps `errno`. */
void xt_new_file_discard(xt_new_file *file);

#pragma GCC visibility pop

#endif
