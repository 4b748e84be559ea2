local mapping = require("exectrack.format.mapping")

local FIELDS = "'tool', 'tool_id', 'status', 'duration_ms', 'timing', 'was_cached', 'error_type', "
  .. "'args_hash', 'result_hash', 'session', 'depth', 'measures', 'place', 'timestamp', 'args', "
  .. "'result', 'args_text', 'error_text'"

local FOUR = "success, failed, timed_out and cancelled"

--- What a new mapping makes of a line.
local function made(line, options, is_text)
  return assert(mapping.new(options or {})):execution(line, is_text)
end

--- The message about a line.
local function message(line, options, is_text)
  local execution, said = made(line, options, is_text)
  assert.is_nil(execution)
  return said
end

--- A line that is right, with other fields.
local function line_with(fields)
  local line = { tool = "a", status = "success" }
  for key, value in pairs(fields) do
    line[key] = value
  end
  return line
end

--- What a line with these fields makes of them: without tool, and without status if it is success.
local function made_of(fields, options, is_text)
  local execution, said = made(line_with(fields), options, is_text)
  if not execution then
    return said
  end
  local copy = {}
  for key, value in pairs(execution) do
    copy[key] = value
  end
  copy.tool, copy.status = nil, copy.status ~= "success" and copy.status or nil
  return copy
end

--- The notes about lines.
local function notes(lines, options)
  local new = assert(mapping.new(options or {}))
  for _, line in ipairs(lines) do
    new:execution(line)
  end
  return new:notes()
end

describe("a line with fields of record alone", function()
  it("is taken as it is", function()
    for _, line in ipairs {
      { tool = "a", tool_id = 7, status = "failed", duration_ms = 1.5, timing = "elapsed",
        was_cached = true, error_type = "E", args_hash = 1, result_hash = 2, session = "s",
        depth = 3, measures = { cost = 1 }, place = "a:1", timestamp = 1767225600.5 },
      { tool = "a", status = "success", timestamp = false },
      { tool = "a", status = "timed_out", timestamp = 7258118400 },
      { tool = "a", status = "cancelled", args = { 1 }, result = "x", error_text = "",
        timestamp = 0 },
      { tool = "a", status = "success", was_cached = false, timestamp = 9223372036854 },
    } do
      assert.equal(line, made(line))
    end
  end)

  it("may have values of other types, as under common names", function()
    for _, case in ipairs {
      { { duration_ms = "12" }, { duration_ms = 12 } },
      { { duration_ms = "1.5s", session = 5 }, { duration_ms = 1500, session = "5" } },
      { { was_cached = 1, error_type = 5 }, { was_cached = true, error_type = "5" } },
      { { depth = "2", args_hash = "7", result_hash = " 8" }, { depth = 2, args_hash = 7,
        result_hash = 8 } },
      { { duration_ms = "", was_cached = "", timing = "", depth = "", session = "" },
        { session = "" } },
      { { session = 5, timestamp = false }, { session = "5", timestamp = false } },
      { { timing = " untimed" }, { timing = "untimed" } },
    } do
      assert.same(case[2], made_of(case[1]))
    end
    assert.same({ tool = "5", status = "success" }, made { tool = 5, status = "success" })
  end)

  it("says what is wrong with a value, and which option helps", function()
    for _, case in ipairs {
      { { duration_ms = -1 }, "duration_ms: a duration expected, got -1; --map duration=PATH takes "
        .. "it from elsewhere, --map duration= leaves it out" },
      { { duration_ms = math.huge }, "duration_ms: a duration expected, got inf; --map duration="
        .. "PATH takes it from elsewhere, --map duration= leaves it out" },
      { { timing = "fast" }, "timing: measured, elapsed or untimed expected, got 'fast'; "
        .. "--map timing=PATH takes it from elsewhere, --map timing= leaves it out" },
      { { was_cached = 2 }, "was_cached: true, false, hit or miss expected, got 2; "
        .. "--map was_cached=PATH takes it from elsewhere, --map was_cached= leaves it out" },
      { { session = { id = 5 } }, "session: a text expected, got a table; --map session="
        .. "session.PATH takes it from in there" },
      { { session = { 5 } }, "session: a text expected, got a table; --map 'session=session[0]' "
        .. "takes it from in there" },
      { { session = {} }, "session: a text expected, got a table; --map session=PATH takes it from "
        .. "elsewhere, --map session= leaves it out" },
      { { status = { code = 5 } }, "status: a text, a number, true or false expected, got a table; "
        .. "--map status=status.PATH takes it from in there" },
      { { tool = true }, "tool: a text expected, got true; --map tool=PATH takes it from "
        .. "elsewhere" },
      { { timestamp = true }, "timestamp: a time from 1970 on, as Unix time or in ISO 8601, "
        .. "expected, got true; --map timestamp=PATH takes it from elsewhere, --map timestamp= "
        .. "leaves it out" },
    } do
      assert.equal(case[2], made_of(case[1]))
    end
  end)

  it("may have a time that isn't in seconds, unless it has was_cached", function()
    for _, case in ipairs { { 1767225600123, 1767225600.123 },
      { "2026-01-01T00:00:00+01:00", 1767222000 }, { "1767225600.5", 1767225600.5 } } do
      assert.same({ timestamp = case[2] }, made_of { timestamp = case[1] })
    end
    assert.same({ timestamp = 1767225600123, was_cached = false },
      made_of { timestamp = 1767225600123, was_cached = false })
    assert.same({ timestamp = 1767225600, was_cached = true },
      made_of { timestamp = "2026-01-01T00:00:00Z", was_cached = true })
    assert.same({ timestamp = 1767225600.123, was_cached = true },
      made_of { timestamp = 1767225600123, was_cached = true, level = "info" })
  end)

  it("may have another word for its status", function()
    assert.same({ status = "timed_out" }, made_of { status = "Timeout" })
    assert.same({ status = "failed", error_type = "http_404" }, made_of { status = 404 })
    assert.same({ status = "failed", error_type = "E" },
      made_of { status = 404, error_type = "E" })
    assert.same({ status = "failed" }, made_of { status = false })
  end)
end)

describe("a line with common names", function()
  it("has the fields that they mean", function()
    assert.same({ tool = "fetch", status = "failed", error_type = "ENOENT",
      error_text = "no such file", duration_ms = 1500, timestamp = 1767225600.5, was_cached = true,
      args = { path = "x" }, result = "y", session = "17" },
      made { toolName = "fetch", ok = false, errorCode = "ENOENT", error_message = "no such file",
        ["@timestamp"] = "2026-01-01T00:00:00.5Z", elapsed_s = 1.5, cache_hit = 1,
        input = { path = "x" }, output = "y", conversation_id = 17, level = "info" })
  end)

  it("has the first of several that there are", function()
    assert.same({ tool = "b", status = "failed", duration_ms = 2, timestamp = 20 },
      made { name = "a", tool_name = "b", state = "error", exit_code = 0, took = 1, latency = 2,
        ts = 10, end_time = 20, ["function"] = "c" })
    assert.same({ tool = "b", status = "success", session = "s" },
      made { name = "a", Name = "b", state = "ok", session_id = "", trace_id = "s" })
  end)

  it("keeps measures that aren't a table, which record refuses, beside others", function()
    assert.same({ measures = 5 }, made_of { measures = 5, ["measures.cost"] = 3 })
  end)

  it("has the field of this very name before other spellings of it", function()
    assert.same({ tool = "y", status = "failed" },
      made { Tool = "x", tool = "y", Status = "success", status = "failed" })
  end)

  it("has its fields, however many unknown ones other lines had", function()
    local new = assert(mapping.new {})
    for i = 1, 10001 do
      assert(new:execution { name = "a", ok = true, ["request " .. i] = 1 })
    end
    assert.same({ tool = "b", status = "failed", duration_ms = 7 },
      new:execution { tool = "b", name = "a", status = "failed", ok = false, elapsed_ms = 7 })
    local own = { tool = "c", status = "success" }
    assert.equal(own, new:execution(own))
  end)

  it("isn't a success if another of its names for the status says so", function()
    for _, case in ipairs {
      { { status = "ok", is_error = true }, "failed" },
      { { status = 200, success = false }, "failed" },
      { { ok = true, exit_code = 3 }, "failed", "exit_3" },
      { { ok = true, error = true, exit_code = 124 }, "failed" },
      { { state = "done", exit_code = 124 }, "timed_out", "exit_124" },
      { { outcome = "done", state = "Aborted" }, "cancelled" },
      { { status = "success", state = "what", failed = {}, is_error = false }, "success" },
      { { status = "timeout", is_error = true }, "timed_out" },
      { { status = "failed", success = true }, "failed" },
    } do
      case[1].tool = "a"
      assert.same({ tool = "a", status = case[2], error_type = case[3] },
        made(case[1], { statuses = { ["*"] = "failed" } }))
    end
    assert.same({ tool = "a", status = "success" }, made({ tool = "a", status = "ok",
      is_error = true }, { map = { status = "status" } }))
    assert.same({ "taken: status from is_error" },
      notes { { tool = "a", status = "ok", is_error = true } })
  end)

  it("has numbers, booleans and text as record takes them", function()
    for _, case in ipairs {
      { { latency = "12.5" }, { duration_ms = 12.5 } },
      { { latency = " 12 " }, { duration_ms = 12 } },
      { { ts = " 1767225600 " }, { timestamp = 1767225600 } },
      { { Depth = " 2 " }, { depth = 2 } },
      { { latency = "1m30.5s" }, { duration_ms = 90500 } },
      { { latency_us = 1500 }, { duration_ms = 1.5 } },
      { { latency_us = "2ms" }, { duration_ms = 2 } },
      { { durationSeconds = 2 }, { duration_ms = 2000 } },
      { { ["Duration (s)"] = 2 }, { duration_ms = 2000 } },
      { { ["duration [us]"] = 2 }, { duration_ms = 0.002 } },
      { { took_min = 1.5 }, { duration_ms = 90000 } },
      { { elapsedHours = "2" }, { duration_ms = 7200000 } },
      { { took = "00:01:30.25" }, { duration_ms = 90250 } },
      { { request_time = "0.125", time_iso8601 = "2026-01-01T00:00:00+00:00" },
        { duration_ms = 125, timestamp = 1767225600 } },
      { { response_time = 3 }, { duration_ms = 3 } },
      { { time = 99999999.5, datetime = 5 }, { timestamp = 5 } },
      { { time = "0.25" }, {} },
      { { time = 1e8 }, { timestamp = 1e8 } },
      { { ts = 0.25 }, { timestamp = 0.25 } },
      { { cached = "HIT" }, { was_cached = true } },
      { { cache_hit = " miss " }, { was_cached = false } },
      { { cached = "t" }, { was_cached = true } },
      { { Duration_MS = "3" }, { duration_ms = 3 } },
      { { duration = "" }, {} },
      { { cached = "yes" }, { was_cached = true } },
      { { cached = " No " }, { was_cached = false } },
      { { from_cache = 0 }, { was_cached = false } },
      { { session_id = 12345678901 }, { session = "12345678901" } },
      { { session_id = 0.5 }, { session = "0.5" } },
      { { Depth = "2", Args_Hash = "7" }, { depth = 2, args_hash = 7 } },
      { { time = "" }, {} },
      { { ["end"] = false, start = false }, {} },
      { { args_hash = 5, input = 1 }, { args_hash = 5 } },
      { { result_hash = 5, output = 1 }, { result_hash = 5 } },
      { { params = "", response = "" }, { args = "", result = "" } },
      { { args = 1, input = 2 }, { args = 1 } },
    } do
      assert.same(case[2], made_of(case[1]))
    end
    assert.same({ tool = "7", status = "success" }, made { name = 7, exit_code = "0" })
    assert.same({ tool = "a", status = "timed_out" }, made { name = "a", state = " Timeout " })
    assert.same({ tool = "", status = "success" }, made { name = "", ok = true })
  end)

  it("has nothing where a word says so, under other names than those of record", function()
    for _, word in ipairs { "NULL", "null", "None", "nil", "\\N", "-", "N/A", "n/a" } do
      assert.same({ tool = word, status = "success" }, made { name = word, state = word,
        outcome = "ok", elapsed = word, ts = word, error = word, session_id = word, cached = word,
        input = word })
      assert.same({ error_type = word, session = word, args = word },
        made_of { error_type = word, session = word, args = word, level = 1 })
      assert.same({}, made_of({ error_type = word, session = word, duration_ms = word }, {}, true))
      assert.same({}, made_of({ x = word }, { map = { session = "x" } }))
      assert.same({ tool = word, status = "failed" }, made({ x = word, state = word },
        { map = { tool = "x" }, statuses = { [word] = "failed" } }))
    end
  end)

  it("has no error if its error is a word that says so", function()
    for _, word in ipairs { "none", "No", "FALSE", "None" } do
      assert.same({}, made_of { ok = true, error = word })
      assert.same({ tool = "a", status = "success" },
        made({ tool = "a", error = word }, { statuses = { [""] = "success" } }))
    end
  end)

  it("has the value of args that are JSON in a text", function()
    for _, case in ipairs { { '{"path":"a","n":[1]}', { path = "a", n = { 1 } } },
      { " [1]", { 1 } }, { "{path", "{path" }, { '{"a":1} x', '{"a":1} x' }, { "12", "12" } } do
      assert.same({ args = case[2] }, made_of { arguments = case[1] })
      assert.same({ args = case[2] },
        made_of({ args = case[1] }, { map = { args = "args" } }))
      assert.same({ args = case[1] }, made_of { args = case[1], level = 1 })
    end
  end)

  it("is in the unit of the option if the name has none", function()
    assert.same({ duration_ms = 1500 }, made_of({ duration = 1.5 }, { duration_unit = "s" }))
    assert.same({ duration_ms = 1.5 }, made_of({ duration_ms = 1.5 }, { duration_unit = "s" }))
    assert.same({ duration_ms = 1.5 }, made_of({ took_ms = 1.5 }, { duration_unit = "s" }))
    assert.same({ duration_ms = 0.002 }, made_of({ took = 1500 }, { duration_unit = "ns" }))
    assert.same({ duration_ms = 1500 }, made_of({ took = 1500 }, { duration_unit = "ms" }))
  end)

  it("has an error of one word as error type, else as text", function()
    local failed = { name = "a", ok = false }
    for _, case in ipairs {
      { { error = "ENOENT" }, "ENOENT", nil },
      { { error = ("x"):rep(64) }, ("x"):rep(64), nil },
      { { error = ("x"):rep(65) }, nil, ("x"):rep(65) },
      { { error = "no such file" }, nil, "no such file" },
      { { error = "timeout", error_type = "E" }, "E", "timeout" },
      { { error = "E", error_message = "it broke" }, "E", "it broke" },
      { { error = "it broke", error_message = "it did" }, nil, "it did" },
      { { error = "" }, nil, nil },
      { { error = { code = 5 } }, nil, nil },
      { { error = true }, nil, nil },
      { { error_code = 404 }, "404", nil },
      { { error_code = 0 }, nil, nil },
      { { error_code = "0", error = "E" }, "E", nil },
      { { error_name = false }, nil, nil },
    } do
      local line = { name = failed.name, ok = failed.ok }
      for key, value in pairs(case[1]) do
        line[key] = value
      end
      local execution = assert(made(line))
      assert.same({ "failed", case[2], case[3] },
        { execution.status, execution.error_type, execution.error_text })
    end
  end)

  it("has no error if it is a success, unless record's own field says so", function()
    assert.same({}, made_of { error_code = "OK", error_message = "none at all" })
    assert.same({ error_type = "E", error_text = "t" },
      made_of { error_type = "E", error_text = "t", level = 1 })
    assert.same({}, made_of({ code = "OK" }, { map = { error_type = "code" } }))
  end)

  it("is failed without a status if it has an error", function()
    assert.same({ tool = "a", status = "failed", error_type = "ENOENT" },
      made { name = "a", error = "ENOENT" })
    assert.same({ tool = "a", status = "failed", error_text = "it broke" },
      made({ name = "a", error = "it broke" }, { statuses = { [""] = "success" } }))
    assert.same({ tool = "a", status = "success" },
      made({ name = "a", error = "" }, { statuses = { [""] = "success" } }))
    assert.same({ tool = "a", status = "failed" }, made { name = "a", error = true })
    assert.same({ tool = "a", status = "success" }, made { name = "a", error = false })
  end)

  it("has what follows from start and end", function()
    for _, case in ipairs {
      { { start = "2026-01-01T00:00:00Z", timestamp = 1767225601 }, { duration_ms = 1000,
        timestamp = 1767225601 } },
      { { start = 1767225600000, duration = 5 }, { duration_ms = 5, timestamp = 1767225600.005 } },
      { { start = true }, "start: a time from 1970 on, as Unix time or in ISO 8601, expected, got "
        .. "true; --map start=PATH takes it from elsewhere, "
        .. "--map start= leaves it out" },
      { { start = -1 }, "start: a time from 1970 on, as Unix time or in ISO 8601, expected, got "
        .. "-1; --map start=PATH takes it from elsewhere, "
        .. "--map start= leaves it out" },
      { { start = 100, ["end"] = 101.5 }, { duration_ms = 1500, timestamp = 101.5 } },
      { { began_at = "2026-01-01T00:00:00.000001Z", finished_at = "2026-01-01T01:00:00.000003+01" },
        { duration_ms = 0.002, timestamp = 1767225600.000003 } },
      { { started_at = 1767225600000, latency = 1.001 }, { duration_ms = 1.001,
        timestamp = 1767225600.001001 } },
      { { start = 100, duration_ms = 500 }, { duration_ms = 500, timestamp = 100.5 } },
      { { start = 100, timestamp = 101, took = 5 }, { duration_ms = 5, timestamp = 101 } },
      { { start = 100, timestamp = 100 }, { duration_ms = 0, timestamp = 100 } },
      { { start = 100 }, {} },
      { { start = 100, timestamp = false }, { timestamp = false } },
      { { start = 100, timestamp = 101, timing = "untimed" }, { timestamp = 101,
        timing = "untimed" } },
      { { start = 101.5, ended_at = 100 }, "start: 1500 ms later than timestamp from ended_at" },
      { { start_time = 101.5, timestamp = 100 }, "start from start_time: 1500 ms later than "
        .. "timestamp" },
    } do
      assert.same(case[2], made_of(case[1]))
    end
  end)

  it("says what is wrong with a value, and which option helps", function()
    for _, case in ipairs {
      { { latency = -1 }, "duration from latency: a duration expected, got -1; "
        .. "--map duration=PATH takes it from elsewhere, "
        .. "--map duration= leaves it out" },
      { { latency = "soon" }, "duration from latency: a duration expected, got 'soon'; "
        .. "--map duration=PATH takes it from elsewhere, "
        .. "--map duration= leaves it out" },
      { { ts = "yester\27day" }, "timestamp from ts: a time from 1970 on, as Unix time or in ISO "
        .. "8601, expected, got 'yester\\x1bday'; --map timestamp=PATH takes it from elsewhere, "
        .. "--map timestamp= leaves it out" },
      { { timestamp = "2026-02-30" }, "timestamp: a time from 1970 on, as Unix time or in ISO "
        .. "8601, expected, got '2026-02-30'; --map timestamp=PATH takes it from elsewhere, "
        .. "--map timestamp= leaves it out" },
      { { began_at = -5 }, "start from began_at: a time from 1970 on, as Unix time or in ISO 8601, "
        .. "expected, got -5; --map start=PATH takes it from elsewhere, "
        .. "--map start= leaves it out" },
      { { cached = "STALE" }, "was_cached from cached: true, false, hit or miss expected, got "
        .. "'STALE'; --map was_cached=PATH takes it from elsewhere, "
        .. "--map was_cached= leaves it out" },
      { { conversation = { id = 5 } }, "session from conversation: a text expected, got a table; "
        .. "--map session=conversation.PATH takes it from in there" },
      { { ["Session ID"] = true }, "session from 'Session ID': a text expected, got true; "
        .. "--map session=PATH takes it from elsewhere, "
        .. "--map session= leaves it out" },
      { { Depth = "x" }, "depth from Depth: a number expected, got 'x'; "
        .. "--map depth=PATH takes it from elsewhere, "
        .. "--map depth= leaves it out" },
      { { status = "warn" }, "status: unknown status 'warn': --status warn=STATUS says which of "
        .. FOUR .. " it is" },
      { { status = 99 }, "status: unknown status 99: --status 99=STATUS says which of " .. FOUR
        .. " it is" },
    } do
      assert.equal(case[2], made_of(case[1]))
    end
    for value, option in pairs { ["in progress"] = "--status 'in progress=STATUS'",
      ["it's"] = "--status 'it'\\''s=STATUS'", ["-1"] = "--status=-1=STATUS",
      ["- x"] = "--status='- x=STATUS'" } do
      assert.equal("status from state: unknown status '" .. value .. "': " .. option
        .. " says which of " .. FOUR .. " it is", message { tool = "a", state = value })
    end
    for value, shown in pairs { ["in \27 progress"] = "in \\x1b progress",
      [("x"):rep(41)] = ("x"):rep(40) .. "..." } do
      assert.equal("status from state: unknown status '" .. shown .. "': --map status=PATH takes "
        .. "it from elsewhere, --map status= --status =STATUS says which of " .. FOUR .. " all are",
        message { tool = "a", state = value })
    end
    assert.equal("status from ok: a text, a number, true or false expected, got a table; "
      .. "--map status=PATH takes it from elsewhere", message { tool = "a", ok = {} })
    assert.equal("tool from function: a text expected, got a table; "
      .. "--map tool=PATH takes it from elsewhere", message { ["function"] = {}, ok = true })
  end)

  it("needs a tool and a status", function()
    local skip = "--skip-bad skips lines that aren't executions"
    assert.equal("tool: not found: --map tool=PATH says where it is; " .. skip, message {})
    assert.equal("tool: not found in a line with '1', 'b', 'status': --map tool=PATH says where it "
      .. "is; " .. skip, message { status = "ok", b = 1, [1] = 2 })
    assert.equal("tool: not found in a line with 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', …: --map "
      .. "tool=PATH says where it is; " .. skip,
      message { a = 1, b = 1, c = 1, d = 1, e = 1, f = 1, g = 1, h = 1, i = 1 })
    assert.equal("status: not found: --map status=PATH says where it is; --status =STATUS says "
      .. "which of " .. FOUR .. " a line without one is", message { tool = "a", level = "info" })
    assert.equal("tool from x.y: not found in a line with 'ok', 'tool'; " .. skip,
      message({ tool = "a", ok = true }, { map = { tool = "x.y" } }))
  end)
end)

describe("a map", function()
  it("says where fields are", function()
    assert.same({ tool = "t", status = "timed_out", duration_ms = 1500, timestamp = 1767225600.25,
      was_cached = false, error_type = "7", error_text = "x", args_hash = 1, result_hash = 2,
      session = "9", depth = 1, timing = "elapsed", args_text = "[]",
      measures = { cost = 0.5, tokens = 3 } },
      made({ call = { name = "t", seconds = "1.5" }, http = { status_code = 504 }, e = { 7, "x" },
        when = "2026-01-01T00:00:00.25Z", c = "no", h = { a = "1", r = 2 }, s = { { id = 9 } },
        depth = "1", ["a.b"] = "elapsed", text = "[]", usage = { cost = "0.5", tokens = 3 } }, {
        map = { tool = "call.name", status = "http.status_code", duration = "call.seconds",
          ["end"] = "when", was_cached = "c", error_type = "e[0]", error_text = "e[1]",
          args_hash = "h.a", result_hash = "h.r", session = "s[0].id", depth = "depth",
          timing = "a.b", args_text = "text", ["measures.cost"] = "usage.cost",
          tokens = "usage.tokens" },
        measures = { "tokens" } }))
  end)

  it("is taken in place of common names", function()
    local line = { tool = "a", name = "b", status = "ok", code = "bad", session = "s", id = 3,
      timestamp = 5 }
    assert.same({ tool = "b", status = "failed", session = "3" }, made(line, {
      map = { tool = "name", status = "code", session = "id", ["end"] = "ended" },
      statuses = { bad = "failed" } }))
    assert.same({ tool = "a", status = "success", timestamp = 5 },
      made(line, { map = { session = "" } }))
  end)

  it("says nothing about what a field of record is, apart from where", function()
    assert.same({ timestamp = 1767225600123, was_cached = false, session = "E" }, made_of(
      { timestamp = 1767225600123, was_cached = false, error_type = "E" },
      { map = { session = "error_type" } }))
  end)

  it("is of statuses, too, those of record included", function()
    assert.same({ status = "failed", was_cached = true }, made_of({ was_cached = true },
      { statuses = { success = "failed" } }))
  end)

  it("takes a key from the other fields that it may be a name of", function()
    assert.same({ duration_ms = 7, timestamp = 5.007 }, made_of({ timestamp = 5, took = 7 },
      { map = { start = "timestamp" } }))
    assert.same({ args = { session = "s" }, session = "s" }, made_of({ input = { session = "s" } },
      { map = { session = "input.session" } }))
  end)

  it("is in milliseconds for duration_ms, and in the unit of the path for duration", function()
    for _, case in ipairs { { "duration_ms", 2 }, { "duration", 2000 } } do
      assert.same({ duration_ms = case[2] }, made_of({ t = { total_s = 2 } },
        { map = { [case[1]] = "t.total_s" }, duration_unit = "us" }))
    end
    assert.same({ duration_ms = 0.002 }, made_of({ t = 2 },
      { map = { duration = "t" }, duration_unit = "us" }))
  end)

  it("names the path where a value is wrong", function()
    assert.equal("session from a.b: a text expected, got a table",
      made_of({ a = { b = {} } }, { map = { session = "a.b" } }))
    assert.equal("end from x: a time from 1970 on, as Unix time or in ISO 8601, expected, got 'y'",
      made_of({ x = "y" }, { map = { ["end"] = "x" } }))
    assert.equal("measures.cost from c: a number expected, got 'y'",
      made_of({ c = "y" }, { map = { ["measures.cost"] = "c" } }))
  end)

  it("is refused if it isn't one", function()
    local known = "tool, status, duration_ms, timing, was_cached, error_type, args_hash, "
      .. "result_hash, session, depth, place, timestamp, args, result, args_text, "
      .. "error_text, duration, start, end, measures.NAME"
    for _, case in ipairs {
      { { map = { zool = "a", tol = "b" } }, "unknown field 'tol', not one of " .. known, "map" },
      { { map = { tool_id = "a" } }, "unknown field 'tool_id', not one of " .. known, "map" },
      { { map = { measures = "a" } }, "unknown field 'measures', not one of " .. known, "map" },
      { { map = { cost = "a" } }, "unknown field 'cost', not one of " .. known, "map" },
      { { map = { ["end"] = "a", timestamp = "b" } }, "'end' and 'timestamp' are the same", "map" },
      { { map = { duration = "a", duration_ms = "b" } },
        "'duration' and 'duration_ms' are the same", "map" },
      { { statuses = { b = "no", a = "ok" } }, "'a': one of " .. FOUR .. " expected, got 'ok'",
        "statuses" },
      { { duration_unit = "min" }, "s, ms, us or ns expected, got 'min'", "duration_unit" },
    } do
      assert.same({ nil, case[2], case[3] }, { mapping.new(case[1]) })
    end
  end)
end)

describe("measures", function()
  it("are taken by the names that are described, and by measures. and a name", function()
    local options = { measures = { "cost", "tool" } }
    assert.same({ measures = { cost = 2 } }, made_of({ cost = "2" }, options))
    assert.same({ measures = { cost = 2, x = 1, y = 3 } },
      made_of({ cost = 2, ["measures.x"] = 1, measures = { y = 3, x = 5 } }, options))
    assert.same({ measures = { x = 1 } }, made_of { ["measures.x"] = "1" })
    assert.same({ measures = { cost = 1 } },
      made_of({ cost = 2, ["measures.cost"] = 1 }, options))
    assert.same({ measures = { x = 1 } }, made_of({ ["measures.x"] = "1" }, {}, true))
    local given = { y = 3 }
    made_of({ cost = 2, measures = given }, options)
    assert.same({ y = 3 }, given)
    assert.same({}, made_of { cost = 2 })
  end)
end)

describe("a line of text", function()
  it("has its own fields as record takes them", function()
    assert.same({ duration_ms = 1.5, timestamp = 1767225600.5, was_cached = true, depth = 2,
      args_hash = 4294967295, session = "7", error_type = "E", measures = { cost = 0.5 } },
      made_of({ duration_ms = "1.5", timestamp = "1767225600.5", was_cached = "true", depth = "2",
        args_hash = "4294967295", session = "7", error_type = "E", ["measures.cost"] = "0.5" }, {},
        true))
  end)

  it("has seconds if all its fields are ours, as convert writes them", function()
    assert.same({ timestamp = 1767225600123, was_cached = false, measures = { a = 1 } }, made_of(
      { timestamp = "1767225600123", was_cached = "false", ["measures.a"] = "1" }, {}, true))
    assert.same({ timestamp = 1767225600.123, was_cached = false }, made_of(
      { timestamp = "1767225600123", was_cached = "false", level = "1" }, {}, true))
    assert.same({ timestamp = 1767225600.123 }, made_of({ timestamp = "1767225600123" }, {}, true))
  end)

  it("has nothing where the text is empty", function()
    assert.same({}, made_of({ duration_ms = "", timestamp = "", was_cached = "", error_type = "",
      session = "", ["measures.cost"] = "" }, {}, true))
  end)

  it("may have true or false as error", function()
    for text, status in pairs { ["true"] = "failed", no = "success", ["0"] = "success" } do
      assert.same({ tool = "a", status = status }, made({ tool = "a", error = text }, {}, true))
    end
    assert.same({ tool = "a", status = "failed", error_type = "E" },
      made({ tool = "a", error = "E" }, {}, true))
  end)

  it("says what is wrong", function()
    assert.equal("duration_ms: a duration expected, got 'x'; --map duration=PATH takes it from "
      .. "elsewhere, --map duration= leaves it out",
      made_of({ duration_ms = "x" }, {}, true))
    assert.equal("was_cached: true, false, hit or miss expected, got '2'; --map was_cached=PATH "
      .. "takes it from elsewhere, --map was_cached= leaves it out",
      made_of({ was_cached = "2" }, {}, true))
    assert.equal("args_hash: a number expected, got '0x1'; --map args_hash=PATH takes it from "
      .. "elsewhere, --map args_hash= leaves it out",
      made_of({ args_hash = "0x1" }, {}, true))
  end)
end)

describe("strict", function()
  it("refuses unknown fields, the first by name, and takes common names", function()
    assert.same({ timestamp = 5 }, made_of({ ts = 5 }, { strict = true }))
    assert.equal("unknown field 'b\\x1b', not one of " .. FIELDS,
      made_of({ ["b\27"] = 1, c = 2, ts = 5 }, { strict = true }))
    assert.same({ session = "x" }, made_of({ c = "x" }, { strict = true, map = { session = "c" } }))
    assert.equal("unknown field '1', not one of " .. FIELDS, made_of({ 5 }, { strict = true }))
  end)
end)

describe("notes", function()
  it("say what was taken from where, and what was ignored", function()
    assert.same({
      "taken: tool from name, status from outcome, status from ok, error_type from error, "
        .. "duration from latency (ms, with units), timestamp from ts (Unix milliseconds, Unix "
        .. "seconds, ISO 8601 without a zone, read as UTC), session from 'Session ID'",
      "ignored: 'a b', level, msg",
    }, notes {
      { name = "a", outcome = "ok", ts = 1767225600123, latency = 5, level = "info" },
      { name = "a", outcome = "ok", ts = 1767225600, latency = "5s", msg = "x",
        ["Session ID"] = "s" },
      { name = "a", ok = false, ts = "2026-01-01T00:00:00", error = "E", ["a b"] = 1 },
    })
  end)

  it("are none about lines with fields of record alone, except on how times are read", function()
    assert.same({}, notes {})
    assert.same({}, notes { { tool = "a", status = "success", duration_ms = 1, timestamp = 5 },
      { tool = "a", status = "ok", timestamp = 5, tool_id = 6, measures = {}, args = 5 } })
    assert.same({ "taken: timestamp from timestamp (ISO 8601, Unix milliseconds)" }, notes {
      { tool = "a", status = "success", timestamp = "2026-01-01T00:00:00Z" },
      { tool = "a", status = "success", timestamp = 1767225600123 } })
    assert.same({ "taken: timestamp from timestamp (Unix seconds)", "ignored: level" }, notes {
      { tool = "a", status = "success", timestamp = 5, level = 1 } })
  end)

  it("name what is mapped, and paths that no line had", function()
    assert.same({
      "taken: tool from call.name, status from ok, end from t (Unix seconds)",
      "ignored: other, x",
      "not found: duration from took_s, session from x.y",
    }, notes({ { call = { name = "a" }, ok = true, t = 5, x = {}, other = 1 },
      { call = { name = "a" }, ok = true, t = 5 } },
      { map = { tool = "call.name", ["end"] = "t", session = "x.y", duration = "took_s" } }))
    assert.same({ "taken: tool from a.b, status from ok" },
      notes({ { ["a.b"] = "a", ok = true } }, { map = { tool = "a.b" } }))
    assert.same({}, notes({}, { map = { tool = "x" }, statuses = { x = "failed" } }))
    assert.same({ "not found: session from y, status dead, status 'gave up'" },
      notes({ { tool = "a", status = "BAD" } }, { map = { session = "y" }, statuses = {
        bad = "failed", dead = "failed", ["gave up"] = "failed", ["*"] = "failed" } }))
  end)

  it("are about lines that are wrong, too", function()
    assert.same({ "taken: tool from name, status from state" },
      notes { { name = "a", state = "what" } })
  end)

  it("list the first of many fields", function()
    local line, new = { tool = "a", status = "success" }, assert(mapping.new {})
    local listed = {}
    for i = 1, 30 do
      line[("k%05d"):format(i)] = i
      listed[i] = i <= 20 and ("k%05d"):format(i) or nil
    end
    assert(new:execution(line))
    listed = "ignored: " .. table.concat(listed, ", ")
    assert.same({ listed .. " and 10 more" }, new:notes())
    local few = {}
    for i = 1, 20 do
      few[i] = { tool = "a", status = "success", [("k%05d"):format(i)] = i }
    end
    assert.same({ listed }, notes(few))
    for i = 31, 10010 do
      assert(new:execution { tool = "a", status = "success", [("k%05d"):format(i)] = i })
    end
    assert.same({ listed .. " and at least 9980 more" }, new:notes())
    assert.same({ tool = "a", status = "success" },
      new:execution { tool = "a", status = "success", name = "b", too_late = 1 })
  end)
end)

describe("many names for a field", function()
  it("are tried, up to a limit", function()
    local new = assert(mapping.new {})
    for i = 1, 60 do
      local key = "session" .. ("_"):rep(i)
      local execution = assert(new:execution { tool = "a", ok = true, [key] = i })
      assert.equal(i <= 50 and tostring(i) or nil, execution.session)
    end
  end)
end)
