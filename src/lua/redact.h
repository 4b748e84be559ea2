/*
 * What looks like a credential in a text.
 */
#ifndef XL_REDACT_H
#define XL_REDACT_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

/* What stands in the place of a secret. */
#define XL_REDACTED "[redacted]"

/* A part of a text, from byte `start` to before byte `end`. */
typedef struct xl_stretch {
    size_t start;
    size_t end;
} xl_stretch;

/* A search that goes on where it found the last secret. Begin with `{.text = text}`. */
typedef struct xl_secret_search {
    xt_text text;
    size_t at;           /* the first byte that isn't looked at yet */
    xl_stretch previous; /* the word before it */
    xl_stretch password; /* of a URL, which comes; empty for none */
} xl_secret_search;

/*
 * Finds the next secret. It is the whole of it, and not empty:
 *
 * - a token that is told by its form: `sk-…`, `ghp_…` and the other prefixes of redact.c,
 *   JSON Web Tokens, what follows `Bearer` or `Basic`;
 * - a PEM block, to the end of the text if it has none;
 * - the password of a URL, `scheme://user:password@host`;
 * - the value of what xl_is_secret_key says is a secret's name, as in `--password=…`,
 *   `--token …`, `TOKEN=…`, `"api_key": "…"`, also in JSON within JSON, `Cookie: …`,
 *   `<password>…</password>`.
 *
 * False if none begins before byte `limit`: there it may go on later with a higher limit.
 * All searches of a text together take O(its length), whatever it holds.
 */
bool xl_next_secret(xl_secret_search *search, size_t limit, xl_stretch *secret);

/*
 * Whether `key` looks like the name of a password, a token or another secret: one of its
 * words ends with `password`, `secret`, `credential` and the like, in whatever case, the
 * last one with `token` or `cookie`; or two of them are `api key` and the like. Words end
 * before what is neither a letter nor a digit, and before capitals: `githubToken` is a
 * secret's, `max_tokens`, `token_count` and `author` aren't. O(length).
 */
bool xl_is_secret_key(xt_text key);

#pragma GCC visibility pop

#endif
