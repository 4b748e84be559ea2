local clocks = require("spec.support.clock")
local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local lfs = require("lfs")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")
local reports = require("exectrack.report")

local directory, path, run

--- 2026-01-01 00:00 UTC.
local START = 1767225600

setup(function()
  directory = directories.make()
  path = directory .. "/a.run"
  local _, after = made_up.examples()
  run = after
  assert(run:save(path))
end)

teardown(function()
  directories.remove(directory)
end)

--- Asserts what the command prints about the run.
local function assert_prints(expected, arguments)
  local stdout, stderr, code = command.run("report " .. path .. " " .. arguments)
  assert.equal("", stderr)
  assert.equal(expected, stdout)
  assert.equal(0, code)
end

--- Asserts that it prints nothing but an error.
local function assert_error(expected_code, problem, arguments)
  local stdout, stderr, code = command.run("report " .. arguments)
  local help = expected_code == 2 and " (see exectrack report --help)" or ""
  assert.equal("exectrack: " .. problem .. help .. "\n", stderr)
  assert.equal("", stdout)
  assert.equal(expected_code, code)
end

local function overview(snapshot, format, options, words)
  return reports.render(command.report("overview", snapshot, { path },
    { timezone = options and options.timezone }, words), format or "text", options)
end

--- Asserts the overview of what is left of the run when it is filtered by `conditions`, and what is
-- said to be chosen.
local function assert_selects(conditions, chosen, arguments)
  local report = command.report("overview", run:filter(conditions), { path },
    { selection = conditions }, " " .. arguments, chosen)
  assert_prints(reports.render(report, "json"), arguments .. " --format json")
end

describe("exectrack report", function()
  it("prints an overview as text", function()
    assert_prints(overview(run), "")
    assert_prints(overview(run), "--report overview --format text")
  end)

  it("makes each report", function()
    for _, name in ipairs { "overview", "failures", "latency", "loops", "sessions" } do
      assert_prints(reports.render(command.report(name, run, { path }), "json"),
        "--format json --report " .. name)
    end
  end)

  it("writes each format", function()
    for _, format in ipairs { "text", "markdown", "html", "json", "csv" } do
      assert_prints(overview(run, format), "--format " .. format)
    end
  end)

  it("writes to a file, in the format that its ending says", function()
    local endings = { txt = "text", md = "markdown", markdown = "markdown", html = "html",
      htm = "html", HTML = "html", json = "json", csv = "csv" }
    for ending, format in pairs(endings) do
      local file = directory .. "/out." .. ending
      assert_prints("", "-o " .. file)
      assert.equal(overview(run, format), process.read_file(file))
      assert(os.remove(file))
    end
    assert_prints("", "--format csv --output " .. directory .. "/out.html")
    assert.equal(overview(run, "csv"), process.read_file(directory .. "/out.html"))
    assert(os.remove(directory .. "/out.html"))
    assert_prints(overview(run), "-o -")
  end)

  it("takes a section alone as CSV", function()
    local csv = overview(run, "csv", { section = "By tool" })
    assert_prints(csv, "--format csv --section 'By tool'")
    assert_prints(overview(run, "csv", { section = 3 }), "--format csv --section 3")
    assert_error(2, "--section: the format is text, not csv", path .. " --section 1")
    assert_error(2, "--section: a title or an integer from 1 expected, got 0",
      path .. " --format csv --section 0")
  end)

  it("begins CSV with a byte-order mark", function()
    assert_prints(overview(run, "csv", { bom = true }), "--format csv --bom")
    assert_error(2, "--bom: the format is json, not csv", path .. " --format json --bom")
  end)

  it("selects executions", function()
    assert_selects({ tool = "llm" }, "tool llm", "--tool llm")
    assert_selects({ tool = { "llm", "search" } }, "tool llm, tool search",
      "--tool llm --tool search --tool llm")
    assert_selects({ status = { "failed", "timed_out" } }, "status failed, status timed_out",
      "--status failed --status timed_out --status failed")
    assert_selects({ last = 10 }, "the newest 10", "--last 10")
    assert_selects({ last = 0 }, "the newest 0", "--last 0")
    assert_selects({ tool = "llm", status = "success", last = 3 },
      "tool llm, status success, the newest 3", "--tool llm --status success --last 3")
  end)

  it("leaves out executions of tools", function()
    local others = {}
    for _, tool in ipairs(run:tools()) do
      others[#others + 1] = tool ~= "llm" and tool ~= "search" and tool or nil
    end
    assert_selects({ tool = others }, "without llm, without search",
      "--exclude llm --exclude search")
    assert_selects({ tool = "web_fetch" }, "tool llm, tool web_fetch, without llm",
      "--tool llm --tool web_fetch --exclude llm")
    assert_selects({ tool = {} }, "tool llm, without llm", "--tool llm --exclude llm")
    local _, stderr, code = command.run("report " .. path
      .. " --exclude lmm --exclude a --exclude lmm --exclude=")
    assert.same({ "exectrack: not found: --exclude lmm: did you mean 'llm'?\n"
      .. "exectrack: not found: --exclude a\nexectrack: not found: --exclude ''\n", 0 },
      { stderr, code })
  end)

  it("selects executions by session, by its name or its fingerprint", function()
    local tracker = exectrack.new(10)
    for _, name in ipairs { "chat 1", "chat 2", "chat 1" } do
      tracker:session(name):record("a", "success", 1)
    end
    tracker:record("a", "success", 1)
    local chats, file = tracker:snapshot(), directory .. "/chats.run"
    assert(chats:save(file))
    local fingerprint = exectrack.new { session_names = 0 }:session_name("chat 2")
    local function assert_sessions(sessions, chosen, words)
      local report = command.report("overview", chats:filter { session = sessions }, { file },
        { selection = { session = sessions } }, words, chosen)
      assert.equal(reports.render(report, "json"),
        command.run("report " .. file .. words .. " --format json"))
    end
    assert_sessions("chat 1", "session chat 1", " --session 'chat 1'")
    assert_sessions({ "chat 1", "chat 2" }, "session chat 1, session " .. fingerprint,
      " --session 'chat 1' --session '" .. fingerprint .. "'")
    assert_error(1, "no session 'caht 1' in the run: did you mean 'chat 1'?",
      file .. " --session 'caht 1'")
    assert_error(1, "no session '#0000000a' in the run", file .. " --session '#0000000a'")
    assert(os.remove(file))
  end)

  it("takes one session of a run, by its name or its fingerprint behind a #", function()
    local tracker = exectrack.new(10)
    for _, name in ipairs { "a#b", "", "c", "e/f" } do
      tracker:session(name ~= "" and name or "d"):record("t", "success", 1)
    end
    local chats, file = tracker:snapshot(), directory .. "/c#d.run"
    assert(chats:save(file))
    local fingerprint = exectrack.new { session_names = 0 }:session_name("a#b")
    for session, words in pairs { ["a#b"] = "#a#b", d = "#d", ["e/f"] = "#e/f",
      [fingerprint] = "#" .. fingerprint } do
      local report = command.report("overview", chats:filter { session = session },
        { command.quote(file .. words) }, { name = "c#d.run" .. words,
          selection = { session = { session } } })
      report.source.files, report.source.chosen = { file .. words }, "session " .. session
      assert.equal(reports.render(report, "json"),
        (command.run("report --format json " .. command.quote(file .. words))))
    end
    assert_error(1, file .. ": no session 'C' in the run: did you mean 'c'?",
      command.quote(file .. "#C"))
    assert_error(1, file .. "x#c: No such file or directory", command.quote(file .. "x#c"))
    local stdout = command.run(("show --format csv --section Tools -- -#c <%s"):format(
      command.quote(file)))
    assert.equal("t,1", stdout:match("\n(t,%d+)"))
    assert(os.remove(file))
  end)

  it("tells files of the same name apart whose sessions have different names", function()
    local tracker, other = exectrack.new(10), directory .. "/other"
    for _, name in ipairs { "s", "t/u" } do
      tracker:session(name):record("a", "success", 1)
    end
    local file = directory .. "/x.run"
    assert(tracker:snapshot():save(file))
    assert(lfs.mkdir(other))
    assert(tracker:snapshot():save(other .. "/x.run"))
    local title = command.run(("compare %s#s %s/x.run#t/u"):format(file, other)):match("^[^\n]*")
    assert.equal(("Comparison of %s/x.run#s and other/x.run#t/u"):format(
      directory:match("[^/]*$")), title)
    title = command.run(("compare %s#s %s#t/u"):format(file, file)):match("^[^\n]*")
    assert.equal("Comparison of x.run#s and x.run#t/u", title)
    assert(os.remove(file))
    directories.remove(other)
  end)

  it("counts the lifetime of a run once of which it takes several sessions", function()
    local tracker, file = exectrack.new(10), directory .. "/several.run"
    for _, name in ipairs { "one", "two", "two", "three" } do
      tracker:session(name):record("t", "success", 1)
    end
    assert(tracker:snapshot():save(file))
    local all = run:stats().total_executions
    for sessions, extent in pairs { ["FILE#one FILE#two"] = "3 of 4 executions",
      ["FILE#one FILE#one"] = "1 of 4 executions",
      ["FILE#one FILE#three " .. path] = ("%d of %d executions"):format(all + 2, all + 4) } do
      local stdout = command.run("report --format json " .. sessions:gsub("FILE", file))
      assert.equal(extent, stdout:match('"subtitle": "(.-),'))
    end
    assert(os.remove(file))
  end)

  it("leaves out the texts of arguments and errors, with --strip-texts", function()
    local died = directory .. "/died"
    process.run_lua(([[local tracker = assert(require("exectrack").open(%q,
        { any_file_system = true, args_texts = 8, error_texts = 8 }))
      tracker:record { tool = "a", status = "failed", duration_ms = 1, args = "secret 1",
        error_text = "secret 2" }
      local span = tracker:start("a", "secret 3")
      os.exit(0)]]):format(died))
    for _, arguments in ipairs { "report --report failures", "report", "show",
      "report " .. path } do
      arguments = arguments .. " --format html " .. died
      assert.truthy(command.run(arguments):find("secret 2", 1, true), arguments)
      local without, problem, code = command.run(arguments .. " --strip-texts")
      assert.same({ "", 0 }, { problem, code })
      assert.is_nil(without:find("secret", 1, true), arguments)
    end
    assert(os.remove(died))
  end)

  it("selects executions by time", function()
    local last = run[#run].timestamp
    for _, time in ipairs { "1767225780", "'2026-01-01 00:03:00Z'", "2026-01-01T01:03+01:00" } do
      assert_selects({ since = START + 180 }, "since " .. time:gsub("'", ""), "--since " .. time)
    end
    assert_selects({ since = START + 180 }, "since 2026-01-01T00:03 UTC",
      "--since 2026-01-01T00:03")
    assert_selects({ before = START + 60.5 }, "before 2026-01-01T00:01:00.5 UTC",
      "--before 2026-01-01T00:01:00.5")
    assert_selects({ since = last - 90, before = last - 60 }, "since 90s, before 1m",
      "--since 90s --before 1m")
  end)

  it("selects denied calls by time and session, too", function()
    local clock, file = clocks.new(), directory .. "/denied.run"
    local tracker = exectrack.new { clock = clock.read }
    local denied = tracker:session("only denied"):wrap("t", function() end, { policy = function()
      return { action = "deny", reason = "off" }
    end })
    for _ = 1, 4 do
      denied()
      tracker:record("t", "success", 1)
      clock.advance_us(1000000)
    end
    assert(tracker:snapshot():save(file))
    for chosen, expected in pairs { ["--since 1s"] = { "03", "02" },
      ["--before 1s"] = { "01", "00" }, ["--since 2s --before 1s"] = { "01" },
      ["--since 1s --session 'only denied'"] = { "03", "02" } } do
      local seconds, stdout = {}, command.run("report --format csv --section "
        .. command.quote("Newest denied calls") .. " " .. chosen .. " " .. file)
      for second in stdout:gmatch("\n2026%-01%-01T00:00:(%d%d)%.000000Z,t,off") do
        seconds[#seconds + 1] = second
      end
      assert.same(expected, seconds)
    end
    assert(os.remove(file))
  end)

  it("says that executions without a time aren't among those of a point in time", function()
    local file = directory .. "/undated.run"
    local tracker = exectrack.new()
    for i = 1, 3 do
      tracker:record { tool = "a", status = "success", timestamp = i == 3 and START or false }
    end
    assert(tracker:snapshot():save(file))
    local left_out = "left out: the run's executions without a time (2)"
    local function source(arguments)
      return exectrack.json.decode((command.run("report " .. file .. " --format json "
        .. arguments))).source.chosen
    end
    assert.equal("since 2020; " .. left_out, source("--since 2020"))
    assert.equal("before 1d; " .. left_out, source("--before 1d"))
    assert.equal("tool a", source("--tool a"))
    for _, arguments in ipairs { "convert --to jsonl", "export --to chrome" } do
      local _, stderr, code = command.run(arguments .. " --since 2020 " .. file)
      assert.same({ "exectrack: " .. left_out .. "\n", 0 }, { stderr, code })
    end
  end)

  it("reads times without an offset in the time zone that is chosen", function()
    local function chosen(zone, before)
      local stdout, stderr = command.run("report " .. path .. " --format csv --section Totals "
        .. "--since 2026-01-01T02:03 " .. zone, before)
      assert.equal("", stderr)
      return stdout
    end
    local expected = command.run("report " .. path
      .. " --format csv --section Totals --since 2026-01-01T00:03")
    for _, zone in ipairs { "--timezone +02:00", "--timezone +02", "--timezone=+0200" } do
      assert.equal(expected, chosen(zone))
    end
    assert.equal(expected, chosen("--timezone local", "TZ=UTC-2"))
    assert.equal(expected, chosen("--local", "TZ=UTC-2"))
    for _, format in ipairs { "text", "markdown", "html" } do
      assert_prints(overview(run, format, { timezone = 330 }, " --timezone +05:30"),
        "--timezone +05:30 --format " .. format)
      assert_prints(overview(run, format, { timezone = "local" }, " --timezone local"),
        "--local --format " .. format)
    end
    assert_prints(overview(run, "csv", nil, " --timezone=-03:30"),
      "--timezone=-03:30 --format csv")
    assert_error(2, "--timezone: UTC, local or an offset such as +02:00 expected, got 'Mars'; "
      .. "for a place, set TZ and give --local", path .. " --timezone Mars")
  end)

  it("knows the end of a run without executions", function()
    local empty = directory .. "/empty.run"
    assert(exectrack.new { clock = function() return START end }:snapshot():save(empty))
    local stdout, stderr, code = command.run("report --since 2h " .. empty)
    local report = command.report("overview", exectrack.load(empty), { empty },
      { selection = { since = START - 7200 } }, " --since 2h", "since 2h")
    assert.equal(reports.render(report, "text"), stdout)
    assert.equal("", stderr)
    assert.equal(0, code)
  end)

  it("merges several runs", function()
    local other = directory .. "/other.run"
    local before = made_up.examples()
    assert(before:save(other))
    local merged = exectrack.merge { run, before }
    local function of_both(snapshot, selection, words, chosen)
      return reports.render(command.report("overview", snapshot, { path, other },
        { name = "a.run, other.run", selection = selection }, words, chosen), "json")
    end
    assert_prints(of_both(merged), other .. " --format json")
    assert_prints(of_both(merged:filter { last = 5 }, { last = 5 }, " --last 5", "the newest 5"),
      other .. " --last 5 --format json")
  end)

  it("reads a run from standard input", function()
    local stdout, stderr = command.run("report - --format json < " .. path)
    local report = command.report("overview", run, { "RUN" })
    report.source.files = { "standard input" }
    assert.equal(reports.render(report, "json"), stdout)
    assert.equal("", stderr)
  end)

  it("passes options on to the report", function()
    assert_prints(reports.render(command.report("overview", run, { path },
      { top = 2, timeline = 0 }), "text"),
      "-- top=2 timeline=0")
    assert_error(2, "overview: unknown option 'topp'", path .. " -- topp=2")
    for _, name in ipairs { "died", "name", "retained", "run", "selection", "timezone" } do
      assert_error(2, ("latency: option '%s': it can't be given behind --, as the arguments before "
        .. "say it"):format(name), path .. " --report latency -- " .. name .. "=1")
    end
    assert_error(2, "overview: option 'top': an integer from 0 expected, got 'x'",
      path .. " -- top=x")
    assert_error(2, "option '=2': KEY=VALUE expected", path .. " -- =2")
    assert_error(2, "option '': KEY=VALUE expected", path .. " -- ''")
  end)

  it("takes files whose names begin with a dash", function()
    local stdout, stderr = process.run(("cd %s && cp a.run ./-a.run && %s report ./-a.run"):format(
      directory, "COLUMNS=80 " .. command.PROGRAM))
    assert.equal("", stderr)
    assert.equal(reports.render(command.report("overview", run, { "./-a.run" }), "text"), stdout)
  end)
end)

describe("exectrack report refuses", function()
  it("what isn't one of the names that there are", function()
    assert_error(2, "unknown report 'overveiw': did you mean 'overview'? "
      .. "Known: overview, failures, latency, loops, sessions", path .. " --report overveiw")
    assert_error(2, "unknown format 'htm': did you mean 'html'? "
      .. "Known: text, markdown, html, json, csv", path .. " --format htm")
    assert_error(2, "unknown format 'pdf'. Known: text, markdown, html, json, csv",
      path .. " --format pdf")
    assert_error(2, "unknown status 'fail': did you mean 'failed'? "
      .. "Known: success, failed, timed_out, cancelled",
      path .. " --status fail")
    assert_error(2, "unknown color 'yes'. Known: auto, always, never", path .. " --color yes")
  end)

  it("a file whose ending says no format, and makes none", function()
    for _, name in ipairs { "out.pdf", "out.run", "out", "a.csv/out" } do
      local file = directory .. "/" .. name
      assert_error(2, file .. ": no format is known by this ending: .txt, .md, .html, .json or "
        .. ".csv expected, or --format", path .. " -o " .. file)
      assert.is_nil(lfs.attributes(file))
    end
    assert_prints("", "-o /dev/null")
    assert_prints("", "--format text -o " .. directory .. "/out")
    assert(os.remove(directory .. "/out"))
  end)

  it("tools that no run has", function()
    assert_error(1, "no tool 'raed_file' in the run: did you mean 'read_file'?",
      path .. " --tool llm --tool raed_file")
    assert_error(1, "no tool 'x\\ny' in the run", path .. " --tool 'x\ny'")
  end)

  it("numbers and times that are none", function()
    local time = " isn't a time: Unix seconds, a date such as 2026-01-31 or 2026-01-31T23:59:58, "
      .. "or a span such as 90s, 15m, 2h or 7d expected"
    assert_error(2, "--since: 'yesterday'" .. time, path .. " --since yesterday")
    assert_error(2, "--before: '2026-02-30'" .. time, path .. " --before 2026-02-30")
    assert_error(2, "--last: must be an integer of at least 0, got '1.5'", path .. " --last 1.5")
    assert_error(2, "--width: must be an integer from 20 to 1000, got '19'", path .. " --width 19")
  end)

  it("a built-in report and a script at once", function()
    assert_error(2, "option '--script' can not be used together with option '--report'",
      path .. " --report loops --script a.lua")
  end)

  it("files that can't be read, and writes nothing", function()
    local damaged, note = directory .. "/damaged.run", directory .. "/note.run"
    process.write_file(damaged, run:bytes():sub(1, -2) .. "\1")
    process.write_file(note, "a note")
    process.write_file(directory .. "/nothing.run", "")
    local out = " -o " .. directory .. "/out.html"
    assert_error(1, directory .. "/none.run: No such file or directory",
      directory .. "/none.run" .. out)
    assert_error(1, path .. "/x: Not a directory", path .. "/x" .. out)
    assert_error(1, damaged .. ": its checksum is wrong: it isn't what was saved", damaged .. out)
    assert_error(1, note .. ": it isn't a saved run", path .. " " .. note .. out)
    assert_error(1, directory .. "/nothing.run: it is empty", directory .. "/nothing.run" .. out)
    assert_error(1, "standard input: it is empty", "- </dev/null" .. out)
    assert_error(1, "standard input: Is a directory", "- <" .. directory)
    assert_error(1, "standard input: it isn't a saved run", "- <" .. note .. out)
    assert_error(1, "a\\nb: No such file or directory", "'a\nb'" .. out)
    assert_error(1, "-: standard input can be read only once", "- - <" .. path .. out)
    assert_error(1, "-: standard input can be read only once", "- " .. path .. " - <" .. path)
    assert.is_nil(io.open(directory .. "/out.html"))
  end)

  it("a file that has yet to be imported, and says so of one of JSON or CSV", function()
    for name, hint in pairs { ["calls.jsonl"] = true, ["calls.json"] = true, ["calls.csv"] = true,
      ["calls.jsonl.gz"] = false, calls = false } do
      local file = directory .. "/" .. name
      process.write_file(file, '{"tool":"a","status":"success","duration_ms":1}\n')
      assert_error(1, file .. ": it isn't a saved run"
        .. (hint and ": exectrack import makes one of it" or ""), path .. " " .. file)
    end
    local damaged = directory .. "/damaged.jsonl"
    process.write_file(damaged, run:bytes():sub(1, -2) .. "\1")
    assert_error(1, damaged .. ": its checksum is wrong: it isn't what was saved", damaged)
    assert_error(1, directory .. "/none.jsonl: No such file or directory",
      directory .. "/none.jsonl")
  end)
end)
