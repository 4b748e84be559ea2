/*
 * The file operations that differ between systems. There is one source for each kind of
 * system, in posix/ and windows/.
 *
 * Knows nothing of runs. Descriptors are those of `read`, `write` and `close`, and don't
 * translate line ends. A function that returns false or -1 has set `errno`.
 */
#ifndef XT_FILE_SYSTEM_H
#define XT_FILE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* How many of `count` bytes to read or write in one call: some systems refuse 2 GiB. */
static inline unsigned xt_file_part(size_t count) {
    const unsigned most = 1U << 30;
    return count < most ? (unsigned)count : most;
}

/*
 * Opens `path` for reading. Doesn't wait for the writer of a FIFO. On Windows a directory
 * can't be opened (EISDIR).
 */
int xt_file_open(const char *path);

/*
 * Reads up to `count` bytes of the file from `offset` on, and returns how many: 0 only at
 * its end. On Windows this moves the position in the file.
 */
ptrdiff_t xt_file_read_at(int descriptor, uint64_t offset, void *bytes, size_t count);

/*
 * Creates a new file at `path` for writing, which will replace the one at `old`, with the
 * permissions that new_file.h says. EEXIST if there is something at `path`; EISDIR or
 * EINVAL if there is something at `old` that can't be replaced.
 */
int xt_file_create(const char *path, const char *old);

/* Whether the process may write a file of `bytes`; EFBIG if not. */
bool xt_file_may_have(uint64_t bytes);

/* Waits until all written bytes are on the disk. */
bool xt_file_flush(int descriptor);

/* Renames the file `from` to `to` atomically, replacing a file there, and makes that
 * durable where the system can. */
bool xt_file_replace(const char *from, const char *to);

/* The length of the directory part of `path`, including its last separator. */
size_t xt_directory_length(const char *path);

#pragma GCC visibility pop

#endif
