#define _POSIX_C_SOURCE 200809L

#include "support_process.h"

#include "support_cmocka.h"

#include <sys/wait.h>
#include <unistd.h>

bool succeeds_apart(bool (*attempt)(const char *path, const xt_snapshot *snapshot),
                    const char *path, const xt_snapshot *snapshot) {
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        alarm(60); /* ends it, if it hangs */
        _exit(attempt(path, snapshot) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool becomes_nobody(void) {
    const unsigned nobody = 65534;
    return geteuid() != 0 || (setgid(nobody) == 0 && setuid(nobody) == 0);
}
