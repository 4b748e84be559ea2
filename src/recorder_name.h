/*
 * The names of recorders' files in a directory in which each process begins a file of its
 * own: `agent-20261125T204038Z-4711.run`.
 */
#ifndef XT_RECORDER_NAME_H
#define XT_RECORDER_NAME_H

#include "exectrack.h"
#include "utc.h"

#pragma GCC visibility push(hidden)

/* The most bytes of a name, with the zero at its end: label, time, process, number. */
enum { XT_RECORDER_NAME_BYTES = XT_LABEL_BYTES + 1 + XT_UTC_BYTES + 11 + 11 + 5 };

/*
 * Writes the name of a file with this label, that process `pid` makes at the Unix time
 * `created_us`. If it makes several in one second, the `number`th of them, from 1, has that
 * number behind `pid`, unless it is 1.
 *
 * Bytes of the label other than letters, digits, `-`, `_` and `.` become `_`, and so does a
 * `-` or `.` at its beginning, which would make an option or a hidden file of it. An empty
 * label is `run`.
 */
void xt_recorder_name_write(xt_text label, uint64_t created_us, uint32_t pid,
                            uint32_t number, char name[XT_RECORDER_NAME_BYTES]);

/* Whether `name` may be of a file with this label, whatever its time, process and number. */
bool xt_recorder_name_matches(const char *name, xt_text label);

#pragma GCC visibility pop

#endif
