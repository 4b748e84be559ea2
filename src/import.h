/*
 * Importing: makes a run of executions that come in any order.
 *
 * An importer (`xt_importer`) collects executions, 32 bytes each, 8 bytes for each measure,
 * and 8 bytes for a place from the first one on that has any. When all are there it sorts them by their ends and records them in this order,
 * through a tracker. So whatever depends on the order (failure streaks, identifiers of
 * tools, what is counted under `(other)`, which records and texts are kept) is as if they
 * had been recorded when they ended.
 */
#ifndef XT_IMPORT_H
#define XT_IMPORT_H

#include "exectrack_snapshot.h"

#pragma GCC visibility push(hidden)

typedef struct xt_importer xt_importer;

/*
 * Makes an importer of a run with the options that the tracker of `like` was made with:
 * label, instance, limits, measures and ignored arguments. But the run keeps the last
 * `max_history` records; XT_KEEP_ALL is all, and at least one. `like` may be closed
 * afterwards. All memory comes from `allocator`, or from the system's if that is null.
 *
 * Returns XT_OK; or sets `*importer` to null and returns XT_ERROR_MEMORY, or
 * XT_ERROR_MAX_HISTORY for a limit above XT_MAX_HISTORY.
 */
xt_error xt_importer_create(const xt_image *like, size_t max_history,
                            const xt_allocator *allocator, xt_importer **importer);

/* Frees `importer`. Ignores a null pointer. */
void xt_importer_close(xt_importer *importer);

/* A value of a measure, in its unit: finite and at least 0. */
typedef struct xt_import_value {
    xt_text name;
    double number;
} xt_import_value;

/*
 * Adds an execution, which ended at `execution->end_us` or is undated; an end above
 * XT_MAX_COUNT is stored as that. Its `outcome.measures` are ignored; the `count` values,
 * no two of which have the same name, count in their place. A measure that the run doesn't
 * have yet is added to it, without a unit; xt_importer_build chooses its scale.
 * Its place is kept; of a file whose name is longer than XT_NAME_BYTES, the end.
 *
 * Returns XT_OK, or adds nothing and returns:
 * - XT_ERROR_STATUS or XT_ERROR_TIMING for what isn't a value of these;
 * - XT_ERROR_MAX_HISTORY if it has XT_MAX_HISTORY executions already;
 * - XT_ERROR_MEASURES if the run would have more than XT_MAX_MEASURES measures, or one
 *   whose name is empty or longer than XT_MEASURE_BYTES;
 * - XT_ERROR_MEMORY.
 * O(1) on average.
 */
xt_error xt_importer_add(xt_importer *importer, const xt_execution *execution,
                         size_t count, const xt_import_value values[]);

/* How many of these values the run has measures for, or can have: if not all, the next one
 * is why xt_importer_add returns XT_ERROR_MEASURES. */
size_t xt_importer_fitting_values(const xt_importer *importer, size_t count,
                                  const xt_import_value values[]);

/* What an importer has collected. */
typedef struct xt_import_counts {
    size_t executions;
    size_t sessions; /* different ones */
    size_t tools;
    size_t untimed;
    size_t undated;
    uint64_t first_end_us; /* of the dated ones; if all are undated, it is larger */
    uint64_t last_end_us;
} xt_import_counts;

xt_import_counts xt_importer_counts(const xt_importer *importer);

/*
 * Makes the run, and stores it in `*snapshot`; the caller owns it. Its memory comes from
 * `allocator`, as in exectrack_snapshot.h. Undated executions come first, in the order in
 * which they were added, then the others by their ends; equal ones in the order in which
 * they were added. The run was made when the first dated execution started, and its time
 * is that of the last end; both are 0 if all are undated.
 *
 * A measure that nobody described has the largest scale from 1, 0.1 and so on to 1e-9 of
 * which all its values are multiples; but at least so large that none is above
 * XT_MAX_COUNT. Measures that were added are in the order of their names.
 *
 * Of two texts for the same arguments, or for the same tool and error type, the later one
 * is kept. If more names of sessions or texts of arguments were used last at the same
 * microsecond than there is room for, those that come last by their bytes are kept.
 *
 * The records have places if one of those that are kept has. If they refer to more than
 * XT_MAX_LOG_FILES files, or to longer names than there is room for, later ones of other
 * files have none.
 *
 * Returns XT_OK or XT_ERROR_MEMORY. Whatever it returns, the importer can only be closed
 * afterwards. O(executions). Needs another 32 bytes for each record, 8 bytes for its place
 * and, if they weren't added in order, 32 bytes for each execution.
 */
xt_error xt_importer_build(xt_importer *importer, const xt_allocator *allocator,
                           xt_snapshot **snapshot);

#pragma GCC visibility pop

#endif
