/*
 * Snapshots as bytes and as files: the image's block with a checksum in its header. The
 * checksum is computed over the whole block, with 0 in the checksum's own field.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64 /* on 32 bits too, whoever compiles this */

#include "crc32c.h"
#include "file_system.h"
#include "new_file.h"
#include "pages.h"
#include "recorder_file.h"
#include "recorder_read.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file is read in parts that fit in the processor's caches. */
enum { PART_BYTES = 256 * 1024 };

/* The bytes after the header of `image`, and their number. */
static char *rest_of(const xt_image *image) {
    return (char *)(image->header + 1);
}

static size_t rest_bytes(const xt_image *image) {
    return xt_image_bytes(image) - sizeof(xt_header);
}

/* The checksum of `header` alone, to be continued with the rest. */
static uint32_t checksum_of(xt_header header) {
    header.checksum = 0;
    return xt_crc32c(0, &header, sizeof header);
}

/* The header of `image` as it is stored in a file: with a checksum. */
static xt_header sealed_header(const xt_image *image) {
    xt_header header = *image->header;
    header.checksum = xt_crc32c(checksum_of(header), rest_of(image), rest_bytes(image));
    return header;
}

void xt_snapshot_encode(const xt_snapshot *snapshot, void *bytes) {
    const xt_image *image = &snapshot->image;
    xt_header header = sealed_header(image);
    memcpy(bytes, &header, sizeof header);
    memcpy((char *)bytes + sizeof header, rest_of(image), rest_bytes(image));
}

/*
 * Checks the header of a run of `length` bytes; if they are fewer than a header, only
 * those are valid. Sets `*wrong` to a message if there are no bytes.
 */
static xt_error check_start(const xt_header *header, size_t length, const char **wrong) {
    if (length == 0) {
        *wrong = "it is empty";
        return XT_ERROR_SIZE;
    }
    size_t known = length < sizeof header->magic ? length : sizeof header->magic;
    if (memcmp(header->magic, XT_IMAGE_MAGIC, known) != 0) {
        return XT_ERROR_KIND;
    }
    return length < sizeof *header ? XT_ERROR_SIZE
                                   : xt_image_check_header(header, length);
}

/* Checks a complete snapshot, whose bytes have the checksum `checksum`. */
static xt_error unseal(xt_image *image, uint32_t checksum, const xt_allocator *allocator,
                       const char **wrong) {
    if (image->undo != NULL) {
        *wrong = "it is the file of a recorder";
        return XT_ERROR_KIND;
    }
    if (image->header->checksum != checksum) {
        return XT_ERROR_CHECKSUM;
    }
    image->header->checksum = 0;
    image->header->generation = 0; /* it means nothing in a saved run */
    xt_allocator from = xt_allocator_or_system(allocator);
    return xt_image_verify(image, &from, wrong);
}

/*
 * Ends a function that returns `error`: stores `made` in `*snapshot`, or after an error
 * closes it and stores a message in `*problem`: `wrong`, or if that is null the message
 * of `error`. Keeps `errno`.
 */
static xt_error hand_over(xt_error error, xt_snapshot *made, const char *wrong,
                          xt_snapshot **snapshot, const char **problem) {
    int reason = errno;
    if (error != XT_OK) {
        xt_snapshot_close(made);
        made = NULL;
        if (problem != NULL) {
            *problem = wrong != NULL ? wrong : xt_error_message(error);
        }
    }
    *snapshot = made;
    errno = reason;
    return error;
}

/* Makes a snapshot from the bytes of a saved run, which begin with `header`. */
static xt_error decode_saved(const void *bytes, const xt_header *header,
                             const xt_allocator *allocator, xt_snapshot **made,
                             const char **wrong) {
    xt_error error = xt_snapshot_allocate(header, allocator, made);
    if (error == XT_OK) {
        xt_image *image = &(*made)->image;
        memcpy(rest_of(image), (const char *)bytes + sizeof *header, rest_bytes(image));
        error = unseal(image, sealed_header(image).checksum, allocator, wrong);
    }
    return error;
}

xt_error xt_snapshot_decode(const void *bytes, size_t length,
                            const xt_allocator *allocator, xt_snapshot **snapshot,
                            const char **problem) {
    xt_header header = {0};
    xt_snapshot *made = NULL;
    const char *wrong = NULL;
    if (length > 0) {
        memcpy(&header, bytes, length < sizeof header ? length : sizeof header);
    }
    xt_error error = check_start(&header, length, &wrong);
    if (error == XT_OK && xt_is_recorder(&header)) {
        error = xt_recorder_decode(bytes, &header, allocator, &made, &wrong);
    } else if (error == XT_OK) {
        error = decode_saved(bytes, &header, allocator, &made, &wrong);
    }
    return hand_over(error, made, wrong, snapshot, problem);
}

static void close_keeping_errno(int file) {
    int reason = errno;
    close(file);
    errno = reason;
}

/* The `read` of a source whose context is a descriptor. */
static ptrdiff_t read_descriptor(void *context, void *bytes, size_t count) {
    const int *file = context;
    ssize_t got;
    do {
        got = read(*file, bytes, xt_file_part(count));
    } while (got < 0 && errno == EINTR);
    return got;
}

/* Reads up to `*count` bytes, fewer only at the end; stores the number in `*count`. */
static xt_error read_up_to(const xt_source *source, void *bytes, size_t *count) {
    size_t wanted = *count;
    ptrdiff_t got = 1;
    for (*count = 0; *count < wanted && got != 0; *count += (size_t)got) {
        got = source->read(source->context, (char *)bytes + *count, wanted - *count);
        if (got < 0) {
            return XT_ERROR_FILE;
        }
    }
    return XT_OK;
}

/* Stores the size of `file`, at most SIZE_MAX. An error if it isn't a regular file. */
static xt_error measure(int file, size_t *bytes) {
    struct stat status;
    if (fstat(file, &status) != 0) {
        return XT_ERROR_FILE;
    }
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return XT_ERROR_FILE;
    }
    *bytes = (uint64_t)status.st_size < SIZE_MAX ? (size_t)status.st_size : SIZE_MAX;
    return S_ISREG(status.st_mode) ? XT_OK : XT_ERROR_KIND;
}

/*
 * Reads and checks the header of a run of `*bytes` bytes; if `bytes` is null, of as many
 * as the header says. It isn't read again later, as the file may change meanwhile.
 */
static xt_error read_header(const xt_source *source, const size_t *bytes,
                            xt_header *header, const char **wrong) {
    size_t count = sizeof *header;
    xt_error error = read_up_to(source, header, &count);
    if (error != XT_OK) {
        return error;
    }
    if (count < sizeof *header) {
        return check_start(header, count, wrong);
    }
    return xt_image_check_header(header,
                                 bytes != NULL ? *bytes : (size_t)header->size_bytes);
}

/* Reads the bytes after the header; adds each part to `*checksum` while it is cached. */
static xt_error read_rest(const xt_source *source, xt_image *made, uint32_t *checksum) {
    char *next = rest_of(made);
    char *end = next + rest_bytes(made);
    while (next < end) {
        size_t wanted =
            (size_t)(end - next) < PART_BYTES ? (size_t)(end - next) : PART_BYTES;
        size_t count = wanted;
        xt_error error = read_up_to(source, next, &count);
        if (error != XT_OK || count < wanted) {
            return error != XT_OK ? error : XT_ERROR_SIZE;
        }
        *checksum = xt_crc32c(*checksum, next, count);
        next += count;
    }
    return XT_OK;
}

static xt_error read_end(const xt_source *source) {
    char byte;
    size_t count = 1;
    xt_error error = read_up_to(source, &byte, &count);
    return error == XT_OK && count > 0 ? XT_ERROR_SIZE : error;
}

/* Reads what follows `header` of a saved run; the source must end there, if `has_end`. */
static xt_error read_saved(const xt_source *source, const xt_header *header, bool has_end,
                           const xt_allocator *allocator, xt_snapshot **made,
                           const char **wrong) {
    uint32_t checksum = checksum_of(*header);
    xt_error error = xt_snapshot_allocate(header, allocator, made);
    if (error == XT_OK) {
        error = read_rest(source, &(*made)->image, &checksum);
    }
    if (error == XT_OK && has_end) {
        error = read_end(source);
    }
    return error == XT_OK ? unseal(&(*made)->image, checksum, allocator, wrong) : error;
}

/* Reads what follows `header` of a recorder, after which the source must end. */
static xt_error read_recorder(const xt_source *source, const xt_header *header,
                              const xt_allocator *allocator, xt_snapshot **made,
                              const char **wrong) {
    uint32_t checksum = 0; /* a recorder has none */
    xt_image image;
    void *block = xt_pages_map((size_t)header->size_bytes);
    if (block == NULL) {
        return XT_ERROR_MEMORY;
    }
    memcpy(block, header, sizeof *header);
    xt_image_view(&image, block);
    xt_error error = read_rest(source, &image, &checksum);
    if (error == XT_OK) {
        error = read_end(source);
    }
    if (error == XT_OK) {
        error = xt_recorder_decode(block, header, allocator, made, wrong);
    }
    xt_pages_unmap(block, (size_t)header->size_bytes);
    return error;
}

xt_error xt_snapshot_read(const xt_source *source, const xt_allocator *allocator,
                          xt_snapshot **snapshot, const char **problem) {
    xt_header header = {0};
    xt_snapshot *made = NULL;
    const char *wrong = NULL;
    xt_error error = read_header(source, NULL, &header, &wrong);
    if (error == XT_OK && xt_is_recorder(&header)) {
        error = read_recorder(source, &header, allocator, &made, &wrong);
    } else if (error == XT_OK) {
        error = read_saved(source, &header, true, allocator, &made, &wrong);
    }
    return hand_over(error, made, wrong, snapshot, problem);
}

/* Makes a snapshot from `file`, a descriptor. */
static xt_error load(int file, const xt_allocator *allocator, xt_snapshot **made,
                     const char **wrong) {
    size_t bytes = 0;
    xt_header header = {0};
    const xt_source source = {read_descriptor, &file};
    xt_error error = measure(file, &bytes);
    if (error == XT_OK) {
        error = read_header(&source, &bytes, &header, wrong);
    }
    if (error == XT_OK && xt_is_recorder(&header)) {
        error = xt_recorder_load(file, &header, allocator, made, wrong);
    } else if (error == XT_OK) {
        error = read_saved(&source, &header, false, allocator, made, wrong);
    }
    return error;
}

xt_error xt_snapshot_load(const char *path, const xt_allocator *allocator,
                          xt_snapshot **snapshot, const char **problem) {
    xt_snapshot *made = NULL;
    const char *wrong = NULL;
    int file = xt_file_open(path);
    xt_error error = file >= 0 ? load(file, allocator, &made, &wrong) : XT_ERROR_FILE;
    if (file >= 0) {
        close_keeping_errno(file);
    }
    return hand_over(error, made, wrong, snapshot, problem);
}

/* Whether `path` leads to the file of a recorder that a process has open. */
static bool is_open_recorder(const char *path) {
    size_t bytes = 0;
    xt_header header = {0};
    const char *wrong = NULL;
    int file = xt_file_open(path);
    const xt_source source = {read_descriptor, &file};
    bool is_open = file >= 0 && measure(file, &bytes) == XT_OK &&
                   read_header(&source, &bytes, &header, &wrong) == XT_OK &&
                   xt_is_recorder(&header) && xt_recorder_file_is_locked(file);
    if (file >= 0) {
        close(file);
    }
    return is_open;
}

xt_error xt_snapshot_save(const xt_snapshot *snapshot, const char *path) {
    if (is_open_recorder(path)) {
        errno = EBUSY;
        return XT_ERROR_FILE;
    }
    xt_new_file file;
    const xt_image *image = &snapshot->image;
    xt_header header = sealed_header(image);
    bool is_saved = xt_new_file_open(&file, path) &&
                    xt_new_file_write(&file, &header, sizeof header) &&
                    xt_new_file_write(&file, rest_of(image), rest_bytes(image)) &&
                    xt_new_file_commit(&file);
    return is_saved ? XT_OK : XT_ERROR_FILE;
}
