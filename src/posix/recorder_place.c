/*
 * Following a path without following symbolic links that others could have put there.
 */
#define _GNU_SOURCE /* O_PATH */

#include "recorder_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, MOST_LINKS = 40 };

/* Directories are only passed through, so permission to read them isn't needed. */
#if defined(O_PATH)
enum { PASS_THROUGH = O_PATH | O_DIRECTORY | O_CLOEXEC };
#elif defined(O_SEARCH)
enum { PASS_THROUGH = O_SEARCH | O_DIRECTORY | O_CLOEXEC };
#else
enum { PASS_THROUGH = O_RDONLY | O_DIRECTORY | O_CLOEXEC };
#endif

typedef struct walk {
    int directory;        /* where `left` begins */
    char left[PATH_ROOM]; /* of the path */
    int links;            /* followed so far */
    xt_recorder_place *place;
    const char **problem;
} walk;

static bool fail(int reason) {
    errno = reason;
    return false;
}

/* Goes on in the directory `name`. */
static bool enter(walk *self, const char *name, int flags) {
    int next = openat(self->directory, name, PASS_THROUGH | flags);
    if (next < 0) {
        return false;
    }
    close(self->directory);
    self->directory = next;
    return true;
}

/* Whether a symbolic link in this directory was made by this user or by root. */
static bool is_trusted(int directory) {
    struct stat status;
    return fstat(directory, &status) == 0 &&
           (status.st_uid == 0 || status.st_uid == geteuid()) &&
           (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Replaces `name`, a symbolic link that was taken from the path, by what it contains. */
static bool follow(walk *self, const char *name) {
    char target[PATH_ROOM];
    if (!is_trusted(self->directory)) {
        *self->problem =
            "a symbolic link in a directory that others can write to isn't "
            "followed";
        return fail(ELOOP);
    }
    ssize_t length = readlinkat(self->directory, name, target, sizeof target);
    if (length < 0) {
        return false;
    }
    size_t left = strlen(self->left);
    if (++self->links > MOST_LINKS) {
        return fail(ELOOP);
    }
    if ((size_t)length + 1 + left >= sizeof self->left) {
        return fail(ENAMETOOLONG);
    }
    memmove(self->left + length + 1, self->left, left + 1);
    memcpy(self->left, target, (size_t)length);
    self->left[length] = left > 0 ? '/' : '\0';
    return target[0] != '/' || enter(self, "/", 0);
}

/* Takes the next name from the path; empty at its end. False if it is too long. */
static bool take_name(walk *self, char name[XT_RECORDER_NAME_ROOM]) {
    const char *start = self->left + strspn(self->left, "/");
    size_t length = strcspn(start, "/");
    if (length >= XT_RECORDER_NAME_ROOM) {
        return fail(ENAMETOOLONG);
    }
    memcpy(name, start, length);
    name[length] = '\0';
    memmove(self->left, start + length, strlen(start + length) + 1);
    return true;
}

static bool is_name_of_directory(const char *name) {
    return name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Takes one step. At the last name of the path sets `*is_done`. */
static bool step(walk *self, bool *is_done) {
    struct stat status;
    char *name = self->place->name;
    if (!take_name(self, name)) {
        return false;
    }
    bool is_last = self->left[0] == '\0';
    if (is_last && is_name_of_directory(name)) {
        return fail(EISDIR);
    }
    bool exists = fstatat(self->directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (exists && S_ISLNK(status.st_mode)) {
        return follow(self, name);
    }
    *is_done = is_last;
    return is_last || enter(self, name, O_NOFOLLOW);
}

/* Walks along `path` from the directory of the process, or from the root. */
static bool begin(walk *self, const char *path) {
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof self->left) {
        return fail(length == 0 ? ENOENT : ENAMETOOLONG);
    }
    memcpy(self->left, path, length + 1);
    self->directory = open(path[0] == '/' ? "/" : ".", PASS_THROUGH);
    return self->directory >= 0;
}

xt_error xt_recorder_place_open(xt_recorder_place *place, const char *path,
                                const char **problem) {
    walk self = {.directory = -1, .place = place, .problem = problem};
    bool is_done = false;
    bool is_going = begin(&self, path);
    while (is_going && !is_done) {
        is_going = step(&self, &is_done);
    }
    place->directory = self.directory;
    if (!is_going) {
        xt_recorder_place_close(place);
        return XT_ERROR_FILE;
    }
    return XT_OK;
}

void xt_recorder_place_close(xt_recorder_place *place) {
    int reason = errno;
    if (place->directory >= 0) {
        close(place->directory);
        place->directory = -1;
    }
    errno = reason;
}
