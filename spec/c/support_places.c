#include "support_places.h"

#include "support_cmocka.h"
#include "support_tracker.h"

#include "import.h"

xt_snapshot *placed_run(const char *const places[], size_t max_history) {
    const xt_options options = xt_options_default();
    xt_tracker *like = tracker_with(&options);
    xt_importer *importer;
    xt_snapshot *run;
    assert_int_equal(
        xt_importer_create(xt_tracker_image(like), max_history, NULL, &importer), XT_OK);
    xt_tracker_close(like);
    for (size_t i = 0; places[i] != NULL; i++) {
        const xt_execution execution = {.tool = xt_text_of("read"),
                                        .end_us = i + 1,
                                        .place = xt_place_of(xt_text_of(places[i]))};
        assert_int_equal(xt_importer_add(importer, &execution, 0, NULL), XT_OK);
    }
    assert_int_equal(xt_importer_build(importer, NULL, &run), XT_OK);
    xt_importer_close(importer);
    assert_string_equal(verdict_on(xt_snapshot_image(run)), "sound");
    return run;
}

void assert_places(const xt_snapshot *run, const char *const places[]) {
    const xt_image *image = xt_snapshot_image(run);
    size_t count = xt_image_record_count(image);
    for (size_t i = 0; i < count; i++) {
        char written[XT_PLACE_BYTES];
        const xt_execution execution = execution_of_age(image, count - 1 - i);
        size_t length = xt_place_write(&execution.place, written);
        assert_non_null(places[i]);
        assert_true(is_text(text_of(written, length), places[i]));
        assert_true(same_text(execution.place.file,
                              xt_image_log_file(image, execution.place.file_id)));
    }
    assert_null(places[count]);
}
