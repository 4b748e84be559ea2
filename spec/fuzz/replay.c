/*
 * Runs a fuzz target on the given files, those of its corpus, without a fuzzer. A file
 * whose name begins with `refused` must be refused, any other must be accepted.
 */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of the file at `path`, and their number; null if it can't be read. */
static uint8_t *bytes_of(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        return NULL;
    }
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size + 1);
    if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

/* Whether the file at `path` is accepted or refused as its name says. */
static bool is_as_named(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    size_t size;
    uint8_t *bytes = bytes_of(path, &size);
    if (bytes == NULL) {
        fprintf(stderr, "%s: can't be read\n", path);
        return false;
    }
    bool is_accepted = run_target(bytes, size);
    free(bytes);
    if (is_accepted == (strncmp(name, "refused", 7) == 0)) {
        fprintf(stderr, "%s: was %s\n", path, is_accepted ? "read" : "refused");
        return false;
    }
    return true;
}

int main(int argc, char **argv) {
    int wrong = 0;
    for (int i = 1; i < argc; i++) {
        wrong += !is_as_named(argv[i]);
    }
    printf("%d files, %d of them not as named\n", argc - 1, wrong);
    return argc > 1 && wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
