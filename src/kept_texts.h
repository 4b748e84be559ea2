/*
 * The texts that an image keeps: names of sessions, arguments as text, errors' messages.
 */
#ifndef XT_KEPT_TEXTS_H
#define XT_KEPT_TEXTS_H

#include "image.h"

#pragma GCC visibility push(hidden)

/* The session of fingerprint `hash`, with its name if that is kept. */
xt_session xt_image_session(const xt_image *image, uint32_t hash);

/* The key of a text in the table of its kind, by the other fields of `kept`. */
uint32_t xt_text_key(xt_texts_kind kind, const xt_kept_text *kept);

/* Whether a tracker keeps the name of `session`: it isn't empty, too long or a
 * fingerprint, and it has the session's fingerprint. */
bool xt_session_name_is_kept(const xt_session *session);

/*
 * Each keeps a text in a tracker's image, as used at `used_us`, at most XT_MAX_COUNT, and
 * touches what it changes. If `text` of arguments is empty, only the time of a text that
 * is kept already is updated. The text of an error must not be empty. The name of a
 * session isn't kept if it is too long, empty or a fingerprint. O(1).
 */
void xt_keep_session_name(xt_image *image, const xt_session *session, uint64_t used_us,
                          xt_journal *journal);
void xt_keep_args_text(xt_image *image, uint32_t args_hash, xt_text text,
                       uint64_t used_us, xt_journal *journal);
void xt_keep_error_text(xt_image *image, uint32_t tool_id, uint32_t error_type_id,
                        xt_text text, uint64_t used_us, xt_journal *journal);

/* Keeps the name of a session, which may be none. Fast if it is kept already. */
static inline void xt_keep_session(xt_image *image, const xt_session *session,
                                   uint64_t used_us, xt_journal *journal) {
    if (session->hash != 0 &&
        !xt_texts_use(&image->texts[XT_SESSION_NAMES], session->hash, used_us, journal)) {
        xt_keep_session_name(image, session, used_us, journal);
    }
}

/* Keeps the texts of `call`: the name of its session and its arguments. */
static inline __attribute__((always_inline)) void
xt_keep_texts_of_call(xt_image *image, const xt_call *call, uint64_t used_us,
                      xt_journal *journal) {
    xt_keep_session(image, &call->session, used_us, journal);
    if (image->header->texts[XT_ARGS_TEXTS].slots > 0) {
        xt_keep_args_text(image, call->args_hash, call->args_text, used_us, journal);
    }
}

/* Null if all tables of texts are valid, else a message. O(slots). */
const char *xt_image_check_texts(const xt_image *image);

#pragma GCC visibility pop

#endif
