local exectrack = require("exectrack")
local process = require("spec.support.process")

--- The sorted keys of `t` that aren't metamethods.
local function names_of(t)
  local names = {}
  for name in pairs(t) do
    if not name:find("^__") then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names
end

--- The methods of a handle. A Snapshot has them behind a function, which also gives records.
local function methods_of(handle)
  local index = getmetatable(handle).__index
  if type(index) == "function" then
    index = select(2, debug.getupvalue(index, 2))
  end
  return names_of(index)
end

--- The functions and fields of the live module, and the methods of its handles.
local function live_names()
  local tracker = exectrack.new(1)
  return {
    exectrack = names_of(exectrack),
    Tracker = methods_of(tracker),
    Span = methods_of(tracker:start("a")),
    Snapshot = methods_of(tracker:snapshot()),
  }
end

local types = process.read_file("library/exectrack.lua")

--- Iterates over the comments of the types: each as an array of lines, and the line after it.
local function comments()
  return coroutine.wrap(function()
    local comment = {}
    for line in types:gmatch("[^\n]*") do
      if line:find("^%-%-%-") then
        comment[#comment + 1] = line
      else
        coroutine.yield(comment, line)
        comment = {}
      end
    end
  end)
end

--- The lines of the comment in which `---@class name` stands, and the class that it extends.
local function class_comment(name)
  for comment in comments() do
    for _, line in ipairs(comment) do
      local class, parent = line:match("^%-%-%-@class ([%w.]+):? ?([%w.]*)$")
      if class == name then
        return comment, parent ~= "" and parent or nil
      end
    end
  end
  error("no class " .. name)
end

--- The sorted names of the fields of a class, inherited ones too. Those that are optional end
-- in `?`.
local function fields_of_class(name)
  local comment, parent = class_comment(name)
  local fields = parent and fields_of_class(parent) or {}
  for _, line in ipairs(comment) do
    fields[#fields + 1] = line:match("^%-%-%-@field ([%w_]+%??) %S")
  end
  table.sort(fields)
  return fields
end

--- Declares `name` in the set `names`, which hasn't got it yet.
local function add_name(names, name)
  assert.is_nil(names[name], name .. " is there twice")
  names[name] = true
end

--- `sets` with the sorted names of each in its place.
local function sorted(sets)
  for owner, set in pairs(sets) do
    sets[owner] = names_of(set)
  end
  return sets
end

--- What `---@field` and `function` declare for the module and its classes, each with what it
-- inherits.
local function typed_names()
  local declared = { exectrack = {}, Run = {}, Tracker = {}, Span = {}, Snapshot = {} }
  for _, field in ipairs(fields_of_class("exectracklib")) do
    add_name(declared.exectrack, field)
  end
  for owner, name in types:gmatch("\nfunction (%a+)[.:]([%w_]+)%(") do
    add_name(declared[owner], name)
  end
  for _, class in ipairs { "Tracker", "Span", "Snapshot" } do
    local _, parent = class_comment("exectrack." .. class)
    if parent then
      for name in pairs(declared[parent:match("^exectrack%.(%a+)$")]) do
        add_name(declared[class], name)
      end
    end
  end
  declared.Run = nil -- nothing is only that
  return sorted(declared)
end

--- The LDoc comments of a file, and the module or class that it documents.
local function ldoc_comments(path)
  local found, owner = {}, nil
  for comment in process.read_file(path):gmatch("/%*%*%*\n(.-)%*/") do
    owner = comment:match("@classmod (%w+)") or comment:match("@%a*module (%w+)") or owner
    found[#found + 1] = comment
  end
  return found, owner
end

local function documented_name(comment)
  return comment:match("@function ([%w_]+)") or comment:match("@field ([%w_]+)")
end

local READ_METHODS = "src/lua/read_methods.c"

--- What the LDoc comments of src/lua/ document. What Tracker and Snapshot share stands under
-- Tracker.
local function documented_names()
  local names = { exectrack = {}, Tracker = {}, Span = {}, Snapshot = {} }
  local listing <close> = assert(io.popen("ls src/lua/*.c"))
  for path in listing:lines() do
    local found, owner = ldoc_comments(path)
    for _, comment in ipairs(found) do
      local name = documented_name(comment)
      if name then
        add_name(names[owner], name)
        if path == READ_METHODS then
          add_name(names.Snapshot, name)
        end
      end
    end
  end
  return sorted(names)
end

describe("library/exectrack.lua", function()
  it("names exactly the functions and methods of the module", function()
    assert.same(live_names(), typed_names())
  end)

  it("says what every function takes, in its order", function()
    local functions = 0
    for comment, line in comments() do
      local parameters = line:match("^function [^(]+%((.-)%) end$")
      if parameters then
        local described = {}
        for _, text in ipairs(comment) do
          described[#described + 1] = text:match("^%-%-%-@param ([%w_.]+)%?? %S")
        end
        assert.equal(parameters, table.concat(described, ", "), line)
        functions = functions + 1
      end
    end
    assert.equal(29, functions)
  end)

  --- Asserts that `class` has exactly the fields of `full`, those that `bare` hasn't optional.
  local function assert_fields(class, full, bare)
    local expected = {}
    for _, name in ipairs(names_of(full)) do
      expected[#expected + 1] = bare[name] == nil and name .. "?" or name
    end
    table.sort(expected)
    assert.same(expected, fields_of_class(class))
  end

  it("names exactly the fields of what is returned", function()
    local tracker = exectrack.new(10)
    local span = tracker:start("empty")
    local empty = tracker:stats()
    tracker:record("a", "success", 1)
    tracker:record("a", "failed", 1, true, "EIO")
    local records = tracker:recent_executions(2)
    assert_fields("exectrack.Record", records[1], records[2])
    assert_fields("exectrack.Stats", tracker:stats(), empty)
    assert_fields("exectrack.ToolStats", tracker:stats("a"), tracker:stats("empty"))
    assert_fields("exectrack.Window", tracker:stats().window, empty.window)
    local running = tracker:in_flight()[1]
    assert_fields("exectrack.Running", running, running)
    span:finish()
  end)

  it("names exactly the fields that record takes", function()
    local tracker = exectrack.new(10)
    local execution = { tool = "a", status = "success", duration_ms = 1 }
    tracker:record(execution)
    local values = { was_cached = true, error_type = "EIO", args = {}, args_hash = 1,
      timestamp = 1, tool_id = 1 }
    local all = {}
    for field, value in pairs(values) do
      tracker:record { tool = "a", status = "success", duration_ms = 1, [field] = value }
      all[field] = value
    end
    for field in pairs(execution) do
      local incomplete = { tool = "a", status = "success", duration_ms = 1 }
      incomplete[field] = nil
      assert.is_false(pcall(tracker.record, tracker, incomplete))
      all[field] = execution[field]
    end
    assert_fields("exectrack.Execution", all, execution)
  end)

  it("names exactly the options", function()
    local options = { max_history = 1, max_tools = 1, max_in_flight = 1, label = "x",
      clock = os.time }
    assert.is_truthy(exectrack.new(options))
    assert_fields("exectrack.Options", options, {})
  end)

  it("names exactly the fields of rows", function()
    local tracker = exectrack.new(10)
    local empty = tracker:snapshot()
    tracker:record("a", "failed", 1, true, "EIO", {})
    local run = tracker:snapshot()
    local rows = run:group_by("tool", "status", "was_cached", "error_type", "args_hash",
      { every = 1 })
    assert_fields("exectrack.Row", rows[1], empty:summary())
  end)

  it("names exactly the conditions of a filter", function()
    local run = exectrack.new(1):snapshot()
    local conditions = { tool = "a", status = { "failed" }, error_type = false,
      was_cached = true, since = 1, before = 1, min_duration_ms = 1, max_duration_ms = 1,
      where = print, last = 1 }
    assert.is_truthy(run:filter(conditions))
    for _, other in ipairs { "tool_id", "duration_ms", "args_hash", "timestamp", "first" } do
      assert.has_error(function() run:filter { [other] = 1 } end,
        "bad argument #1 to 'filter' (unknown condition '" .. other .. "')")
    end
    assert_fields("exectrack.Filter", conditions, {})
  end)

  it("names exactly the options of grouping and merging", function()
    local run = exectrack.new(1):snapshot()
    local every, group, merge = { every = 1 }, { quantiles = {} }, { max_history = 1 }
    assert.is_truthy(run:group_by(every, group))
    assert.is_truthy(exectrack.merge({ run }, merge))
    assert.has_error(function() run:group_by { every = 1, other = 1 } end,
      "bad argument #1 to 'group_by' (unknown field 'other')")
    assert.has_error(function() run:group_by { other = 1 } end,
      "bad argument #1 to 'group_by' (unknown option 'other')")
    assert.has_error(function() exectrack.merge({ run }, { other = 1 }) end,
      "bad argument #2 to 'merge' (unknown option 'other')")
    assert_fields("exectrack.Every", every, every)
    assert_fields("exectrack.GroupOptions", group, {})
    assert_fields("exectrack.MergeOptions", merge, {})
  end)

  it("names exactly the fields of the table form", function()
    local tracker = exectrack.new(10)
    local span = tracker:start("a")
    tracker:record("a", "success", 1)
    tracker:record("a", "failed", 1, true, "EIO")
    local run = tracker:snapshot():to_table()
    span:finish()
    local tool, running = run.tools[1], run.in_flight[1]
    assert_fields("exectrack.RunTable", run, run)
    assert_fields("exectrack.RunTable.Tool", tool, tool)
    assert_fields("exectrack.RunTable.Histogram", tool.histogram, tool.histogram)
    assert_fields("exectrack.RunTable.Running", running, running)
    assert_fields("exectrack.RunTable.Record", run.records[2], run.records[1])

    local denial = { tool_id = 1, reason_id = 1, count = 1, last_seconds = 1,
      last_microseconds = 0 }
    run.denials = { denial } -- no policy counts them yet
    local denied = assert(exectrack.from_table(run)):to_table()
    assert.same({ denial }, denied.denials)
    assert_fields("exectrack.RunTable.Denial", denied.denials[1], denial)
  end)

  it("names exactly the fields of the reference's records", function()
    local record = { tool_id = 0, status = "TimedOut", duration_ms = 1, was_cached = false }
    local run = { tool_ids = { "a" }, records = { record } }
    for _, part in ipairs { run, record } do
      for field, value in pairs(part) do
        part[field] = nil
        assert.is_nil(exectrack.from_table(run), field)
        part[field] = value
      end
    end
    assert.is_truthy(exectrack.from_table(run))
    assert_fields("exectrack.ReferenceRun", run, run)
    assert_fields("exectrack.ReferenceRecord", record, record)
  end)

  --- The strings of an alias, in order.
  local function strings_of_alias(name)
    local strings = {}
    for comment in comments() do
      local index = #comment
      while index > 0 and comment[index]:find("^%-%-%-|") do
        index = index - 1
      end
      if comment[index] == "---@alias " .. name then
        for i = index + 1, #comment do
          strings[#strings + 1] = comment[i]:match('^%-%-%-| "([%w_]+)"')
        end
      end
    end
    return strings
  end

  it("lists the statuses", function()
    assert.same({ "success", "failed", "timed_out", "cancelled" },
      strings_of_alias("exectrack.Status"))
  end)

  it("lists the keys", function()
    local run = exectrack.new(1):snapshot()
    local keys = strings_of_alias("exectrack.Key")
    assert.is_truthy(run:group_by(table.unpack(keys)))
    assert.has_error(function() run:group_by("") end,
      ("bad argument #1 to 'group_by' (unknown key '', not one of '%s', { every = seconds })")
        :format(table.concat(keys, "', '")))
  end)

  it("lists the fields of which there are columns", function()
    local tracker = exectrack.new(1)
    tracker:record("a", "failed", 1, false, "EIO")
    local run = tracker:snapshot()
    local fields = {}
    for comment, line in comments() do
      if line:find("^function Snapshot:column%(") then
        for field in table.concat(comment):gmatch('"([%w_]+)"') do
          fields[field] = run:column(field)[1]
        end
      end
    end
    assert.same(run[1], fields)
  end)
end)

describe("the LDoc comments", function()
  it("document exactly the functions and methods of the module", function()
    assert.same(live_names(), documented_names())
  end)

  it("say of a Snapshot which methods it shares with a Tracker", function()
    local class = ldoc_comments("src/lua/snapshot_handle.c")[1]
    assert.matches("@classmod Snapshot", class, 1, true)
    for _, comment in ipairs(ldoc_comments(READ_METHODS)) do
      local name = documented_name(comment)
      if name and not name:find("^__") then
        assert.matches("`" .. name .. "`", class, 1, true)
      end
    end
  end)

  it("stand in files that config.ld has", function()
    local config, listed = {}, {}
    assert(loadfile("config.ld", "t", config))()
    for _, path in ipairs(config.file) do
      listed[path] = true
    end
    local listing <close> = assert(io.popen("ls src/lua/*.c"))
    for path in listing:lines() do
      assert.equal(#ldoc_comments(path) > 0, listed[path] or false, path)
    end
  end)
end)
