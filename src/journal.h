/*
 * The journal of a mapped image: it keeps, in the image's undo log, what an operation
 * changes, so that an operation that was interrupted can be undone (undo_log.h).
 *
 * An operation begins, touches each range of bytes before it writes there, and ends.
 * Between operations an image keeps its invariants. Only the latest reading of the clock
 * is stored without being touched. An image in private memory has no journal: then each
 * call costs a test for a null pointer.
 *
 * If an operation was interrupted, it is undone: it touches few bytes, whose old contents
 * are kept. Only clearing touches more; it is redone instead. `xt_image_clear` does the
 * same whenever it is called with the same arguments, so it can be repeated.
 *
 * The order of the stores is what makes this right, whenever the process is killed:
 *
 *   - To begin, the log is emptied, and then the header's generation becomes odd.
 *   - To touch a range, its bytes are appended to the log and then counted in `used`;
 *     only then the range may change.
 *   - To end, the generation becomes even, which is one store, and the only one that
 *     commits. The log isn't emptied, as a process that reads the image may still need it.
 *
 * For a killed process only the order matters in which the compiler stores; the fences are
 * for processes that read the image meanwhile.
 */
#ifndef XT_JOURNAL_H
#define XT_JOURNAL_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma GCC visibility push(hidden)

/* How to recover from an operation that was interrupted. */
typedef enum xt_recovery { XT_UNDO, XT_REDO_CLEAR } xt_recovery;

/*
 * An operation that can be undone touches at most XT_MOST_TOUCHED_BYTES bytes in at most
 * XT_MOST_TOUCHES ranges. Their old contents, with an offset and a length for each range,
 * fit in XT_UNDO_BYTES.
 */
enum { XT_UNDO_BYTES = 8192, XT_MOST_TOUCHED_BYTES = 7168, XT_MOST_TOUCHES = 40 };

/* A section of a recorder's file. While the generation is even, its contents are stale. */
typedef struct xt_undo_log {
    uint32_t used;         /* bytes of entries */
    uint32_t intent;       /* an xt_recovery */
    uint64_t arguments[2]; /* of clearing: `cleared_us` and `clears` */
    uint8_t
        entries[XT_UNDO_BYTES]; /* old bytes, each range followed by an xt_undo_entry */
} xt_undo_log;

/* What is behind the old bytes of a range, which are filled up to a multiple of 8. */
typedef struct xt_undo_entry {
    uint64_t offset; /* in the block */
    uint64_t length;
} xt_undo_entry;

_Static_assert(XT_MOST_TOUCHED_BYTES + XT_MOST_TOUCHES * (sizeof(xt_undo_entry) + 7) <=
                   XT_UNDO_BYTES,
               "every operation fits in the log");

/* A journal. Both pointers may be null in test builds: then it has only a shadow. */
typedef struct xt_journal {
    xt_undo_log *log;
    char *block;          /* of the image */
    uint64_t *generation; /* in its header */
    uint32_t used;        /* as in the log, which another process could change */
#ifdef XT_SHADOW
    struct xt_shadow *shadow; /* spec/shadow/shadow.h */
#endif
} xt_journal;

#define XT_INLINE static inline __attribute__((always_inline))

#ifdef XT_SHADOW
void xt_shadow_begin(struct xt_shadow *shadow, xt_recovery recovery);
void xt_shadow_touch(struct xt_shadow *shadow, const void *start, size_t bytes);
void xt_shadow_end(struct xt_shadow *shadow);
#define XT_TELL_SHADOW(journal, call)                                                    \
    if ((journal)->shadow != NULL) {                                                     \
        call;                                                                            \
    }                                                                                    \
    if ((journal)->log == NULL) {                                                        \
        return;                                                                          \
    }
#else
#define XT_TELL_SHADOW(journal, call)
#endif

/*
 * Stores `value`, with all earlier stores before it. A reader never finds a part of it,
 * nor does a process that opens the file of one that was killed. On 32 bits both may find
 * the upper half of `value` and still the lower half of the old value; the lowest bit,
 * which says whether an operation is unfinished, is always right.
 */
XT_INLINE void xt_journal_store(uint64_t *to, uint64_t value) {
#if UINTPTR_MAX > UINT32_MAX
    __atomic_store_n(to, value, __ATOMIC_RELEASE);
#else
    typedef uint32_t __attribute__((may_alias)) half;
    half halves[2];
    half *at = (half *)to;
    memcpy(halves, &value, sizeof value);
    int upper = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__;
    __atomic_store_n(&at[upper], halves[upper], __ATOMIC_RELEASE);
    __atomic_store_n(&at[!upper], halves[!upper], __ATOMIC_RELEASE);
#endif
}

/* Begins an operation, of which `intent` says how to recover from it; `arguments` are those
 * of clearing. The first fence: the log is only emptied after the last operation's end. */
XT_INLINE void xt_journal_begin_as(xt_journal *journal, xt_recovery intent,
                                   const uint64_t arguments[2]) {
    XT_TELL_SHADOW(journal, xt_shadow_begin(journal->shadow, intent))
    xt_undo_log *log = journal->log;
    journal->used = 0;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    __atomic_store_n(&log->used, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&log->intent, intent, __ATOMIC_RELAXED);
    if (arguments != NULL) {
        log->arguments[0] = arguments[0];
        log->arguments[1] = arguments[1];
    }
    xt_journal_store(journal->generation, *journal->generation + 1);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

/* Begins an operation that can be undone. */
XT_INLINE void xt_journal_begin(xt_journal *journal) {
    if (journal != NULL) {
        xt_journal_begin_as(journal, XT_UNDO, NULL);
    }
}

/* Begins to clear the image, with the arguments of `xt_image_clear`. Nothing that it
 * touches is kept. */
static inline void xt_journal_begin_clear(xt_journal *journal, uint64_t cleared_us,
                                          uint64_t clears) {
    if (journal != NULL) {
        const uint64_t arguments[] = {cleared_us, clears};
        xt_journal_begin_as(journal, XT_REDO_CLEAR, arguments);
    }
}

/* Keeps `bytes` from `start` on. */
XT_INLINE void xt_journal_keep(xt_journal *journal, const void *start, size_t bytes) {
    XT_TELL_SHADOW(journal, xt_shadow_touch(journal->shadow, start, bytes))
    uint8_t *to = journal->log->entries + journal->used;
    size_t room = (bytes + 7) & ~(size_t)7;
    uint64_t offset = (uint64_t)((const char *)start - journal->block);
    assert(journal->used + room + sizeof(xt_undo_entry) <= XT_UNDO_BYTES);
    memcpy(to, start, bytes);
    memcpy(to + room, &(xt_undo_entry){offset, bytes}, sizeof(xt_undo_entry));
    journal->used += (uint32_t)(room + sizeof(xt_undo_entry));
    __atomic_store_n(&journal->log->used, journal->used, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

/* The same as a function (undo_log.c). When the image is being cleared, keeps nothing. */
void xt_journal_keep_apart(xt_journal *journal, const void *start, size_t bytes);

/* Announces that `bytes` from `start` on, in the image, will be changed. */
static inline void xt_journal_touch(xt_journal *journal, const void *start,
                                    size_t bytes) {
    if (journal != NULL) {
        xt_journal_keep_apart(journal, start, bytes);
    }
}

/* The same for a constant number of bytes, which makes it fast, but larger than a call.
 * Not when the image is being cleared. */
XT_INLINE void xt_journal_touch_fast(xt_journal *journal, const void *start,
                                     size_t bytes) {
    if (journal != NULL) {
        xt_journal_keep(journal, start, bytes);
    }
}

/* Ends the operation. */
XT_INLINE void xt_journal_end(xt_journal *journal) {
    if (journal != NULL) {
        XT_TELL_SHADOW(journal, xt_shadow_end(journal->shadow))
        xt_journal_store(journal->generation, *journal->generation + 1);
    }
}

#pragma GCC visibility pop

#endif
