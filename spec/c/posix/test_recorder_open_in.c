/* What Lua can't do: options that are missing or wrong. spec/open_directory_spec.lua has the
 * rest. */
#define _POSIX_C_SOURCE 200809L

#include "support_cmocka.h"
#include "support_directory.h"

#include "exectrack_read.h"
#include "exectrack_recorder.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Closes and removes the recorder of `tracker`. */
static void drop(xt_tracker *tracker) {
    char path[2 * DIRECTORY_PATH_BYTES];
    snprintf(path, sizeof path, "%s", xt_recorder_path(tracker));
    xt_tracker_close(tracker);
    assert_int_equal(unlink(path), 0);
}

static void options_may_be_left_out(void **state) {
    const directory *in = *state;
    xt_tracker *tracker;
    assert_int_equal(xt_recorder_open_in(in->path, 0, NULL, &tracker, NULL), XT_OK);
    assert_int_equal(xt_image_max_history(xt_tracker_image(tracker)), 1000);
    assert_non_null(strstr(xt_recorder_path(tracker), "/run-"));
    drop(tracker);
}

static void a_wrong_option_is_an_error_before_anything_is_made(void **state) {
    char missing[2 * DIRECTORY_PATH_BYTES];
    char label[XT_LABEL_BYTES + 1] = {0};
    xt_recorder_options options = xt_recorder_options_default();
    xt_tracker *tracker;
    const char *problem;
    snprintf(missing, sizeof missing, "%s", path_in(*state, "missing"));
    options.run.label = (xt_text){label, sizeof label};
    assert_int_equal(xt_recorder_open_in(missing, 1, &options, &tracker, &problem),
                     XT_ERROR_LABEL);
    assert_string_equal(problem, xt_error_message(XT_ERROR_LABEL));
    assert_null(tracker);
    assert_int_equal(count_entries(*state), 0);
}

static void a_path_that_is_too_long_is_an_error(void **state) {
    char path[8192];
    xt_tracker *tracker;
    const char *problem;
    (void)state;
    memset(path, '/', sizeof path);
    path[sizeof path - 1] = '\0';
    assert_int_equal(xt_recorder_open_in(path, 0, NULL, &tracker, &problem),
                     XT_ERROR_FILE);
    assert_int_equal(errno, ENAMETOOLONG);
    assert_string_equal(problem, xt_error_message(XT_ERROR_FILE));
    assert_null(tracker);
}

/* The new recorder isn't removed, though its clock may be behind. */
static void what_is_open_is_kept_even_if_it_is_the_oldest(void **state) {
    const directory *in = *state;
    xt_tracker *trackers[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(xt_recorder_open_in(in->path, 1, NULL, &trackers[i], NULL),
                         XT_OK);
    }
    assert_int_equal(count_entries(in), 3);
    for (int i = 0; i < 3; i++) {
        drop(trackers[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(options_may_be_left_out, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(
            a_wrong_option_is_an_error_before_anything_is_made, make_directory,
            remove_directory),
        cmocka_unit_test(a_path_that_is_too_long_is_an_error),
        cmocka_unit_test_setup_teardown(what_is_open_is_kept_even_if_it_is_the_oldest,
                                        make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
