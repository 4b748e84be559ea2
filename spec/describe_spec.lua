local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local utf8 = require("spec.support.utf8")

local u = utf8.text

local describe_values = exectrack.describe

--- Asserts what describing a value gives.
local function assert_described(expected, ...)
  assert.equal(expected, describe_values(...))
end

describe("exectrack.describe", function()
  it("writes values as Lua would", function()
    assert_described("")
    assert_described("nil", nil)
    assert_described("true, false, nil", true, false, nil)
    assert_described("1, -5, 9007199254740991", 1, -5, 9007199254740991)
    assert_described("1, 0, 0.1, 1e+100", 1.0, -0.0, 0.1, 1e100)
    assert_described("-9223372036854775808, 9.2233720368548e+18", -2.0 ^ 63, 2.0 ^ 63)
    assert_described("inf, -inf, nan, nan", math.huge, -math.huge, 0 / 0, -(0 / 0))
    assert_described([["notes.txt", "", "C:\\a \"b\" 'c'"]], "notes.txt", "", [[C:\a "b" 'c']])
    assert_described("{}, {{}}", {}, { {} })
  end)

  it("writes all digits of an integer", function()
    needs.integers(pending)
    assert_described("9223372036854775807", portable.MAX_INTEGER)
  end)

  it("writes what it mustn't keep as its type", function()
    assert_described("function, userdata, thread, userdata", print, io.stdout,
      coroutine.create(function() end), require("cjson").null)
  end)

  it("writes one line that commands no terminal", function()
    assert_described([["a\nb\tc\r\x00\x1b[2J\x7f"]], "a\nb\tc\r\0\27[2J\127")
    assert_described([["é €😀 \u{202e}\u{0085}"]], u[[é €😀 \u{202e}\u{85}]])
    assert_described([["\xff\xc3(\xed\xa0\x80\xe2\x82"]], "\255\195(\237\160\128\226\130")
  end)

  it("writes lists in order, and then fields in the order of their keys", function()
    assert_described([[{1, "b", {3}}]], { 1, "b", { 3 } })
    assert_described([[{limit=100, path="src/main.c"}]], { path = "src/main.c", limit = 100 })
    assert_described([[{1, 2, [-1]=3, [1.5]=4, [9]=5, [""]=7, a=8, ["a b"]=6, a1=9, [false]=10}]],
      { 1, 2, [-1] = 3, [1.5] = 4, [9] = 5, ["a b"] = 6, [""] = 7, a = 8, a1 = 9, [false] = 10 })
  end)

  it("is the same for equal values, in whatever order they came", function()
    random.seed("describe_spec")
    local keys = { "a", "b", "ab", "\0", "", 1, 2, 3, -1, 2.5, true, false, print, "é" }
    local expected
    for _ = 1, 200 do
      local t = {}
      for i = 1, math.random(0, 40) do
        t["removed " .. i] = true
      end
      for _, key in ipairs(random.shuffle(keys)) do
        t[key] = 1
      end
      for i = 1, 40 do
        t["removed " .. i] = nil
      end
      expected = expected or describe_values(t)
      assert_described(expected, t)
    end
    assert.equal([[{1, 1, 1, [-1]=1, [2.5]=1, [""]=1, ["\x00"]=1, a=1, ab=1, b=1, ["é"]=1, ]]
      .. "[false]=1, [true]=1, …}", expected)
  end)

  it("chooses the first keys of a table with many", function()
    random.seed("describe_spec")
    local numbers, few, t = {}, {}, {}
    for i = 1, 1000 do
      numbers[i] = i
    end
    for _, i in ipairs(random.shuffle(numbers)) do
      t[("%04d"):format(i)] = i
    end
    for i = 1, 13 do
      few[i] = ('["%04d"]=%d'):format(i, i)
    end
    local whole = "{" .. table.concat(few, ", ")
    assert_described(whole:sub(1, 116) .. "…", t)
    local letters = {} -- of which more fit than of any others, and more than are chosen
    for i = 65, 90 do
      letters[string.char(i)], letters[string.char(i + 32)] = 1, 1
    end
    assert_described("{A=1, B=1, C=1, D=1, E=1, F=1, G=1, H=1, I=1, J=1, K=1, L=1, M=1, N=1, O=1, "
      .. "P=1, Q=1, R=1, S=1, T=1, U=1, V=1, W=1, X…", letters)
  end)

  it("writes at most 120 bytes, and cuts before a character", function()
    assert_described('"' .. ("x"):rep(118) .. '"', ("x"):rep(118))
    assert_described('"' .. ("x"):rep(116) .. "…", ("x"):rep(119))
    assert_described('"' .. ("x"):rep(116) .. "…", ("x"):rep(2 ^ 20))
    assert_described('"x' .. ("é"):rep(57) .. "…", "x" .. ("é"):rep(100))
    assert_described('"' .. ("é"):rep(58) .. "…", ("é"):rep(100))
    assert_described('"' .. ("€"):rep(38) .. "…", ("€"):rep(100))
    assert_described('"' .. ([[\x00]]):rep(29) .. "…", ("\0"):rep(100))
    assert_described('"' .. ("x"):rep(115) .. "…", ("x"):rep(115) .. "\0" .. "yyyyyyyy")
    local many = {}
    for i = 1, 100000 do
      many[i] = 1
    end
    assert_described("{" .. ("1, "):rep(38) .. "1…", many)
  end)

  it("writes tables 4 deep, and ends for cycles", function()
    assert_described("{{{{}}}}", { { { {} } } })
    assert_described("{{{{{}}}}}", { { { { {} } } } })
    assert_described("{{{{{…}}}}}", { { { { { 1 } } } } })
    local own = {}
    own.own = own
    assert_described("{own={own={own={own={…}}}}}", own)
  end)

  it("leaves out secrets, by the names of fields and flags", function()
    assert_described("{max_tokens=5, password=[redacted], use_password=true}",
      { password = "hunter2", max_tokens = 5, use_password = true })
    assert_described([=[{["X-Api-Key"]=[redacted], credentials=[redacted]}]=],
      { ["X-Api-Key"] = 12345, credentials = { user = "u", pin = 1 } })
    assert_described([["login", "--password", [redacted], "-v"]], "login", "--password", "x", "-v")
    assert_described([[{"--token", [redacted], "--token=[redacted]", "x"}]],
      { "--token", "abc", "--token=abc", "x" })
    assert_described([["-v", "token", "x"]], "-v", "token", "x")
  end)

  it("leaves out secrets within strings and keys", function()
    assert_described([["curl -H 'Authorization: [redacted]'"]], "curl -H 'Authorization: Bearer x'")
    assert_described([["{\"token\": \"[redacted]\"}"]], [[{"token": "abc"}]])
    assert_described("{[redacted]=1}", { AKIAIOSFODNN7EXAMPLE = 1 })
  end)

  it("leaves nothing of a secret that begins before the text is cut", function()
    local begin = "-----BEGIN PRIVATE KEY-----\n"
    for length = 80, 125 do
      for _, secret in ipairs { "AKIAIOSFODNN7EXAMPLE", "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "token=" .. ("z"):rep(1000), begin .. ("z"):rep(1000), "https://u:zzz@h" } do
        local text = describe_values((" "):rep(length) .. secret)
        assert.is_nil(text:find("[zI167]"), text)
        assert.is_true(#text <= 120)
      end
    end
  end)

  it("calls no metamethod", function()
    local trap = function() error("a metamethod was called") end
    local traps = {}
    for _, event in ipairs { "__index", "__pairs", "__len", "__eq", "__tostring", "__lt" } do
      traps[event] = trap
    end
    assert_described("{1, a={}}", setmetatable({ 1, a = setmetatable({}, traps) }, traps))
  end)

  it("gives any values one line of at most 120 bytes of UTF-8", function()
    random.seed("describe_spec")
    for _ = 1, 2000 do
      local text = describe_values(random.bytes(math.random(0, 50)), { random.bytes(60) },
        { [random.bytes(math.random(0, 30))] = random.bytes(math.random(0, 30)) })
      assert.is_true(#text <= 120)
      assert.is_truthy(utf8.len(text))
      assert.is_nil(text:find("%c"))
    end
  end)
end)
