local json_text = require("exectrack.json_text")
local json = require("exectrack.format.json")
local jsonl = require("exectrack.format.jsonl")
local csv = require("exectrack.format.csv")
local made_up = require("spec.support.made_up")
local odd_runs = require("spec.support.odd_runs")
local recognize = require("exectrack.format.recognize")
local u = require("spec.support.utf8").text

local ENCODERS = { csv = csv.encode, json = json.encode, jsonl = jsonl.encode }

local REFERENCE = '{"tool_ids":["a","b"],"records":'
  .. '[{"tool_id":0,"status":"Success","duration_ms":1,"was_cached":false}]}'

describe("the format of a text", function()
  it("is that of the encoder that wrote it, whole or cut after some bytes", function()
    local runs = odd_runs.all()
    runs[#runs + 1] = { "made up", (made_up.examples()) }
    for _, run in ipairs(runs) do
      for name, encode in pairs(ENCODERS) do
        local text = encode(run[2])()
        local expected = text == "" and "jsonl" or name
        assert.equal(expected, recognize(text), run[1])
        assert.equal(expected, recognize(text:sub(1, 2000)), run[1])
      end
    end
  end)

  it("is JSON Lines if it begins with an object, even one that doesn't end", function()
    for _, text in ipairs {
      '{"tool":"a","status":"success"}', '{"msg":"x","level":1}\n{"b":2}', ' \n\t{"a":1}\r\n',
      u[[\u{FEFF}]] .. "{}", "{", '{"tool', '{"tool":"a","status":"succ', '{"tool":"a","args":{"b',
      '{"records":1}', '{"records":[]}\n', '{"tool":"a","args":{"tool_ids":[]}}',
      '{"a":"\\"tool_ids\\":[","b":{"format":"exectrack"}', '{"tool_ids":1}', '{"a":"b\\',
      '{"a":"\\\\","format":"other"}', '{"a":["format":"exectrack"', '{"format":"exectrack',
    } do
      assert.equal("jsonl", recognize(text), text)
    end
  end)

  it("is JSON Lines if there is nothing", function()
    for _, text in ipairs { "", "\n", " \r\n\t\n", u[[\u{FEFF}]], u"\\u{FEFF}\n" } do
      assert.equal("jsonl", recognize(text))
    end
  end)

  it("is JSON if it is a whole run, on one line or several, in any order", function()
    local form = made_up.run({ { tool = "a", duration_ms = 1 } }):to_table()
    assert.equal("json", recognize(json_text.encode(form)))
    assert.equal("json", recognize(json_text.encode_lines(form)))
    assert.equal("json", recognize('{\n  "version" : 1,\n  "format" : "exectrack"'))
    assert.equal("json", recognize('{"records":[{"tool_id":1,"status":"success"},{"tool_id'))
    assert.equal("json", recognize('{"args_texts":[{"args_hash":1,"text":"tool_ids'))
  end)

  it("is the reference's if it has tool_ids, or its statuses", function()
    assert.equal("reference", recognize(REFERENCE))
    assert.equal("reference", recognize((REFERENCE:gsub("[%[%]{},]", "\n  %0 "))))
    assert.equal("reference", recognize(REFERENCE:sub(1, 30)))
    assert.equal("reference", recognize('{"records": [ {"tool_id":0,"status" : "TimedOut","dura'))
  end)

  it("is CSV else", function()
    for _, text in ipairs { "tool,status\r\na,success\r\n", '"tool"\n"{"\n', "hello", "12", "null",
      u[[\u{FEFF}]] .. "tool;status", "\0" } do
      assert.equal("csv", recognize(text))
    end
  end)

  it("is that of an agent's log, by any of its lines", function()
    for text, expected in pairs {
      ['{"role":"user","content":"Go"}'] = "chat",
      ['[{"role":"system","content":"Be brief"},{"role":"user","content":"Go"}]'] = "chat",
      ['{"task_id":0,"reward":1.0,"info":{},"traj":[ {"role":"system","content":"x"}]}'] = "chat",
      ['{"model":"m","choices":[{"message":{"role":"assistant"}}]}'] = "chat",
      ['{"parentUuid":null,"isSidechain":false,"sessionId":"s","type":"user","message":{"a":1},'
        .. '"uuid":"u"}'] = "claude",
      ['{"type":"system","subtype":"init","session_id":"s","tools":["Bash"]}'] = "claude",
      ['{"type":"queue-operation","operation":"enqueue","sessionId":"s"}'] = "claude",
      ['{"timestamp":"t","type":"session_meta","payload":{"id":"s"}}'] = "codex",
      ['{"type":"thread.started","thread_id":"t"}'] = "codex",
      ['{"id":"0","msg":{"type":"task_started"}}'] = "codex",
      ['{"sessionId":"s","projectHash":"h","messages":[]}'] = "gemini",
      ['{"id":"m","timestamp":"t","type":"gemini","content":"","toolCalls":[]}'] = "gemini",
      ['{"instance_id":"i","test_result":{},"history":[]}'] = "openhands",
      ['[{"id":1,"timestamp":"t","source":"agent","action":"run","args":{"command":"ls"}}]'] =
        "openhands",
      ['{"id":"a","timestamp":"t","source":"agent","kind":"ActionEvent"}'] = "openhands",
      ['{"resourceSpans":[{"scopeSpans":[]}]}'] = "otlp",
      ['{\n  "spans": [\n    {"name":"a"}]}'] = "otlp",
      ['{"name":"a","context":{"trace_id":"1","span_id":"2"},"start_time":"t","end_time":"t",'
        .. '"attributes":{}}'] = "otlp",
      ['{"schema_version":"0.2.0","event":{"type":"thread.started"}}'] = "vtcode",
      ['{"kind":"tool","turn":1,"name":"a","args":{},"ok":true,"ts":5}'] = "vtcode",
    } do
      assert.equal(expected, recognize(text), text)
      if text:find("^{") then
        assert.equal(expected, recognize('{"x":1}\n' .. text .. "\n"), text)
      end
    end
  end)

  it("is Claude Code's, however long a message stands before the type", function()
    local text = '{"parentUuid":"u","isSidechain":false,"sessionId":"s","message":{"content":"'
    assert.equal("claude", recognize(text .. ("x"):rep(65536 - #text)))
  end)

  it("is JSON Lines if they have a tool, or only look a little like an agent's", function()
    for _, text in ipairs {
      '{"tool":"search","ok":true,"duration_ms":20,"history":["a"]}',
      '{"tool":"search","ok":true,"messages":[{"role":"user","content":"x"}]}',
      '{"tool":"search","ok":true,"spans":[]}',
      '{"id":"a","msg":{"t":1},"tool":"search","ok":true}',
      '{"trace_id":"a","span_id":"b","timestamp":"2026-01-01","attributes":{},"tool":"x"}',
      '{"role":"admin","content":"x","tool":"x","ok":true}',
      '{"type":"user","sessionId":"x","message":{"a":1},"tool":"x","ok":true}',
      -- The same with another name for the tool.
      '{"name":"search","ok":true,"history":["a"]}',
      '{"name":"search","ok":true,"spans":[]}',
      '{"id":"a","msg":{"t":1},"name":"search","ok":true}',
      '{"trace_id":"a","span_id":"b","timestamp":"2026-01-01","attributes":{},"name":"x"}',
      '{"role":"admin","content":"x","name":"x","ok":true}',
      '{"type":"user","sessionId":"x","message":{"a":1},"name":"x","ok":true}',
      '{"id":1,"timestamp":"2026-01-01","source":"web","action":"search","ok":true}',
    } do
      assert.equal("jsonl", recognize(text), text)
    end
  end)

  it("isn't known of what people give by mistake, and a message says what it is", function()
    local run = made_up.run({ { tool = "a", duration_ms = 1 } })
    local compressed = "it is compressed: %s FILE | exectrack import -"
    for text, message in pairs {
      [run:bytes()] = "it is a saved run, and needs no import",
      ["\31\139\8\0"] = compressed:format("zcat"),
      ["\40\181\47\253\4"] = compressed:format("zstdcat"),
      ["\253\55zXZ\0"] = compressed:format("xzcat"),
      ["\255\254{\0"] = "it is UTF-16, and has to be UTF-8",
      ["\254\255\0{"] = "it is UTF-16, and has to be UTF-8",
      [' \n[{"tool":"a"}]'] = "it is a JSON array, and JSON Lines have an object a line: "
        .. "jq -c '.[]' FILE | exectrack import -",
    } do
      assert.same({ n = 2, nil, message }, { n = 2, recognize(text) })
    end
  end)
end)
