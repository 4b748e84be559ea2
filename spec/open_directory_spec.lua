-- Recorders in a directory in which each process begins a file of its own.
local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local directory, clock, trackers

before_each(function()
  directory = directories.make()
  clock = clocks.new()
  trackers = {}
end)

after_each(function()
  for _, tracker in ipairs(trackers) do
    tracker:close()
  end
  directories.remove(directory)
end)

--- Begins a recorder in the directory, which is closed after the test.
local function open(options)
  local all = { directory = directory, label = "agent", clock = clock.read }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local tracker = assert(exectrack.open(all))
  trackers[#trackers + 1] = tracker
  return tracker
end

--- What is in the directory, with `PID` for this process.
local function names()
  local found = {}
  for i, name in ipairs(directories.list(directory)) do
    found[i] = name:gsub("Z%-%d+", "Z-PID")
  end
  return found
end

--- Begins a recorder a second later, and closes it. Returns its path.
local function run(options)
  clock.advance_us(1000000)
  local tracker = open(options)
  local path = tracker:path()
  tracker:record("a", "success", 1)
  tracker:close()
  return path
end

local function assert_raises(message, options)
  assert.has_error(function() exectrack.open(options) end,
    "bad argument #1 to 'open' (" .. message .. ")")
end

describe("a recorder in a directory", function()
  it("is named by its label, its time and its process", function()
    local tracker = open()
    local name = directories.list(directory)[1]
    assert.matches("^agent%-20260101T000000Z%-%d+%.run$", name)
    assert.equal(directory .. "/" .. name, tracker:path())
    assert.equal("agent", tracker:label())
    local other = process.run_lua(([[
local tracker = assert(require("exectrack").open { directory = %q, label = "agent" })
print(tracker:path())
]]):format(directory))
    assert.is_true(other:match("Z%-(%d+)%.run") ~= name:match("Z%-(%d+)%.run"))
  end)

  it("is a new one each time, within a second, too", function()
    for _ = 1, 3 do
      local tracker = open()
      assert.equal(0, #tracker)
      tracker:record("a", "success", 1)
      tracker:close()
    end
    assert.same({ "agent-20260101T000000Z-PID-2.run", "agent-20260101T000000Z-PID-3.run",
      "agent-20260101T000000Z-PID.run" }, names())
  end)

  it("has a name without a label, and with any", function()
    open { label = "" }
    open { label = "../My agent/é" }
    assert.same({ "_._My_agent___-20260101T000000Z-PID.run", "run-20260101T000000Z-PID.run" },
      names())
  end)

  it("makes the directory and its parents, for the owner alone", function()
    local deep = directory .. "/a/b/"
    local tracker = open { directory = deep }
    assert.equal(deep, tracker:path():sub(1, #deep))
    assert.equal("700\n700\n600\n", (process.run(("cd %s && stat -c %%a a a/b a/b/*.run"):format(
      directory))))
  end)

  it("leaves a directory that is there as it is", function()
    process.run("chmod 750 " .. directory)
    open()
    assert.equal("750\n", (process.run("stat -c %a " .. directory)))
  end)

  it("says that a directory can't be made or is none", function()
    process.write_file(directory .. "/file", "")
    for _, place in ipairs { directory .. "/file", directory .. "/file/more" } do
      assert.same({ n = 3, nil, place .. ": Not a directory", "ENOTDIR" },
        portable.pack(exectrack.open { directory = place }))
    end
    assert.same({ n = 3, nil, ": No such file or directory", "ENOENT" },
      portable.pack(exectrack.open { directory = "" }))
  end)

  it("doesn't follow a symbolic link where others can write", function()
    local shared, target = directory .. "/shared", directory .. "/target"
    process.run(("mkdir -m 1777 %s; mkdir %s; ln -s %s %s/link"):format(shared, target, target,
      shared))
    for _, place in ipairs { shared .. "/link", shared .. "/link/runs" } do
      local tracker, message, code = exectrack.open { directory = place }
      assert.is_nil(tracker)
      assert.equal(place .. ": a symbolic link in a directory that others can write to isn't "
        .. "followed", message)
      assert.equal("ELOOP", code)
    end
    assert.same({}, directories.list(target))
  end)

  it("needs a directory, and takes no wrong options", function()
    assert_raises("directory: string expected, got nil", {})
    assert_raises("directory: string expected, got number", { directory = 5 })
    assert_raises("directory: a path has no zero byte", { directory = "a\0" })
    assert_raises("keep: an integer from 1 to 1000000 expected, got 0",
      { directory = directory, keep = 0 })
    assert_raises("keep: number expected, got string", { directory = directory, keep = "1" })
    assert_raises("unknown option 'path'", { path = directory })
    assert.same({}, directories.list(directory))
  end)
end)

describe("the option keep", function()
  it("removes the oldest of the label", function()
    for _ = 1, 5 do
      run { keep = 3 }
    end
    assert.same({ "agent-20260101T000003Z-PID.run", "agent-20260101T000004Z-PID.run",
      "agent-20260101T000005Z-PID.run" }, names())
    run()
    run { keep = 1 }
    assert.same({ "agent-20260101T000007Z-PID.run" }, names())
  end)

  it("never removes one that a process has open, and counts it", function()
    clock.advance_us(1000000)
    local live = open()
    run()
    run()
    run { keep = 2 }
    assert.same({ "agent-20260101T000001Z-PID.run", "agent-20260101T000004Z-PID.run" }, names())
    run { keep = 1 }
    assert.same({ "agent-20260101T000001Z-PID.run", "agent-20260101T000005Z-PID.run" }, names())
    live:record("a", "success", 1)
    assert.equal(1, #live)
  end)

  it("removes one whose process has died", function()
    process.run_lua(([[
local tracker = assert(require("exectrack").open { directory = %q, label = "agent",
  clock = function() return 1 end })
os.execute("kill -KILL $PPID")]]):format(directory))
    assert.same({ "agent-19700101T000001Z-PID.run" }, names())
    run { keep = 1 }
    assert.same({ "agent-20260101T000001Z-PID.run" }, names())
  end)

  it("removes none of another label", function()
    run { label = "agent 2" }
    run { label = "agent.2" }
    run { label = "" }
    run { label = "agent_2", keep = 1 }
    run { label = "run", keep = 1 }
    run { label = "", keep = 2 }
    run { keep = 1 }
    assert.equal(7, #directories.list(directory))
  end)

  it("removes and counts nothing else", function()
    local elsewhere = directories.make()
    local moved = elsewhere .. "/agent.run"
    assert(os.rename(run(), moved))
    local old = "/agent-20200101T000000Z-"
    exectrack.new { label = "agent" }:snapshot():save(directory .. old .. "1.run")
    process.write_file(directory .. old .. "2.run", "notes")
    for _, name in ipairs { "/agent-20200101T000000Z.run", "/agent.run", old .. "3.run.bak" } do
      process.write_file(directory .. name, process.read_file(moved))
    end
    process.run(("cd %s && ln -s %s .%s4.run; mkdir .%s5.run; mkfifo .%s6.run"):format(directory,
      moved, old, old, old))
    run()
    run { keep = 2 }
    assert.equal(10, #directories.list(directory))
    directories.remove(elsewhere)
  end)
end)
