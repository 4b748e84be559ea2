/*
 * What a power cut can leave of a recorder's file: some of its blocks as they were once,
 * some as they were last, some that were never written. Such a file is refused, or it is
 * sound; and nothing that is left of it makes loading or opening it crash.
 */
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64

#include "exectrack_snapshot.h"

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_random.h"
#include "support_recorder.h"
#include "support_snapshot.h"
#include "support_tracker.h"

#include <stdio.h>
#include <unistd.h>

enum { RECORDERS = 10, CUTS = 60, MOST_OPERATIONS = 30 };

/* A recorder with measures and texts, and the time of its clock. */
typedef struct used_recorder {
    uint64_t now_us;
    xt_measure measure;
    xt_recorder_options options;
    xt_tracker *tracker;
    random_source *random;
} used_recorder;

static void open_used(used_recorder *used, const char *path, random_source *random) {
    *used = (used_recorder){.now_us = AT_FIRST_US, .random = random};
    used->measure = (xt_measure){.name = xt_text_of("cost"), .scale = 1};
    used->options = small_recorder_at(&used->now_us);
    used->options.run.max_history = random_below(random, 40);
    used->options.run.measures = &used->measure;
    used->options.run.measure_count = 1;
    used->options.run.session_names = 8;
    used->options.run.args_texts = 8;
    used->options.run.error_texts = 8;
    used->tracker = open_recorder(path, &used->options);
}

static void operate(used_recorder *used) {
    static const char *const words[] = {"read", "write", "list", "a longer one", "x"};
    uint64_t value[1] = {random_below(used->random, 9)};
    xt_text word = xt_text_of(words[random_below(used->random, 5)]);
    xt_session session = xt_session_of(xt_text_of(words[random_below(used->random, 5)]));
    const xt_execution execution = {
        .tool = word,
        .outcome = {.status = (xt_status)random_below(used->random, 4),
                    .error_type = xt_text_of(words[random_below(used->random, 5)]),
                    .error_text = word,
                    .measures = value},
        .duration_us = random_duration_us(used->random, 40),
        .args_hash = 1 + random_below(used->random, 20),
        .args_text = session.name,
        .session = session,
    };
    const xt_call call = {
        .tool = word, .args_hash = execution.args_hash, .session = session};
    used->now_us += random_below(used->random, 1000);
    uint32_t choice = random_below(used->random, 20);
    if (choice < 12) {
        xt_tracker_record(used->tracker, &execution);
    } else if (choice < 16) {
        xt_tracker_start_call(used->tracker, &call);
    } else if (choice < 19) {
        xt_tracker_deny(used->tracker, &call, word, used->now_us);
    } else {
        xt_tracker_clear(used->tracker);
    }
}

static void operate_often(used_recorder *used) {
    for (uint32_t left = random_below(used->random, MOST_OPERATIONS); left > 0; left--) {
        operate(used);
    }
}

/* The file as it is now, or as if it weren't known that the last operation has ended. */
static char *file_now(const used_recorder *used, const char *path, size_t *count) {
    char *bytes = read_file(path, count);
    bool is_unfinished = random_once_in(used->random, 2);
    ((xt_header *)(void *)bytes)->generation -= is_unfinished;
    return bytes;
}

/* Puts blocks of `older` or of zeros into `bytes`, each at random. */
static void cut_power(char *bytes, const char *older, size_t count,
                      random_source *random) {
    static const char zeros[4096];
    const size_t block = random_once_in(random, 2) ? 512 : 4096;
    const uint32_t seldom = UINT32_C(1) << random_below(random, 8);
    for (size_t at = 0; at < count; at += block) {
        size_t length = count - at < block ? count - at : block;
        if (random_once_in(random, seldom)) {
            bool is_lost = random_once_in(random, 8);
            memcpy(bytes + at, is_lost ? zeros : older + at, length);
        }
    }
}

/* Loads and opens what is left. Whether it was loaded. */
static bool is_loaded(const char *path, const xt_recorder_options *options) {
    xt_snapshot *loaded;
    xt_tracker *opened;
    const char *problem = NULL;
    xt_error error = xt_snapshot_load(path, NULL, &loaded, &problem);
    if (error == XT_OK) {
        assert_string_equal(verdict_on(xt_snapshot_image(loaded)), "sound");
    } else {
        assert_true(error == XT_ERROR_INVALID || error == XT_ERROR_KIND ||
                    error == XT_ERROR_VERSION || error == XT_ERROR_SIZE ||
                    error == XT_ERROR_BYTE_ORDER);
    }
    if (xt_recorder_open(path, options, &opened, &problem) == XT_OK) {
        assert_string_equal(verdict_on(xt_tracker_image(opened)), "sound");
        xt_tracker_close(opened);
    }
    xt_snapshot_close(loaded);
    return error == XT_OK;
}

static void recorder_after_a_power_cut_is_refused_or_sound(void **state) {
    random_source random = random_seeded();
    int loaded = 0;
    for (int i = 0; i < RECORDERS; i++) {
        size_t count;
        used_recorder used;
        char path[2 * DIRECTORY_PATH_BYTES];
        snprintf(path, sizeof path, "%s", path_in(*state, "run"));
        open_used(&used, path, &random);
        operate_often(&used);
        char *older = file_now(&used, path, &count);
        operate_often(&used);
        char *last = file_now(&used, path, &count);
        char *left = malloc(count);
        assert_non_null(left);
        xt_tracker_close(used.tracker);
        for (int j = 0; j < CUTS; j++) {
            memcpy(left, last, count);
            cut_power(left, older, count, &random);
            write_file(path, left, count);
            loaded += is_loaded(path, &used.options);
        }
        assert_int_equal(unlink(path), 0);
        free(older);
        free(last);
        free(left);
    }
    assert_in_range(loaded, 1, RECORDERS * CUTS - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(recorder_after_a_power_cut_is_refused_or_sound,
                                        make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
