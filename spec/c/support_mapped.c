#include "support_mapped.h"

#include "support_cmocka.h"
#include "support_tracker.h"

static xt_header mapped_header(const xt_image *image) {
    xt_header header = *image->header;
    header.writer_slots = 1;
    header.undo_slots = 1;
    header.size_bytes = xt_image_size(&header);
    return header;
}

size_t mapped_bytes(const xt_image *image) {
    return (size_t)mapped_header(image).size_bytes;
}

void open_mapped_in(mapped_run *mapped, void *block, const xt_image *image,
                    uint64_t *now_us) {
    const xt_header header = mapped_header(image);
    mapped->block = block;
    mapped->own_block = NULL;
    memcpy(block, image->header, xt_image_bytes(image));
    memcpy(block, &header, sizeof header);
    const char *wrong = NULL;
    const xt_options options = {.clock = clock_at(now_us)};
    const xt_storage storage = {
        .block = block, .bytes = mapped_bytes(image), .journal = &mapped->journal};
    assert_int_equal(xt_tracker_open_in(&storage, &options, &mapped->tracker, &wrong),
                     XT_OK);
    mapped->image = xt_tracker_image(mapped->tracker);
    mapped->journal = xt_undo_log_journal(mapped->image);
}

void open_mapped(mapped_run *mapped, const xt_image *image, uint64_t *now_us) {
    void *block = calloc(1, mapped_bytes(image));
    assert_non_null(block);
    open_mapped_in(mapped, block, image, now_us);
    mapped->own_block = block;
}

void close_mapped(mapped_run *mapped) {
    xt_tracker_close(mapped->tracker);
    free(mapped->own_block);
}

xt_image copy_unfinished(const mapped_run *mapped) {
    xt_image copy;
    xt_image_view(&copy, copy_of_block(mapped->tracker));
    copy.header->generation++;
    assert_int_equal(copy.header->generation % 2, 1);
    return copy;
}

bool is_same_run(const xt_image *a, const xt_image *b) {
    xt_header of_a = *a->header;
    xt_header of_b = *b->header;
    const char *rest_of_a = (const char *)(a->header + 1);
    const char *rest_of_b = (const char *)(b->header + 1);
    of_a.generation = of_b.generation;
    of_a.now_us = of_b.now_us;
    return memcmp(&of_a, &of_b, sizeof of_a) == 0 &&
           memcmp(rest_of_a, rest_of_b, (size_t)((char *)a->writer - rest_of_a)) == 0;
}
