local clocks = require("spec.support.clock")
local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local json = require("exectrack").json
local made_up = require("spec.support.made_up")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local folder

setup(function()
  folder = directories.make()
end)

teardown(function()
  directories.remove(folder)
end)

--- Appends `count` calls with these fields to `executions`.
local function calls(executions, count, fields)
  for _ = 1, count do
    local execution = {}
    for name, value in pairs(fields) do
      execution[name] = value
    end
    executions[#executions + 1] = execution
  end
  return executions
end

--- Saves a run in the folder; `...` are counts and fields of calls in turn.
local function save(name, ...)
  local executions = {}
  for i = 1, select("#", ...), 2 do
    calls(executions, select(i, ...), (select(i + 1, ...)))
  end
  assert(made_up.run(executions):save(folder .. "/" .. name))
end

--- What the check of a run prints, and its exit code; its errors must be empty.
local function check(arguments)
  local stdout, stderr, code = process.run(("cd %s && %s%s check %s"):format(folder,
    command.ENVIRONMENT, command.PROGRAM, arguments))
  assert.equal("", stderr)
  return stdout, code
end

local function assert_passes(count, arguments)
  local stdout, code = check(arguments)
  assert.equal(("ok: %s\n"):format(count), stdout)
  assert.equal(0, code)
end

local function assert_fails(lines, arguments)
  local stdout, code = check(arguments)
  assert.equal(lines .. "\n", stdout)
  assert.equal(3, code)
end

local function assert_error(expected_code, message, arguments)
  local stdout, stderr, code = process.run(("cd %s && %s%s check %s"):format(folder,
    command.ENVIRONMENT, command.PROGRAM, arguments))
  assert.equal(message .. "\n", stderr)
  assert.equal("", stdout)
  assert.equal(expected_code, code)
end

describe("exectrack check", function()
  setup(function()
    save("a.run", 90, { tool = "read", duration_ms = 10 }, 5, { tool = "read", status = "failed",
      duration_ms = 2000 }, 5, { tool = "read", status = "timed_out", duration_ms = 3000 },
      40, { tool = "search", duration_ms = 100 }, 60, { tool = "search", status = "cancelled",
      duration_ms = 100 })
  end)

  it("holds shares of failures of all calls together, and of one tool, against limits", function()
    assert_passes("3 checks passed",
      "a.run --max-error-rate 7.2% --max-error-rate read=10% --max-error-rate 7.20%")
    assert_fails("error rate of all tools: 7.1 % of 140 calls, at most 7.0 % allowed:"
      .. " exectrack report a.run --report failures\n"
      .. "error rate of read: 10.0 % of 100 calls, at most 9.9 % allowed:"
      .. " exectrack report a.run --report failures --tool read",
      "a.run --max-error-rate 7% --max-error-rate read=9.9% --max-error-rate search=0%")
  end)

  it("holds times and numbers against limits, which they may reach", function()
    assert_passes("8 checks passed", "a.run --max-p50 read=10ms --max-p95 read=2s --max-p99 3s"
      .. " --max-duration 0.05m --max-calls 200 --max-calls read=100 --max-failures read=10")
    assert_fails(table.concat({
      "failures of read: 10 of 100 calls, at most 9 allowed:"
        .. " exectrack report a.run --report failures --tool read",
      "p50 of read: 10.0 ms of 100 calls, at most 9.00 ms allowed:"
        .. " exectrack report a.run --tool read",
      "p95 of read: 2000 ms of 100 calls, at most 2.00 s allowed:"
        .. " exectrack report a.run --tool read",
      "p99 of all tools: 3.00 s of 200 calls, at most 2.99 s allowed:"
        .. " exectrack report a.run",
      "longest duration of all tools: 3.00 s of 200 calls, at most 100 ms allowed:"
        .. " exectrack report a.run",
      "calls of all tools: 200, at most 199 allowed: exectrack report a.run",
    }, "\n"), "a.run --max-p50 read=9ms --max-p95 read=1999.9ms --max-p99 2990ms"
      .. " --max-duration 100ms --max-calls 199 --max-failures read=9")
  end)

  it("leads to a report of the same calls: those of a cache, too", function()
    save("cached.run", 30, { tool = "read", duration_ms = 7, was_cached = true },
      20, { tool = "read", duration_ms = 900, status = "cancelled" })
    local line = check("cached.run --max-p50 read=1ms")
    assert.matches("^p50 of read: 7%.00 ms of 50 calls, ", line)
    local report = process.run(("cd %s && %s%s %s"):format(folder, command.ENVIRONMENT,
      command.PROGRAM, line:match("exectrack (report.*)\n")))
    assert.matches("\nMedian +7%.00 ms\n", report)
  end)

  it("fails for figures of too few calls, unless that is allowed", function()
    local limits = "a.run --last 19 --max-error-rate 5% --max-p95 read=1s"
    assert_fails("error rate of all tools: unknown, all calls were cancelled:"
      .. " exectrack report a.run --status cancelled --report failures",
      "a.run --status cancelled --max-error-rate 5%")
    assert_passes("1 check passed, 2 unknown", limits .. " --allow-unknown")
    save("few.run", 19, { tool = "read", duration_ms = 1 })
    assert_fails("error rate of all tools: unknown, only 19 calls, fewer than 20:"
      .. " exectrack report few.run --report failures", "few.run --max-error-rate 5%")
    assert_passes("2 checks passed", "few.run --max-error-rate 5% --min-calls 19")
    save("bad.run", 3, { tool = "read", status = "failed" })
    assert_fails("failures of all tools: 3 of 3 calls, at most 2 allowed:"
      .. " exectrack report bad.run --report failures",
      "bad.run --max-failures 2 --allow-unknown")
  end)

  it("fails for a tool that isn't in the run, but of a number of calls", function()
    assert_fails("p95 of wriet: unknown, no such call is in the run:"
      .. " exectrack report a.run", "a.run --max-p95 wriet=1s --max-calls write=0")
  end)

  it("fails without executions", function()
    assert_fails("no execution that has ended was chosen: exectrack report a.run"
      .. " --since 2027-01-01", "a.run --since 2027-01-01 --max-calls 5")
    save("empty.run")
    assert_fails("the run has no executions: exectrack report empty.run",
      "empty.run --max-calls 5 --allow-unknown")
  end)

  it("doesn't know durations that weren't all measured", function()
    save("untimed.run", 27, { tool = "read", duration_ms = 5 }, 3, { tool = "read" },
      1, { tool = "read", duration_ms = 60, timing = "elapsed" })
    local unknown = "unknown, 4 of 31 calls weren't measured:"
      .. " exectrack report untimed.run"
    assert_fails("p50 of all tools: " .. unknown .. "\nlongest duration of all tools: " .. unknown,
      "untimed.run --max-p50 1s --max-duration 1s")
    assert_fails("longest duration of all tools: 5.00 ms of 31 calls, at most 4.00 ms allowed:"
      .. " exectrack report untimed.run", "untimed.run --max-duration 4ms")
    save("untimed.run", 1, { tool = "read" })
    assert_fails("p50 of all tools: unknown, 1 of 1 call wasn't measured: exectrack report"
      .. " untimed.run", "untimed.run --max-p50 1s")
  end)

  describe("when older records are gone", function()
    setup(function()
      local clock = clocks.new()
      local tracker = exectrack.new { clock = clock.read, max_history = 50 }
      for i = 1, 150 do
        clock.advance_us(1000000)
        tracker:record { tool = "read", status = i <= 30 and "failed" or "success",
          duration_ms = i <= 30 and 5000 or 10, args = i }
      end
      assert(tracker:snapshot():save(folder .. "/evicted.run"))
    end)

    it("asks the lifetime of a whole run", function()
      assert_fails("error rate of read: 20.0 % of 150 calls, at most 5.0 % allowed:"
        .. " exectrack report evicted.run --report failures --tool read\n"
        .. "p95 of all tools: about 5.00 s of 150 calls, at most 1.00 s allowed:"
        .. " exectrack report evicted.run",
        "evicted.run --max-error-rate read=5% --max-p95 1s --max-p50 11ms --max-duration 5s")
    end)

    it("doesn't know loops, nor what was chosen of it", function()
      assert_fails("error rate of all tools: unknown, older records are gone:"
        .. " exectrack report evicted.run --tool read --report failures",
        "evicted.run --tool read --max-error-rate 5%")
      assert_fails("loops: unknown, older records are gone:"
        .. " exectrack report evicted.run --report loops", "evicted.run --no-loops")
    end)

    it("knows it of several runs only if it does of each", function()
      save("old.run", 200, { tool = "read" }) -- ends 50 s after the other
      assert_fails("error rate of all tools: unknown, older records are gone:"
        .. " exectrack report old.run evicted.run --since 120s --report failures",
        "old.run evicted.run --since 120s --max-error-rate 99%")
      assert_passes("2 checks passed", "old.run evicted.run --since 90s --max-error-rate 5%")
    end)

    it("knows what ended in a merged run since a time that those of all go back to", function()
      save("old.run", 200, { tool = "read" }) -- ends 50 s after the other
      process.run(("cd %s && %s%s merge old.run evicted.run -o both.run"):format(folder,
        command.ENVIRONMENT, command.PROGRAM))
      assert_fails("error rate of all tools: unknown, older records are gone:"
        .. " exectrack report both.run --since 120s --report failures",
        "both.run --since 120s --max-error-rate 99%")
      assert_passes("2 checks passed", "both.run --since 90s --max-error-rate 5%")
    end)

    it("knows no time since when all records of a run are there that isn't in order", function()
      local tracker = exectrack.new(20)
      for i = 0, 20 do
        tracker:record { tool = "read", status = "success", duration_ms = 1,
          timestamp = i == 0 and 1767225700 or 1767225600 + i }
      end
      assert(tracker:snapshot():save(folder .. "/unordered.run"))
      assert_fails("failures of all tools: unknown, older records are gone:"
        .. " exectrack report unordered.run --since 10s --report failures",
        "unordered.run --since 10s --max-failures 0")
    end)

    it("knows what ended since a time that the records go back to", function()
      assert_passes("2 checks passed", "evicted.run --since 30s --max-error-rate 5%")
      assert_fails("error rate of all tools: unknown, older records are gone:"
        .. " exectrack report evicted.run --since 5m --report failures",
        "evicted.run --since 5m --max-error-rate 5%")
    end)
  end)

  it("doesn't know a part of a run that was saved", function()
    assert(assert(exectrack.load(folder .. "/a.run")):filter({ tool = "search" })
      :save(folder .. "/part.run"))
    assert_fails("error rate of all tools: unknown, the file has only a part of the run's records:"
      .. " exectrack report part.run --report failures", "part.run --max-error-rate 99%")
  end)

  it("doesn't know a tool if the run had no room for some", function()
    local tracker = exectrack.new { max_tools = 1 }
    for i = 1, 50 do
      tracker:record { tool = i <= 25 and "read" or "write", status = "success", duration_ms = 1 }
    end
    assert(tracker:snapshot():save(folder .. "/full.run"))
    assert_fails("calls of write: unknown, 25 calls of tools beyond max_tools were recorded as"
      .. " (other): exectrack report full.run",
      "full.run --max-calls write=30 --max-calls 50 --max-error-rate 0%")
  end)

  it("finds calls that go on with a loop", function()
    save("loop.run", 3, { tool = "read", args = "x", result = "y", session = "s 1" },
      2, { tool = "read" })
    assert_passes("2 checks passed", "loop.run --no-loops")
    save("other.run", 1, { tool = "read", args = "z", result = "z", session = "s 1" })
    save("loop.run", 5, { tool = "read", args = "x", result = "y", session = "s 1" })
    assert_fails("loops: 2 calls went on with one, the first of read:"
      .. " exectrack report loop.run --report loops --tool read --session 's 1'",
      "loop.run --no-loops")
    assert_fails("loops: 2 calls went on with one, the first of read: exectrack report loop.run"
      .. " other.run --report loops --tool read --session 's 1'", "loop.run other.run --no-loops")
    local later = {}
    for i = 1, 4 do
      later[i] = { tool = "read", args = tostring(i), result = "z",
        timestamp = 1767225600 + 86400 + i }
    end
    assert(made_up.run(later):save(folder .. "/other.run"))
    assert_passes("2 checks passed", "loop.run other.run --no-loops --last 4")
    save("loop.run", 3, { tool = "read" }, 3, { tool = "read", args = "x" })
    assert_fails("loops: unknown, 6 of 6 calls have no arguments or no result:"
      .. " exectrack report loop.run --report loops", "loop.run --no-loops")
  end)

  it("finds loops in the whole run, and counts those of the calls that were chosen", function()
    local kinds = {}
    for i = 1, 16, 4 do
      kinds[i], kinds[i + 1] = 1, { tool = "read", args = "x", result = "y" }
      kinds[i + 2], kinds[i + 3] = 20, { tool = "ls" }
    end
    save("apart.run", portable.unpack(kinds))
    assert_passes("2 checks passed", "apart.run --no-loops --tool read")
    save("loop.run", 5, { tool = "read", args = "x", result = "y" },
      1, { tool = "ls", args = "z", result = "z" })
    for count, choice in ipairs { "--last 2", "--tool read" } do
      assert.matches(("^loops: %d calls? went on with one, the first of read:"):format(count),
        (check("loop.run --no-loops " .. choice)))
    end
  end)

  it("takes no calls for a loop of which the results aren't known", function()
    local function save_known(count)
      save("loop.run", 3, { tool = "read", args = "a", result = "y" },
        3, { tool = "read", args = "b", status = "failed", error_type = "EIO" },
        4, { tool = "read", args = "x" }, 2, { tool = "read", args = "x", status = "failed" },
        count, { tool = "read", args = "x", result = "y" }, 1, { tool = "read", args = "x" })
    end
    save_known(2)
    assert_passes("2 checks passed", "loop.run --no-loops --min-calls 1")
    save_known(4)
    assert_fails("loops: 2 calls went on with one, the first of read:"
      .. " exectrack report loop.run --report loops --tool read", "loop.run --no-loops")
  end)

  it("takes calls for a loop in the order of their starts, whichever ended first", function()
    local tracker, spans = exectrack.new(6), {}
    for i = 1, 6 do
      spans[i] = tracker:start("read", "x")
    end
    for i = 6, 1, -1 do
      spans[i]:finish("failed", false, "EIO")
    end
    assert(tracker:snapshot():save(folder .. "/loop.run"))
    assert_fails("loops: 3 calls went on with one, the first of read:"
      .. " exectrack report loop.run --report loops --tool read",
      "loop.run --no-loops --min-calls 1")
  end)

  it("counts what was in flight when the process died, which fails by itself", function()
    process.run_lua(([[local tracker = assert(require("exectrack").open(%q,
        { clock = function() return 1767225600 end, any_file_system = true }))
      for i = 1, 20 do
        tracker:record("read", "success", 1)
      end
      local span = { tracker:start("fetch"), tracker:session("s"):start("fetch"),
        tracker:start("read") }
      os.exit(span[1] and 0)]]):format(folder .. "/died.run"))
    assert_fails("calls of fetch: 2, at most 1 allowed: exectrack report died.run --tool fetch\n"
      .. "in flight when its process died: 3 calls, of fetch, read: exectrack report died.run",
      "died.run --max-calls fetch=1")
    assert_passes("1 check passed", "died.run --max-calls 23 --allow-in-flight")
    assert_fails("p95 of all tools: unknown, 3 of 23 calls weren't measured:"
      .. " exectrack report died.run\nlongest duration of all tools: unknown, 3 of 23 calls"
      .. " weren't measured: exectrack report died.run\nlongest duration of fetch: unknown, 2 of 2"
      .. " calls weren't measured: exectrack report died.run --tool fetch",
      "died.run --max-duration 1s --max-duration fetch=1s --max-p95 1s --allow-in-flight")
    assert_fails("no execution that has ended was chosen: exectrack report died.run --since"
      .. " 2026-01-01T00:00:01", "died.run --max-calls 5 --since 2026-01-01T00:00:01")
    assert_fails("no execution that has ended was chosen: exectrack report died.run --tool fetch\n"
      .. "in flight when its process died: 2 calls, of fetch: exectrack report died.run"
      .. " --tool fetch",
      "died.run --tool fetch --max-calls 2")
    assert_fails("in flight when its process died: 3 calls, of fetch, read:"
      .. " exectrack report died.run --status success", "died.run --status success --max-calls 20")
    assert(exectrack.open(folder .. "/died.run", { any_file_system = true })):close()
    assert_fails("in flight when its process died: 3 calls, of fetch, read:"
      .. " exectrack report died.run", "died.run --max-calls 23")
    assert_fails("in flight when its process died: 3 calls, of fetch, read:"
      .. " exectrack report died.run --status success", "died.run --status success --max-calls 20")
    local tracker = assert(exectrack.open(folder .. "/closed.run", { any_file_system = true }))
    local span = tracker:start("fetch")
    tracker:close()
    assert.is_not_nil(span)
    assert_fails("in flight when the run ended: 3 calls, of fetch: exectrack report closed.run"
      .. " died.run --tool fetch", "closed.run died.run --max-calls 99 --tool fetch")
  end)

  it("takes the session of FILE#SESSION as that of --session", function()
    save("chats.run", 30, { tool = "read", session = "a" },
      30, { tool = "read", session = "b", status = "failed" })
    assert_passes("2 checks passed", "'chats.run#a' --max-failures 0")
    assert_fails("failures of all tools: 30 of 30 calls, at most 0 allowed: exectrack report"
      .. " 'chats.run#b' --report failures", "'chats.run#b' --max-failures 0")
  end)

  it("doesn't know when calls without a time were made", function()
    save("undated.run", 30, { tool = "read" }, 1, { tool = "read", timestamp = false })
    assert_fails("failures of all tools: unknown, 1 call without a time: exectrack report"
      .. " undated.run --since 2020-01-01 --report failures",
      "undated.run --since 2020-01-01 --max-failures 0")
    assert_passes("2 checks passed", "undated.run --max-failures 0")
  end)

  it("lets be in flight what is when a run is saved, unless told otherwise", function()
    local clock = clocks.new()
    local tracker = exectrack.new { clock = clock.read }
    for _ = 1, 20 do
      tracker:record("read", "success", 1)
    end
    local span = tracker:start("fetch")
    clock.advance_us(90000000)
    assert(tracker:snapshot():save(folder .. "/flying.run"))
    span:finish()
    assert_fails("longest duration of fetch: 1 min 30 s of 1 call, at most 1 min 00 s allowed:"
      .. " exectrack report flying.run --tool fetch\n"
      .. "in flight: 1 call, of fetch: exectrack report flying.run",
      "flying.run --no-in-flight --max-duration fetch=1m")
    assert_passes("2 checks passed", "flying.run --max-error-rate 5%")
  end)

  it("checks several runs as one, and names all that can't be read", function()
    assert(os.execute("mkdir " .. folder .. "/runs"))
    save("runs/1.run", 15, { tool = "read", status = "failed" })
    save("runs/2.run", 15, { tool = "read" })
    assert_fails("error rate of all tools: 50.0 % of 30 calls, at most 5.0 % allowed:"
      .. " exectrack report runs --report failures", "runs --max-error-rate 5%")
    process.write_file(folder .. "/runs/3.run", "exectrak")
    process.write_file(folder .. "/runs/4.run", "")
    local stdout, stderr, code = process.run(("cd %s && %s check runs --max-calls 100"):format(
      folder, command.PROGRAM))
    assert.equal("", stdout)
    assert.equal(1, code)
    assert.matches("^exectrack: runs/3%.run: .*\nexectrack: runs/4%.run: .*\n$", stderr)
    assert(os.execute(("cd %s/runs && rm 3.run 4.run && ln -s nowhere 5.run"):format(folder)))
    assert_error(1, "exectrack: runs#a: a session of a folder is chosen by --session",
      "'runs#a' --max-calls 100")
    assert_error(1, "exectrack: runs/5.run: it isn't a file, or leads to none",
      "runs --max-calls 100")
  end)

  it("writes JSON", function()
    local stdout, code = check("a.run --max-error-rate read=5% --max-calls 500 --format json")
    assert.equal(3, code)
    assert.same({ schema = "exectrack-violations", version = 1, passed = false, checks = 3,
      unknown = 0, violations = { { check = "max-error-rate", tool = "read", measured = 0.1,
        limit = 0.05, calls = 100, unknown = false,
        message = "error rate of read: 10.0 % of 100 calls, at most 5.0 % allowed",
        command = "exectrack report a.run --report failures --tool read" } } },
      json.decode(stdout))
  end)

  it("names limits that are wrong", function()
    local how = "; for one tool, its name and = before it (see exectrack check --help)"
    local share, time = "a share from 0% to 100%, such as 5%", "a time such as 500ms, 2s, 5m or 1h"
    for arguments, message in pairs {
      ["--max-error-rate 5"] = "--max-error-rate: '5': expected " .. share,
      ["--max-error-rate a=b=5x%"] = "--max-error-rate: 'a=b=5x%': expected " .. share,
      ["--max-error-rate 100.1%"] = "--max-error-rate: '100.1%': expected " .. share,
      ["--max-error-rate nan%"] = "--max-error-rate: 'nan%': expected " .. share,
      ["--max-p95 =2s"] = "--max-p95: '=2s': expected " .. time,
      ["--max-p95 2d"] = "--max-p95: '2d': expected " .. time,
      ["--max-calls x="] = "--max-calls: 'x=': expected an integer of at least 0",
    } do
      assert_error(2, "exectrack: " .. message .. how, "a.run " .. arguments)
    end
    assert_error(2, "exectrack: no limit is given, such as --max-error-rate 5%"
      .. " (see exectrack check --help)", "a.run")
  end)
end)
