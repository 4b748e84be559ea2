#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "support_directory.h"

#include "support_cmocka.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int make_directory(void **state) {
    const char *parent = getenv("TMPDIR");
    directory *made = malloc(sizeof *made);
    if (made == NULL) {
        return -1;
    }
    *state = made;
    snprintf(made->path, sizeof made->path, "%s/exectrack-XXXXXX",
             parent != NULL ? parent : "/tmp");
    /* Other users can read files in it that permit them to. */
    return mkdtemp(made->path) != NULL && chmod(made->path, 0755) == 0 ? 0 : -1;
}

/* The next entry of `stream` that isn't the directory or its parent. */
static const struct dirent *next_entry(DIR *stream) {
    const struct dirent *entry;
    do {
        entry = readdir(stream);
    } while (entry != NULL &&
             (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
    return entry;
}

int remove_directory(void **state) {
    directory *made = *state;
    DIR *stream = opendir(made->path);
    const struct dirent *entry;
    while (stream != NULL && (entry = next_entry(stream)) != NULL) {
        remove(path_in(made, entry->d_name));
    }
    int result = stream != NULL ? closedir(stream) : -1;
    result = rmdir(made->path) == 0 ? result : -1;
    free(made);
    return result;
}

const char *path_in(const directory *in, const char *name) {
    static char path[2 * DIRECTORY_PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", in->path, name);
    return path;
}

size_t count_entries(const directory *in) {
    size_t count = 0;
    DIR *stream = opendir(in->path);
    assert_non_null(stream);
    while (next_entry(stream) != NULL) {
        count++;
    }
    closedir(stream);
    return count;
}

void write_file(const char *path, const void *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

void *read_file(const char *path, size_t *count) {
    struct stat status;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &status), 0);
    *count = (size_t)status.st_size;
    void *bytes = malloc(*count + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *count, file), *count);
    fclose(file);
    return bytes;
}
