local lines = require("exectrack.format.lines")
local pieces = require("spec.support.pieces")
local u = require("spec.support.utf8").text

--- All that the iterator over `text` returns.
local function read(text, bytes, most_bytes, take)
  local all = {}
  for number, line, message in lines(pieces(text, bytes), most_bytes or 100, take) do
    all[#all + 1] = { number, line, message }
  end
  return all
end

--- Asserts what the lines of `text` are, whatever the pieces.
local function assert_lines(expected, text, most_bytes)
  for bytes = 1, #text + 1 do
    assert.same(expected, read(text, bytes, most_bytes), bytes)
  end
end

describe("the lines of a text", function()
  it("are the same whatever the pieces", function()
    assert_lines({ { 1, "{1" }, { 2, "b\r" }, { 3, " {" } }, "{1\nb\r\n {\n")
    assert_lines({ { 1, "a" }, { 2, "\0b" } }, "a\n\0b")
    assert_lines({}, "")
  end)

  it("don't have blank ones, which count", function()
    assert_lines({ { 3, "a" }, { 6, "b" } }, "\n \t\r\na\n\n\nb\n\n")
    assert_lines({}, "\n\n  ")
  end)

  it("don't have a byte order mark at the beginning", function()
    assert_lines({ { 1, u[[a\u{FEFF}]] }, { 2, u[[\u{FEFF}b]] } },
      u"\\u{FEFF}a\\u{FEFF}\n\\u{FEFF}b\n")
    assert_lines({ { 2, "a" } }, u"\\u{FEFF}\na")
    assert_lines({ { 1, "abc" }, { 2, u[[\u{FEFF}]] } }, u"\\u{FEFF}abc\n\\u{FEFF}\n", 3)
  end)

  it("that are too long are named, and others follow", function()
    local message = "a line of more than 3 bytes"
    assert_lines({ { 1, "abc" }, { 2, nil, message }, { 3, "d" }, { 4, nil, message } },
      "abc\n" .. ("x"):rep(9) .. "\nd\nefgh", 3)
    assert_lines({ { 1, nil, message }, { 3, "b" } }, "    \n\nb", 3)
    assert_lines({ { 1, nil, message } }, "abcd\n", 3)
  end)

  describe("some of which are taken", function()
    --- Takes lines of digits.
    local function new_take()
      local all = {}
      return function(text, position)
        local count = 0
        local first, last = text:find("^%d+\n", position)
        while first do
          all[#all + 1], count, position = text:sub(first, last - 1), count + 1, last + 1
          first, last = text:find("^%d+\n", position)
        end
        return position, count
      end, all
    end

    --- Asserts which lines are taken of a text, and what the others are, whatever the pieces.
    local function assert_taken(taken, others, text, most_bytes)
      for bytes = 1, #text + 1 do
        local take, all = new_take()
        assert.same(others, read(text, bytes, most_bytes, take), bytes)
        assert.same(taken, all, bytes)
      end
    end

    it("are counted, and the others returned", function()
      assert_taken({ "1", "22", "4", "7", "8" }, { { 3, "a" }, { 6, " 6" }, { 9, "9" } },
        "1\n22\na\n4\n \n 6\n7\n8\n9")
      assert_taken({ "1" }, {}, "1\n")
      assert_taken({}, { { 1, "1" } }, "1")
    end)

    it("follow a byte order mark, blank lines and lines that are too long", function()
      assert_taken({ "1", "2" }, { { 4, nil, "a line of more than 3 bytes" } },
        u[[\u{FEFF}]] .. "1\n\n2\nabcd\n\n", 3)
    end)
  end)

  it("are refused before their end comes, and no more is read than that", function()
    local count = 0
    local next_line = lines(function()
      count = count + 1
      return "xx"
    end, 5)
    assert.same({ 1, nil, "a line of more than 5 bytes" }, { next_line() })
    assert.equal(3, count)
  end)
end)
