local format = require("exectrack.format")

local read = format.read

local function line(fields)
  return '{"sessionId":"s","uuid":"u",' .. fields .. "}\n"
end

local function called(id, second, command)
  return line(('"type":"assistant","timestamp":"2026-01-01T00:00:%02dZ","message":{"content":[{'
    .. '"type":"tool_use","id":"%s","name":"Bash","input":{"command":"%s"}}]}'):format(second, id,
    command))
end

local function answered(id, second)
  return line(('"type":"user","timestamp":"2026-01-01T00:00:%02dZ","message":{"content":[{'
    .. '"type":"tool_result","tool_use_id":"%s","content":"four"}]}'):format(second, id))
end

local OWN = '{"tool":"a","status":"success","was_cached":false,"timestamp":1767225601}\n'

--- A text that is read as one piece. `failure` is the message of closing it.
local function text(source, content, is_optional, failure)
  return { source = source, is_optional = is_optional, open = function()
    local pieces = { content }
    return function() return table.remove(pieces, 1) end,
      failure and function() return nil, failure end
  end }
end

describe("format.read of several texts", function()
  it("makes one run, in which a call counts once and has its place", function()
    local a = called("toolu_01AAAAAAAAA", 1, "git log") .. answered("toolu_01AAAAAAAAA", 3)
      .. called("toolu_01BBBBBBBBB", 4, "ls")
    local run, summary = read({ text("a.jsonl", a),
      text("b.jsonl", a .. answered("toolu_01BBBBBBBBB", 6) .. called("c", 7, "make")) })
    assert.same({ "Bash:git", "Bash:ls", "Bash:make" }, run:column("tool"))
    assert.same({ "success", "success", "cancelled" }, run:column("status"))
    assert.same({ "a.jsonl:1", "a.jsonl:3", "b.jsonl:5" },
      { run[1].place, run[2].place, run[3].place })
    assert.equal(8, run:stats().measures.result_bytes.sum)
    assert.equal("By", run:measures()[1].unit)
    assert.same({ 3, "claude", { "2 copies of calls left out" } },
      { summary.executions, summary.format, summary.notes })
  end)

  it("takes each in its format, and leaves out others where that is wanted", function()
    local claude = called("c", 7, "make")
    local run, summary = read { text("own.jsonl", OWN), text("log", claude),
      text("other.csv", "name,ok\nb,true\n") }
    assert.same({ "b", "a", "Bash:make" }, run:column("tool"))
    assert.same({ "other.csv:2", "nothing", "log:1" },
      { run[1].place, run[2].place or "nothing", run[3].place })
    assert.same({ 3, "nothing" }, { summary.executions, summary.format or "nothing" })
    run, summary = read { text("x", "", true), text("y", '["a"]', true), text("z", OWN, true),
      text("log", claude, true) }
    assert.same({ "Bash:make" }, run:column("tool"))
    assert.same({ "left out, as they aren't agents' logs: 'x', 'y', 'z'" }, summary.notes)
    assert.equal(1, #read({ text("z", OWN, true) }, "jsonl"))
    assert.equal(0, #read {})
  end)

  it("says which text something is wrong with", function()
    local function wrong(texts, name, options)
      return { select(2, read(texts, name, options)) }
    end
    assert.same({ "b:2: an object expected", "invalid" },
      wrong({ text("a", OWN), text("b", OWN .. "[]\n") }))
    assert.same({ "b: it is a whole run, and exectrack merge puts runs together", "invalid" },
      wrong({ text("a", OWN), text("b", '{"format":"exectrack"') }))
    assert.same({ "b: it is compressed: zcat FILE | exectrack import -", "invalid" },
      wrong({ text("a", OWN), text("b", "\31\139") }))
    assert.same({ "b: option 'map': the format claude has fields of its own", "option" },
      wrong({ text("a", OWN), text("b", called("a", 1, "x")) }, nil, { map = { tool = "tool" } }))
    assert.same({ "b: gzip failed", "EIO" }, wrong({ text("a", OWN),
      text("b", OWN, false, "gzip failed") }))
    assert.same({ "no b", "ENOENT" }, wrong({ text("a", OWN),
      { open = function() return nil, "no b", "ENOENT" end } }))
    local missing = { select(2, read { "/nonexistent/a" }) }
    assert.same({ "/nonexistent/a: No such file or directory", "ENOENT" }, missing)
    assert.equal("b:2: an object expected", select(2, read({ text("a", OWN),
      text("b", OWN .. "[]\n") }, nil, { skip_bad = true })).first_message)
  end)

  it("tells the conversations in files of the same name apart", function()
    local asked = '[{"role":"assistant","tool_calls":[{"id":"call_1","function":{"name":"f"}}]}'
    local run = read { text("a/x.json", asked .. "]"), text("b/x.json",
      asked .. ',{"role":"tool","tool_call_id":"call_1","content":"y"}]') }
    assert.same({ "b/x.json#1", "x.json#1" }, run:column("session"))
    assert.same({ "success", "cancelled" }, run:column("status"))
  end)

  it("leaves out what can't be read, where that is wanted, but not all", function()
    local function unreadable(source)
      return { source = source, may_fail = true, open = function()
        return nil, source .. ": Permission denied", "EACCES"
      end }
    end
    local cut = text("cut", OWN, false, "gzip failed")
    cut.may_fail = true
    local run, summary = read { unreadable "a", text("b", OWN), cut }
    assert.same({ "a", "a" }, run:column("tool")) -- that of `cut` before it failed, too
    assert.same({ "2 can't be read, the first: a: Permission denied" }, summary.notes)
    assert.same({ "b: Permission denied", "EACCES" },
      { select(2, read { unreadable "a", unreadable "b" }) })
    local wrong = text("wrong", OWN .. "[]\n")
    wrong.may_fail = true
    assert.same({ "wrong:2: an object expected", "invalid" }, { select(2, read { wrong }) })
  end)

  it("says of a text that may have several formats that it is left out", function()
    local two = '{"type":"gemini","id":"a","timestamp":"2026-01-01T00:00:00Z","content":"",'
      .. '"messages":[{"role":"user","content":"x"}]}'
    assert.same({ "two: it may be in the format chat or gemini: --from says which", "invalid" },
      { select(2, read { text("two", two) }) })
    assert.same({ "left out: two: it may be in the format chat or gemini: --from says which" },
      select(2, read { text("two", two, true), text("log", called("c", 7, "make")) }).notes)
  end)

  it("takes a log without calls for one, though a line is wrong, unless none is right", function()
    local said = line '"type":"user","message":{"content":"Hello"}'
    local run, summary = read({ text("a", said .. "5\n") }, nil, { skip_bad = true })
    assert.same({ 0, 1 }, { #run, summary.skipped })
    assert.equal("no line is right, the first: a:1: an object expected",
      select(2, read({ text("a", "5\n") }, "claude", { skip_bad = true })))
  end)

  it("reports the progress of all, and closes each", function()
    local seen, closed = {}, 0
    local texts = {}
    for i, its in ipairs { text("a", OWN), text("b", OWN .. OWN) } do
      texts[i] = { open = function()
        return its.open(), function() closed = closed + 1 return true end
      end }
    end
    read(texts, nil, { on_progress = function(bytes, lines)
      seen[#seen + 1] = bytes .. " " .. lines
    end })
    assert.same({ "0 0", #OWN .. " 0", #OWN .. " 1", 3 * #OWN .. " 1" }, seen)
    assert.equal(2, closed)
  end)

  it("names the tools of shells by what they run, if that is wanted", function()
    local claude = called("c", 7, "make")
    assert.same({ "Bash" }, read({ text("a", claude) }, nil, { tool_from = false }):tools())
    local mapped = '{"name":"sh","ok":true,"args":{"line":"cd /x && git diff"}}\n'
    assert.same({ "sh" }, read({ text("a", mapped) }):tools())
    assert.same({ "sh:git" }, read({ text("a", mapped) }, nil, { tool_from = "line" }):tools())
    for _, excluded in ipairs { "Bash", "Bash:make" } do
      local _, summary = read({ text("a", claude) }, nil, { exclude = { excluded } })
      assert.same({ 0, 1, {} }, { summary.executions, summary.excluded, summary.notes })
    end
  end)

  it("leaves the tables of a user's decoder as they are", function()
    local execution = { tool = "sh", status = "success", args = { c = "git" } }
    local count = 0
    local run = read({ text("a", "") }, function()
      return function()
        count = count + 1
        if count <= 2 then
          return count, execution
        end
      end
    end, { tool_from = "c" })
    assert.same({ tool = "sh", status = "success", args = { c = "git" } }, execution)
    assert.same({ "sh:git", "a:1", "a:2" }, { run[1].tool, run[1].place, run[2].place })
  end)

  it("counts calls of models if that is wanted, and refuses to in other logs", function()
    local answer = line('"type":"assistant","message":{"id":"msg_01AAAAAAAAA","model":"m","usage":{'
      .. '"input_tokens":5,"output_tokens":7},"content":[]}')
    local run = read({ text("a", answer) }, nil, { model_calls = true })
    assert.same({ "model:m", 5, 7 },
      { run[1].tool, run[1].measures.input_tokens, run[1].measures.output_tokens })
    assert.same({ "a: option 'model_calls': only agents' logs have calls of models", "option" },
      { select(2, read({ text("a", OWN) }, nil, { model_calls = true })) })
  end)

  it("raises for what isn't a text", function()
    for expected, texts in pairs {
      ["element 2: a path or a table with a function 'open' expected, got number"] = { "a", 5 },
      ["element 1: a path or a table with a function 'open' expected, got a table without it"] =
        { {} },
      ["a path, a function or an array expected, got number"] = 5,
    } do
      local _, message = pcall(read, texts)
      assert.equal("format.read: " .. expected, (message:gsub("^.-:%d+: ", "")))
    end
  end)
end)
