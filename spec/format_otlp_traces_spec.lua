local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local reader = require("spec.support.protobuf_reader")
local traces = require("exectrack.format.otlp_traces")
local tracked = require("spec.support.tracked")

local STARTED = 1767225600
local INSTANCE = "00112233-4455-6677-8899-aabbccddeeff"

local text_of = tracked.text

local function with_id(snapshot)
  local form = snapshot:to_table()
  form.instance_id = INSTANCE
  return assert(exectrack.from_table(form))
end

local function run_of(records, options)
  options = options or {}
  options.max_history = 1200
  local tracker = exectrack.new(options)
  for _, record in ipairs(records) do
    tracker:record(record)
  end
  return with_id(tracker:snapshot())
end

local function hex(bytes)
  return bytes and (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

-- The spans of a request in Protocol Buffers, as tables.
local function protobuf_spans(snapshot, options)
  local request = reader.message(text_of((traces.protobuf(snapshot, options))))
  local spans = {}
  local scope_spans = reader.message(reader.message(request[1][1])[2][1])
  for i, bytes in ipairs(scope_spans[2] or {}) do
    local fields = reader.message(bytes)
    local status = fields[15] and reader.message(fields[15][1]) or {}
    spans[i] = { trace = hex(fields[1][1]), id = hex(fields[2][1]),
      parent = hex(fields[4] and fields[4][1]), name = fields[5][1], kind = fields[6][1],
      start = reader.digits(fields[7][1]), finish = reader.digits(fields[8][1]),
      attributes = reader.attributes(fields[9]), code = status[3] and status[3][1],
      message = status[2] and status[2][1] }
  end
  return spans, request
end

local function json_attributes(list)
  local attributes = {}
  for _, pair in ipairs(list) do
    local value = pair.value.stringValue or pair.value.doubleValue
    if value == nil then
      value = pair.value.boolValue
    end
    attributes[pair.key] = value
  end
  return attributes
end

-- The spans of a request in JSON, as the same tables.
local function json_spans(snapshot, options)
  local text = text_of((traces.json(snapshot, options)))
  local request = assert(exectrack.json.decode(text))
  local spans = {}
  for i, span in ipairs(request.resourceSpans[1].scopeSpans[1].spans) do
    local status = span.status or {}
    spans[i] = { trace = span.traceId, id = span.spanId, parent = span.parentSpanId,
      name = span.name, kind = span.kind, start = span.startTimeUnixNano,
      finish = span.endTimeUnixNano, attributes = json_attributes(span.attributes),
      code = status.code, message = status.message }
  end
  return spans, request, text
end

-- The spans, which are the same in both forms.
local function spans_of(snapshot, options)
  local spans = json_spans(snapshot, options)
  assert.same(spans, (protobuf_spans(snapshot, options)))
  return spans
end

describe("spans for OTLP", function()
  it("tell what is known of an execution", function()
    local run = run_of({ { tool = "search", status = "failed", duration_ms = 12.5, depth = 0,
      error_type = "ENOENT", args_hash = 0x1A, result_hash = 0xFFFFFFFF, session = "talk",
      timestamp = STARTED + 0.123456, was_cached = true, measures = { cost = 0.25 } } },
      { label = "agent", measures = { { name = "cost", scale = 0.01 } } })
    local spans = spans_of(run)
    assert.same({ trace = spans[2].trace, id = spans[1].id, parent = spans[2].id,
      name = "execute_tool search", kind = 1, start = "1767225600110956000",
      finish = "1767225600123456000", code = 2, attributes = {
        ["gen_ai.operation.name"] = "execute_tool", ["gen_ai.tool.name"] = "search",
        ["gen_ai.agent.name"] = "agent", ["gen_ai.conversation.id"] = "talk",
        ["error.type"] = "ENOENT", ["exectrack.status"] = "failed",
        ["exectrack.was_cached"] = true, ["exectrack.args_hash"] = "0000001a",
        ["exectrack.result_hash"] = "ffffffff", ["exectrack.measure.cost"] = 0.25 } }, spans[1])
    assert.same({ trace = spans[1].trace, id = spans[1].parent, name = "invoke_agent agent",
      kind = 1, start = "1767225600110956000", finish = "1767225600123456000", attributes = {
        ["gen_ai.operation.name"] = "invoke_agent", ["gen_ai.agent.name"] = "agent",
        ["gen_ai.conversation.id"] = "talk" } }, spans[2])
    assert.equal(2, #spans)
  end)

  it("have the same identifiers in every version", function()
    local spans = spans_of(run_of { { tool = "a", status = "success", duration_ms = 1,
      timestamp = STARTED, session = "s" } })
    assert.equal("89b944b56c09b84e94657d3fb8c32f6e", spans[1].trace)
    assert.equal("985b91f722d97fa1", spans[1].id)
    assert.equal("334df3e35b2861eb", spans[1].parent)
  end)

  it("say how executions ended that have no error type", function()
    local records = {}
    for i, status in ipairs { "success", "failed", "timed_out", "cancelled" } do
      records[i] = { tool = "a", status = status, duration_ms = i, timestamp = STARTED + i }
    end
    records[4].error_type = "rejected"
    records[5] = { tool = "a", status = "success", timestamp = STARTED + 5 }
    records[6] = { tool = "a", status = "failed", duration_ms = 6, timestamp = STARTED + 6,
      error_type = "rejected" }
    local spans = spans_of(run_of(records))
    local seen = {}
    for i = 1, 6 do
      local attributes = spans[i].attributes
      seen[i] = { attributes["exectrack.status"], spans[i].code or 0,
        attributes["error.type"] or attributes["exectrack.error_type"] or "",
        attributes["exectrack.timing"] }
      assert.is_nil(attributes["gen_ai.agent.name"])
    end
    assert.same({ { "success", 0, "" }, { "failed", 2, "_OTHER" }, { "timed_out", 2, "timeout" },
      { "cancelled", 0, "rejected" }, { "success", 0, "", "untimed" },
      { "failed", 2, "rejected" } }, seen)
    assert.is_nil(spans[4].attributes["error.type"])
    assert.equal(spans[5].start, spans[5].finish)
  end)

  it("have facts of their own, whatever others there are", function()
    local records = {}
    for _, status in ipairs { "success", "failed", "timed_out", "cancelled" } do
      for _, timing in ipairs { "measured", "elapsed", "untimed" } do
        for i = 0, 11 do
          records[#records + 1] = { tool = i % 2 == 0 and "a" or "b", status = status,
            timing = timing, duration_ms = timing ~= "untimed" and 1 or nil,
            was_cached = i % 4 > 1, error_type = ({ "E", "F" })[math.floor(i / 4)],
            timestamp = STARTED }
        end
      end
    end
    local spans = spans_of(run_of(records))
    for i, record in ipairs(records) do
      local attributes = spans[i].attributes
      assert.equal(record.tool, attributes["gen_ai.tool.name"])
      assert.equal(record.status, attributes["exectrack.status"])
      assert.equal(record.timing, attributes["exectrack.timing"] or "measured")
      assert.equal(record.was_cached, attributes["exectrack.was_cached"] or false)
      local error_type = attributes["error.type"] or attributes["exectrack.error_type"]
      assert.equal(record.error_type or record.status == "failed" and "_OTHER"
        or record.status == "timed_out" and "timeout" or nil, error_type)
    end
  end)

  it("have the call around as their parent, else the span of their session", function()
    local spans = spans_of(run_of {
      { tool = "inner", status = "success", duration_ms = 100, depth = 1, session = "s",
        timestamp = STARTED + 0.5 },
      { tool = "outer", status = "success", duration_ms = 1000, session = "s",
        timestamp = STARTED + 1 },
      { tool = "stray", status = "success", duration_ms = 1, depth = 2, session = "s",
        timestamp = STARTED + 9 },
      { tool = "none", status = "success", duration_ms = 1, timestamp = STARTED },
    })
    local roots = { [spans[5].trace] = spans[5], [spans[6].trace] = spans[6] }
    assert.equal(spans[2].id, spans[1].parent)
    assert.equal(roots[spans[1].trace].id, spans[2].parent)
    assert.equal(spans[2].parent, spans[3].parent)
    assert.equal(roots[spans[4].trace].id, spans[4].parent)
    assert.not_equal(spans[2].parent, spans[4].parent)
    assert.equal("1767225600000000000", roots[spans[1].trace].start)
    assert.equal("1767225609000000000", roots[spans[1].trace].finish)
    assert.equal("invoke_agent", spans[5].name)
  end)

  it("have none around a session in which a call goes on", function()
    local tracker = exectrack.new(10)
    tracker:record { tool = "a", status = "success", duration_ms = 1, session = "on",
      timestamp = STARTED }
    tracker:record { tool = "a", status = "success", duration_ms = 1, session = "over",
      timestamp = STARTED }
    local span = tracker:session("on"):start("b")
    local spans = spans_of(tracker:snapshot())
    assert.equal(3, #spans)
    assert.equal("over", spans[3].attributes["gen_ai.conversation.id"])
    span:finish("success")
    assert.equal(5, #spans_of(tracker:snapshot()))
  end)

  it("have one around the sessions of a recorder when its writer has ended", function()
    local directory = directories.make()
    finally(function() directories.remove(directory) end)
    local path = directory .. "/agent.run"
    local tracker = assert(exectrack.open(path))
    tracker:record { tool = "a", status = "success", duration_ms = 1, session = "s",
      timestamp = STARTED }
    local span = tracker:start("b") -- still in flight when the recorder is closed
    assert.equal(1, #spans_of(assert(exectrack.load(path))))
    tracker:close()
    local names = {}
    for i, one in ipairs(spans_of(assert(exectrack.load(path)))) do
      names[i] = one.name
    end
    assert.equal("execute_tool a, invoke_agent", table.concat(names, ", "))
    assert.is_false(span == nil)
  end)

  it("keep their identifiers when others are left out, and differ if all else is alike", function()
    local one = { tool = "a", status = "success", duration_ms = 1, timestamp = STARTED }
    local run = run_of { one, one, { tool = "b", status = "success", duration_ms = 1,
      timestamp = STARTED } }
    local spans, kept = spans_of(run), spans_of(run:filter { tool = "b" })
    assert.not_equal(spans[1].id, spans[2].id)
    assert.equal(spans[3].id, kept[1].id)
    assert.equal(spans[3].trace, kept[1].trace)
    local form = run:to_table()
    form.instance_id = "10112233-4455-6677-8899-aabbccddeeff"
    local other = spans_of(assert(exectrack.from_table(form)))
    assert.not_equal(spans[3].id, other[3].id)
    assert.not_equal(spans[3].trace, other[3].trace)
  end)

  it("have an identifier for each fact that differs", function()
    local seen = {}
    for _, change in ipairs { {}, { tool = "b" }, { status = "failed" }, { duration_ms = 2 },
      { was_cached = true }, { error_type = "E" }, { args_hash = 1 }, { result_hash = 1 },
      { session = "s" }, { depth = 1 }, { timestamp = STARTED + 1 }, { timing = "elapsed" },
      { timestamp = STARTED + 0.5 } } do
      local record = { tool = "a", status = "cancelled", duration_ms = 1, timestamp = STARTED }
      for field, value in pairs(change) do
        record[field] = value
      end
      local id = spans_of(run_of { record })[1].id
      assert.is_nil(seen[id])
      seen[id] = true
    end
  end)

  it("around sessions come last, in the order in which these come first", function()
    local records = {}
    for i = 1, 80 do
      records[i] = { tool = "a", status = "success", duration_ms = 1, session = "s" .. i * 7 % 40,
        timestamp = STARTED }
    end
    local spans = spans_of(run_of(records))
    assert.equal(120, #spans)
    for i = 1, 40 do
      assert.equal("s" .. i * 7 % 40, spans[80 + i].attributes["gen_ai.conversation.id"])
      assert.is_nil(spans[80 + i].parent)
    end
  end)

  it("keep the trace of a session whose name was forgotten", function()
    local run = run_of { { tool = "a", status = "success", duration_ms = 1, session = "s",
      timestamp = STARTED } }
    local form = run:to_table()
    form.session_names = {}
    form.records[1].session = ("#%08x"):format(require("exectrack.core").session_hash("s"))
    local forgotten = spans_of(assert(exectrack.from_table(form)))
    local spans = spans_of(run)
    assert.equal(spans[1].trace, forgotten[1].trace)
    assert.equal(spans[1].id, forgotten[1].id)
    assert.equal(spans[1].parent, forgotten[1].parent)
  end)

  it("leave out executions without a time, and say so", function()
    local undated = { tool = "a", status = "success", duration_ms = 1, timestamp = false }
    local run = run_of { undated, { tool = "b", status = "success", duration_ms = 2000,
      timestamp = 1 } }
    local _, notes = traces.json(run)
    assert.same({ "1 execution without a time has no span" }, notes)
    _, notes = traces.protobuf(run_of { undated, undated })
    assert.same({ "2 executions without a time have no spans" }, notes)
    local spans = spans_of(run)
    assert.equal("execute_tool b", spans[1].name)
    assert.equal("0", spans[1].start) -- not before 1970
    assert.equal("1000000000", spans[1].finish)
  end)

  it("have texts only if they are asked for, and an error's only where it is its own", function()
    local tracker = exectrack.new { max_history = 10, args_texts = 8, error_texts = 8 }
    local fails = tracker:wrap("fails", function(path) error("no " .. path, 0) end)
    pcall(fails, "a")
    pcall(fails, "b")
    local form = tracker:snapshot():to_table()
    for i, record in ipairs(form.records) do -- they may have ended within one microsecond
      record.end_seconds = record.end_seconds - 2 + i
    end
    local run = assert(exectrack.from_table(form))
    local plain, told = spans_of(run), spans_of(run, { texts = true })
    assert.is_nil(plain[2].message)
    assert.is_nil(plain[2].attributes["gen_ai.tool.call.arguments"])
    assert.is_nil(told[1].message)
    assert.equal("no b", told[2].message)
    assert.equal('"a"', told[1].attributes["gen_ai.tool.call.arguments"])
    assert.equal(plain[1].id, told[1].id)
  end)

  it("are valid UTF-8, and in one line of JSON", function()
    local run = run_of { { tool = "a\255\n\"", status = "success", duration_ms = 1,
      timestamp = STARTED } }
    assert.equal("execute_tool a\239\191\189\n\"#991ee8c7", spans_of(run)[1].name)
    local _, _, text = json_spans(run)
    assert.equal(#text, (text:find("\n", 1, true)))
  end)

  it("are as many as there are executions, in pieces too", function()
    local records = {}
    for i = 1, 1200 do
      records[i] = { tool = "a", status = "success", duration_ms = i, timestamp = STARTED + i }
    end
    local spans = spans_of(run_of(records))
    assert.equal(1201, #spans)
    local seen = {}
    for _, span in ipairs(spans) do
      assert.is_nil(seen[span.id])
      seen[span.id] = true
    end
  end)

  it("are in a request that says who sends it", function()
    local run = run_of {}
    local spans, request, text = json_spans(run)
    assert.same({}, spans)
    assert.truthy(text:find('"spans":[]', 1, true))
    local resource_spans = request.resourceSpans[1]
    assert.same({ ["service.name"] = "exectrack", ["service.instance.id"] = INSTANCE },
      json_attributes(resource_spans.resource.attributes))
    assert.equal("exectrack", resource_spans.scopeSpans[1].scope.name)
    assert.equal(exectrack._VERSION, "exectrack " .. resource_spans.scopeSpans[1].scope.version)
    local _, message = protobuf_spans(run)
    local parts = reader.message(message[1][1])
    assert.same({ ["service.name"] = "exectrack", ["service.instance.id"] = INSTANCE },
      reader.attributes(reader.message(parts[1][1])[1]))
    local scope_spans = reader.message(parts[2][1])
    assert.equal("exectrack", reader.message(scope_spans[1][1])[1][1])
    assert.equal(resource_spans.scopeSpans[1].schemaUrl, scope_spans[3][1])
    assert.is_nil(scope_spans[2])
  end)

  it("are read by our own decoder as they were", function()
    local run = run_of { { tool = "a", status = "failed", duration_ms = 5, error_type = "E",
      session = "s", timestamp = STARTED }, { tool = "b", status = "success", duration_ms = 0.25,
      session = "s", depth = 1, timestamp = STARTED - 0.001 } }
    local text = text_of((traces.json(run)))
    local read = {}
    for _, execution in require("exectrack.format").otlp.decode(function()
      local piece = text
      text = nil
      return piece
    end) do
      read[execution.tool] = execution
    end
    assert.equal("failed", read.a.status)
    assert.equal("E", read.a.error_type)
    assert.equal(5, read.a.duration_ms)
    assert.equal("s", read.a.session)
    assert.equal("success", read.b.status)
    assert.equal(1, read.b.depth)
    assert.equal(0.25, read.b.duration_ms)
  end)
end)
