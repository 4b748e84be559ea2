local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local runs = require("spec.support.runs")

local INFINITY = math.huge
local NAN = 0 / 0
local COUNT = { 0, 9223372036854775807 }
local UINT32 = { 0, 0xFFFFFFFF }
local DURATION = { 0, 4503599627370495 }
local SECONDS = { 0, 9223372036854 }
local MICROSECONDS = { 0, 999999 }
local TOOL_ID = { 1, 2 }
local DEPTH = { 0, 7 }

local function histogram(bucket_counts)
  return { scale = { 3, 6 }, zero_count = UINT32, offset = { -32768, 32767 },
    bucket_counts = bucket_counts }
end

--- What stands in the table of `runs.full()`: the range of an integer, "string", "boolean" or
-- "status", a table of fields, or an array, whose field `each` is this of every element.
local FORM = {
  format = "string",
  version = { 1, 1 },
  label = "string",
  instance_id = "string",
  max_history = { 0, 268435456 },
  max_tools = { 1, 65535 },
  max_in_flight = { 0, 65535 },
  max_session_names = { 0, 65536 },
  max_args_texts = { 0, 65536 },
  max_error_texts = { 0, 65536 },
  ignored_args = UINT32,
  created_seconds = SECONDS,
  created_microseconds = MICROSECONDS,
  cleared_seconds = SECONDS,
  cleared_microseconds = MICROSECONDS,
  lost_seconds = SECONDS,
  lost_microseconds = MICROSECONDS,
  taken_seconds = SECONDS,
  taken_microseconds = MICROSECONDS,
  recorded = COUNT,
  undated = COUNT,
  started = COUNT,
  in_order = "boolean",
  filtered = "boolean",
  overflowed = COUNT,
  error_types_overflowed = COUNT,
  denials_overflowed = COUNT,
  error_types = { each = "string" },
  tools = {
    each = {
      name = "string",
      successful = COUNT,
      failed = COUNT,
      timed_out = COUNT,
      cancelled = COUNT,
      cached_hits = COUNT,
      total_duration_us = COUNT,
      other_duration_us = COUNT,
      untimed = COUNT,
      elapsed = COUNT,
      elapsed_us = COUNT,
      min_duration_us = DURATION,
      max_duration_us = DURATION,
      last_end_seconds = SECONDS,
      last_end_microseconds = MICROSECONDS,
      last_failure_seconds = SECONDS,
      last_failure_microseconds = MICROSECONDS,
      failure_streak = UINT32,
      failure_rounds = UINT32,
      in_flight = UINT32,
      histogram = histogram {}, -- the only success took no time
      other_histogram = histogram { each = UINT32 },
    },
  },
  in_flight = {
    each = {
      tool_id = TOOL_ID,
      serial = COUNT,
      args_hash = UINT32,
      session = "string",
      depth = DEPTH,
      start_seconds = SECONDS,
      start_microseconds = MICROSECONDS,
      known_seconds = SECONDS,
      known_microseconds = MICROSECONDS,
    },
  },
  denials = {
    each = {
      tool_id = TOOL_ID,
      reason_id = { 1, 2 },
      count = COUNT,
      last_seconds = SECONDS,
      last_microseconds = MICROSECONDS,
    },
  },
  denied = {
    each = {
      tool_id = TOOL_ID,
      reason_id = { 1, 2 },
      args_hash = UINT32,
      session = "string",
      denied_seconds = SECONDS,
      denied_microseconds = MICROSECONDS,
    },
  },
  session_names = {
    each = { name = "string", last_seconds = SECONDS, last_microseconds = MICROSECONDS },
  },
  args_texts = {
    each = {
      args_hash = UINT32,
      text = "string",
      last_seconds = SECONDS,
      last_microseconds = MICROSECONDS,
    },
  },
  error_texts = {
    each = {
      tool_id = TOOL_ID,
      error_type_id = { 1, 2 },
      text = "string",
      last_seconds = SECONDS,
      last_microseconds = MICROSECONDS,
    },
  },
  records = {
    each = {
      tool_id = TOOL_ID,
      status = "status",
      duration_us = DURATION,
      was_cached = "boolean",
      error_type_id = { 1, 2 },
      args_hash = UINT32,
      result_hash = UINT32,
      session = "string",
      depth = DEPTH,
      place = "string",
      end_seconds = SECONDS,
      end_microseconds = MICROSECONDS,
    },
  },
}

--- How a message calls `value`.
local function describe_value(value)
  if value == nil then
    return "nothing"
  elseif value ~= value then
    return "nan"
  end
  if type(value) ~= "number" then
    return type(value)
  end
  local is_integer = value % 1 == 0 and value >= -2 ^ 63 and value < 2 ^ 63
  return (is_integer and "%d" or "%.14g"):format(value)
end

--- Asserts that from_table refuses `form` with `message`.
local function assert_refused(message, form)
  local snapshot, actual, code = exectrack.from_table(form)
  assert.is_nil(snapshot)
  assert.equal(message, actual)
  assert.equal("invalid", code)
end

local NOT_A_TABLE = { "x", "", 5, 1.5, NAN, true, false, print }
local NOT_A_STRING = { 5, 1.5, NAN, true, {}, print, io.stdout }
local NOT_A_BOOLEAN = { 0, 1, "true", "", {}, print }
local NOT_AN_INTEGER = { 1.5, -0.5, NAN, INFINITY, -INFINITY, 2.0 ^ 63, -2.0 ^ 63, 1e300, true,
  false, {}, print, "", "x", "1.0", "1e3", "0x1", " 1", "1 ", "-1", "+1", "1\0", "nan", "inf",
  "9223372036854775808", "18446744073709551617", ("9"):rep(400) }

local OPTIONAL = { error_type_id = true, result_hash = true, session = true, depth = true,
  place = true, ignored_args = true, lost_seconds = true,
  known_seconds = true }

--- Tries every wrong value for what stands at `place`: `container[key]`, which is of `kind`.
local function try_wrong_values(form, container, key, place, kind)
  local right = container[key]
  local function try(value, expected)
    container[key] = value
    assert_refused(string.format("%s: %s expected, got %s", place, expected,
      describe_value(value)), form)
  end
  local function try_all(values, expected)
    for _, value in ipairs(values) do
      try(value, expected)
    end
    if type(key) == "string" and not OPTIONAL[key] then
      try(nil, expected)
    end
  end
  if kind == "string" or kind == "status" then
    try_all(NOT_A_STRING, "a string")
  elseif kind == "boolean" then
    try_all(NOT_A_BOOLEAN, "a boolean")
  elseif #kind == 2 then
    local expected = kind[1] == kind[2] and tostring(kind[1])
      or kind == COUNT and "an integer from 0 to 9223372036854775807"
      or string.format("an integer from %d to %d", kind[1], kind[2])
    try_all(NOT_AN_INTEGER, expected)
    try(kind[1] - 1, expected)
    try(kind == COUNT and 2.0 ^ 63 or kind[2] + 1, expected)
    try(portable.MIN_INTEGER, expected)
  else
    try_all(NOT_A_TABLE, "a table")
  end
  container[key] = right
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  return keys
end

--- Walks through the table `value`, which is as `kind` says and stands at `place` in `form`, and
-- calls `visit` for all that it has. Returns how many there are.
local function walk(form, value, place, kind, visit)
  local count = 0
  for _, key in ipairs(sorted_keys(value)) do
    local is_element = type(key) == "number"
    local inner_place = is_element and string.format("%s[%d]", place, key)
      or place .. (place ~= "" and "." or "") .. key
    local inner_kind = assert(is_element and kind.each or kind[key], inner_place)
    visit(form, value, key, inner_place, inner_kind)
    count = count + 1
    if type(value[key]) == "table" then
      count = count + walk(form, value[key], inner_place, inner_kind, visit)
    end
  end
  return count
end

describe("from_table names the place of", function()
  it("every value that is missing, of a wrong type or out of range", function()
    local form = runs.full():to_table()
    assert.equal(173, walk(form, form, "", FORM, try_wrong_values))
    assert.is_true(exectrack.from_table(form) == runs.full()) -- nothing else was changed
  end)

  it("every field: none is described here that there isn't", function()
    local function check(kind, value)
      for key, inner in pairs(kind) do
        local field = value[key == "each" and 1 or key]
        assert.is_truthy(field ~= nil, key)
        if type(inner) == "table" and #inner == 0 then
          check(inner, field)
        end
      end
    end
    check(FORM, runs.full():to_table())
  end)

  it("an element that is missing", function()
    local form = runs.full():to_table()
    local record = form.records[1]
    form.max_history = 3
    form.records = { record, nil, record }
    assert_refused("records: an array without holes and fields expected", form)
    form.records = { [3] = record }
    assert_refused("records: an array without holes and fields expected", form)
    form.error_types = { "EIO", nil, "ETIMEDOUT" }
    assert_refused("error_types: an array without holes and fields expected", form)
    form.error_types = { "EIO", count = 1 }
    assert_refused("error_types: an array without holes and fields expected", form)
  end)

  it("every array that has holes or fields", function()
    local arrays = {
      error_types = function(form) return form.error_types end,
      tools = function(form) return form.tools end,
      in_flight = function(form) return form.in_flight end,
      denials = function(form) return form.denials end,
      records = function(form) return form.records end,
      ["tools[2].other_histogram.bucket_counts"] = function(form)
        return form.tools[2].other_histogram.bucket_counts
      end,
    }
    for place, get in pairs(arrays) do
      local message = place .. ": an array without holes and fields expected"
      for _, key in ipairs { "name", 0, -1, 1.5, true, "1" } do
        local form = runs.full():to_table()
        get(form)[key] = 1
        assert_refused(message, form)
      end
      local form = runs.full():to_table()
      local array = get(form)
      array[#array + 2] = array[1]
      assert_refused(message, form)
      form = runs.full():to_table()
      array = get(form)
      array[#array + 1], array[1] = array[1], nil
      assert_refused(message, form)
    end
  end)

  it("digits with anything else among them", function()
    local message = "recorded: an integer from 0 to 9223372036854775807 expected, got string"
    for _, digits in ipairs { "3\0", "\0003", "3\0003", "\0", "", " 3", "3 ", "+3", "0x3",
      "3.0" } do
      local form = runs.full():to_table()
      form.recorded = digits
      assert_refused(message, form)
    end
  end)

  it("an array with more elements than there can be", function()
    local function assert_full(field, most)
      local form = runs.full():to_table()
      for i = 1, most + 1 do
        form[field][i] = form[field][1]
      end
      assert_refused(string.format("%s: at most %d elements expected, got %d", field, most,
        most + 1), form)
    end
    assert_full("records", 2)
    assert_full("in_flight", 5)
    assert_full("tools", 5)
    assert_full("error_types", 257)
    assert_full("denials", 256)
    local form = runs.full():to_table()
    for i = 1, 513 do
      form.tools[2].other_histogram.bucket_counts[i] = 1
    end
    assert_refused("tools[2].other_histogram.bucket_counts: at most 512 elements expected, got 513",
      form)
  end)

  it("text that is too long", function()
    local form = runs.full():to_table()
    form.label = ("x"):rep(65)
    assert_refused("label: at most 64 bytes expected, got 65", form)
    form = runs.full():to_table()
    form.tools[2].name = ("x"):rep(256)
    assert_refused("tools[2].name: at most 255 bytes expected, got 256", form)
    form = runs.full():to_table()
    form.error_types[1] = ("x"):rep(256)
    assert_refused("error_types[1]: at most 255 bytes expected, got 256", form)
  end)

  it("names for which there is no room", function()
    local form = runs.full():to_table()
    form.tools[1].name, form.tools[2].name = ("x"):rep(255), ("y"):rep(8)
    assert.is_truthy(exectrack.from_table(form))
    form.tools[2].name = ("y"):rep(9)
    assert_refused("tools: names of at most 263 bytes in total expected, got 264", form)
    form = runs.full():to_table()
    for i = 1, 65 do
      form.error_types[i] = ("%03d"):format(i):rep(85)
    end
    assert_refused("error_types: names of at most 16391 bytes in total expected, got 16575", form)
  end)

  it("a word that it doesn't know", function()
    local form = runs.full():to_table()
    for _, word in ipairs { "", "done", "Failed", "failed " } do
      form.records[2].status = word
      assert_refused("records[2].status: unknown status '" .. word .. "'", form)
    end
    form.records[2].status = "failed\0"
    assert_refused("records[2].status: unknown status 'failed'", form)
    for _, format in ipairs { "", "exectrack\0", "Exectrack" } do
      form.format = format
      assert_refused("format: 'exectrack' expected", form)
    end
  end)

  it("a time that is later than can be", function()
    local places = {
      taken = function(form) return form, "taken" end,
      created = function(form) return form, "created" end,
      ["tools[2].last_end"] = function(form) return form.tools[2], "last_end" end,
      ["in_flight[1].start"] = function(form) return form.in_flight[1], "start" end,
      ["denials[1].last"] = function(form) return form.denials[1], "last" end,
      ["records[1].end"] = function(form) return form.records[1], "end" end,
    }
    for place, get in pairs(places) do
      local form = runs.full():to_table()
      local container, field = get(form)
      container[field .. "_seconds"] = 9223372036854
      container[field .. "_microseconds"] = 775808
      assert_refused(place .. "_microseconds: an integer from 0 to 775807 expected, got 775808",
        form)
    end
  end)
end)

describe("from_table raises for", function()
  it("what isn't a table", function()
    local expected = "bad argument #1 to 'from_table' (table expected, got %s)"
    assert.has_error(function() exectrack.from_table() end, expected:format("no value"))
    for _, case in ipairs { { nil, "nil" }, { "{}", "string" }, { 5, "number" },
      { runs.full(), "exectrack.Snapshot" } } do
      assert.has_error(function() exectrack.from_table(case[1]) end, expected:format(case[2]))
    end
  end)
end)
