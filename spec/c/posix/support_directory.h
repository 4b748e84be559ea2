/*
 * A new directory for each test that uses files.
 */
#ifndef SUPPORT_DIRECTORY_H
#define SUPPORT_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

enum { DIRECTORY_PATH_BYTES = 512 };

typedef struct directory {
    char path[DIRECTORY_PATH_BYTES];
} directory;

/* cmocka's setup and teardown: `*state` is a new directory, removed afterwards. */
int make_directory(void **state);
int remove_directory(void **state);

/* The path of `name` in the directory, valid until the next call. */
const char *path_in(const directory *in, const char *name);

/* How many entries the directory has. */
size_t count_entries(const directory *in);

/* Writes a file at `path` with these bytes. */
void write_file(const char *path, const void *bytes, size_t count);

/* The bytes of the file at `path`, which the caller frees; stores their number. */
void *read_file(const char *path, size_t *count);

#endif
