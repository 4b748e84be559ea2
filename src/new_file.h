/*
 * Replacing a file atomically: a new file is written in the same directory under another
 * name, flushed to the disk, and renamed.
 *
 * Knows nothing of runs, and needs only file_system.h; the command writes its reports
 * with it, too. The file at the path is unchanged until `xt_new_file_commit` returns
 * true. The new file is removed if it isn't committed; but if the process is killed, a
 * file `.exectrack-PID-N.tmp` may be left. A function that returns false has discarded
 * the new file and set `errno`.
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
    char temporary[XT_NEW_FILE_PATH_BYTES]; /* its path until it is renamed */
} xt_new_file;

/* A file that isn't open. It may be discarded. */
#define XT_NEW_FILE_NONE ((xt_new_file){.descriptor = -1})

/*
 * Opens a new file for `path`, which must stay valid while the file is open.
 *
 * If a regular file is there, the new one gets its owner and group, where that is
 * permitted, and its permissions, without set-user-ID, set-group-ID and the sticky bit.
 * If the group can't be set, group and others get only the permissions that both had. On
 * Linux the new file also gets the POSIX access control list; if the list or the group
 * can't be set, a file that had a list gets permissions for its owner alone. So nobody
 * can open the new file who couldn't open the old one. Access control lists of other
 * kinds, and of other systems, aren't kept. A symbolic link is replaced, not followed. A
 * directory (EISDIR), a device, a FIFO or a socket (EINVAL) isn't replaced: the user
 * wants to write into it.
 *
 * On Windows the new file gets the access control list of the old one. A file that is
 * read-only or open in another process can't be replaced; that shows only when the new
 * file is committed (EACCES).
 */
bool xt_new_file_open(xt_new_file *file, const char *path);

/*
 * Appends `count` bytes. EFBIG if the file would become larger than RLIMIT_FSIZE allows:
 * the system would kill the process for writing that.
 */
bool xt_new_file_write(xt_new_file *file, const void *bytes, size_t count);

/* Flushes the file to the disk, renames it to its path, and flushes the directory. */
bool xt_new_file_commit(xt_new_file *file);

/* Removes the file, if it is open. Keeps `errno`. */
void xt_new_file_discard(xt_new_file *file);

#pragma GCC visibility pop

#endif
