#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* on 32 bits too, whoever compiles this */

#include "new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/xattr.h>
#endif

/* Some systems refuse to write more than 2 GiB at once. */
static const size_t most_at_once = (size_t)1 << 30;

static const mode_t permissions = S_IRWXU | S_IRWXG | S_IRWXO;

static int open_descriptor(const char *path, int flags, mode_t mode) {
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static bool flush(int descriptor) {
    int result;
    do {
        result = fsync(descriptor);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

/* How many bytes of `path` name its directory, the last slash included. */
static size_t directory_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/* Stores the status of what is at `path`, with the mode 0 for nothing. */
static bool look_at(const char *path, struct stat *status) {
    if (lstat(path, status) != 0) {
        status->st_mode = 0;
        return true;
    }
    if (S_ISREG(status->st_mode) || S_ISLNK(status->st_mode)) {
        return true;
    }
    errno = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
    return false;
}

/*
 * Makes the file, in the directory of its path. Its name doesn't grow with that of the
 * path, which may be as long as names can be.
 */
static bool create(xt_new_file *file, mode_t mode) {
    unsigned attempt = 0;
    do {
        int length = snprintf(
            file->temporary, sizeof file->temporary, "%.*s.exectrack-%ld-%u.tmp",
            (int)directory_length(file->path), file->path, (long)getpid(), attempt++);
        if (length < 0 || (size_t)length >= sizeof file->temporary) {
            errno = ENAMETOOLONG;
            return false;
        }
        file->descriptor =
            open_descriptor(file->temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
    } while (file->descriptor < 0 && errno == EEXIST);
    return file->descriptor >= 0;
}

/* What the new file's group and others may do if it couldn't get the group of `old`. */
static mode_t common_permissions(mode_t old) {
    mode_t common = (old >> 3) & old & S_IRWXO;
    return (old & S_IRWXU) | common << 3 | common;
}

#ifdef __linux__

/* Whether there is no access control list, by the result of reading or removing it. */
static bool is_none(ssize_t result) {
    return result == 0 || errno == ENODATA || errno == ENOTSUP;
}

/*
 * Gives the file the access control list of the old one, if it has the same group; or
 * none if the old one has none, as its directory may have given it one. False if it
 * can't.
 */
static bool take_access_list(const xt_new_file *file, bool has_group) {
    static const char name[] = "system.posix_acl_access";
    char list[4096]; /* some 500 entries, as many as ext4 takes */
    int descriptor = file->descriptor;
    ssize_t size = lgetxattr(file->path, name, list, sizeof list);
    if (size > 0) {
        return has_group && fsetxattr(descriptor, name, list, (size_t)size, 0) == 0;
    }
    return is_none(size) && is_none(fremovexattr(descriptor, name));
}

#else

static bool take_access_list(const xt_new_file *file, bool has_group) {
    (void)file;
    (void)has_group;
    return true;
}

#endif

/*
 * Gives the file owner, group, access control list and permissions of `old`. In this
 * order, as changing the owner may clear permissions, and as those of its group aren't
 * for another one. Without a list that it had, only the owner keeps permissions: the mode
 * has the list's mask in place of the group's permissions, and the list may allow a user
 * less than others.
 */
static bool take_after(const xt_new_file *file, const struct stat *old) {
    bool has_group = fchown(file->descriptor, (uid_t)-1, old->st_gid) == 0;
    (void)!fchown(file->descriptor, old->st_uid, (gid_t)-1); /* only root may */
    mode_t mode =
        has_group ? old->st_mode & permissions : common_permissions(old->st_mode);
    if (!take_access_list(file, has_group)) {
        mode &= S_IRWXU;
    }
    return fchmod(file->descriptor, mode) == 0;
}

bool xt_new_file_open(xt_new_file *file, const char *path) {
    struct stat old;
    *file = XT_NEW_FILE_NONE;
    file->path = path;
    if (!look_at(path, &old)) {
        return false;
    }
    if (!S_ISREG(old.st_mode)) {
        return create(file, 0666);
    }
    if (create(file, old.st_mode & S_IRWXU) && take_after(file, &old)) {
        return true;
    }
    xt_new_file_discard(file);
    return false;
}

static bool is_within_limit(uint64_t bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        bytes <= limit.rlim_cur) {
        return true;
    }
    errno = EFBIG;
    return false;
}

static bool write_all(int descriptor, const void *bytes, size_t count) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t done =
            write(descriptor, next, count < most_at_once ? count : most_at_once);
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
    if (is_within_limit(file->bytes) && write_all(file->descriptor, bytes, count)) {
        return true;
    }
    xt_new_file_discard(file);
    return false;
}

/*
 * Makes the renaming last. Some systems can't, and the file is whole without it, be it the
 * old one or the new one: so it isn't an error.
 */
static void flush_directory(char path[]) {
    size_t length = directory_length(path);
    path[length] = 0;
    int directory = open_descriptor(length > 0 ? path : ".", O_RDONLY, 0);
    if (directory >= 0) {
        flush(directory);
        close(directory);
    }
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
    if (!flush(file->descriptor)) {
        xt_new_file_discard(file);
        return false;
    }
    if (!close_file(file) || rename(file->temporary, file->path) != 0) {
        remove_keeping_errno(file->temporary);
        return false;
    }
    flush_directory(file->temporary);
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
