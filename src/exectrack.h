/*
 * exectrack: records what an agent's tools did, in memory that never grows.
 *
 * A tracker (`xt_tracker`) is made once, with all the memory that it will ever use, and
 * records executions: which tool, how it ended, how long it took, whether a cache
 * answered. Everything that can be asked is asked of its image: the one block of memory
 * in which it keeps them, of which an `xt_image` is a view. exectrack_read.h asks.
 *
 * Caveats, before anything else:
 * - A tracker belongs to one thread at a time. There is no lock in it.
 * - Text is `xt_text`: bytes and a length. It may hold zero bytes and need not be UTF-8.
 *   Text that a function returns points into the tracker: it is not zero-terminated, and
 *   it stays valid and unchanged until `xt_tracker_close`, as names of tools and error
 *   types are never removed. Only names of sessions and the texts of arguments and errors
 *   may be replaced by whatever is recorded, started, denied or cleared next.
 * - Durations and times are unsigned microseconds; a time is Unix time.
 * - Identifiers of tools start at 1. Zero is no tool.
 * - Recording, starting and finishing are O(1), allocate nothing and never fail for want
 *   of room: a name that no longer fits is counted under `(other)`.
 */
#ifndef EXECTRACK_H
#define EXECTRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The Lua module is one file and exports nothing but its luaopen function. */
#ifdef XT_BUILDING_MODULE
#define XT_API __attribute__((visibility("hidden")))
#else
#define XT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header and library. */
#define XT_VERSION "0.1.0"

/** The largest values of the options of the same names; a smaller tracker costs less. */
#define XT_MAX_HISTORY ((size_t)1 << 28)
#define XT_MAX_TOOLS ((size_t)65535)
#define XT_MAX_IN_FLIGHT ((size_t)65535)

/** The longest label and the longest name in bytes; of a longer name the first count. */
#define XT_LABEL_BYTES 64
#define XT_NAME_BYTES 255

/**
 * The most texts that a tracker keeps of a kind, and the longest in bytes: names of
 * sessions, and texts of arguments and errors.
 */
#define XT_MAX_TEXTS ((size_t)65536)
#define XT_SESSION_NAME_BYTES 64
#define XT_TEXT_BYTES 120

/** The bytes that name the instance of a tracker: those of a UUID. */
#define XT_INSTANCE_BYTES 16

/** The longest duration in microseconds, 142 years; a longer one is stored as this. */
#define XT_MAX_DURATION_US (((uint64_t)1 << 52) - 1)

/** The depth of nested calls stops here: this deep, or deeper. */
#define XT_MAX_DEPTH 7

/** Lifetime counts and sums stop here, at Lua's largest integer, and never wrap. */
#define XT_MAX_COUNT ((uint64_t)INT64_MAX)

typedef struct xt_tracker xt_tracker;
typedef struct xt_image xt_image;

/** Bytes with a length. Empty text may have a null pointer. */
typedef struct xt_text {
    const char *bytes;
    size_t length;
} xt_text;

/** Zero-terminated `string` as text, without its zero. A null pointer is empty text. */
XT_API xt_text xt_text_of(const char *string);

/** How an execution ended. */
typedef enum xt_status { XT_SUCCESS, XT_FAILED, XT_TIMED_OUT, XT_CANCELLED } xt_status;

/** What the duration of an execution is. */
typedef enum xt_timing {
    XT_MEASURED, /**< how long it took */
    XT_ELAPSED, /**< from its request to its result, which may include waiting for a person */
    XT_UNTIMED /**< none: it isn't known */
} xt_timing;

/** What can go wrong. `XT_OK` is zero. */
typedef enum xt_error {
    XT_OK,
    XT_ERROR_MEMORY,        /**< the allocator gave no memory */
    XT_ERROR_MAX_HISTORY,   /**< `max_history` is above XT_MAX_HISTORY */
    XT_ERROR_MAX_TOOLS,     /**< `max_tools` is 0 or above XT_MAX_TOOLS */
    XT_ERROR_MAX_IN_FLIGHT, /**< `max_in_flight` is above XT_MAX_IN_FLIGHT */
    XT_ERROR_LABEL,         /**< the label is longer than XT_LABEL_BYTES */
    XT_ERROR_SESSION_NAMES, /**< `session_names` is above XT_MAX_TEXTS */
    XT_ERROR_ARGS_TEXTS,    /**< `args_texts` is above XT_MAX_TEXTS */
    XT_ERROR_ERROR_TEXTS,   /**< `error_texts` is above XT_MAX_TEXTS */
    XT_ERROR_MEASURES, /**< `measures` are too many, out of range, or two are the same */
    XT_ERROR_STATUS,   /**< the status is none of xt_status */
    XT_ERROR_TIMING,   /**< the timing is none of xt_timing */
    XT_ERROR_SPAN,     /**< the span is finished, or not in flight in this tracker */
    XT_ERROR_GROUPING, /**< a key, an interval or a quantile is out of its range */
    XT_ERROR_MERGE,    /**< runs have measures that don't go together */
    XT_ERROR_FILE,     /**< the system refused; `errno` has the reason */
    XT_ERROR_KIND,     /**< the bytes don't begin as a saved run does */
    XT_ERROR_BYTE_ORDER, /**< the run was saved on a machine of another byte order */
    XT_ERROR_VERSION,    /**< the run is in another version of the format */
    XT_ERROR_SIZE,       /**< the bytes are fewer or more than the run's header says */
    XT_ERROR_CHECKSUM,   /**< the bytes aren't those that were saved */
    XT_ERROR_INVALID     /**< the contents are inconsistent */
} xt_error;

/** One sentence that says what `error` means, in static memory. */
XT_API const char *xt_error_message(xt_error error);

/**
 * Where a tracker reads the time. `now_us` returns Unix time in microseconds; it is given
 * `context`, is called once an operation and before the operation changes anything, and
 * must return. A reading that is earlier than one before it counts as that one. With
 * `now_us` null a tracker uses the system's: Unix time when it was made, plus the time
 * since, which setting the system's time doesn't change. The time that the machine sleeps
 * counts on Linux and macOS; elsewhere it may not.
 */
typedef struct xt_clock {
    uint64_t (*now_us)(void *context);
    void *context;
} xt_clock;

/**
 * Where the memory of a tracker or a snapshot comes from. `allocate` returns `bytes`
 * zeroed bytes, aligned for any type, or null; `release` takes back a block of `bytes`
 * that `allocate` gave. Both are given `context`, and are called only by functions that
 * make or close something. With `allocate` null it is the system's: an anonymous mapping
 * for large blocks, whose untouched pages cost nothing, and `calloc` for small ones.
 */
typedef struct xt_allocator {
    void *(*allocate)(void *context, size_t bytes);
    void (*release)(void *context, void *block, size_t bytes);
    void *context;
} xt_allocator;

/** The most measures, and the longest name and unit of one in bytes. */
#define XT_MAX_MEASURES 4
#define XT_MEASURE_BYTES 32

/** Among the values of an execution: one that it doesn't have. */
#define XT_NO_MEASURE UINT64_MAX

/**
 * A number of your own that executions may have, such as what one cost or how large its
 * result was. Values are whole numbers of `scale`: with a scale of 1e-6, a value of 2,000 is
 * 0.002 of the unit. So they add up in any order to the same.
 */
typedef struct xt_measure {
    xt_text name; /**< 1 to XT_MEASURE_BYTES */
    xt_text unit; /**< such as `USD`, or `By` for bytes; up to XT_MEASURE_BYTES */
    double scale; /**< finite and above 0 */
} xt_measure;

/** How to make a tracker. Begin with `xt_options_default()` and change what you need. */
typedef struct xt_options {
    /** Records retained: 0 to XT_MAX_HISTORY, 32 bytes each. */
    size_t max_history;
    /** Tools told apart: 1 to XT_MAX_TOOLS, 2.3 KB each and 2.1 KB more for one that has
        also failed, taken when it is used. Their names have 64 bytes each on average. */
    size_t max_tools;
    /** Executions listed while they run: 0 to XT_MAX_IN_FLIGHT, 40 bytes each. */
    size_t max_in_flight;
    /** Names of sessions kept, 80 bytes each, and texts of arguments and of errors, 136
        bytes each: 0 to XT_MAX_TEXTS, rounded up to a multiple of 8. They are kept in sets
        of 8, in each of which the one that was used longest ago makes room. */
    size_t session_names;
    size_t args_texts;
    size_t error_texts;
    /** A name for the run, up to XT_LABEL_BYTES; it is copied. */
    xt_text label;
    xt_clock clock;
    xt_allocator allocator;
    /** Of the hashes by which names are found; 0 for a random one, so that nobody can choose
        names that are slow to find. Nothing that can be read depends on it. */
    uint64_t seed;
    /** A fingerprint of the fields of arguments that fingerprints leave out, for whoever reads
        the run; 0 for none. */
    uint32_t ignored_args;
    /** Names this tracker among all others; zeros for a random UUID of version 4. */
    uint8_t instance[XT_INSTANCE_BYTES];
    /** Up to XT_MAX_MEASURES, of distinct names; they are copied. Each takes 8 bytes a record
        and 32 bytes a tool. */
    const xt_measure *measures;
    size_t measure_count;
} xt_options;

/** 1,000 records, 512 tools, 64 in flight, 256 names of sessions, no texts, no label, the
    system's clock and allocator. */
XT_API xt_options xt_options_default(void);

/**
 * Makes a tracker and stores it in `*tracker`; the caller owns it and gives it to
 * `xt_tracker_close`. `options` may be null for the defaults; it is not kept.
 *
 * Returns XT_OK, or leaves `*tracker` null and returns XT_ERROR_MEMORY or the error of
 * the option that is out of its range. The clock is read once.
 */
XT_API xt_error xt_tracker_create(const xt_options *options, xt_tracker **tracker);

/** Frees `tracker`, its image and all text that it returned. Ignores a null pointer. */
XT_API void xt_tracker_close(xt_tracker *tracker);

/** How an execution ended: all that `xt_tracker_finish` must be told. */
typedef struct xt_outcome {
    xt_status status;
    bool was_cached;      /**< a cache answered */
    xt_text error_type;   /**< a short stable class such as `ENOENT`; empty for none */
    uint32_t result_hash; /**< a fingerprint of what it returned; 0 for none */
    /** A value for each measure of the tracker, in their order, or XT_NO_MEASURE; those above
        XT_MAX_COUNT are stored as that. Null for none. */
    const uint64_t *measures;
    xt_text error_text; /**< what the error said; empty for nothing. Ignored when read */
} xt_outcome;

/**
 * The session that an execution belongs to: a conversation, an episode, a request. It is
 * known by the fingerprint of its name, which is the same in every process. Of two of
 * 10,000 sessions the fingerprints are the same with a chance of 1 %.
 */
typedef struct xt_session {
    uint32_t hash; /**< 0 for no session */
    xt_text name;  /**< empty if it isn't known */
} xt_session;

/** The bytes of `#` and eight hexadecimal digits: a session by its fingerprint. */
#define XT_SESSION_HASH_BYTES 9

/**
 * The session called `name`, which is borrowed. `#` and eight lower-case hexadecimal digits,
 * not all 0, are its fingerprint itself; of all other names, the empty one too, that is
 * XXH64 of their bytes, folded to 32 bits. O(length).
 */
XT_API xt_session xt_session_of(xt_text name);

/** Stores the name by which the session of fingerprint `hash` is known without another. */
XT_API void xt_session_write_hash(uint32_t hash, char name[XT_SESSION_HASH_BYTES]);

/** One execution, to record or as it was recorded. */
typedef struct xt_execution {
    xt_text tool; /**< any bytes, the empty name too; up to XT_NAME_BYTES of them count */
    xt_outcome outcome;
    uint64_t duration_us; /**< up to XT_MAX_DURATION_US; a longer one is stored as that */
    xt_timing timing;     /**< what that is; of XT_UNTIMED it is stored as 0 */
    uint32_t args_hash;   /**< a fingerprint of the arguments; 0 for none */
    xt_text
        args_text; /**< what the arguments were; empty for nothing. Ignored when read */
    xt_session session;
    uint32_t depth;         /**< how many calls it was made within, up to XT_MAX_DEPTH */
    uint32_t tool_id;       /**< set when it is read, ignored when it is recorded */
    uint32_t error_type_id; /**< the same; 0 for none */
    uint64_t end_us;        /**< when it ended; ignored by `xt_tracker_record` */
    /** When it ended isn't known, only its order: the nth of them that a tracker records, from
        1, counts as having ended at n microseconds of Unix time. */
    bool is_undated;
} xt_execution;

/**
 * Records an execution that ends now, by the tracker's clock.
 * Returns XT_OK; or XT_ERROR_STATUS or XT_ERROR_TIMING, and records nothing. O(1).
 */
XT_API xt_error xt_tracker_record(xt_tracker *tracker, const xt_execution *execution);

/**
 * Records an execution that ended at `execution->end_us`, up to XT_MAX_COUNT, to import a
 * past run. Records stay in the order in which they were recorded, whatever their times.
 * Returns XT_OK; or XT_ERROR_STATUS or XT_ERROR_TIMING, and records nothing. O(1).
 */
XT_API xt_error xt_tracker_record_at(xt_tracker *tracker, const xt_execution *execution);

/**
 * An execution in flight: a token that `xt_tracker_start` gives and `xt_tracker_finish`
 * takes. It holds no memory, and its fields are the tracker's.
 */
typedef struct xt_span {
    uint64_t start_us;
    uint64_t serial; /**< counts the tracker's starts from 1; 0 once it is finished */
    uint32_t tool_id;
    uint32_t args_hash;
    uint32_t session; /**< the fingerprint of its name; 0 for none */
    uint32_t depth;
    uint32_t slot; /**< its place in the table of what is in flight, from 1; 0 for none */
} xt_span;

/** What is called, before it is known how that ends. */
typedef struct xt_call {
    xt_text tool;
    uint32_t args_hash; /**< a fingerprint of the arguments; 0 for none */
    xt_text args_text;  /**< what they were; empty for nothing */
    xt_session session;
    uint32_t depth; /**< how many calls it is made within, up to XT_MAX_DEPTH */
} xt_call;

/**
 * Starts an execution of `tool` and returns its token, which must be finished once. When
 * `max_in_flight` executions are in flight already, it is timed and counted all the same,
 * but `xt_image_in_flight` doesn't list it. O(1).
 */
XT_API xt_span xt_tracker_start(xt_tracker *tracker, xt_text tool, uint32_t args_hash);

/** The same with all that can be known of a call. O(1). */
XT_API xt_span xt_tracker_start_call(xt_tracker *tracker, const xt_call *call);

/**
 * Finishes `span` and records its execution, which ends now. `*duration_us`, if not null,
 * receives the time since its start.
 *
 * Returns XT_OK and marks `*span` as finished; or records nothing and returns
 * XT_ERROR_STATUS, or XT_ERROR_SPAN for a span that is finished already or isn't this
 * tracker's. Of a span that isn't listed no more is known than how many of its tool are
 * in flight: so don't finish a copy of one, which may pass for another. O(1).
 */
XT_API xt_error xt_tracker_finish(xt_tracker *tracker, xt_span *span,
                                  const xt_outcome *outcome, uint64_t *duration_us);

/**
 * Empties the history and zeroes all statistics, as at the start of a session, and forgets
 * the texts of arguments and errors. Names, those of sessions too, identifiers, the number of
 * undated executions and what is in flight stay; a span that is finished later counts then.
 * Doesn't read the clock: counting begins anew at its latest reading. O(tools), and
 * touches no page that recording hasn't touched.
 */
XT_API void xt_tracker_clear(xt_tracker *tracker);

/** The identifier of the tool called `name`, or 0 if there is none. O(1). */
XT_API uint32_t xt_tracker_tool_id(const xt_tracker *tracker, xt_text name);

/**
 * The tracker's clock now, in microseconds: never before the end of an execution that the
 * clock has timed, nor before an earlier reading.
 */
XT_API uint64_t xt_tracker_now_us(xt_tracker *tracker);

/**
 * The image that `tracker` writes to: what the functions of exectrack_read.h read. It is
 * borrowed, follows the tracker as it records, and ends with it.
 */
XT_API const xt_image *xt_tracker_image(const xt_tracker *tracker);

#ifdef __cplusplus
}
#endif

#endif
