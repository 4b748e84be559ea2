/*
 * The image: one contiguous block of fixed-width fields that holds all data of a tracker.
 *
 * The block begins with an xt_header. The sections follow it in this order. Each is
 * aligned to 8 bytes; its size follows from its number of slots in the header:
 *
 *     tools          xt_tool[tool_names.slots]
 *     histograms     xt_histogram[histogram_slots], up to two a tool
 *     tool measures  xt_tool_measure[tool_names.slots][measure_count]
 *     tool names     xt_name[tool_names.slots], then char[tool_names.byte_slots]
 *     error types    xt_name[error_types.slots], then char[error_types.byte_slots]
 *     in flight      xt_in_flight_entry[in_flight.slots]
 *     known          uint64_t[known_slots], until when each of these is known to run
 *     denials        xt_denial[denial_slots]
 *     denied calls   xt_denied_entry[denied_slots], a ring buffer
 *     texts          for each kind in turn (names of sessions, texts of arguments, texts
 *                    of errors): xt_texts_entry[slots], then char[slots * width]
 *     measures       xt_measure_entry[measure_count]
 *     records        xt_record[record_slots], a ring buffer
 *     values         uint64_t[record_slots][measure_count], the measures of each record
 *     log places     xt_log_place[log_place_slots], the place of each record in an
 *                    imported log
 *     log files      xt_name[log_files.slots], then char[log_files.byte_slots]
 *     writer         xt_writer[writer_slots], of a recorder's file
 *     undo log       xt_undo_log[undo_slots], of a recorder's file
 *
 * Only snapshots have places and log files. Only a merged one has known times: else all
 * in flight is known to run until `now_us`. Only the file of a recorder has the last two
 * sections, with one slot each.
 *
 * The block holds offsets and never pointers; the offset of a section follows from the
 * numbers of slots alone. Integers are in the byte order of the machine that wrote them,
 * which `byte_order` shows. A zeroed block with a header is an empty image, and slots
 * that were never used are never touched.
 *
 * Invariants that hold between operations, and that `xt_image_check` verifies:
 *
 *  1. The sizes match the numbers of slots, these are within the limits of the options,
 *     and no table has more entries than slots. The label is at most XT_LABEL_BYTES long.
 *     No unknown flag is set. Reserved bytes and unused bytes of the label are 0.
 *  2. The names of a table follow each other without gaps. None is longer than
 *     XT_NAME_BYTES, and no two are the same. No error type is empty. Unused bytes of the
 *     table are 0.
 *  3. A record's tool, error type and timing exist, its unused bits are 0, and its end is
 *     at most XT_MAX_COUNT. A measured duration lies between its tool's shortest and
 *     longest; an unknown one is 0. The end of a dated record isn't after its tool's last
 *     end; that of an undated one is from 1 to `undated`. From oldest to newest, the ends
 *     never decrease unless XT_FLAG_UNORDERED is set.
 *  4. The ring holds the `record_count` records before place `record_next`, and there are
 *     at most `recorded`. While the ring isn't full, they start at place 0, and the
 *     lifetime counts exactly them.
 *  5. The window of a tool counts exactly the retained records of that tool; the overall
 *     window counts all retained records.
 *  6. No lifetime count or sum is above XT_MAX_COUNT, where it stops. Each count and sum
 *     of a tool's lifetime is at least that of its retained records; so are, unless the
 *     total has stopped, the parts of its total that are of successes and of all else. A
 *     tool has no more cached hits than executions, and no more untimed and elapsed executions together than
 *     executions. The overall lifetime is the sum of the tools' lifetimes.
 *  7. Each of the first `histogram_count` histograms belongs to exactly one tool and
 *     outcome. It counts no more durations than the tool's lifetime has executions of
 *     this outcome. The two histograms of a tool together count as many as were measured,
 *     or fewer if a counter is full; a tool without histograms has no measured
 *     executions. The lowest and highest buckets of a histogram aren't empty. Of a tool's
 *     two histograms together, the lowest bucket is that of its shortest duration, and
 *     the highest bucket that of its longest.
 *  8. A tool's total duration is from n times its shortest to n times its longest
 *     duration, for n measured executions, unless a count or the total has stopped; all
 *     three are 0 if n is 0. The same holds of each of the two parts of the total, for
 *     the number of durations that its histogram counts, unless a counter of that or the
 *     total has stopped; without durations a part is 0. The part of all but successes is
 *     at most the total.
 *     Its failure streak is at most its number of failures. Its rounds are at most its
 *     streak, and at least 1 if the streak is. Its last failure isn't after its last end;
 *     each of the two times is 0 if there is no such execution.
 *  9. The listed executions in flight are linked in the order of their starts; their
 *     starts are at most XT_MAX_COUNT, their depths at most XT_MAX_DEPTH. The entries
 *     that were released are linked, too. Each tool's `listed` counts its listed
 *     executions, and is at most its `in_flight`; the sum of the tools' `in_flight` is
 *     `running`. If there are known times, all slots are of listed executions; each time
 *     is at most `now_us`, and one is less.
 * 10. A denial's tool and reason exist, and no two denials have the same pair. It counts
 *     at least 1. Its count and time are at most XT_MAX_COUNT, as are all counts of
 *     overflows.
 * 11. The ring of denied calls holds the `denied_count` calls before place `denied_next`;
 *     while it isn't full, they start at place 0. There are no more of them than denied
 *     calls are counted. The tool and reason of each exist, and its time is at most
 *     XT_MAX_COUNT.
 * 12. `now_us` isn't before `cleared_us`, and that isn't before `created_us`. `recorded`,
 *     `lost_us` and the last serial are at most XT_MAX_COUNT, and `undated` is at most
 *     `recorded`.
 * 13. The names of measures have 1 to XT_MEASURE_BYTES bytes, and no two are the same.
 *     Units have at most as many bytes. Scales are finite and above 0. Unused bytes of
 *     names and units are 0. A value is at most XT_MAX_COUNT, or XT_NO_MEASURE.
 * 14. A tool's sum, count and maximum of a measure are at least those of its records, and
 *     the sum of its window is that of its records. It counts no more values than
 *     executions. Without values all are 0; else the sum is at least the maximum and,
 *     unless it has stopped, at most the count times the maximum. Sum and maximum are at
 *     most XT_MAX_COUNT.
 * 15. A table of texts either has whole sets and isn't sorted, or has exactly as many
 *     slots as texts, in ascending order of their keys. Each text is in the set or at the
 *     place of its key, and no two have the same key. A text isn't empty, nor longer than
 *     the width. Unused bytes of an entry, and all bytes of a free entry, are 0. Its time
 *     of last use is at most XT_MAX_COUNT. The key of a session's name is its
 *     fingerprint; the tool and the error type, if any, of an error's text exist.
 * 16. There is a place for each slot of a record if there are log files, else there are no
 *     places. The names of log files are like those of other tables, and not empty. A
 *     place's file exists, or both its numbers are 0; they are for a slot without a record.
 *     From oldest to newest, the records first refer to the log files in the order of their
 *     identifiers, and to all of them.
 * 17. There are a writer and an undo log, or neither. The generation is even; without an
 *     undo log it is 0. A writer's host is at most XT_HOST_BYTES long, and its unused
 *     bytes are 0. Its times are at most XT_MAX_COUNT; it was closed when it was opened or
 *     later, or not at all. What the undo log holds doesn't matter.
 */
#ifndef XT_IMAGE_H
#define XT_IMAGE_H

#include "exectrack_policy.h"
#include "histogram.h"
#include "in_flight.h"
#include "measure.h"
#include "names.h"
#include "texts.h"
#include "tool.h"

#pragma GCC visibility push(hidden)

#define XT_IMAGE_MAGIC "exectrak"
enum {
    XT_IMAGE_VERSION = 3,
    XT_IMAGE_BYTE_ORDER = 0x01020304,
    XT_ERROR_TYPES = 256,
    XT_MAX_LOG_FILES = 1 << 20, /* with XT_BYTES_PER_NAME bytes each on average */
    XT_HOST_BYTES = 64,
    XT_BOOT_ID_BYTES = 16,
    XT_FLAG_UNORDERED = 1, /* a record was imported that ended before the previous one */
    XT_FLAG_FILTERED = 2,  /* a filter left out records */
    XT_FLAGS = XT_FLAG_UNORDERED | XT_FLAG_FILTERED,
};

typedef struct xt_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint64_t size_bytes; /* of the whole block */
    uint32_t checksum;   /* in a saved file; 0 in a tracker */
    uint32_t measure_count;
    uint64_t generation; /* odd during an operation on a recorder's file; else 0 */

    /* The options that the tracker was made with. */
    uint32_t max_history;
    uint32_t max_tools;
    uint32_t max_in_flight;
    uint32_t label_length;
    char label[XT_LABEL_BYTES];

    uint8_t instance[XT_INSTANCE_BYTES];
    uint64_t created_us; /* Unix time */
    uint64_t cleared_us; /* when the lifetime began: created_us, or the last clear */

    /* From here to `running`: what operations change, besides `clears`. */
    uint64_t now_us;          /* the latest reading of the clock, Unix time */
    xt_names_head tool_names; /* its identifiers are those of the tools */
    xt_names_head error_types;
    xt_in_flight_head in_flight;

    uint32_t histogram_slots;
    uint32_t histogram_count; /* in use: places 1 to this */

    uint32_t denial_slots;
    uint32_t denial_count;
    uint64_t denials_overflowed;

    uint32_t denied_slots;
    uint32_t denied_count;
    uint32_t denied_next; /* place in the ring, from 0, of the next denied call */
    uint32_t spare;       /* 0 */

    uint32_t record_slots;
    uint32_t record_count;
    uint32_t record_next; /* place in the ring, from 0, of the next record */
    uint32_t flags;
    uint64_t recorded; /* executions recorded since created_us */
    uint64_t undated;  /* those of them that were undated */

    xt_lifetime lifetime; /* of all tools */
    xt_window window;
    uint64_t tools_overflowed; /* executions counted under (other), of the lifetime */
    uint64_t error_types_overflowed;
    uint64_t running; /* executions in flight, listed or not */

    uint32_t ignored_args;               /* the option; 0 for none */
    xt_texts_head texts[XT_TEXTS_KINDS]; /* only the counts change, seldom */

    uint32_t log_place_slots; /* 0, or record_slots */
    xt_names_head log_files;
    uint32_t writer_slots; /* 0, or 1 in a recorder's file; so are undo_slots */
    uint32_t undo_slots;
    uint64_t clears;      /* how often the tracker was cleared; 0 in a snapshot */
    uint64_t lost_us;     /* of a snapshot, what xt_image_lost_us says; 0 in a tracker */
    uint32_t known_slots; /* 0, or in_flight.slots */
    uint8_t reserved[36]; /* 0 */
} xt_header;

/* All of these fields; those that recording changes, and the last that starting does. */
enum {
    XT_CHANGING_START = offsetof(xt_header, now_us),
    XT_CHANGING_BYTES = offsetof(xt_header, ignored_args) - XT_CHANGING_START,
    XT_RECORDING_START = offsetof(xt_header, record_slots),
    XT_RECORDING_BYTES = offsetof(xt_header, ignored_args) - XT_RECORDING_START,
    XT_STARTING_START = offsetof(xt_header, tools_overflowed),
    XT_STARTING_BYTES = offsetof(xt_header, ignored_args) - XT_STARTING_START,
};

_Static_assert(sizeof(xt_header) == 576, "part of the image's format");

/* The calls of one tool that policies denied for one reason. */
typedef struct xt_denial {
    uint64_t count;
    uint64_t last_us;
    uint32_t tool;   /* index into the tool table, from 0 */
    uint32_t reason; /* identifier in the table of error types */
} xt_denial;

_Static_assert(sizeof(xt_denial) == 24, "part of the image's format");

/* One call that a policy denied. */
typedef struct xt_denied_entry {
    uint64_t denied_us;
    uint32_t args_hash;
    uint32_t session; /* the fingerprint of its name; 0 for none */
    uint32_t tool;    /* index into the tool table, from 0 */
    uint32_t reason;  /* identifier in the table of error types */
} xt_denied_entry;

_Static_assert(sizeof(xt_denied_entry) == 24, "part of the image's format");

/* The place of a record in an imported log. */
typedef struct xt_log_place {
    uint32_t file; /* identifier among the log files; 0 if it isn't known */
    uint32_t line; /* from 1; 0 if it isn't known */
} xt_log_place;

/* The process that writes a recorder's file, for people: a lock tells if it lives. */
typedef struct xt_writer {
    uint64_t opened_us;     /* the clock's reading when it opened the file */
    uint64_t closed_us;     /* when it closed the file; 0 if it hasn't */
    uint64_t start_ticks;   /* of the process, in clock ticks since the machine started;
                               here and below, 0 if it isn't known */
    uint64_t pid_namespace; /* its inode */
    uint32_t pid;
    uint32_t host_length;
    uint8_t boot_id[XT_BOOT_ID_BYTES];
    char host[XT_HOST_BYTES];
} xt_writer;

_Static_assert(sizeof(xt_log_place) == 8 && sizeof(xt_writer) == 120 &&
                   sizeof(xt_undo_log) == 24 + XT_UNDO_BYTES,
               "part of the image's format");

/* The measures of an image. A tool has a row of `count` sums, a record of values. */
typedef struct xt_measures {
    uint32_t count;
    xt_measure_entry *entries;
    xt_tool_measure *sums;
    uint64_t *values;
} xt_measures;

/* An image as pointers into its block. */
struct xt_image {
    xt_header *header;
    xt_tool *tools;
    xt_histogram *histograms;
    xt_names tool_names;
    xt_names error_types;
    xt_in_flight in_flight;
    uint64_t *known_us; /* by slot of what is in flight, if there are known times */
    xt_denial *denials;
    xt_denied_entry *denied;
    xt_texts texts[XT_TEXTS_KINDS];
    xt_record *records;
    xt_measures measures;
    xt_log_place *log_places; /* if there are log files */
    xt_names log_files;
    xt_writer *writer; /* null without a slot for it, like the next */
    xt_undo_log *undo;
};

/* Whether the records of `image` have places. */
static inline bool xt_image_has_places(const xt_image *image) {
    return image->log_files.head->count > 0;
}

/* Until when the execution in flight in `slot` is known to run. */
static inline uint64_t xt_image_known_us(const xt_image *image, uint32_t slot) {
    return image->header->known_slots > 0 ? image->known_us[slot - 1]
                                          : image->header->now_us;
}

/*
 * The histogram of the tool at `index`, from 0, for `outcome`, which isn't
 * XT_OUTCOME_ALL; an empty one if it has none.
 */
const xt_histogram *xt_image_histogram(const xt_image *image, uint32_t index,
                                       xt_outcome_kind outcome);

/*
 * The same of `tool`, to be changed. If the tool has none yet, takes the next free place,
 * of which there must be one: that writes to the header, and to the tool, which must have
 * been touched.
 */
static inline xt_histogram *xt_image_use_histogram(xt_image *image, xt_tool *tool,
                                                   xt_outcome_kind outcome,
                                                   xt_journal *journal) {
    uint32_t *place = &tool->histograms[outcome];
    if (*place == 0) {
        uint32_t *count = &image->header->histogram_count;
        xt_journal_touch(journal, count, sizeof *count);
        *place = ++*count;
    }
    return &image->histograms[*place - 1];
}

/* The size in bytes of a block with the slots of `header`; SIZE_MAX if too large. */
size_t xt_image_size(const xt_header *header);

/* Whether the sections of blocks with the slots of `a` and `b` are in the same places. */
bool xt_image_same_sections(const xt_header *a, const xt_header *b);

/* Makes `image` a view of the block at `memory`, by the slots of its header. */
void xt_image_view(xt_image *image, void *memory);

/*
 * XT_OK if an image of `bytes` can begin with `header`: then every section lies within
 * them. Else XT_ERROR_KIND, XT_ERROR_BYTE_ORDER, XT_ERROR_VERSION, XT_ERROR_SIZE, or
 * XT_ERROR_INVALID for slots that are too many or don't match that size.
 */
xt_error xt_image_check_header(const xt_header *header, size_t bytes);

/*
 * Null for an image that keeps all invariants above, else a message that says which one
 * is broken. Reads nothing outside the block, whatever its contents. `scratch` is room
 * for xt_image_check_bytes, and is overwritten. O(size of the image + names * log names).
 */
const char *xt_image_check(const xt_image *image, void *scratch);

/*
 * Null if a tracker can record into `image`, which was checked, else a message that says
 * why not. Its tables must have the slots of its limits, and room for `(other)` if that
 * is missing; unused slots of tools and histograms must be 0; and `recorded` and the last
 * serial must be low enough that they can't reach XT_MAX_COUNT. O(slots).
 */
const char *xt_image_check_room(const xt_image *image);

/* The size in bytes of the scratch memory that xt_image_check needs, aligned to 8. */
size_t xt_image_check_bytes(const xt_image *image);

/*
 * Calls xt_image_check with scratch memory from `allocator`. XT_OK; XT_ERROR_MEMORY; or
 * XT_ERROR_INVALID, and `*wrong` says which invariant is broken.
 */
xt_error xt_image_verify(const xt_image *image, const xt_allocator *allocator,
                         const char **wrong);

/* The place, in a ring of `slots`, of the item that is `age` items older than the newest;
 * `next` is the place where the next item goes. */
static inline uint32_t xt_ring_place(uint32_t next, uint32_t slots, uint32_t age) {
    return age < next ? next - 1 - age : next + slots - 1 - age;
}

/* The place in the ring of the record that is `age` records older than the newest. */
static inline uint32_t xt_image_place(const xt_header *header, uint32_t age) {
    return xt_ring_place(header->record_next, header->record_slots, age);
}

/* The same of a denied call. */
static inline const xt_denied_entry *xt_image_denied(const xt_image *image,
                                                     uint32_t age) {
    const xt_header *header = image->header;
    return &image->denied[xt_ring_place(header->denied_next, header->denied_slots, age)];
}

/* Consecutive records, their values and their places. */
typedef struct xt_stretch {
    const xt_record *records;
    const uint64_t *values; /* a row of measures for each record */
    size_t count;
    const xt_log_place *places; /* null for none */
} xt_stretch;

/* The records of `image`, oldest first: in a ring they are up to two stretches. */
void xt_image_stretches(const xt_image *image, xt_stretch stretches[2]);

#pragma GCC visibility pop

#endif
