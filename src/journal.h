/*
 * The journal of an image: it is told which bytes are about to change, so that it can
 * save and restore them.
 *
 * An operation begins, touches each range of bytes before it writes there, and ends.
 * Between operations an image keeps its invariants. An image in private memory has no
 * journal: then each call costs a test for a null pointer.
 *
 * If an operation was interrupted, it is undone: it touches few bytes, whose old contents
 * a journal can keep. Only clearing touches more; it is redone instead. `xt_image_clear`
 * does the same whenever it is called with the same arguments, so it can be repeated.
 */
#ifndef XT_JOURNAL_H
#define XT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

/* How to recover from an operation that was interrupted. */
typedef enum xt_recovery { XT_UNDO, XT_REDO_CLEAR } xt_recovery;

/*
 * An operation that can be undone touches at most XT_MOST_TOUCHED_BYTES bytes in at most
 * XT_MOST_TOUCHES ranges. Their old contents, with an offset and a length for each range,
 * fit in XT_UNDO_BYTES.
 */
enum { XT_UNDO_BYTES = 8192, XT_MOST_TOUCHED_BYTES = 7168, XT_MOST_TOUCHES = 40 };

_Static_assert(XT_MOST_TOUCHED_BYTES + XT_MOST_TOUCHES * (2 * sizeof(uint64_t) + 8) <=
                   XT_UNDO_BYTES,
               "a range takes its bytes, up to 8 for alignment, an offset and a length");

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
