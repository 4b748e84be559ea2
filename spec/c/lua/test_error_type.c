/*
 * The error type of an error value. SEED in the environment repeats the random tests.
 */
#include "lua/error_type.h"

#include "support_cmocka.h"
#include "support_random.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

enum { LONGEST = 1500, ROUNDS = 20000 };

static int make_state(void **state) {
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        return 1;
    }
    luaL_openlibs(L);
    *state = L;
    return 0;
}

static int close_state(void **state) {
    lua_close(*state);
    return 0;
}

/* Pops a value and returns its error type, as a string. */
static const char *pop_type(lua_State *L, char type[XL_ERROR_TYPE_BYTES + 1]) {
    char buffer[XL_ERROR_TYPE_BYTES];
    int top = lua_gettop(L);
    xt_text text = xl_error_type_of(L, -1, buffer);
    assert_int_equal(lua_gettop(L), top);
    assert_in_range(text.length, 1, XL_ERROR_TYPE_BYTES);
    memcpy(type, text.bytes, text.length);
    type[text.length] = '\0';
    assert_int_equal(strlen(type), text.length);
    lua_pop(L, 1);
    return type;
}

static void assert_message_of(void **state, const char *message, size_t length,
                              const char *expected) {
    char type[XL_ERROR_TYPE_BYTES + 1];
    lua_pushlstring(*state, message, length);
    assert_string_equal(pop_type(*state, type), expected);
}

static void assert_message(void **state, const char *message, const char *expected) {
    assert_message_of(state, message, strlen(message), expected);
}

/* Asserts the error type of the value of a Lua expression. */
static void assert_value(void **state, const char *expression, const char *expected) {
    lua_State *L = *state;
    char type[XL_ERROR_TYPE_BYTES + 1];
    lua_pushfstring(L, "return %s", expression);
    assert_int_equal(luaL_loadstring(L, lua_tostring(L, -1)), LUA_OK);
    lua_remove(L, -2); /* chunk */
    lua_call(L, 0, 1);
    assert_string_equal(pop_type(L, type), expected);
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
    assert_message(state, "\nsecond", "error");
    assert_message(state, "it's 'open\nclosed' x", "it's open");
    assert_message(state, "first\nENOENT: Is a directory", "first");
}

static void name_of_a_system_s_error_is_the_type(void **state) {
    assert_message(state, "ENOENT: no such file or directory: x", "ENOENT");
    assert_message(state, "EPERM", "EPERM");
    assert_message(state, "x.lua:7: cannot read (EIO).", "EIO");
    assert_message(state, "failed with EIO.", "EIO");
    assert_message(state, "code=EIO", "EIO");
    assert_message(state, "E2BIG: argument list too long", "E2BIG");
    assert_message(state, "failed 'EIO' and EPERM", "EIO");
    assert_message(state, "EWOULDBLOCK", "EWOULDBLOCK");
}

static void name_of_a_system_s_error_counts_as_a_whole_word_only(void **state) {
    assert_message(state, "open EIOS", "open EIOS");
    assert_message(state, "open EIO_X", "open EIO_X");
    assert_message(state, "open eio", "open eio");
    assert_message(state,
                   "open \xc3\xa9"
                   "EIO",
                   "open \xc3\xa9"
                   "EIO");
    assert_message(state, "open /EIO", "open");
    assert_message(state, "open EIO/x", "open");
    assert_message(state, "open C:\\EIO", "open");
    assert_message(state, "open EIO.txt", "open");
    assert_message(state, "mail EIO@host", "mail");
}

static void message_of_a_system_s_error_gives_its_name(void **state) {
    assert_message(state, "x.txt: No such file or directory", "ENOENT");
    assert_message(state, "x.lua:1: /tmp/x 1: Is a directory (21)", "EISDIR");
    assert_message(state, "EIO: No such file or directory", "EIO");
    assert_message(state, "no such file or folder", "no such file or folder");
    assert_message(state, "Is a directorys", "Is a directorys");
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
    assert_message(state, "red \x1b[mx\x1b[m \x7f text", "red text");
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
    assert_message_of(state, "a\0b failed \0", 12, "failed");
    assert_message_of(state, "a \0b c d\0 failed", 16, "a c failed");
    assert_message_of(state, "\0", 1, "error");
    assert_message_of(state, "EIO\0 failed", 11, "failed");
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
    assert_message(state, after_digits(1020, " EIO", message), "EIO");
    assert_message(state, after_digits(1021, " EIO", message), "error");
    assert_message(state, after_digits(1020, " EIOS", message), "error");
    assert_message(state, after_digits(LONGEST - 10, " failed", message), "error");
}

static void table_has_the_type_of_its_code(void **state) {
    assert_value(state, "{ code = 'not_found', type = 'x', message = 'y' }", "not_found");
    assert_value(state, "{ code = 'ENOENT' }", "ENOENT");
    assert_value(state, "{ code = 'User 7: no' }", "User 7: no");
    assert_value(state, "{ code = '404' }", "404");
    assert_value(state, "{ code = 404 }", "404");
    assert_value(state, "{ code = 0 }", "0");
    assert_value(state, "{ code = 404.0 }", "404");
    assert_value(state, "{ code = -2^63 }", "-9223372036854775808");
}

static void code_of_a_table_is_cut_at_64_bytes(void **state) {
    assert_value(state, "{ code = ('x'):rep(64) }",
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_value(state, "{ code = 'y' .. ('x'):rep(64) }",
                 "yxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void table_without_a_code_has_the_type_of_its_type(void **state) {
    assert_value(state, "{ type = 'RateLimit', message = 'slow down' }", "RateLimit");
    assert_value(state, "{ type = 7 }", "7");
    assert_value(state, "{ code = '', type = 'RateLimit' }", "RateLimit");
    assert_value(state, "{ code = 1.5, type = 'RateLimit' }", "RateLimit");
    assert_value(state, "{ code = 1/0, type = 'RateLimit' }", "RateLimit");
    assert_value(state, "{ code = 0/0, type = 'RateLimit' }", "RateLimit");
    assert_value(state, "{ code = 2^63, type = 'RateLimit' }", "RateLimit");
    assert_value(state, "{ code = false, type = 'RateLimit' }", "RateLimit");
    assert_value(state, "{ code = {}, type = 'RateLimit' }", "RateLimit");
    assert_value(state, "{ code = print, type = 'RateLimit' }", "RateLimit");
}

static void table_with_a_message_only_has_the_type_of_that(void **state) {
    assert_value(state, "{ message = 'x.lua:3: user 1234 not found' }", "user not found");
    assert_value(state, "{ message = 'x: Is a directory' }", "EISDIR");
    assert_value(state, "{ message = '404' }", "error");
    assert_value(state, "{ code = {}, type = '', message = 'failed' }", "failed");
}

static void table_that_says_nothing_is_a_table(void **state) {
    assert_value(state, "{}", "table");
    assert_value(state, "{ 'ENOENT' }", "table");
    assert_value(state, "{ message = '' }", "table");
    assert_value(state, "{ message = 404 }", "table");
    assert_value(state, "{ message = { 'failed' } }", "table");
}

static void fields_are_read_through_index_tables(void **state) {
    assert_value(state, "setmetatable({}, { __index = { code = 'E' } })", "E");
    assert_value(state, "setmetatable({ code = 'own' }, { __index = { code = 'E' } })",
                 "own");
    assert_value(state, "setmetatable({ type = 'own' }, { __index = { code = 'E' } })",
                 "E");
    assert_value(state, "setmetatable({ code = '' }, { __index = { code = 'E' } })",
                 "table");
    assert_value(
        state, "setmetatable({}, { __index = { code = 'E' }, __metatable = 'no' })", "E");
    assert_value(state, "setmetatable({}, { __index = { message = 'failed' } })",
                 "failed");
}

/* `most` tables that lead to one with a code. */
static const char *chain_of(int most, char expression[LONGEST]) {
    snprintf(expression, LONGEST,
             "(function() local t = { code = 'deep' }\n"
             "for _ = 1, %d do t = setmetatable({}, { __index = t }) end return t end)()",
             most);
    return expression;
}

static void index_tables_are_followed_up_to_8_deep(void **state) {
    char expression[LONGEST];
    assert_value(state, chain_of(7, expression), "deep");
    assert_value(state, chain_of(8, expression), "deep");
    assert_value(state, chain_of(9, expression), "table");
    assert_value(
        state, "(function() local t = {} t.__index = t return setmetatable(t, t) end)()",
        "table");
}

static void no_metamethod_is_called(void **state) {
    assert_value(state,
                 "setmetatable({ type = 'own' }, { __index = error, __tostring = error,\n"
                 "  __name = 'E', __len = error, __eq = error, __call = error })",
                 "own");
    assert_value(state, "setmetatable({}, { __index = io.stdout })", "table");
    assert_value(state, "setmetatable({}, { __index = 'code' })", "table");
    assert_value(state, "setmetatable({}, setmetatable({}, { __index = error }))",
                 "table");
}

static void any_other_value_has_the_name_of_its_type(void **state) {
    assert_value(state, "nil", "nil");
    assert_value(state, "false", "boolean");
    assert_value(state, "404", "number");
    assert_value(state, "print", "function");
    assert_value(state, "io.stdout", "userdata");
    assert_value(state, "coroutine.create(function() end)", "thread");
}

static void value_may_stand_anywhere_on_the_stack(void **state) {
    lua_State *L = *state;
    char buffer[XL_ERROR_TYPE_BYTES];
    luaL_loadstring(L, "return { code = 'first' }, 'second'");
    lua_call(L, 0, 2);
    assert_memory_equal(xl_error_type_of(L, 1, buffer).bytes, "first", 5);
    assert_memory_equal(xl_error_type_of(L, -2, buffer).bytes, "first", 5);
    assert_memory_equal(xl_error_type_of(L, 2, buffer).bytes, "second", 6);
    lua_settop(L, 0);
}

/* Stores up to `longest` of `bytes` in `message`, with a zero after them. */
static size_t random_message(random_source *source, const char *bytes, size_t count,
                             uint32_t longest, char message[LONGEST]) {
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
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t longest = random_once_in(&source, 20) ? LONGEST : 100;
        size_t length =
            random_message(&source, bytes, sizeof bytes - 1, longest, message);
        lua_pushlstring(*state, message, length);
        pop_type(*state, type);
        assert_null(strpbrk(type, "1290/\\=@\t\n\x1b"));
        assert_null(strstr(type, "  "));
        assert_int_not_equal(type[0], ' ');
        assert_int_not_equal(type[strlen(type) - 1], ' ');
    }
}

/* The error type of a message without positions and quotes. Overwrites the message. */
static void model_type(char *message, char type[LONGEST]) {
    static const char around[] = ".,()-[]";
    type[0] = '\0';
    message[strcspn(message, "\n")] = '\0';
    for (char *word = strtok(message, " \t"); word != NULL; word = strtok(NULL, " \t")) {
        bool is_value = strpbrk(word, "1290/\\=@\x1b") != NULL;
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
    static const char bytes[] = "aaaaaaaaaabbbbbbbbbb      \t.,()-[]_1/\\=@\x1b\x80\xff";
    random_source source = random_seeded();
    char message[LONGEST];
    char type[XL_ERROR_TYPE_BYTES + 1];
    char expected[LONGEST];
    for (int i = 0; i < ROUNDS; i++) {
        /* Once in a while mostly letters, so that words are long. */
        size_t count = random_once_in(&source, 4) ? 27 : sizeof bytes - 1;
        size_t length = random_message(&source, bytes, count, 500, message);
        lua_pushlstring(*state, message, length);
        pop_type(*state, type);
        model_type(message, expected);
        assert_string_equal(type, expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lua_s_own_errors_keep_their_words),
        cmocka_unit_test(message_of_plain_words_is_its_own_type),
        cmocka_unit_test(only_the_first_line_counts),
        cmocka_unit_test(name_of_a_system_s_error_is_the_type),
        cmocka_unit_test(name_of_a_system_s_error_counts_as_a_whole_word_only),
        cmocka_unit_test(message_of_a_system_s_error_gives_its_name),
        cmocka_unit_test(positions_at_the_beginning_are_taken_off),
        cmocka_unit_test(positions_in_chunks_with_spaces_are_taken_off),
        cmocka_unit_test(what_is_no_position_at_the_beginning_stays),
        cmocka_unit_test(quoted_parts_are_dropped),
        cmocka_unit_test(apostrophe_opens_and_closes_nothing),
        cmocka_unit_test(quote_that_nothing_closes_is_only_a_sign),
        cmocka_unit_test(words_that_are_values_are_dropped),
        cmocka_unit_test(dots_around_a_word_are_punctuation),
        cmocka_unit_test(punctuation_around_words_is_taken_off),
        cmocka_unit_test(words_of_more_than_32_bytes_are_dropped),
        cmocka_unit_test(words_follow_each_other_up_to_64_bytes),
        cmocka_unit_test(message_of_which_nothing_is_left_is_an_error),
        cmocka_unit_test(message_may_hold_any_bytes),
        cmocka_unit_test(words_that_end_within_1024_bytes_count),
        cmocka_unit_test(table_has_the_type_of_its_code),
        cmocka_unit_test(code_of_a_table_is_cut_at_64_bytes),
        cmocka_unit_test(table_without_a_code_has_the_type_of_its_type),
        cmocka_unit_test(table_with_a_message_only_has_the_type_of_that),
        cmocka_unit_test(table_that_says_nothing_is_a_table),
        cmocka_unit_test(fields_are_read_through_index_tables),
        cmocka_unit_test(index_tables_are_followed_up_to_8_deep),
        cmocka_unit_test(no_metamethod_is_called),
        cmocka_unit_test(any_other_value_has_the_name_of_its_type),
        cmocka_unit_test(value_may_stand_anywhere_on_the_stack),
        cmocka_unit_test(any_message_gives_a_short_type_without_values),
        cmocka_unit_test(random_words_give_what_the_model_says),
    };
    return cmocka_run_group_tests(tests, make_state, close_state);
}
