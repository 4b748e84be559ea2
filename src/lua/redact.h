/*
 * Finding what looks like a secret in a text.
 */
#ifndef XL_REDACT_H
#define XL_REDACT_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* What replaces a secret. */
#define XL_REDACTED "[redacted]"

/* A part of a text, from byte `start` to before byte `end`. */
typedef struct xl_stretch {
    size_t start;
    size_t end;
} xl_stretch;

/* A search that continues after the secret that it found last. Begin with `{.text =
 * text}`. */
typedef struct xl_secret_search {
    xt_text text;
    size_t at;           /* everything before this byte is searched */
    xl_stretch previous; /* the word before it */
    xl_stretch password; /* the password of a URL, if one follows; else empty */
} xl_secret_search;

/*
 * Finds the next secret, from its first byte to its last; it isn't empty. Secrets are:
 *
 * - tokens of a known form: `sk-…`, `ghp_…` and the other prefixes of redact.c, JSON Web
 *   Tokens, and what follows `Bearer` or `Basic`;
 * - a PEM block; one that isn't closed extends to the end of the text;
 * - the password of a URL, `scheme://user:password@host`;
 * - the value of a name for which xl_is_secret_key is true: `--password=…`, `--token …`,
 *   `TOKEN=…`, `"api_key": "…"`, also in JSON within JSON, `Cookie: …`,
 *   `<password>…</password>`.
 *
 * False if none begins before byte `limit`; a later call with a higher limit continues
 * there. All searches of a text together take O(length of the text).
 */
bool xl_next_secret(xl_secret_search *search, size_t limit, xl_stretch *secret);

/*
 * Whether `key` looks like the name of a secret: one of its words ends with `password`,
 * `secret`, `credential` or the like, in any case; or its last word ends with `token` or
 * `cookie`; or two words in sequence are `api key` or the like. Words consist of letters
 * and digits, and a capital begins a new one: `githubToken` is the name of a secret;
 * `max_tokens`, `token_count` and `author` aren't. O(length).
 */
bool xl_is_secret_key(xt_text key);

#pragma GCC visibility pop

#endif
