local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local runs = require("spec.support.runs")

local directory, path, trackers

before_each(function()
  directory = directories.make()
  path = directory .. "/agent.run"
  trackers = {}
end)

after_each(function()
  for _, tracker in ipairs(trackers) do
    tracker:close()
  end
  directories.remove(directory)
end)

--- Opens a recorder, which is closed after the test.
local function open(...)
  local tracker = assert(exectrack.open(...))
  trackers[#trackers + 1] = tracker
  return tracker
end

--- Asserts that opening returns nil, `message` behind the path, and `code`.
local function assert_refused(message, code, ...)
  assert.same({ n = 3, nil, path .. ": " .. message, code }, portable.pack(exectrack.open(...)))
end

--- Asserts that `exectrack.open(...)` raises `message`.
local function assert_raises(message, ...)
  local arguments = portable.pack(...)
  assert.has_error(function()
    exectrack.open(portable.unpack(arguments, 1, arguments.n))
  end, message)
end

local function mode_of(file)
  return process.run("stat -c %a " .. process.quote(file)):match("%d+")
end

describe("exectrack.open", function()
  it("makes a file for its owner alone, and nothing else, with all its space", function()
    open(path)
    assert.same({ "agent.run" }, directories.list(directory))
    assert.equal("600", mode_of(path))
    local bytes, kilobytes = process.run(("stat -c %%s %s; du -k %s"):format(path, path))
      :match("^(%d+)\n(%d+)")
    assert.is_true(tonumber(kilobytes) * 1024 >= tonumber(bytes))
  end)

  it("goes on with the run in the file", function()
    local tracker = open(path)
    tracker:record("a", "success", 1)
    tracker:session("chat"):record("b", "failed", 2, false, "EIO", { 1 })
    tracker:close()
    tracker = open(path)
    assert.equal("exectrack.Tracker (2 tools, 2/1000 records)", tostring(tracker))
    tracker:record("b", "success", 3)
    tracker:record("c", "success", 4)
    local records = tracker:snapshot():records()
    assert.same({ "a", "b", "b", "c" }, { records[1].tool, records[2].tool, records[3].tool,
      records[4].tool })
    assert.equal("chat", records[2].session)
    assert.equal(exectrack.fingerprint { 1 }, records[2].args_hash)
    assert.equal(2, tracker:stats("b").total_executions)
  end)

  it("records as a tracker in memory does, whatever is recorded", function()
    local options = { max_history = 50, max_tools = 4, max_in_flight = 2, session_names = 8,
      args_texts = 8, error_texts = 8, label = "a run", instance_id = runs.INSTANCE_ID,
      measures = { { name = "cost", unit = "USD", scale = 1e-6 } }, ignore_args = { "id" } }
    local clocks_of = { clocks.new(), clocks.new() }
    local made = {}
    for i, clock in ipairs(clocks_of) do
      options.clock = clock.read
      made[i] = i == 1 and exectrack.new(options) or open(path, options)
    end
    math.randomseed(7)
    for _ = 1, 20 do
      local seed = math.random(1e6)
      for i, tracker in ipairs(made) do
        math.randomseed(seed)
        runs.record(tracker, clocks_of[i], 20)
        if seed % 5 == 0 then
          tracker:clear()
        end
      end
      made[2]:close()
      options.clock = clocks_of[2].read
      made[2] = open(path, options)
      assert.is_true(made[1]:snapshot() == made[2]:snapshot())
      assert.equal(made[1]:snapshot():bytes(), made[2]:snapshot():bytes())
    end
  end)

  it("takes max_history alone", function()
    assert.equal("exectrack.Tracker (0 tools, 0/7 records)", tostring(open(path, 7)))
  end)

  it("uses the clock, the redaction and the ignored fields that it is given", function()
    local clock = clocks.new()
    for _ = 1, 2 do
      local tracker = open(path, { clock = clock.read, args_texts = 8, ignore_args = { "id" },
        redact = function(text) return text:gsub("secret", "public") end })
      tracker:start("a", { id = clock.us, "secret" }):finish()
      tracker:close()
      clock.advance_us(5000000)
    end
    local tracker = open(path, { clock = clock.read, args_texts = 8, ignore_args = { "id" } })
    local records = tracker:snapshot():records()
    assert.equal(records[1].args_hash, records[2].args_hash)
    assert.equal(exectrack.fingerprint { "secret" }, records[1].args_hash)
    assert.equal('{"public"}', tracker:args_text(records[1].args_hash))
    assert.equal(5, records[2].timestamp - records[1].timestamp)
  end)

  it("keeps the label and the instance of the file", function()
    open(path, { label = "first", instance_id = runs.INSTANCE_ID }):close()
    local tracker = open(path, { label = "second" })
    assert.equal("first", tracker:label())
    assert.equal(runs.INSTANCE_ID, tracker:snapshot():instance_id())
  end)

  it("never goes back in time", function()
    local clock = clocks.new()
    local tracker = open(path, { clock = clock.read })
    clock.advance_us(60000000)
    tracker:record("a", "success", 1)
    tracker:close()
    clock.advance_us(-30000000)
    tracker = open(path, { clock = clock.read })
    tracker:record("b", "success", 1)
    local records = tracker:snapshot():records()
    assert.equal(records[1].timestamp, records[2].timestamp)
  end)

  it("has one writer of a file, also in the same process", function()
    local tracker = open(path)
    assert_refused("another recorder has it open", "busy", path)
    tracker:record("a", "success", 1)
    tracker:close()
    assert.equal(1, #open(path))
  end)

  it("isn't replaced by a saved run while it is open", function()
    local tracker = open(path)
    tracker:record("a", "success", 1)
    local snapshot = tracker:snapshot()
    local saved, message, code = snapshot:save(path)
    assert.same({ nil, path .. ":", "EBUSY" }, { saved, message:sub(1, #path + 1), code })
    assert.same({ "agent.run" }, directories.list(directory))
    assert.equal("live", exectrack.load(path):writer().state)
    tracker:close()
    assert.is_true(snapshot:save(path))
    assert.is_nil(exectrack.load(path):writer())
  end)

  it("closes a recorder that nobody uses any more", function()
    exectrack.open(path):record("a", "success", 1)
    collectgarbage()
    collectgarbage()
    assert.equal(1, #open(path))
  end)

  it("says that a path can't be opened", function()
    local missing = directory .. "/missing/agent.run"
    assert.same({ n = 3, nil, missing .. ": No such file or directory", "ENOENT" },
      portable.pack(exectrack.open(missing)))
    assert.same({ n = 3, nil, directory .. ": Is a directory", "EISDIR" },
      portable.pack(exectrack.open(directory)))
  end)
end)

describe("a file that doesn't match", function()
  local differing = { { max_history = 7 }, { max_tools = 7 }, { max_in_flight = 7 },
    { session_names = 8 }, { args_texts = 8 }, { error_texts = 8 }, { ignore_args = { "id" } },
    { measures = { { name = "cost" } } } }
  local differences = { "another max_history", "another max_tools", "another max_in_flight",
    "another number of session_names", "another number of args_texts",
    "another number of error_texts", "other ignored arguments", "other measures" }

  it("is put aside under a name of its time, and a new run begins", function()
    local clock = clocks.new()
    open(path, { clock = clock.read }):close()
    local names = { "agent-20260101T000000Z.run" }
    for i, options in ipairs(differing) do
      options.clock = clock.read
      local tracker = open(path, options)
      tracker:record("tool " .. i, "success", 1)
      tracker:close()
      names[i + 1] = i < #differing and ("agent-20260101T000000Z-%d.run"):format(i + 1) or nil
    end
    names[#names + 1] = "agent.run"
    table.sort(names)
    assert.same(names, directories.list(directory))
    local tracker = open(directory .. "/agent-20260101T000000Z-2.run", differing[1])
    assert.equal("tool 1", tracker:recent_executions(1)[1].tool)
  end)

  it("is an error on request, and stays as it is", function()
    open(path):close()
    local before = process.read_file(path)
    for i, options in ipairs(differing) do
      options.on_mismatch = "error"
      assert_refused("it was made with " .. differences[i], "mismatch", path, options)
    end
    assert.equal(before, process.read_file(path))
    assert.same({ "agent.run" }, directories.list(directory))
    open(path, { on_mismatch = "error" })
  end)

  it("may be cut short or damaged, which is the same", function()
    open(path):close()
    local whole = process.read_file(path)
    local wrong = { whole:sub(1, 2000), whole:sub(1, -2), whole .. "\0",
      whole:sub(1, 280) .. ("\255"):rep(8) .. whole:sub(289) }
    for i, bytes in ipairs(wrong) do
      process.write_file(path, bytes)
      local tracker, message, code = exectrack.open(path, { on_mismatch = "error" })
      assert.is_nil(tracker)
      assert.equal(path, message:sub(1, #path))
      assert.is_true(code == "invalid" or code == "size", code)
      assert.equal(bytes, process.read_file(path))
      open(path):close()
      assert.equal(i + 1, #directories.list(directory))
    end
  end)

  it("gets no second name if the process that gave it the first one died then", function()
    local clock = clocks.new()
    local aside = directory .. "/agent-20260101T000000Z.run"
    open(path, { clock = clock.read }):close()
    process.run(("ln %s %s"):format(path, aside))
    open(path, { clock = clock.read, max_history = 7 }):close()
    assert.same({ "agent-20260101T000000Z.run", "agent.run" }, directories.list(directory))
    open(aside, { on_mismatch = "error" }) -- the old one
  end)

  it("isn't put aside while another process has it open", function()
    open(path)
    assert_refused("another recorder has it open", "busy", path, 7)
    assert.same({ "agent.run" }, directories.list(directory))
  end)
end)

describe("a file whose first bytes are zeros, as after a power cut", function()
  it("is put aside like one that is damaged", function()
    local zeros = ("\0"):rep(100000)
    process.write_file(path, zeros)
    assert_refused("its first bytes are zeros", "invalid", path, { on_mismatch = "error" })
    assert.equal(zeros, process.read_file(path))
    assert(exectrack.open(path)):close()
    local names = directories.list(directory)
    assert.equal(2, #names)
    assert.equal("agent.run", names[2])
    assert.equal(zeros, process.read_file(directory .. "/" .. names[1]))
  end)
end)

describe("what isn't a recorder's file", function()
  it("is left alone, and an error", function()
    local saved = directory .. "/saved.run"
    runs.full():save(saved)
    for bytes, message in pairs {
      [""] = "it is empty",
      ["notes"] = "it isn't the file of a recorder",
      [("\0"):rep(100)] = "it isn't the file of a recorder",
      [process.read_file(saved)] = "it is a saved run, not the file of a recorder",
    } do
      process.write_file(path, bytes)
      assert_refused(message, "kind", path)
      assert.equal(bytes, process.read_file(path))
    end
    assert.same({ "agent.run", "saved.run" }, directories.list(directory))
  end)

  it("may be a FIFO, which isn't waited for", function()
    process.run("mkfifo " .. path)
    local tracker, _, code = exectrack.open(path)
    assert.is_nil(tracker)
    assert.equal("kind", code)
  end)

  it("may be a symbolic link where others can write", function()
    local shared = directory .. "/shared"
    process.run(("mkdir -m 1777 %s; ln -s %s %s/agent.run"):format(shared, path, shared))
    local link = shared .. "/agent.run"
    assert.same({ n = 3, nil, link .. ": a symbolic link in a directory that "
      .. "others can write to isn't followed", "ELOOP" },
      portable.pack(exectrack.open(link)))
    assert.same({ "shared" }, directories.list(directory))
  end)
end)

describe("opening recorders", function()
  it("leaves no file open, whether it succeeds or not", function()
    if not io.open("/proc/self/maps") then
      return pending("there is no /proc")
    end
    local saved = directory .. "/saved.run"
    runs.full():save(saved)
    local printed, stderr = process.run_lua(([[
local exectrack = require("exectrack")
local path, saved, directory = %q, %q, %q
local function round()
  local tracker = assert(exectrack.open(path, { max_history = 7 }))
  assert(not exectrack.open(path))
  tracker:close()
  assert(not exectrack.open(path, { on_mismatch = "error" }))
  assert(exectrack.open(path)):close()
  assert(not exectrack.open(saved))
  assert(not exectrack.open(directory))
  assert(not exectrack.open(directory .. "/missing/run"))
  assert(not exectrack.open { directory = saved })
  for _ = 1, 3 do
    assert(exectrack.open { directory = directory .. "/runs", keep = 1 }):close()
  end
end
round()
os.execute("ls /proc/$PPID/fd >" .. directory .. "/before")
round()
os.execute("ls /proc/$PPID/fd >" .. directory .. "/after")
]]):format(path, saved, directory))
    assert.equal("", stderr)
    assert.equal("", printed)
    assert.equal(process.read_file(directory .. "/before"),
      process.read_file(directory .. "/after"))
  end)
end)

describe("the methods of a recorder", function()
  it("say its path, and write it to the disk", function()
    local tracker = open(path)
    assert.equal(path, tracker:path())
    assert.is_true(tracker:sync())
    assert.is_nil(exectrack.new(1):path())
    assert.is_true(exectrack.new(1):sync())
  end)

  it("raise once it is closed", function()
    local tracker = open(path)
    tracker:close()
    for _, method in ipairs { "path", "sync", "snapshot", "clear" } do
      assert.has_error(function() tracker[method](tracker) end, "attempt to use a closed tracker")
    end
  end)
end)

describe("exectrack.open raises for", function()
  it("what is neither a path nor a table", function()
    assert_raises("bad argument #1 to 'open' (string or table expected, got no value)")
    assert_raises("bad argument #1 to 'open' (string or table expected, got number)", 5)
    assert_raises("bad argument #1 to 'open' (a path has no zero byte)", "a\0b")
    assert_raises("bad argument #2 to 'open' (number or table expected, got string)", path, "x")
    assert_raises("bad argument #2 to 'open' (not allowed after a table of options)",
      { directory = directory }, {})
  end)

  it("an unknown option, or one that is out of its range", function()
    local cases = {
      ["unknown option 'max_histroy'"] = { max_histroy = 1 },
      ["max_history: number expected, got string"] = { max_history = "1" },
      ["on_mismatch: 'rotate' or 'error' expected, got 'x'"] = { on_mismatch = "x" },
      ["on_mismatch: string expected, got boolean"] = { on_mismatch = true },
      ["any_file_system: boolean expected, got number"] = { any_file_system = 1 },
      ["directory: not allowed together with a path"] = { directory = directory },
      ["keep: not allowed together with a path"] = { keep = 1 },
      ["clock: function expected, got boolean"] = { clock = false },
    }
    for message, options in pairs(cases) do
      assert_raises("bad argument #2 to 'open' (" .. message .. ")", path, options)
    end
    assert.same({}, directories.list(directory))
  end)

  it("a clock that raises", function()
    assert_raises("broken", path, { clock = function() error("broken", 0) end })
    assert.same({}, directories.list(directory))
  end)
end)
