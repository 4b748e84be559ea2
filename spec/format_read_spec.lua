local directory = require("spec.support.directory")
local encoded = require("spec.support.encode")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local json_text = require("exectrack.json_text")
local pieces_of = require("spec.support.pieces")
local process = require("spec.support.process")

local read = format.read

local START = 1767225600 -- 2026-01-01 00:00:00 UTC

local LOG = [[
{"name":"fetch","outcome":"ok","took":12.5,"ts":"2026-01-01T00:00:10Z","level":"info"}

{"name":"grep","outcome":"error","took":3,"ts":"2026-01-01T00:00:05Z","level":"info"}
]]

local OURS = '{"tool":"b","status":"failed","duration_ms":1.5,"was_cached":false,'
  .. '"error_type":"EIO","session":"s","timestamp":1767225602.000000}\n'
  .. '{"tool":"a","status":"success","timing":"untimed","was_cached":true,"args_hash":7,'
  .. '"timestamp":1767225601.000000}\n'
  .. '{"tool":"a","status":"success","duration_ms":2,"was_cached":false,"depth":1,'
  .. '"measures":{"cost":0.25},"timestamp":false}\n'

local FORMATS = "the format: 'chat', 'claude', 'codex', 'csv', 'gemini', 'json', 'jsonl', "
  .. "'openhands', 'otlp', 'reference', 'vtcode'"

local REFERENCE = [[{ "tool_ids": ["a", "b"],
  "records": [
    {"tool_id": 1, "status": "Success", "duration_ms": 5, "was_cached": false},
    {"tool_id": 0, "status": "TimedOut", "duration_ms": 7, "was_cached": true}
  ] }
]]

local function read_text(text, name, options)
  return read(pieces_of(text), name, options)
end

describe("format.read", function()
  it("makes a run of our JSON Lines, in the order of the ends, and says what there was", function()
    for _, name in ipairs { false, "jsonl" } do
      local run, summary = read_text(OURS, name or nil)
      assert.same({
        { tool = "a", tool_id = 1, status = "success", duration_ms = 2, was_cached = false,
          args_hash = 0, depth = 1, measures = { cost = 0.25 }, timestamp = false },
        { tool = "a", tool_id = 1, status = "success", timing = "untimed", was_cached = true,
          args_hash = 7, depth = 0, timestamp = START + 1.0 },
        { tool = "b", tool_id = 2, status = "failed", duration_ms = 1.5, was_cached = false,
          error_type = "EIO", args_hash = 0, session = "s", depth = 0, timestamp = START + 2.0 },
      }, run:records())
      assert.same({ executions = 3, tools = 2, sessions = 1, first = START + 1.0,
        last = START + 2.0, untimed = 1, undated = 1, excluded = 0, skipped = 0, notes = {},
        format = "jsonl" }, summary)
    end
  end)

  it("reads what encoders write, and what the reference does, whatever the pieces", function()
    local run = read_text(OURS)
    for _, name in ipairs { "jsonl", "csv", "json" } do
      local text = encoded(name, run)
      for _, bytes in ipairs { 1, 7, 100, #text } do
        local again, summary = read(pieces_of(text, bytes))
        assert.same(run:records(), again:records())
        assert.equal(name, summary.format)
        assert.same({}, summary.notes)
        assert.equal(text, encoded(name, (read(pieces_of(text, bytes), name))))
      end
    end
    for bytes = 1, #REFERENCE do
      local again, summary = read(pieces_of(REFERENCE, bytes))
      assert.same({ "b", "a" }, again:column("tool"))
      assert.same({ false, false }, again:column("timestamp"))
      assert.same({ executions = 2, tools = 2, sessions = 0, untimed = 0, undated = 2,
        excluded = 0, skipped = 0, notes = {}, format = "reference" }, summary)
    end
  end)

  it("says the same of a whole run as of its lines", function()
    local _, expected = read_text(OURS)
    local run, summary = read_text(encoded("json", (read_text(OURS, nil, { label = "a" }))))
    expected.format = "json"
    assert.same(expected, summary)
    assert.equal("a", run:label())
    assert.equal("b", read_text(encoded("json", run), "json", { label = "b" }):label())
  end)

  it("finds the fields of other logs, and says where", function()
    local run, summary = read_text(LOG)
    assert.same({ "grep", "fetch" }, run:column("tool"))
    assert.same({ "failed", "success" }, run:column("status"))
    assert.same({ 3, 12.5 }, run:column("duration_ms"))
    assert.same({ START + 5.0, START + 10.0 }, run:column("timestamp"))
    assert.same({ "taken: tool from name, status from outcome, duration from took (ms), timestamp "
      .. "from ts (ISO 8601)", "ignored: level" }, summary.notes)
  end)

  it("reads as its options say", function()
    local run = read_text(LOG, "jsonl", { map = { tool = "level", session = "name" },
      statuses = { ok = "cancelled" }, duration_unit = "s", label = "a label", max_history = 1 })
    assert.same({ tool = "info", tool_id = 1, status = "cancelled", duration_ms = 12500,
      was_cached = false, args_hash = 0, session = "fetch", depth = 0, timestamp = START + 10.0 },
      run[1])
    assert.equal(1, #run)
    assert.equal(2, run:stats().total_executions)
    assert.equal("a label", run:label())
    assert.same({ nil, "line 1: unknown field 'level', not one of 'tool', 'tool_id', 'status', "
      .. "'duration_ms', 'timing', 'was_cached', 'error_type', 'args_hash', 'result_hash', "
      .. "'session', 'depth', 'measures', 'place', 'timestamp', 'args', 'result', 'args_text', "
      .. "'error_text'", "invalid" },
      { read_text(LOG, "jsonl", { strict = true }) })
  end)

  it("reads our own lines as its options say", function()
    assert.same({ false, false, "EIO" },
      read_text(OURS, nil, { map = { session = "error_type" } }):column("session"))
    assert.same({ "success", "success", "cancelled" },
      read_text(OURS, nil, { statuses = { failed = "cancelled" } }):column("status"))
  end)

  it("leaves out tools, also of our own lines", function()
    local run, summary = read_text(OURS, nil, { exclude = { "a", "c" } })
    assert.same({ "b" }, run:tools())
    assert.same({ 1, 2 }, { summary.executions, summary.excluded })
    assert.same({ "not found: --exclude c" }, summary.notes)
    run, summary = read_text(OURS, nil, { exclude = { "a", "b", "a" } })
    assert.equal(0, #run)
    assert.same({ 0, 3, {} }, { summary.executions, summary.excluded, summary.notes })
    summary = select(2, read_text(LOG, nil, { exclude = { "x y", "fetch", "c", "c" } }))
    assert.equal("not found: --exclude 'x y', --exclude c", summary.notes[3])
    assert.same({}, select(2, read_text("", nil, { exclude = { "a" } })).notes)
  end)

  it("keeps texts, measures and fingerprints as exectrack.new does", function()
    local text = '{"tool":"a","status":"failed","error_text":"it broke",'
      .. '"args":{"x":1,"y":"secret"},"measures":{"cost":0.25}}\n'
    local run = read_text(text, nil, { args_texts = 8, error_texts = 8, ignore_args = { "x" },
      measures = { { name = "cost", unit = "USD", scale = 0.01 } },
      redact = function(described) return (described:gsub("secret", "*")) end })
    assert.equal(exectrack.fingerprint { y = "secret" }, run[1].args_hash)
    assert.equal('{y="*"}', run:args_text(run[1].args_hash))
    assert.equal("it broke", run:error_text("a"))
    assert.same({ { name = "cost", unit = "USD", scale = 0.01 } }, run:measures())
  end)

  it("goes on after what is wrong, and says what the first was, with skip_bad", function()
    local text = '{"tool":1}\n{]\n' .. OURS .. '{"tool":"a","status":"success","depth":9}'
    local run, summary = read_text(text, nil, { skip_bad = true, source = "a.jsonl" })
    assert.equal(3, #run)
    assert.same({ 3, 3, "a.jsonl:1: status: not found: --map status=PATH says where it is; "
      .. "--status =STATUS says which of success, failed, timed_out and cancelled a line without "
      .. "one is" }, { summary.executions, summary.skipped, summary.first_message })
  end)

  it("makes no run if nothing is right, even with skip_bad", function()
    for _, text in ipairs { "{]", "{]\n{]\n\n5\n" } do
      assert.same({ nil, "no line is right, the first: line 1: byte 2: a key in quotes expected",
        "invalid" }, { read_text(text, "jsonl", { skip_bad = true }) })
    end
    assert.same({ 0, 3, 1 }, (function(_, summary)
      return { summary.executions, summary.excluded, summary.skipped }
    end)(read_text(OURS .. "{]", nil, { skip_bad = true, exclude = { "a", "b" } })))
    local run, summary = read_text("", nil, { skip_bad = true })
    assert.equal(0, #run)
    assert.same({ executions = 0, tools = 0, sessions = 0, untimed = 0, undated = 0, excluded = 0,
      skipped = 0, notes = {}, format = "jsonl" }, summary)
  end)

  it("names the place of what is wrong, and its source if it knows that", function()
    local bad = '{"tool":"a","status":"success","depth":9}'
    local depth = "depth: an integer from 0 to 7 expected, got 9"
    local status = "status: 'Success', 'Failed', 'TimedOut' or 'Cancelled' expected, got 'Done'"
    for text, expected in pairs {
      ["\n" .. bad] = { "line 2: " .. depth, "x:2: " .. depth },
      [REFERENCE:gsub("TimedOut", "Done")] = { "records[2]: " .. status,
        "x: records[2]: " .. status },
      ['{"tool_ids":\n[}'] = { "line 2, byte 2: a value expected",
        "x: line 2, byte 2: a value expected" },
      ['{"format":"exectrack"}'] = { "version: 1 expected, got nothing",
        "x: version: 1 expected, got nothing" },
      ["\31\139"] = { "it is compressed: zcat FILE | exectrack import -",
        "x: it is compressed: zcat FILE | exectrack import -" },
    } do
      assert.same({ nil, expected[1], "invalid" }, { read_text(text) })
      assert.same({ nil, expected[2], "invalid" }, { read_text(text, nil, { source = "x" }) })
    end
  end)

  describe("with a file", function()
    local folder

    before_each(function()
      folder = directory.make()
    end)

    after_each(function()
      directory.remove(folder)
    end)

    it("reads it, and names it", function()
      local path = folder .. "/calls.jsonl"
      process.write_file(path, OURS)
      assert.same(read_text(OURS):records(), read(path):records())
      process.write_file(path, OURS .. "{]\n")
      assert.same({ nil, path .. ":4: byte 2: a key in quotes expected", "invalid" },
        { read(path) })
      assert.same({ nil, "log:4: byte 2: a key in quotes expected", "invalid" },
        { read(path, nil, { source = "log" }) })
    end)

    it("closes it", function()
      local path = folder .. "/calls.jsonl"
      process.write_file(path, OURS)
      collectgarbage()
      collectgarbage("stop")
      local before = #directory.list("/proc/self/fd")
      for _ = 1, 10 do
        read(path)
        read(path, "csv")
      end
      local after = #directory.list("/proc/self/fd")
      collectgarbage("restart")
      assert.equal(before, after)
    end)

    it("says why it can't be read", function()
      assert.same({ nil, folder .. "/a: No such file or directory", "ENOENT" },
        { read(folder .. "/a") })
      assert.same({ nil, folder .. ": Is a directory", "EISDIR" }, { read(folder) })
    end)
  end)

  it("fails as its pieces do, wherever they do", function()
    for name, beginning in pairs { jsonl = OURS .. '{"tool', csv = "tool,stat", json = '{"fo',
      reference = '{"tool_ids":[' } do
      for _, given in ipairs { name, false } do
        for _, code in ipairs { "EPIPE", 32 } do
          local next_piece = pieces_of(beginning, 8)
          assert.same({ nil, "the pipe broke", code == 32 and "EIO" or code },
            { read(function()
              local piece = next_piece()
              if piece then
                return piece
              end
              return nil, "the pipe broke", code
            end, given or nil) })
        end
      end
    end
  end)

  it("says how far it is", function()
    local line = '{"tool":"a","status":"success"}\n'
    for _, name in ipairs { "jsonl", false } do
      local said = {}
      read(pieces_of(line:rep(4096), 65536), name or nil, {
        on_progress = function(bytes, lines) said[#said + 1] = { bytes, lines } end })
      assert.same({ { 0, 0 }, { 65536, 2048 }, { 131072, 4096 } }, said)
    end
  end)

  it("takes the same of our lines with the options that need Lua", function()
    for _, text in ipairs { OURS, OURS:rep(3000) } do
      local fast, slow = read_text(text), read_text(text, nil, { exclude = { "none" } })
      local slower = read_text(text, nil, { map = { error_text = "none" } })
      assert.same(fast:to_table().records, slow:to_table().records)
      assert.equal(encoded("jsonl", fast), encoded("jsonl", slower))
    end
  end)

  it("limits the bytes of a line, also of our own", function()
    local first = OURS:find("\n") - 1
    local message = ("line 1: a line of more than %d bytes"):format(first - 1)
    assert.same({ nil, message, "invalid" },
      { read_text(OURS, nil, { max_line_bytes = first - 1 }) })
    assert.equal(3, #read_text(OURS, nil, { max_line_bytes = first }))
  end)

  describe("with a decoder", function()
    it("takes what it returns, and gives it the pieces and options", function()
      local given
      local run, summary = read(pieces_of(OURS, 100), function(pieces, options)
        given = options
        return format.jsonl.decode(pieces, options)
      end, { map = { session = "error_type" }, max_line_bytes = 1000, exclude = { "a" },
        measures = { { name = "cost" } } })
      assert.same({ map = { session = "error_type" }, max_line_bytes = 1000,
        measures = { "cost" } }, given)
      assert.same({ "EIO" }, run:column("session"))
      assert.same({ excluded = 2, notes = { "taken: session from error_type" } },
        { excluded = summary.excluded, notes = summary.notes })
      assert.is_nil(summary.format)
    end)

    it("takes any places, and says them", function()
      local function decoder(place, execution, message)
        return function()
          local is_done = false
          return function()
            if not is_done then
              is_done = true
              return place, execution, message
            end
          end
        end
      end
      for place, expected in pairs { [7] = "line 7: ", ["calls[0]"] = "calls[0]: ", [""] = "" } do
        assert.same({ nil, expected .. "it is wrong", "invalid" },
          { read(print, decoder(place, nil, "it is wrong")) })
        assert.same({ nil, expected .. "a table of fields expected, got nil", "invalid" },
          { read(print, decoder(place)) })
        assert.same({ nil, expected .. "status: string expected, got nil", "invalid" },
          { read(print, decoder(place, { tool = "a" })) })
      end
    end)

    it("may say that nothing more can be read", function()
      local function decoder()
        local n = 0
        return function()
          n = n + 1
          return n, nil, "it is wrong", n == 2
        end
      end
      assert.same({ nil, "line 2: it is wrong", "invalid" },
        { read(print, decoder, { skip_bad = true }) })
    end)

    it("doesn't change its notes", function()
      local notes = { "a" }
      local _, summary = read(pieces_of(OURS), function(pieces)
        return format.jsonl.decode(pieces), function() return notes end
      end, { exclude = { "c" } })
      assert.same({ "a" }, notes)
      assert.same({ "a", "not found: --exclude c" }, summary.notes)
    end)

    it("raises what it raises", function()
      assert.has_error(function()
        read(print, function() error("a bug", 0) end)
      end, "a bug")
      assert.has_error(function()
        read(print, function() return function() error({}) end end)
      end, {})
    end)
  end)

  it("refuses options that a format can't take", function()
    local run = encoded("json", (read_text(OURS)))
    local as_it_is = "the format json is a whole run, which is read as it is"
    for option, value in pairs { map = { tool = "a" }, statuses = { ok = "success" },
      duration_unit = "s", strict = true, max_line_bytes = 67108864 } do
      for _, name in ipairs { "json", false } do
        assert.same({ nil, ("option '%s': %s"):format(option, as_it_is), "option" },
          { read_text(run, name or nil, { [option] = value }) })
      end
      assert.same({ nil, ("x: option '%s': the format reference is a document with fields of "
        .. "its own"):format(option), "option" },
        { read_text(REFERENCE, nil, { [option] = value, source = "x" }) })
    end
    for option, value in pairs { skip_bad = true, exclude = { "a" }, ignore_args = { "a" },
      max_history = 1, measures = { { name = "a" } }, args_texts = 8, error_texts = 8,
      redact = function() return "" end } do
      assert.same({ nil, ("option '%s': %s"):format(option, as_it_is), "option" },
        { read_text(run, nil, { [option] = value }) })
      assert.is_truthy(read_text(REFERENCE, nil, { [option] = value }))
    end
  end)

  it("raises for what is wrong with a call, where it is called", function()
    local line = debug.getinfo(1, "l").currentline + 3
    local function nothing() end
    local function call(arguments)
      local _ = read(arguments[1], arguments[2], arguments[3])
    end
    for expected, arguments in pairs {
      ["a path, a function or an array expected, got number"] = { 5 },
      [FORMATS .. ", a function or nil expected, got 'xml'"] = { print, "xml" },
      [FORMATS .. ", a function or nil expected, got table"] = { print, {} },
      ["a table of options expected, got 5"] = { print, nil, 5 },
      ["unknown option 'maps'"] = { print, nil, { maps = {} } },
      ["option 'map': unknown field 'tol', not one of tool, status, duration_ms, timing, "
        .. "was_cached, error_type, args_hash, result_hash, session, depth, place, timestamp, "
        .. "args, result, args_text, error_text, duration, start, end, measures.NAME"] =
        { print, nil, { map = { tol = "x" } } },
      ["option 'map': 'tool': a string expected, got 5"] = { print, nil, { map = { tool = 5 } } },
      ["option 'statuses': 'ok': one of success, failed, timed_out and cancelled expected, "
        .. "got 'fine'"] = { print, nil, { statuses = { ok = "fine" } } },
      ["option 'duration_unit': s, ms, us or ns expected, got 'min'"] =
        { print, nil, { duration_unit = "min" } },
      ["option 'exclude': an array expected, got string"] = { print, nil, { exclude = "a" } },
      ["option 'max_history': an integer from 0 to 268435456 expected, got -1"] =
        { print, nil, { max_history = -1 } },
      ["option 'label': at most 64 bytes expected, got 65"] =
        { print, nil, { label = ("x"):rep(65) } },
      ["option 'measures': measures[1].scale: a finite number above 0 expected, got -1"] =
        { print, nil, { measures = { { name = "a", scale = -1 } } } },
      ["option 'args_texts': an integer from 0 to 65536 expected, got -1"] =
        { print, nil, { args_texts = -1 } },
      ["a piece: a string expected, got 5"] = { function() return 5 end },
      ["the decoder: an iterator expected, got nil"] = { print, function() end },
      ["the decoder: notes: a function expected, got table"] =
        { print, function() return nothing, {} end },
      ["the decoder: notes: an array expected, got nil"] =
        { print, function() return nothing, nothing end },
      ["the decoder: notes: element 1: a string expected, got 5"] =
        { print, function() return nothing, function() return { 5 } end end },
      ["the decoder: a place, a number or a string, expected before an execution, got nil"] =
        { print, function() return function() return nil, {} end end },
      ["the decoder: a place, a number or a string, expected before an execution, got table"] =
        { print, function() return function() return {} end end },
      ["the decoder: what is wrong with an execution: a string expected, got table"] =
        { print, function() return function() return 1, nil, {} end end },
    } do
      assert.same({ false, ("spec/format_read_spec.lua:%d: format.read: %s"):format(line,
        expected) }, { pcall(call, arguments) })
    end
  end)

  it("raises an interruption", function()
    debug.sethook(function() -- as the interpreter does on a signal
      if debug.getinfo(2, "S").what == "C" and debug.getinfo(3, "f").func == pcall then
        debug.sethook()
        error("interrupted!", 0)
      end
    end, "c")
    local ok, err = pcall(read, pieces_of '{"tool":"a","status":"success","args":1}\n')
    debug.sethook()
    assert.same({ false, "interrupted!" }, { ok, err })
  end)

  it("takes a document in JSON of others", function()
    local form = read_text(OURS):to_table()
    assert.same(read_text(OURS):records(), read_text(json_text.encode_lines(form)):records())
  end)
end)
