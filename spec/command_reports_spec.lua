local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local json = require("exectrack").json
local made_up = require("spec.support.made_up")
local needs = require("spec.support.needs")
local policies = require("exectrack.policy")
local process = require("spec.support.process")
local reports = require("exectrack.report")
local runs = require("spec.support.runs")
local sections = require("spec.support.sections")

local directory, before_path, after_path, before, after

setup(function()
  directory = directories.make()
  before_path, after_path = directory .. "/before.run", directory .. "/after.run"
  before, after = made_up.examples()
  assert(before:save(before_path))
  assert(after:save(after_path))
end)

teardown(function()
  directories.remove(directory)
end)

local function assert_prints(expected, arguments)
  local stdout, stderr, code = command.run(arguments)
  assert.equal("", stderr)
  assert.equal(expected, stdout)
  assert.equal(0, code)
end

local function assert_error(expected_code, problem, arguments)
  local stdout, stderr, code = command.run(arguments)
  assert.equal("exectrack: " .. problem .. "\n", stderr)
  assert.equal("", stdout)
  assert.equal(expected_code, code)
end

--- The comparison as the command makes it.
local function compared(own)
  local options = { before = before }
  for key, value in pairs(own or {}) do
    options[key] = value
  end
  return command.report("compare", after, { before_path, after_path }, options)
end

describe("own times", function()
  it("are those of the whole run, whatever is chosen of it", function()
    local path = directory .. "/nested.run"
    assert(made_up.run({ { tool = "ask", duration_ms = 7000, depth = 1, timestamp = 1767225608 },
      { tool = "agent", duration_ms = 9000, timestamp = 1767225609 } }):save(path))
    local function totals(arguments, title)
      local stdout = command.run(arguments .. " --exclude ask --format json")
      return sections.find(json.decode(stdout), title).rows
    end
    assert.equal(2000, totals("report " .. path, "Totals")[1].total_duration_ms)
    for _, row in ipairs(totals(("compare %s %s"):format(path, path), "Summary")) do
      assert.equal(2000, row.total_duration_ms)
    end
  end)
end)

describe("exectrack compare", function()
  it("compares two runs, in any format", function()
    local report = compared()
    local paths = before_path .. " " .. after_path
    assert_prints(reports.render(report, "text"), "compare " .. paths)
    assert_prints(reports.render(report, "text", { width = 60, ascii = true }),
      "compare --width 60 --ascii " .. paths)
    assert_prints("", ("compare %s -o %s/c.html"):format(paths, directory))
    assert.equal(reports.render(report, "html"), process.read_file(directory .. "/c.html"))
  end)

  it("compares sessions, also of one run", function()
    local tracker, path = exectrack.new(10), directory .. "/two.run"
    for i = 1, 3 do
      tracker:session(i == 1 and "x" or "y"):record("t", "success", i)
    end
    assert(tracker:snapshot():save(path))
    local stdout, stderr = command.run(("compare %s#x %s#y --format csv --section Summary")
      :format(path, path))
    assert.equal("", stderr)
    assert.equal("before 1, after 2", ("%s %s, %s %s"):format(
      stdout:match("\n(before),[^Z]*Z,(%d).*\n(after),[^Z]*Z,(%d)")))
  end)

  it("reads one of them from standard input", function()
    local report = compared { run = "RUN " .. after_path }
    report.source.files = { "standard input", after_path }
    assert_prints(reports.render(report, "json"),
      ("compare - %s --format json <%s"):format(after_path, before_path))
  end)

  it("passes options on to the report", function()
    local report = compared { significance = 0.05, least_change = 0.9 }
    assert.not_equal(reports.render(compared(), "text"),
      reports.render(report, "text"))
    assert_prints(reports.render(report, "text"),
      ("compare %s %s -- significance=0.05 least_change=0.9"):format(before_path, after_path))
  end)

  it("names options that are wrong", function()
    for behind, problem in pairs {
      ["x=1"] = "compare: unknown option 'x'",
      ["significance=0"] =
        "compare: option 'significance': a number above 0, up to 1, expected, got 0",
      ["least_change"] =
        "compare: option 'least_change': a finite number from 0 expected, got true",
      ["before=x"] = "compare: option 'before': it can't be given behind --, as the arguments "
        .. "before say it",
      ["=1"] = "option '=1': KEY=VALUE expected",
      [after_path] = after_path .. ": it stands behind --, where options of the report are",
    } do
      assert_error(2, problem .. " (see exectrack compare --help)",
        ("compare %s %s -- %s"):format(before_path, after_path, behind))
    end
  end)

  it("says which can't be read", function()
    assert_error(1, "no.run: No such file or directory", "compare no.run " .. after_path)
    assert_error(1, "no.run: No such file or directory", "compare " .. before_path .. " no.run")
    assert_error(1, "-: standard input can be read only once", "compare - - <" .. after_path)
  end)
end)

describe("exectrack replay", function()
  local policy_path

  before_each(function()
    policy_path = directory .. "/policy.lua"
  end)

  --- The report as the command makes it.
  local function replayed(options)
    return command.report("policy", after, { after_path }, options)
  end

  --- Replays with a policy file of this text.
  local function replay(text, arguments)
    process.write_file(policy_path, text)
    return ("replay --policy %s %s %s"):format(policy_path, after_path, arguments or "")
  end

  it("reports what a policy would have done, in any format", function()
    local text = "return require('exectrack.policy').loop_guard { repeats = 3 }"
    local options = { policy = policies.loop_guard { repeats = 3 } }
    assert_prints(reports.render(replayed(options), "text"), replay(text))
    assert_prints(reports.render(replayed(options), "markdown"),
      replay(text, "--format markdown"))
    options.enforce = false
    local without = reports.render(replayed(options), "text")
    assert.not_equal(reports.render(replayed({ policy = options.policy }), "text"),
      without)
    assert_prints(without, replay(text, "--no-enforce"))
  end)

  it("names the line of a policy that is wrong", function()
    assert_error(1, policy_path .. ":3: oops", replay("return function(call)\n"
      .. "  if call.tool == 'web_fetch' then\n    error('oops')\n  end\nend"))
    assert_error(1, policy_path .. ":1: oops", replay("error('oops')"))
    assert_error(1, policy_path .. ": it returns a table: a function expected",
      replay("return {}"))
    assert_error(1, policy_path .. ": it returns nothing: a function expected", replay("local a"))
    assert_error(1, policy_path .. ":1: loop_guard: unknown option 'repeat_s'", replay(
      "local guard = require('exectrack.policy').loop_guard { repeat_s = 3 }\nreturn guard"))
  end)

  it("names a policy that decides wrongly, and no line of a file that isn't its author's",
    function()
      assert_error(1, policy_path .. ": a decision must be nil or a table, got number",
        replay("return function() return 5 end"))
      assert_error(1, policy_path .. ": a decision's action must be 'warn' or 'deny', got 'allow'",
        replay("return function() return { action = 'allow' } end"))
    end)

  it("takes a policy that requires what stands beside it", function()
    local beside = directory .. "/limits.lua"
    process.write_file(beside, "return { repeats = 3 }")
    local options = { policy = policies.loop_guard { repeats = 3 } }
    assert_prints(reports.render(replayed(options), "text"),
      replay("return require('exectrack.policy').loop_guard(require('limits'))"))
    os.remove(beside)
  end)

  it("passes options on to the report", function()
    local text = "return require('exectrack.policy').loop_guard { repeats = 3 }"
    local report = replayed({ policy = policies.loop_guard { repeats = 3 }, top = 1 })
    assert_prints(reports.render(report, "text"), replay(text, "-- top=1"))
  end)

  it("names options that are wrong", function()
    for behind, problem in pairs {
      ["topp=1"] = "policy: unknown option 'topp'",
      ["top=x"] = "policy: option 'top': an integer from 0 expected, got 'x'",
      ["policy=x"] = "policy: option 'policy': it can't be given behind --, as the arguments "
        .. "before say it",
      ["enforce=false"] = "policy: option 'enforce': it can't be given behind --, as the arguments "
        .. "before say it",
      ["''"] = "option '': KEY=VALUE expected",
    } do
      assert_error(2, problem .. " (see exectrack replay --help)",
        replay("return function() end", "-- " .. behind))
    end
    assert_error(1, policy_path .. ":1: policy: unknown option 'x'", -- which is the policy's own
      replay("return function() error(\"policy: unknown option 'x'\") end"))
  end)

  describe("with --fail-on", function()
    local POLICY = "return function(call) return call.tool == 'search' and call.now > 0"
      .. " and { action = 'deny' } or nil end"

    --- What it prints, and its exit code, on a run of `count` calls of search and as many of read.
    local function gate(count, arguments)
      local executions = {}
      for i = 1, count do
        executions[2 * i - 1] = { tool = "search", status = i > 1 and "failed" or "success",
          duration_ms = 1 }
        executions[2 * i] = { tool = "read", duration_ms = 1 }
      end
      assert(made_up.run(executions):save(directory .. "/gate.run"))
      process.write_file(policy_path, POLICY)
      local stdout, stderr, code = process.run(("cd %s && %s%s replay --policy policy.lua gate.run"
        .. " %s"):format(directory, command.ENVIRONMENT, command.PROGRAM, arguments))
      assert.equal("", stderr)
      return { stdout, code }
    end

    it("fails if too many successful calls would have been denied", function()
      assert.same({ "successes lost: 3.8 % of 26 successful calls, at most 0.1 % allowed:"
        .. " exectrack replay --policy policy.lua gate.run\n", 3 },
        gate(25, "--fail-on successes_lost=0.1%"))
      assert.same({ "successes lost: 3.8 % of 26 successful calls, at most 0.1 % allowed:"
        .. " exectrack replay --policy policy.lua --no-enforce gate.run\n", 3 },
        gate(25, "--fail-on successes_lost=0.1% --no-enforce"))
      assert.same({ "ok: 2 checks passed\n", 0 }, gate(25, "--fail-on successes_lost=4%"))
      assert.same({ "ok: 2 checks passed\n", 0 },
        gate(25, "--exclude search --fail-on successes_lost=0% -o policy.txt"))
    end)

    it("doesn't know of too few calls, and of a run whose older records are gone", function()
      local unknown = ": exectrack replay --policy policy.lua gate.run\n"
      assert.same({ "successes lost: unknown, only 11 successful calls, fewer than 20" .. unknown,
        3 }, gate(10, "--fail-on successes_lost=90%"))
      assert.same({ "ok: 1 check passed, 1 unknown\n", 0 },
        gate(10, "--fail-on successes_lost=0.1% --allow-unknown"))
      local tracker = exectrack.new { max_history = 30 }
      for _ = 1, 31 do
        tracker:record("read", "success", 1)
      end
      assert(tracker:snapshot():save(directory .. "/evicted.run"))
      local stdout = command.run(("replay --policy %s %s --fail-on successes_lost=5%%"):format(
        policy_path, directory .. "/evicted.run"))
      assert.matches("^successes lost: unknown, older records are gone: ", stdout)
    end)

    it("doesn't know what became of calls that were in flight when the process died", function()
      process.write_file(policy_path, POLICY)
      process.run_lua(([[local tracker = assert(require("exectrack").open(%q,
          { any_file_system = true }))
        for i = 1, 20 do
          tracker:record("read", "success", 1)
        end
        local span = tracker:start("search")
        os.exit(span and 0)]]):format(directory .. "/died.run"))
      for arguments, expected in pairs {
        [""] = "in flight when its process died: 1 call, of search: exectrack report died.run\n",
        ["--tool read"] = "ok: 2 checks passed\n", ["--allow-in-flight"] = "ok: 1 check passed\n",
      } do
        assert.equal(expected, (process.run(("cd %s && %s%s replay --policy policy.lua died.run "
          .. "--fail-on successes_lost=1%% %s"):format(directory, command.ENVIRONMENT,
            command.PROGRAM, arguments))))
      end
    end)

    it("names what is wrong with the limit", function()
      local text = "return function() end"
      assert_error(2, "--fail-on: 'x=1%': successes_lost= and a share expected, such as 0.1%"
        .. " (see exectrack replay --help)", replay(text, "--fail-on x=1%"))
      assert_error(2, "--fail-on: '1': expected a share from 0% to 100%, such as 5%"
        .. " (see exectrack replay --help)", replay(text, "--fail-on successes_lost=1"))
    end)
  end)

  it("says which file can't be read", function()
    assert_error(1, "no.run: No such file or directory", "replay --policy no.lua no.run")
    assert_error(1, "no.lua: No such file or directory", "replay --policy no.lua " .. after_path)
  end)
end)

describe("exectrack show", function()
  --- A run of each kind of thing that there is to show.
  local function sample()
    local now = 1767225600
    local tracker = exectrack.new { max_history = 3, label = "a <b>",
      args_texts = 8, error_texts = 8, clock = function() return now end }
    for i = 1, 4 do
      now = now + 1
      local failed = i == 3 or nil
      tracker:record { tool = i % 2 == 0 and "even" or "odd\n", status = failed and "failed"
        or "success", duration_ms = i, error_type = failed and "ENOENT",
        error_text = failed and "No such file", args = failed and "x", session = failed and "s" }
    end
    local span = tracker:start("flying")
    local wrapped = tracker:wrap("odd\n", function() end, {
      policy = function() return { action = "deny", reason = "no" } end,
    })
    wrapped()
    wrapped()
    now = now + 6
    local snapshot = tracker:snapshot()
    span:finish()
    return snapshot
  end

  it("prints what is in the file, its tools and the newest executions", function()
    local path = directory .. "/sample.run"
    local snapshot = sample()
    assert(snapshot:save(path))
    local size = reports.format.bytes(#process.read_file(path))
    assert_prints(([[
a <b>
═════

Run
───
Label                a <b>
Size                 %s
Created (UTC)        2026-01-01 00:00:00
Taken (UTC)          2026-01-01 00:00:10
Length               10.0 s
Records retained     3
Executions recorded  4
Tools                3
Error types          1
Sessions             1
In flight            1
Calls denied         2
Texts kept           2

In flight
─────────
Tool    Started (UTC)           For
──────  ───────────────────  ──────
flying  2026-01-01 00:00:04  6.00 s

Tools
─────
Tool    Retained  Recorded  Failed  Timed out  Cancelled  Last (UTC)
──────  ────────  ────────  ──────  ─────────  ─────────  ───────────────────
odd\n          1         2       1          0          0  2026-01-01 00:00:03
even           2         2       0          0          0  2026-01-01 00:00:04
flying         0         0       0          0          0

Newest executions
─────────────────
Ended (UTC)          Tool   Session  Status   Duration  Cached  Error type  Arguments  Last message
───────────────────  ─────  ───────  ───────  ────────  ──────  ──────────  ─────────  ────────────
2026-01-01 00:00:04  even            success   4.00 ms  no
2026-01-01 00:00:03  odd\n  s        failed    3.00 ms  no      ENOENT      "x"        No such file
2026-01-01 00:00:02  even            success   2.00 ms  no
]]):format(size), "show --width 120 " .. path)
  end)

  it("lists ten executions, or as many as asked for", function()
    local function count(arguments)
      local stdout = command.run(("show %s --format csv --section 'Newest executions' %s"):format(
        after_path, arguments))
      return select(2, stdout:gsub("\r\n", "")) - 1
    end
    assert.equal(10, count(""))
    assert.equal(1, count("-n 1"))
    assert.equal(25, count("-n25"))
    assert.equal(#after, count("-n 1000000"))
    assert_error(2, "unknown section 'Newest executions', not one of 'Run', 'Tools'"
      .. " (see exectrack show --help)",
      ("show %s -n 0 --format csv --section 'Newest executions'"):format(after_path))
    assert_error(2, "-n: must be an integer of at least 0, got 'many' (see exectrack show --help)",
      "show -n many " .. after_path)
  end)

  it("shows a run that has nothing", function()
    local path = directory .. "/empty.run"
    exectrack.new { clock = function() return 0 end }:snapshot():save(path)
    local stdout, stderr, code = command.run("show --format json " .. path)
    assert.truthy(stdout:find('"records"', 1, true))
    assert.equal("", stderr)
    assert.equal(0, code)
  end)

  it("counts denials up to the largest integer", function()
    needs.integers(pending)
    local path = directory .. "/full.run"
    assert(runs.with_full_counts():save(path))
    local stdout = command.run("show --format json " .. path)
    assert.equal(9223372036854775807, tonumber(stdout:match('"denied": *(%d+)')))
  end)

  it("reads standard input", function()
    local expected = command.run("show " .. after_path)
    assert_prints(expected, "show - <" .. after_path)
  end)
end)
