#include "json_line.h"

#include "image.h"
#include "json_execution.h"
#include "support_tracker.h"

#include "support_cmocka.h"

#include <math.h>

static bool is_equal(xt_text a, xt_text b) {
    return a.length == b.length &&
           (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

static bool is_in(xt_text text, const char *start, size_t length) {
    return text.length == 0 || (text.bytes >= start && text.length <= length &&
                                text.bytes + text.length <= start + length);
}

/* That all is in the ranges that the importer takes, and texts are in memory that stays. */
static void check_ranges(xt_text line, const xt_json_execution *read) {
    const xt_execution *execution = &read->execution;
    const xt_text texts[] = {execution->tool, execution->outcome.error_type,
                             execution->place.file};
    assert_true(read->used <= sizeof read->bytes);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_true(is_in(texts[i], line.bytes, line.length) ||
                    is_in(texts[i], read->bytes, read->used));
    }
    assert_true(execution->outcome.status <= XT_CANCELLED);
    assert_true(execution->timing <= XT_UNTIMED);
    assert_true(execution->timing != XT_UNTIMED || execution->duration_us == 0);
    assert_true(execution->duration_us <= XT_MAX_DURATION_US);
    assert_true(execution->depth <= XT_MAX_DEPTH);
    assert_true(execution->end_us <= XT_MAX_COUNT);
    assert_true(!execution->is_undated || execution->end_us == 0);
    assert_true(read->value_count <= XT_MAX_MEASURES);
    for (size_t i = 0; i < read->value_count; i++) {
        assert_true(isfinite(read->values[i].number) && read->values[i].number >= 0);
        assert_true(is_in(read->values[i].name, line.bytes, line.length));
        for (size_t j = 0; j < i; j++) {
            assert_false(is_equal(read->values[i].name, read->values[j].name));
        }
    }
}

static void check_same(const xt_json_execution *a, const xt_json_execution *b) {
    const xt_execution *one = &a->execution;
    const xt_execution *other = &b->execution;
    assert_true(is_equal(one->tool, other->tool));
    assert_true(is_equal(one->outcome.error_type, other->outcome.error_type));
    assert_true(one->outcome.status == other->outcome.status);
    assert_true(one->outcome.was_cached == other->outcome.was_cached);
    assert_true(one->outcome.result_hash == other->outcome.result_hash);
    assert_true(one->args_hash == other->args_hash);
    assert_true(one->duration_us == other->duration_us);
    assert_true(one->timing == other->timing);
    assert_true(one->session.hash == other->session.hash);
    assert_true(one->depth == other->depth);
    assert_true(is_equal(one->place.file, other->place.file));
    assert_true(one->place.line == other->place.line);
    assert_true(one->end_us == other->end_us);
    assert_true(one->is_undated == other->is_undated);
    assert_int_equal(a->value_count, b->value_count);
    for (size_t i = 0; i < a->value_count; i++) {
        assert_true(is_equal(a->values[i].name, b->values[i].name));
        assert_true(a->values[i].number == b->values[i].number);
    }
}

/* That the importer takes it, unless it has a measure whose name is empty or too long, and
 * makes a sound run. */
static void check_import(const xt_json_execution *read) {
    static uint64_t now_us;
    xt_options options = options_at(&now_us, 1);
    xt_tracker *tracker = tracker_with(&options);
    xt_importer *importer;
    xt_snapshot *run;
    bool has_odd_name = false;
    for (size_t i = 0; i < read->value_count; i++) {
        size_t length = read->values[i].name.length;
        has_odd_name |= length == 0 || length > XT_MEASURE_BYTES;
    }
    assert_int_equal(
        xt_importer_create(xt_tracker_image(tracker), XT_KEEP_ALL, NULL, &importer),
        XT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            xt_importer_add(importer, &read->execution, read->value_count, read->values),
            has_odd_name ? XT_ERROR_MEASURES : XT_OK);
    }
    assert_int_equal(xt_importer_build(importer, NULL, &run), XT_OK);
    assert_string_equal(verdict_on(xt_snapshot_image(run)), "sound");
    assert_int_equal(xt_image_record_count(xt_snapshot_image(run)), has_odd_name ? 0 : 2);
    xt_snapshot_close(run);
    xt_importer_close(importer);
    xt_tracker_close(tracker);
}

void check_line(xt_text line, xt_text compact) {
    xt_json_execution read = {0};
    xt_json_execution again = {0};
    if (!xt_json_read_execution(line, &read)) {
        return;
    }
    assert_non_null(compact.bytes);
    check_ranges(line, &read);
    assert_true(xt_json_read_execution(compact, &again));
    check_same(&read, &again);
    assert_true(
        xt_json_read_execution(line, &again)); /* it knows the order of the fields */
    check_same(&read, &again);
    check_import(&read);
}
