/*
 * What identifies this process, also among those of other machines and containers.
 */
#define _DEFAULT_SOURCE /* gethostname */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "recorder_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__

#include <fcntl.h>
#include <sys/stat.h>

/* Reads the beginning of a file as a string; an empty one if that fails. */
static void read_start(const char *path, char *text, size_t room) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = descriptor >= 0 ? read(descriptor, text, room - 1) : -1;
    text[length > 0 ? length : 0] = '\0';
    if (descriptor >= 0) {
        close(descriptor);
    }
}

/* Field 22 of proc(5)'s `stat`. The name of the program, in parentheses, may have any
 * bytes. */
static uint64_t start_ticks(void) {
    char text[1024];
    read_start("/proc/self/stat", text, sizeof text);
    const char *at = strrchr(text, ')');
    for (int field = 2; at != NULL && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    return at != NULL ? strtoull(at, NULL, 10) : 0;
}

static uint64_t pid_namespace(void) {
    struct stat status;
    return stat("/proc/self/ns/pid", &status) == 0 ? (uint64_t)status.st_ino : 0;
}

/* The value of a hexadecimal digit; -1 for another byte. */
static int digit_of(char byte) {
    static const char digits[] = "0123456789abcdef";
    const char *at = memchr(digits, byte, 16);
    return at != NULL ? (int)(at - digits) : -1;
}

/* The kernel's random identifier of this boot, a UUID. */
static void read_boot_id(uint8_t id[XT_BOOT_ID_BYTES]) {
    char text[64];
    size_t count = 0;
    read_start("/proc/sys/kernel/random/boot_id", text, sizeof text);
    for (const char *at = text; *at != '\0' && count < 2 * XT_BOOT_ID_BYTES; at++) {
        int digit = digit_of(*at);
        if (digit >= 0) {
            id[count / 2] = (uint8_t)(id[count / 2] << 4 | digit);
            count++;
        }
    }
}

#else

static uint64_t start_ticks(void) {
    return 0;
}

static uint64_t pid_namespace(void) {
    return 0;
}

static void read_boot_id(uint8_t id[XT_BOOT_ID_BYTES]) {
    (void)id;
}

#endif

xt_writer xt_recorder_this_process(void) {
    char host[256] = "";
    xt_writer writer = {.start_ticks = start_ticks(),
                        .pid_namespace = pid_namespace(),
                        .pid = (uint32_t)getpid()};
    read_boot_id(writer.boot_id);
    if (gethostname(host, sizeof host - 1) == 0) {
        size_t length = strlen(host);
        writer.host_length = (uint32_t)(length < XT_HOST_BYTES ? length : XT_HOST_BYTES);
        memcpy(writer.host, host, writer.host_length);
    }
    return writer;
}
