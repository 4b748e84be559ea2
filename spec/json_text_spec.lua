local cjson = require("cjson")
local directory = require("spec.support.directory")
local json = require("exectrack.json_text")
local process = require("spec.support.process")
local reports = require("spec.support.reports")
local utf8 = require("spec.support.utf8")

local u = utf8.text

local VALID = { "", "plain", "\"\\/", "\0\1\31 \127", "日本語", u[[e\u{301}]], "👩‍👩‍👧",
  u[[\u{80}\u{9f}]], u[[\u{2028}\u{2029}\u{202E}]],
  u[[\u{FFFE}\u{E0001}\u{10FFFF}]], "null", "\\u0000" }

describe("a string of JSON", function()
  it("is in quotes, with quotes and backslashes escaped", function()
    assert.equal('""', json.string(""))
    assert.equal('"read_file"', json.string("read_file"))
    assert.equal([["it's \"a\\b\" / c"]], json.string([[it's "a\b" / c]]))
  end)

  it("has escapes for control characters", function()
    assert.equal([["\u0000\u0001\b\t\n\u000b\f\r\u001b[0m\u007f\u0080\u009b"]],
      json.string(u"\0\1\b\t\n\v\f\r\27[0m\127\\u{80}\\u{9B}"))
  end)

  it("has escapes for what ends lines, hides and reorders", function()
    assert.equal([["\u2028\u2029\u202e\u200b\ufeff\ufffe"]],
      json.string(u[[\u{2028}\u{2029}\u{202E}\u{200B}\u{FEFF}\u{FFFE}]]))
    assert.equal([["\udb40\udc00\udb40\udc01\udb40\udc7f"]],
      json.string(u[[\u{E0000}\u{E0001}\u{E007F}]]))
  end)

  it("keeps other text as it is", function()
    local text = u[[日本語 e\u{301} 👩‍👩‍👧 \u{10FFFF}]]
    assert.equal('"' .. text .. '"', json.string(text))
  end)

  it("has a replacement character for each byte that isn't UTF-8", function()
    assert.equal(u[["a\u{FFFD}\u{FFFD}b"]], json.string("a\255\254b"))
    assert.equal(u[["\u{FFFD}\u{FFFD}\u{FFFD}"]], json.string("\237\160\128"))
  end)

  it("is one string, without the count of gsub behind it", function()
    assert.equal(1, select("#", json.string("\"")))
    assert.equal(1, select("#", json.number(0.5)))
  end)

  it("reads back as what it was", function()
    for _, text in ipairs(VALID) do
      assert.equal(text, cjson.decode("[" .. json.string(text) .. "]")[1])
    end
  end)
end)

describe("a number of JSON", function()
  it("reads back equal", function()
    for _, number in ipairs { 5e-324, 2.2250738585072014e-308, math.pi, 1e22,
      1.7976931348623157e308, -123456.789, 2 ^ 53 + 2, 0.1 + 0.7 } do
      assert.equal(number, cjson.decode("[" .. json.number(number) .. "]")[1])
    end
  end)

  it("is null if it isn't finite", function()
    assert.equal("null", json.number(0 / 0))
    assert.equal("null", json.number(math.huge))
    assert.equal("null", json.number(-math.huge))
  end)
end)

describe("JSON", function()
  it("has scalars as they are", function()
    assert.equal("null", json.encode(nil))
    assert.equal("true", json.encode(true))
    assert.equal("false", json.encode(false))
    assert.equal("1.5", json.encode(1.5))
    assert.equal('"a"', json.encode("a"))
  end)

  it("has arrays, empty tables too", function()
    assert.equal("[]", json.encode {})
    assert.equal('[1,"a",[],[null]]', json.encode { 1, "a", {}, { 0 / 0 } })
  end)

  it("has objects with their keys in order", function()
    assert.equal(u'{"":0,"A":1,"Z":2,"a":3,"a\\n":4,"aa":5,"\\u{e9}":6}',
      json.encode { ["a\n"] = 4, Z = 2, [u[[\u{e9}]]] = 6, A = 1, aa = 5, [""] = 0, a = 3 })
  end)

  it("has objects in an order of their own, with those fields alone", function()
    local t = { a = 1, b = { 2 }, c = false, d = 4 }
    assert.equal('{"c":false,"b":[2],"a":1}', json.encode(json.object(t, { "c", "b", "x", "a" })))
    assert.equal("{}", json.encode(json.object({}, {})))
    assert.equal("[]", json.encode(json.object({ {} }, { 1 })[1]))
    assert.is_nil(getmetatable(t))
  end)

  it("doesn't mind other metatables", function()
    assert.equal("[1]", json.encode(setmetatable({ 1 }, {})))
    assert.equal('{"a":1}', json.encode(setmetatable({ a = 1 }, { __metatable = "locked" })))
  end)

  it("on several lines has one line for each table without tables", function()
    assert.equal('{"a": 1, "b": null}\n', json.encode_lines { a = 1, b = 0 / 0 })
    assert.equal("[]\n", json.encode_lines {})
    assert.equal([=[
{
  "array": [
    [1, 2],
    {"x": "y"},
    []
  ],
  "flat": [1, "a", true],
  "object": {
    "inner": {
      "deep": [
        []
      ]
    }
  }
}
]=], json.encode_lines {
      array = { { 1, 2 }, { x = "y" }, {} },
      flat = { 1, "a", true },
      object = { inner = { deep = { {} } } },
    })
  end)

  it("has nothing for other values and other tables", function()
    assert.has_error(function() json.encode { print } end, "encode: JSON has no function")
    assert.has_error(function() json.encode(io.stdout) end, "encode: JSON has no userdata")
    local mixed = "encode: neither an array nor an object: a key is a "
    assert.has_error(function() json.encode { 1, nil, 3 } end, mixed .. "number")
    assert.has_error(function() json.encode { [0] = 1 } end, mixed .. "number")
    assert.has_error(function() json.encode { [true] = 1 } end, mixed .. "boolean")
  end)

  it("nests deeply", function()
    local nested = {}
    for _ = 1, 1000 do
      nested = { nested }
    end
    assert.equal(("["):rep(1001) .. ("]"):rep(1001), json.encode(nested))
  end)
end)

describe("JSON of hostile names", function()
  local expected, path = {}, nil

  setup(function()
    path = directory.make()
    for i, name in ipairs(reports.HOSTILE) do
      expected[i] = utf8.len(name) and name or cjson.decode(json.encode { name })[1]
    end
    process.write_file(path .. "/names.json", json.encode(reports.HOSTILE))
  end)

  teardown(function()
    directory.remove(path)
  end)

  it("is read back by cjson", function()
    assert.same(expected, cjson.decode(json.encode(reports.HOSTILE)))
    assert.same({ a = { b = expected } }, cjson.decode(json.encode_lines {
      a = { b = reports.HOSTILE },
    }))
  end)

  local function hex(texts)
    local lines = {}
    for i, text in ipairs(texts) do
      lines[i] = text:gsub(".", function(byte) return ("%02X"):format(byte:byte()) end) .. "\n"
    end
    return table.concat(lines)
  end

  it("is read back by Python", function()
    assert.equal(hex(expected), (process.run("cd " .. path .. [[ && python3 -c '
import json
for text in json.load(open("names.json", "rb")):
    print(text.encode().hex().upper())']])))
  end)

  it("is read back by SQLite, which ends strings at NUL", function()
    local without_nul = {}
    for i, text in ipairs(expected) do
      without_nul[i] = text:match("^[\1-\255]*")
    end
    assert.equal(hex(without_nul), (process.run("cd " .. path .. [[ && sqlite3 :memory: "
SELECT hex(value) FROM json_each(CAST(readfile('names.json') AS TEXT));"]])))
  end)
end)
