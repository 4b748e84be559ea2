/*
 * Which fields hold secrets, told by their names.
 */
#ifndef XL_SECRET_KEY_H
#define XL_SECRET_KEY_H

#include "exectrack.h"

#pragma GCC visibility push(hidden)

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
