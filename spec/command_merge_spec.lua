local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local LEFT_OUT = ": left out, as it is the output: its own records are replaced, not merged\n"

local directory, before, after

before_each(function()
  directory = directories.make()
  before, after = made_up.examples()
  assert(before:save(directory .. "/before.run"))
  assert(after:save(directory .. "/after.run"))
end)

after_each(function()
  directories.remove(directory)
end)

--- Runs `exectrack merge`, in the directory.
local function merge(arguments)
  return process.run(("cd %s && %s merge %s"):format(directory, command.PROGRAM, arguments))
end

--- Asserts that it fails, and leaves nothing but the runs and what else there is.
local function assert_fails(expected_code, problem, arguments)
  local stdout, stderr, code = merge(arguments)
  local help = expected_code == 2 and " (see exectrack merge --help)" or ""
  assert.equal("exectrack: " .. problem .. help .. "\n", stderr)
  assert.equal("", stdout)
  assert.equal(expected_code, code)
  assert.same({ "after.run", "before.run" }, directories.list(directory))
end

describe("exectrack merge", function()
  it("saves the runs as one, and says so", function()
    local stdout, stderr, code = merge("-o all.run before.run after.run")
    assert.equal("all.run: 2 runs, 6 tools, 832 records\n", stdout)
    assert.equal("", stderr)
    assert.equal(0, code)
    assert.is_true(exectrack.load(directory .. "/all.run") == exectrack.merge { before, after })
  end)

  it("takes a single run, and those that have nothing", function()
    assert.equal("one.run: 1 run, 6 tools, 432 records\n", (merge("-o one.run after.run")))
    assert.is_true(exectrack.load(directory .. "/one.run") == exectrack.merge { after })
    local tracker = exectrack.new()
    tracker:record("a", "success", 1)
    tracker:snapshot():save(directory .. "/small.run")
    assert.equal("s.run: 1 run, 1 tool, 1 record\n", (merge("-o s.run small.run")))
    exectrack.new():snapshot():save(directory .. "/empty.run")
    assert.equal("e.run: 2 runs, 0 tools, 0 records\n", (merge("-o e.run empty.run empty.run")))
  end)

  it("counts of FILE#SESSION only what it has of the session, with its texts", function()
    local tracker = exectrack.new { args_texts = 8, error_texts = 8 }
    for i, session in ipairs { "S", "T", "S", "T", "T" } do
      tracker:record { tool = "a", status = "failed", duration_ms = i, session = session, args = i,
        error_type = session, error_text = "no " .. session }
    end
    tracker:record { tool = "a", status = "failed", session = "S", error_text = "no more" }
    tracker:snapshot():save(directory .. "/c.run")
    merge("-o s.run 'c.run#S'")
    local run = exectrack.load(directory .. "/s.run")
    assert.equal(3, run:stats().total_executions)
    assert.equal(4, run:stats("a").total_duration_ms)
    assert.same({ "3", "no S", "no more" }, { run:args_text(run[2].args_hash),
      run:error_text("a", "S"), run:error_text("a") })
    assert.is_false(run:is_filtered())
  end)

  it("gives what is chosen totals of its own; spans are before the end of all", function()
    local all = exectrack.merge { before, after }
    local finish = all:summary().last_timestamp
    for arguments, conditions in pairs {
      ["--before 2026-01-01T00:03:30 --tool search --tool llm"] = {
        before = 1767225810, tool = { "search", "llm" } },
      ["--since 3m --status failed --status cancelled"] = {
        since = finish - 180, status = { "failed", "cancelled" } },
      ["--last 9 --exclude web_fetch --exclude search --exclude llm"] = {
        last = 9, tool = { "edit_file", "read_file", "run_tests" } },
    } do
      local _, stderr, code = merge("-o some.run before.run after.run " .. arguments)
      assert.same({ "", 0 }, { stderr, code }, arguments)
      local run, expected = exectrack.load(directory .. "/some.run"), all:filter(conditions)
      assert.same(expected:summary(), run:summary(), arguments)
      assert.equal(#expected, run:stats().total_executions, arguments)
      assert.is_false(run:is_filtered())
    end
    os.remove(directory .. "/some.run")
    assert_fails(1, "no tool 'lm' in the run: did you mean 'llm'?", "-o a.run --tool lm after.run")
  end)

  it("says that what was chosen may be gone, and makes a part for gates then", function()
    local tracker = exectrack.new(3)
    for i = 1, 5 do
      tracker:record { tool = "a", status = "success", duration_ms = 1, session = "s",
        timestamp = 1767225600 + i }
    end
    tracker:snapshot():save(directory .. "/few.run")
    local gone = "exectrack: executions until 2026-01-01 00:00:03 UTC may be missing: older "
      .. "records are gone\n"
    local unknown = "failures of all tools: unknown, the file has only a part of the run's "
      .. "records: exectrack report part.run --report failures\n"
    for arguments, expected in pairs {
      ["--tool a"] = { gone, unknown, 3 },
      ["--last 3"] = { gone, unknown, 3 },
      ["--before 1767225605"] = { gone, unknown, 3 },
      ["--since 1767225604"] = { "", "ok: 2 checks passed\n", 0 },
      ["--last 2"] = { "", "ok: 2 checks passed\n", 0 },
    } do
      local _, stderr = merge("-o part.run few.run " .. arguments)
      local stdout, _, code = process.run(("cd %s && %s check part.run --min-calls 1 "
        .. "--max-failures 0"):format(directory, command.PROGRAM))
      assert.same(expected, { stderr, stdout, code }, arguments)
    end
    merge("-o part.run 'few.run#s'")
    assert.is_true(exectrack.load(directory .. "/part.run"):is_filtered())
  end)

  it("says which calls in flight it leaves out: those of processes that have ended", function()
    for name, finish in pairs { died = "os.exit(0)", closed = "tracker:close()" } do
      process.run_lua(([[local tracker = assert(require("exectrack").open(%q,
          { any_file_system = true }))
        tracker:session("s"):record("a", "success", 1)
        local spans = { tracker:start("a"), tracker:session("s"):start("a") }
        %s]]):format(("%s/%s.run"):format(directory, name), finish))
    end
    assert.same({ "all.run: 3 runs, 7 tools, 402 records\n",
      "exectrack: died.run: left out 2 calls that were in flight when its process died\n"
      .. "exectrack: closed.run: left out 2 calls that were in flight when its process closed the"
      .. " file\n", 0 }, { merge("-o all.run before.run died.run closed.run") })
    assert.same({ "s.run: 1 run, 1 tool, 1 record\n",
      "exectrack: died.run#s: left out 1 call that was in flight when its process died\n", 0 },
      { merge("-o s.run 'died.run#s'") })
    local tracker = assert(exectrack.open(directory .. "/live.run", { any_file_system = true }))
    local span = tracker:start("a")
    assert.same({ "l.run: 1 run, 1 tool, 0 records\n", "", 0 }, { merge("-o l.run live.run") })
    assert.same({ "l.run: 1 run, 0 tools, 0 records\n",
      "exectrack: live.run: left out 1 call that was in flight\n", 0 },
      { merge("-o l.run live.run --tool a") })
    assert.same({ "l.run: 2 runs, 0 tools, 0 records\n", "", 0 },
      { merge("-o l.run live.run died.run --before 2026-01-01") })
    assert.same({ "l.run: 2 runs, 1 tool, 1 record\n", "exectrack: died.run: left out 1 call that "
      .. "was in flight when its process died\n", 0 },
      { merge("-o l.run live.run died.run --session s") })
    span:finish()
    tracker:close()
  end)

  it("names the merged run as it is told", function()
    merge("-o week.run --label 'week 1' before.run after.run")
    local merged = exectrack.load(directory .. "/week.run")
    assert.equal("week 1", merged:label())
    local expected = exectrack.merge({ before, after }):to_table()
    expected.label = "week 1"
    assert.is_true(merged == exectrack.from_table(expected))
    merge("-o week.run --label '' after.run")
    assert.equal("", exectrack.load(directory .. "/week.run"):label())
    os.remove(directory .. "/week.run")
    assert_fails(2, "--label: up to 64 bytes expected, got 65",
      "-o week.run after.run --label " .. ("x"):rep(65))
  end)

  it("doesn't replace the file of a recorder", function()
    local path = directory .. "/live.run"
    local tracker = assert(exectrack.open(path, { any_file_system = true }))
    for _, runs in ipairs { "before.run", "live.run" } do
      assert.same({ "", "exectrack: live.run: it is a recorder's file, so it isn't overwritten\n",
        1 }, { merge("-o live.run " .. runs) })
    end
    tracker:record("a", "success", 1)
    tracker:close()
    assert.equal("all.run: 1 run, 1 tool, 1 record\n", (merge("-o all.run live.run")))
  end)

  it("refuses runs whose measures don't go together, by the run and the measure", function()
    for name, unit in pairs { usd = "USD", eur = "EUR" } do
      local tracker = exectrack.new { measures = { { name = "cost", unit = unit } } }
      tracker:snapshot():save(directory .. "/" .. name .. ".run")
    end
    local problem = "exectrack: eur.run: measure 'cost' has unit 'EUR' and scale 1, in an "
      .. "earlier run unit 'USD' and scale 1\n"
    for _, arguments in ipairs { "merge -o all.run usd.run eur.run", "report usd.run eur.run" } do
      local _, stderr, code = process.run(("cd %s && %s %s"):format(directory, command.PROGRAM,
        arguments))
      assert.same({ problem, 1 }, { stderr, code })
    end
  end)

  it("leaves out texts of arguments and errors, with --strip-texts", function()
    local tracker = exectrack.new { args_texts = 8, error_texts = 8 }
    tracker:session("s"):record { tool = "a", status = "failed", duration_ms = 1, args = { 1 },
      error_text = "it broke" }
    local texts = tracker:snapshot()
    texts:save(directory .. "/texts.run")
    merge("-o with.run texts.run")
    merge("-o without.run texts.run --strip-texts")
    assert.is_true(exectrack.load(directory .. "/with.run") == exectrack.merge { texts })
    local without = exectrack.load(directory .. "/without.run")
    assert.is_true(without == exectrack.merge({ texts }):without_texts())
    assert.is_nil(without:args_text(without[1].args_hash))
    assert.is_nil(without:error_text("a"))
    assert.equal("s", without[1].session)
  end)

  it("keeps the newest records", function()
    local stdout = merge("--max-history 10 before.run after.run --output ten.run")
    assert.equal("ten.run: 2 runs, 6 tools, 10 records\n", stdout)
    assert.is_true(exectrack.load(directory .. "/ten.run")
      == exectrack.merge({ before, after }, { max_history = 10 }))
    assert.equal("no.run: 1 run, 6 tools, 0 records\n",
      (merge("--max-history 0 before.run -o no.run")))
  end)

  it("leaves out its own output of before, by whatever name, and says so", function()
    process.run(("cd %s && ln -s before.run link && ln after.run hard"):format(directory))
    for _, note in ipairs { "", "exectrack: week.run" .. LEFT_OUT } do
      assert.same({ "week.run: 2 runs, 6 tools, 832 records\n", note, 0 },
        { merge("-o week.run *.run") })
    end
    assert.is_true(exectrack.load(directory .. "/week.run") == exectrack.merge { before, after })
    assert.same({ "after.run: 1 run, 6 tools, 400 records\n",
      "exectrack: hard" .. LEFT_OUT .. "exectrack: ./after.run" .. LEFT_OUT, 0 },
      { merge("-o after.run hard link ./after.run") })
    assert.same({ "link: 1 run, 6 tools, 400 records\n",
      "exectrack: before.run" .. LEFT_OUT, 0 },
      { merge("-o link after.run before.run") })
  end)

  it("merges its output if that is the only run", function()
    assert.same({ "before.run: 1 run, 6 tools, 5 records\n", "", 0 },
      { merge("-o before.run ./before.run --max-history 5") })
    assert.is_true(exectrack.load(directory .. "/before.run")
      == exectrack.merge({ before }, { max_history = 5 }))
  end)

  it("merges its output once if all runs are the output, by whatever name", function()
    process.run(("cd %s && mkdir links && mv before.run links/week.run && cd links && "
      .. "ln week.run hard.run && ln -s week.run 'la\ttest.run'"):format(directory))
    for _ = 1, 2 do
      assert.same({ "week.run: 1 run, 6 tools, 400 records\n",
        "exectrack: la\\ttest.run: left out, as it is the same file as hard.run\n"
        .. "exectrack: week.run: left out, as it is the same file as hard.run\n", 0 },
        { process.run(("cd %s/links && %s merge -o week.run *.run"):format(directory,
          command.PROGRAM)) })
      assert.is_true(exectrack.load(directory .. "/links/week.run") == exectrack.merge { before })
      process.run(("cd %s/links && ln -f week.run hard.run"):format(directory)) -- replaced since
    end
  end)

  it("writes to standard output, and reads standard input", function()
    local stdout, stderr = merge("-o - - after.run <before.run")
    assert.equal("", stderr)
    assert.is_true(exectrack.from_bytes(stdout) == exectrack.merge { before, after })
  end)

  it("takes names that begin with a dash", function()
    os.rename(directory .. "/before.run", directory .. "/-b.run")
    assert.equal("-o.run: 2 runs, 6 tools, 832 records\n",
      (merge("--output=-o.run -- -b.run after.run")))
  end)

  it("refuses what is wrong, and makes nothing", function()
    assert_fails(1, "no.run: No such file or directory", "-o all.run before.run no.run after.run")
    assert_fails(1, "no/all.run: No such file or directory", "-o no/all.run before.run")
    assert_fails(1, "-: standard input can be read only once",
      "-o all.run - before.run - <before.run")
    local limit = "--max-history: must be an integer from 0 to 268435456, got "
    assert_fails(2, limit .. "'-1'", "-o all.run --max-history=-1 before.run")
    assert_fails(2, limit .. "'268435457'",
      "-o all.run --max-history 268435457 before.run")
    assert_fails(2, "missing option '-o'", "before.run after.run")
    for ending, other in pairs {
      CSV = "CSV with exectrack convert", json = "JSON with exectrack convert",
      jsonl = "JSON Lines with exectrack convert", htm = "HTML with exectrack report",
      html = "HTML with exectrack report", md = "Markdown with exectrack report",
      markdown = "Markdown with exectrack report", txt = "text with exectrack report",
    } do
      assert_fails(2, ("no.a/all.%s: a saved run isn't %s: name it no.a/all.run, or write %s")
        :format(ending, other:match("^(.*) with"), other), "before.run -o no.a/all." .. ending)
    end
  end)

  it("fails if standard output is full", function()
    local _, stderr, code = merge("-o - before.run >/dev/full")
    assert.equal("exectrack: standard output: No space left on device\n", stderr)
    assert.equal(1, code)
  end)
end)
