local csv = require("exectrack.csv")
local directory = require("spec.support.directory")
local process = require("spec.support.process")
local reports = require("spec.support.reports")
local u = require("spec.support.utf8").text

describe("a row of CSV", function()
  it("has commas between its cells and a line's end behind them", function()
    assert.equal("a,b c,日本語\r\n", csv.row { "a", "b c", "日本語" })
    assert.equal("a\r\n", csv.row { "a" })
  end)

  it("has quotes around text with commas, quotes, ends of lines and other separators", function()
    assert.equal('"a,b","say ""a""","a\nb","a\rb","a;b","a\tb"\r\n',
      csv.row { "a,b", 'say "a"', "a\nb", "a\rb", "a;b", "a\tb" })
    assert.equal(" a , it's\r\n", csv.row { " a ", " it's" })
  end)

  it("tells empty text from nil", function()
    assert.equal('"",,a\r\n', csv.row({ "", nil, "a" }, 3))
  end)

  it("has as many cells as it is told", function()
    assert.equal("a,,\r\n", csv.row({ "a" }, 3))
    assert.equal("a\r\n", csv.row({ "a", "b" }, 1))
    assert.equal("\r\n", csv.row({}))
  end)

  it("is never an empty line if it has a cell", function()
    assert.equal('""\r\n', csv.row({}, 1))
    assert.equal('""\r\n', csv.row { "" })
    assert.equal('""\r\n', csv.row { 0 / 0 })
    assert.equal(",\r\n", csv.row({}, 2))
  end)

  it("has plain numbers, and nothing for those that aren't finite", function()
    assert.equal("-0.5,12,1e+300,1767225600.123456,,,\r\n",
      csv.row { -0.5, 12.0, 1e300, 1767225600.123456, 0 / 0, 1 / 0, -1 / 0 })
  end)

  it("has true and false", function()
    assert.equal("true,false\r\n", csv.row { true, false })
  end)

  it("has an apostrophe in front of what a spreadsheet would take for a formula", function()
    assert.equal("'=1,'+1,'-1,'@a,\"'\t1\",\"'\r1\",\"'\n1\"\r\n",
      csv.row { "=1", "+1", "-1", "@a", "\t1", "\r1", "\n1" })
    assert.equal("'  =1,' -1,\"'  \t'=1\"\r\n", csv.row { "  =1", " -1", "  \t=1" })
    assert.equal("'＝1,'＋1,'－1,' ＠a\r\n", csv.row { "＝1", "＋1", "－1", " ＠a" })
    assert.equal("'=,'-\r\n", csv.row { "=", "-" })
  end)

  it("has one in front of what another separator would uncover as a formula", function()
    assert.equal('"a;\'=1","a\t\'+1","a\n\' -1","a\r\n\'@a","a;;\'＝1;\'=2"\r\n',
      csv.row { "a;=1", "a\t+1", "a\n -1", "a\r\n@a", "a;;＝1;=2" })
    assert.equal('"a;\'""=1","a;\'\'=1","=;\'=1"\r\n', (csv.row { 'a;"=1', "a;'=1", "=;=1" }
      :gsub('"\'=;', '"=;')))
  end)

  it("has none in front of other text", function()
    assert.equal("a=1,1+1,' '=1,a -1,！a,Ａ,0\r\n",
      csv.row { "a=1", "1+1", "' '=1", "a -1", "！a", "Ａ", "0" })
    assert.equal('"a;1","a; b=1",a -b --c=d\r\n', csv.row { "a;1", "a; b=1", "a -b --c=d" })
  end)

  it("has one more in front of apostrophes with a formula behind them", function()
    assert.equal("''=1,'''+1,'' -1,''＝1,'\r\n", csv.row { "'=1", "''+1", "' -1", "'＝1", "'" })
  end)

  it("has cells that text gives back", function()
    for _, text in ipairs { "a", "", "=1", "'=1", "''=1", " =1", "' =1", "'' =1", "' '=1", "'a",
      "''", "＝1", "'＝1", "'' ＝1", "-", "'-", "\t", "'\t", "'\n", " '=1",
      "a;=1", "a;'=1", "a;''=1", "a;'b",
      'a;"=1', "a;' \"'=1", "\t=1", "'\t'=1", "a\r\n\n-1;;＝1", "a;'" } do
      local cell = csv.row({ text }):gsub("\r\n$", ""):gsub('^"(.*)"$', "%1"):gsub('""', '"')
      assert.equal(text, csv.text(cell))
    end
  end)

  it("has a replacement character for each byte that isn't UTF-8", function()
    assert.equal(u"a\\u{FFFD}\\u{FFFD},\\u{FFFD}[31m\r\n", csv.row { "a\255\254", "\155[31m" })
  end)

  it("has escapes for control characters", function()
    assert.equal([[a\x1b[31m,\x00\x7f,\u{009b}]] .. "\r\n",
      csv.row { "a\27[31m", "\0\127", u[[\u{9B}]] })
  end)

  it("has all else as it is, also what can't be seen", function()
    local text = u[[ \u{200B}\u{202E}\u{2028}\u{34F}\u{A0} ]]
    assert.equal(text .. "\r\n", csv.row { text })
  end)
end)

local VALUES = {
  { "name", "number", "flag", "empty" },
  { "a,b", 1.5, true, "" },
  { 'say "a"', -0.1, false, nil },
  { "a\nb\r\nc\rd", 2 ^ 53, true, "" },
  { "  spaces  ", 0 / 0, true, "" },
  { "'", -1e-7, true, "" },
}

--- What is read back of `values`.
local READ = {
  { "name", "number", "flag", "empty" },
  { "a,b", "1.5", "true", "" },
  { 'say "a"', "-0.1", "false", "" },
  { "a\nb\r\nc\rd", "9007199254740992", "true", "" },
  { "  spaces  ", "", "true", "" },
  { "'", "-1e-07", "true", "" },
}

--- What is read back of the hostile names that aren't what they were.
local CHANGED = {
  ["=cmd|' /C calc'!A0"] = "'=cmd|' /C calc'!A0",
  ["+1"] = "'+1", ["-1"] = "'-1", ["@SUM(A1)"] = "'@SUM(A1)", ["\t=1"] = "'\t'=1",
  ["\r=1"] = "'\r'=1",
  ["\27[31mred\27[0m\27]0;title\7"] = [[\x1b[31mred\x1b[0m\x1b]0;title\x07]],
  ["\155\49m"] = u[[\u{FFFD}1m]],
  ["\255\254"] = u[[\u{FFFD}\u{FFFD}]],
  ["\237\160\128"] = u[[\u{FFFD}\u{FFFD}\u{FFFD}]],
  ["\192\128"] = u[[\u{FFFD}\u{FFFD}]],
  ["\226\130"] = u[[\u{FFFD}\u{FFFD}]],
  ["zero\0byte"] = "zero\\x00byte",
  [u[[\u{85}]]] = "\\u{0085}",
}

describe("CSV", function()
  local path, expected

  setup(function()
    path = directory.make()
    local lines, read = {}, {}
    for i, values in ipairs(VALUES) do
      lines[i], read[i] = csv.row(values, 4), READ[i]
    end
    for _, name in ipairs(reports.HOSTILE) do
      lines[#lines + 1] = csv.row { name, "x", name, "" }
      read[#read + 1] = { CHANGED[name] or name, "x", CHANGED[name] or name, "" }
    end
    process.write_file(path .. "/rows.csv", table.concat(lines))
    expected = {}
    for i, cells in ipairs(read) do
      for j, cell in ipairs(cells) do
        cells[j] = cell:gsub(".", function(byte) return ("%02X"):format(byte:byte()) end)
      end
      expected[i] = table.concat(cells, ",") .. "\n"
    end
  end)

  teardown(function()
    directory.remove(path)
  end)

  it("is read back by Python, cell by cell", function()
    assert.equal(table.concat(expected), (process.run("cd " .. path .. [[ && python3 -c '
import csv
for row in csv.reader(open("rows.csv", newline="", encoding="utf-8"), strict=True):
    print(",".join(cell.encode().hex().upper() for cell in row))']])))
  end)

  it("is read back by SQLite, cell by cell", function()
    assert.equal(table.concat(expected, "", 2), (process.run("cd " .. path .. [[ && sqlite3 \
      :memory: ".import --csv rows.csv t" ".mode list" ".separator ," \
      "SELECT hex(name), hex(number), hex(flag), hex(empty) FROM t;"]])))
  end)
end)
