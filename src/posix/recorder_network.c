#define _DEFAULT_SOURCE

#include "recorder_network.h"

#ifdef __linux__

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/vfs.h>

/* Not all are in <linux/magic.h> of every version. */
static const uint32_t refused[] = {
    0x6969,     /* NFS */
    0x517b,     /* SMB */
    0xff534d42, /* CIFS */
    0xfe534d42, /* SMB 2 and later */
    0x01021997, /* 9P */
    0x65735546, /* FUSE */
};

xt_error xt_recorder_check_file_system(int descriptor) {
    struct statfs status;
    int result;
    do {
        result = fstatfs(descriptor, &status);
    } while (result != 0 && errno == EINTR);
    if (result != 0) {
        return XT_ERROR_FILE;
    }
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if ((uint32_t)status.f_type == refused[i]) {
            return XT_ERROR_FILE_SYSTEM;
        }
    }
    return XT_OK;
}

#else

#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>

xt_error xt_recorder_check_file_system(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0) {
        return XT_ERROR_FILE;
    }
    bool is_local = (status.f_flags & MNT_LOCAL) != 0;
    return is_local && strstr(status.f_fstypename, "fuse") == NULL ? XT_OK
                                                                   : XT_ERROR_FILE_SYSTEM;
}

#endif
