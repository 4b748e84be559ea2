#include "in_flight.h"

#include <assert.h>

static xt_in_flight_entry *entry_of(const xt_in_flight *table, uint32_t slot) {
    assert(slot > 0 && slot <= table->head->used);
    return &table->entries[slot - 1];
}

/* A slot for a new entry; 0 if the table is full. */
static uint32_t take_slot(xt_in_flight *table) {
    xt_in_flight_head *head = table->head;
    if (head->free != 0) {
        uint32_t slot = head->free;
        head->free = entry_of(table, slot)->next;
        return slot;
    }
    return head->used < head->slots ? ++head->used : 0;
}

uint32_t xt_in_flight_add(xt_in_flight *table, const xt_span *span) {
    xt_in_flight_head *head = table->head;
    uint32_t slot = take_slot(table);
    if (slot == 0) {
        return 0;
    }
    *entry_of(table, slot) = (xt_in_flight_entry){
        .serial = span->serial,
        .start_us = span->start_us,
        .args_hash = span->args_hash,
        .session = span->session,
        .tool = span->tool_id - 1,
        .depth = span->depth,
        .previous = head->newest,
    };
    if (head->newest != 0) {
        entry_of(table, head->newest)->next = slot;
    } else {
        head->oldest = slot;
    }
    head->newest = slot;
    head->listed++;
    return slot;
}

static void touch(const xt_in_flight *table, uint32_t slot, xt_journal *journal) {
    if (slot != 0) {
        xt_journal_touch(journal, entry_of(table, slot), sizeof(xt_in_flight_entry));
    }
}

void xt_in_flight_touch_next(const xt_in_flight *table, xt_journal *journal) {
    const xt_in_flight_head *head = table->head;
    touch(table, head->free, journal);
    if (head->free == 0 && head->used < head->slots) {
        xt_journal_touch(journal, &table->entries[head->used], sizeof table->entries[0]);
    }
    touch(table, head->newest, journal);
}

void xt_in_flight_touch(const xt_in_flight *table, uint32_t slot, xt_journal *journal) {
    const xt_in_flight_entry *entry = entry_of(table, slot);
    touch(table, slot, journal);
    touch(table, entry->previous, journal);
    touch(table, entry->next, journal);
}

bool xt_in_flight_has(const xt_in_flight *table, const xt_span *span) {
    if (span->slot == 0 || span->slot > table->head->used) {
        return false;
    }
    const xt_in_flight_entry *entry = entry_of(table, span->slot);
    return entry->serial == span->serial && entry->start_us == span->start_us &&
           entry->tool == span->tool_id - 1 && entry->args_hash == span->args_hash &&
           entry->session == span->session && entry->depth == span->depth;
}

void xt_in_flight_remove(xt_in_flight *table, uint32_t slot) {
    xt_in_flight_head *head = table->head;
    xt_in_flight_entry *entry = entry_of(table, slot);
    if (entry->previous != 0) {
        entry_of(table, entry->previous)->next = entry->next;
    } else {
        head->oldest = entry->next;
    }
    if (entry->next != 0) {
        entry_of(table, entry->next)->previous = entry->previous;
    } else {
        head->newest = entry->previous;
    }
    *entry = (xt_in_flight_entry){.next = head->free};
    head->free = slot;
    head->listed--;
}

const xt_in_flight_entry *xt_in_flight_get(const xt_in_flight *table, uint32_t slot) {
    return entry_of(table, slot);
}

static const char *check_listed(const xt_in_flight *table, uint32_t tools) {
    const xt_in_flight_head *head = table->head;
    uint32_t previous = 0;
    uint64_t serial = 0;
    uint32_t slot = head->oldest;
    for (uint32_t i = 0; i < head->listed; i++) {
        if (slot == 0 || slot > head->used) {
            return "the list of executions in flight is broken";
        }
        const xt_in_flight_entry *entry = entry_of(table, slot);
        if (entry->serial <= serial || entry->serial > head->serial ||
            entry->previous != previous) {
            return "the list of executions in flight is out of order";
        }
        if (entry->tool >= tools || entry->start_us > XT_MAX_COUNT ||
            entry->depth > XT_MAX_DEPTH) {
            return "an execution in flight is out of range";
        }
        serial = entry->serial;
        previous = slot;
        slot = entry->next;
    }
    return slot == 0 && head->newest == previous
               ? NULL
               : "the list of executions in flight is broken";
}

static const char *check_free(const xt_in_flight *table) {
    const xt_in_flight_head *head = table->head;
    uint32_t slot = head->free;
    for (uint32_t i = head->listed; i < head->used; i++) {
        if (slot == 0 || slot > head->used || entry_of(table, slot)->serial != 0) {
            return "the list of free slots for executions in flight is broken";
        }
        slot = entry_of(table, slot)->next;
    }
    return slot == 0 ? NULL : "the list of free slots for executions in flight is broken";
}

const char *xt_in_flight_check(const xt_in_flight *table, uint32_t tools) {
    const xt_in_flight_head *head = table->head;
    if (head->used > head->slots || head->listed > head->used) {
        return "the counts of the table of executions in flight are out of range";
    }
    const char *wrong = check_listed(table, tools);
    return wrong != NULL ? wrong : check_free(table);
}
