/*
 * The binding without memory: Lua's allocation number n fails, for every n: alone (Lua
 * then collects all garbage and retries, which tests that everything is anchored), and
 * with all later ones (which tests the error paths).
 */
#include "exectrack_lua.h"

#include "exectrack_snapshot.h"
#include "lua/compat.h"
#include "lua_scenarios.h"
#include "memory.h"
#include "support_allocator.h"
#include "support_cmocka.h"
#include "support_directory.h"
#include "support_tracker.h"

#include <stdio.h>

/*
 * The binding makes trackers with the system's allocator. This definition replaces the
 * one in memory.c, so that leaks of images are found, too.
 */
static counting_allocator images;

static void *allocate_image(void *context, size_t bytes) {
    xt_allocator allocator = allocator_of(&images);
    (void)context;
    return allocator.allocate(&images, bytes);
}

static void release_image(void *context, void *block, size_t bytes) {
    xt_allocator allocator = allocator_of(&images);
    (void)context;
    allocator.release(&images, block, bytes);
}

const xt_allocator xt_system_allocator = {allocate_image, release_image, NULL};

/* Lua's memory. */
typedef struct lua_memory {
    size_t blocks;
    int calls; /* that allocate, since the failure was set */
    int fails_at;
    bool for_good;
    size_t most_bytes; /* the largest size of a block; 0 for no limit */
} lua_memory;

static void *reallocate(void *context, void *block, size_t before, size_t after) {
    lua_memory *memory = context;
    if (after == 0) {
        memory->blocks -= block != NULL;
        free(block);
        return NULL;
    }
    bool grows = block == NULL || after > before;
    memory->calls += grows;
    bool is_too_large = memory->most_bytes != 0 && after > memory->most_bytes;
    if (grows &&
        (is_too_large || is_failing(memory->calls, memory->fails_at, memory->for_good))) {
        return NULL;
    }
    memory->blocks += block == NULL;
    return realloc(block, after);
}

static void arm(lua_memory *memory, int fails_at, bool for_good) {
    memory->calls = 0;
    memory->fails_at = fails_at;
    memory->for_good = for_good;
}

static uint64_t now_us = 1000000;

/* A host's tracker with some items of every kind. */
static xt_tracker *make_host_tracker(counting_allocator *account) {
    xt_options options = options_at(&now_us, 4);
    options.max_tools = 4;
    options.max_in_flight = 4;
    options.allocator = allocator_of(account);
    xt_tracker *tracker = tracker_with(&options);
    for (uint64_t i = 0; i < 6; i++) {
        record(tracker, i % 2 == 0 ? "read" : "write", (xt_status)(i % 4), 1500 * i);
    }
    record_at(tracker, "read", XT_FAILED, 1500, now_us - 1); /* so they aren't in order */
    xt_tracker_start(tracker, xt_text_of("read"), 7);
    return tracker;
}

/* The path of a saved run: the variable `path` of chunks. */
static const char *saved_path;

/* Compiles and runs the chunk that the light userdata on the stack points to. */
static int run_chunk(lua_State *L) {
    const char *chunk = lua_touserdata(L, 1);
    luaL_requiref(L, "exectrack.core", luaopen_exectrack_core, 0);
    lua_setglobal(L, "exectrack");
    lua_pushstring(L, saved_path);
    lua_setglobal(L, "path");
    if (luaL_loadstring(L, chunk) != LUA_OK) {
        lua_error(L);
    }
    lua_call(L, 0, 0);
    return 0;
}

/* Runs `chunk`. Returns "success" or the error's message, which stays on the stack. */
static const char *run(lua_State *L, const char *chunk) {
    lua_settop(L, 0);
    lua_pushcfunction(L, run_chunk);
    lua_pushlightuserdata(L, (void *)(uintptr_t)chunk);
    return lua_pcall(L, 1, 0, 0) == LUA_OK ? "success" : lua_tostring(L, -1);
}

/* Runs the scenario `chunk` in a new state while allocation `fails_at` fails. */
static bool run_scenario(const char *chunk, int fails_at, bool for_good) {
    lua_memory memory = {0};
    counting_allocator host = {0};
    xt_tracker *tracker = make_host_tracker(&host);
    void *before = copy_of_block(tracker);
    lua_State *L = lua_newstate(reallocate, &memory);
    luaL_openlibs(L);
    arm(&memory, fails_at, for_good);
    const char *message = run(L, chunk);
    bool is_success = strcmp(message, "success") == 0;
    if (!is_success) {
        assert_string_equal(message, "not enough memory");
    }
    arm(&memory, 0, false);
    assert_string_equal(run(L, chunk), "success");
    lua_close(L);
    assert_int_equal(memory.blocks, 0);
    assert_int_equal(blocks_left(&images), 0);
    assert_int_equal(images.mistakes, 0);
    assert_true(is_block(tracker, before));
    xt_tracker_close(tracker);
    free(before);
    return is_success;
}

/* Lua 5.2 doesn't collect garbage for what it needs to call a finalizer: it raises an error. */
enum { LUA_ALWAYS_RETRIES = LUA_VERSION_NUM != 502 };

static void check_scenario(const char *chunk) {
    int fails_at = 1;
    while (!run_scenario(chunk, fails_at, true)) {
        assert_true(run_scenario(chunk, fails_at, false) || !LUA_ALWAYS_RETRIES);
        fails_at++;
    }
    assert_true(fails_at > 100);
}

static void scenario_without_memory_raises_lua_s_error_and_leaks_nothing(void **state) {
    (void)state;
    check_scenario(scenario);
    check_scenario(facts_scenario);
    check_scenario(calls_scenario);
    check_scenario(json_scenario);
    check_scenario(import_scenario);
}

/* Saves a run in the directory that is `*state`. */
static void save_run(void **state) {
    counting_allocator host = {0};
    xt_tracker *tracker = make_host_tracker(&host);
    xt_allocator allocator = allocator_of(&host);
    xt_snapshot *snapshot;
    saved_path = path_in(*state, "run");
    assert_int_equal(xt_snapshot_take(xt_tracker_image(tracker), &allocator, &snapshot),
                     XT_OK);
    assert_int_equal(xt_snapshot_save(snapshot, saved_path), XT_OK);
    xt_snapshot_close(snapshot);
    xt_tracker_close(tracker);
}

static void snapshots_without_memory_raise_lua_s_error_and_leak_nothing(void **state) {
    save_run(state);
    check_scenario(snapshot_scenario);
    check_scenario(recorder_scenario);
}

/* Each is one operation on `host`, a tracker of the host, or `span`, one of its spans. */
static const char *const operations[] = {
    "host:record('new tool', 'failed', 5)",
    "host:record('read', 'failed', 5, true, 'a new error', { 1, { 2, print } })",
    "host:record { tool = 'new', status = 'failed', duration_ms = 1, args = { 1 } }",
    "host:record { tool = 'n', status = 'failed', duration_ms = 1, timestamp = 3 }",
    "kept = host:start('new tool', { 1, host, { 3 } })",
    "span:finish('failed', true, 'a new error')",
    "span:close()",
    "bound('failed', 5, true, 'a new error', { 1, { 2, print } })",
    "kept = session:begin('new tool', { args = { 1, host, { 3 } } })",
    "begun:done('x', 2)",
    "begun:failed({ code = 'E_PAPER' })",
    "answer(nil, 'out of paper')",
    "assert(session:abandon() == 2)",
    "host:clear()",
};

/* Each only reads. */
static const char *const questions[] = {
    "host:stats()",
    "host:stats('read')",
    "host:stats('none')",
    "host:tools()",
    "host:in_flight()",
    "host:recent_executions(9)",
    "tostring(host)",
    "tostring(span)",
    "host:avg_duration_for_tool('read')",
    "host:get_tool_name(1)",
    "host:label()",
    "exectrack.fingerprint({}, { 1 }, 'x')",
    "exectrack.fingerprint(host, { print, [span] = function() end }, 'x')",
    "return #host",
    "exectrack.new(2)",
    "host:snapshot()",
    "taken[1]",
    "taken:records()",
    "taken:column('error_type')",
    "taken:column('tool')",
    "taken:column('self_duration_ms')",
    "taken:stats('read')",
    "taken:filter { tool = 'read', status = {'success', 'failed'}, error_type = false }",
    "taken:filter { last = 2 }",
    "taken:since { instance_id = taken:instance_id(), recorded = 2 }",
    "taken:filter { last = 3, where = function(rec) return rec.duration_ms > 5 end }",
    "taken:group_by('tool', { every = 1 })",
    "taken:group_by('args_hash', { quantiles = { 0.5, 0.999 } })",
    "exectrack.json.decode('{\"a\":[1,\"x\\\\n\",{}]}')",
    "exectrack.json.decode('[1,')",
    "taken:summary()",
    "taken:quantile(0.5)",
    "exectrack.merge({ taken, taken }, { max_history = 5 })",
    "taken:to_table()",
    "exectrack.from_table(form):tools()",
    "taken:bytes()",
    "got(exectrack.from_bytes(bytes))",
    "got(taken:save(path))",
    "got(exectrack.load(path))",
    "tostring(taken)",
};

static void push_host(lua_State *L, xt_tracker *tracker) {
    luaL_openlibs(L);
    xt_push_tracker(L, tracker);
    lua_setglobal(L, "host");
    assert_string_equal(run(L,
                            GOT "span = host:start('write')\n"
                                "session = host:session('s')\n"
                                "bound = session:recorder('bound')\n"
                                "begun = session:begin('begun')\n"
                                "session:wrap('ask', function(done) answer = done end,\n"
                                "  { callback = 1 })(type)\n"
                                "taken = host:snapshot()\n"
                                "form = taken:to_table()\n"
                                "bytes = taken:bytes()\n"),
                        "success");
}

/* Runs one chunk on the host's tracker while allocation `fails_at` fails. */
static bool run_on_host(const char *chunk, bool changes, int fails_at, bool for_good) {
    lua_memory memory = {0};
    counting_allocator host = {0};
    xt_tracker *tracker = make_host_tracker(&host);
    lua_State *L = lua_newstate(reallocate, &memory);
    push_host(L, tracker);
    void *before = copy_of_block(tracker);
    arm(&memory, fails_at, for_good);
    const char *message = run(L, chunk);
    bool is_success = strcmp(message, "success") == 0;
    if (!is_success) {
        assert_string_equal(message, "not enough memory");
    }
    arm(&memory, 0, false);
    assert_true(xl_is_collecting(L));
    assert_int_equal(is_block(tracker, before), !is_success || !changes);
    assert_sound(tracker);
    if (!is_success) {
        assert_string_equal(run(L, chunk), "success");
        assert_sound(tracker);
    }
    lua_close(L);
    assert_int_equal(memory.blocks, 0);
    assert_int_equal(blocks_left(&images), 0);
    assert_sound(tracker);
    xt_tracker_close(tracker);
    assert_int_equal(blocks_left(&host), 0);
    free(before);
    return is_success;
}

static void check_on_host(const char *chunk, bool changes) {
    int fails_at = 1;
    while (!run_on_host(chunk, changes, fails_at, true)) {
        assert_true(run_on_host(chunk, changes, fails_at, false));
        fails_at++;
    }
    assert_true(fails_at > 1);
}

static void operation_without_memory_leaves_the_tracker_as_it_was(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        check_on_host(operations[i], true);
    }
}

static void question_without_memory_leaves_the_tracker_as_it_was(void **state) {
    save_run(state);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        char chunk[100];
        snprintf(chunk, sizeof chunk, "%s%s",
                 strncmp(questions[i], "return", 6) == 0 ? "" : "return ", questions[i]);
        check_on_host(chunk, false);
    }
}

/* With memory for everything except a snapshot. */
static const char refused_blocks[] =
    "local function raises(use, ...)\n"
    "  local ok, message = pcall(use, ...)\n"
    "  assert(not ok and message == 'not enough memory', message)\n"
    "  assert(collectgarbage('isrunning'))\n"
    "end\n"
    "local function refuses(expected, snapshot, message, code)\n"
    "  assert(snapshot == nil and message == expected and code == 'ENOMEM', message)\n"
    "end\n"
    "refuses('not enough memory', exectrack.from_bytes(bytes))\n"
    "refuses(path .. ': not enough memory', exectrack.load(path))\n"
    "raises(host.snapshot, host)\n"
    "raises(taken.filter, taken, {})\n"
    "raises(taken.bytes, taken)\n"
    "raises(exectrack.merge, { taken })\n"
    "raises(exectrack.from_table, form)\n"
    "assert(taken:save(path))\n";

static void block_that_is_refused_is_an_error_or_a_problem_of_a_file(void **state) {
    save_run(state);
    lua_memory memory = {0};
    counting_allocator host = {0};
    xt_tracker *tracker = make_host_tracker(&host);
    lua_State *L = lua_newstate(reallocate, &memory);
    push_host(L, tracker);
    memory.most_bytes = 4096;
    assert_string_equal(run(L, refused_blocks), "success");
    memory.most_bytes = 0;
    assert_string_equal(run(L, "assert(host:snapshot() == exectrack.from_bytes(bytes))"),
                        "success");
    lua_close(L);
    assert_int_equal(memory.blocks, 0);
    xt_tracker_close(tracker);
}

static int push_borrowed(lua_State *L) {
    xt_push_tracker(L, lua_touserdata(L, 1));
    return 1;
}

static void pushing_a_tracker_without_memory_leaks_nothing(void **state) {
    (void)state;
    counting_allocator host = {0};
    xt_tracker *tracker = make_host_tracker(&host);
    int status = LUA_ERRMEM;
    for (int fails_at = 1; status != LUA_OK; fails_at++) {
        lua_memory memory = {0};
        lua_State *L = lua_newstate(reallocate, &memory);
        arm(&memory, fails_at, true);
        lua_pushcfunction(L, push_borrowed);
        lua_pushlightuserdata(L, tracker);
        status = lua_pcall(L, 1, 1, 0);
        if (status != LUA_OK) {
            assert_string_equal(lua_tostring(L, -1), "not enough memory");
        }
        arm(&memory, 0, false);
        lua_close(L);
        assert_int_equal(memory.blocks, 0);
        assert_sound(tracker);
    }
    xt_tracker_close(tracker);
}

enum { LONGEST = 200 };

/* Runs `chunk` while allocation `fails_at` of the system's memory fails. */
static const char *run_without_images(const char *chunk, int fails_at, bool for_good,
                                      char message[LONGEST]) {
    lua_memory memory = {0};
    lua_State *L = lua_newstate(reallocate, &memory);
    luaL_openlibs(L);
    images = (counting_allocator){.fails_at = fails_at, .for_good = for_good};
    snprintf(message, LONGEST, "%s", run(L, chunk));
    lua_close(L);
    assert_int_equal(memory.blocks, 0);
    assert_int_equal(blocks_left(&images), 0);
    assert_int_equal(images.mistakes, 0);
    images = (counting_allocator){0};
    return message;
}

static void new_without_memory_for_an_image_collects_and_tries_again(void **state) {
    (void)state;
    const char *chunk = "exectrack.new(10)";
    const char *refused =
        "[string \"exectrack.new(10)\"]:1: "
        "cannot make a tracker: not enough memory";
    char message[LONGEST];
    int fails_at = 1;
    for (;; fails_at++) {
        assert_string_equal(run_without_images(chunk, fails_at, false, message),
                            "success");
        if (strcmp(run_without_images(chunk, fails_at, true, message), "success") == 0) {
            break;
        }
        assert_string_equal(message, refused);
    }
    assert_true(fails_at > 1);
}

static void importing_without_the_system_s_memory_raises_and_leaks_nothing(void **state) {
    (void)state;
    char message[LONGEST];
    int fails_at = 1;
    while (strcmp(run_without_images(import_scenario, fails_at, true, message),
                  "success") != 0) {
        const char *end = strstr(message, "not enough memory");
        assert_non_null(end);
        assert_string_equal(end, "not enough memory");
        fails_at++;
    }
    assert_true(fails_at > 15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scenario_without_memory_raises_lua_s_error_and_leaks_nothing),
        cmocka_unit_test_setup_teardown(
            snapshots_without_memory_raise_lua_s_error_and_leak_nothing, make_directory,
            remove_directory),
        cmocka_unit_test(operation_without_memory_leaves_the_tracker_as_it_was),
        cmocka_unit_test_setup_teardown(
            question_without_memory_leaves_the_tracker_as_it_was, make_directory,
            remove_directory),
        cmocka_unit_test_setup_teardown(
            block_that_is_refused_is_an_error_or_a_problem_of_a_file, make_directory,
            remove_directory),
        cmocka_unit_test(pushing_a_tracker_without_memory_leaks_nothing),
        cmocka_unit_test(new_without_memory_for_an_image_collects_and_tries_again),
        cmocka_unit_test(importing_without_the_system_s_memory_raises_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
