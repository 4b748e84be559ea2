#define _GNU_SOURCE          /* F_OFD_SETLK */
#define _FILE_OFFSET_BITS 64 /* on 32 bits too, whoever compiles this */

#include "recorder_file.h"

#include "file_system.h"
#include "recorder_fork.h"
#include "recorder_network.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_at(int directory, const char *name, int flags) {
    int descriptor;
    flags |= O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    do {
        descriptor = openat(directory, name, flags, S_IRUSR | S_IWUSR);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static bool is_same_file(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Opens the file that `name` is now a second time. False if it can't be, or if it isn't the
 * first one any more (ESTALE). */
static bool open_second(xt_recorder_file *file, int directory, const char *name) {
    struct stat first;
    struct stat second;
    file->second = open_at(directory, name, O_RDONLY);
    if (file->second < 0 || fstat(file->descriptor, &first) != 0 ||
        fstat(file->second, &second) != 0) {
        return false;
    }
    errno = ESTALE;
    return is_same_file(&first, &second);
}

static void close_both(xt_recorder_file *file) {
    int reason = errno;
    if (file->descriptor >= 0) {
        close(file->descriptor);
    }
    if (file->second >= 0) {
        close(file->second);
    }
    file->descriptor = file->second = -1;
    errno = reason;
}

/* Opens a file relative to `directory` twice, for writing and for reading. */
static xt_error open_twice(xt_recorder_file *file, int directory, const char *name,
                           int flags) {
    bool is_open;
    do {
        file->descriptor = open_at(directory, name, flags | O_RDWR);
        is_open = file->descriptor >= 0 && open_second(file, directory, name);
        if (!is_open) {
            close_both(file);
        }
    } while (!is_open && errno == ESTALE);
    return is_open ? XT_OK : XT_ERROR_FILE;
}

/* Opens a file, and adds it to the list of open files. Then the child of any `fork` closes
 * it. */
static xt_error open_listed(xt_recorder_file *file, int directory, const char *name,
                            int flags) {
    *file = (xt_recorder_file){.descriptor = -1, .second = -1, .pid = (uint32_t)getpid()};
    if (!xt_recorder_fork_stop()) {
        return XT_ERROR_FILE;
    }
    xt_error error = open_twice(file, directory, name, flags);
    if (error == XT_OK) {
        xt_recorder_fork_add(file);
    }
    xt_recorder_fork_resume();
    return error;
}

void xt_recorder_file_close(xt_recorder_file *file) {
    int reason = errno;
    if (file->link == NULL) {
        return; /* it isn't open */
    }
    xt_recorder_fork_stop(); /* succeeds, as it has when the file was opened */
    xt_recorder_fork_remove(file);
    if (file->block != NULL) {
        munmap(file->block, file->bytes);
        file->block = NULL;
    }
    close_both(file);
    xt_recorder_fork_resume();
    errno = reason;
}

/*
 * A lock of the open file, not of the process: so it is released when the last descriptor
 * is closed, two recorders of one process exclude each other, and closing another
 * descriptor of the same file doesn't release it.
 */
static bool lock(int descriptor) {
    int result;
    do {
#ifdef F_OFD_SETLK
        struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        result = fcntl(descriptor, F_OFD_SETLK, &whole);
#else
        result = flock(descriptor, LOCK_EX | LOCK_NB);
#endif
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Elsewhere F_GETLK finds locks of `flock`, too: the BSDs keep both in one list. */
bool xt_recorder_file_is_locked(int descriptor) {
#ifdef F_OFD_GETLK
    const int command = F_OFD_GETLK;
#else
    const int command = F_GETLK;
#endif
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, command, &whole) == 0 && whole.l_type != F_UNLCK;
}

static xt_error lock_file(const xt_recorder_file *file) {
    if (lock(file->descriptor)) {
        return XT_OK;
    }
    bool is_busy = errno == EAGAIN || errno == EWOULDBLOCK || errno == EACCES;
    return is_busy ? XT_ERROR_BUSY : XT_ERROR_FILE;
}

static xt_error refuse(int reason, const char *text, const char **problem) {
    *problem = text;
    errno = reason;
    return XT_ERROR_FILE;
}

/* Whether an open file can be a recorder's: whose it is, and of which kind. */
static xt_error check_status(const struct stat *status, const char **problem) {
    if (S_ISDIR(status->st_mode)) {
        return refuse(EISDIR, NULL, problem);
    }
    if (!S_ISREG(status->st_mode)) {
        *problem = "it isn't a regular file";
        return XT_ERROR_KIND;
    }
    return status->st_uid == geteuid()
               ? XT_OK
               : refuse(EPERM, "it belongs to another user", problem);
}

/* Whether `place` is the name of the file with this status. Another process may have replaced
 * or removed it meanwhile. */
static bool is_at(const xt_recorder_place *place, const struct stat *status) {
    struct stat now;
    return fstatat(place->directory, place->name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
           is_same_file(&now, status);
}

/* Locks the file that was just opened at `place`. `*is_there` is false if it isn't there
 * any more. */
static xt_error lock_at(xt_recorder_file *file, const xt_recorder_place *place,
                        bool any_file_system, bool *is_there, const char **problem) {
    struct stat status;
    if (fstat(file->descriptor, &status) != 0) {
        return XT_ERROR_FILE;
    }
    xt_error error = check_status(&status, problem);
    if (error == XT_OK && !any_file_system) {
        error = xt_recorder_check_file_system(file->descriptor);
    }
    if (error == XT_OK) {
        error = lock_file(file);
    }
    if (error == XT_OK && fstat(file->descriptor, &status) != 0) {
        error = XT_ERROR_FILE; /* again, as only now nobody else changes its size */
    }
    *is_there = is_at(place, &status);
    file->changed_us = (uint64_t)status.st_mtime * 1000000;
    file->bytes = (uint64_t)status.st_size < SIZE_MAX ? (size_t)status.st_size : SIZE_MAX;
    return error;
}

xt_error xt_recorder_file_open(xt_recorder_file *file, const xt_recorder_place *place,
                               bool any_file_system, const char **problem) {
    bool is_there = false;
    xt_error error;
    do {
        error = open_listed(file, place->directory, place->name, 0);
        if (error != XT_OK) {
            return errno == ENOENT ? XT_OK : error;
        }
        error = lock_at(file, place, any_file_system, &is_there, problem);
        if (error != XT_OK || !is_there) {
            xt_recorder_file_close(file);
        }
    } while (error == XT_OK && !is_there);
    return error;
}

xt_error xt_recorder_file_read(const xt_recorder_file *file, void *bytes, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t got =
            pread(file->descriptor, (char *)bytes + done, count - done, (off_t)done);
        if (got == 0) {
            errno = EIO; /* it was truncated */
        }
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return XT_ERROR_FILE;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return XT_OK;
}

xt_error xt_recorder_file_map(xt_recorder_file *file) {
    char *block =
        mmap(NULL, file->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file->descriptor, 0);
    if (block == MAP_FAILED) {
        return XT_ERROR_FILE;
    }
    if (!xt_recorder_fork_hide(block, file->bytes)) {
        int reason = errno;
        munmap(block, file->bytes);
        errno = reason;
        return XT_ERROR_FILE;
    }
    if (!xt_recorder_fork_stop()) {
        munmap(block, file->bytes);
        return XT_ERROR_FILE;
    }
    file->block = block;
    xt_recorder_fork_resume();
    return XT_OK;
}

bool xt_recorder_file_exists(const xt_recorder_place *place) {
    struct stat status;
    return fstatat(place->directory, place->name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Makes a file with a name of its own in the directory of `place`. */
static xt_error open_temporary(xt_recorder_file *file, const xt_recorder_place *place) {
    char name[sizeof file->temporary];
    unsigned attempt = 0;
    xt_error error;
    do {
        snprintf(name, sizeof name, XT_RECORDER_NEW "%ld-%u" XT_RECORDER_NEW_END,
                 (long)getpid(), attempt++);
        error = open_listed(file, place->directory, name, O_CREAT | O_EXCL);
    } while (error != XT_OK && errno == EEXIST);
    if (error == XT_OK) {
        memcpy(file->temporary, name, sizeof name);
    }
    return error;
}

/* Writes zeros, where the system can't reserve room. */
static int write_zeros(int descriptor, size_t bytes) {
    static const char zeros[64 * 1024];
    for (size_t done = 0; done < bytes;) {
        size_t count = bytes - done < sizeof zeros ? bytes - done : sizeof zeros;
        ssize_t written = pwrite(descriptor, zeros, count, (off_t)done);
        if (written < 0 && errno != EINTR) {
            return errno;
        }
        done += written > 0 ? (size_t)written : 0;
    }
    return 0;
}

/* Reserves room for `bytes` zeros, so that no later write can find the disk full. */
static bool reserve(int descriptor, size_t bytes) {
    int reason = EOPNOTSUPP;
    if (!xt_file_may_have(bytes)) {
        return false; /* the system would send SIGXFSZ */
    }
#ifdef __linux__
    do {
        reason = posix_fallocate(descriptor, 0, (off_t)bytes);
    } while (reason == EINTR);
#endif
    if (reason == EOPNOTSUPP) {
        reason = write_zeros(descriptor, bytes);
    }
    errno = reason;
    return reason == 0;
}

static xt_error fill(xt_recorder_file *file, size_t bytes) {
    xt_error error = lock_file(file);
    file->bytes = bytes;
    if (error == XT_OK && (fchmod(file->descriptor, S_IRUSR | S_IWUSR) != 0 ||
                           !reserve(file->descriptor, bytes))) {
        error = XT_ERROR_FILE;
    }
    return error == XT_OK ? xt_recorder_file_map(file) : error;
}

xt_error xt_recorder_file_create(xt_recorder_file *file, const xt_recorder_place *place,
                                 size_t bytes, bool any_file_system) {
    xt_error error =
        any_file_system ? XT_OK : xt_recorder_check_file_system(place->directory);
    if (error == XT_OK) {
        error = open_temporary(file, place);
    }
    if (error == XT_OK) {
        error = fill(file, bytes);
        if (error != XT_OK) {
            xt_recorder_file_discard(file, place);
        }
    }
    return error;
}

static void remove_temporary(xt_recorder_file *file, const xt_recorder_place *place) {
    int reason = errno;
    unlinkat(place->directory, file->temporary, 0);
    file->temporary[0] = '\0';
    errno = reason;
}

void xt_recorder_file_discard(xt_recorder_file *file, const xt_recorder_place *place) {
    if (file->temporary[0] != '\0') {
        remove_temporary(file, place);
    }
    xt_recorder_file_close(file);
}

xt_error xt_recorder_file_publish(xt_recorder_file *file, const xt_recorder_place *place,
                                  bool *exists) {
    *exists = false;
    if (linkat(place->directory, file->temporary, place->directory, place->name, 0) !=
        0) {
        *exists = errno == EEXIST;
        return *exists ? XT_OK : XT_ERROR_FILE;
    }
    remove_temporary(file, place);
    return XT_OK;
}

/* Whether `aside` is another name of the file at `place`: of a process that died before it
 * replaced that. */
static bool is_aside(const xt_recorder_place *place, const char *aside) {
    struct stat status;
    return fstatat(place->directory, aside, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           is_at(place, &status);
}

bool xt_recorder_file_set_aside(const xt_recorder_place *place, const char *aside) {
    if (linkat(place->directory, place->name, place->directory, aside, 0) == 0) {
        return true;
    }
    int reason = errno;
    bool has_name = reason == EEXIST && is_aside(place, aside);
    errno = reason;
    return has_name;
}

xt_error xt_recorder_file_replace(xt_recorder_file *file,
                                  const xt_recorder_place *place) {
    if (renameat(place->directory, file->temporary, place->directory, place->name) != 0) {
        return XT_ERROR_FILE;
    }
    file->temporary[0] = '\0';
    return XT_OK;
}

xt_error xt_recorder_file_sync(const xt_recorder_file *file) {
    int result;
    do {
        result = msync(file->block, file->bytes, MS_SYNC);
    } while (result != 0 && errno == EINTR);
    return result == 0 ? XT_OK : XT_ERROR_FILE;
}
