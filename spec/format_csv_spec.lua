local clocks = require("spec.support.clock")
local csv = require("exectrack.format.csv")
local encode = require("spec.support.encode")
local exectrack = require("exectrack")
local made_up = require("spec.support.made_up")
local naive_order = require("spec.support.order_of_ends")
local odd_runs = require("spec.support.odd_runs")
local pieces = require("spec.support.pieces")
local random = require("spec.support.random")

local HEADER = "tool,status,duration_ms,timing,was_cached,error_type,args_hash,result_hash,session,"
  .. "depth,timestamp"

--- All that the decoder of a text returns, and its notes.
local function decode(text, options)
  local all = {}
  local next_execution, notes = csv.decode(pieces(text, 1000), options)
  for line, execution, message in next_execution do
    all[#all + 1] = { line, execution, message }
  end
  return all, notes()
end

--- A record as a decoder gives it.
local function execution_of(record)
  return { tool = record.tool, status = record.status, duration_ms = record.duration_ms,
    timing = record.timing, was_cached = record.was_cached, error_type = record.error_type,
    args_hash = record.args_hash, result_hash = record.result_hash or 0, session = record.session,
    depth = record.depth, measures = record.measures, timestamp = record.timestamp or nil }
end

--- Asserts that the decoder reads the records of a run, in the order of their ends, from what the
-- encoder writes.
local function assert_read_back(run, message)
  local expected = {}
  for i, index in ipairs(naive_order(run)) do
    expected[i] = execution_of(run[index])
  end
  local read, notes = decode(encode("csv", run))
  for i, row in ipairs(read) do
    assert.is_nil(row[3], message)
    read[i] = row[2]
  end
  assert.same(expected, read, message)
  assert.same({}, notes)
end

describe("the decoder of CSV", function()
  it("reads what the encoder writes", function()
    assert.same({
      { 2, { tool = "=1+1", status = "success", duration_ms = 12.345, was_cached = true,
        args_hash = 4294967295, result_hash = 0, depth = 0, timestamp = 1767225601 } },
      { 3, { tool = 'a, "b"\n', status = "failed", duration_ms = 0, timing = "elapsed",
        was_cached = false, error_type = "'-1", args_hash = 0, result_hash = 7,
        session = "#0000000a", depth = 7, measures = { cost = 0.002 },
        timestamp = 1767225601.000001 } },
      { 5, { tool = "", status = "timed_out", timing = "untimed", was_cached = false,
        args_hash = 0, result_hash = 0, depth = 0 } },
    }, (decode(HEADER .. ",measures.cost\r\n"
      .. "'=1+1,success,12.345,,true,,4294967295,0,,0,1767225601.000000,\r\n"
      .. '"a, ""b""\n",failed,0,elapsed,false,' .. "''-1,0,7,#0000000a,7,"
      .. "1767225601.000001,0.002\r\n"
      .. '"",timed_out,,untimed,false,,0,0,,0,,\r\n')))
  end)

  it("reads large times as seconds from what the encoder writes, and else finds out", function()
    assert.equal(1767225600123, decode(HEADER .. "\na,success,1,,false,,0,0,,0,1767225600123.000000"
      )[1][2].timestamp)
    assert.equal(1767225600.123, decode("tool,status,timestamp\na,success,1767225600123.000000"
      )[1][2].timestamp)
  end)

  it("reads a row that others changed as a row of others", function()
    local read, notes = decode(HEADER .. "\na,OK,1,,false,,0,0,,0,2026-01-01T00:00:00Z\n"
      .. "'=a,success,1 s,,no,,x,0,,0,\n,success,1,,false,,0,0,,0,\n")
    assert.same({
      { 2, { tool = "a", status = "success", duration_ms = 1, was_cached = false, args_hash = 0,
        result_hash = 0, depth = 0, timestamp = 1767225600 } },
      { 3, nil, "args_hash: a number expected, got 'x'; --map args_hash=PATH takes it from "
        .. "elsewhere, --map args_hash= leaves it out" },
      { 4, nil, "tool: not found in a line with 'args_hash', 'depth', 'duration_ms', "
        .. "'result_hash', 'status', 'was_cached': --map tool=PATH says where it is; --skip-bad "
        .. "skips lines that aren't executions" },
    }, read)
    assert.same({ "taken: duration from duration_ms (with units), "
      .. "timestamp from timestamp (ISO 8601)" }, notes)
  end)

  it("reads the rows of others, with apostrophes as they are", function()
    local read, notes = decode("name;ok;elapsed_s;@timestamp;error;cost;level;cached\n"
      .. "'=a;true;1.5;2026-01-01 00:00:00,5;;0.5;info;yes\n"
      .. '"b ""c""";0;"";;"it\nbroke";;"";\n'
      .. ";1;;;;;;\nd;what;;;;;;\nd;1;x;;;;;\n", { measures = { "cost" } })
    assert.same({
      { 2, { tool = "'=a", status = "success", duration_ms = 1500, timestamp = 1767225600.5,
        measures = { cost = 0.5 }, was_cached = true } },
      { 3, { tool = 'b "c"', status = "failed", error_text = "it\nbroke" } },
      { 5, nil, "tool: not found in a line with 'ok': --map tool=PATH says where it is; "
        .. "--skip-bad skips lines that aren't executions" },
      { 6, nil, "status from ok: unknown status 'what': --status what=STATUS says which of "
        .. "success, failed, timed_out and cancelled it is" },
      { 7, nil, "duration from elapsed_s: a duration expected, got 'x'; "
        .. "--map duration=PATH takes it from elsewhere, "
        .. "--map duration= leaves it out" },
    }, read)
    assert.same({ "taken: tool from name, status from ok, error_text from error, "
      .. "duration from elapsed_s (s), timestamp from @timestamp (ISO 8601 without a zone, read as "
      .. "UTC), was_cached from cached, measures.cost from cost", "ignored: level" }, notes)
  end)

  it("maps fields and statuses, of rows that the encoder wrote, too", function()
    local text = HEADER .. "\n'=a,success,1,,false,E,0,0,s,0,5\n"
    assert.same({ { 2, { tool = "E", status = "cancelled", duration_ms = 1, was_cached = false,
      args_hash = 0, result_hash = 0, session = "=a", depth = 0, timestamp = 5 } } },
      (decode(text, { map = { tool = "error_type", session = "tool" },
        statuses = { success = "cancelled" } })))
    assert.equal("unknown field 'x', not one of", decode("tool,status,x\na,ok,1", { strict = true })
      [1][3]:sub(1, 29))
  end)

  it("takes words for nothing as they are in what the encoder wrote", function()
    local row = "\nnull,success,1,,false,,0,0,-,0,5\n"
    assert.equal("-", decode(HEADER .. row)[1][2].session)
    assert.equal("-", decode(HEADER .. row, { statuses = { x = "failed" } })[1][2].session)
    assert.is_nil(decode("level," .. HEADER .. row:gsub("null", "1,null"))[1][2].session)
  end)

  it("says what is wrong with a header, and ends", function()
    local FOUR = "success, failed, timed_out and cancelled"
    local UTF8 = "a byte that isn't UTF-8: iconv -f LATIN1 -t UTF-8 converts it"
    for _, case in ipairs {
      { "a,a\n1,2\n", "the header has two fields 'a'" },
      { "hello\nb\n", "read as CSV with the columns 'hello': none for tool: --map tool=COLUMN says "
        .. "which" },
      { "a;b;c;d;e;f;g;h;i", "read as CSV with the columns 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', "
        .. "…: none for tool: --map tool=COLUMN says which" },
      { ",tool,\n1,2,3", "read as CSV with the columns '', 'tool', '': none for status: --map "
        .. "status=COLUMN says which; --status =STATUS says which of " .. FOUR .. " all rows are" },
      { "status,tool\nok,a\n", "read as CSV with the columns 'status', 'tool': none for tool from "
        .. "cmd: --map tool=COLUMN says which", { map = { tool = "cmd" } } },
      { "status,tool\nok,a\n", "read as CSV with the columns 'status', 'tool': none for status: "
        .. "--map status=COLUMN says which; --status =STATUS says which of " .. FOUR
        .. " all rows are", { map = { status = "", session = "status" } } },
      { "status,tool\nok,a\n", "read as CSV with the columns 'status', 'tool': none for tool: "
        .. "--map tool=COLUMN says which", { map = { session = "tool" } } },
      { "tool,\255,status\na,b,ok", UTF8 },
      { 'tool,"\255",status\na,b,ok', UTF8 },
    } do
      local next_execution = csv.decode(pieces(case[1]), case[3])
      assert.same({ 1, nil, case[2], true, n = 4 }, { n = select("#", next_execution()),
        csv.decode(pieces(case[1]), case[3])() })
      assert.is_nil(next_execution())
    end
    for _, case in ipairs { { "tool,error\na,x" }, { "tool,error_message\na,x" },
      { "tool,x\na,y", { map = { status = "x" }, statuses = { y = "failed" } } },
      { "tool\na", { statuses = { [""] = "failed" } } } } do
      assert.equal("failed", decode(case[1], case[2])[1][2].status)
    end
    assert.same({}, (decode ""))
    assert.same({}, (decode(HEADER)))
  end)

  it("says what to do about lines that end in CR alone", function()
    local next_row = csv.decode(pieces("tool,status\ra,success\r"))
    assert.same({ 1, nil, "a carriage return within a name: lines end in LF or CRLF, and "
      .. "tr '\\r' '\\n' converts others", true }, { next_row() })
  end)

  it("has no session where the field is empty text", function()
    for _, name in ipairs { "session", "Session ID" } do
      assert.same({ { 2, { tool = "a", status = "success" } } },
        (decode("tool,status," .. name .. '\na,ok,""\n')))
    end
  end)

  it("skips rows of empty fields", function()
    assert.same({ { 4, { tool = "a", status = "success" } } },
      (decode 'tool,status\n,\n"",""\na,ok\n,\n'))
  end)

  it("refuses rows that aren't UTF-8", function()
    local UTF8 = "a byte that isn't UTF-8: iconv -f LATIN1 -t UTF-8 converts it"
    assert.same({ { 2, nil, UTF8 }, { 3, nil, UTF8 },
      { 5, { tool = "\195\169", status = "success" } },
      { 6, { tool = "\240\159\152\128", status = "success" } }, { 7, nil, UTF8 } },
      (decode('tool,status\ncaf\233,ok\n"\n\195",ok\n\195\169,ok\n"\240\159\152\128",ok\n'
        .. "\237\160\128,ok\n")))
  end)

  it("says what is wrong with a row, and goes on", function()
    assert.same({ { 2, nil, "2 fields expected, as the header has, got 3" },
      { 3, nil, "a quote that begins in line 3 never ends" },
      { 4, { tool = "a", status = "success" } } },
      (decode 'tool,status\n1,2,3\n"a,ok\na,ok\n'))
    assert.same({ { 2, nil, "a row of more than 12 bytes" } },
      (decode("tool,status\n123456789,ok1", { max_line_bytes = 12 })))
  end)

  it("raises for wrong arguments, and a piece that isn't a string", function()
    assert.has_error(function() csv.decode("text") end,
      "csv.decode: a function expected, got string")
    assert.has_error(function() csv.decode(io.read, { max_line_bytes = 0 }) end,
      "csv.decode: option 'max_line_bytes': an integer from 1 expected, got 0")
    assert.has_error(function() csv.decode(io.read, { duration_unit = "min" }) end,
      "csv.decode: option 'duration_unit': s, ms, us or ns expected, got 'min'")
    for _, given in ipairs { { 5 }, { "tool,sta", false }, { "tool,status\na,o", {} },
      { "tool,status\na,ok\n", 5 } } do
      local i = 0
      local next_execution = csv.decode(function()
        i = i + 1
        return given[i]
      end)
      local value = given[#given]
      assert.has_error(function()
        for _ in next_execution do end
      end, "csv.decode: a piece: a string expected, got "
        .. (type(value) == "table" and "table" or tostring(value)))
    end
  end)

  it("has columns of the measures that a record has, so that an import knows the same", function()
    local tracker = exectrack.new {
      measures = { { name = "b" }, { name = "unused" }, { name = "a" } },
    }
    tracker:record { tool = "t", status = "success", measures = { b = 1 } }
    tracker:record { tool = "t", status = "success" }
    tracker:record { tool = "t", status = "success", measures = { a = 2 } }
    local header = csv.encode(tracker:snapshot())():match("^(.-)\r\n")
    assert.equal(HEADER .. ",measures.a,measures.b", header)
  end)

  it("reads back made-up and odd runs", function()
    local before, after = made_up.examples()
    assert_read_back(before)
    assert_read_back(after)
    for _, odd in ipairs(odd_runs.all()) do
      if odd[1] ~= "with names that harm" then
        assert_read_back(odd[2], odd[1])
      end
    end
  end)

  it("reads back random runs, with names of what CSV and spreadsheets treat in their own ways",
    function()
      random.seed("format_csv_spec")
      local PARTS = { "a", "'", "'", '"', ",", ";", "\t", "\n", "\r", " ", "=", "+", "-", "@",
        "\239\188\157", "\195\169", "0", "#", "" }
      local function name()
        local parts = {}
        for i = 1, math.random(0, 4) do
          parts[i] = random.pick(PARTS)
        end
        return table.concat(parts)
      end
      local function maybe(value)
        return math.random(2) == 1 and value or nil
      end
      for _ = 1, 60 do
        local tracker = exectrack.new { clock = clocks.new().read, measures = { { name = "a=b" },
          { name = "c,d", scale = 1e-6 } } }
        for _ = 1, math.random(0, 30) do
          local duration_ms = maybe(random.integer(0, 1e9) / 1000)
          tracker:record {
            tool = name(),
            status = random.pick { "success", "failed", "timed_out", "cancelled" },
            duration_ms = duration_ms,
            timing = duration_ms and maybe("elapsed"),
            was_cached = math.random(2) == 1,
            error_type = maybe(name()),
            args_hash = maybe(random.integer(0, 4294967295)),
            result_hash = maybe(random.integer(0, 4294967295)),
            session = maybe(name()),
            depth = math.random(0, 7),
            measures = maybe { ["a=b"] = maybe(math.random(0, 9)),
              ["c,d"] = maybe(math.random(0, 9) / 8) },
            timestamp = maybe(random.integer(0, 4e9) + random.integer(0, 999999) / 1e6) or false,
          }
        end
        assert_read_back(tracker:snapshot())
      end
    end)
end)
