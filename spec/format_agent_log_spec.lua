local agent_log = require("exectrack.format.agent_log")
local pieces = require("spec.support.pieces")
local u = require("spec.support.utf8").text

--- A reader of values such as `{"call":"a"}` and `{"result":"a"}`, and of arrays of them.
local function new_reader(calls, _, wrong)
  local function read(value, place)
    if value[1] then
      for i, element in ipairs(value) do
        read(element, place .. "[" .. i .. "]")
      end
    elseif value.call then
      calls:begin { id = value.call, tool = "t", place = place }
    elseif value.result then
      calls:finish(nil, value.result, { status = "success" })
    elseif value.kind then
      calls:skip(value.kind)
    else
      wrong("neither a call nor a result", value.place)
      wrong("there is a message already")
    end
  end
  return read
end

local decode_lines = agent_log.decoder("lines.decode", new_reader)
local decode_any = agent_log.decoder("any.decode", new_reader, true)

--- What a decoder returns of `text` in pieces of so many bytes: places with statuses or messages;
-- and its notes.
local function decoded(decode, text, bytes, options)
  local all = {}
  local next_execution, notes = decode(pieces(text, bytes), options)
  for place, execution, message in next_execution do
    all[#all + 1] = { place, execution and execution.status or message }
  end
  return all, notes()
end

describe("a decoder of agents' logs", function()
  it("reads lines, and names what is wrong with one, whatever the pieces", function()
    local text = u[[\u{FEFF}]] .. '{"call":"a"}\r\n\n{"result":"b"}\n{}\n[]\n{"call":\n{"call":"b"}'
      .. '\n{"kind":"x"}\n{"result":"a"}\n{"call":"c"}\n'
    for bytes = 1, #text do
      local all, notes = decoded(decode_lines, text, bytes)
      assert.same({ { 4, "neither a call nor a result" }, { 5, "an object expected" },
        { 6, "byte 9: the text ends too early" }, { 7, "success" }, { 1, "success" },
        { 10, "cancelled" } }, all)
      assert.same({ "unknown kinds, skipped: x 1" }, notes)
    end
  end)

  it("leaves out a last line that is still being written", function()
    local text = '{"call":"a"}\n{"result":"a"}\n{"call":"abc","x":1}'
    for length = 1, #text do
      local all, notes = decoded(decode_lines, text:sub(1, length), length)
      local number, last = select(2, text:sub(1, length):gsub("\n", "")) + 1,
        text:sub(1, length):match("[^\n]*$")
      local is_whole = last == "" or last:sub(-1) == "}"
      assert.same(is_whole and {} or { ("line %d isn't whole, and was left out"):format(number) },
        notes)
      assert.equal((length >= 12 and 1 or 0) + (length == #text and 1 or 0), #all)
    end
  end)

  it("reads a document of several lines, where there can be one", function()
    local text = '\n[\n{"call":\n\n"a"}, [{"call":"b"}],\n{"result":"b"}\n]\n'
    for bytes = 1, #text do
      assert.same({ { "[2][1]", "success" }, { "[1]", "cancelled" } },
        (decoded(decode_any, text, bytes)))
    end
    assert.same({ { "", "line 3, byte 2: the text ends too early" } },
      (decoded(decode_any, '\n{"call":\n1', 4)))
    assert.same({ { 2, "byte 9: the text ends too early" }, { 3, "byte 2: the end expected" } },
      (decoded(decode_lines, '\n{"call":\n1}\n', 4)))
    -- Several of them, of which the second is wrong, and the last isn't whole.
    text = '{\n"call":\n"a}[\\""}\n\n[\n5 6]\n{"result":"a}[\\""}\n[{"call":"b"}\n\n]\n{\n"x":'
    for bytes = 1, #text do
      local all, notes = decoded(decode_any, text, bytes)
      assert.same({ { 5, "line 6, byte 3: ',' or ']' expected" }, { 1, "success" },
        { "8[1]", "cancelled" } }, all)
      assert.same({ "line 11 isn't whole, and was left out" }, notes)
    end
    assert.same({ { 2, "a line of more than 5 bytes" } },
      (decoded(decode_any, '[\n{"call":1}\n]', 3, { max_line_bytes = 5 })))
  end)

  it("gives the only value an empty place, and elements of lines the numbers of these", function()
    assert.same({ { "", "cancelled" } }, (decoded(decode_any, '{"call":"a"}\n', 5)))
    assert.same({ { "[1]", "cancelled" } }, (decoded(decode_any, '[{"call":"a"}]', 5)))
    assert.same({ { "1[1]", "cancelled" }, { "2[1]", "cancelled" } },
      (decoded(decode_any, '[{"call":"a"}]\n[{"call":"b"}]', 5)))
    assert.same({ { 1, "an object or array expected" } }, (decoded(decode_any, '"a"', 5)))
    assert.same({ { "[2]", "neither a call nor a result" }, { "[1]", "cancelled" } },
      (decoded(decode_any, '[{"call":"a"},{"place":"[2]"}]', 5)))
  end)

  it("raises for what is wrong with a call", function()
    local function raised(...)
      return select(2, pcall(...)):gsub("^.-spec.lua:%d+: ", "")
    end
    assert.equal("lines.decode: a function expected, got nil", (raised(decode_lines)))
    assert.equal("lines.decode: option 'model_calls': true or false expected, got 1",
      (raised(decode_lines, print, { model_calls = 1 })))
    assert.equal("lines.decode: a piece: a string expected, got 1",
      (raised(function() decode_lines(function() return 1 end)() end)))
  end)
end)
