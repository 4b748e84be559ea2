local needs = require("spec.support.needs")
local process = require("spec.support.process")

--- A module: a function `try(chunk, fails_at, for_good)` that runs a chunk in a Lua state of its
-- own. The chunk returns two functions, of which the first is called while allocation `fails_at`
-- fails, once or for good; the second is given what it returned or raised, and whether it ran out
-- of memory. The first is called on a stack far from all other memory: LuaJIT needs memory to push
-- the address of anything there as light userdata. Returns the error of the chunk or of the second
-- function, whether the first one ran out of memory, how many allocations it made, and how many
-- blocks are left of the closed state.
local SOURCE = [[
#define _DEFAULT_SOURCE
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef struct memory {
    lua_Integer blocks, calls, fails_at;
    size_t latest_bytes;
    bool for_good;
} memory;

static void *reallocate(void *context, void *block, size_t before, size_t after) {
    memory *account = context;
    if (after == 0) {
        account->blocks -= block != NULL;
        free(block);
        return NULL;
    }
    if (block == NULL || after > before) {
        account->calls++;
        account->latest_bytes = after;
        if (account->fails_at > 0 && (account->for_good ? account->calls >= account->fails_at
                                                        : account->calls == account->fails_at)) {
            return NULL;
        }
    }
    account->blocks += block == NULL;
    return realloc(block, after);
}

static int run_chunk(lua_State *L) {
    luaL_openlibs(L);
    if (luaL_loadstring(L, lua_touserdata(L, 1)) != 0) {
        lua_error(L);
    }
    lua_call(L, 0, 2);
    return 2;
}

/* Where a tool is run by Lua, its error is raised again, as Lua's own is then. */
static bool ran_out(lua_State *L, int status) {
    return status == LUA_ERRMEM || (status != 0 && lua_type(L, -1) == LUA_TSTRING &&
                                    strcmp(lua_tostring(L, -1), "not enough memory") == 0);
}

static void meet_part(lua_State *L, uintptr_t part) {
    lua_pushlightuserdata(L, (void *)(part << 39));
    lua_pop(L, 1);
}

/* LuaJIT keeps which parts of memory, of 2^39 bytes each, light userdata are in, as an array of 4
 * bytes each that doubles. Fills it with parts in which nothing is. */
static void fill_parts(lua_State *L, const memory *account) {
    lua_Integer before = account->calls;
    uintptr_t part = 1;
    while (account->calls == before && part < 32) {
        meet_part(L, part++);
    }
    if (account->calls != before) {
        for (size_t left = account->latest_bytes / 4 / 2 - 1; left > 0; left--) {
            meet_part(L, part++);
        }
    }
}

static void *call_use(void *context) {
    lua_State *inner = context;
    bool fails = ran_out(inner, lua_pcall(inner, 0, 1, 0));
    return fails ? inner : NULL;
}

/* Calls the function on top, for one result or an error. Returns whether it ran out of memory. */
static bool call_far_away(lua_State *inner) {
    enum { STACK_BYTES = 8 << 20 };
    void *hint = (void *)(uintptr_t)0x200000000000, *fails = NULL;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    void *stack = mmap(hint, STACK_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
    pthread_attr_t attributes;
    pthread_t thread;
    if (stack == MAP_FAILED || pthread_attr_init(&attributes) != 0 ||
        pthread_attr_setstack(&attributes, stack, STACK_BYTES) != 0 ||
        pthread_create(&thread, &attributes, call_use, inner) != 0 ||
        pthread_join(thread, &fails) != 0) {
        abort();
    }
    pthread_attr_destroy(&attributes);
    munmap(stack, STACK_BYTES);
    return fails != NULL;
}

static int try(lua_State *L) {
    memory account = {0};
    lua_State *inner = lua_newstate(reallocate, &account);
    lua_pushcfunction(inner, run_chunk);
    lua_pushlightuserdata(inner, (void *)(uintptr_t)lua_tostring(L, 1));
    int status = lua_pcall(inner, 1, 2, 0); /* use and check */
    bool fails = false;
    lua_Integer calls = 0;
    if (status == 0) {
        lua_insert(inner, -2);
        fill_parts(inner, &account);
        account = (memory){account.blocks, 0, luaL_checkinteger(L, 2), 0, lua_toboolean(L, 3)};
        fails = call_far_away(inner);
        account.fails_at = 0;
        calls = account.calls; /* not those of the check */
        lua_pushboolean(inner, fails);
        status = lua_pcall(inner, 2, 0, 0);
    }
    const char *message = lua_isstring(inner, -1) ? lua_tostring(inner, -1) : "no string";
    lua_pushstring(L, status == 0 ? NULL : message);
    lua_pushboolean(L, fails);
    lua_pushinteger(L, calls);
    lua_close(inner);
    lua_pushinteger(L, account.blocks);
    return 4;
}

int luaopen_failing(lua_State *L) {
    lua_pushcfunction(L, try);
    return 1;
}
]]

--- A tracker and what is done with it; `use` and what `check` checks of it follow.
local SETUP = [[
local exectrack = require("exectrack")
local time = 1700000000
local tracker = exectrack.new { max_history = 20, max_tools = 600, max_in_flight = 3,
  clock = function() time = time + 0.25; return time end }
local ERROR = { code = "EIO" }
local runs, noted = 0, nil
local function tool(value)
  runs = runs + 1
  return value
end
local function fail()
  runs = runs + 1
  error(ERROR)
end
local function deny() return { action = "deny", reason = "never", message = "Don't." } end
local function note(message)
  noted = message
end
for i = 1, 3 do
  tracker:record("read", "failed", i, false, "E" .. i, i)
end
local before = tracker:totals()

--- The tracker is sound, nothing is in flight, and it goes on working.
local function assert_sound()
  collectgarbage()
  assert(tracker:in_flight_count() == 0)
  local snapshot = tracker:snapshot()
  assert(exectrack.from_bytes(snapshot:bytes()) == snapshot)
  local executions = tracker:totals()
  tracker:run("after", tool)
  assert(tracker:totals() == executions + 1)
end

--- Of a tool that ran as often as it was recorded, whatever `use` raised.
local function assert_recorded(most)
  local recorded = tracker:totals() - before
  assert(recorded <= most and recorded >= runs, recorded .. " of " .. runs)
end
]]

--- Each is a chunk that returns the function to be checked, and one that is given what it returned
-- or raised and whether it ran out of memory, and checks that.
local USES = {
  run = [[
return function() return tracker:run("new", tool, { 1, { 2, { 3 } } }, "x") end,
function(result, failed)
  assert_recorded(1)
  assert(failed or result[2][2][1] == 3)
  assert_sound()
end]],
  ["run of what raises"] = [[
return function() return tracker:run("new", fail, { 1 }) end,
function(result, failed)
  assert_recorded(1)
  assert(failed or result == ERROR)
  assert_sound()
end]],
  wrap = [[
return function()
  return tracker:wrap("new", tool, { classify = note, args = tool, policy = note,
    on_warn = note, on_policy_error = note, enforce = false })
end,
function(result, failed)
  assert(failed == (type(result) ~= "function"))
  assert_sound()
end]],
  ["a wrapped call"] = [[
local wrapped = tracker:wrap("new", tool, { args = function(...) return { ... } end,
  classify = function() return "failed", true, "E" .. #tracker end })
return function() return wrapped("x") end,
function(result, failed)
  assert_recorded(1)
  assert(failed or result == "x")
  local newest = tracker:recent_executions(1)[1]
  assert(failed or newest.error_type == "E3" and newest.was_cached)
  assert_sound()
end]],
  ["a wrapped call in a coroutine"] = [[
local wrapped = tracker:wrap("new", function() coroutine.yield() end)
return function()
  local task = coroutine.create(wrapped)
  assert(coroutine.resume(task))
  assert(coroutine.resume(task))
end,
function()
  assert_sound()
end]],
  ["a coroutine that dies of an error and is collected"] = [[
local wrapped = tracker:wrap("new", fail)
return function()
  coroutine.resume(coroutine.create(wrapped))
  collectgarbage()
end,
function()
  assert_recorded(1)
  assert_sound()
end]],
  ["a call that is denied"] = [[
local guarded = tracker:wrap("new", tool, { policy = deny, on_policy_error = note })
return function() return (select(3, guarded("x"))) end,
function(result, failed)
  if not failed and runs == 0 then
    assert(result.reason == "never" and tracker:denials()[1].count == 1)
  else -- the policy failed, and was overruled
    assert(failed or noted == "not enough memory")
    assert_recorded(1)
    assert(#tracker:denials() <= 1)
  end
  assert_sound()
end]],
  ["a denial that is passed on"] = [[
local guarded = tracker:wrap("new", tool, { policy = deny, on_policy_error = deny })
return function()
  runs = runs + 1
  return (select(3, tracker:run("outer", guarded)))
end,
function(result, failed)
  local newest = tracker:recent_executions(1)[1]
  assert(failed or result.reason == "never")
  assert(failed or newest.status == "cancelled" and newest.error_type == "never"
    or newest.status == "failed" and not newest.error_type)
  assert(#tracker:denials() <= 1)
  assert_sound()
end]],
  ["a result that tells of an error"] = [[
local wrapped = tracker:wrap("new", function()
  runs = runs + 1
  return { isError = true, content = { { text = "no luck" } } }
end)
return function() return wrapped("x") end,
function(result, failed)
  local newest = tracker:recent_executions(1)[1]
  assert_recorded(1)
  assert(failed or result.isError)
  assert(failed or newest.error_type == "no luck"
    or not newest.error_type and (newest.status == "success" or newest.status == "failed"))
  assert_sound()
end]],
  ["a call that waits"] = [[
local slept, denials = 0, 2
local guarded = tracker:wrap("new", tool, { policy = function()
  denials = denials - 1
  return denials >= 0 and { action = "deny", retry_after_ms = 2.5 } or nil
end, sleep = function(seconds) slept = slept + seconds end, max_wait_ms = 1000,
on_policy_error = note })
return function() return guarded("x") end,
function(result, failed)
  assert(failed or result == "x")
  assert(failed or slept == 0.005 or noted == "not enough memory")
  assert_recorded(1)
  assert(#tracker:denials() == 0)
  assert_sound()
end]],
  ["a call with options"] = [[
return function() return tracker:run({ tool = "new", policy = function() end,
  on_policy_error = note }, tool, "x") end,
function(result, failed)
  assert(failed or result == "x")
  assert_recorded(1)
  assert_sound()
end]],
  ["a call that is warned of"] = [[
local warned = 0
local guarded = tracker:wrap("new", tool, { policy = function()
  return { action = "warn" }
end, on_warn = function(decision, call)
  assert(decision.action == "warn" and call.tool == "new")
  warned = warned + 1
end, on_policy_error = note })
return function() return guarded("x") end,
function(result, failed)
  assert(failed or result == "x" and (warned == 1 or noted == "not enough memory"))
  assert_recorded(1)
  assert_sound()
end]],
  ["a call whose policy fails"] = [[
local guarded = tracker:wrap("new", tool, { policy = fail, on_policy_error = function(message)
  noted = message
  return { action = "deny" }
end })
return function() return (select(2, guarded("x"))) end,
function(result, failed)
  assert(failed or result == "a policy denied this call")
  assert(failed or noted == ERROR or noted == "not enough memory")
  assert(tracker:totals() == before)
  assert_sound()
end]],
  instrument = [[
local tools = { read = tool, fs = { write = tool, list = { tool } }, version = 1 }
return function() return tracker:instrument(tools, { policy = deny }) end,
function(result, failed)
  assert(failed or result.version == 1 and select(2, result.fs.list[1]()) == "Don't.")
  assert(tools.read == tool and tools.fs.list[1] == tool)
  assert_sound()
end]],
  decisions = [[
local snapshot = tracker:snapshot()
local bytes = snapshot:bytes()
return function() return snapshot:decisions(deny) end,
function(result, failed)
  assert(failed or #result == 3 and result[3].record.error_type == "E3")
  assert(snapshot:bytes() == bytes and #snapshot:decisions(deny) == 3)
  assert_sound()
end]],
  replay = [[
local policy = require("exectrack.policy")
local snapshot = tracker:snapshot()
local guard = policy.all { policy.loop_guard { key = function(e) return e.tool end, repeats = 1 },
  policy.rate_limit { executions = 1, per_ms = 5 }, policy.circuit_breaker { failures = 1 } }
return function() return policy.replay(snapshot, guard) end,
function(result, failed)
  assert(failed or result.summary.denied > 0)
  assert_sound()
end]],
  denials = [[
for i = 1, 12 do
  tracker:wrap("tool " .. i % 5, tool, { policy = function()
    return { action = "deny", reason = "reason " .. i }
  end })()
end
return function() return tracker:denials() end,
function(result, failed)
  assert(failed or #result == 12 and result[12].reason == "reason 12")
  assert_sound()
end]],
  denied = [[
for i = 1, 12 do
  tracker:wrap("tool " .. i % 5, tool, { policy = function()
    return { action = "deny", reason = "reason " .. i }
  end })()
end
return function() return tracker:denied() end,
function(result, failed)
  assert(failed or #result == 12 and result[1].reason == "reason 12")
  assert_sound()
end]],
  ["the reading methods"] = [[
local snapshot = tracker:snapshot()
local settings = { failures = 1, min_calls = 1, cooldown_ms = 1, max_cooldown_ms = 1 }
return function()
  for _, run in ipairs { tracker, snapshot } do
    run:totals("read")
    settings.ignore = { "EIO" }
    run:circuit("read", settings)
    settings.ignore = function(record) return record.error_type == "EIO" end
    run:circuit("read", settings)
    run:failure_streak("read")
    run:error_rate("read")
    run:loop("read", 1, 20)
    run:session_executions(20)
    run:starts_after(0, "read", 3)
    run:in_flight_count("read", 0)
    run:recent_quantile("read", 0.5)
    run:denials()
    run:denied()
  end
  return snapshot:totals("read")
end,
function(result, failed)
  assert(failed or result == 3)
  assert(snapshot:totals("read") == 3)
  assert_sound()
end]],
}

local folder, try

setup(function()
  require("exectrack") -- to stay loaded between the states: loading it takes longest
  folder = process.run("mktemp -d"):match("[^\n]+")
  local source, library = folder .. "/failing.c", folder .. "/failing.so"
  process.write_file(source, SOURCE)
  local _, problems, code = process.run(table.concat({
    "cc -std=c11 -Wall -Wextra -Werror -shared -fPIC -pthread -I",
    process.quote(assert(os.getenv("EXECTRACK_LUA_INCLUDE_DIR"))),
    os.getenv("EXECTRACK_CFLAGS") or "", "-o", process.quote(library), process.quote(source) },
    " "))
  assert(code == 0, problems)
  try = assert(package.loadlib(library, "luaopen_failing"))()
end)

teardown(function()
  process.run("rm -r " .. process.quote(folder))
end)

--- Kilobytes of addresses that this process has.
local function address_space_kb()
  for line in io.lines("/proc/self/status") do
    local kb = line:match("^VmSize:%s*(%d+) kB")
    if kb then
      return tonumber(kb)
    end
  end
end

--- Whether Lua collects when it runs out of memory, and tries again. 5.1 and LuaJIT don't, and 5.2
-- doesn't always.
local COLLECTS = _VERSION > "Lua 5.2"

describe("without memory,", function()
  for name, use in pairs(USES) do
    for _, for_good in ipairs { false, true } do
      it(name .. (for_good and " raises Lua's error" or " succeeds after a collection"), function()
        if name == "a wrapped call" then
          needs.second_try(pending) -- or its end may not be reached
        end
        local fails_at = 0
        repeat
          fails_at = fails_at + 1
          local message, failed, calls, blocks = try(SETUP .. use, fails_at, for_good)
          assert.is_nil(message)
          assert.is_true(for_good or not failed or not COLLECTS,
            "the collection frees what is needed")
          assert.equal(0, blocks)
        until calls < fails_at
        assert.is_true(fails_at > (name == "wrap" and 3 or 5), fails_at)
      end)
    end
  end

  it("no tracker is left behind by a replay", function()
    local measurable, reason = process.measures_memory()
    if not measurable then
      return pending(reason)
    end
    local before_kb
    for fails_at = 1, 120 do
      try(SETUP:gsub("max_history = 20", "max_history = 400000") .. USES.decisions, fails_at, true)
      before_kb = before_kb or address_space_kb()
    end
    assert.is_true(address_space_kb() - before_kb < 20000) -- twice the image of such a tracker
  end)
end)
