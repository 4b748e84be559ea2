/*
 * Names of sessions and texts of arguments and errors: what a tracker keeps, what
 * snapshots have, and what the check finds wrong.
 */
#include "kept_texts.h"
#include "tracker.h"

#include "support_cmocka.h"
#include "support_merge.h"
#include "support_snapshot.h"
#include "support_tracker.h"

enum { SET = XT_TEXTS_PER_SET };

static uint64_t now_us;

/* A tracker that keeps one set of each kind. */
static xt_tracker *make_tracker(void) {
    now_us = 1000;
    xt_options options = options_at(&now_us, 10);
    options.session_names = 1;
    options.args_texts = 1;
    options.error_texts = 1;
    return tracker_with(&options);
}

static void close_sound(xt_tracker *tracker) {
    assert_sound(tracker);
    xt_tracker_close(tracker);
}

static xt_session session_of(const char *name) {
    return xt_session_of(xt_text_of(name));
}

/* Records `execution` as one of `read` that ends a microsecond after the previous one. */
static void record_execution(xt_tracker *tracker, xt_execution execution) {
    execution.tool = xt_text_of("read");
    now_us++;
    assert_int_equal(xt_tracker_record(tracker, &execution), XT_OK);
}

static void record_session(xt_tracker *tracker, xt_session session) {
    record_execution(tracker, (xt_execution){.session = session});
}

static void record_args(xt_tracker *tracker, uint32_t args_hash, const char *text) {
    record_execution(
        tracker, (xt_execution){.args_hash = args_hash, .args_text = xt_text_of(text)});
}

static void record_error(xt_tracker *tracker, const char *error_type, const char *text) {
    record_execution(tracker,
                     (xt_execution){.outcome = {.status = XT_FAILED,
                                                .error_type = xt_text_of(error_type),
                                                .error_text = xt_text_of(text)}});
}

static xt_text name_of(const xt_tracker *tracker, const char *session) {
    return xt_image_session_name(xt_tracker_image(tracker), session_of(session).hash);
}

static xt_text args_text_of(const xt_tracker *tracker, uint32_t args_hash) {
    return xt_image_args_text(xt_tracker_image(tracker), args_hash);
}

static xt_text error_text_of(const xt_tracker *tracker, uint32_t error_type_id) {
    return xt_image_error_text(xt_tracker_image(tracker), 1, error_type_id);
}

static bool is_none(xt_text text) {
    return text.length == 0;
}

/* Fills the set of names with those of the sessions a to h. */
static void record_sessions(xt_tracker *tracker) {
    for (char name[] = "a"; name[0] < 'a' + SET; name[0]++) {
        record_session(tracker, session_of(name));
    }
}

static void options_are_rounded_up_to_whole_sets(void **state) {
    (void)state;
    xt_options options = options_at(&now_us, 1);
    options.args_texts = 9;
    xt_tracker *tracker = tracker_with(&options);
    const xt_image *image = xt_tracker_image(tracker);
    assert_int_equal(xt_image_max_texts(image, XT_SESSION_NAMES), 256);
    assert_int_equal(xt_image_max_texts(image, XT_ARGS_TEXTS), 16);
    assert_int_equal(xt_image_max_texts(image, XT_ERROR_TEXTS), 0);
    close_sound(tracker);
}

static void name_of_a_session_is_read_with_what_belongs_to_it(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    const xt_call call = {.tool = xt_text_of("read"), .session = session_of("a")};
    xt_running running;
    xt_denied_call denied;
    record_session(tracker, session_of("a"));
    xt_tracker_start_call(tracker, &call);
    xt_tracker_deny(tracker, &call, xt_text_of("loop"), 5);
    assert_true(is_text(name_of(tracker, "a"), "a"));
    assert_true(is_text(execution_of_age(image, 0).session.name, "a"));
    assert_int_equal(xt_image_in_flight(image, 1, &running), 1);
    assert_true(is_text(running.session.name, "a"));
    assert_int_equal(xt_image_denied_calls(image, 1, &denied), 1);
    assert_true(is_text(denied.session.name, "a"));
    close_sound(tracker);
}

static void every_use_of_a_session_counts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    xt_call call = {.tool = xt_text_of("read"), .session = session_of("c")};
    now_us = 2000;
    xt_span span = xt_tracker_start_call(tracker, &call);
    record_sessions(tracker);
    call.session = session_of("a");
    now_us = 3000;
    xt_tracker_start_call(tracker, &call);
    call.session = session_of("b");
    xt_tracker_deny(tracker, &call, xt_text_of("loop"), 3000);
    finish(tracker, &span, XT_SUCCESS); /* of c */
    record_session(tracker, (xt_session){.hash = session_of("d").hash});
    record_session(tracker, session_of("new"));
    const char *const kept[] = {"a", "b", "c", "d", "new"};
    for (size_t i = 0; i < 5; i++) {
        assert_true(is_text(name_of(tracker, kept[i]), kept[i]));
    }
    assert_true(is_none(name_of(tracker, "e")));
    close_sound(tracker);
}

static void names_that_say_nothing_are_not_kept(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    char longest[XT_SESSION_NAME_BYTES + 1];
    memset(longest, 'x', sizeof longest);
    record_session(tracker, session_of(""));
    record_session(tracker, session_of("#0000000f"));
    record_session(tracker, xt_session_of(text_of(longest, sizeof longest)));
    record_session(tracker, (xt_session){0, xt_text_of("none")});
    record_session(tracker, (xt_session){15, xt_text_of("of another fingerprint")});
    record_session(tracker, (xt_session){15, xt_text_of("#0000000f")});
    assert_int_equal(xt_image_texts(xt_tracker_image(tracker), XT_SESSION_NAMES, 0, NULL),
                     0);
    record_session(tracker, xt_session_of(text_of(longest, sizeof longest - 1)));
    assert_int_equal(xt_image_texts(xt_tracker_image(tracker), XT_SESSION_NAMES, 0, NULL),
                     1);
    close_sound(tracker);
}

static void texts_of_arguments_are_kept_by_their_fingerprints(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    assert_true(xt_image_wants_args_text(image, 1));
    assert_false(xt_image_wants_args_text(image, 0));
    record_args(tracker, 0, "none");
    record_args(tracker, 1, "");
    assert_int_equal(xt_image_texts(image, XT_ARGS_TEXTS, 0, NULL), 0);
    record_args(tracker, 1, "x = 1");
    assert_true(is_text(args_text_of(tracker, 1), "x = 1"));
    assert_false(xt_image_wants_args_text(image, 1));
    assert_true(is_none(args_text_of(tracker, 0)));
    assert_true(is_none(args_text_of(tracker, 2)));
    close_sound(tracker);
}

static void every_use_of_arguments_counts(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    xt_call call = {.tool = xt_text_of("read"), .args_hash = 1};
    call.args_text = xt_text_of("started");
    xt_tracker_start_call(tracker, &call);
    call.args_hash = 2;
    call.args_text = xt_text_of("denied");
    xt_tracker_deny(tracker, &call, xt_text_of("loop"), 1000);
    for (uint32_t args_hash = 3; args_hash <= SET; args_hash++) {
        record_args(tracker, args_hash, "recorded");
    }
    record_args(tracker, 1, "");
    record_args(tracker, 100, "new");
    assert_true(is_text(args_text_of(tracker, 1), "started"));
    assert_true(is_none(args_text_of(tracker, 2)));
    assert_true(is_text(args_text_of(tracker, 3), "recorded"));
    assert_true(is_text(args_text_of(tracker, 100), "new"));
    close_sound(tracker);
}

static void latest_text_of_an_error_is_kept_by_tool_and_error_type(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    record_error(tracker, "EIO", "first");
    record_error(tracker, "", "of no type");
    record_error(tracker, "ENOENT", "of another");
    record_error(tracker, "EIO", "second");
    record_error(tracker, "EIO", "");
    const xt_execution earlier = {
        .tool = xt_text_of("read"),
        .outcome = {.error_type = xt_text_of("EIO"), .error_text = xt_text_of("earlier")},
        .end_us = 1002,
    };
    assert_int_equal(xt_tracker_record_at(tracker, &earlier), XT_OK);
    assert_true(is_text(error_text_of(tracker, 0), "of no type"));
    assert_true(is_text(error_text_of(tracker, 1), "second"));
    assert_true(is_text(error_text_of(tracker, 2), "of another"));
    const xt_image *image = xt_tracker_image(tracker);
    assert_true(is_none(xt_image_error_text(image, 0, 1)));
    assert_true(is_none(xt_image_error_text(image, 2, 1)));
    assert_true(is_none(xt_image_error_text(image, 1, 3)));
    assert_true(is_none(xt_image_error_text(image, 0, 1 << 9 | 1)));
    assert_true(is_none(xt_image_error_text(image, UINT32_MAX, UINT32_MAX)));
    close_sound(tracker);
}

static void what_is_not_asked_for_is_not_kept(void **state) {
    (void)state;
    xt_options options = options_at(&now_us, 1);
    options.session_names = 0;
    xt_tracker *tracker = tracker_with(&options);
    record_session(tracker, session_of("a"));
    record_args(tracker, 1, "x = 1");
    record_error(tracker, "EIO", "text");
    assert_false(xt_image_wants_args_text(xt_tracker_image(tracker), 1));
    assert_true(is_none(name_of(tracker, "a")));
    assert_true(is_none(args_text_of(tracker, 1)));
    assert_true(is_none(error_text_of(tracker, 1)));
    close_sound(tracker);
}

/* Records a text of each kind. */
static void record_texts(xt_tracker *tracker) {
    record_session(tracker, session_of("a"));
    record_session(tracker, session_of("b"));
    record_args(tracker, 1, "x = 1");
    record_error(tracker, "EIO", "text");
}

static void clear_leaves_the_names_of_sessions_alone(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    record_texts(tracker);
    xt_tracker_clear(tracker);
    assert_true(is_text(name_of(tracker, "a"), "a"));
    assert_true(is_none(args_text_of(tracker, 1)));
    assert_true(is_none(error_text_of(tracker, 1)));
    record_texts(tracker);
    assert_true(is_text(error_text_of(tracker, 1), "text"));
    close_sound(tracker);
}

static void snapshot_has_all_texts_in_the_order_of_what_they_are_of(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    for (uint32_t i = 0; i < SET; i++) {
        record_args(tracker, 1 + i * 5 % SET, "text");
        record_error(tracker, (char[]){(char)('h' - i * 3 % SET), 0}, "text");
    }
    record_sessions(tracker);
    xt_snapshot *snapshot = snapshot_of(xt_tracker_image(tracker));
    const xt_image *image = xt_snapshot_image(snapshot);
    xt_kept_text names[SET];
    xt_kept_text args[SET];
    xt_kept_text errors[SET];
    assert_int_equal(xt_image_texts(image, XT_SESSION_NAMES, SET, names), SET);
    assert_int_equal(xt_image_texts(image, XT_ARGS_TEXTS, SET, args), SET);
    assert_int_equal(xt_image_texts(image, XT_ERROR_TEXTS, SET, errors), SET);
    for (uint32_t i = 0; i < SET; i++) {
        assert_true(i == 0 || names[i].hash > names[i - 1].hash);
        assert_int_equal(names[i].hash, xt_session_of(names[i].text).hash);
        assert_int_equal(names[i].last_us, 1001 + 2 * SET + names[i].text.bytes[0] - 'a');
        assert_int_equal(args[i].hash, i + 1);
        assert_int_equal(args[i].tool_id, 0);
        assert_int_equal(errors[i].hash, 0);
        assert_int_equal(errors[i].tool_id, 1);
        assert_int_equal(errors[i].error_type_id, i + 1);
        assert_int_equal(errors[i].last_us, 1002 + 2 * i);
    }
    xt_snapshot_close(snapshot);
    close_sound(tracker);
}

static void no_more_texts_are_stored_than_there_is_room_for(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    xt_kept_text names[2] = {{.hash = 77}, {.hash = 77}};
    record_sessions(tracker);
    assert_int_equal(
        xt_image_texts(xt_tracker_image(tracker), XT_SESSION_NAMES, 1, names), SET);
    assert_int_not_equal(names[0].hash, 77);
    assert_int_equal(names[1].hash, 77);
    close_sound(tracker);
}

static void snapshot_without_texts_is_that_of_a_tracker_that_keeps_none(void **state) {
    (void)state;
    xt_tracker *with = make_tracker();
    record_texts(with);
    now_us = 1000;
    xt_options options = options_at(&now_us, 10);
    options.session_names = 1;
    xt_image_instance(xt_tracker_image(with), options.instance);
    xt_tracker *without = tracker_with(&options);
    record_texts(without);
    xt_snapshot *expected = snapshot_of(xt_tracker_image(without));
    xt_snapshot *actual;
    xt_snapshot *of_snapshot;
    xt_snapshot *all = snapshot_of(xt_tracker_image(with));
    assert_int_equal(xt_snapshot_without_texts(xt_tracker_image(with), NULL, &actual),
                     XT_OK);
    assert_int_equal(
        xt_snapshot_without_texts(xt_snapshot_image(all), NULL, &of_snapshot), XT_OK);
    assert_true(xt_snapshot_equals(actual, expected));
    assert_true(xt_snapshot_equals(of_snapshot, expected));
    xt_snapshot_close(expected);
    xt_snapshot_close(actual);
    xt_snapshot_close(of_snapshot);
    xt_snapshot_close(all);
    close_sound(with);
    close_sound(without);
}

static void merged_run_keeps_what_was_used_last(void **state) {
    (void)state;
    xt_tracker *a = make_tracker();
    record_args(a, 1, "earlier, and the last by its bytes");
    record_error(a, "EIO", "of a");
    xt_tracker *b = make_tracker();
    record_error(b, "ENOENT", "of b");
    record_args(b, 1, "later");
    record_error(b, "EIO", "of b");
    xt_snapshot *merge = merge_and_close(a, b);
    const xt_image *image = xt_snapshot_image(merge);
    assert_int_equal(xt_image_max_texts(image, XT_ARGS_TEXTS), 2 * SET);
    assert_true(is_text(xt_image_args_text(image, 1), "later"));
    assert_true(is_text(xt_image_error_text(image, 1, 1), "of b"));
    assert_true(is_text(xt_image_error_text(image, 1, 2), "of b"));
    assert_true(is_text(xt_image_error_type(image, 2), "ENOENT"));
    xt_snapshot_close(merge);
}

static void check_finds_texts_of_nothing(void **state) {
    (void)state;
    xt_tracker *tracker = make_tracker();
    const xt_image *image = xt_tracker_image(tracker);
    record_texts(tracker);
    begin_change(tracker);
    image->texts[XT_SESSION_NAMES].bytes[0] ^= 1;
    assert_string_equal(verdict_on(image),
                        "a session's name doesn't have the session's fingerprint");
    image->texts[XT_SESSION_NAMES].bytes[0] ^= 1;
    uint32_t *key = &image->texts[XT_ERROR_TEXTS].entries[0].key;
    const uint32_t right = *key;
    const uint32_t wrong[] = {right + 1, right + (1 << 9), right - (1 << 9)};
    for (size_t i = 0; i < 3; i++) {
        *key = wrong[i];
        assert_string_equal(verdict_on(image),
                            "an error's tool or error type doesn't exist");
    }
    *key = right;
    image->texts[XT_ARGS_TEXTS].entries[0].length = XT_TEXT_BYTES + 1;
    assert_string_equal(verdict_on(image), "a text is out of range");
    image->texts[XT_ARGS_TEXTS].entries[0].length = 5;
    end_change(tracker);
    close_sound(tracker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_are_rounded_up_to_whole_sets),
        cmocka_unit_test(name_of_a_session_is_read_with_what_belongs_to_it),
        cmocka_unit_test(every_use_of_a_session_counts),
        cmocka_unit_test(names_that_say_nothing_are_not_kept),
        cmocka_unit_test(texts_of_arguments_are_kept_by_their_fingerprints),
        cmocka_unit_test(every_use_of_arguments_counts),
        cmocka_unit_test(latest_text_of_an_error_is_kept_by_tool_and_error_type),
        cmocka_unit_test(what_is_not_asked_for_is_not_kept),
        cmocka_unit_test(clear_leaves_the_names_of_sessions_alone),
        cmocka_unit_test(snapshot_has_all_texts_in_the_order_of_what_they_are_of),
        cmocka_unit_test(no_more_texts_are_stored_than_there_is_room_for),
        cmocka_unit_test(snapshot_without_texts_is_that_of_a_tracker_that_keeps_none),
        cmocka_unit_test(merged_run_keeps_what_was_used_last),
        cmocka_unit_test(check_finds_texts_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
