/*
 * The image: one contiguous block of fixed-width fields that holds all that a tracker
 * knows.
 *
 * The block begins with an xt_header. The sections follow it, in this order, each aligned
 * to 8 bytes and as large as its number of slots in the header says:
 *
 *     tools          xt_tool[tool_names.slots]
 *     histograms     xt_histogram[histogram_slots], up to two a tool
 *     tool measures  xt_tool_measure[tool_names.slots][measure_count]
 *     tool names     xt_name[tool_names.slots], then char[tool_names.byte_slots]
 *     error types    xt_name[error_types.slots], then char[error_types.byte_slots]
 *     in flight      xt_in_flight_entry[in_flight.slots]
 *     denials        xt_denial[denial_slots]
 *     denied calls   xt_denied_entry[denied_slots], a ring
 *     texts          of each kind in turn, names of sessions, texts of arguments and of
 *                    errors: xt_texts_entry[slots], then char[slots * width]
 *     measures       xt_measure_entry[measure_count]
 *     records        xt_record[record_slots], the ring
 *     values         uint64_t[record_slots][measure_count], what each record has of them
 *     log places     xt_log_place[log_place_slots], where each record stands in a log that
 *                    was imported
 *     log files      xt_name[log_files.slots], then char[log_files.byte_slots]
 *     writer         xt_writer[writer_slots], of a recorder's file
 *     undo log       xt_undo_log[undo_slots], of a recorder's file
 *
 * The last four are part of the format so that it needn't change for them: nothing writes
 * them yet, and they have no slots.
 *
 * The block holds offsets and never pointers; where a section stands follows from the
 * slots alone. Integers are in the byte order of the machine that wrote them, which
 * `byte_order` tells. A zeroed block needs only its header to be an empty image, and
 * slots that were never used are never touched.
 *
 * Invariants, which `xt_image_check` verifies, between operations:
 *
 *  1. The sizes are those of the slots, the slots are within the limits of the options,
 *     and no table has more entries than slots. The label fits, flags are known; reserved
 *     bytes and what the label leaves of its field are 0.
 *  2. The names of a table follow each other without gaps, none longer than
 *     XT_NAME_BYTES and no two the same; no error type is empty. What the bytes of names
 *     leave of their section is 0.
 *  3. A record's tool, error type and timing exist, its unused bits are 0, and its end is at
 *     most XT_MAX_COUNT. A duration that was measured lies between its tool's shortest and
 *     longest, one that isn't known is 0. Its end isn't after its tool's last; if it is
 *     undated, it is from 1 to `undated`. Oldest to newest, the ends never decrease unless
 *     XT_FLAG_UNORDERED is set.
 *  4. The ring holds the `record_count` records before place `record_next`, which are no
 *     more than `recorded`. While it isn't full, they start at place 0 and are all that
 *     the lifetime counts.
 *  5. The window of a tool counts exactly the retained records of that tool; the window
 *     in all counts all of them.
 *  6. No lifetime count or sum is above XT_MAX_COUNT, where it stops. A tool's lifetime
 *     counts and sums at least what its window does, and no more cached hits, or untimed and
 *     elapsed executions, than executions; the lifetime in all is the sum of the tools'.
 *  7. Each of the first `histogram_count` histograms is that of one tool and outcome, which
 *     is the only one to have its place. It counts no more durations than the tool's lifetime
 *     has executions of this outcome, and the two of a tool as many as were measured, or fewer
 *     if a counter is full; without a histogram there are none.
 *     Its lowest and highest buckets are occupied. The lowest of the tool's two histograms is
 *     that of its shortest duration, the highest that of its longest.
 *  8. A tool's total lies between the number of its measured executions times its shortest and
 *     its longest duration, which are both 0 without any.
 *     Its failure streak is no longer than its failures; its rounds are no more than its
 *     streak, and at least one if it has one. Its last failure isn't after its last end,
 *     and it has neither time without such an execution.
 *  9. What is in flight is linked in the order of its starts, which are no later than
 *     XT_MAX_COUNT, no deeper than XT_MAX_DEPTH, and the entries given back are linked
 *     too. Each tool counts what is listed of it, which is no more than it has in flight;
 *     together they have `running` in flight.
 * 10. A denial's tool and reason exist, and no two denials have the same. It counts at
 *     least 1. Its count and time are at most XT_MAX_COUNT, as are the counts of what
 *     overflowed.
 * 11. The ring of denied calls holds the `denied_count` before place `denied_next`; while it
 *     isn't full, they start at place 0. They are no more than were counted. The tool and
 *     reason of each exist, and its time is at most XT_MAX_COUNT.
 * 12. `now_us` isn't before `cleared_us`, and that isn't before `created_us`. Neither
 *     `recorded` nor the last serial is above XT_MAX_COUNT, nor `undated` above `recorded`.
 * 13. The names of measures are from 1 to XT_MEASURE_BYTES and no two the same, units are
 *     no longer, and scales are finite and above 0; what texts leave of their fields is 0.
 *     A value is at most XT_MAX_COUNT or XT_NO_MEASURE.
 * 14. A tool's sum, count and maximum of a measure are at least those of its records, and
 *     the sum of its window is theirs. It counts no more values than executions; without
 *     one all are 0, else the sum is at least the maximum and, unless it has stopped, at
 *     most the count times that. Sum and maximum are at most XT_MAX_COUNT.
 * 15. Each table of texts has whole sets and isn't sorted, or has exactly as many slots as
 *     texts, in ascending order of their keys. Each text stands where its key says, and no
 *     two have the same key. It isn't empty, nor longer than the width; what it leaves of
 *     its field is 0, as all of a free entry is. It was last used at XT_MAX_COUNT at the
 *     latest. The name of a session has the fingerprint that is its key; the tool and the
 *     error type, if any, of an error's text exist.
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
    XT_IMAGE_VERSION = 2,
    XT_IMAGE_BYTE_ORDER = 0x01020304,
    XT_ERROR_TYPES = 256,
    XT_FLAG_UNORDERED = 1, /* a record was imported that ended before the one before it */
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
    uint64_t generation; /* for a reader in another process; 0 in private memory */

    /* The options that the tracker was made with. */
    uint32_t max_history;
    uint32_t max_tools;
    uint32_t max_in_flight;
    uint32_t label_length;
    char label[XT_LABEL_BYTES];

    uint8_t instance[XT_INSTANCE_BYTES];
    uint64_t created_us; /* Unix time */
    uint64_t cleared_us; /* when counting began: then, or when it was last cleared */

    /* All that operations change, in one piece, which each of them touches as a whole. */
    uint64_t now_us;          /* the latest reading of the clock, Unix time */
    xt_names_head tool_names; /* its identifiers are those of the tools */
    xt_names_head error_types;
    xt_in_flight_head in_flight;

    uint32_t histogram_slots;
    uint32_t histogram_count; /* handed out, from place 1 on */

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
    uint64_t running; /* executions started and not finished, listed or not */

    uint32_t ignored_args; /* another of the options: its fingerprint; 0 for none */
    xt_texts_head texts[XT_TEXTS_KINDS]; /* of which only the counts change, seldom */

    uint32_t log_place_slots; /* 0, or as many as records */
    xt_names_head log_files;
    uint32_t writer_slots; /* 0, or 1 in a recorder's file, as of the next one */
    uint32_t undo_slots;
    uint64_t clears;      /* how often a tracker was cleared; 0 in a snapshot */
    uint8_t reserved[48]; /* 0 */
} xt_header;

enum {
    XT_CHANGING_START = offsetof(xt_header, now_us),
    XT_CHANGING_BYTES = offsetof(xt_header, ignored_args) - XT_CHANGING_START,
};

_Static_assert(sizeof(xt_header) == 576, "part of the image's format");
_Static_assert(XT_CHANGING_BYTES <= 320, "is touched by each operation");

/* Calls that a policy denied, counted by tool and reason. */
typedef struct xt_denial {
    uint64_t count;
    uint64_t last_us;
    uint32_t tool;   /* index into the tool table, from 0 */
    uint32_t reason; /* identifier in the table of error types */
} xt_denial;

_Static_assert(sizeof(xt_denial) == 24, "part of the image's format");

/* A call that a policy denied. */
typedef struct xt_denied_entry {
    uint64_t denied_us;
    uint32_t args_hash;
    uint32_t session; /* the fingerprint of its name; 0 for none */
    uint32_t tool;    /* index into the tool table, from 0 */
    uint32_t reason;  /* identifier in the table of error types */
} xt_denied_entry;

_Static_assert(sizeof(xt_denied_entry) == 24, "part of the image's format");

/* Where a record stands in a log that was imported. */
typedef struct xt_log_place {
    uint32_t file; /* its identifier among the log files; 0 if that isn't known */
    uint32_t line; /* from 1; 0 if that isn't known */
} xt_log_place;

/* Who writes a recorder's file, for people: whether it lives is told by a lock. */
typedef struct xt_writer {
    uint64_t start_ticks;   /* of the process, in clock ticks since the machine started */
    uint64_t pid_namespace; /* its inode */
    uint32_t pid;
    uint32_t host_length;
    uint8_t boot_id[16];
    char host[64];
} xt_writer;

/* What was there before the operation that goes on in a recorder's file. */
typedef struct xt_undo_log {
    uint32_t used;   /* bytes of entries: old bytes, each followed by offset and length */
    uint32_t intent; /* an xt_recovery */
    uint64_t arguments[2]; /* of clearing: `cleared_us` and `clears` */
    uint8_t entries[XT_UNDO_BYTES];
} xt_undo_log;

_Static_assert(sizeof(xt_log_place) == 8 && sizeof(xt_writer) == 104 &&
                   sizeof(xt_undo_log) == 24 + XT_UNDO_BYTES,
               "part of the image's format");

/* The measures of an image; of a tool and of a record in rows of `count`. */
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
    xt_denial *denials;
    xt_denied_entry *denied;
    xt_texts texts[XT_TEXTS_KINDS];
    xt_record *records;
    xt_measures measures;
};

/*
 * The histogram of what ended as `outcome`, which isn't XT_OUTCOME_ALL, of the tool at
 * `index`, from 0; an empty one if it has none.
 */
const xt_histogram *xt_image_histogram(const xt_image *image, uint32_t index,
                                       xt_outcome_kind outcome);

/*
 * The same of `tool`, to change it. At its first use a place is handed out, of which there
 * must be one left: that writes to the tool and to the header.
 */
static inline xt_histogram *xt_image_use_histogram(xt_image *image, xt_tool *tool,
                                                   xt_outcome_kind outcome) {
    uint32_t *place = &tool->histograms[outcome];
    if (*place == 0) {
        *place = ++image->header->histogram_count;
    }
    return &image->histograms[*place - 1];
}

/* The bytes that the sections which `header` says end at; SIZE_MAX for too many. */
size_t xt_image_size(const xt_header *header);

/* Views the block at `memory`, whose header says how its sections stand. */
void xt_image_view(xt_image *image, void *memory);

/*
 * XT_OK if an image of `bytes` can begin with `header`: every section then lies within
 * them. Else XT_ERROR_KIND, XT_ERROR_BYTE_ORDER, XT_ERROR_VERSION, XT_ERROR_SIZE, or
 * XT_ERROR_INVALID for slots that are too many or don't make that size.
 */
xt_error xt_image_check_header(const xt_header *header, size_t bytes);

/*
 * Null for an image that keeps all invariants above, else which one it doesn't. Reads
 * nothing outside the block, whatever it holds. `scratch` is room for
 * xt_image_check_bytes, and is overwritten. O(size of the image + names * log names).
 */
const char *xt_image_check(const xt_image *image, void *scratch);

/*
 * Null if a tracker can go on with `image`, which is checked, else why not: its tables
 * must have the slots of its limits, room for `(other)` where that isn't there yet, and
 * nothing in the slots of tools and histograms that aren't used yet; and what was recorded
 * and started can't reach XT_MAX_COUNT. O(slots).
 */
const char *xt_image_check_room(const xt_image *image);

/* The room that xt_image_check needs, aligned to 8. */
size_t xt_image_check_bytes(const xt_image *image);

/*
 * The same with room from `allocator`: XT_OK; XT_ERROR_MEMORY; or XT_ERROR_INVALID, and
 * `*wrong` says which invariant the image doesn't keep.
 */
xt_error xt_image_verify(const xt_image *image, const xt_allocator *allocator,
                         const char **wrong);

/* The place, in a ring of `slots`, of what is `age` older than the newest; `next` is the
 * place of what comes next. */
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

/* Records that stand one after the other, and their values. */
typedef struct xt_stretch {
    const xt_record *records;
    const uint64_t *values; /* a row of measures for each record */
    size_t count;
} xt_stretch;

/* The records of `image`, oldest first, as the two stretches that a ring may have. */
void xt_image_stretches(const xt_image *image, xt_stretch stretches[2]);

#pragma GCC visibility pop

#endif
