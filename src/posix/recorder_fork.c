#define _GNU_SOURCE /* madvise, MAP_FIXED_NOREPLACE, dladdr */

#include "recorder_fork.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef __linux__
#include <dlfcn.h>
#endif

/* The only state of the library that isn't part of an instance: handlers get no argument. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static xt_recorder_file *open_files;
static bool has_handlers;

/* Puts a private mapping where the parent's was, unless something else is there now: an
 * earlier handler may have used the addresses. */
static void map_privately(xt_recorder_file *file) {
    int flags = MAP_PRIVATE;
#ifdef MAP_FIXED_NOREPLACE
    flags |= MAP_FIXED_NOREPLACE;
#endif
    void *block =
        mmap(file->block, file->bytes, PROT_READ | PROT_WRITE, flags, file->second, 0);
    if (block != MAP_FAILED && block != file->block) {
        munmap(block, file->bytes);
    }
    if (block != file->block) {
        file->block = NULL;
    }
}

/* In the child. Calls only what is allowed between `fork` and `exec`. */
static void inherit(void) {
    for (xt_recorder_file *file = open_files; file != NULL; file = file->next) {
        if (file->block != NULL && !file->is_inherited) {
            map_privately(file);
        }
        if (file->descriptor >= 0) {
            close(file->descriptor);
            close(file->second);
            file->descriptor = file->second = -1;
        }
        file->temporary[0] = '\0';
        file->is_inherited = true;
    }
    xt_recorder_fork_resume();
}

static void stop(void) {
    pthread_mutex_lock(&mutex);
}

/*
 * Elsewhere than on Linux, handlers stay when the module that contains them is unloaded,
 * as Lua does when it closes a state. So it must stay loaded.
 */
static void stay_loaded(void) {
#ifndef __linux__
    Dl_info module;
    if (dladdr(&has_handlers, &module) != 0) {
        dlopen(module.dli_fname, RTLD_NOW | RTLD_NODELETE);
    }
#endif
}

static bool register_handlers(void) {
    int reason =
        has_handlers ? 0 : pthread_atfork(stop, xt_recorder_fork_resume, inherit);
    if (reason != 0) {
        errno = reason;
        return false;
    }
    if (!has_handlers) {
        stay_loaded();
    }
    has_handlers = true;
    return true;
}

bool xt_recorder_fork_stop(void) {
    stop();
    if (!register_handlers()) {
        xt_recorder_fork_resume();
        return false;
    }
    return true;
}

void xt_recorder_fork_resume(void) {
    pthread_mutex_unlock(&mutex);
}

void xt_recorder_fork_add(xt_recorder_file *file) {
    file->next = open_files;
    file->link = &open_files;
    if (open_files != NULL) {
        open_files->link = &file->next;
    }
    open_files = file;
}

void xt_recorder_fork_remove(xt_recorder_file *file) {
    if (file->link != NULL) {
        *file->link = file->next;
        if (file->next != NULL) {
            file->next->link = file->link;
        }
        file->link = NULL;
    }
}

bool xt_recorder_fork_hide(void *block, size_t bytes) {
#ifdef MADV_DONTFORK
    return madvise(block, bytes, MADV_DONTFORK) == 0;
#else
    return minherit(block, bytes, VM_INHERIT_NONE) == 0;
#endif
}
