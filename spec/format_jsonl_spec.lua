local jsonl = require("exectrack.format.jsonl")
local u = require("spec.support.utf8").text

--- All that the decoder of `text` returns. It comes in pieces of so many bytes.
local function decode(text, bytes, options)
  local all, first = {}, 1
  local function next_piece()
    local piece = text:sub(first, first + bytes - 1)
    first = first + bytes
    return piece ~= "" and piece or nil
  end
  for line, execution, problem in jsonl.decode(next_piece, options) do
    all[#all + 1] = { line, execution, problem }
  end
  return all
end

describe("the decoder of JSON Lines", function()
  it("gives the fields that there are, and which line they stand in", function()
    local text = u[[\u{FEFF}]] .. '{"tool":"null","args":[1,{"a":true}],"n":null}\r\n\n'
      .. ' {"tool":"b","x":0.5}'
    for bytes = 1, #text do
      assert.same({ { 1, { tool = "null", args = { 1, { a = true } } } },
        { 3, { tool = "b", x = 0.5 } } }, decode(text, bytes))
    end
  end)

  it("says what is wrong with a line, and goes on", function()
    assert.same({
      { 1, nil, "Expected value but found T_END at character 6" },
      { 2, nil, "an object expected" },
      { 3, {} },
      { 4, nil, "a zero byte, which JSON never has" },
      { 5, nil, "a line of more than 9 bytes" },
      { 6, {} },
    }, decode('{"a":\n[1]\n{}\n{}\0\n{"a": 1234}\n{}', 5, { max_line_bytes = 9 }))
  end)

  it("raises for a piece that isn't a string, where it is called", function()
    local line = debug.getinfo(1, "l").currentline + 2
    local function take_all(next_execution)
      for _ in next_execution do end
    end
    for value, shown in pairs { [5] = "5", [true] = "true", [false] = "false", [{}] = "table",
      [print] = "function", [io.stdout] = "userdata" } do
      -- At once, within a line, behind one, and where one that is too long is skipped.
      for _, pieces in ipairs { { value }, { '{"a":', value }, { '{}\n{"a"', value },
        { "123456789", "1", value } } do
        local i = 0
        local next_execution = jsonl.decode(function()
          i = i + 1
          return pieces[i]
        end, { max_line_bytes = 8 })
        local message = ("spec/format_jsonl_spec.lua:%d: jsonl.decode: a piece: a string expected, "
          .. "got %s"):format(line, shown)
        for _ = 1, 2 do -- and again if it is asked again
          assert.same({ false, message }, { pcall(take_all, next_execution) })
        end
      end
    end
  end)

  it("raises for wrong arguments, and what isn't about a line", function()
    assert.has_error(function() jsonl.decode("text") end,
      "jsonl.decode: a function expected, got string")
    assert.has_error(function() jsonl.decode(io.read, { max_line_bytes = 0 }) end,
      "jsonl.decode: option 'max_line_bytes': an integer from 1 expected, got 0")
    local next_execution = jsonl.decode(function() return "{}\n" end)
    debug.sethook(function() -- as the interpreter does on a signal
      if debug.getinfo(2, "S").what == "C" and debug.getinfo(3, "f").func == pcall then
        debug.sethook()
        error("interrupted!", 0)
      end
    end, "c")
    local ok, err = pcall(next_execution)
    debug.sethook()
    assert.same({ false, "interrupted!" }, { ok, err })
  end)
end)
