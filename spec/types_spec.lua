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

--- The functions and fields of the live module, and the methods of its handles.
local function live_names()
  local tracker = exectrack.new(1)
  return {
    exectrack = names_of(exectrack),
    Tracker = names_of(getmetatable(tracker).__index),
    Span = names_of(getmetatable(tracker:start("a")).__index),
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

--- What `---@field` and `function` declare for the module and its classes.
local function typed_names()
  local names = { exectrack = {}, Tracker = {}, Span = {} }
  for _, field in ipairs(fields_of_class("exectracklib")) do
    names.exectrack[field] = true
  end
  for owner, name in types:gmatch("\nfunction (%a+)[.:]([%w_]+)%(") do
    assert.is_nil(names[owner][name], name .. " is declared twice")
    names[owner][name] = true
  end
  for owner, set in pairs(names) do
    names[owner] = names_of(set)
  end
  return names
end

--- What the LDoc comments of src/lua/ document.
local function documented_names()
  local names = { exectrack = {}, Tracker = {}, Span = {} }
  local listing = assert(io.popen("ls src/lua/*.c"))
  for path in listing:lines() do
    local owner
    for comment in process.read_file(path):gmatch("/%*%*%*\n(.-)%*/") do
      owner = comment:match("@classmod (%w+)") or comment:match("@module (%w+)") or owner
      local name = comment:match("@function ([%w_]+)") or comment:match("@field ([%w_]+)")
      if name then
        assert.is_nil(names[owner][name], name .. " is documented twice")
        names[owner][name] = true
      end
    end
  end
  listing:close()
  for owner, set in pairs(names) do
    names[owner] = names_of(set)
  end
  return names
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
    assert.equal(13, functions)
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

  it("lists the statuses", function()
    local statuses = {}
    for status in types:gmatch('\n%-%-%-| "([%w_]+)"') do
      statuses[#statuses + 1] = status
    end
    assert.same({ "success", "failed", "timed_out", "cancelled" }, statuses)
  end)
end)

describe("the LDoc comments", function()
  it("document exactly the functions and methods of the module", function()
    assert.same(live_names(), documented_names())
  end)
end)
