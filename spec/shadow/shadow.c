#include "shadow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLES = 14,
    SECTIONS = TABLES + 2 * XT_TEXTS_KINDS,
    SMALL_BYTES = 128 * 1024, /* a smaller image is compared as a whole */
    WHOLE = 16,               /* a larger one only in one of 16 operations */
    LARGE_BYTES = 16 * 1024,  /* of a larger section only a part is compared each time */
    MANY_OPERATIONS = 5000,   /* after these, only one of SOME is compared */
    SOME = 32,
    TOUCHES = 64,
};

typedef struct range {
    size_t start; /* in the block */
    size_t bytes;
} range;

typedef struct xt_shadow {
    xt_journal journal;
    const xt_image *image;
    char *copy; /* of the parts of the block that are compared */
    range parts[SECTIONS];
    range touched[TOUCHES];
    size_t touches;
    size_t touched_bytes;
    bool is_open;
    xt_recovery recovery;
    size_t operations;
} shadow;

static void fail(const char *what, size_t place) {
    fprintf(stderr, "shadow: %s, byte %zu of the image\n", what, place);
    abort();
}

static const char *block_of(const shadow *self) {
    return (const char *)self->image->header;
}

/*
 * The part of a section with `count` items that is compared: all items and one slot more,
 * if there is one; of a large section another part each time.
 */
static range part_of(const shadow *self, const void *section, size_t item_bytes,
                     size_t count, size_t slots) {
    size_t start = (size_t)((const char *)section - block_of(self));
    size_t items = count < slots ? count + 1 : slots;
    size_t most = LARGE_BYTES / item_bytes;
    size_t first = 0;
    if (items > most) {
        first = self->operations * most % items;
        items = items - first < most ? items - first : most;
    }
    return (range){start + first * item_bytes, items * item_bytes};
}

static range whole(const shadow *self) {
    return (range){0, xt_image_bytes(self->image)};
}

static void choose_parts(shadow *self) {
    const xt_image *image = self->image;
    memset(self->parts, 0, sizeof self->parts);
    if (self->operations > MANY_OPERATIONS && self->operations % SOME != 0) {
        return;
    }
    if (whole(self).bytes <= SMALL_BYTES && self->operations % WHOLE == 0) {
        self->parts[0] = whole(self);
        return;
    }
    const xt_header *header = image->header;
    const xt_names_head *tools = &header->tool_names;
    const size_t measures = header->measure_count;
    const xt_names_head *types = &header->error_types;
    const range parts[TABLES] = {
        {0, sizeof *header},
        part_of(self, image->tools, sizeof(xt_tool), tools->count, tools->slots),
        part_of(self, image->histograms, sizeof(xt_histogram), header->histogram_count,
                header->histogram_slots),
        part_of(self, image->tool_names.names, sizeof(xt_name), tools->count,
                tools->slots),
        part_of(self, image->tool_names.bytes, 1, tools->byte_count, tools->byte_slots),
        part_of(self, image->error_types.names, sizeof(xt_name), types->count,
                types->slots),
        part_of(self, image->error_types.bytes, 1, types->byte_count, types->byte_slots),
        part_of(self, image->in_flight.entries, sizeof(xt_in_flight_entry),
                header->in_flight.used, header->in_flight.slots),
        part_of(self, image->denials, sizeof(xt_denial), header->denial_count,
                header->denial_slots),
        part_of(self, image->denied, sizeof(xt_denied_entry), header->denied_count,
                header->denied_slots),
        part_of(self, image->records, sizeof(xt_record), header->record_count,
                header->record_slots),
        part_of(self, image->measures.sums, sizeof(xt_tool_measure),
                tools->count * measures, tools->slots * measures),
        part_of(self, image->measures.entries, sizeof(xt_measure_entry), measures,
                measures),
        part_of(self, image->measures.values, sizeof(uint64_t),
                header->record_count * measures, header->record_slots * measures),
    };
    memcpy(self->parts, parts, sizeof parts);
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        const xt_texts *texts = &image->texts[kind];
        uint32_t slots = texts->head->slots;
        self->parts[TABLES + kind] =
            part_of(self, texts->entries, sizeof(xt_texts_entry), slots, slots);
        self->parts[TABLES + XT_TEXTS_KINDS + kind] =
            part_of(self, texts->bytes, texts->width, slots, slots);
    }
}

/* Copies the parts that are compared after the next operation. */
static void copy_parts(shadow *self) {
    choose_parts(self);
    for (int i = 0; i < SECTIONS; i++) {
        range part = self->parts[i];
        memcpy(self->copy + part.start, block_of(self) + part.start, part.bytes);
    }
}

/* Whether the byte at `place` was touched by this operation. */
static bool is_touched(const shadow *self, size_t place) {
    for (size_t i = 0; i < self->touches; i++) {
        if (place - self->touched[i].start < self->touched[i].bytes) {
            return true;
        }
    }
    return false;
}

/* Whether the byte at `place` may change at any time: the latest reading of the clock. */
static bool is_free(size_t place) {
    return place - offsetof(xt_header, now_us) < sizeof(uint64_t);
}

/* Fails if a byte of `part` has changed without being touched. */
static void compare(const shadow *self, range part) {
    const char *now = block_of(self) + part.start;
    const char *before = self->copy + part.start;
    if (memcmp(now, before, part.bytes) == 0) {
        return;
    }
    for (size_t i = 0; i < part.bytes; i++) {
        if (now[i] != before[i] && !is_free(part.start + i) &&
            !is_touched(self, part.start + i)) {
            fail("changed without being touched", part.start + i);
        }
    }
}

/* The same for those bytes of `among` that are compared. */
static void compare_parts(const shadow *self, range among) {
    size_t end = among.start + among.bytes;
    for (int i = 0; i < SECTIONS; i++) {
        range part = self->parts[i];
        size_t start = part.start > among.start ? part.start : among.start;
        size_t part_end = part.start + part.bytes < end ? part.start + part.bytes : end;
        if (start < part_end) {
            compare(self, (range){start, part_end - start});
        }
    }
}

void xt_shadow_begin(shadow *self, xt_recovery recovery) {
    if (self->is_open) {
        fail("an operation begins in another", 0);
    }
    self->touches = 0;
    self->touched_bytes = 0;
    compare_parts(self, whole(self)); /* nothing may have changed since the last one */
    self->is_open = true;
    self->recovery = recovery;
}

void xt_shadow_touch(shadow *self, const void *start, size_t bytes) {
    size_t place = (size_t)((const char *)start - block_of(self));
    if (!self->is_open || place + bytes > xt_image_bytes(self->image)) {
        fail("touched outside of an operation or of the image", place);
    }
    compare_parts(self, (range){place, bytes}); /* it must not have been changed before */
    self->touched[self->touches++] = (range){place, bytes};
    self->touched_bytes += bytes;
    if (self->touches > XT_MOST_TOUCHES ||
        (self->recovery == XT_UNDO && self->touched_bytes > XT_MOST_TOUCHED_BYTES)) {
        fail("touched more than an operation may", place);
    }
}

void xt_shadow_end(shadow *self) {
    if (!self->is_open) {
        fail("an operation ends that hasn't begun", 0);
    }
    compare_parts(self, whole(self));
    self->is_open = false;
    self->operations++;
    copy_parts(self);
}

xt_journal *xt_shadow_open(const xt_image *image) {
    shadow *self = calloc(1, sizeof *self);
    char *copy = calloc(1, xt_image_bytes(image));
    if (self == NULL || copy == NULL) {
        abort();
    }
    self->journal.shadow = self;
    self->image = image;
    self->copy = copy;
    copy_parts(self);
    return &self->journal;
}

void xt_shadow_close(xt_journal *journal) {
    if (journal != NULL) {
        shadow *self = journal->shadow;
        free(self->copy);
        free(self);
    }
}
