/* There are no recorders on Windows. */
#include "recorder_directory.h"

#include <errno.h>

bool xt_directory_make(const xt_recorder_place *place) {
    (void)place;
    errno = ENOSYS;
    return false;
}

bool xt_directory_list(int directory, void (*visit)(void *context, const char *name),
                       void *context) {
    (void)directory;
    (void)visit;
    (void)context;
    errno = ENOSYS;
    return false;
}

int xt_directory_open_file(const xt_recorder_place *place, uint64_t *bytes) {
    (void)place;
    *bytes = 0;
    errno = ENOSYS;
    return -1;
}

bool xt_directory_remove(const xt_recorder_place *place) {
    (void)place;
    errno = ENOSYS;
    return false;
}
