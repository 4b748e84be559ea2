#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* on 32 bits too, whoever compiles this */

#include "recorder_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_directory(const xt_recorder_place *place) {
    struct stat status;
    return fstatat(place->directory, place->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

/* Looks first: on a file system that can't be written, `mkdirat` may say so of a directory
 * that is there. */
bool xt_directory_make(const xt_recorder_place *place) {
    if (is_directory(place) || mkdirat(place->directory, place->name, S_IRWXU) == 0) {
        return true;
    }
    if (errno == EEXIST && !is_directory(place)) { /* else another process was faster */
        errno = ENOTDIR;
    }
    return errno == EEXIST;
}

bool xt_directory_list(int directory, void (*visit)(void *context, const char *name),
                       void *context) {
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? fdopendir(copy) : NULL;
    if (stream == NULL) {
        if (copy >= 0) {
            close(copy);
        }
        return false;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        visit(context, entry->d_name);
    }
    closedir(stream);
    return true;
}

int xt_directory_open_file(const xt_recorder_place *place, uint64_t *bytes) {
    struct stat status;
    int file = openat(place->directory, place->name,
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0) {
        return -1;
    }
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(file);
        errno = EINVAL;
        return -1;
    }
    *bytes = (uint64_t)status.st_size;
    return file;
}

bool xt_directory_remove(const xt_recorder_place *place) {
    return unlinkat(place->directory, place->name, 0) == 0;
}
