/*
 * The error type of a message without codes. SEED in the environment repeats the random
 * tests.
 */
#include "lua/message_type.h"

#include "lua/message.h"
#include "support_cmocka.h"
#include "support_random.h"

#include <stdio.h>

enum { LONGEST = 1500, LINE_BYTES = 16384, ROUNDS = 20000 };

/* Stores the error type of a message, as a string. */
static const char *type_of(const char *message, size_t length,
                           char type[XL_ERROR_TYPE_BYTES + 1]) {
    char buffer[XL_ERROR_TYPE_BYTES];
    char room[XL_MESSAGE_BYTES];
    xt_text text =
        xl_message_type(xl_message_text((xt_text){message, length}, room), buffer);
    assert_in_range(text.length, 1, XL_ERROR_TYPE_BYTES);
    memcpy(type, text.bytes, text.length);
    type[text.length] = '\0';
    assert_int_equal(strlen(type), text.length);
    return type;
}

static void assert_message_of(const char *message, size_t length, const char *expected) {
    char type[XL_ERROR_TYPE_BYTES + 1];
    assert_string_equal(type_of(message, length, type), expected);
}

static void assert_message(void **state, const char *message, const char *expected) {
    (void)state;
    assert_message_of(message, strlen(message), expected);
}

static void lua_s_own_errors_keep_their_words(void **state) {
    assert_message(state, "input:7: attempt to call a nil value (global 'foo')",
                   "attempt to call a nil value global");
    assert_message(state, "bad argument #1 to 'insert' (table expected, got nil)",
                   "bad argument to table expected got nil");
    assert_message(state, "x.lua:3: unfinished string near '\"foo'",
                   "unfinished string near");
    assert_message(state, "module 'x' not found:\n\tno field package.preload['x']",
                   "module not found");
    assert_message(state, "not enough memory", "not enough memory");
}

static void message_of_plain_words_is_its_own_type(void **state) {
    assert_message(state, "connection lost", "connection lost");
    assert_message(state, "timeout", "timeout");
    assert_message(state, "  too \t many\v requests\r", "too many requests");
}

static void only_the_first_line_counts(void **state) {
    assert_message(state, "first\nsecond", "first");
    assert_message(state, "first\r\nsecond", "first");
    assert_message(state, " \n\nsecond\nthird", "second");
    assert_message(state, "x.lua:3: \nsecond", "second");
    assert_message(state, "x.lua:3:", "error");
    assert_message(state, "it's 'open\nclosed' x", "it's open");
}

static void last_line_of_a_traceback_counts(void **state) {
    assert_message(state,
                   "\nTraceback (most recent call last):\n  File \"x.py\", line 3\n"
                   "json.decoder.JSONDecodeError: no luck\n\n",
                   "JSONDecodeError no luck");
    assert_message(state, "Traceback (most recent call last)",
                   "Traceback most recent call last");
}

static void colours_are_left_out(void **state) {
    assert_message(state, "\x1b[1;31merror\x1b[0m: no \x1b[1m`x y`\x1b[0m here",
                   "error no here");
    assert_message(state, "red \x1b[31", "red");
    assert_message(state, "red\x1b\x1b[", "error");
}

static void names_of_exceptions_are_without_what_they_are_in(void **state) {
    assert_message(state, "java.io.IOException: no luck", "IOException no luck");
    assert_message(state, "sqlite3.OutOfMemoryError", "OutOfMemoryError");
    assert_message(state, "no urllib.error here", "no here");
    assert_message(state, "no /srv/x.Error here", "no here");
    assert_message(state, "no V8Error here", "no here");
    assert_message(state, "api.example.com failed", "failed");
}

static void parts_of_dates_are_dropped(void **state) {
    assert_message(state, "expired at Mon, 12 Jan 2026 03:04:05 GMT", "expired at GMT");
    assert_message(state, "JanFeb MON Mon. it", "JanFeb MON it");
}

static void positions_at_the_beginning_are_taken_off(void **state) {
    assert_message(state, "input:7: failed", "failed");
    assert_message(state, "tool.lua:3: user 1234 not found", "user not found");
    assert_message(state, "/opt/my-tools/x.lua:3: failed", "failed");
    assert_message(state, "C:\\tools\\x.lua:3: failed", "failed");
    assert_message(state, "a:1:2: failed", "failed");
    assert_message(state, "a:1: b:2: failed", "failed");
    assert_message(state, "a:1:\tfailed", "failed");
    assert_message(state, "a:1:", "error");
    assert_message(state, "a:1: ", "error");
}

static void positions_in_chunks_with_spaces_are_taken_off(void **state) {
    assert_message(state, "[string \"return x + y\"]:12: failed", "failed");
    assert_message(state, "[string \"a \"]:x: \"b c\"]:12: failed", "failed");
    assert_message(state, "[string \"a:1: b\"]:12: failed", "failed");
    assert_message(state, "my tools/x y.lua:12: failed", "failed");
    assert_message(state, "(command line):1: failed", "failed");
    assert_message(state, "a:1: [string \"b c\"]:2: d e.lua:3: failed", "failed");
}

static void what_is_no_position_at_the_beginning_stays(void **state) {
    assert_message(state, "connect host:80: refused", "connect refused");
    assert_message(state, "connect [string x]:80: refused", "connect string refused");
    assert_message(state, "cannot:7 failed", "failed");
    assert_message(state, "cannot:x: failed", "cannot:x failed");
    assert_message(state, "cannot:: failed", "cannot failed");
    assert_message(state, "host:80:refused again", "again");
    assert_message(state, "a b.luac:12: failed", "a failed");
    assert_message(state, "call (x) y:12: failed", "call x failed");
    assert_message(state, "call f(x y):12: failed", "call f(x failed");
    assert_message(state, "get t[\"x y\"]:12: failed", "get failed");
}

static void quoted_parts_are_dropped(void **state) {
    assert_message(state, "user 'John Doe' unknown", "user unknown");
    assert_message(state, "user \"John Doe\" unknown", "user unknown");
    assert_message(state, "user `John Doe` unknown", "user unknown");
    assert_message(state, "'John Doe'", "error");
    assert_message(state, "user ('John Doe'): unknown", "user unknown");
    assert_message(state, "user:'John Doe', unknown", "user unknown");
    assert_message(state, "near \"it's 'x' y\" failed", "near failed");
    assert_message(state, "near 'a''b c' failed", "near failed");
    assert_message(state, "near '' failed", "near failed");
    assert_message(state, "near '' comes 'x' failed", "near comes failed");
    assert_message(state, "near '(x)' comes 'y' failed", "near comes failed");
    assert_message(state, "unknown key[\"a b\"]", "unknown key");
    assert_message(state, "name='John Doe' unknown", "unknown");
}

static void apostrophe_opens_and_closes_nothing(void **state) {
    assert_message(state, "can't open what isn't there", "can't open what isn't there");
    assert_message(state, "can't open 'John's file' now", "can't open now");
    assert_message(state, "caf\xc3\xa9's key isn't here", "caf\xc3\xa9's key isn't here");
    assert_message(state, "the users' keys' owner", "the users keys owner");
}

static void quote_that_nothing_closes_is_only_a_sign(void **state) {
    assert_message(state, "near 'the end", "near the end");
    assert_message(state, "near 'the end is\"", "near the end is");
    assert_message(state, "near 'a 'b 'c \"d e\" f", "near a b c f");
    assert_message(state, "call(\"x", "call(x");
    assert_message(state, "'", "error");
}

static void words_that_are_values_are_dropped(void **state) {
    assert_message(state, "user 1234 unknown", "user unknown");
    assert_message(state, "user a1b unknown", "user unknown");
    assert_message(state, "file /tmp/x unknown", "file unknown");
    assert_message(state, "file tmp/ unknown", "file unknown");
    assert_message(state, "file C:\\x unknown", "file unknown");
    assert_message(state, "with id=x failed", "with failed");
    assert_message(state, "with id= failed", "with failed");
    assert_message(state, "mail a@b failed", "mail failed");
    assert_message(state, "mail @b failed", "mail failed");
    assert_message(state, "host api.example.com, down", "host down");
    assert_message(state, "wait...what now", "now");
    assert_message(state, "red \x1bx \x7f text", "red text");
}

static void words_that_look_like_hex_are_dropped(void **state) {
    assert_message(state, "commit deadbeef lost", "commit lost");
    assert_message(state, "commit (ABCDEF) lost", "commit lost");
    assert_message(state, "commit fade-cafeba lost", "commit lost");
    assert_message(state, "commit faded bad ABCDE lost", "commit faded bad ABCDE lost");
    assert_message(state, "commit DeadBeef lost", "commit DeadBeef lost");
}

static void words_that_look_like_identifiers_are_dropped(void **state) {
    assert_message(state, "user kQzVbnTrWxYz lost", "user lost");
    assert_message(state, "user req_kQzVbn lost", "user lost");
    assert_message(state, "user ABCdEF lost", "user lost");
    assert_message(state, "user ABCDEFGHow lost", "user lost");
    assert_message(state, "user GHIJKLHow lost", "user GHIJKLHow lost");
    assert_message(state, "user GetX lost", "user lost");
    assert_message(state, "user userIdOfTeam lost", "user lost");
    assert_message(state, "user XkTrNpQs lost", "user lost");
    assert_message(state, "user fooBCD_ aBCDef lost", "user fooBCD_ lost");
    assert_message(state, "user tkbnrpqs TKBNRPQS lost", "user lost");
}

static void names_that_are_made_of_words_stay(void **state) {
    assert_message(state, "JSONDecodeError IOError OpenAI GitHub userName HTTP",
                   "JSONDecodeError IOError OpenAI GitHub userName HTTP");
    assert_message(state, "tkbnrpq Rate_Limit UTF a B", "tkbnrpq Rate_Limit UTF a B");
}

static void parts_between_quotation_marks_are_dropped(void **state) {
    assert_message(state, "error: \xE2\x80\x98 x y\xE2\x80\x99 undeclared",
                   "error undeclared");
    assert_message(state, "no \xE2\x80\x9Cx\xE2\x80\x9D, no \xC2\xABy\xC2\xBB", "no no");
    assert_message(state, "no \xE3\x80\x8Cx\xE3\x80\x8D\xC3\xBC", "no \xC3\xBC");
    assert_message(state, "user\xE2\x80\x99s key \xE2\x80\x98x \xE2\x80\x98y",
                   "user\xE2\x80\x99s key x y");
}

static void long_quoted_parts_are_dropped(void **state) {
    static char message[LINE_BYTES + 100];
    (void)state;
    memset(message, 'o', sizeof message);
    memcpy(message, "near 'an ", 9);
    memcpy(message + LINE_BYTES - 10, "' is wrong", 10);
    assert_message_of(message, LINE_BYTES, "near is wrong");
    message[LINE_BYTES - 10] = ' '; /* nothing closes the quote */
    assert_message_of(message, LINE_BYTES, "near an");
    message[LINE_BYTES] = '\n';
    assert_message_of(message, LINE_BYTES + 2, "near an");
    message[LINE_BYTES] = ' '; /* within what counts */
    assert_message_of(message, LINE_BYTES + 2, "near");
    memcpy(message + 5, "\xE2\x80\x9C", 3);
    assert_message_of(message, LINE_BYTES + 2, "near");
    memcpy(message + 5, " an", 3);
    assert_message_of(message, LINE_BYTES + 2, "near an");
}

static void message_without_ascii_words_keeps_its_beginning(void **state) {
    assert_message(state, "\xE7\x94\xA8\xE6\x88\xB7 17 \xE4\xB8\x8D\xE5\xAD\x98",
                   "\xE7\x94\xA8\xE6\x88\xB7 \xE4\xB8\x8D\xE5\xAD\x98");
    assert_message(state, "\xE7\x94\xA8 '\xE6\x88\xB7' 17\xE4\xB8\x8D\xEF\xBC\x9A/a",
                   "\xE7\x94\xA8 \xE4\xB8\x8D\xEF\xBC\x9A");
    assert_message(state, "a.lua:3: \xE7\x94\xA8:\n\xE6\x88\xB7", "\xE7\x94\xA8");
    assert_message(state, "404 \xE7\x94\xA8 x=1", "\xE7\x94\xA8");
}

static void beginning_is_cut_at_a_character(void **state) {
    char message[LONGEST] = "";
    char expected[XL_ERROR_TYPE_BYTES + 1] = "";
    for (int i = 0; i < 30; i++) {
        strcat(message, "\xE4\xB8\x8D");
        strcat(expected, i < 21 ? "\xE4\xB8\x8D" : ""); /* 63 bytes */
    }
    assert_message(state, message, expected);
    snprintf(expected, sizeof expected, "o%.63s", message); /* 64 bytes */
    memmove(message + 1, message, strlen(message) + 1);
    message[0] = 'o'; /* in one long word with them */
    assert_message(state, message, expected);
}

static void dots_around_a_word_are_punctuation(void **state) {
    assert_message(state, "failed. Again... ...now .hidden", "failed Again now hidden");
}

static void punctuation_around_words_is_taken_off(void **state) {
    assert_message(state, "failed: (global) [x], {y}; <eof>! why?",
                   "failed global x y eof why");
    assert_message(state, "a - b -- ... c", "a b c");
    assert_message(state, "#$%&*+,-;^|~", "error");
    assert_message(state, "std::bad_alloc non-blocking __gc_",
                   "std::bad_alloc non-blocking __gc_");
}

static void words_of_more_than_32_bytes_are_dropped(void **state) {
    assert_message(state, "a (abcdefghijklmnopqrstuvwxyzabcdef) b",
                   "a abcdefghijklmnopqrstuvwxyzabcdef b");
    assert_message(state, "a abcdefghijklmnopqrstuvwxyzabcdefg b", "a b");
}

static void words_follow_each_other_up_to_64_bytes(void **state) {
    assert_message(state,
                   "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefghij",
                   "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefghij");
    assert_message(state,
                   "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefghijk",
                   "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz");
    assert_message(state,
                   "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz abcdefghijk a",
                   "abcdefghijklmnopqrstuvwxyz abcdefghijklmnopqrstuvwxyz");
}

static void message_of_which_nothing_is_left_is_an_error(void **state) {
    assert_message(state, "", "error");
    assert_message(state, " \t", "error");
    assert_message(state, "404", "error");
    assert_message(state, "/tmp/x: 7", "error");
}

static void message_may_hold_any_bytes(void **state) {
    assert_message(state,
                   "\xc3\xbc"
                   "bung \xe2\x80\xa6 \xff\xc3 \x80",
                   "\xc3\xbc"
                   "bung \xe2\x80\xa6 \xff\xc3 \x80");
    assert_message_of("a\0b failed \0", 12, "failed");
    assert_message_of("a \0b c d\0 failed", 16, "a c failed");
    assert_message_of("\0", 1, "error");
    assert_message_of("x\0 failed", 9, "failed");
}

/* `count` digits, then `rest`. */
static const char *after_digits(size_t count, const char *rest, char message[LONGEST]) {
    memset(message, '7', count);
    snprintf(message + count, LONGEST - count, "%s", rest);
    return message;
}

static void words_that_end_within_1024_bytes_count(void **state) {
    char message[LONGEST];
    assert_message(state, after_digits(1016, " failed", message), "failed");
    assert_message(state, after_digits(1017, " failed", message), "failed");
    assert_message(state, after_digits(1017, " failed now", message), "failed");
    assert_message(state, after_digits(1017, " failed\nnow", message), "failed");
    assert_message(state, after_digits(1018, " failed", message), "error");
    assert_message(state, after_digits(1018, " a failed", message), "a");
    assert_message(state, after_digits(LONGEST - 10, " failed", message), "error");
}

/* Stores up to `longest` of `bytes` in `message`, with a zero after them. */
static size_t random_message(random_source *source, const char *bytes, size_t count,
                             uint32_t longest, char *message) {
    size_t length = random_below(source, longest);
    for (size_t i = 0; i < length; i++) {
        message[i] = bytes[random_below(source, (uint32_t)count)];
    }
    message[length] = '\0';
    return length;
}

static void any_message_gives_a_short_type_without_values(void **state) {
    static const char bytes[] = "aab'\"` \t\n::1290/\\=@.[](),-_\0\x1b\x80\xc3\xff";
    random_source source = random_seeded();
    char message[LONGEST];
    char type[XL_ERROR_TYPE_BYTES + 1];
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t longest = random_once_in(&source, 20) ? LONGEST : 100;
        size_t length =
            random_message(&source, bytes, sizeof bytes - 1, longest, message);
        type_of(message, length, type);
        assert_null(strpbrk(type, "1290/\\=@\t\n\x1b"));
        assert_null(strstr(type, "  "));
        assert_int_not_equal(type[0], ' ');
        assert_int_not_equal(type[strlen(type) - 1], ' ');
    }
}

/* The error type of a message of lower-case vowels, without positions and quotes.
 * Overwrites the message. */
static void model_type(char *message, char type[LONGEST]) {
    static const char around[] = ".,()-[]";
    type[0] = '\0';
    message[strcspn(message, "\n")] = '\0';
    for (char *word = strtok(message, " \t"); word != NULL; word = strtok(NULL, " \t")) {
        bool is_value = strpbrk(word, "1290/\\=@") != NULL;
        word += strspn(word, around);
        size_t length = strlen(word);
        while (length > 0 && strchr(around, word[length - 1]) != NULL) {
            word[--length] = '\0';
        }
        if (is_value || length == 0 || length > 32 || strchr(word, '.') != NULL) {
            continue;
        }
        if (strlen(type) + (type[0] != '\0') + length > 64) {
            break;
        }
        strcat(type, type[0] != '\0' ? " " : "");
        strcat(type, word);
    }
    strcat(type, type[0] == '\0' ? "error" : "");
}

static void random_words_give_what_the_model_says(void **state) {
    static const char bytes[] = "oooooooooouuuuuuuuuu      \t.,()-[]_1/\\=@\x80\xff";
    random_source source = random_seeded();
    char message[LONGEST];
    char type[XL_ERROR_TYPE_BYTES + 1];
    char expected[LONGEST];
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        /* Once in a while mostly letters, so that words are long. */
        size_t count = random_once_in(&source, 4) ? 27 : sizeof bytes - 1;
        size_t length = 2 + random_message(&source, bytes, count, 500, message + 2);
        memcpy(message, "o ", 2); /* so that one word is of ASCII */
        type_of(message, length, type);
        model_type(message, expected);
        assert_string_equal(type, expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lua_s_own_errors_keep_their_words),
        cmocka_unit_test(message_of_plain_words_is_its_own_type),
        cmocka_unit_test(only_the_first_line_counts),
        cmocka_unit_test(last_line_of_a_traceback_counts),
        cmocka_unit_test(colours_are_left_out),
        cmocka_unit_test(names_of_exceptions_are_without_what_they_are_in),
        cmocka_unit_test(parts_of_dates_are_dropped),
        cmocka_unit_test(positions_at_the_beginning_are_taken_off),
        cmocka_unit_test(positions_in_chunks_with_spaces_are_taken_off),
        cmocka_unit_test(what_is_no_position_at_the_beginning_stays),
        cmocka_unit_test(quoted_parts_are_dropped),
        cmocka_unit_test(apostrophe_opens_and_closes_nothing),
        cmocka_unit_test(quote_that_nothing_closes_is_only_a_sign),
        cmocka_unit_test(words_that_are_values_are_dropped),
        cmocka_unit_test(words_that_look_like_hex_are_dropped),
        cmocka_unit_test(words_that_look_like_identifiers_are_dropped),
        cmocka_unit_test(names_that_are_made_of_words_stay),
        cmocka_unit_test(parts_between_quotation_marks_are_dropped),
        cmocka_unit_test(long_quoted_parts_are_dropped),
        cmocka_unit_test(message_without_ascii_words_keeps_its_beginning),
        cmocka_unit_test(beginning_is_cut_at_a_character),
        cmocka_unit_test(dots_around_a_word_are_punctuation),
        cmocka_unit_test(punctuation_around_words_is_taken_off),
        cmocka_unit_test(words_of_more_than_32_bytes_are_dropped),
        cmocka_unit_test(words_follow_each_other_up_to_64_bytes),
        cmocka_unit_test(message_of_which_nothing_is_left_is_an_error),
        cmocka_unit_test(message_may_hold_any_bytes),
        cmocka_unit_test(words_that_end_within_1024_bytes_count),
        cmocka_unit_test(any_message_gives_a_short_type_without_values),
        cmocka_unit_test(random_words_give_what_the_model_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
