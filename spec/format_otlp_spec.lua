local agent_logs = require("spec.support.agent_logs")
local otlp = require("exectrack.format.otlp")

local decode, fields = agent_logs.decode, agent_logs.fields

-- 2026-01-01T10:00:00Z
local START = 1767261600

--- JSON as a line.
local function one_line(text)
  return (text:gsub("\n%s*", ""))
end

-- A collector's file: a line for each batch. Of the second batch, a call is made within another.
local COLLECTED = table.concat({
  one_line [[{"resourceSpans": [{
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "agent"}}]},
    "scopeSpans": [{"scope": {"name": "agent"}, "spans": [
      {"traceId": "0AF7651916CD43DD8448EB211C80319C", "spanId": "00F067AA0BA902B7", "name": "GET /",
        "startTimeUnixNano": "1767261600000000000", "endTimeUnixNano": "1767261600500000000",
        "kind": 2, "status": {}},
      {"traceId": "0AF7651916CD43DD8448EB211C80319C", "spanId": "00F067AA0BA902B8",
        "name": "execute_tool search",
        "startTimeUnixNano": "1767261600123456789", "endTimeUnixNano": "1767261601623457289",
        "attributes": [
          {"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
          {"key": "gen_ai.tool.name", "value": {"stringValue": "search"}},
          {"key": "gen_ai.tool.call.arguments", "value": {"kvlistValue": {"values": [
            {"key": "query", "value": {"stringValue": "x"}},
            {"key": "limit", "value": {"intValue": "3"}},
            {"key": "sites", "value": {"arrayValue": {"values": [{"stringValue": "a"}]}}},
            {"key": "description", "value": {"stringValue": "Look for x"}}]}}},
          {"key": "gen_ai.tool.call.result", "value": {"stringValue": "none"}},
          {"key": "gen_ai.conversation.id", "value": {"stringValue": "conversation"}}]}]}]}]}]],
  '{"resourceMetrics":[{"scopeMetrics":[]}]}',
  one_line [[{"resource_spans": [{
    "resource": {"attributes": [{"key": "session.id", "value": {"string_value": "s"}}]},
    "instrumentation_library_spans": [{"spans": [
      {"trace_id": "b", "span_id": "2", "parent_span_id": "1", "name": "fetch",
        "start_time_unix_nano": 1767261602000000000, "end_time_unix_nano": 1767261602250000000,
        "status": {"code": "STATUS_CODE_ERROR", "message": "no route"},
        "attributes": [
          {"key": "gen_ai.tool.name", "value": {"string_value": "fetch"}},
          {"key": "error.type", "value": {"string_value": "ConnectionError"}}]},
      {"trace_id": "b", "span_id": "1", "parent_span_id": "0000000000000000", "name": "agent",
        "start_time_unix_nano": 1767261602000000000, "end_time_unix_nano": 1767261603000000000,
        "attributes": [{"key": "gen_ai.tool.name", "value": {"string_value": "agent"}}]}]}]}]}]],
  one_line [[{"resourceLogs": [{
    "resource": {"attributes": []},
    "scopeLogs": [{"logRecords": [
      {"timeUnixNano": "1767261604000000000", "body": {"stringValue": "started"},
        "attributes": [{"key": "n", "value": {"intValue": 1}}]},
      {"timeUnixNano": "1767261605000000000", "traceId": "c",
        "body": {"stringValue": "claude_code.tool_result"},
        "attributes": [
          {"key": "event.name", "value": {"stringValue": "tool_result"}},
          {"key": "tool_name", "value": {"stringValue": "Read"}},
          {"key": "success", "value": {"stringValue": "true"}},
          {"key": "duration_ms", "value": {"stringValue": "12"}}]}]}]}]}]],
}, "\n") .. "\n"

local GOLDEN = {
  { place = "1: resourceSpans[1].scopeSpans[1].spans[2]", tool = "search", status = "success",
    args = { query = "x", limit = 3, sites = { "a" } }, result = "none", session = "conversation",
    timestamp = START + 1.623457, duration_ms = 1500, measures = { result_bytes = 4 } },
  { place = "3: resource_spans[1].instrumentation_library_spans[1].spans[1]", tool = "fetch",
    status = "failed", error_type = "ConnectionError", error_text = "no route", session = "s",
    depth = 1, timestamp = START + 2.25, duration_ms = 250 },
  { place = "3: resource_spans[1].instrumentation_library_spans[1].spans[2]", tool = "agent",
    status = "success", session = "s", timestamp = START + 3, duration_ms = 1000 },
  { place = "4: resourceLogs[1].scopeLogs[1].logRecords[2]", tool = "Read", status = "success",
    session = "c", timestamp = START + 5, duration_ms = 12 },
}

--- A span as an SDK writes it, with these attributes and fields.
local function sdk_span(attributes, rest)
  return ('{"name":"n","attributes":{"gen_ai.tool.name":"t"%s},%s}'):format(attributes, rest)
end

local SHOWN = { "place", "session", "timestamp", "duration_ms", "status", "error_type" }

describe("the decoder of traces and logs of OpenTelemetry", function()
  it("reads a collector's file, cut anywhere", function()
    for bytes = 1, 16 do
      local executions, problems, notes = decode(otlp, COLLECTED, nil, bytes)
      assert.same(GOLDEN, executions)
      assert.same({}, problems)
      assert.same({}, notes)
    end
  end)

  it("never raises for a text that is cut short", function()
    for length = 0, #COLLECTED do
      decode(otlp, COLLECTED:sub(1, length))
    end
  end)

  it("reads the spans that the SDK for Python prints, one below the other", function()
    local text = [[
{
    "name": "execute_tool add",
    "context": {
        "trace_id": "0x5b8efff798038103d269b633813fc60c",
        "span_id": "0xeee19b7ec3c1b174",
        "trace_state": "[]"
    },
    "kind": "SpanKind.INTERNAL",
    "parent_id": null,
    "start_time": "2026-01-01T10:00:00.250000Z",
    "end_time": "2026-01-01T10:00:01.000500Z",
    "status": {
        "status_code": "ERROR",
        "description": "TimeoutError: too slow"
    },
    "attributes": {
        "gen_ai.tool.name": "add",
        "gen_ai.tool.call.arguments": "{\"a\": 1}"
    },
    "events": [
        {
            "name": "exception",
            "timestamp": "2026-01-01T10:00:01.000400Z",
            "attributes": {
                "exception.type": "TimeoutError",
                "exception.message": "too slow"
            }
        }
    ],
    "links": [],
    "resource": {"attributes": {"service.name": "x"}, "schema_url": ""}
}
]]
    local first = { place = "", tool = "add", args = { a = 1 }, status = "timed_out",
      error_type = "TimeoutError", error_text = "TimeoutError: too slow",
      session = "5b8efff798038103d269b633813fc60c", timestamp = START + 1.0005,
      duration_ms = 750.5 }
    assert.same({ first }, (decode(otlp, text)))
    -- With another below it, a wrong one, and one that isn't whole.
    local second = text:gsub("eee1", "eee2"):gsub("ERROR", "OK")
    first.place = 1
    local executions, problems, notes = decode(otlp, text .. "\n" .. second .. "{\n5\n}\n{\n")
    assert.same({ first, { place = 34, tool = "add", args = { a = 1 }, status = "success",
      session = first.session, timestamp = first.timestamp, duration_ms = 750.5 } }, executions)
    assert.same({ { 66, "line 67, byte 1: a key in quotes expected" } }, problems)
    assert.same({ "line 69 isn't whole, and was left out" }, notes)
  end)

  it("reads spans and logs as the SDKs for JavaScript and Python have them", function()
    assert.same({
      { "spans[1]", "1.2676506002282294e+30", START + 2.5, 2500, "success", false },
      { "spans[2]", "f00d", START + 2.000001, 1000.001, "failed", false },
      { "spans[3]", "f00d", START + 1, 1500, "success", false },
      { "spans[4]", "f00d", START + 2, false, "success", false },
      { "spans[5]", "f00d", START, false, "cancelled", "no_result" },
    }, fields(otlp, '{"spans":[' .. table.concat({
      sdk_span("", '"context":{"trace_id":1267650600228229401496703205376,"span_id":1},'
        .. '"start_time":1767261600000000000,"end_time":1767261602500000000,'
        .. '"status":{"status_code":"unset"}'),
      sdk_span("", '"_spanContext":{"traceId":"f00d","spanId":"1"},"startTime":[1767261601,0],'
        .. '"endTime":[1767261602,1000],"status":{"code":2},"parentSpanContext":{"spanId":"9"}'),
      sdk_span("", '"traceId":"f00d","id":"2","timestamp":1767261599500000,"duration":1500000,'
        .. '"status":{"code":1}'),
      sdk_span("", '"traceId":"f00d","spanId":"3","endTime":"2026-01-01T10:00:02Z"'
        .. ',"startTime":""'),
      sdk_span("", '"traceId":"f00d","spanId":"4","startTimeUnixNano":"1767261600000000000",'
        .. '"endTimeUnixNano":"0"'),
    }, ",") .. "]}", SHOWN))
    local function event(rest)
      return '{"attributes":{"event.name":"gemini_cli.tool_call","function_name":"f",'
        .. '"success":true,"event.timestamp":"2026-01-01T10:00:09Z"},' .. rest .. "}"
    end
    assert.same({
      { "[1]", "7", START + 1.000002, false, "success", false },
      { "[2]", "e", START + 2, false, "success", false },
      { "[3]", false, START + 9, false, "success", false },
    }, fields(otlp, "[" .. table.concat({
      event '"hrTime":[1767261601,1600],"_body":"x","resource":{"attributes":{"session.id":7}}',
      event '"body":"x","timestamp":"2026-01-01T10:00:02Z","trace_id":"0xe","span_id":"0x1"',
      event '"timeUnixNano":"0","observedTimeUnixNano":"1767261610000000000"',
    }, ",") .. "]", SHOWN))
  end)

  it("counts a span once that was written twice", function()
    local span = sdk_span("", '"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"1",'
      .. '"startTime":"2026-01-01T10:00:00Z","endTime":"2026-01-01T10:00:01Z"')
    local other = span:gsub('"spanId":"1"', '"spanId":"2"')
    local executions, _, notes = decode(otlp, span .. "\n" .. span .. "\n" .. other)
    assert.equal(2, #executions)
    assert.same({ "1 copy of a call left out" }, notes)
  end)

  it("says what has no spans, and is silent about spans without calls", function()
    local executions, problems, notes = decode(otlp,
      '{"a":1}\n5\n[]\n{"spans":[5,{},{"name":"x","startTime":5}]}\n{"attributes":{}}')
    assert.same({}, executions)
    assert.same({ { 2, "an object or array expected" } }, problems)
    assert.same({ "unknown kinds, skipped: untyped 2" }, notes)
  end)

  it("passes over null between spans, events and attributes", function()
    agent_logs.assert_nulls_are_passed_over(otlp, COLLECTED)
  end)

  it("reads malformed values", function()
    local lines = {}
    for line in COLLECTED:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    lines[#lines + 1] = sdk_span(',"error.type":"E"', '"context":{"trace_id":"0x1","span_id":2},'
      .. '"parent":{"span_id":3},"start_time":1,"end_time":2,"resource":{"attributes":{}},'
      .. '"events":[{"name":"exception","attributes":{"exception.type":"E"}}]')
    assert.is_true(agent_logs.assert_malformed_values_are_read(otlp, lines) > 5000)
  end)

  it("recognises documents, lines and records", function()
    for _, keys in ipairs {
      { resourceSpans = "[{" }, { resource_logs = "[{" }, { resourceMetrics = "[{" },
      { batches = "[{" }, { spans = "[{", final_output = "{" }, { scopeSpans = "[{" },
      { attributes = "{", context = "{", start_time = '"2026"' },
      { attributes = "{", trace_id = '"a"', span_id = "1", start_time = "1", end_time = "2" },
      { attributes = "{", _spanContext = "{", startTime = "[1", endTime = "[1" },
      { attributes = "{", hrTime = "[1" },
      { attributes = "[{", traceId = '"a"', spanId = '"b"', startTimeUnixNano = '"1"' },
      { attributes = "{", trace_id = '"a"', span_id = '"b"', timestamp = '"2026"',
        severity_text = "n" },
    } do
      assert.is_true(otlp.fits(keys))
    end
    for _, keys in ipairs {
      {}, { spans = "{" }, { spans = "[]" }, { batches = '["' },
      { attributes = "{" }, { attributes = "{", timestamp = '"2026"' },
      { attributes = "{", trace_id = '"a"', span_id = '"b"', timestamp = '"2026"' },
      { attributes = "{", trace_id = '"a"', span_id = '"b"', start_time = '"2026"' },
      { trace_id = '"a"', span_id = '"b"', timestamp = '"2026"', tool = '"t"' },
      { messages = "[" }, { type = '"user"', message = "{", sessionId = '"s"' },
    } do
      assert.is_false(otlp.fits(keys))
    end
  end)
end)
