#include "kept_texts.h"

/* The key of an error's text: the error type in the lowest bits, then the tool. */
enum { ERROR_TYPE_BITS = 9, ERROR_TYPE_MASK = (1 << ERROR_TYPE_BITS) - 1 };

_Static_assert(XT_ERROR_TYPES + 1 <= ERROR_TYPE_MASK, "with (other), all types fit");
_Static_assert(XT_MAX_TOOLS + 1 <= UINT32_MAX >> ERROR_TYPE_BITS,
               "with (other), all tools fit");

static uint32_t error_key(uint32_t tool_id, uint32_t error_type_id) {
    return tool_id << ERROR_TYPE_BITS | error_type_id;
}

uint32_t xt_text_key(xt_texts_kind kind, const xt_kept_text *kept) {
    return kind == XT_ERROR_TEXTS ? error_key(kept->tool_id, kept->error_type_id)
                                  : kept->hash;
}

/* The text of `key`; empty if it isn't kept or the key is 0. */
static xt_text text_of(const xt_image *image, xt_texts_kind kind, uint32_t key) {
    return key != 0 ? xt_texts_get(&image->texts[kind], key) : (xt_text){NULL, 0};
}

size_t xt_image_max_texts(const xt_image *image, xt_texts_kind kind) {
    return image->texts[kind].head->most;
}

xt_text xt_image_session_name(const xt_image *image, uint32_t hash) {
    return text_of(image, XT_SESSION_NAMES, hash);
}

xt_session xt_image_session(const xt_image *image, uint32_t hash) {
    return (xt_session){hash, xt_image_session_name(image, hash)};
}

xt_text xt_image_args_text(const xt_image *image, uint32_t args_hash) {
    return text_of(image, XT_ARGS_TEXTS, args_hash);
}

bool xt_image_wants_args_text(const xt_image *image, uint32_t args_hash) {
    return args_hash != 0 && xt_image_max_texts(image, XT_ARGS_TEXTS) > 0 &&
           xt_image_args_text(image, args_hash).length == 0;
}

xt_text xt_image_error_text(const xt_image *image, uint32_t tool_id,
                            uint32_t error_type_id) {
    bool exists = tool_id <= image->header->tool_names.count &&
                  error_type_id <= image->header->error_types.count;
    return text_of(image, XT_ERROR_TEXTS, exists ? error_key(tool_id, error_type_id) : 0);
}

static xt_kept_text kept_text(xt_texts_kind kind, const xt_texts *texts,
                              const xt_texts_entry *entry) {
    xt_kept_text kept = {.text = xt_texts_text(texts, entry), .last_us = entry->last_us};
    if (kind == XT_ERROR_TEXTS) {
        kept.tool_id = entry->key >> ERROR_TYPE_BITS;
        kept.error_type_id = entry->key & ERROR_TYPE_MASK;
    } else {
        kept.hash = entry->key;
    }
    return kept;
}

size_t xt_image_texts(const xt_image *image, xt_texts_kind kind, size_t capacity,
                      xt_kept_text texts[]) {
    const xt_texts *from = &image->texts[kind];
    const xt_texts_entry *entry = from->entries;
    for (size_t i = 0; i < capacity && i < from->head->count; entry++) {
        if (entry->key != 0) {
            texts[i++] = kept_text(kind, from, entry);
        }
    }
    return from->head->count;
}

bool xt_session_name_is_kept(const xt_session *session) {
    if (session->name.length == 0 || session->name.length > XT_SESSION_NAME_BYTES) {
        return false;
    }
    xt_session own = xt_session_of(session->name);
    return own.hash == session->hash && own.name.length > 0;
}

void xt_keep_session_name(xt_image *image, const xt_session *session, uint64_t used_us,
                          xt_journal *journal) {
    if (xt_session_name_is_kept(session)) {
        xt_texts_put(&image->texts[XT_SESSION_NAMES], session->hash, session->name,
                     used_us, journal);
    }
}

void xt_keep_args_text(xt_image *image, uint32_t args_hash, xt_text text,
                       uint64_t used_us, xt_journal *journal) {
    xt_texts *texts = &image->texts[XT_ARGS_TEXTS];
    if (args_hash == 0) {
        return;
    }
    if (text.length > 0) {
        xt_texts_put(texts, args_hash, text, used_us, journal);
    } else {
        xt_texts_use(texts, args_hash, used_us, journal);
    }
}

void xt_keep_error_text(xt_image *image, uint32_t tool_id, uint32_t error_type_id,
                        xt_text text, uint64_t used_us, xt_journal *journal) {
    xt_texts_put(&image->texts[XT_ERROR_TEXTS], error_key(tool_id, error_type_id), text,
                 used_us, journal);
}

static bool is_name_of_its_key(const xt_kept_text *name) {
    return xt_session_name_is_kept(&(xt_session){name->hash, name->text});
}

static bool is_of_what_exists(const xt_image *image, const xt_kept_text *error) {
    return error->tool_id >= 1 && error->tool_id <= image->header->tool_names.count &&
           error->error_type_id <= image->header->error_types.count;
}

static const char *check_keys(const xt_image *image, xt_texts_kind kind) {
    const xt_texts *texts = &image->texts[kind];
    for (uint32_t i = 0; i < texts->head->slots; i++) {
        xt_kept_text kept = kept_text(kind, texts, &texts->entries[i]);
        if (kept.text.length == 0) {
            continue;
        }
        if (kind == XT_SESSION_NAMES && !is_name_of_its_key(&kept)) {
            return "a session's name doesn't have the session's fingerprint";
        }
        if (kind == XT_ERROR_TEXTS && !is_of_what_exists(image, &kept)) {
            return "an error's tool or error type doesn't exist";
        }
    }
    return NULL;
}

const char *xt_image_check_texts(const xt_image *image) {
    const char *wrong = NULL;
    for (int kind = 0; wrong == NULL && kind < XT_TEXTS_KINDS; kind++) {
        wrong = xt_texts_check(&image->texts[kind]);
        if (wrong == NULL) {
            wrong = check_keys(image, (xt_texts_kind)kind);
        }
    }
    return wrong;
}
