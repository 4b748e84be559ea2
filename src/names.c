#include "names.h"

#include "siphash.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const xt_text other = {XT_OTHER, XT_OTHER_LENGTH};

xt_text xt_names_get(const xt_names *names, uint32_t id) {
    if (id == 0 || id > names->head->count) {
        return (xt_text){NULL, 0};
    }
    xt_name name = names->names[id - 1];
    return (xt_text){names->bytes + name.offset, name.length};
}

static bool same_words(const char *a, const char *b) {
    uint64_t x;
    uint64_t y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x == y;
}

/* Like memcmp, but inline: most names are so short that a call would take longer. */
static bool same_bytes(const char *a, const char *b, size_t length) {
    const size_t word = sizeof(uint64_t);
    size_t i = 0;
    if (length >= word) {
        for (; i + word < length; i += word) {
            if (!same_words(a + i, b + i)) {
                return false;
            }
        }
        return same_words(a + length - word, b + length - word);
    }
    while (i < length && a[i] == b[i]) {
        i++;
    }
    return i == length;
}

static bool is_name(const xt_names *names, uint32_t id, xt_text text) {
    xt_name name = names->names[id - 1];
    return name.length == text.length &&
           same_bytes(names->bytes + name.offset, text.bytes, text.length);
}

static xt_text cut(xt_text text) {
    return (xt_text){text.bytes,
                     text.length < XT_NAME_BYTES ? text.length : XT_NAME_BYTES};
}

bool xt_names_fits(const xt_names *names, size_t length) {
    const xt_names_head *head = names->head;
    return head->count < head->slots && length <= head->byte_slots - head->byte_count;
}

uint32_t xt_names_append(xt_names *names, xt_text text, xt_journal *journal) {
    xt_names_head *head = names->head;
    xt_name *name = &names->names[head->count];
    char *bytes = names->bytes + head->byte_count;
    assert(xt_names_fits(names, text.length));
    xt_journal_touch(journal, head, sizeof *head);
    xt_journal_touch(journal, name, sizeof *name);
    *name = (xt_name){head->byte_count, (uint32_t)text.length};
    if (text.length > 0) {
        xt_journal_touch(journal, bytes, text.length);
        memcpy(bytes, text.bytes, text.length);
    }
    head->byte_count += (uint32_t)text.length;
    return ++head->count;
}

int xt_text_compare(xt_text a, xt_text b) {
    size_t length = a.length < b.length ? a.length : b.length;
    int order = length > 0 ? memcmp(a.bytes, b.bytes, length) : 0;
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

static int compare_named(const void *a, const void *b) {
    const xt_named *left = a;
    const xt_named *right = b;
    return xt_text_compare(left->text, right->text);
}

void xt_names_sort(const xt_names *names, xt_named sorted[]) {
    uint32_t count = names->head->count;
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = (xt_named){xt_names_get(names, i + 1), i + 1};
    }
    qsort(sorted, count, sizeof sorted[0], compare_named);
}

static const char *check_places(const xt_names *names) {
    const xt_names_head *head = names->head;
    uint32_t offset = 0;
    for (uint32_t i = 0; i < head->count; i++) {
        xt_name name = names->names[i];
        if (name.offset != offset || name.length > XT_NAME_BYTES ||
            name.length > head->byte_count - offset) {
            return "a name is outside its table";
        }
        offset += name.length;
    }
    return offset == head->byte_count ? NULL : "a table of names counts too many bytes";
}

bool xt_is_zero(const void *start, size_t bytes) {
    const char *byte = start;
    return bytes == 0 || (byte[0] == 0 && memcmp(byte, byte + 1, bytes - 1) == 0);
}

const char *xt_names_check(const xt_names *names, xt_named sorted[]) {
    const xt_names_head *head = names->head;
    if (head->count > head->slots || head->byte_count > head->byte_slots) {
        return "the counts of a table of names are out of range";
    }
    const char *wrong = check_places(names);
    if (wrong != NULL) {
        return wrong;
    }
    size_t section_bytes = ((size_t)head->byte_slots + 7) & ~(size_t)7;
    if (!xt_is_zero(names->bytes + head->byte_count, section_bytes - head->byte_count)) {
        return "unused bytes of a table of names aren't 0";
    }
    xt_names_sort(names, sorted);
    for (uint32_t i = 1; i < head->count; i++) {
        if (compare_named(&sorted[i - 1], &sorted[i]) == 0) {
            return "a table of names has the same name twice";
        }
    }
    return NULL;
}

/* A power of two: at least twice the number of names without (other), and more than the
 * number of all names. */
static size_t slots_by_bytes(size_t name_slots) {
    size_t slots = 4;
    while (slots + 2 < name_slots * 2) {
        slots *= 2;
    }
    return slots;
}

size_t xt_name_index_slots(size_t name_slots) {
    return 2 * slots_by_bytes(name_slots);
}

/* The slot of `text`, or the free slot where it belongs. */
static uint32_t *slot_of(const xt_name_index *index, const xt_names *names,
                         xt_text text) {
    uint64_t hash = xt_siphash(text.bytes, text.length, index->seed, index->seed);
    uint32_t place = (uint32_t)hash & index->mask;
    while (index->by_bytes[place] != 0 && !is_name(names, index->by_bytes[place], text)) {
        place = (place + 1) & index->mask;
    }
    return &index->by_bytes[place];
}

/* Fibonacci hashing (Knuth, volume 3, 6.4): it spreads evenly spaced addresses well. */
static uint32_t *slot_of_address(const xt_name_index *index, const char *address) {
    uint64_t product = (uint64_t)(uintptr_t)address * UINT64_C(0x9e3779b97f4a7c15);
    return &index->by_address[product >> index->shift];
}

void xt_name_index_build(xt_name_index *index, const xt_names *names, uint32_t *slots,
                         uint64_t seed) {
    size_t count = slots_by_bytes(names->head->slots);
    *index = (xt_name_index){slots, slots + count, (uint32_t)count - 1, 64, seed};
    for (size_t i = count; i > 1; i /= 2) {
        index->shift--;
    }
    for (uint32_t id = 1; id <= names->head->count; id++) {
        *slot_of(index, names, xt_names_get(names, id)) = id;
    }
}

uint32_t xt_name_index_find(const xt_name_index *index, const xt_names *names,
                            xt_text text) {
    return *slot_of(index, names, cut(text));
}

/* Whether a new name of `length` fits, without using the room reserved for (other). */
static bool has_room(const xt_name_index *index, const xt_names *names, size_t length) {
    const xt_names_head *head = names->head;
    bool has_other = *slot_of(index, names, other) != 0;
    return head->count + !has_other < head->slots &&
           head->byte_count + length + (has_other ? 0 : XT_OTHER_LENGTH) <=
               head->byte_slots;
}

/* Interns `text`, which isn't longer than a name, by its bytes. Not inline, so that
 * finding a name by its address needn't save registers. */
static __attribute__((noinline)) uint32_t intern_by_bytes(xt_name_index *index,
                                                          xt_names *names, xt_text text,
                                                          uint64_t *overflowed,
                                                          xt_journal *journal) {
    uint32_t *slot = slot_of(index, names, text);
    if (*slot == 0 && !has_room(index, names, text.length)) {
        *overflowed += *overflowed < XT_MAX_COUNT;
        text = other;
        slot = slot_of(index, names, other);
    }
    if (*slot == 0) {
        *slot = xt_names_append(names, text, journal);
    }
    *slot_of_address(index, text.bytes) = *slot;
    return *slot;
}

uint32_t xt_name_index_intern(xt_name_index *index, xt_names *names, xt_text text,
                              uint64_t *overflowed, xt_journal *journal) {
    text = cut(text);
    uint32_t id = *slot_of_address(index, text.bytes);
    if (id != 0 && is_name(names, id, text)) {
        return id;
    }
    return intern_by_bytes(index, names, text, overflowed, journal);
}
