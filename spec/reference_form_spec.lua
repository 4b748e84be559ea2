local cjson = require("cjson")
local exectrack = require("exectrack")
local json_text = require("exectrack.json_text")
local pieces = require("spec.support.pieces")

--- What the reference implementation serializes of a run.
local function reference()
  return {
    tool_ids = { "read_file", "grep" },
    records = {
      { tool_id = 0, status = "Success", duration_ms = 100, was_cached = false },
      { tool_id = 1, status = "TimedOut", duration_ms = 30000, was_cached = false },
      { tool_id = 0, status = "Failed", duration_ms = 0, was_cached = true },
      { tool_id = 1, status = "Cancelled", duration_ms = 7, was_cached = false },
    },
  }
end

local function record(tool_id, tool, status, duration_ms, was_cached)
  return { tool = tool, tool_id = tool_id, status = status, duration_ms = duration_ms,
    was_cached = was_cached, args_hash = 0, depth = 0, timestamp = 0 }
end

describe("what the reference implementation serializes", function()
  it("becomes a snapshot", function()
    local snapshot = assert(exectrack.from_table(reference()))
    assert.same({ "read_file", "grep" }, snapshot:tools())
    assert.same({
      record(1, "read_file", "success", 100, false),
      record(2, "grep", "timed_out", 30000, false),
      record(1, "read_file", "failed", 0, true),
      record(2, "grep", "cancelled", 7, false),
    }, snapshot:records())
    assert.equal("", snapshot:label())
    assert.equal(0, snapshot:created())
    assert.equal(0, snapshot:taken())
  end)

  it("is counted as if it had been recorded", function()
    local snapshot = assert(exectrack.from_table(reference()))
    local tracker = exectrack.new { max_history = 4, instance_id = snapshot:instance_id(),
      clock = function() return 0 end }
    for _, execution in ipairs(snapshot:records()) do
      tracker:record(execution)
    end
    assert.same(tracker:stats(), snapshot:stats())
    assert.same(tracker:stats("read_file"), snapshot:stats("read_file"))
    assert.same(tracker:stats("grep"), snapshot:stats("grep"))
    local expected, actual = tracker:snapshot():to_table(), snapshot:to_table()
    assert.same(expected, actual)
    assert.is_true(snapshot == tracker:snapshot())
  end)

  it("may come out of JSON", function()
    local text = '{"tool_ids":["read_file","grep"],"records":['
      .. '{"tool_id":1,"status":"TimedOut","duration_ms":12,"was_cached":false}]}'
    local snapshot = assert(exectrack.from_table(cjson.decode(text)))
    assert.same({ record(2, "grep", "timed_out", 12, false) }, snapshot:records())
  end)

  it("may be empty", function()
    local snapshot = assert(exectrack.from_table { tool_ids = {}, records = {} })
    assert.equal("exectrack.Snapshot (0 tools, 0 records)", tostring(snapshot))
    assert.is_true(snapshot == exectrack.from_bytes(snapshot:bytes()))
  end)

  it("is read without its metamethods", function()
    local expected = assert(exectrack.from_table(reference()))
    local function raise()
      error("a metamethod was called")
    end
    for _, len in ipairs { function() return 5 end, function() return 1099511627776 end,
      function() return 2.0 ^ 40 end, function() return 1 end, function() return "2" end, raise } do
      local hostile = { __len = len, __index = raise, __newindex = raise, __pairs = raise,
        __eq = raise, __metatable = false }
      local form = reference()
      for _, execution in ipairs(form.records) do
        setmetatable(execution, hostile)
      end
      setmetatable(form.tool_ids, hostile)
      setmetatable(form.records, hostile)
      setmetatable(form, hostile)
      assert.same(expected:records(), assert(exectrack.from_table(form)):records())
      form.records[1].tool_id = 2
      assert.same({ nil, "records[1].tool_id: an integer from 0 to 1 expected, got 2", "invalid" },
        { exectrack.from_table(form) })
    end
  end)

  it("may have fields that we don't know", function()
    local form = reference()
    form.max_history, form.records[1].timestamp = 5, {}
    assert.equal(4, #assert(exectrack.from_table(form)))
  end)

  it("may have the longest durations, which are stored as ours", function()
    local form = reference()
    form.records[1].duration_ms = "9223372036854775807"
    form.records[2].duration_ms = 4503599627370
    form.records[3].duration_ms = 4503599627371
    local durations = assert(exectrack.from_table(form)):column("duration_ms")
    assert.equal((2 ^ 52 - 1) / 1000, durations[1])
    assert.equal(4503599627370, durations[2])
    assert.equal((2 ^ 52 - 1) / 1000, durations[3])
  end)

  it("may have as many tools as there can be, with as much of names", function()
    local form = { tool_ids = {}, records = {} }
    for i = 1, 65535 do
      form.tool_ids[i] = ("%05d"):format(i):rep(12) .. "1234"
    end
    local snapshot = assert(exectrack.from_table(form))
    assert.equal(65535, #snapshot:tools())
    assert.is_true(snapshot == exectrack.from_bytes(snapshot:bytes()))
    assert.is_true(snapshot == exectrack.from_table(snapshot:to_table()))
  end)

  it("may have more tools than the default allows, or few with long names", function()
    for count, length in pairs { [600] = 3, [300] = 255, [513] = 64, [2] = 255 } do
      local form = { tool_ids = {}, records = {} }
      for i = 1, count do
        form.tool_ids[i] = ("%03d"):format(i):rep(85):sub(1, length)
        form.records[i] = { tool_id = i - 1, status = "Failed", duration_ms = i,
          was_cached = false }
      end
      local snapshot = assert(exectrack.from_table(form))
      assert.same(form.tool_ids, snapshot:tools())
      assert.equal(count, #snapshot)
      assert.is_true(snapshot == assert(exectrack.from_bytes(snapshot:bytes())))
      assert.is_true(snapshot == assert(exectrack.from_table(snapshot:to_table())))
    end
  end)

  it("may have long names, for which there is room then", function()
    local form = { tool_ids = {}, records = {} }
    for i = 1, 600 do
      form.tool_ids[i] = ("%05d"):format(i):rep(51)
    end
    local snapshot = assert(exectrack.from_table(form))
    assert.is_true(snapshot == exectrack.from_bytes(snapshot:bytes()))
    assert.is_true(snapshot == exectrack.from_table(snapshot:to_table()))
  end)
end)

describe("the decoder of the reference's records", function()
  local decode = require("exectrack.format").reference.decode

  --- All that it returns of a document, in pieces of so many bytes.
  local function all_of(text, bytes)
    local all = {}
    for place, execution, message in decode(pieces(text, bytes or 7)) do
      all[#all + 1] = { place, execution, message }
    end
    return all
  end

  it("gives the executions one by one, and goes on after what is wrong", function()
    local form = reference()
    form.records[2].status = "Done"
    form.records[3] = 5
    local text = json_text.encode_lines(form)
    for bytes = 1, #text do
      assert.same({
        { "records[1]", { tool = "read_file", status = "success", duration_ms = 100,
          was_cached = false, timestamp = false } },
        { "records[2]", nil, "status: 'Success', 'Failed', 'TimedOut' or 'Cancelled' expected, "
          .. "got 'Done'" },
        { "records[3]", nil, "a table expected, got 5" },
        { "records[4]", { tool = "grep", status = "cancelled", duration_ms = 7, was_cached = false,
          timestamp = false } },
      }, all_of(text, bytes))
    end
  end)

  it("says once what is wrong with the whole", function()
    assert.same({ { "", nil, "records: a table expected, got nothing" } },
      all_of '{"tool_ids":["a"]}')
    assert.same({ { "", nil, "an object expected" } }, all_of "5")
    assert.same({ { "", nil, "line 2, byte 2: the text ends too early" } },
      all_of '{"tool_ids":\n[')
  end)

  it("raises for wrong arguments, and a piece that isn't a string", function()
    assert.has_error(function() decode(5) end, "reference.decode: a function expected, got 5")
    assert.has_error(function() decode(function() return 5 end) end,
      "reference.decode: a piece: a string expected, got 5")
  end)
end)

describe("a wrong value in it is named by its place:", function()
  --- Asserts that `change` makes the reference's form one that is refused with `message`.
  local function refused(name, message, change)
    it(name, function()
      local form = reference()
      change(form)
      local snapshot, actual, code = exectrack.from_table(form)
      assert.is_nil(snapshot)
      assert.equal(message, actual)
      assert.equal("invalid", code)
    end)
  end

  refused("no records", "records: a table expected, got nothing", function(form)
    form.records = nil
  end)
  refused("names that are no array", "tool_ids: a table expected, got string", function(form)
    form.tool_ids = "read_file"
  end)
  refused("names with a hole", "tool_ids: an array without holes and fields expected",
    function(form)
      form.tool_ids[4] = "ls"
    end)
  refused("records with a field", "records: an array without holes and fields expected",
    function(form)
      form.records.count = 4
    end)
  refused("digits with a zero byte behind them",
    "records[1].tool_id: an integer from 0 to 1 expected, got string", function(form)
      form.records[1].tool_id = "1\0"
    end)
  refused("a name that is no string", "tool_ids[2]: a string expected, got 5", function(form)
    form.tool_ids[2] = 5
  end)
  refused("a name that is too long", "tool_ids[1]: at most 255 bytes expected, got 256",
    function(form)
      form.tool_ids[1] = ("x"):rep(256)
    end)
  refused("a name that comes twice", "a table of names has the same name twice", function(form)
    form.tool_ids[2] = "read_file"
  end)
  refused("too many names", "tool_ids: at most 65535 elements expected, got 65536", function(form)
    for i = 1, 65536 do
      form.tool_ids[i] = tostring(i)
    end
  end)
  refused("names that are too long together",
    "tool_ids: names of at most 4194240 bytes in total expected, got 4194241", function(form)
      for i = 1, 65535 do
        form.tool_ids[i] = ("%05d"):format(i):rep(12) .. "1234"
      end
      form.tool_ids[1] = ("x"):rep(65)
    end)
  refused("a record that is no table", "records[3]: a table expected, got boolean", function(form)
    form.records[3] = true
  end)
  refused("a tool beyond the names", "records[2].tool_id: an integer from 0 to 1 expected, got 2",
    function(form)
      form.records[2].tool_id = 2
    end)
  refused("a tool below 0", "records[2].tool_id: an integer from 0 to 1 expected, got -1",
    function(form)
      form.records[2].tool_id = -1
    end)
  refused("a tool where there is none",
    "records[1].tool_id: nothing expected, got 0", function(form)
      form.tool_ids = {}
    end)
  refused("our status", "records[1].status: 'Success', 'Failed', 'TimedOut' or 'Cancelled' "
    .. "expected, got 'success'", function(form)
    form.records[1].status = "success"
  end)
  refused("no status", "records[1].status: a string expected, got nothing", function(form)
    form.records[1].status = nil
  end)
  refused("a duration with a fraction",
    "records[1].duration_ms: an integer from 0 to 9223372036854775807 expected, got 0.5",
    function(form)
      form.records[1].duration_ms = 0.5
    end)
  refused("a duration that isn't a number",
    "records[4].duration_ms: an integer from 0 to 9223372036854775807 expected, got nan",
    function(form)
      form.records[4].duration_ms = 0 / 0
    end)
  refused("no word of a cache", "records[1].was_cached: a boolean expected, got nothing",
    function(form)
      form.records[1].was_cached = nil
    end)
end)
