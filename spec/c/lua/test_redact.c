/*
 * The search for secrets in a text reads each byte a bounded number of times, whatever
 * the text.
 */
#include <stddef.h>

static size_t looks;
#define XL_COUNT_LOOK() ((void)looks++)
#include "lua/redact.c"

#include "support_cmocka.h"
#include "support_random.h"

/* Values of `-u` are searched once for each of 3 quotes with 0 to 15 backslashes. */
enum { LENGTH = 1 << 16, MOST_LOOKS = 8 + 3 * 16, ROUNDS = 300 };

static char text[LENGTH];

/* Searches the text for secrets, in steps if `step` isn't 0. */
static void assert_linear(size_t step) {
    xl_secret_search search = {.text = {text, LENGTH}};
    xl_stretch secret;
    size_t last = 0;
    looks = 0;
    for (size_t limit = step > 0 ? 0 : LENGTH; limit <= LENGTH;
         limit += step > 0 ? step : 1) {
        while (xl_next_secret(&search, limit, &secret)) {
            assert_in_range(secret.start, last, secret.end - 1);
            assert_in_range(secret.end, secret.start + 1, LENGTH);
            last = secret.end;
        }
    }
    assert_in_range(looks, 1, MOST_LOOKS * LENGTH);
}

/* A text that repeats this piece. */
static void repeat(const char *piece) {
    size_t length = strlen(piece);
    for (size_t i = 0; i < LENGTH; i++) {
        text[i] = piece[i % length];
    }
}

/* Pieces that may begin a secret again and again without ending it. */
static const char *const pieces[] = {
    "a",
    "-",
    " ",
    "\"",
    "\\",
    "=",
    ":",
    "{",
    "]",
    "@",
    "/",
    ".",
    "eyJ",
    "eyJ.",
    "eyJa.eyJb",
    "eyJ-",
    "password=f(",
    "-u ",
    "-u \"",
    "-u [",
    "-u a",
    "password: a = ",
    "password: & = r",
    "-----BEGIN ",
    "-----END ",
    "-----BEGIN",
    "a-----BEGIN ",
    "a://",
    "a://b:c",
    "a://b:",
    "://",
    "a:b@",
    "a://@",
    "a:/",
    "Bearer ",
    "Basic ",
    "Bearer a ",
    "basic aaaa/",
    "basic/basic ",
    "bearer",
    "token",
    "token ",
    "token=",
    "token:",
    "token=\"",
    "token='\\",
    "token\"\"",
    "token]]]]",
    "token    ",
    "token={",
    "token=[\"",
    "token: {\"}",
    "token=\\\"",
    "token=\\\\",
    "token=\"\"",
    "key ",
    "api key ",
    "api key: ",
    "api-",
    "aB",
    "AKIA",
    "--token ",
    "--token -",
    "--token\",",
    "cookie: ",
    "\"cookie: ",
    "cookie:\\r",
    "sk-",
    "xoxb-",
    "<token>",
    "<token",
    "token: |\n ",
    "token:|\n",
    "token=\"\"\"",
    "token=\"\"\"\"\"\"",
    "password=a&",
    "password=\\a",
    "Authorization: \n",
    "{\"token\":",
    "\n",
    "\\n",
    "\\ntoken",
};

enum { PIECES = sizeof pieces / sizeof pieces[0] };

static void what_is_begun_again_and_again_takes_linear_time(void **state) {
    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        repeat(pieces[i]);
        assert_linear(0);
        text[LENGTH - 1] = '"';
        assert_linear(1000);
    }
}

static void random_pieces_take_linear_time(void **state) {
    (void)state;
    random_source random = random_seeded();
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t few = 1 + random_below(&random, 4);
        uint32_t chosen[4];
        for (uint32_t i = 0; i < few; i++) {
            chosen[i] = random_below(&random, PIECES);
        }
        for (size_t at = 0; at < LENGTH;) {
            const char *piece = pieces[chosen[random_below(&random, few)]];
            for (; *piece != '\0' && at < LENGTH; piece++) {
                text[at++] = *piece;
            }
        }
        assert_linear(0);
    }
}

/* None of these quotes closes another. */
static void quotes_behind_ever_more_backslashes_take_linear_time(void **state) {
    (void)state;
    size_t at = 0;
    for (size_t backslashes = 1; at < LENGTH; backslashes++) {
        for (size_t i = 0; i < backslashes + 4 && at < LENGTH; i++) {
            text[at++] = i < 3 ? "-u "[i] : i < backslashes + 3 ? '\\' : '"';
        }
    }
    assert_linear(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_begun_again_and_again_takes_linear_time),
        cmocka_unit_test(random_pieces_take_linear_time),
        cmocka_unit_test(quotes_behind_ever_more_backslashes_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
