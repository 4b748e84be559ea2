#include "support_texts.h"

#include "support_cmocka.h"
#include "support_snapshot.h"

/* The texts of a kind, to be freed. */
static xt_kept_text *texts_of(const xt_image *image, xt_texts_kind kind, size_t *count) {
    *count = xt_image_texts(image, kind, 0, NULL);
    xt_kept_text *texts = calloc(*count + 1, sizeof *texts);
    assert_non_null(texts);
    assert_int_equal(xt_image_texts(image, kind, *count, texts), *count);
    return texts;
}

/* The text of `image` for the key of `like`, a text of `other`; empty if it has none. */
static xt_kept_text same_in(const xt_image *image, xt_texts_kind kind,
                            const xt_image *other, const xt_kept_text *like) {
    xt_kept_text found = {0};
    size_t count;
    xt_kept_text *texts = texts_of(image, kind, &count);
    xt_text tool = xt_image_tool_name(other, like->tool_id);
    xt_text error_type = xt_image_error_type(other, like->error_type_id);
    for (size_t i = 0; i < count; i++) {
        if (texts[i].hash == like->hash &&
            same_text(xt_image_tool_name(image, texts[i].tool_id), tool) &&
            same_text(xt_image_error_type(image, texts[i].error_type_id), error_type)) {
            assert_int_equal(found.text.length, 0);
            found = texts[i];
        }
    }
    free(texts);
    return found;
}

static int compare_uses(const xt_kept_text *a, const xt_kept_text *b) {
    int by = (a->last_us > b->last_us) - (a->last_us < b->last_us);
    return by != 0 ? by : xt_text_compare(a->text, b->text);
}

static void assert_same_kind(const xt_image *a, const xt_image *b, xt_texts_kind kind) {
    size_t count;
    xt_kept_text *texts = texts_of(a, kind, &count);
    assert_int_equal(xt_image_max_texts(a, kind), xt_image_max_texts(b, kind));
    assert_int_equal(xt_image_texts(b, kind, 0, NULL), count);
    for (size_t i = 0; i < count; i++) {
        xt_kept_text same = same_in(b, kind, a, &texts[i]);
        assert_int_equal(compare_uses(&texts[i], &same), 0);
    }
    free(texts);
}

void assert_same_texts(const xt_image *a, const xt_image *b) {
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        assert_same_kind(a, b, (xt_texts_kind)kind);
    }
}

/* Asserts that `merge` has each text of `run`, or one that was used later. */
static void assert_united(const xt_image *merge, const xt_image *run,
                          xt_texts_kind kind) {
    size_t count;
    xt_kept_text *texts = texts_of(run, kind, &count);
    for (size_t i = 0; i < count; i++) {
        xt_kept_text kept = same_in(merge, kind, run, &texts[i]);
        assert_true(compare_uses(&kept, &texts[i]) >= 0);
    }
    free(texts);
}

/* Asserts that each text of `merge` is one of the runs'. */
static void assert_known(const xt_image *merge, size_t count,
                         const xt_image *const images[], xt_texts_kind kind) {
    size_t kept_count;
    xt_kept_text *texts = texts_of(merge, kind, &kept_count);
    for (size_t i = 0; i < kept_count; i++) {
        bool is_known = false;
        for (size_t j = 0; j < count; j++) {
            xt_kept_text own = same_in(images[j], kind, merge, &texts[i]);
            is_known |= compare_uses(&own, &texts[i]) == 0;
        }
        assert_true(is_known);
    }
    free(texts);
}

void assert_merged_texts(const xt_image *merge, size_t count,
                         const xt_image *const images[]) {
    for (int kind = 0; kind < XT_TEXTS_KINDS; kind++) {
        size_t most = 0;
        for (size_t i = 0; i < count; i++) {
            most += xt_image_max_texts(images[i], (xt_texts_kind)kind);
            assert_united(merge, images[i], (xt_texts_kind)kind);
        }
        assert_known(merge, count, images, (xt_texts_kind)kind);
        assert_int_equal(xt_image_max_texts(merge, (xt_texts_kind)kind), most);
    }
}
