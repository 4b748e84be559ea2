local command = require("spec.support.command")
local directories = require("spec.support.directory")
local json = require("exectrack").json
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local folder

setup(function()
  folder = directories.make()
end)

teardown(function()
  directories.remove(folder)
end)

--- Saves a run of `count` calls of each kind: `{ count, fields }`.
local function save(name, kinds)
  local executions = {}
  for _, kind in ipairs(kinds) do
    for i = 1, kind[1] do
      local execution = { duration_ms = 100 + i % 10 }
      for field, value in pairs(kind[2]) do
        execution[field] = value
      end
      executions[#executions + 1] = execution
    end
  end
  assert(made_up.run(executions):save(folder .. "/" .. name))
end

--- Saves both runs and compares them.
local function compare(before, after, arguments)
  save("a.run", before)
  save("b.run", after)
  local stdout, stderr, code = process.run(("cd %s && %s%s compare a.run b.run %s"):format(folder,
    command.ENVIRONMENT, command.PROGRAM, arguments))
  assert.equal("", stderr)
  return stdout, code
end

local function assert_fails(line, before, after, arguments)
  local stdout, code = compare(before, after, arguments or "--fail-on worse")
  assert.equal(line .. "\n", stdout)
  assert.equal(3, code)
end

local function assert_passes(line, before, after, arguments)
  local stdout, code = compare(before, after, arguments or "--fail-on worse")
  assert.equal(line .. "\n", stdout)
  assert.equal(0, code)
end

local READS = { 200, { tool = "read" } }

describe("exectrack compare --fail-on", function()
  it("fails for a new tool that always fails", function()
    assert_fails("Fails more often: new (100 %, a new tool; all tools before: 0 %):"
      .. " exectrack report b.run --report failures --tool new",
      { READS }, { READS, { 10, { tool = "new", status = "failed" } } })
  end)

  it("fails for failures that are spread over many tools", function()
    local before, after = {}, {}
    for i = 1, 20 do
      before[i] = { 20, { tool = "t" .. i } }
      after[2 * i - 1] = { 18, { tool = "t" .. i } }
      after[2 * i] = { 2, { tool = "t" .. i, status = "failed" } }
    end
    assert_fails("Fails more often: all tools (10.0 %, was 0 %):"
      .. " exectrack report b.run --report failures", before, after)
  end)

  it("fails for slow calls that got slower", function()
    assert_fails("Slow calls got slower: read (p95 1 min 00 s, was 109 ms):"
      .. " exectrack report b.run --report latency --tool read --status success",
      { READS }, { { 170, { tool = "read" } }, { 30, { tool = "read", duration_ms = 60000 } } })
  end)

  it("fails for new cancellations, if these are asked for", function()
    local before, after = { READS }, { READS, { 500, { tool = "read", status = "cancelled" } } }
    assert_fails("Cancelled more often: read (71.4 %, was 0 %): exectrack report b.run --tool read"
      .. " --status cancelled",
      before, after, "--fail-on cancelled --fail-on slower --fail-on slower")
    assert_passes("ok: 2 checks passed", before, after, "--fail-on failures,slower")
  end)

  it("fails for what was in flight when the process of the run after ended", function()
    process.run_lua(([[local tracker = assert(require("exectrack").open(%q,
        { any_file_system = true }))
      for i = 1, 200 do
        tracker:record("read", "success", 100 + i %% 10)
      end
      local span = tracker:start("read")
      os.exit(span and 0)]]):format(folder .. "/died.run"))
    save("a.run", { READS })
    for arguments, expected in pairs { [""] = "in flight when its process died: 1 call, of read:"
      .. " exectrack report died.run\n", ["--allow-in-flight"] = "ok: 1 check passed\n" } do
      assert.equal(expected, (process.run(("cd %s && %s%s compare a.run died.run --fail-on worse "
        .. "%s"):format(folder, command.ENVIRONMENT, command.PROGRAM, arguments))))
    end
  end)

  it("passes what got better, and a tool that vanished", function()
    assert_passes("ok: 3 checks passed",
      { READS, { 100, { tool = "gone" } }, { 50, { tool = "read", status = "failed" } } },
      { READS })
  end)

  it("doesn't know what too few calls, or a part of the records, say", function()
    local command_words = ": exectrack compare a.run b.run"
    assert_fails("unknown, the run after: only 19 calls, fewer than 20" .. command_words, { READS },
      { { 19, { tool = "read" } } })
    assert_passes("ok: 2 checks passed, 1 unknown", { READS }, { { 19, { tool = "read" } } },
      "--fail-on worse --allow-unknown")
    assert_fails("unknown, no tool has enough calls in both to show that it is slower"
      .. command_words, { READS }, { { 19, { tool = "new" } }, { 3, { tool = "read" } } })
    assert_fails("unknown, the run after: 201 of 401 calls weren't measured" .. command_words,
      { READS }, { READS, { 201, { tool = "read", timing = "elapsed" } } })
    assert_passes("ok: 4 checks passed; too few calls to show any difference: few",
      { READS, { 2, { tool = "few" } } }, { READS, { 2, { tool = "few" } } })
  end)

  it("writes the report where -o says, and else the violations as JSON", function()
    local stdout, code = compare({ READS }, { READS }, "--fail-on failures -o c.csv")
    assert.same({ "ok: 2 checks passed\n", 0 }, { stdout, code })
    assert.matches("^section,", process.read_file(folder .. "/c.csv"))
    stdout = compare({ READS }, { READS }, "--fail-on failures --format json")
    assert.same({ schema = "exectrack-violations", version = 1, passed = true, checks = 2,
      unknown = 0, violations = {} }, json.decode(stdout))
  end)

  it("names what is wrong, and passes on nothing that it couldn't read", function()
    local function assert_error(expected, message, arguments)
      local stdout, stderr, code = process.run(("cd %s && %s compare %s"):format(folder,
        command.PROGRAM, arguments))
      assert.same({ "", "exectrack: " .. message .. "\n", expected }, { stdout, stderr, code })
    end
    save("a.run", { READS })
    for _, option in ipairs { "--min-calls 5", "--allow-unknown", "--allow-in-flight" } do
      assert_error(2, option:match("%S+") .. ": it needs --fail-on (see exectrack compare --help)",
        "a.run a.run " .. option)
    end
    assert_error(2, "unknown difference 'slow': did you mean 'slower'? Known: worse, slower,"
      .. " failures, cancelled (see exectrack compare --help)", "a.run a.run --fail-on slow")
    assert_error(2, "--format: violations are written as text or json; -o is for the report"
      .. " (see exectrack compare --help)", "a.run a.run --fail-on worse --format html")
    assert(os.execute("mkdir " .. folder .. "/runs"))
    save("runs/1.run", { READS })
    process.write_file(folder .. "/runs/2.run", "no run")
    local _, stderr, code = process.run(("cd %s && %s compare a.run runs --fail-on worse"):format(
      folder, command.PROGRAM))
    assert.equal(1, code)
    assert.matches("^exectrack: runs/2%.run: ", stderr)
  end)
end)
