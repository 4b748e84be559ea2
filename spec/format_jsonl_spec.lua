local jsonl = require("exectrack.format.jsonl")
local pieces = require("spec.support.pieces")
local u = require("spec.support.utf8").text

--- All that the decoder of `text` returns. It comes in pieces of so many bytes.
local function decode(text, bytes, options)
  local all = {}
  for line, execution, message in jsonl.decode(pieces(text, bytes), options) do
    all[#all + 1] = { line, execution, message }
  end
  return all
end

describe("the decoder of JSON Lines", function()
  it("gives the executions that there are, and which line they stand in", function()
    local text = u[[\u{FEFF}]] .. '{"tool":"null","status":"success","args":[1,{"a":true}],'
      .. '"session":null}\r\n\n {"tool":"b","status":"failed","depth":0.5,"n":9007199254740993}'
    for bytes = 1, #text do
      assert.same({ { 1, { tool = "null", status = "success", args = { 1, { a = true } } } },
        { 3, { tool = "b", status = "failed", depth = 0.5 } } }, decode(text, bytes))
    end
  end)

  it("says what is wrong with a line, and goes on", function()
    local right = '{"tool":"a","status":"success"}'
    assert.same({
      { 1, nil, "byte 6: the text ends too early: a document of several lines becomes one by "
        .. "jq -c . FILE" },
      { 2, nil, "an object expected" },
      { 3, { tool = "a", status = "success" } },
      { 4, nil, "byte 32: the end expected" },
      { 5, nil, "a line of more than 32 bytes" },
      { 6, nil, "tool: not found: --map tool=PATH says where it is; --skip-bad skips lines that "
        .. "aren't executions" },
      { 7, nil, "an object expected" },
      { 8, { tool = "a", status = "success" } },
      { 9, nil, "byte 2: the text ends too early" },
    }, decode('{"a":\n[1]\n' .. right .. "\n" .. right .. "\0\n" .. right
      .. "  \n{}\nnull\n" .. right .. "\n{", 5, { max_line_bytes = 32 }))
  end)

  it("maps fields as its options say, and says what it took", function()
    local next_execution, notes = jsonl.decode(function() end)
    assert.is_nil(next_execution())
    assert.same({}, notes())
    local done = false
    next_execution, notes = jsonl.decode(function()
      local piece = not done and '{"name":"x","task":{"id":"a"},"ok":true,"took":2}' or nil
      done = true
      return piece
    end, { map = { tool = "task.id" }, statuses = { ["true"] = "cancelled" }, duration_unit = "s" })
    assert.same({ 1, { tool = "a", status = "cancelled", duration_ms = 2000 } },
      { next_execution() })
    assert.same({ "taken: tool from task.id, status from ok, duration from took (s)",
      "ignored: name" }, notes())
  end)

  it("lets a function take lines before it", function()
    local all = {}
    for line, execution in jsonl.decode(coroutine.wrap(function()
      coroutine.yield '1\n{"tool":"a","status":"success"}\n2\n'
    end), nil, function(text, position)
      local digit = text:match("^%d\n", position)
      return digit and position + 2 or position, digit and 1 or 0
    end) do
      all[#all + 1] = { line, execution }
    end
    assert.same({ { 2, { tool = "a", status = "success" } } }, all)
  end)

  it("raises for a piece that isn't a string", function()
    for value, shown in pairs { [5] = "5", [true] = "true", [false] = "false", [{}] = "table",
      [print] = "function", [io.stdout] = "userdata" } do
      -- At once, within a line, behind one, and where one that is too long is skipped.
      for _, texts in ipairs { { value }, { '{"a":', value }, { '{}\n{"a"', value },
        { "123456789", "1", value } } do
        local i = 0
        local next_execution = jsonl.decode(function()
          i = i + 1
          return texts[i]
        end, { max_line_bytes = 8 })
        assert.has_error(function()
          for _ in next_execution do end
        end, "jsonl.decode: a piece: a string expected, got " .. shown)
      end
    end
  end)

  it("raises for wrong arguments", function()
    assert.has_error(function() jsonl.decode("text") end,
      "jsonl.decode: a function expected, got string")
    assert.has_error(function() jsonl.decode(io.read, { max_line_bytes = 0 }) end,
      "jsonl.decode: option 'max_line_bytes': an integer from 1 expected, got 0")
    assert.has_error(function() jsonl.decode(io.read, { duration_unit = "min" }) end,
      "jsonl.decode: option 'duration_unit': s, ms, us or ns expected, got 'min'")
  end)
end)
