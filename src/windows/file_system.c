/*
 * Paths are in the code page of the process, as for `fopen` and Lua's `io.open`.
 */
#include "file_system.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <share.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <windows.h>

static bool is_directory(const char *path) {
    DWORD attributes = GetFileAttributesA(path);
    return attributes != INVALID_FILE_ATTRIBUTES &&
           (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

int xt_file_open(const char *path) {
    int descriptor = _open(path, _O_RDONLY | _O_BINARY | _O_NOINHERIT);
    if (descriptor < 0 && errno == EACCES && is_directory(path)) {
        errno = EISDIR;
    }
    return descriptor;
}

ptrdiff_t xt_file_read_at(int descriptor, uint64_t offset, void *bytes, size_t count) {
    return _lseeki64(descriptor, (int64_t)offset, SEEK_SET) >= 0
               ? _read(descriptor, bytes, xt_file_part(count))
               : -1;
}

/* Gives `path` the access control list of `old`, if there is a file. */
static bool take_access_list(const char *path, const char *old) {
    _Alignas(8) char list[SECURITY_DESCRIPTOR_MIN_LENGTH + 65536]; /* the largest size */
    DWORD length;
    if (GetFileAttributesA(old) == INVALID_FILE_ATTRIBUTES ||
        (GetFileSecurityA(old, DACL_SECURITY_INFORMATION, list, sizeof list, &length) &&
         SetFileSecurityA(path, DACL_SECURITY_INFORMATION, list))) {
        return true;
    }
    errno = EACCES;
    return false;
}

/* Closes and removes a file that was just created. Keeps `errno`. */
static void drop(int descriptor, const char *path) {
    int reason = errno;
    _close(descriptor);
    _unlink(path);
    errno = reason;
}

/* Another process can't open the file before it is closed. */
int xt_file_create(const char *path, const char *old) {
    int descriptor = -1;
    if (is_directory(old)) {
        errno = EISDIR;
        return -1;
    }
    _sopen_s(&descriptor, path, _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY | _O_NOINHERIT,
             _SH_DENYRW, _S_IREAD | _S_IWRITE);
    if (descriptor >= 0 && !take_access_list(path, old)) {
        drop(descriptor, path);
        return -1;
    }
    return descriptor;
}

bool xt_file_may_have(uint64_t bytes) {
    (void)bytes;
    return true; /* there is no such limit */
}

bool xt_file_flush(int descriptor) {
    return _commit(descriptor) == 0;
}

bool xt_file_replace(const char *from, const char *to) {
    if (MoveFileExA(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)) {
        return true;
    }
    DWORD problem = GetLastError();
    bool is_refused =
        problem == ERROR_ACCESS_DENIED || problem == ERROR_SHARING_VIOLATION;
    errno = is_refused ? EACCES : EIO;
    return false;
}

/* The separators are / and \; after the colon of a drive's name there need be none. */
size_t xt_directory_length(const char *path) {
    size_t length = strlen(path);
    while (length > 0 && strchr("/\\:", path[length - 1]) == NULL) {
        length--;
    }
    return length;
}
