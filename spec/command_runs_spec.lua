local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local lfs = require("lfs")
local process = require("spec.support.process")
local runs = require("spec.support.runs")

-- So that a mistake takes little memory. Sanitizers map more than any limit.
local LIMITED = process.measures_memory() and "ulimit -v 500000\n" or ""

local folder

before_each(function()
  folder = import_command.new()
  assert(runs.full():save(folder.path .. "/a.run"))
end)

after_each(function()
  folder:remove()
end)

--- Asserts that a shell command, in which `exectrack` is the command, fails so.
local function assert_fails(problem, command)
  local _, stderr, code = folder:shell(LIMITED
    .. command:gsub("exectrack ", function() return folder.command("") end))
  assert.same({ "exectrack: " .. problem .. "\n", 1 }, { stderr, code })
end

describe("a run that is read", function()
  it("isn't what has no end", function()
    local kind = "it isn't a saved run"
    assert_fails("/dev/zero: " .. kind, "exectrack show /dev/zero")
    assert_fails("standard input: " .. kind, "exectrack report - </dev/zero")
    assert_fails("standard input: " .. kind, "yes | exectrack convert - --to csv")
    assert_fails("/dev/zero: " .. kind, "exectrack merge a.run /dev/zero -o b.run")
    assert_fails("standard input: it is shorter or longer than its header says",
      "cat a.run /dev/zero | exectrack show -")
  end)

  it("isn't a large file with holes", function()
    folder:shell("truncate -s 2G holes; cp a.run large; truncate -s 2G large")
    assert_fails("holes: it isn't a saved run", "exectrack show holes")
    assert_fails("standard input: it isn't a saved run", "exectrack show - <holes")
    local size = "it is shorter or longer than its header says"
    assert_fails("large: " .. size, "exectrack show large")
    assert_fails("standard input: " .. size, "exectrack show - <large")
  end)
end)

describe("a folder of runs", function()
  --- Saves a run of `count` executions, with a measure if its unit is given.
  local function save(name, count, unit)
    local tracker = exectrack.new { measures = unit and { { name = "cost", unit = unit } } }
    for _ = 1, count do
      tracker:record(name, "success", 1)
    end
    assert(tracker:snapshot():save(folder.path .. "/runs/" .. name))
  end

  --- Standard output, standard error and exit code of a command of `exectrack`.
  local function run(arguments)
    return folder:shell(folder.command(arguments))
  end

  before_each(function()
    lfs.mkdir(folder.path .. "/runs")
    save("b.run", 2)
  end)

  it("is the merge of those whose names end in .run", function()
    save("a.run", 3)
    save(".hidden.run", 5)
    save("c.jsonl", 7)
    lfs.mkdir(folder.path .. "/runs/d.run")
    local expected = exectrack.merge { folder:load("runs/a.run"), folder:load("runs/b.run") }
    local stdout, stderr, code = run("merge runs/ -o -  | cat >all.run; cat all.run")
    assert.same({ "", 0 }, { stderr, code })
    assert.is_true(exectrack.from_bytes(stdout) == exectrack.merge { expected })
    for _, arguments in ipairs { "show runs --format csv", "report runs --format csv --section 1",
      "convert runs --to jsonl", "compare runs runs --format csv --section 1" } do
      stdout, stderr, code = run(arguments)
      assert.same({ "", 0 }, { stderr, code }, arguments)
      assert.equal(stdout, (run((arguments:gsub("runs", "all.run")))), arguments)
    end
    stdout = run("merge -o more.run runs all.run a.run")
    assert.equal("more.run: 4 runs, 4 tools, 12 records\n", stdout)
  end)

  it("is selected from alike by all subcommands that read runs", function()
    folder:write("policy.lua", "return function() end")
    local selecting = " --tool b.run --exclude other --session s --status success "
      .. "--since 1970-01-01 --before 2999-01-01T00:00+01:00 --last 1 --timezone +02:00"
    local tracker = exectrack.new(4)
    for _, tool in ipairs { "b.run", "other", "b.run" } do
      tracker:session("s"):record(tool, "success", 1)
    end
    assert(tracker:snapshot():save(folder.path .. "/runs/s.run"))
    for arguments, expected in pairs {
      ["report runs/s.run --format csv --section Totals"] = "\n1,",
      ["show runs/s.run --format csv --section 'Newest executions'"] = "b.run",
      ["compare runs/s.run runs/s.run --format csv --section Summary"] = "after",
      ["replay --policy policy.lua runs/s.run --format csv --section 1"] = "\n1,",
      ["convert runs/s.run --to csv"] = "b.run,success",
      ["export runs/s.run --to folded"] = "b.run",
    } do
      local stdout, stderr, code = run(arguments .. selecting)
      assert.same({ "", 0 }, { stderr, code }, arguments)
      assert.equal(1, select(2, stdout:gsub(expected, "")), stdout)
    end
  end)

  it("with a single run is that run", function()
    local as_csv = " --format csv --section Run"
    assert.equal((run("show runs/b.run" .. as_csv)), (run("show runs" .. as_csv)))
  end)

  it("has nothing in flight of runs that have ended, unless it is one alone", function()
    local trackers, spans = {}, {}
    for i, name in ipairs { "live", "ended" } do
      trackers[i] = assert(exectrack.open(("%s/runs/%s.run"):format(folder.path, name),
        { any_file_system = true }))
      spans[i] = trackers[i]:start("a") -- else it ends when it is collected
    end
    trackers[2]:close()
    for path, expected in pairs { runs = "1", ["runs/ended.run"] = "1" } do
      assert.equal(expected, run("show -n 0 " .. path):match("\nIn flight +(%d+)\n"))
    end
    assert.is_nil(run("report runs/b.run runs/ended.run"):find("In flight", 1, true))
    for runs_given, expected in pairs {
      ["runs"] = 1, ["runs/b.run runs/ended.run"] = 0, ["runs/ended.run"] = 0,
    } do
      run("merge -o all.run " .. runs_given)
      assert.equal(expected, folder:load("all.run"):in_flight_count(), runs_given)
    end
    assert.equal(2, #spans)
    trackers[1]:close()
  end)

  it("may have files that can't be read, which are named and counted", function()
    folder:write("runs/a.run", "exectra, but not a run")
    folder:write("runs/c\n.run", "")
    assert(lfs.link("gone.run", folder.path .. "/runs/d.run", true))
    local stdout, stderr, code = run("convert runs --to jsonl")
    assert.equal((run("convert runs/b.run --to jsonl")), stdout)
    assert.equal("exectrack: runs/d.run: it isn't a file, or leads to none\n"
      .. "exectrack: runs/a.run: it isn't a saved run\n"
      .. "exectrack: runs/c\\n.run: it is empty\n"
      .. "exectrack: runs: left out 3 of 4 runs\n", stderr)
    assert.equal(0, code)
  end)

  it("may have runs that don't fit to the others, which are left out", function()
    save("c.run", 3, "USD")
    save("d.run", 5, "EUR")
    save("e.run", 7, "USD")
    local stdout, stderr, code = run("show runs -n 0")
    assert.truthy(stdout:find("Executions recorded  12\n", 1, true))
    assert.equal("exectrack: runs/d.run: measure 'cost' has unit 'EUR' and scale 1, in an "
      .. "earlier run unit 'USD' and scale 1\n"
      .. "exectrack: runs: left out 1 of 4 runs\n", stderr)
    assert.equal(0, code)
  end)

  it("may have snapshots of the same run, of which it says once that they count twice", function()
    local tracker = exectrack.new(4)
    for i, name in ipairs { "monday", "tuesday", "week" } do
      tracker:session(i == 2 and "two" or "one"):record("a", "success", 1)
      assert(tracker:snapshot():save(("%s/%s.run"):format(folder.path, name)))
    end
    folder:shell("cp monday.run runs; cp runs/b.run copy.run")
    local two = "exectrack: %s and %s are of the same run: what is in both counts twice%s\n"
    local report, replay = "report --format csv ", "replay --policy policy.lua --format csv "
    folder:write("policy.lua", "return function() end")
    for arguments, expected in pairs {
      [report .. "monday.run tuesday.run"] = two:format("monday.run", "tuesday.run", ""),
      ["merge -o all.run monday.run tuesday.run"] = two:format("monday.run", "tuesday.run", ""),
      ["export --to folded monday.run monday.run"] = two:format("monday.run", "monday.run", ""),
      ["check --max-failures 9 --min-calls 1 monday.run tuesday.run"] = two:format("monday.run",
        "tuesday.run", ""),
      [replay .. "week.run tuesday.run"] = two:format("week.run", "tuesday.run", ""),
      ["show runs"] = "",
      ["convert runs --to csv"] = "",
      ["compare monday.run tuesday.run"] = "",
      ["compare runs tuesday.run --fail-on worse --allow-unknown"] = "",
      [report .. "runs monday.run copy.run"] = two:format("runs/monday.run", "monday.run",
        "; the same holds for 1 more"),
      [report .. "'week.run#one' tuesday.run"] = two:format("week.run#one", "tuesday.run", ""),
      [report .. "'week.run#one' 'tuesday.run#one'"] = two:format("week.run#one",
        "tuesday.run#one", ""),
      [report .. "'week.run#one' 'tuesday.run#two'"] = "",
      [report .. "'week.run#one' 'week.run#two' 'week.run#one'"] = "",
      ["merge -o all.run 'week.run#one' 'week.run#two'"] = "",
    } do
      local _, stderr, code = run(arguments)
      assert.same({ expected, 0 }, { stderr, code }, arguments)
    end
    folder:shell("cp tuesday.run runs")
    for arguments, count in pairs { ["show runs"] = 1, ["compare runs runs"] = 2 } do
      assert.equal(two:format("runs/monday.run", "runs/tuesday.run", ""):rep(count),
        (select(2, run(arguments))))
    end
    assert.equal("all.run: 1 run, 1 tool, 2 records\n",
      (run("merge -o all.run 'week.run#one' 'week.run#one'")))
  end)

  it("has to have a run", function()
    os.remove(folder.path .. "/runs/b.run")
    assert_fails("runs: no file in it has a name that ends in .run", "exectrack show runs")
    folder:write("runs/a.run", "damaged")
    assert_fails("runs/a.run: it isn't a saved run\nexectrack: runs: none of its runs can be read",
      "exectrack show runs")
    os.remove(folder.path .. "/runs/a.run")
    assert(lfs.link("gone.run", folder.path .. "/runs/d.run", true))
    for _, name in ipairs { "show", "top", "tail", "push" } do
      assert_fails("runs/d.run: it isn't a file, or leads to none\nexectrack: runs: none of its "
        .. "runs can be read", "exectrack " .. name .. " runs")
    end
  end)

  it("isn't merged with an earlier merge of it that is among its files", function()
    save("a.run", 3)
    for _ = 1, 2 do
      assert.equal("runs/all.run: 2 runs, 2 tools, 5 records\n",
        (run("merge -o runs/all.run runs")))
    end
    local _, stderr = run("merge -o runs/all.run runs")
    assert.equal("exectrack: runs/all.run: left out, as it is the output: its own records are "
      .. "replaced, not merged\n", stderr)
  end)
end)
