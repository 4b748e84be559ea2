#define _POSIX_C_SOURCE 200809L

#include "new_file.h"

#include "file_system.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* The name of the new file doesn't contain that of the old one, as a name that is already
 * as long as possible can't be extended. */
bool xt_new_file_open(xt_new_file *file, const char *path) {
    unsigned attempt = 0;
    *file = XT_NEW_FILE_NONE;
    file->path = path;
    do {
        int length =
            snprintf(file->temporary, sizeof file->temporary, "%.*s.exectrack-%ld-%u.tmp",
                     (int)xt_directory_length(path), path, (long)getpid(), attempt++);
        if (length < 0 || (size_t)length >= sizeof file->temporary) {
            errno = ENAMETOOLONG;
            return false;
        }
        file->descriptor = xt_file_create(file->temporary, path);
    } while (file->descriptor < 0 && errno == EEXIST);
    return file->descriptor >= 0;
}

static bool write_all(int descriptor, const void *bytes, size_t count) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t done = write(descriptor, next, xt_file_part(count));
        if (done < 0 && errno != EINTR) {
            return false;
        }
        next += done > 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

bool xt_new_file_write(xt_new_file *file, const void *bytes, size_t count) {
    file->bytes += count;
    if (xt_file_may_have(file->bytes) && write_all(file->descriptor, bytes, count)) {
        return true;
    }
    xt_new_file_discard(file);
    return false;
}

static bool close_file(xt_new_file *file) {
    int descriptor = file->descriptor;
    file->descriptor = -1;
    return close(descriptor) == 0;
}

static void remove_keeping_errno(const char *path) {
    int reason = errno;
    unlink(path);
    errno = reason;
}

bool xt_new_file_commit(xt_new_file *file) {
    if (!xt_file_flush(file->descriptor)) {
        xt_new_file_discard(file);
        return false;
    }
    if (!close_file(file) || !xt_file_replace(file->temporary, file->path)) {
        remove_keeping_errno(file->temporary);
        return false;
    }
    return true;
}

void xt_new_file_discard(xt_new_file *file) {
    if (file->descriptor >= 0) {
        int reason = errno;
        close_file(file);
        errno = reason;
        remove_keeping_errno(file->temporary);
    }
}
