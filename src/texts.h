/*
 * Texts in an image: a bounded cache of text by key, which is a fingerprint or made of
 * identifiers. It keeps the names of sessions, arguments as text, and errors' messages.
 *
 * An entry has a head and `width` bytes, which are 0 after its text. An entry with key 0
 * is free; a kept text has another key, and isn't empty. A tracker's table consists of
 * sets of XT_TEXTS_PER_SET entries (a set-associative cache). Each key belongs to one
 * set, where a new text replaces the least recently used one; of several the first by its
 * bytes, then by its key. A snapshot's table is sorted by key and has no free entries.
 */
#ifndef XT_TEXTS_H
#define XT_TEXTS_H

#include "exectrack.h"
#include "journal.h"

#pragma GCC visibility push(hidden)

enum { XT_TEXTS_PER_SET = 8 };

/* The part of a table that is in the image's header. */
typedef struct xt_texts_head {
    uint32_t most;  /* the most texts that the tracker keeps: whole sets */
    uint32_t slots; /* `most` in a tracker, `count` if it is sorted */
    uint32_t count;
    uint32_t is_sorted; /* 0 or 1 */
} xt_texts_head;

/* The head of an entry. */
typedef struct xt_texts_entry {
    uint64_t last_us; /* when the text was last used */
    uint32_t key;
    uint32_t length;
} xt_texts_entry;

_Static_assert(sizeof(xt_texts_entry) == 16, "part of the image's format");

/* A table as its image shows it. */
typedef struct xt_texts {
    xt_texts_head *head;
    xt_texts_entry *entries;
    char *bytes;    /* those of entry i begin at i * width */
    uint32_t width; /* a multiple of 8 */
} xt_texts;

/* The number of entries in the sets that keep `count` texts, up to XT_MAX_TEXTS. */
static inline uint32_t xt_texts_slots_for(size_t count) {
    return (uint32_t)((count + XT_TEXTS_PER_SET - 1) / XT_TEXTS_PER_SET *
                      XT_TEXTS_PER_SET);
}

/* The first entry of the set of `key`, in a table that has sets. The key is mixed by
 * Fibonacci hashing, as keys made of identifiers are close to each other. */
static inline xt_texts_entry *xt_texts_set(const xt_texts *texts, uint32_t key) {
    uint32_t mixed = key * UINT32_C(0x9e3779b9);
    uint32_t sets = texts->head->slots / XT_TEXTS_PER_SET;
    uint32_t set = (uint32_t)((uint64_t)mixed * sets >> 32);
    return &texts->entries[(size_t)set * XT_TEXTS_PER_SET];
}

/* The entry of `key`, which isn't 0, in a table that isn't sorted; null for none. */
static inline xt_texts_entry *xt_texts_find(const xt_texts *texts, uint32_t key) {
    if (texts->head->slots > 0) {
        xt_texts_entry *set = xt_texts_set(texts, key);
        for (int i = 0; i < XT_TEXTS_PER_SET; i++) {
            if (set[i].key == key) {
                return &set[i];
            }
        }
    }
    return NULL;
}

/*
 * `text`, if it isn't longer than `most` bytes; else its first `most` bytes, or up to 3
 * fewer, so that a character of UTF-8 isn't cut.
 */
xt_text xt_text_cut(xt_text text, size_t most);

/* The text of an entry; empty if the entry is free. */
xt_text xt_texts_text(const xt_texts *texts, const xt_texts_entry *entry);

/* The text of `key`, which isn't 0; empty if it isn't kept. O(1), or O(log slots) if the
 * table is sorted. */
xt_text xt_texts_get(const xt_texts *texts, uint32_t key);

/*
 * Notes that the text of `key`, which isn't 0, was used at `used_us`, at most
 * XT_MAX_COUNT. False if it isn't kept. Touches what it changes. The table isn't sorted.
 * O(1).
 */
static inline bool xt_texts_use(xt_texts *texts, uint32_t key, uint64_t used_us,
                                xt_journal *journal) {
    xt_texts_entry *entry = xt_texts_find(texts, key);
    if (entry != NULL && used_us > entry->last_us) {
        xt_journal_touch_fast(journal, entry, sizeof *entry);
        entry->last_us = used_us;
    }
    return entry != NULL;
}

/*
 * Keeps `text`, which isn't empty and is cut to the width, under `key`, which isn't 0, as
 * used at `used_us`, at most XT_MAX_COUNT. It replaces the text of this key, unless that
 * was used later. A table without slots keeps nothing. `text` may point into the table.
 * Touches what it changes. The table isn't sorted. O(1).
 */
void xt_texts_put(xt_texts *texts, uint32_t key, xt_text text, uint64_t used_us,
                  xt_journal *journal);

/*
 * The same, but `text` replaces no other text of its set that was used later: of equal
 * times the greater by its bytes, then by its key, stays. So of any texts the same ones
 * are kept, in whatever order they are offered, except that the text of a key is the last
 * one of those used at the same time. Not for an image: it touches nothing.
 */
void xt_texts_offer(xt_texts *texts, uint32_t key, xt_text text, uint64_t used_us);

/* Empties a table that isn't sorted, and touches it. If it is interrupted, calling it
 * again completes it. Writes nothing to free entries. O(slots). */
void xt_texts_clear(xt_texts *texts, xt_journal *journal);

/*
 * Add a text, not longer than the width, or all texts of another table to a sorted table
 * that is being filled. There must be slots for them, which may hold anything before.
 * xt_texts_sort must follow.
 */
void xt_texts_append(xt_texts *texts, uint32_t key, xt_text text, uint64_t used_us);
void xt_texts_append_all(xt_texts *into, const xt_texts *from);

/* Sorts what was added. O(texts * log texts); uses qsort. */
void xt_texts_sort(xt_texts *texts);

/* Null for a valid table, else a message. O(size). */
const char *xt_texts_check(const xt_texts *texts);

#pragma GCC visibility pop

#endif
