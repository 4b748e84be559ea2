local csv_rows = require("exectrack.format.csv_rows")
local pieces = require("spec.support.pieces")
local random = require("spec.support.random")
local u = require("spec.support.utf8").text

--- All that is read of a text: the names in the header, and then each row as its line and fields,
-- or its line and what is wrong.
local function read(text, bytes, most_bytes)
  local rows = csv_rows.new(pieces(text, bytes), most_bytes or 1000000)
  local line, names, message = rows:header()
  local all = { { line, names or message } }
  if names then
    for number, fields, of_row in function() return rows:next(names) end do
      all[#all + 1] = { number, fields or of_row }
    end
  end
  return all
end

--- Asserts what is read of a text, in pieces of any length.
local function assert_read(expected, text, most_bytes)
  for bytes = 1, #text do
    assert.same(expected, read(text, bytes, most_bytes), bytes)
  end
end

describe("rows of CSV", function()
  it("have fields by the names in the header, and the number of their first line", function()
    assert_read({ { 1, { "a", "b" } }, { 2, { a = "1", b = "x y" } }, { 4, { b = "2" } } },
      "a,b\n1,x y\n\n,2\n")
    assert_read({ { 2, { "a", "b" } }, { 4, { a = "1", b = " " } } },
      u[[\u{FEFF}]] .. "\r\n a ,b \r\n  \r\n1, ")
    assert_read({ { 1, { "a" } } }, "a")
    assert_read({ { 1, { "a" } } }, "a\n \n\r\n")
  end)

  it("may be none", function()
    for _, text in ipairs { "", "\n", "\r\n \n", u[[\u{FEFF}]], u[[\u{FEFF}]] .. "\n" } do
      assert.same({ {} }, read(text))
    end
  end)

  it("may have separators, quotes and ends of lines in quotes", function()
    assert_read({ { 1, { "a", "b\nc" } }, { 3, { a = "x,y", ["b\nc"] = 'say "hi"' } },
      { 4, { a = "", ["b\nc"] = '"' } }, { 5, { a = "1\r\n\n2", ["b\nc"] = "\n" } },
      { 9, { a = ",", ["b\nc"] = "\r" } }, { 10, { a = "z" } } },
      'a,"b\nc"\r\n"x,y","say ""hi"""\n"",""""\r\n"1\r\n\n2","\n"\n",","\r"\r\n"z",')
    assert_read({ { 1, { "a" } }, { 2, { a = "b" } } }, '"a"\n"b"\r')
    assert_read({ { 1, { "a" } }, { 2, { a = "" } } }, 'a\n""')
  end)

  it("have quotes as they are in a field that doesn't begin with one", function()
    assert_read({ { 1, { "a", "b" } }, { 2, { a = '5"', b = 'x "y" ""' } }, { 3, { a = ' "q"' } } },
      'a,b\n5",x "y" ""\n "q",\r\n')
  end)

  it("have the separator of which the header has most", function()
    assert_read({ { 1, { "a", "b,c", "d" } }, { 2, { a = "1,5", ["b,c"] = "x;y", d = "\t" } } },
      'a;"b,c";d\n1,5;"x;y";\t\n')
    assert_read({ { 1, { "a;b", "c", "d" } }, { 2, { ["a;b"] = "1;", c = ",", d = "2" } } },
      'a;b\tc\td\n1;\t,\t2\n')
    assert_read({ { 1, { "a;b", "c" } }, { 2, { ["a;b"] = ";", c = "2" } } }, "a;b,c\n;,2")
    assert_read({ { 1, { "a b" } }, { 2, { ["a b"] = "1;2" } } }, "a b\n1;2")
  end)

  it("have no fields where the header has none", function()
    assert_read({ { 1, { "a", false, "b", false } }, { 2, { a = "1", b = "3" } } },
      "a,,b,\n1,2,3,4\n")
    assert_read({ { 1, { "a", false } }, { 2, { a = "1" } } }, 'a,""\n1,"2"\n')
  end)

  it("must have as many fields as the header", function()
    assert_read({ { 1, { "a", "b" } }, { 2, "2 fields expected, as the header has, got 1" },
      { 3, "2 fields expected, as the header has, got 3" }, { 4, { a = "1", b = "2" } },
      { 5, "2 fields expected, as the header has, got 3" } }, 'a,b\n1\n1,2,\n1,2\n"1",2,3\n')
  end)

  it("must have different names in the header", function()
    assert_read({ { 2, "the header has two fields 'b\\x1b'" } }, "\na,b\27, b\27\n1,2,3\n")
  end)

  it("must have quotes that end, and nothing behind them", function()
    assert_read({ { 1, { "a", "b" } }, { 2, "a quote that begins in line 3 never ends" },
      { 4, { a = "z", b = "2" } } }, 'a,b\n"x\ny","1\nz,2\n')
    assert_read({ { 1, { "a" } }, { 2, "a quote that begins in line 2 never ends" } }, 'a\n"')
    assert_read({ { 1, { "a", "b" } }, { 2, "field 1 goes on behind the quote that ends it" },
      { 3, { a = "y", b = "2" } }, { 4, "field 2 goes on behind the quote that ends it" },
      { 5, { a = "1", b = "2" } } }, 'a,b\n"x" ,1\ny,2\n1,"2"\r3\n1,2')
    assert_read({ { 1, { "a", "b" } }, { 2, "field 1 goes on behind the quote that ends it" },
      { 3, { a = "x", b = "2" } } }, 'a,b\n"bad,1\n"x",2\n')
    assert_read({ { 1, "a quote that begins in line 1 never ends" } }, '"a,b\n1,2\n')
  end)

  it("are skipped if they are too long", function()
    local long = "a row of more than 8 bytes"
    assert_read({ { 1, { "a", "b" } }, { 2, { a = "123456", b = "8" } }, { 3, long },
      { 4, { a = "1", b = "2" } }, { 5, long } }, "a,b\n123456,8\n1234567,9\n1,2\n1234567890,1", 8)
    assert_read({ { 1, { "a" } }, { 2, { a = "1\n34,6" } }, { 4, long }, { 6, { a = "b" } } },
      'a\n"1\n34,6"\n"1\n34,67"\nb\n', 8)
    assert_read({ { 1, { "a" } }, { 2, long .. "; a quote in it begins in line 2" },
      { 3, { a = "b" } }, { 4, { a = "c" } }, { 5, { a = "d" } }, { 6, { a = "efgh" } },
      { 7, { a = "ijkl" } } }, 'a\n"x\nb\nc\nd\nefgh\nijkl\n', 8)
    assert_read({ { 1, long } }, "a,b,c,d,e\n1,2,3,4,5\n", 8)
  end)

  it("are read with little memory if they are too long", function()
    local given, most = 0, 0
    collectgarbage()
    local before = collectgarbage("count")
    local rows = csv_rows.new(function()
      given = given + 1
      most = math.max(most, collectgarbage("count") - before)
      return given == 1 and "a\n" or given < 20000 and ("x"):rep(1000) or nil
    end, 10000)
    local _, names = rows:header()
    assert.same({ 2, nil, "a row of more than 10000 bytes" }, { rows:next(names) })
    assert.is_nil(rows:next(names))
    assert.equal(20000, given)
    assert.is_true(most < 10000, most) -- the row has 20,000 kB
  end)

  it("are what a simple writer wrote, whatever it was", function()
    random.seed("format_csv_rows_spec")
    local ALPHABET = { "a", "b", '"', '"', ",", ";", "\t", "\n", "\r", " ", "'", "\195\169" }
    for _ = 1, 300 do
      local separator = random.pick { ",", ";", "\t" }
      local line_end = random.pick { "\n", "\r\n" }
      local columns, count = math.random(1, 4), math.random(0, 5)
      local names, texts, expected, line = {}, {}, {}, 2
      for i = 1, columns do
        names[i] = "n" .. i
      end
      expected[1] = { 1, names }
      texts[1] = table.concat(names, separator)
      for row = 1, count do
        local fields, cells, lines = {}, {}, 1
        for i = 1, columns do
          local parts = {}
          for part = 1, math.random(0, 5) do
            parts[part] = random.pick(ALPHABET)
          end
          local text = table.concat(parts)
          if text == "" and math.random(2) == 1 and columns > 1 then
            cells[i] = ""
          else
            cells[i] = '"' .. text:gsub('"', '""') .. '"'
            if not text:find('[",;\t\r\n]') and text ~= "" and not text:find("^ *$") then
              cells[i] = random.pick { cells[i], text }
            end
            fields[names[i]] = text
            lines = lines + select(2, text:gsub("\n", ""))
          end
        end
        texts[row + 1] = table.concat(cells, separator)
        expected[row + 1], line = { line, fields }, line + lines
      end
      local text = table.concat(texts, line_end) .. random.pick { "", line_end }
      -- Of a single column the separator isn't known, and doesn't matter.
      assert.same(expected, read(text, math.random(1, 20)), text)
    end
  end)
end)
