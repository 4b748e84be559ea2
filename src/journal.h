/*
 * Announcing what changes in an image, so that whoever keeps it can undo it.
 *
 * An operation begins, touches each range of bytes before anything is written there, and
 * ends. Between operations an image keeps its invariants. In private memory nobody keeps a
 * journal: then announcing costs a test of a null pointer.
 *
 * An operation that was interrupted is undone: what it touched is few bytes, whose old
 * contents a journal can keep. Only clearing touches more. It is redone instead: what
 * `xt_image_clear` does has no conditions, and doing it again changes nothing.
 */
#ifndef XT_JOURNAL_H
#define XT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

/* How an operation is made whole when it was interrupted. */
typedef enum xt_recovery { XT_UNDO, XT_REDO_CLEAR } xt_recovery;

/*
 * The most bytes that an operation to undo touches, and how often it touches any: with a
 * place and a length for each, 8 KiB keep all that was there.
 */
enum { XT_UNDO_BYTES = 8192, XT_MOST_TOUCHED_BYTES = 7168, XT_MOST_TOUCHES = 40 };

_Static_assert(XT_MOST_TOUCHED_BYTES + XT_MOST_TOUCHES * (2 * sizeof(uint64_t) + 8) <=
                   XT_UNDO_BYTES,
               "a touch takes its bytes, up to 8 for alignment, a place and a length");

typedef struct xt_journal xt_journal;

struct xt_journal {
    void (*begin)(xt_journal *journal, xt_recovery recovery);
    void (*touch)(xt_journal *journal, const void *start, size_t bytes);
    void (*end)(xt_journal *journal);
};

static inline void xt_journal_begin(xt_journal *journal, xt_recovery recovery) {
    if (journal != NULL) {
        journal->begin(journal, recovery);
    }
}

static inline void xt_journal_touch(xt_journal *journal, const void *start,
                                    size_t bytes) {
    if (journal != NULL) {
        journal->touch(journal, start, bytes);
    }
}

static inline void xt_journal_end(xt_journal *journal) {
    if (journal != NULL) {
        journal->end(journal);
    }
}

#endif
