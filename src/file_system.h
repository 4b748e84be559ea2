/*
 * What differs between systems in the use of files: there is one source for each, in
 * posix/ and windows/.
 *
 * Knows nothing of runs. Descriptors are those of `read`, `write` and `close`, and carry
 * bytes as they are. A function that returns false, or -1, leaves the reason in `errno`.
 */
#ifndef XT_FILE_SYSTEM_H
#define XT_FILE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* How many of `count` bytes to read or write at once: some systems refuse 2 GiB. */
static inline unsigned xt_file_part(size_t count) {
    const unsigned most = 1U << 30;
    return count < most ? (unsigned)count : most;
}

/*
 * Opens what is at `path` for reading. Doesn't wait for a FIFO's writer. On Windows not a
 * directory (EISDIR).
 */
int xt_file_open(const char *path);

/*
 * Creates the file `path` for writing, which is to replace what is at `old`, and has the
 * permissions that new_file.h says. EEXIST if there is something at `path`; EISDIR or
 * EINVAL if there is something at `old` that isn't to be replaced.
 */
int xt_file_create(const char *path, const char *old);

/* Whether a file may have so many bytes; EFBIG if the process may not write them. */
bool xt_file_may_have(uint64_t bytes);

/* Waits until what was written is on the disk. */
bool xt_file_flush(int descriptor);

/* Renames the file `from` to `to`, in place of what is there: all at once, and to last. */
bool xt_file_replace(const char *from, const char *to);

/* How many bytes of `path` name its directory, the last separator included. */
size_t xt_directory_length(const char *path);

#pragma GCC visibility pop

#endif
