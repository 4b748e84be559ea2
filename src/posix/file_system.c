#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* on 32 bits too, whoever compiles this */

#include "file_system.h"

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

static const mode_t permissions = S_IRWXU | S_IRWXG | S_IRWXO;

static int open_descriptor(const char *path, int flags, mode_t mode) {
    int descriptor;
    do {
        descriptor = open(path, flags | O_CLOEXEC, mode);
    } while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

/* The flags: don't wait for a writer of a FIFO, and don't make a terminal the controlling
 * terminal of this process. */
int xt_file_open(const char *path) {
    return open_descriptor(path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
}

ptrdiff_t xt_file_read_at(int descriptor, uint64_t offset, void *bytes, size_t count) {
    ssize_t got;
    do {
        got = pread(descriptor, bytes, xt_file_part(count), (off_t)offset);
    } while (got < 0 && errno == EINTR);
    return got;
}

/* Stores the status of what is at `path`, with mode 0 if there is nothing. False if it
 * can't be replaced. */
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

/* The mode of the new file if it couldn't get the group of the old one, of mode `old`:
 * group and others get the permissions that both had. */
static mode_t common_permissions(mode_t old) {
    mode_t common = (old >> 3) & old & S_IRWXO;
    return (old & S_IRWXU) | common << 3 | common;
}

#ifdef __linux__

/* Whether `result`, of reading or removing an access control list, says there is none. */
static bool is_none(ssize_t result) {
    return result == 0 || errno == ENODATA || errno == ENOTSUP;
}

/*
 * Gives the new file the access control list of the old one, if it has the same group. If
 * the old one has none, removes one that the new file got from its directory. False if
 * that fails.
 */
static bool take_access_list(int descriptor, const char *old, bool has_group) {
    static const char name[] = "system.posix_acl_access";
    char list[4096]; /* about 500 entries, the limit of ext4 */
    ssize_t size = lgetxattr(old, name, list, sizeof list);
    if (size > 0) {
        return has_group && fsetxattr(descriptor, name, list, (size_t)size, 0) == 0;
    }
    return is_none(size) && is_none(fremovexattr(descriptor, name));
}

#else

static bool take_access_list(int descriptor, const char *old, bool has_group) {
    (void)descriptor;
    (void)old;
    (void)has_group;
    return true;
}

#endif

/*
 * Gives the new file the group, owner, access control list and permissions of the one at
 * `path`, whose status is `old`. Permissions are last, as changing the owner may clear
 * them, and as they depend on the group. If the list is lost, only the owner keeps
 * permissions: with a list, the group's bits in the mode are the list's mask, not the
 * group's permissions, and the list may give a user less than others.
 */
static bool take_after(int descriptor, const char *path, const struct stat *old) {
    bool has_group = fchown(descriptor, (uid_t)-1, old->st_gid) == 0;
    (void)!fchown(descriptor, old->st_uid, (gid_t)-1); /* only root is permitted to */
    mode_t mode =
        has_group ? old->st_mode & permissions : common_permissions(old->st_mode);
    if (!take_access_list(descriptor, path, has_group)) {
        mode &= S_IRWXU;
    }
    return fchmod(descriptor, mode) == 0;
}

/* Closes and removes a file that was just created. Keeps `errno`. */
static void drop(int descriptor, const char *path) {
    int reason = errno;
    close(descriptor);
    unlink(path);
    errno = reason;
}

int xt_file_create(const char *path, const char *old) {
    struct stat status;
    if (!look_at(old, &status)) {
        return -1;
    }
    bool is_file = S_ISREG(status.st_mode);
    int descriptor = open_descriptor(path, O_WRONLY | O_CREAT | O_EXCL,
                                     is_file ? status.st_mode & S_IRWXU : 0666);
    if (descriptor >= 0 && is_file && !take_after(descriptor, old, &status)) {
        drop(descriptor, path);
        return -1;
    }
    return descriptor;
}

bool xt_file_may_have(uint64_t bytes) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        bytes <= limit.rlim_cur) {
        return true;
    }
    errno = EFBIG;
    return false;
}

bool xt_file_flush(int descriptor) {
    int result;
    do {
        result = fsync(descriptor);
    } while (result != 0 && errno == EINTR);
    return result == 0;
}

size_t xt_directory_length(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/*
 * Makes a rename in the directory of `path` durable. That it fails isn't an error: some
 * file systems can't, and after a crash the path then has the old or the new file,
 * complete.
 */
static void flush_directory_of(const char *path) {
    char directory[4096];
    int length = (int)xt_directory_length(path);
    snprintf(directory, sizeof directory, "%.*s", length, path);
    int descriptor = open_descriptor(length > 0 ? directory : ".", O_RDONLY, 0);
    if (descriptor >= 0) {
        xt_file_flush(descriptor);
        close(descriptor);
    }
}

bool xt_file_replace(const char *from, const char *to) {
    if (rename(from, to) != 0) {
        return false;
    }
    flush_directory_of(to);
    return true;
}
