/*
 * The listed executions in flight: a table of fixed size, linked in the order of starts.
 *
 * An entry of a listed execution has a serial; its `previous` and `next` are the slots of
 * the entries that started before and after it. Entries that were used and released have
 * serial 0 and are linked by `next` alone. Entries after `used` were never used and are
 * 0. Slots are counted from 1; 0 means none.
 */
#ifndef XT_IN_FLIGHT_H
#define XT_IN_FLIGHT_H

#include "exectrack.h"
#include "journal.h"

#pragma GCC visibility push(hidden)

/* The part of the table that is in the image's header. */
typedef struct xt_in_flight_head {
    uint32_t slots;
    uint32_t used;   /* slots that were ever used: slots 1 to this */
    uint32_t listed; /* entries of executions in flight */
    uint32_t oldest;
    uint32_t newest;
    uint32_t free;   /* the first released entry */
    uint64_t serial; /* of the last start, listed or not */
} xt_in_flight_head;

typedef struct xt_in_flight_entry {
    uint64_t serial;
    uint64_t start_us;
    uint32_t args_hash;
    uint32_t session; /* the fingerprint of its name; 0 for none */
    uint32_t tool;    /* index into the tool table, from 0 */
    uint32_t depth;   /* up to XT_MAX_DEPTH */
    uint32_t previous;
    uint32_t next;
} xt_in_flight_entry;

_Static_assert(sizeof(xt_in_flight_entry) == 40, "part of the image's format");

/* A view of the table. */
typedef struct xt_in_flight {
    xt_in_flight_head *head;
    xt_in_flight_entry *entries;
} xt_in_flight;

/* Adds `span` as the newest, and returns its slot; 0 if the table is full. O(1). */
uint32_t xt_in_flight_add(xt_in_flight *table, const xt_span *span);

/* Whether `span` is listed. O(1). */
bool xt_in_flight_has(const xt_in_flight *table, const xt_span *span);

/* Removes the entry in `slot`. O(1). */
void xt_in_flight_remove(xt_in_flight *table, uint32_t slot);

/* Touch the entries that adding one, or removing the one in `slot`, will change. */
void xt_in_flight_touch_next(const xt_in_flight *table, xt_journal *journal);
void xt_in_flight_touch(const xt_in_flight *table, uint32_t slot, xt_journal *journal);

/* The entry in `slot`. */
const xt_in_flight_entry *xt_in_flight_get(const xt_in_flight *table, uint32_t slot);

/* Null for a valid table, else a message; `tools` is the number of tools. O(slots). */
const char *xt_in_flight_check(const xt_in_flight *table, uint32_t tools);

#pragma GCC visibility pop

#endif
