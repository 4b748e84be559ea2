local exectrack = require("exectrack")
local parquet = require("exectrack.format.parquet")
local parquet_file = require("exectrack.format.parquet_file")
local protobuf_reader = require("spec.support.protobuf_reader")
local reader = require("spec.support.parquet_reader")
local tracked = require("spec.support.tracked")

local STARTED = 1767225600

local function read(snapshot, options)
  return reader.read(tracked.text((parquet.encode(snapshot, options))))
end

-- The values of a column of integers, as text.
local function digits(column)
  local texts = {}
  for i, bytes in pairs(column) do
    texts[i] = protobuf_reader.digits(bytes)
  end
  return texts
end

describe("Parquet", function()
  it("has a row for each record, with all that is known of it", function()
    local run = tracked.run({
      { tool = "search", status = "failed", duration_ms = 12.5, error_type = "E", args_hash = 26,
        result_hash = 2 ^ 32 - 1, session = "talk", depth = 3, timestamp = STARTED + 0.123456,
        was_cached = true, measures = { cost = 0.3 } },
      { tool = "ask", status = "success", timestamp = STARTED, session = "#0000007f" },
      { tool = "ask", status = "cancelled", timestamp = false, duration_ms = 1,
        timing = "elapsed" },
    }, { label = "agent", measures = { { name = "cost", unit = "USD", scale = 0.1 } } })
    local columns, footer = read(run)
    local id = run:instance_id()
    assert.same({ id, id, id }, columns.instance_id)
    assert.same({ "agent", "agent", "agent" }, columns.label)
    assert.same({ "talk", "#0000007f" }, columns.session)
    assert.same({ "search", "ask", "ask" }, columns.tool)
    assert.same({ "failed", "success", "cancelled" }, columns.status)
    assert.same({ "E" }, columns.error_type)
    assert.same({ true, false, false }, columns.was_cached)
    assert.same({ "1767225600110956" }, digits(columns.start_time))
    assert.same({ "1767225600123456", "1767225600000000" }, digits(columns.end_time))
    assert.same({ [1] = "12500", [3] = "1000" }, digits(columns.duration_us))
    assert.same({ "measured", "untimed", "elapsed" }, columns.timing)
    assert.same({ 3, 0, 0 }, columns.depth)
    assert.same({ 26 }, columns.args_hash)
    assert.same({ 4294967295 }, columns.result_hash)
    assert.equal(0.3, protobuf_reader.double(columns.measure_cost[1]))
    assert.is_nil(columns.measure_cost[2])
    assert.same({ { "measure_cost.unit", "USD" } }, footer[5])
    assert.equal(exectrack._VERSION, footer[6])
    assert.is_nil(columns.args_text)
  end)

  it("has dictionaries of names", function()
    local _, footer = read(tracked.run { { tool = "search", status = "failed", error_type = "E",
      session = "talk", duration_ms = 1, args_hash = 1 } })
    local names = {}
    for _, chunk in ipairs(footer[4][1][1]) do
      names[#names + 1] = chunk[3][11] and chunk[3][3][1]
    end
    assert.equal("instance_id label session tool status error_type timing",
      table.concat(names, " "))
  end)

  it("has places in logs", function()
    local record = { tool = "a", status = "success", duration_ms = 1, timestamp = STARTED }
    local form = tracked.run({ record, record }):to_table()
    form.records[2].place = "\255.jsonl:7"
    assert.same({ [2] = "\239\191\189.jsonl:7" }, read(assert(exectrack.from_table(form))).place)
  end)

  it("says what its columns mean", function()
    local _, footer = read(tracked.run {})
    local seen = {}
    for i = 2, #footer[2] do
      local element = footer[2][i]
      seen[element[4]] = element
    end
    assert.equal(#footer[2] - 1, footer[2][1][5])
    -- STRING; TIMESTAMP in UTC and microseconds; INTEGER of 32 bits without a sign
    assert.same({ [1] = 6, [3] = 0, [4] = "tool", [6] = 0, [10] = { { } } }, seen.tool)
    assert.same({ [1] = 2, [3] = 1, [4] = "end_time", [6] = 10,
      [10] = { [8] = { true, { [2] = {} } } } }, seen.end_time)
    assert.same({ [1] = 1, [3] = 1, [4] = "args_hash", [6] = 13, [10] = { [10] = { 32, false } } },
      seen.args_hash)
    assert.same({ [1] = 2, [3] = 1, [4] = "duration_us" }, seen.duration_us)
    assert.equal(0, footer[3])
  end)

  it("has the largest times and durations exactly", function()
    local form = tracked.run({ { tool = "a", status = "success", duration_ms = 1,
      timestamp = STARTED } }):to_table()
    local record = form.records[1]
    record.duration_us, record.timing = "4503599627370495", "elapsed"
    record.end_seconds, record.end_microseconds = 9223372036854, 775807
    form.tools[1].total_duration_us, form.tools[1].elapsed = 0, 1
    form.tools[1].elapsed_us = record.duration_us
    form.tools[1].min_duration_us, form.tools[1].max_duration_us = 0, 0
    form.tools[1].histogram = { scale = 6, zero_count = 0, offset = 0, bucket_counts = {} }
    form.tools[1].last_end_seconds, form.tools[1].last_end_microseconds = 9223372036854, 775807
    form.taken_seconds, form.taken_microseconds = 9223372036854, 775807
    local columns = read(assert(exectrack.from_table(form)))
    assert.same({ "9223372036854775807" }, digits(columns.end_time))
    assert.same({ "4503599627370495" }, digits(columns.duration_us))
    assert.same({ "9218868437227405312" }, digits(columns.start_time))
  end)

  it("has indexes of names in as many bits as their number needs, and rows in groups", function()
    local most = parquet_file.GROUP_ROWS
    finally(function() parquet_file.GROUP_ROWS = most end)
    for _, names in ipairs { 1, 2, 3, 17, 255, 257, 300 } do
      parquet_file.GROUP_ROWS = 301
      local records, tools = {}, {}
      for i = 1, 700 do
        tools[i] = "tool " .. i * 7 % names
        records[i] = { tool = tools[i], status = "success", duration_ms = i,
          timestamp = i % 3 > 0 and STARTED or false, was_cached = i % 5 == 0 }
      end
      local columns, footer = read(tracked.run(records, { max_tools = 400 }))
      assert.same(tools, columns.tool)
      assert.equal(3, #footer[4])
      local dated, cached = 0, 0
      for i = 1, 700 do
        dated = dated + (columns.end_time[i] and 1 or 0)
        cached = cached + (columns.was_cached[i] and 1 or 0)
      end
      assert.equal(467, dated)
      assert.equal(140, cached)
      assert.equal("700000", protobuf_reader.digits(columns.duration_us[700]))
    end
  end)

  it("has valid UTF-8, and texts only if they are asked for", function()
    local tracker = exectrack.new { max_history = 10, args_texts = 8, error_texts = 8 }
    pcall(tracker:wrap("fails\255", function(path) error("no " .. path, 0) end), "a")
    local columns = read(tracker:snapshot(), { texts = true })
    assert.same({ "fails\239\191\189#b36952d9" }, columns.tool)
    assert.same({ '"a"' }, columns.args_text)
    assert.same({ "no a" }, columns.error_text)
    columns = read(tracked.run { { tool = "a", status = "success" } }, { texts = true })
    assert.same({ {}, {} }, { columns.args_text, columns.error_text })
  end)
end)
