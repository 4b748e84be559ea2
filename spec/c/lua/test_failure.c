#include "lua/failure.h"

#include "support_cmocka.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>

enum { LONGEST = 1500 };

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

/* Pops a value and returns its error type, as a string; empty for none. */
static const char *pop_type(lua_State *L, xt_status expected,
                            char type[XL_ERROR_TYPE_BYTES + 1]) {
    char buffer[XL_ERROR_TYPE_BYTES];
    int top = lua_gettop(L);
    xl_failure failure = xl_failure_of(L, -1, buffer);
    assert_int_equal(lua_gettop(L), top);
    assert_int_equal(failure.status, expected);
    assert_in_range(failure.error_type.length, 0, XL_ERROR_TYPE_BYTES);
    if (failure.error_type.length > 0) {
        memcpy(type, failure.error_type.bytes, failure.error_type.length);
    }
    type[failure.error_type.length] = '\0';
    lua_pop(L, 1);
    return type;
}

/* Asserts what the value of a Lua expression says. */
static void assert_failure(void **state, const char *expression, xt_status status,
                           const char *expected) {
    lua_State *L = *state;
    char type[XL_ERROR_TYPE_BYTES + 1];
    lua_settop(L, 0);
    lua_pushfstring(L, "return %s", expression);
    assert_int_equal(luaL_loadstring(L, lua_tostring(L, -1)), LUA_OK);
    lua_remove(L, -2); /* chunk */
    lua_call(L, 0, 1);
    assert_string_equal(pop_type(L, status, type), expected);
}

/* Asserts its error type, if it simply failed. */
static void assert_value(void **state, const char *expression, const char *expected) {
    assert_failure(state, expression, XT_FAILED, expected);
}

static void message_has_a_code_or_a_status_or_words(void **state) {
    assert_value(state, "'x.lua:3: user 1234 not found'", "user not found");
    assert_value(state, "'x: Is a directory'", "EISDIR");
    assert_value(state, "'api.lua:404: user 7: HTTP 503\\nHTTP 404'", "http_503");
    assert_value(state, "'a b.lua:1: 503 Service Unavailable'", "http_503");
    assert_value(state, "''", "error");
    assert_failure(state, "'timeout: exit 124'", XT_TIMED_OUT, "exit_124");
    assert_failure(state, "'x.lua:3: timed out'", XT_TIMED_OUT, "");
    assert_failure(state, "'Canceled'", XT_CANCELLED, "");
    assert_value(state, "'failed\\ntimeout'", "failed");
}

static void quoted_parts_say_nothing(void **state) {
    assert_value(state, "[[failed 'EIO: HTTP 404' and EPERM]]", "EPERM");
    assert_value(state, "[[no 'HTTP 404' here]]", "no here");
    assert_value(state, "[['timeout']]", "error");
}

static void code_that_the_first_line_cuts_off_is_none(void **state) {
    assert_value(state, "('7 '):rep(510) .. 'EIO'", "EIO");
    assert_value(state, "('7 '):rep(510) .. 'EIO x'", "EIO");
    assert_value(state, "('7 '):rep(510) .. ' ' .. 'EIO x'", "EIO");
    assert_value(state, "('7 '):rep(511) .. 'EIO'", "error");
    assert_value(state, "('7 '):rep(510) .. 'EIOS'", "EIOS");
    assert_value(state, "('7 '):rep(510) .. ' ' .. 'EIOS'", "error");
}

static void table_has_the_type_of_its_code(void **state) {
    assert_value(state,
                 "{ code = 'not_found', type = 'x', name = 'z', status = 503,\n"
                 "  error = 'e', message = 'y' }",
                 "not_found");
    assert_value(state, "{ code = 'ENOENT' }", "ENOENT");
    assert_value(state, "{ code = 'User 7: no' }", "User no");
    assert_value(state, "{ code = ' ', message = 'no luck' }", "no luck");
    assert_value(state, "{ code = 0 }", "0");
    assert_value(state, "{ code = 200.0 }", "200");
    assert_value(state, "{ code = -2^63 }", "-9223372036854775808");
}

static void code_that_is_known_has_one_type(void **state) {
    static const char *const values[] = {"{ code = 404 }",           "{ code = '404' }",
                                         "{ code = 404.0 }",         "{ status = 404 }",
                                         "{ type = 'HTTP_404' }",    "{ error = 404 }",
                                         "{ message = 'HTTP 404' }", "404",
                                         "'404 Not Found'"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_value(state, values[i], "http_404");
    }
    assert_value(state, "{ code = 'exit_2' }", "exit_2");
    assert_failure(state, "{ code = 'ETIMEDOUT' }", XT_TIMED_OUT, "ETIMEDOUT");
    assert_failure(state, "{ code = 408 }", XT_TIMED_OUT, "http_408");
    assert_failure(state, "504", XT_TIMED_OUT, "http_504");
    assert_value(state, "{ code = 124 }", "124");
}

static void code_of_a_table_is_cut_at_64_bytes(void **state) {
    assert_value(state, "{ code = ('x'):rep(64) }",
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_value(state, "{ code = 'y' .. ('x'):rep(64) }",
                 "yxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    assert_value(state, "{ code = ('x'):rep(63) .. '\xC3\xBC' }",
                 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
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

static void table_without_both_has_the_type_of_another_field(void **state) {
    assert_value(state, "{ name = 'TypeError', status = 503 }", "TypeError");
    assert_value(state, "{ status = 503, error = 'x' }", "http_503");
    assert_value(state, "{ status = 'NOT_FOUND', error = 'x' }", "NOT_FOUND");
    assert_value(state, "{ error = 'x.lua:3: no luck', message = 'y' }", "no luck");
    assert_value(state, "{ error = 7, message = 'y' }", "7");
    assert_value(state, "{ error = { code = 'quota' }, message = 'y' }", "quota");
    assert_value(state, "{ error = { message = 'no luck' } }", "no luck");
    assert_value(state, "{ error = { error = { code = 'quota' } }, message = 'y' }", "y");
    assert_value(state, "{ isError = true, content = { { text = 'no luck' } } }",
                 "no luck");
    assert_value(state, "{ content = { { data = 'x' }, 'y', { text = 'z' } } }", "z");
    assert_value(state, "{ content = 'no luck' }", "no luck");
}

static void name_that_may_be_another_thing_s_comes_last(void **state) {
    static const char *const others[] = {"alice",       "Alice",     "read_file",
                                         "readFile",    "Bob Smith", "ENOENT x",
                                         "\xE7\x94\xA8"};
    static const char *const errors[] = {"NotFound", "SQLITE_BUSY", "value_error",
                                         "ENOENT",   "IOException", "HTTPError"};
    char expression[LONGEST];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        snprintf(expression, LONGEST, "{ name = '%s', message = 'no luck' }", others[i]);
        assert_value(state, expression, "no luck");
    }
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        snprintf(expression, LONGEST, "{ name = '%s', message = 'no luck' }", errors[i]);
        assert_value(state, expression, errors[i]);
    }
    assert_value(state, "{ name = 'alice', status = 503, message = 'x' }", "http_503");
    assert_value(state, "{ name = 'quota' }", "quota");
    assert_value(state, "{ name = 'x', error = { name = 'quota' } }", "quota");
}

static void fields_that_say_nothing_are_passed_over(void **state) {
    assert_value(state, "{ type = 'error', error = { type = 'overloaded' } }",
                 "overloaded");
    assert_value(state, "{ name = 'Error', message = 'EIO: x' }", "EIO");
    assert_value(state, "{ status = 'FAILED', code = 'failure', error = 'x' }", "x");
    assert_value(state, "{ status = 200, error = 'x' }", "x");
    assert_value(state, "{ status = 0, error = true, message = 'x' }", "x");
    assert_value(state, "{ type = 'error' }", "error");
    assert_value(state, "{ error = true }", "error");
    assert_value(state, "{ error = { status = 'failed' } }", "error");
    assert_value(state, "{ isError = true }", "error");
    assert_value(state, "{ error = false }", "table");
    assert_value(state, "{ error = '17', message = 'no luck' }", "no luck");
}

static void table_timed_out_if_a_code_or_message_says_so(void **state) {
    assert_failure(state, "{ code = -32001, message = 'Request timed out' }",
                   XT_TIMED_OUT, "-32001");
    assert_failure(state, "{ name = 'E', status = 504 }", XT_TIMED_OUT, "E");
    assert_failure(state, "{ name = 'TimeoutError', message = 'x' }", XT_TIMED_OUT,
                   "TimeoutError");
    assert_failure(state, "{ error = { message = 'timeout' } }", XT_TIMED_OUT, "");
    assert_failure(state, "{ isError = true, content = { { text = 'timeout' } } }",
                   XT_TIMED_OUT, "");
    assert_failure(state, "{ code = 'CANCELLED' }", XT_CANCELLED, "CANCELLED");
    assert_failure(state, "{ code = 'E', error = 'x', message = 'cancelled' }",
                   XT_CANCELLED, "E");
    assert_failure(state, "{ code = 'SIGKILL_X', message = 'timeout' }", XT_TIMED_OUT,
                   "SIGKILL_X");
    assert_failure(state, "{ code = 'E', message = 'HTTP 504' }", XT_TIMED_OUT, "E");
    assert_failure(state, "{ code = 'E', error = 'EIO: x', message = 'cancelled' }",
                   XT_FAILED, "E");
    assert_failure(state, "{ status = 503, message = 'timeout' }", XT_FAILED, "http_503");
    assert_failure(state, "{ code = 'ECANCELED', message = 'timeout' }", XT_CANCELLED,
                   "ECANCELED");
    assert_value(state, "{ code = 'order_cancelled', message = 'already cancelled' }",
                 "order_cancelled");
}

static void table_with_a_message_only_has_the_type_of_that(void **state) {
    assert_value(state, "{ message = 'x.lua:3: user 1234 not found' }", "user not found");
    assert_value(state, "{ message = 'x: Is a directory' }", "EISDIR");
    assert_value(state, "{ message = '17' }", "error");
    assert_value(state, "{ code = {}, type = '', message = 'failed' }", "failed");
}

static void table_that_says_nothing_is_a_table(void **state) {
    assert_value(state, "{}", "table");
    assert_value(state, "{ 'ENOENT' }", "table");
    assert_value(state, "{ message = '' }", "table");
    assert_value(state, "{ message = 404 }", "table");
    assert_value(state, "{ message = { 'failed' } }", "table");
    assert_value(state, "{ content = {} }", "table");
    assert_value(state, "{ content = { 'x' } }", "table");
    assert_value(state, "{ content = { { text = {} } } }", "table");
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
    assert_value(state, "17", "number");
    assert_value(state, "404.5", "number");
    assert_value(state, "'<no error object>'", "nil");
    assert_value(state, "print", "function");
    assert_value(state, "io.stdout", "userdata");
    assert_value(state, "coroutine.create(function() end)", "thread");
}

static void value_may_stand_anywhere_on_the_stack(void **state) {
    lua_State *L = *state;
    char buffer[XL_ERROR_TYPE_BYTES];
    lua_settop(L, 0);
    luaL_loadstring(L, "return { code = 'first' }, 'second'");
    lua_call(L, 0, 2);
    assert_memory_equal(xl_failure_of(L, 1, buffer).error_type.bytes, "first", 5);
    assert_memory_equal(xl_failure_of(L, -2, buffer).error_type.bytes, "first", 5);
    assert_memory_equal(xl_failure_of(L, 2, buffer).error_type.bytes, "second", 6);
    lua_settop(L, 0);
}

/* Pushes the message of the value of a Lua expression. */
static void assert_error_message(void **state, const char *expression,
                                 const char *expected) {
    lua_State *L = *state;
    lua_settop(L, 0);
    lua_pushfstring(L, "return %s", expression);
    assert_int_equal(luaL_loadstring(L, lua_tostring(L, -1)), LUA_OK);
    lua_call(L, 0, 1);
    xl_push_error_message(L, 2);
    assert_int_equal(lua_gettop(L), 3);
    assert_string_equal(luaL_optstring(L, 3, "nothing"), expected);
    lua_settop(L, 0);
}

static void error_has_a_message(void **state) {
    assert_error_message(state, "'x'", "x");
    assert_error_message(state, "nil", "nothing");
    assert_error_message(state, "{ message = 'x', error = 'y' }", "x");
    assert_error_message(state, "{ error = 'y', code = 'z' }", "y");
    assert_error_message(state, "{ error = { message = 'x' } }", "x");
    assert_error_message(state, "{ error = {}, content = { { text = 'x' } } }", "x");
    assert_error_message(state, "{ code = 'z' }", "nothing");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_has_a_code_or_a_status_or_words),
        cmocka_unit_test(quoted_parts_say_nothing),
        cmocka_unit_test(code_that_the_first_line_cuts_off_is_none),
        cmocka_unit_test(table_has_the_type_of_its_code),
        cmocka_unit_test(code_that_is_known_has_one_type),
        cmocka_unit_test(code_of_a_table_is_cut_at_64_bytes),
        cmocka_unit_test(table_without_a_code_has_the_type_of_its_type),
        cmocka_unit_test(table_without_both_has_the_type_of_another_field),
        cmocka_unit_test(name_that_may_be_another_thing_s_comes_last),
        cmocka_unit_test(fields_that_say_nothing_are_passed_over),
        cmocka_unit_test(table_timed_out_if_a_code_or_message_says_so),
        cmocka_unit_test(table_with_a_message_only_has_the_type_of_that),
        cmocka_unit_test(table_that_says_nothing_is_a_table),
        cmocka_unit_test(fields_are_read_through_index_tables),
        cmocka_unit_test(index_tables_are_followed_up_to_8_deep),
        cmocka_unit_test(no_metamethod_is_called),
        cmocka_unit_test(any_other_value_has_the_name_of_its_type),
        cmocka_unit_test(value_may_stand_anywhere_on_the_stack),
        cmocka_unit_test(error_has_a_message),
    };
    return cmocka_run_group_tests(tests, make_state, close_state);
}
