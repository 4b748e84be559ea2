local cjson = require("cjson")
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

--- A table within a table and so on, `levels` of them, with `content` in the innermost.
local function nest(levels, content)
  local t = content
  for _ = 1, levels do
    t = { t }
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

describe("exectrack.fingerprint", function()
  it("never changes", function()
    assert.equal(1295994976, fingerprint())
    assert.equal(967251636, fingerprint(nil))
    assert.equal(1982418296, fingerprint(nil, nil))
    assert.equal(3530668077, fingerprint(true))
    assert.equal(2797532274, fingerprint(false))
    assert.equal(3448915762, fingerprint(0))
    assert.equal(1094479508, fingerprint(1))
    assert.equal(407958029, fingerprint(-1))
    assert.equal(2046482963, fingerprint(math.maxinteger))
    assert.equal(2660321284, fingerprint(0.5))
    assert.equal(1830520566, fingerprint(math.huge))
    assert.equal(77268430, fingerprint(0 / 0))
    assert.equal(606819133, fingerprint(""))
    assert.equal(4088086073, fingerprint("a"))
    assert.equal(2978091295, fingerprint(("x"):rep(100)))
    assert.equal(2161697740, fingerprint {})
    assert.equal(2849802295, fingerprint { 1, 2, 3 })
    assert.equal(1629309562, fingerprint { path = "src/main.c", limit = 100 })
    assert.equal(3226680244, fingerprint(1, 2, 3))
    assert.equal(3056519654, fingerprint(cjson.null)) -- a light userdata
    assert.equal(3515058529, fingerprint({ pattern = "x", paths = { "a", "b" } }, true))
  end)

  it("agrees with an independent implementation", function()
    random.seed("fingerprint_spec")
    local make
    local makers = {
      function() return nil end,
      function() return math.random(2) == 1 end,
      function() return math.random(-3, 3) end,
      function() return math.random(0) end,
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
      assert.equal(plain_fingerprint(table.unpack(values, 1, count)),
        fingerprint(table.unpack(values, 1, count)))
    end
  end)

  it("is an integer from 1 to 2^32 - 1", function()
    for i = 1, 10000 do
      local hash = fingerprint(i)
      assert.equal("integer", math.type(hash))
      assert.is_true(hash >= 1 and hash <= 0xFFFFFFFF)
    end
  end)

  it("is never 0, even where the hash is", function()
    -- The first integer whose hash folds to 0, found by trying.
    assert.equal(1, fingerprint(585713827))
    assert.equal(1, plain_fingerprint(585713827))
  end)

  it("tells different values apart", function()
    local values = { true, false, 0, 1, -1, 0.5, "", "0", "1", "true", "nil", "table", {}, { 1 },
      { "1" }, { { 1 } }, { [2] = 1 }, { [1] = 1, [2] = 1 }, { a = 1 }, { a = 2 }, { b = 1 },
      { a = "b" }, { b = "a" }, { a = {} }, { [{}] = "a" }, print, io.stdout,
      coroutine.create(print), math.huge, -math.huge, 0 / 0, math.maxinteger, math.mininteger }
    local seen = {}
    for i, value in ipairs(values) do
      local hash = fingerprint(value)
      assert.is_nil(seen[hash], "values " .. tostring(seen[hash]) .. " and " .. i)
      seen[hash] = i
    end
    assert.is_nil(seen[fingerprint(nil)])
    assert.is_nil(seen[fingerprint()])
  end)

  it("tells lists of arguments apart", function()
    local seen = {}
    local lists = { { n = 0 }, { nil, n = 1 }, { nil, nil, n = 2 }, { 1, n = 1 }, { 1, nil, n = 2 },
      { nil, 1, n = 2 }, { 1, 2, n = 2 }, { 2, 1, n = 2 }, { { 1, 2 }, n = 1 } }
    for i, list in ipairs(lists) do
      local hash = fingerprint(table.unpack(list, 1, list.n))
      assert.is_nil(seen[hash], "lists " .. tostring(seen[hash]) .. " and " .. i)
      seen[hash] = i
    end
  end)

  it("takes 1 for 1.0, as values and as keys", function()
    assert.equal(fingerprint(1), fingerprint(1.0))
    assert.equal(fingerprint(2 ^ 53), fingerprint(1 << 53))
    assert.equal(fingerprint { [1] = 2 }, fingerprint { [1.0] = 2.0 })
    assert.not_equal(fingerprint(1), fingerprint(1.5))
    assert.not_equal(fingerprint(1), fingerprint("1"))
    assert.not_equal(fingerprint(math.maxinteger), fingerprint(2.0 ^ 63))
  end)

  it("takes -0.0 for 0, and every NaN for the same", function()
    assert.equal(fingerprint(0), fingerprint(-0.0))
    assert.equal(fingerprint(0 / 0), fingerprint(-(0 / 0)))
    assert.equal(fingerprint(0 / 0), fingerprint((string.unpack("<d", "\1\2\3\4\5\6\xf7\xff"))))
  end)

  it("is the same for tables with the same content, in whatever order it came", function()
    random.seed("fingerprint_spec")
    local keys = { "path", "mode", "limit", "", "\0", 1, 2, 3, 7, -1, 2.5, true, false, 1 << 40 }
    local expected
    for _ = 1, 500 do
      local t = {}
      for _ = 1, math.random(0, 30) do
        t["removed " .. math.random(100)] = true
      end
      for _, key in ipairs(random.shuffle(keys)) do
        t[key] = { tostring(key), [key] = key }
      end
      for key in pairs(t) do
        if type(key) == "string" and key:find("^removed") then
          t[key] = nil
        end
      end
      expected = expected or fingerprint(t)
      assert.equal(expected, fingerprint(t))
    end
  end)

  it("sees every entry of a table, however nested", function()
    local function arguments(deep)
      return { path = "x", options = { limits = { lines = { 1, 2, { deep = deep } } } } }
    end
    assert.equal(fingerprint(arguments(1)), fingerprint(arguments(1)))
    assert.not_equal(fingerprint(arguments(1)), fingerprint(arguments(2)))
    assert.not_equal(fingerprint(arguments(1)), fingerprint(arguments(nil)))
  end)

  it("hashes 32 tables deep, and deeper ones by their type", function()
    assert.not_equal(fingerprint(nest(32, 1)), fingerprint(nest(32, 2)))
    assert.equal(fingerprint(nest(32, {})), fingerprint(nest(32, { 1 })))
    assert.equal(fingerprint(nest(33, 1)), fingerprint(nest(33, 2)))
    assert.equal(fingerprint(nest(33, 1)), fingerprint(nest(100000, 1)))
    assert.not_equal(fingerprint(nest(32, {})), fingerprint(nest(32, "table")))
    for _, levels in ipairs { 31, 32, 33, 34 } do
      assert.equal(plain_fingerprint(nest(levels, 1)), fingerprint(nest(levels, 1)))
    end
  end)

  it("counts functions, userdata and threads by their identity", function()
    local function counter()
      local count = 0
      return function() count = count + 1 end
    end
    local values = { print, counter(), counter(), io.stdout, io.stderr, exectrack.new(1),
      coroutine.create(print), coroutine.create(print) }
    local seen = {}
    for i, value in ipairs(values) do
      local hash = fingerprint(value)
      assert.is_nil(seen[hash])
      seen[hash] = i
      assert.equal(hash, fingerprint(value))
      assert.equal(fingerprint { [value] = { value } }, fingerprint { [value] = { value } })
      assert.not_equal(fingerprint { value }, fingerprint { serial_of(value) })
    end
  end)

  it("numbers them in the order in which a state meets them", function()
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

  it("gives a number once, whatever was collected", function()
    local seen = {}
    for i = 1, 1000 do
      local hash = fingerprint(function() return i end)
      assert.is_nil(seen[hash])
      seen[hash] = i
      if i % 100 == 0 then
        collectgarbage()
      end
    end
  end)

  it("may be taken by a finalizer while the table of numbers is made", function()
    assert.equal("true\ttrue\ttrue\ttrue\n", (process.run_lua [[
      local fingerprint = require("exectrack").fingerprint
      local values = { a = print, b = io.stdout }
      local within
      collectgarbage("incremental", 100, 1000, 40) -- a step is a cycle
      collectgarbage("stop")
      setmetatable({}, { __gc = function()
        within = fingerprint(io.stderr)
        for i = 1, 1000 do
          values[i] = i
        end
      end })
      collectgarbage("restart")
      local hash = fingerprint(values)
      print(within ~= nil, within == fingerprint(io.stderr), hash == fingerprint(values),
        within ~= fingerprint(print) and within ~= fingerprint(io.stdout))
    ]]))
  end)

  it("keeps nothing alive", function()
    local weak = setmetatable({ function() return serials end, coroutine.create(print) },
      { __mode = "v" })
    fingerprint(weak[1], weak[2])
    collectgarbage()
    assert.is_nil(next(weak))
  end)

  it("counts the beginning, the end and the length of strings if they have over 1 MiB", function()
    local function with(length, place, letter)
      return ("x"):rep(place - 1) .. letter .. ("x"):rep(length - place)
    end
    local MIB = 1 << 20
    assert.not_equal(fingerprint(with(MIB, MIB // 2, "a")), fingerprint(with(MIB, MIB // 2, "b")))
    local longer, half = MIB + 2, MIB // 2
    assert.equal(fingerprint(with(longer, half + 1, "a")), fingerprint(with(longer, half + 1, "b")))
    for _, place in ipairs { 1, half, half + 3, longer } do
      assert.not_equal(fingerprint(with(longer, place, "a")),
        fingerprint(with(longer, place, "b")))
    end
    assert.not_equal(fingerprint(("x"):rep(longer)), fingerprint(("x"):rep(longer + 1)))
    assert.equal(plain_fingerprint(("x"):rep(longer)), fingerprint(("x"):rep(longer)))
  end)

  it("counts less of each string the more there are", function()
    local function strings(count, length)
      local t = {}
      for i = 1, count do
        t[i] = ("%08d"):format(i) .. ("x"):rep(length - 8)
      end
      return t
    end
    for _, case in ipairs { { 17, 65536 }, { 4200, 260 } } do
      local t = strings(case[1], case[2])
      assert.equal(plain_fingerprint(t), fingerprint(t))
    end
    local many = strings(65536, 100)
    assert.equal(fingerprint(many), fingerprint(strings(65536, 100)))
    many[5] = "y" .. many[5]:sub(2)
    assert.not_equal(fingerprint(many), fingerprint(strings(65536, 100)))
  end)

  it("is the same in whatever order too much is met", function()
    -- At more than 2 levels these have too many entries and too many bytes, at 2 neither.
    local entries, strings = { {} }, { ("x"):rep(50000), { {} } }
    for i = 1, 70000 do
      entries[1][i] = i
    end
    for i = 1, 30 do
      strings[2][1][i] = ("x"):rep(50000)
    end
    --- The same two tables in one, in either order.
    local function in_both_orders()
      for i = 1, 100 do
        local key, one, other = "key " .. i, {}, {}
        one.first, other[key] = entries, strings
        one[key], other.first = strings, entries
        if next(one) ~= next(other) then
          return one, other
        end
      end
    end
    local one, other = in_both_orders()
    local hash = fingerprint(one)
    assert.equal(hash, fingerprint(other))
    strings[1] = ("x"):rep(30000) .. "y" .. ("x"):rep(19999)
    assert.not_equal(hash, fingerprint(one)) -- as all of that string counts
  end)

  it("ends for cycles, which count by their shape", function()
    local function ring(size)
      local first = {}
      local last = first
      for _ = 2, size do
        last = { next = last }
      end
      first.next = last
      return first
    end
    assert.equal(fingerprint(ring(1)), fingerprint(ring(1)))
    assert.equal(fingerprint(ring(5)), fingerprint(ring(5)))
    assert.not_equal(fingerprint(ring(1)), fingerprint(ring(2)))
    assert.equal(plain_fingerprint(ring(3)), fingerprint(ring(3)))
    assert.equal(plain_fingerprint(ring(40)), fingerprint(ring(40)))
    local own_key = {}
    own_key[own_key] = own_key
    assert.equal(plain_fingerprint(own_key), fingerprint(own_key))
    assert.equal(plain_fingerprint(_G), fingerprint(_G))
  end)

  it("is the same for a shared table and for equal ones", function()
    local shared = { 1 }
    assert.equal(fingerprint { { 1 }, { 1 } }, fingerprint { shared, shared })
  end)

  it("ends soon for shared tables that would be met 2^30 times", function()
    local function tree(levels, leaf)
      local t = { leaf }
      for _ = 1, levels do
        t = { t, t }
      end
      return t
    end
    assert.equal(fingerprint(tree(30, 1)), fingerprint(tree(30, 1)))
    assert.not_equal(fingerprint(tree(10, 1)), fingerprint(tree(10, 2)))
    assert.equal(plain_fingerprint(tree(14, 1)), fingerprint(tree(14, 1)))
  end)

  it("sees all of a table with many entries", function()
    local large = {}
    for i = 1, 100000 do
      large[i] = i
    end
    local before = fingerprint(large)
    large[99999] = 0
    assert.not_equal(before, fingerprint(large))
    large[99999] = 99999
    assert.equal(before, fingerprint(large))
  end)

  it("calls no metamethod", function()
    local trap = function() error("a metamethod was called") end
    local traps = {}
    for _, event in ipairs { "__index", "__newindex", "__pairs", "__len", "__eq", "__tostring",
      "__call", "__hash", "__lt", "__le", "__concat", "__name" } do
      traps[event] = trap
    end
    local guarded = setmetatable({ a = 1, setmetatable({ 2 }, traps) }, traps)
    assert.equal(fingerprint { a = 1, { 2 } }, fingerprint(guarded))
  end)

  it("is what record keeps as args_hash", function()
    local tracker = exectrack.new(1)
    for _, args in ipairs { 1, "x", { path = "x" }, true, false } do
      tracker:record("a", "success", 1, false, nil, args)
      assert.equal(fingerprint(args), tracker:recent_executions(1)[1].args_hash)
      tracker:start("a", args):finish()
      assert.equal(fingerprint(args), tracker:recent_executions(1)[1].args_hash)
    end
  end)
end)
