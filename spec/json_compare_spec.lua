-- Compares exectrack.json.decode with lua-cjson and Python's json.
local portable = require("spec.support.portable")
local random = require("spec.support.random")
local readers = require("spec.support.json_readers")
local utf8 = require("spec.support.utf8")

local function nested(opening, levels, closing)
  return opening:rep(levels) .. closing:rep(levels)
end

--- An expected text with numbers in it, as it is where Lua has no integers.
local function here(text)
  return portable.HAS_INTEGERS and text or (text:gsub("%.0%f[^%d]", ""))
end

--- An integer that only Lua 5.3 and later have.
local function integer(digits)
  return portable.HAS_INTEGERS and digits or ("%.17g"):format(tonumber(digits))
end

local MARK = "\239\187\191"

--- What all three refuse.
local REFUSED = {
  -- White space, also of other kinds, alone and around a value, and a byte order mark elsewhere.
  "", " ", "\n", "\v1", "\f1", "1\v", "\194\1601", "\226\128\1681", MARK, MARK .. MARK .. "1",
  "1" .. MARK, "[" .. MARK .. "1]", "\239\187",
  "\0", "[1\0]", "[\0011]", -- raw control characters
  -- Comments.
  "// a\n1", "/* a */1", "1 // a", "1 # a", "[1/**/]", "-- a\n1",
  -- Commas and colons too many, too few or elsewhere; brackets that don't match.
  "[1,]", "[,1]", "[1,,2]", "[,]", "[1 2]", "[1;2]", '{"a":1,}', "{,}", '{"a":1,,"b":2}', '{"a"}',
  '{"a":}', '{"a" 1}', '{"a"=1}', '{"a"::1}', '{"a":1 "b":2}', '{"a":1:2}', "[1:2]", ",",
  ":", "[],", "[1}", "{]", "[", "{", "]", "}", "[[]", "[]]", "(1)", '{"a":1', '{"a":',
  '{"a"', '{"a', "[1,",
  -- Keys that aren't strings.
  "{a:1}", "{'a':1}", "{1:2}", "{null:1}", '{["a"]:1}', "{{}:1}",
  -- More than one value.
  "1 2", "null null", "[]{}", "{}[]", '"a" "b"', '"a"b', "1,000", "1 000",
  -- Numbers.
  ".5", "-", "--1", "- 1", "1e", "1e+", "1e1.5", "0.1e", "1.2.3", "1_000", "1f", "1L", "123abc",
  "1a",
  -- Words.
  "undefined", "None", "nil", "True", "TRUE", "nul", "nulll", "tru", "truefalse", "true1", "t", "a",
  -- Strings without an end, in other quotes, and unknown escapes.
  '"', '"a', 'a"', '"\\"', '"\\', '"\\u', '"\\ud83d\\"', "'a'", "`a`", '"\\u00g0"', '"\\u12"',
  '"\\u 041"', '"\\u+041"', '"\\U0041"', '"\\u{41}"', '"\\x41"', '"\\0"', '"\\a"', "\"\\'\"",
  '"\\\n"', '"a\0b"', "\255", "<a/>",
}

--- What all three read alike.
local ALIKE = {
  { "\r\n\t [ 1\r\n,\t2 ] \n", "[1,2]" },
  { "0", "0" },
  { "null", "null" },
  { "true", "true" },
  { "false", "false" },
  { '""', '""' },
  { "[]", "{}" },
  { "{}", "{}" },
  { '[null,1,null,{"a":null}]', '[null,1,null,{"a":null}]' },
  { '{"":{"b":[[],{}]}}', '{"":{"b":[{},{}]}}' },
  -- Of a key the last value.
  { '{"a":1,"a":2}', '{"a":2}' },
  { '{"a":1,"\\u0061":2}', '{"a":2}' },
  { '{"a":1,"a":null}', '{"a":null}' },
  { '{"a":{"b":1},"a":{"c":2}}', '{"a":{"c":2}}' },
  -- Strings.
  { '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\x22\\x5c/\\x08\\x0c\\x0a\\x0d\\x09"' },
  { '"\127\226\128\168"', '"\\x7f\\xe2\\x80\\xa8"' },
  { '"\\ud83d\\ude00\\uD83D\\uDE00"', '"\\xf0\\x9f\\x98\\x80\\xf0\\x9f\\x98\\x80"' },
  { '"\240\159\152\128"', '"\\xf0\\x9f\\x98\\x80"' },
  { '"\\uffff\239\191\191"', '"\\xef\\xbf\\xbf\\xef\\xbf\\xbf"' },
  { '"a\\u0000b"', '"a\\x00b"' },
  { '{"a\\u0000":1,"a":2}', '{"a":2,"a\\x00":1}' },
  -- Numbers: of many digits, at the boundaries of doubles and in the middle of two.
  { "-0.0", "-0.0" },
  { "-0e-0", "-0.0" },
  { "1.0", "1.0" },
  { "1E+02", "100.0" },
  { "0.1", "0.10000000000000001" },
  { "1e23", "9.9999999999999992e+22" },
  { "9007199254740992", "9007199254740992" },
  { "9007199254740993.0", "9007199254740992.0" },
  { "9007199254740993.00000000000000000001", "9007199254740994.0" },
  { "1e999", "inf" },
  { "-1e999", "-inf" },
  { "1e-999", "0.0" },
  { "-1e-999", "-0.0" },
  { "1.7976931348623158e308", "1.7976931348623157e+308" },
  { "1.7976931348623159e308", "inf" },
  { "2.2250738585072011e-308", "2.2250738585072009e-308" },
  { "2.4703282292062327e-324", "0.0" },
  { "2.4703282292062328e-324", "4.9406564584124654e-324" },
  { "0." .. ("0"):rep(400) .. "1e401", "1.0" },
  { "1" .. ("0"):rep(400) .. "e-400", "1.0" },
}

-- Python's limit of levels differs between its versions.
local SOMETHING = {}

--- Where they differ: a document, and what exectrack, lua-cjson and Python read.
local DIFFERENT = {
  -- Exact integers have 64 bits in exectrack, any size in Python, and 53 in lua-cjson.
  { "9007199254740993", integer "9007199254740993", "9007199254740992", "9007199254740993" },
  { "9223372036854775807", integer "9223372036854775807", "9.2233720368547758e+18",
    "9223372036854775807" },
  { "-9223372036854775808", integer "-9223372036854775808", "-9.2233720368547758e+18",
    "-9223372036854775808" },
  { "9223372036854775808", "9.2233720368547758e+18", "9.2233720368547758e+18",
    "9223372036854775808" },
  { "-9223372036854775809", "-9.2233720368547758e+18", "-9.2233720368547758e+18",
    "-9223372036854775809" },
  { "1" .. ("0"):rep(400), "inf", "inf", "1" .. ("0"):rep(400) },
  { "-0", "0", "-0", "0" },
  -- lua-cjson takes numbers that C takes.
  { "+1", "error", "1", "error" },
  { "01", "error", "1", "error" },
  { "-01", "error", "-1", "error" },
  { "00", "error", "0", "error" },
  { "-.5", "error", "-0.5", "error" },
  { "1.", "error", "1", "error" },
  { "1.e2", "error", "100", "error" },
  { "0x10", "error", "16", "error" },
  -- Both others take what isn't a number.
  { "NaN", "error", "nan", "nan" },
  { "Infinity", "error", "inf", "inf" },
  { "-Infinity", "error", "-inf", "-inf" },
  { "nan", "error", "nan", "error" },
  { "inf", "error", "inf", "error" },
  -- lua-cjson refuses a byte order mark, and takes control characters and any bytes in strings.
  { MARK .. "1", "1", "error", "1" },
  { '"\t"', "error", '"\\x09"', "error" },
  { '"\n"', "error", '"\\x0a"', "error" },
  { '"\31"', "error", '"\\x1f"', "error" },
  { '"\255"', "error", '"\\xff"', "error" },
  { '"\128"', "error", '"\\x80"', "error" },
  { '"\195"', "error", '"\\xc3"', "error" },
  { '"\195("', "error", '"\\xc3("', "error" },
  { '"\192\128"', "error", '"\\xc0\\x80"', "error" },
  { '"\244\144\128\128"', "error", '"\\xf4\\x90\\x80\\x80"', "error" },
  -- Python takes surrogates in UTF-8, half pairs too, and UTF-16.
  { '"\237\160\128"', "error", '"\\xed\\xa0\\x80"', '"\\xed\\xa0\\x80"' },
  { '"\237\160\189\237\184\128"', "error", '"\\xed\\xa0\\xbd\\xed\\xb8\\x80"',
    '"\\xed\\xa0\\xbd\\xed\\xb8\\x80"' },
  { "1\0", "error", "error", "1" },
  { "\254\255\0001", "error", "error", "1" },
  -- The grammar allows half a pair as an escape.
  { '"\\ud83d"', '"\\xef\\xbf\\xbd"', "error", '"\\xed\\xa0\\xbd"' },
  { '"\\ude00"', '"\\xef\\xbf\\xbd"', "error", '"\\xed\\xb8\\x80"' },
  { '"\\ud83dx"', '"\\xef\\xbf\\xbdx"', "error", '"\\xed\\xa0\\xbdx"' },
  { '"\\ud83d\\u0041"', '"\\xef\\xbf\\xbdA"', "error", '"\\xed\\xa0\\xbdA"' },
  { '"\\ude00\\ud83d"', '"\\xef\\xbf\\xbd\\xef\\xbf\\xbd"', "error",
    '"\\xed\\xb8\\x80\\xed\\xa0\\xbd"' },
  { '"\\ud83d\\ud83d\\ude00"', '"\\xef\\xbf\\xbd\\xf0\\x9f\\x98\\x80"', "error",
    '"\\xed\\xa0\\xbd\\xf0\\x9f\\x98\\x80"' },
  -- Levels.
  { nested("[", 1000, "]"), ("["):rep(999) .. "{}" .. ("]"):rep(999), ("["):rep(999) .. "{}"
    .. ("]"):rep(999), SOMETHING },
  { nested("[", 1001, "]"), "error", "error", SOMETHING },
  { nested("[", 10000, "]"), "error", "error", SOMETHING },
  { nested('{"a":[', 5000, "]}"), "error", "error", SOMETHING },
}

--- How messages call a document.
local function named(document, seed)
  return ("%q"):format(#document > 200 and document:sub(1, 200) .. "..." or document)
    .. (seed and " SEED=" .. seed or "")
end

--- The documents of rows.
local function documents_of(rows)
  local documents = {}
  for i, row in ipairs(rows) do
    documents[i] = row[1]
  end
  return documents
end

describe("decoding JSON", function()
  it("refuses what lua-cjson and Python refuse", function()
    local python = readers.python(REFUSED)
    for i, document in ipairs(REFUSED) do
      assert.equal("error", readers.exectrack(document), named(document))
      assert.equal("error", readers.cjson(document), named(document))
      assert.equal("error", python[i], named(document))
    end
  end)

  it("gives what lua-cjson and Python give", function()
    local python = readers.python(documents_of(ALIKE))
    for i, row in ipairs(ALIKE) do
      assert.equal(here(row[2]), readers.exectrack(row[1]), named(row[1]))
      assert.equal(readers.exectrack(row[1], true), readers.cjson(row[1]), named(row[1]))
      assert.equal(here(row[2]), python[i], named(row[1]))
    end
  end)

  it("differs from them where they differ from the RFC, and in few other places", function()
    local python = readers.python(documents_of(DIFFERENT))
    for i, row in ipairs(DIFFERENT) do
      assert.equal(here(row[2]), readers.exectrack(row[1]), named(row[1]))
      assert.equal(row[3], readers.cjson(row[1]), named(row[1]))
      assert.equal(row[4] == SOMETHING and python[i] or here(row[4]), python[i], named(row[1]))
    end
  end)
end)

local DIGITS = "0123456789"

local function digits(most)
  return (("x"):rep(math.random(most)):gsub("x", function()
    local digit = math.random(10)
    return DIGITS:sub(digit, digit)
  end))
end

--- An integer of up to 22 digits. lua-cjson's -0 isn't 0.
local function some_integer()
  local first = math.random(9)
  return random.pick { "0", tostring(first), "-" .. first, first .. digits(20),
    "-" .. first .. digits(20), "92233720368547758" .. digits(2),
    "-92233720368547758" .. digits(2), "90071992547409" .. digits(2) }
end

local function some_number()
  local number = some_integer()
  if math.random(2) == 1 then
    number = number .. "." .. digits(random.pick { 3, 17, 40 })
  end
  if math.random(3) == 1 then
    number = number .. random.pick { "e", "E", "e-", "E+" } .. digits(random.pick { 1, 2, 3 })
  end
  return number
end

local CHARACTERS = { "a", "é", "日", "😀", "/", "'", " ", '\\"', "\\\\", "\\/", "\\b", "\\f", "\\n",
  "\\r", "\\t", "\\u0000", "\\ud83d\\ude00", "\\uDBFF\\uDFFF", "\127", "plain text, longer" }

local function some_character()
  local code = math.random(0, 0x10ffff)
  return random.pick { random.pick(CHARACTERS), ("\\u%04x"):format(math.random(0, 0xffff)),
    ("\\u%04X"):format(math.random(0xd700, 0xe0ff)),
    code >= 0xd800 and code < 0xe000 and "x" or code < 0x80 and "y" or utf8.char(code) }
end

local function some_string()
  local characters = {}
  for i = 1, math.random(0, random.pick { 1, 4, 30 }) do
    characters[i] = some_character()
  end
  return '"' .. table.concat(characters) .. '"'
end

local function space()
  return random.pick { "", "", "", "", " ", "\n", "\r\n", "\t" }
end

local some_value

--- An array or object, of which some keys come twice.
local function some_elements(levels)
  local has_keys = math.random(2) == 1
  local texts = {}
  for i = 1, math.random(0, 5) do
    local key = has_keys and random.pick { '"a"', '"b"', '"\\u0061"', some_string() }
    texts[i] = space() .. (key and key .. space() .. ":" .. space() or "")
      .. some_value(levels - 1) .. space()
  end
  local text = #texts > 0 and table.concat(texts, ",") or space()
  return has_keys and "{" .. text .. "}" or "[" .. text .. "]"
end

function some_value(levels)
  if levels > 0 and math.random(2) == 1 then
    return some_elements(levels)
  end
  return random.pick { some_integer(), some_number(), some_string(),
    random.pick { "true", "false", "null" } }
end

local function some_document()
  return random.pick { "", "", MARK } .. space() .. some_value(4) .. space()
end

local PIECES = { "{", "}", "[", "]", '"', ",", ":", "\\", "\\u", "/", " ", "\n", "0", "1", "9", ".",
  "e", "-", "+", "t", "null", "NaN", "\0", "\31", "\128", "\191", "\194", "\237\160", "\255", MARK }

--- `document` with a few bytes taken away, replaced or put in.
local function mutated(document)
  for _ = 1, math.random(3) do
    local first = math.random(#document + 1)
    local piece = random.pick { "", random.pick(PIECES), random.bytes(2),
      document:sub(first, first + math.random(5)) }
    document = document:sub(1, first - 1) .. piece .. document:sub(first + math.random(0, 2))
  end
  return document
end

describe("decoding random JSON", function()
  local seed, documents = nil, {}

  setup(function()
    seed = random.seed("json_compare_spec")
    for i = 1, 2000 do
      documents[i] = some_document()
    end
  end)

  it("gives what Python gives, integers of 64 bits and floats exactly", function()
    for i, text in ipairs(readers.python(documents, true)) do
      assert.equal(text, readers.exectrack(documents[i]), named(documents[i], seed))
      assert.not_equal("error", text, named(documents[i], seed))
    end
  end)

  it("gives what lua-cjson gives, unless that refuses", function()
    local count = 0
    for _, document in ipairs(documents) do
      local text = readers.cjson((document:gsub("^" .. MARK, "")))
      if text ~= "error" then
        assert.equal(text, readers.exectrack(document, true), named(document, seed))
        count = count + 1
      end
    end
    assert.is_true(count > 500)
  end)

  it("that was changed refuses what Python refuses, and gives what Python gives", function()
    local changed, refused = {}, 0
    for i = 1, 6000 do
      changed[i] = mutated(random.pick(documents))
    end
    for i, text in ipairs(readers.python(changed, true)) do
      assert.equal(text, readers.exectrack(changed[i]), named(changed[i], seed))
      refused = refused + (text == "error" and 1 or 0)
    end
    assert.is_true(refused > 1000 and refused < 5000)
  end)
end)
