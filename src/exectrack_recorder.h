/*
 * The recorder of exectrack: a tracker whose image is a file, so that a run outlives its
 * process.
 *
 * A recorder is an ordinary `xt_tracker`: all functions of exectrack.h take it, and cost
 * little more. Whenever the process ends, whatever ends it, the file has every execution
 * that was recorded, and at most one more, each as a whole. `xt_tracker_close` marks the
 * run as closed, so that one that ended well is told from one whose process died.
 *
 * What it doesn't promise:
 * - After a power cut or a crash of the system the file has what the system had written;
 *   `xt_recorder_sync` asks it to. A file that it left inconsistent is never read wrongly,
 *   but refused.
 * - If the file is truncated by another process, or if its disk is full on a file system
 *   that copies on write (such as Btrfs), recording raises SIGBUS.
 *
 * Processes and threads:
 * - Like every tracker, a recorder belongs to one thread at a time. A file has one writer
 *   at a time, over all processes.
 * - A child of `fork` can't record into its parent's file: `xt_recorder_is_inherited` is
 *   true there, and what the child does with its copy of the tracker stays in its memory,
 *   where it is worth nothing. It should close the copy, which changes nothing for the
 *   parent, and open a recorder of its own. A child made without the handlers of
 *   `pthread_atfork` (`vfork`, `_Fork`, `clone`) must not even close it.
 * - The library registers such a handler when the first recorder is opened. So it must not
 *   be unloaded (`dlclose`) while the process may still fork.
 *
 * Files are made for one machine: there is no recorder on network file systems unless you
 * insist, and none on Windows.
 */
#ifndef EXECTRACK_RECORDER_H
#define EXECTRACK_RECORDER_H

#include "exectrack.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What to do with a file that can't be gone on with. */
typedef enum xt_on_mismatch {
    XT_MISMATCH_ROTATE, /**< give it another name beside, and begin a new one */
    XT_MISMATCH_ERROR   /**< return an error */
} xt_on_mismatch;

/** How to open a recorder. Begin with `xt_recorder_options_default()`. */
typedef struct xt_recorder_options {
    /** As for `xt_tracker_create`. A file that is there keeps its label and instance. */
    xt_options run;
    xt_on_mismatch on_mismatch;
    /** Whether to accept file systems on which neither the lock nor the mapping can be
        relied on: NFS, CIFS, 9P and FUSE. */
    bool any_file_system;
} xt_recorder_options;

/** The defaults of `xt_options_default`, XT_MISMATCH_ROTATE, and no such file system. */
XT_API xt_recorder_options xt_recorder_options_default(void);

/**
 * Opens the recorder at `path`, and stores its tracker in `*tracker`; the caller owns it
 * and closes it with `xt_tracker_close`. `options` may be null for the defaults.
 *
 * If there is no file, a new one appears there whole, with its full size, for its owner
 * alone (mode 0600). If there is one, the run goes on: an operation that its writer left
 * unfinished is undone, everything is checked, and what was in flight ends as cancelled,
 * with the error type `writer_died` and the time that had elapsed, at the latest reading
 * of the clock. If that is ahead of the system's clock, the clock goes on from it.
 *
 * A file doesn't match if it was made with other limits (`max_history`, `max_tools`,
 * `max_in_flight`, `session_names`, `args_texts`, `error_texts`), `measures` or
 * `ignored_args`, is in another version of the format, or is inconsistent, as one that
 * begins with zeros is. It is then renamed, by default: `agent.run`, made at 20:40:38 UTC
 * on 2026-11-25, becomes `agent-20261125T204038Z.run`, or `agent-20261125T204038Z-2.run`
 * and so on if there is such a file. If the file has no time, that of its last change is
 * used.
 *
 * Returns XT_OK; or sets `*tracker` to null and returns
 * - XT_ERROR_MEMORY, or the error of an option that is out of its range;
 * - XT_ERROR_BUSY: another recorder has the file open, in this process or another;
 * - XT_ERROR_MISMATCH or, for a file that is inconsistent, XT_ERROR_INVALID, only with
 *   XT_MISMATCH_ERROR;
 * - XT_ERROR_KIND: it isn't the file of a recorder, but a saved run or something else;
 * - XT_ERROR_FILE_SYSTEM: it is on a network file system, or the system has no recorders;
 * - XT_ERROR_FILE: a file operation failed, and `errno` has the reason: ENOSPC for a full
 *   disk, EPERM for a file of another user, ELOOP for a symbolic link in a directory
 *   that others can write to, which isn't followed.
 *
 * `*problem`, if not null, then receives a message in static memory that says more. After
 * an error nothing has changed but, with XT_ERROR_MEMORY or XT_ERROR_FILE, possibly the
 * name of a file that didn't match. With these and XT_ERROR_INVALID an operation that the
 * file's writer left unfinished may have been undone.
 *
 * O(size of the file).
 */
XT_API xt_error xt_recorder_open(const char *path, const xt_recorder_options *options,
                                 xt_tracker **tracker, const char **problem);

/**
 * Begins a recorder in a new file of its own in the directory at `directory`, which is made
 * with those above it, for the owner alone (mode 0700), if it is missing. The file is named
 * by `options->run.label`, the time in UTC and the process:
 * `agent-20261125T204038Z-4711.run`, or `agent-20261125T204038Z-4711-2.run` and so on if there
 * is such a file. In the label, bytes other than ASCII letters, digits, `-`, `_` and `.`
 * become `_`, and so does a `-` or `.` at its beginning; without a label it is `run`.
 * Reads the clock twice.
 *
 * If `keep` isn't 0, removes afterwards the oldest recorders of this label that have such
 * names, until the directory has `keep` of them, the new one counted. One that a process
 * has open stays, and so does what can't be removed or isn't a recorder's file.
 *
 * Returns what xt_recorder_open returns, but for XT_ERROR_BUSY, XT_ERROR_MISMATCH,
 * XT_ERROR_INVALID and XT_ERROR_KIND. XT_ERROR_FILE, too, if the directory can't be made:
 * then `errno` may be ENOTDIR for a file in its place.
 *
 * O(size of the file + files in the directory).
 */
XT_API xt_error xt_recorder_open_in(const char *directory, size_t keep,
                                    const xt_recorder_options *options,
                                    xt_tracker **tracker, const char **problem);

/**
 * Waits until all that was recorded is on the disk, so that it survives a power cut.
 * XT_OK, also for a tracker in private memory; or XT_ERROR_FILE, and `errno` has the
 * reason.
 */
XT_API xt_error xt_recorder_sync(xt_tracker *tracker);

/** The path that `tracker` was opened with; null for one in private memory. It is borrowed
    until the tracker is closed. */
XT_API const char *xt_recorder_path(const xt_tracker *tracker);

/** Whether this process is a child, made by `fork`, of the one that opened `tracker`. */
XT_API bool xt_recorder_is_inherited(const xt_tracker *tracker);

/** The identifier of the process that opened `tracker`; 0 for one in private memory. */
XT_API uint32_t xt_recorder_process(const xt_tracker *tracker);

#ifdef __cplusplus
}
#endif

#endif
