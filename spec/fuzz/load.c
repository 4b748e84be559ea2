#include "load.h"

#include "exercise.h"

#include "crc32c.h"
#include "measures.h"
#include "recorder_copy.h"
#include "xxh64.h"

#include <stdlib.h>
#include <string.h>

/* Larger runs are slower to fuzz, and don't find more. A recorder has an undo log. */
enum { MOST_BYTES = 24 * 1024 };

/* The bytes that are decoded. */
typedef struct run_bytes {
    xt_header *header;
    size_t size;
} run_bytes;

static bool is_of_recorder(int how) {
    return how == INPUT_RECORDER || how == INPUT_RESTLESS;
}

/* Makes the header of a recorder one. */
static void add_slots(xt_header *header, int how) {
    if (is_of_recorder(how)) {
        header->writer_slots = 1;
        header->undo_slots = 1;
    }
}

/* The size of the run in `input` by its own slots, if that is possible. */
static size_t wanted_size(const uint8_t *input, size_t size, int how) {
    xt_header header;
    if (size < sizeof header) {
        return size;
    }
    memcpy(&header, input, sizeof header);
    add_slots(&header, how);
    size_t wanted = xt_image_size(&header);
    return wanted <= MOST_BYTES ? wanted : size;
}

/* The input, cut or filled up with zeros to `size` bytes. */
static run_bytes copy_of(const uint8_t *input, size_t input_size, size_t size) {
    run_bytes run = {calloc(1, size + 1), size};
    if (run.header != NULL && size > 0) {
        memcpy(run.header, input, input_size < size ? input_size : size);
    }
    return run;
}

/* Makes a record valid and counts it everywhere. False if it finds no free histogram. */
static bool count_record(xt_image *image, xt_record *record, uint64_t *before_us) {
    xt_header *header = image->header;
    record->tool = (uint16_t)(record->tool % header->tool_names.count);
    record->error_type = (uint16_t)(record->error_type % (header->error_types.count + 1));
    record->packed &= XT_RECORD_MASK;
    if (xt_record_timing(record) >= XT_UNTIMED) {
        record->packed &= ~(XT_MAX_DURATION_US | UINT64_C(1) << XT_TIMING_SHIFT);
    }
    record->end_us &= XT_MAX_COUNT;
    if (xt_record_is_undated(record)) {
        record->end_us = ++header->undated;
    }
    if (record->end_us < *before_us) {
        header->flags = XT_FLAG_UNORDERED;
    }
    *before_us = record->end_us;
    xt_tool *tool = &image->tools[record->tool];
    xt_tool_add(tool, record);
    if (xt_record_is_measured(record)) {
        if (header->histogram_count == header->histogram_slots &&
            tool->histograms[xt_record_outcome(record)] == 0) {
            return false;
        }
        xt_histogram_add(
            xt_image_use_histogram(image, tool, xt_record_outcome(record), NULL),
            xt_record_duration_us(record), NULL);
    }
    xt_window_add(&tool->window, record);
    xt_window_add(&header->window, record);
    return true;
}

/* Makes the values of all slots of the ring, which is full, valid, and counts them. */
static void count_values(xt_image *image) {
    const xt_measures *measures = &image->measures;
    xt_measures_clear(image, NULL);
    for (uint32_t place = 0; place < image->header->record_slots; place++) {
        uint64_t *values = xt_measures_values(measures, place);
        xt_tool_measure *sums = xt_measures_sums(measures, image->records[place].tool);
        for (uint32_t i = 0; i < measures->count; i++) {
            if (values[i] != XT_NO_MEASURE) {
                values[i] &= XT_MAX_COUNT;
                xt_tool_measure_add(&sums[i], values[i]);
            }
        }
    }
    xt_measures_count_windows(image);
}

/* Zeroes the tools, except their executions in flight. */
static void clear_tools(xt_image *image) {
    xt_header *header = image->header;
    uint64_t running = 0;
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        xt_tool_clear(&image->tools[i]);
        memset(image->tools[i].histograms, 0, sizeof image->tools[i].histograms);
        running += image->tools[i].in_flight;
    }
    memset(image->histograms, 0, header->histogram_slots * sizeof(xt_histogram));
    header->histogram_count = 0;
    header->undated = 0;
    header->running = running;
    header->window = (xt_window){0};
    header->lifetime = (xt_lifetime){0};
}

/* Makes all counts those of the records, if the slots of the run are valid. */
static void count_anew(run_bytes run) {
    xt_image image;
    xt_header *header = run.header;
    if (xt_image_check_header(header, run.size) != XT_OK ||
        header->tool_names.count - UINT32_C(1) >= header->tool_names.slots ||
        header->error_types.count > header->error_types.slots) {
        return;
    }
    uint64_t before_us = 0;
    xt_image_view(&image, header);
    clear_tools(&image);
    header->record_count = header->record_slots;
    header->record_next %= header->record_slots + (header->record_slots == 0);
    header->recorded = (header->recorded & INT32_MAX) + header->record_count;
    for (uint32_t age = header->record_count; age-- > 0;) {
        if (!count_record(&image, &image.records[xt_image_place(header, age)],
                          &before_us)) {
            return;
        }
    }
    for (uint32_t i = 0; i < header->tool_names.count; i++) {
        xt_lifetime_merge(&header->lifetime, &image.tools[i].lifetime);
    }
    count_values(&image);
}

static void seal(run_bytes run) {
    if (run.size >= sizeof(xt_header)) {
        run.header->checksum = 0;
        run.header->checksum = xt_crc32c(0, run.header, run.size);
    }
}

static run_bytes prepared(const uint8_t *input, size_t size, int how) {
    bool is_changed = how != INPUT_AS_IS && size >= sizeof(xt_header);
    run_bytes run =
        copy_of(input, size, is_changed ? wanted_size(input, size, how) : size);
    if (run.header != NULL && is_changed) {
        run.header->size_bytes = run.size;
        add_slots(run.header, how);
        if (how == INPUT_COUNTED) {
            count_anew(run);
        }
        seal(run);
    }
    return run;
}

/* A recorder of which a byte is different once in `times` that it is read. */
typedef struct restless_recorder {
    const char *bytes;
    uint32_t times; /* 0 for never */
    random_source *random;
} restless_recorder;

static xt_error read_restless(void *context, uint64_t offset, void *bytes, size_t count) {
    const restless_recorder *recorder = context;
    memcpy(bytes, recorder->bytes + offset, count);
    if (recorder->times > 0 && random_once_in(recorder->random, recorder->times)) {
        uint32_t place = random_below(recorder->random, (uint32_t)count);
        ((uint8_t *)bytes)[place] ^= (uint8_t)(1U << random_below(recorder->random, 8));
    }
    return XT_OK;
}

/* Copies the recorder once; null if it is refused. */
static xt_snapshot *copy_restless(run_bytes run, uint32_t times, random_source *random) {
    restless_recorder recorder = {(const char *)run.header, times, random};
    xt_recorder_copy copy;
    xt_snapshot *snapshot = NULL;
    const char *wrong;
    void *block = calloc(1, run.size);
    if (block != NULL && run.size >= sizeof *run.header &&
        xt_image_check_header(run.header, run.size) == XT_OK) {
        xt_recorder_copy_begin(&copy, &(xt_recorder_source){read_restless, &recorder},
                               run.header, block);
        if (xt_recorder_copy_try(&copy, &wrong) == XT_OK &&
            xt_image_verify(&copy.image, &dirty_allocator, &wrong) == XT_OK) {
            xt_snapshot_take(&copy.image, &dirty_allocator, &snapshot);
        }
    }
    free(block);
    return snapshot;
}

bool run_target(const uint8_t *input, size_t size) {
    random_source random = {xt_xxh64(input, size, 0)};
    xt_snapshot *snapshot = NULL;
    if (size == 0) {
        return false;
    }
    int how = input[0] % INPUTS;
    run_bytes run = prepared(input + 1, size - 1, how);
    if (run.header != NULL && how == INPUT_RESTLESS) {
        snapshot = copy_restless(run, input[0] / INPUTS, &random);
    } else if (run.header != NULL) {
        xt_snapshot_decode(run.header, run.size, &dirty_allocator, &snapshot, NULL);
    }
    free(run.header);
    if (snapshot != NULL) {
        exercise(snapshot, &random);
    }
    xt_snapshot_close(snapshot);
    return snapshot != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size) {
    run_target(input, size);
    return 0;
}
