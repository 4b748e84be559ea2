-- Needs Lua 5.3: integers of 64 bits
local exectrack = require("exectrack")
local make_plain = require("spec.support.plain_fingerprint")
local process = require("spec.support.process")
local random = require("spec.support.random")
local xxh64 = require("spec.support.xxh64")

local fingerprint = exectrack.fingerprint

--- The serial numbers that were found out, by the values that have them; false for none.
local serials = {}

--- The serial number of a function, userdata or thread, found by trying; false for a light one.
local function serial_of(value)
  if serials[value] == nil then
    serials[value] = false
    for serial = 1, 10000 do
      if make_plain(function() return serial end)(value) == fingerprint(value) then
        serials[value] = serial
        break
      end
    end
  end
  return serials[value]
end

local plain_fingerprint = make_plain(serial_of)

--- Asserts that the fingerprint of these values is the one that it should be.
local function assert_right(...)
  assert.equal(plain_fingerprint(...), fingerprint(...))
end

local function any_integer()
  local bytes = ("x"):rep(8):gsub("x", function() return string.char(math.random(0, 255)) end)
  return (string.unpack("<i8", bytes))
end

--- `count` strings of `length` bytes, each another.
local function strings(count, length)
  local t = {}
  for i = 1, count do
    t[i] = ("%08d"):format(i) .. ("x"):rep(length - 8)
  end
  return t
end

describe("the independent XXH64", function()
  it("agrees with the values that its authors publish", function()
    assert.equal(0xEF46DB3751D8E999, xxh64("", 0))
    assert.equal(0xD24EC4F1A98C6E5B, xxh64("a", 0))
    assert.equal(0x44BC2CF5AD770999, xxh64("abc", 0))
    assert.equal(0x0B242D361FDA71BC, xxh64("The quick brown fox jumps over the lazy dog", 0))
  end)
end)

describe("exectrack.fingerprint agrees with an independent implementation", function()
  it("for random values", function()
    random.seed("fingerprint_spec")
    local make
    local makers = {
      function() return nil end,
      function() return math.random(2) == 1 end,
      function() return math.random(-3, 3) end,
      any_integer,
      function() return (math.random() - 0.5) * 2.0 ^ math.random(-1000, 1000) end,
      function() return random.bytes(8) end,
      function() return random.bytes(100) end,
      function() return random.pick { print, io.stdout, coroutine.running() } end,
      function(levels)
        local t = {}
        for i = 1, levels > 0 and math.random(0, 6) or 0 do
          local key = make(levels - 1)
          t[key ~= nil and key == key and key or i] = make(levels - 1)
        end
        return t
      end,
    }
    function make(levels)
      return random.pick(makers)(levels)
    end
    for _ = 1, 3000 do
      local values = {}
      local count = math.random(0, 4)
      for i = 1, count do
        values[i] = make(4)
      end
      assert_right(table.unpack(values, 1, count))
    end
  end)

  it("for integers beyond 2^53, which no float equals, and for every NaN", function()
    assert.equal(2046482963, fingerprint(math.maxinteger))
    assert_right(math.maxinteger)
    assert_right(math.mininteger)
    assert.not_equal(fingerprint(math.maxinteger), fingerprint(2.0 ^ 63))
    assert.equal(fingerprint(0 / 0), fingerprint((string.unpack("<d", "\1\2\3\4\5\6\247\255"))))
  end)

  it("for the integer whose hash is 0", function()
    assert_right(585713827)
  end)

  it("for tables in tables", function()
    local t = { 1 }
    for levels = 1, 34 do
      if levels > 30 then
        assert_right(t)
      end
      t = { t }
    end
  end)

  it("for many bytes of strings", function()
    assert_right(("x"):rep(1048578))
    assert_right(strings(17, 65536))
    assert_right(strings(4200, 260))
  end)

  it("for cycles", function()
    for _, size in ipairs { 1, 3, 40 } do
      local first = {}
      local last = first
      for _ = 2, size do
        last = { next = last }
      end
      first.next = last
      assert_right(first)
    end
    local own_key = {}
    own_key[own_key] = own_key
    assert_right(own_key)
    assert_right(_G)
  end)

  it("for functions, userdata and threads, by a serial number", function()
    for _, value in ipairs { print, io.stdout, exectrack.new(1), coroutine.create(print) } do
      assert_right(value)
      assert_right({ [value] = { value } }, value)
      assert.not_equal(fingerprint { value }, fingerprint { serial_of(value) })
    end
  end)

  it("with serial numbers in the order in which a state meets the values", function()
    local function numbered(serial, ...)
      return make_plain(function() return serial end)(...)
    end
    local expected = { numbered(1, print), numbered(2, { print }), numbered(1, print),
      numbered(3, print) }
    assert.equal(table.concat(expected, "\t") .. "\n", (process.run_lua [[
      local fingerprint = require("exectrack").fingerprint
      print(fingerprint(print), fingerprint { coroutine.create(print) }, fingerprint(print),
        fingerprint(io.stdout))
    ]]))
  end)

  it("for shared tables", function()
    local t = { 1 }
    for _ = 1, 14 do
      t = { t, t }
    end
    assert_right(t)
  end)
end)

describe("the fingerprint of results agrees with an independent implementation", function()
  local plain = make_plain(function() return false end, 64 * 1024)
  local tracker = exectrack.new(1)

  local function assert_same_hash(...)
    tracker:run("a", function(...) return ... end, ...)
    assert.equal(plain(...), tracker:recent_executions(1)[1].result_hash)
  end

  it("for 64 KiB of strings and more", function()
    for _, t in ipairs { strings(1, 64 * 1024 + 2), strings(17, 4096), strings(3000, 300) } do
      assert_same_hash(t)
      assert_same_hash(table.unpack(t))
    end
  end)

  it("for functions, userdata and threads, by their type", function()
    for _, value in ipairs { print, io.stdout, coroutine.create(print) } do
      assert_same_hash(value)
    end
  end)
end)
