#include "support_recorder.h"

#include "support_cmocka.h"
#include "support_directory.h"
#include "support_tracker.h"

#include <stdio.h>

xt_recorder_options small_recorder_at(uint64_t *now_us) {
    xt_recorder_options options = {.run = options_at(now_us, 4),
                                   .on_mismatch = XT_MISMATCH_ERROR};
    options.run.max_tools = 3;
    options.run.max_in_flight = 2;
    return options;
}

xt_tracker *open_recorder(const char *path, const xt_recorder_options *options) {
    xt_tracker *tracker = NULL;
    const char *problem = "";
    if (xt_recorder_open(path, options, &tracker, &problem) != XT_OK) {
        fail_msg("%s: %s", path, problem);
    }
    return tracker;
}

void assert_not_opened(const char *path, const xt_recorder_options *options,
                       xt_error expected, const char *message) {
    xt_tracker *tracker = (xt_tracker *)(uintptr_t)1;
    const char *problem = NULL;
    assert_int_equal(xt_recorder_open(path, options, &tracker, &problem), expected);
    assert_null(tracker);
    assert_string_equal(problem, message);
}

xt_image image_in_file(const char *path) {
    size_t count;
    xt_image image;
    void *bytes = read_file(path, &count);
    assert_int_equal(xt_image_check_header(bytes, count), XT_OK);
    xt_image_view(&image, bytes);
    return image;
}

void change_file(const char *path, size_t offset, const void *bytes, size_t count) {
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, (long)offset, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}
