local exectrack = require("exectrack")

local decode, lines, null = exectrack.json.decode, exectrack.json.lines, exectrack.json.null

describe("exectrack.json.decode", function()
  it("gives the value of a text", function()
    assert.same({ a = { 1, 2.5, { c = "xé\n" } }, e = {}, f = false, t = true },
      decode('{"a":[1,2.5,{"b":null,"c":"x\\u00e9\\n"}],"e":[],"f":false,"t":true}'))
    assert.equal("", decode(' "" '))
    assert.equal(false, decode("false"))
  end)

  it("keeps places in arrays, and has the last of several values of a key", function()
    assert.same({ 1, [3] = 3 }, decode("[1,null,3]"))
    assert.same({ a = 2 }, decode('{"a":1,"a":2}'))
    assert.same({}, decode('{"a":1,"a":null}'))
  end)

  it("has another value for null on request", function()
    assert.same({ 1, null, { a = null } }, decode('[1,null,{"a":null}]', { null = null }))
    assert.equal(null, decode("null", { null = null }))
    assert.is_nil(decode("null"))
    assert.same({ false }, decode("[null]", { null = false }))
  end)

  it("says where a text is wrong, and what is wrong there", function()
    assert.same({ nil, "line 2, byte 4: a value expected", "invalid" }, { decode("[1,\n 2,x]") })
    assert.same({ nil, "line 1, byte 1: the text ends too early", "invalid" }, { decode("") })
  end)

  it("reads 1,000 levels of arrays and objects", function()
    local value = decode(('[{"a":'):rep(500) .. "1" .. ("}]"):rep(500))
    for _ = 1, 500 do
      value = value[1].a
    end
    assert.equal(1, value)
    assert.equal("line 1, byte 1001: more than 1000 levels of arrays and objects",
      select(2, decode(("["):rep(10000))))
  end)

  it("reads long strings with escapes", function()
    assert.equal(("a\n"):rep(5000), decode('"' .. ("a\\n"):rep(5000) .. '"'))
  end)

  it("refuses arguments that are wrong", function()
    for message, call in pairs {
      ["string expected, got number"] = function() return decode(1) end,
      ["table expected, got string"] = function() return decode("1", "x") end,
      ["unknown option 'nul', not one of 'null'"] = function() return decode("1", { nul = 1 }) end,
    } do
      local ok, err = pcall(call)
      assert.is_false(ok)
      assert.equal(message, err:match("%((.*)%)$"))
    end
  end)
end)

describe("exectrack.json.lines", function()
  --- What the iterator over the lines of these pieces returns, line by line.
  local function read(pieces, options)
    local i, results = 0, {}
    for number, value, message in lines(function()
      i = i + 1
      return pieces[i]
    end, options) do
      results[#results + 1] = { number, value, message }
    end
    return results
  end

  it("gives the value of each line that isn't blank", function()
    assert.same({ { 1, { a = 1 } }, { 3, nil, "byte 4: the text ends too early" }, { 4 },
      { 5, 2 } }, read { "\239\187\191{\"a\"", ":1}\r\n\n", "nul\nnull\n2" })
    assert.same({ { 1, null } }, read({ "null" }, { null = null }))
  end)

  it("limits the length of a line", function()
    assert.same({ { 1, nil, "a line of more than 3 bytes" }, { 2, 5 } },
      read({ "1234\n5" }, { max_line_bytes = 3 }))
  end)

  it("refuses arguments that are wrong", function()
    assert.has_error(function() lines(1) end, "json.lines: a function expected, got 1")
    assert.has_error(function() lines(print, { max_line_bytes = 0 }) end,
      "json.lines: option 'max_line_bytes': an integer from 1 expected, got 0")
    assert.has_error(function() read { 1 } end, "json.lines: a piece: a string expected, got 1")
  end)
end)
