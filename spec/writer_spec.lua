local clocks = require("spec.support.clock")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local START = clocks.START_US / 1e6

local directory, path

before_each(function()
  directory = directories.make()
  path = directory .. "/agent.run"
end)

after_each(function()
  directories.remove(directory)
end)

--- Opens a recorder at `path` in which two executions were recorded and one is in flight. Also
-- returns its clock, and the Span of that one, which ends if it is collected as garbage.
local function open_used()
  local clock = clocks.new()
  local tracker = assert(exectrack.open(path, { clock = clock.read, args_texts = 8 }))
  tracker:record("read", "success", 1)
  tracker:record("write", "failed", 2, false, "EIO")
  local span = tracker:start("search", { "all" })
  return tracker, clock, span
end

--- Leaves a recorder whose process, whose identifier is returned, was killed.
local function leave_dead()
  local out = process.run_lua(([[
    local exectrack = require("exectrack")
    local tracker = exectrack.open(%q, { clock = function() return %d end })
    tracker:record("read", "success", 1)
    local span = tracker:start("search")
    os.execute("echo $PPID; kill -KILL $PPID")
  ]]):format(path, START))
  return tonumber(out)
end

local function host()
  return (process.run("uname -n"):gsub("\n", ""))
end

describe("snapshot:writer", function()
  it("says which process has the recorder open", function()
    local tracker, clock, span = open_used()
    clock.advance_us(4102444800000000) -- the time of a live one is that of loading, or later
    local taken = tracker:snapshot()
    local snapshot = exectrack.load(path)
    local writer = snapshot:writer()
    assert.same({ state = "live", pid = writer.pid, host = host(), started = START }, writer)
    assert.is_true(portable.is_float(writer.started))
    assert.equal(taken, snapshot)
    span:finish()
    tracker:close()
  end)

  it("says that it closed the recorder", function()
    open_used():close()
    local writer = exectrack.load(path):writer()
    assert.same({ state = "closed", pid = writer.pid, host = host(), started = START }, writer)
  end)

  it("says that it died, and then the snapshot has what was in flight", function()
    local pid = leave_dead()
    local snapshot = exectrack.load(path)
    assert.same({ state = "died", pid = pid, host = host(), started = START }, snapshot:writer())
    assert.equal(1, #snapshot)
    assert.equal(1, #snapshot:in_flight())
  end)

  it("says of a copy of the bytes only whether it closed the recorder", function()
    local tracker, _, span = open_used()
    local file = assert(io.open(path, "rb"))
    local snapshot = assert(exectrack.load(file))
    file:close()
    assert.equal("died", snapshot:writer().state)
    assert.equal(tracker:snapshot(), snapshot)
    assert.equal(snapshot, exectrack.from_bytes(process.read_file(path)))
    span:finish()
    tracker:close()
    assert.equal("closed", exectrack.from_bytes(process.read_file(path)):writer().state)
  end)

  it("is that of a part of the snapshot, too", function()
    open_used():close()
    local snapshot = exectrack.load(path)
    local writer = snapshot:writer()
    assert.same(writer, snapshot:filter({ tool = "read" }):writer())
    assert.same(writer, snapshot:since():writer())
    assert.same(writer, snapshot:without_texts():writer())
  end)

  it("is nil for a run that isn't a recorder's", function()
    local tracker = open_used()
    local snapshot = exectrack.load(path)
    assert.is_nil(tracker:snapshot():writer())
    assert.is_nil(exectrack.from_bytes(snapshot:bytes()):writer())
    assert.is_nil(exectrack.from_table(snapshot:to_table()):writer())
    assert.is_nil(exectrack.merge({ snapshot }):writer())
    tracker:close()
  end)
end)

describe("a recorder that can't be loaded", function()
  it("was cut short or is damaged", function()
    open_used():close()
    local bytes = process.read_file(path)
    process.write_file(path, bytes:sub(1, -2))
    assert.same({ n = 3, nil, path .. ": it is shorter or longer than its header says", "size" },
      portable.pack(exectrack.load(path)))
    local recorded = 280 -- the offset of a count in the header
    process.write_file(path, bytes:sub(1, recorded) .. "\0" .. bytes:sub(recorded + 2))
    assert.same({ n = 3, nil, path .. ": more records are retained than were recorded", "invalid" },
      portable.pack(exectrack.load(path)))
  end)
end)
