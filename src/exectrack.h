/*
 * exectrack: records what an agent's tools did, in memory that never grows.
 *
 * A tracker (`xt_tracker`) is made once, with all the memory that it will ever use, and
 * records executions: which tool, how it ended, how long it took, whether a cache
 * answered. It keeps all data in one block of memory, its image. An `xt_image` is a view
 * of such a block; the functions of exectrack_read.h read from it.
 *
 * Rules for all functions:
 * - A tracker belongs to one thread at a time. There is no lock in it.
 * - Text is `xt_text`: bytes and a length. It may hold zero bytes and need not be UTF-8.
 *   Text that a function returns points into the tracker and is not zero-terminated.
 *   Names of tools and error types stay valid and unchanged until `xt_tracker_close`.
 *   Names of sessions and the texts of arguments and errors may be overwritten by the
 *   next call that records, starts, finishes, denies or clears.
 * - Durations and times are unsigned microseconds; a time is Unix time.
 * - Identifiers of tools start at 1. 0 means no tool.
 * - Recording, starting and finishing are O(1), allocate nothing and never fail because
 *   a table is full: a name that no longer fits is counted under `(other)`.
 */
#ifndef EXECTRACK_H
#define EXECTRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The Lua module is one file and exports nothing but its luaopen function. On Windows the
   linker is told what to export. */
#ifdef _WIN32
#define XT_API
#elif defined(XT_BUILDING_MODULE)
#define XT_API __attribute__((visibility("hidden")))
#else
#define XT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this header and library. */
#define XT_VERSION "0.1.0"

/** The largest values of the options of the same names. */
#define XT_MAX_HISTORY ((size_t)1 << 28)
#define XT_MAX_TOOLS ((size_t)65535)
#define XT_MAX_IN_FLIGHT ((size_t)65535)

/** The longest label and the longest name in bytes. A longer name is cut to this. */
#define XT_LABEL_BYTES 64
#define XT_NAME_BYTES 255

/**
 * The most texts of one kind that a tracker keeps, and the longest in bytes: a name of a
 * session, and a text of arguments or of an error.
 */
#define XT_MAX_TEXTS ((size_t)65536)
#define XT_SESSION_NAME_BYTES 64
#define XT_TEXT_BYTES 120

/** The size in bytes of the UUID that identifies a tracker. */
#define XT_INSTANCE_BYTES 16

/** The longest duration in microseconds: 142 years. A longer one is stored as this. */
#define XT_MAX_DURATION_US (((uint64_t)1 << 52) - 1)

/** The largest depth of nested calls. A deeper call has this depth. */
#define XT_MAX_DEPTH 7

/** Lifetime counts and sums stop here, at 2^63 - 1, and never wrap. */
#define XT_MAX_COUNT ((uint64_t)INT64_MAX)

typedef struct xt_tracker xt_tracker;
typedef struct xt_image xt_image;

/** Bytes with a length. Empty text may have a null pointer. */
typedef struct xt_text {
    const char *bytes;
    size_t length;
} xt_text;

/** The zero-terminated `string` as text, without the zero. Null is empty text. */
XT_API xt_text xt_text_of(const char *string);

/** How an execution ended. */
typedef enum xt_status { XT_SUCCESS, XT_FAILED, XT_TIMED_OUT, XT_CANCELLED } xt_status;

/** What the duration of an execution means. */
typedef enum xt_timing {
    XT_MEASURED, /**< the time that it took */
    XT_ELAPSED,  /**< from request to result, which may include waiting for a person */
    XT_UNTIMED   /**< nothing: the duration isn't known */
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
    XT_ERROR_MEASURES, /**< too many measures, one out of range, or two of one name */
    XT_ERROR_STATUS,   /**< the status isn't a value of xt_status */
    XT_ERROR_TIMING,   /**< the timing isn't a value of xt_timing */
    XT_ERROR_SPAN,     /**< the span is finished, or not in flight in this tracker */
    XT_ERROR_GROUPING, /**< a key, an interval or a quantile is out of its range */
    XT_ERROR_MERGE,    /**< the runs' measures differ in unit or scale, or are too many */
    XT_ERROR_FILE,     /**< a file operation failed; `errno` has the reason */
    XT_ERROR_KIND,     /**< the bytes don't begin like a saved run */
    XT_ERROR_BYTE_ORDER,  /**< the run was saved on a machine of another byte order */
    XT_ERROR_VERSION,     /**< the run is in another version of the format */
    XT_ERROR_SIZE,        /**< there are fewer or more bytes than the run's header says */
    XT_ERROR_CHECKSUM,    /**< the bytes were changed after they were saved */
    XT_ERROR_INVALID,     /**< the contents are inconsistent */
    XT_ERROR_BUSY,        /**< another recorder has the file open */
    XT_ERROR_MISMATCH,    /**< the file was made with other options */
    XT_ERROR_FILE_SYSTEM, /**< recorders aren't for this file system, or this system */
    XT_ERROR_CHANGING     /**< a recorder's writer changes it too fast to read it */
} xt_error;

/** One sentence that says what `error` means, in static memory. */
XT_API const char *xt_error_message(xt_error error);

/**
 * Where a tracker reads the time. `now_us` returns Unix time in microseconds. It is given
 * `context`, is called once per operation, before the operation changes anything, and
 * must return (not jump out). A reading earlier than a previous one counts as the
 * previous one.
 *
 * If `now_us` is null, the tracker uses the system's clock: Unix time when the tracker
 * was made, plus the time passed since then. Setting the system's time doesn't change it.
 * Time during which the machine sleeps counts on Linux and macOS; elsewhere it may not.
 */
typedef struct xt_clock {
    uint64_t (*now_us)(void *context);
    void *context;
} xt_clock;

/**
 * Where the memory of a tracker or a snapshot comes from. `allocate` returns `bytes`
 * zeroed bytes, aligned for any type, or null. `release` frees a block of `bytes` that
 * `allocate` returned. Both are given `context`, and are called only by functions that
 * make or close something. If `allocate` is null, the system's allocator is used: an
 * anonymous mapping for large blocks, whose untouched pages use no memory, and `calloc`
 * for small ones.
 */
typedef struct xt_allocator {
    void *(*allocate)(void *context, size_t bytes);
    void (*release)(void *context, void *block, size_t bytes);
    void *context;
} xt_allocator;

/** The most measures of a tracker, and the longest name and unit in bytes. */
#define XT_MAX_MEASURES 4
#define XT_MEASURE_BYTES 32

/** In place of a value of a measure: the execution has none. */
#define XT_NO_MEASURE UINT64_MAX

/**
 * A number of your own that executions may have, such as the cost or the size of the
 * result. Values are integers, in multiples of `scale`: with a scale of 1e-6, a value of
 * 2,000 means 0.002 of the unit. So sums don't depend on the order.
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
    /** Tools counted separately: 1 to XT_MAX_TOOLS. Each takes 2.3 KB, and 2.1 KB more
        once it has failed, both from its first use on. Their names share 64 bytes per
        tool. */
    size_t max_tools;
    /** Executions in flight that can be listed: 0 to XT_MAX_IN_FLIGHT, 40 bytes each.
        More are counted and timed, but not listed. */
    size_t max_in_flight;
    /** Names of sessions kept, 80 bytes each, and texts of arguments and of errors, 136
        bytes each: 0 to XT_MAX_TEXTS, rounded up to a multiple of 8. They are kept in
        sets of 8; a new text replaces the least recently used one of its set. */
    size_t session_names;
    size_t args_texts;
    size_t error_texts;
    /** A name for the run, up to XT_LABEL_BYTES; it is copied. */
    xt_text label;
    xt_clock clock;
    xt_allocator allocator;
    /** The seed of the hash tables of names; 0 for a random one, so that nobody can
        choose names that collide. Nothing that can be read depends on it. */
    uint64_t seed;
    /** A fingerprint of the list of argument fields that `args_hash` leaves out, stored
        for the readers of the run; 0 for none. */
    uint32_t ignored_args;
    /** Identifies this tracker; zeros for a random UUID of version 4. */
    uint8_t instance[XT_INSTANCE_BYTES];
    /** Up to XT_MAX_MEASURES, with distinct names; they are copied. Each takes 8 bytes
        per record and 32 bytes per tool. */
    const xt_measure *measures;
    size_t measure_count;
} xt_options;

/** The defaults: 1,000 records, 512 tools, 64 in flight, 256 names of sessions, no texts
    of arguments or errors, no label, no measures, the system's clock and allocator. */
XT_API xt_options xt_options_default(void);

/**
 * Makes a tracker and stores it in `*tracker`; the caller owns it and closes it with
 * `xt_tracker_close`. `options` may be null for the defaults; it is not kept.
 *
 * Returns XT_OK; or sets `*tracker` to null and returns XT_ERROR_MEMORY or the error of
 * the option that is out of its range. Reads the clock once.
 */
XT_API xt_error xt_tracker_create(const xt_options *options, xt_tracker **tracker);

/** Frees `tracker`, its image and all text returned from it. Ignores a null pointer. */
XT_API void xt_tracker_close(xt_tracker *tracker);

/** How an execution ended: what `xt_tracker_finish` needs to know. */
typedef struct xt_outcome {
    xt_status status;
    bool was_cached;      /**< a cache answered */
    xt_text error_type;   /**< a short stable class such as `ENOENT`; empty for none */
    uint32_t result_hash; /**< a fingerprint of the result; 0 for none */
    /** A value for each measure of the tracker, in the order of the options, or
        XT_NO_MEASURE; a value above XT_MAX_COUNT is stored as XT_MAX_COUNT. Null for no
        values. */
    const uint64_t *measures;
    xt_text error_text; /**< the error's message; empty for none, and when it is read */
} xt_outcome;

/**
 * The session that an execution belongs to: a conversation, an episode, a request. It is
 * identified by the fingerprint of its name, which is the same in every process. Among
 * 10,000 sessions, the chance that any two have the same fingerprint is 1 %.
 */
typedef struct xt_session {
    uint32_t hash; /**< 0 for no session */
    xt_text name;  /**< empty if it isn't known */
} xt_session;

/** The length of a fingerprint written as a name: `#` and eight hexadecimal digits. */
#define XT_SESSION_HASH_BYTES 9

/**
 * The session called `name`, which is borrowed. A name of `#` and eight lower-case
 * hexadecimal digits, not all 0, is the fingerprint itself. The fingerprint of any other
 * name, including the empty one, is XXH64 of its bytes, folded to 32 bits and never 0.
 * O(length).
 */
XT_API xt_session xt_session_of(xt_text name);

/** Writes the fingerprint `hash` as a name, for a session whose name isn't known. */
XT_API void xt_session_write_hash(uint32_t hash, char name[XT_SESSION_HASH_BYTES]);

/**
 * Where an execution is in the log that it was imported from: a file and the number of a
 * line, or of an element.
 */
typedef struct xt_place {
    /** The file, such as `a.jsonl`; or the beginning of a path to an element of a document,
        such as `chat.json: messages[`. Empty if the place isn't known. */
    xt_text file;
    uint32_t line; /**< from 1; 0 for none */
    uint32_t
        file_id; /**< set when it is read, else ignored; 0 if the place isn't known */
} xt_place;

/** The most bytes of a place as text. */
#define XT_PLACE_BYTES (XT_NAME_BYTES + 11)

/**
 * The place that `text` is, which is borrowed. `a.jsonl:12` is line 12 of `a.jsonl`, and
 * `messages[17]` is number 17 of `messages[`. Any other text is a file without a number. A
 * number is from 1 to 2^32 - 1 and doesn't begin with 0, so that `xt_place_write` writes
 * the same text again. O(1).
 */
XT_API xt_place xt_place_of(xt_text text);

/** Writes `place`, whose file has at most XT_NAME_BYTES, and returns how many bytes. */
XT_API size_t xt_place_write(const xt_place *place, char text[XT_PLACE_BYTES]);

/** One execution, to record or as it was recorded. */
typedef struct xt_execution {
    xt_text tool; /**< any bytes, also none; cut to XT_NAME_BYTES */
    xt_outcome outcome;
    uint64_t duration_us; /**< a duration above XT_MAX_DURATION_US is stored as that */
    xt_timing timing;     /**< what the duration means; for XT_UNTIMED 0 is stored */
    uint32_t args_hash;   /**< a fingerprint of the arguments; 0 for none */
    xt_text args_text; /**< the arguments as text; empty for none, and when it is read */
    xt_session session;
    uint32_t depth;         /**< number of enclosing calls, capped at XT_MAX_DEPTH */
    uint32_t tool_id;       /**< set when it is read, ignored when it is recorded */
    uint32_t error_type_id; /**< the same; 0 for none */
    uint64_t end_us;        /**< when it ended; ignored by `xt_tracker_record` */
    /** True if it isn't known when it ended, only in which order: the nth undated
        execution that a tracker records, from 1, gets n microseconds of Unix time as its
        end. */
    bool is_undated;
    /** Set when an execution of an imported log is read; ignored when it is recorded, as a
        tracker keeps no places. */
    xt_place place;
} xt_execution;

/**
 * Records an execution that ends now, by the tracker's clock.
 * Returns XT_OK; or XT_ERROR_STATUS or XT_ERROR_TIMING, and records nothing. O(1).
 */
XT_API xt_error xt_tracker_record(xt_tracker *tracker, const xt_execution *execution);

/**
 * Records an execution that ended at `execution->end_us`, to import a past run; an end
 * above XT_MAX_COUNT is stored as that. Records stay in the order in which they were
 * recorded, whatever their times.
 * Returns XT_OK; or XT_ERROR_STATUS or XT_ERROR_TIMING, and records nothing. O(1).
 */
XT_API xt_error xt_tracker_record_at(xt_tracker *tracker, const xt_execution *execution);

/**
 * An execution in flight: a token that `xt_tracker_start` returns and `xt_tracker_finish`
 * takes. It owns no memory. Only the tracker changes its fields.
 */
typedef struct xt_span {
    uint64_t start_us;
    uint64_t serial; /**< counts the tracker's starts from 1; 0 once it is finished */
    uint32_t tool_id;
    uint32_t args_hash;
    uint32_t session; /**< the fingerprint of its name; 0 for none */
    uint32_t depth;
    uint32_t slot; /**< in the table of executions in flight, from 1; 0 if unlisted */
} xt_span;

/** A call of a tool, before it has ended. */
typedef struct xt_call {
    xt_text tool;
    uint32_t args_hash; /**< a fingerprint of the arguments; 0 for none */
    xt_text args_text;  /**< the arguments as text; empty for none */
    xt_session session;
    uint32_t depth; /**< number of enclosing calls, capped at XT_MAX_DEPTH */
} xt_call;

/**
 * Starts an execution of `tool` and returns its token, which must be finished once. When
 * `max_in_flight` executions are listed already, it is still timed and counted, but
 * `xt_image_in_flight` doesn't list it. O(1).
 */
XT_API xt_span xt_tracker_start(xt_tracker *tracker, xt_text tool, uint32_t args_hash);

/** Starts `call`, likewise. O(1). */
XT_API xt_span xt_tracker_start_call(xt_tracker *tracker, const xt_call *call);

/**
 * Finishes `span` and records its execution, which ends now. `*duration_us`, if not null,
 * receives the time since its start.
 *
 * Returns XT_OK and marks `*span` as finished; or records nothing and returns
 * XT_ERROR_STATUS, or XT_ERROR_SPAN for a span that is already finished or isn't this
 * tracker's. Don't finish a copy of a span: an unlisted span is checked only enough to
 * keep the counters consistent, so that a copy may end another call of the tool. O(1).
 */
XT_API xt_error xt_tracker_finish(xt_tracker *tracker, xt_span *span,
                                  const xt_outcome *outcome, uint64_t *duration_us);

/**
 * Ends the executions in flight of the session of fingerprint `session`, or of none for 0, as
 * cancelled, with the error type `abandoned`: for a host that ends a request without unwinding
 * what it has called. Those beyond `max_in_flight` aren't found. Returns how many it has ended;
 * to finish one of them afterwards is XT_ERROR_SPAN. O(executions in flight).
 */
XT_API size_t xt_tracker_abandon(xt_tracker *tracker, uint32_t session);

/**
 * Empties the history, zeroes all statistics and removes the texts of arguments and
 * errors. Names (of sessions, too), identifiers, the number of undated executions and
 * executions in flight stay; a span that is finished later is counted then. Doesn't read
 * the clock: the new lifetime begins at its latest reading. O(tools), and touches no page
 * that recording hasn't touched.
 */
XT_API void xt_tracker_clear(xt_tracker *tracker);

/** The identifier of the tool called `name`, or 0 if there is none. O(1). */
XT_API uint32_t xt_tracker_tool_id(const xt_tracker *tracker, xt_text name);

/**
 * Reads the tracker's clock: Unix time in microseconds, never earlier than a previous
 * reading by any operation.
 */
XT_API uint64_t xt_tracker_now_us(xt_tracker *tracker);

/**
 * The image of `tracker`, which the functions of exectrack_read.h read. It is borrowed,
 * shows what the tracker records from now on, too, and is valid until the tracker is
 * closed.
 */
XT_API const xt_image *xt_tracker_image(const xt_tracker *tracker);

#ifdef __cplusplus
}
#endif

#endif
