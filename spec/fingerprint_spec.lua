local cjson = require("cjson")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local random = require("spec.support.random")

local unpack = portable.unpack

local fingerprint = exectrack.fingerprint

--- A table within a table and so on, `levels` of them, with `content` in the innermost.
local function nest(levels, content)
  local t = content
  for _ = 1, levels do
    t = { t }
  end
  return t
end

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

  it("is an integer from 1 to 2^32 - 1", function()
    for i = 1, 10000 do
      local hash = fingerprint(i)
      assert.is_true(portable.is_integer(hash))
      assert.is_true(hash >= 1 and hash <= 0xFFFFFFFF)
    end
  end)

  it("is never 0, even where the hash is", function()
    -- The first integer whose hash folds to 0, found by trying.
    assert.equal(1, fingerprint(585713827))
  end)

  it("tells different values apart", function()
    local values = { true, false, 0, 1, -1, 0.5, "", "0", "1", "true", "nil", "table", {}, { 1 },
      { "1" }, { { 1 } }, { [2] = 1 }, { [1] = 1, [2] = 1 }, { a = 1 }, { a = 2 }, { b = 1 },
      { a = "b" }, { b = "a" }, { a = {} }, { [{}] = "a" }, print, io.stdout,
      coroutine.create(function() end), math.huge, -math.huge, 0 / 0, 2 ^ 53 - 1, 2 ^ 62 }
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
      local hash = fingerprint(unpack(list, 1, list.n))
      assert.is_nil(seen[hash], "lists " .. tostring(seen[hash]) .. " and " .. i)
      seen[hash] = i
    end
  end)

  it("takes 1 for 1.0, as values and as keys", function()
    assert.equal(fingerprint(1), fingerprint(1.0))
    assert.equal(fingerprint(2 ^ 53), fingerprint(9007199254740992))
    assert.equal(fingerprint { [1] = 2 }, fingerprint { [1.0] = 2.0 })
    assert.not_equal(fingerprint(1), fingerprint(1.5))
    assert.not_equal(fingerprint(1), fingerprint("1"))
  end)

  it("takes -0.0 for 0, and every NaN for the same", function()
    assert.equal(fingerprint(0), fingerprint(-0.0))
    assert.equal(fingerprint(0 / 0), fingerprint(-(0 / 0)))
  end)

  it("is the same for tables with the same content, in whatever order it came", function()
    random.seed("fingerprint_spec")
    local keys = { "path", "mode", "limit", "", "\0", 1, 2, 3, 7, -1, 2.5, true, false, 2 ^ 40 }
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
  end)

  it("counts functions, userdata and threads by their identity", function()
    local function counter()
      local count = 0
      return function() count = count + 1 end
    end
    local values = { print, counter(), counter(), io.stdout, io.stderr, exectrack.new(1),
      coroutine.create(function() end), coroutine.create(function() end) }
    local seen = {}
    for i, value in ipairs(values) do
      local hash = fingerprint(value)
      assert.is_nil(seen[hash])
      seen[hash] = i
      assert.equal(hash, fingerprint(value))
      assert.equal(fingerprint { [value] = { value } }, fingerprint { [value] = { value } })
    end
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
      local finalizers = require("spec.support.finalizers")
      finalizers.hurry_most()
      collectgarbage("stop")
      finalizers.object(function()
        within = fingerprint(io.stderr)
        for i = 1, 1000 do
          values[i] = i
        end
      end)
      collectgarbage("restart")
      local hash = fingerprint(values)
      print(within ~= nil, within == fingerprint(io.stderr), hash == fingerprint(values),
        within ~= fingerprint(print) and within ~= fingerprint(io.stdout))
    ]]))
  end)

  it("keeps nothing alive", function()
    local own = {}
    local weak = setmetatable({ function() return own end, coroutine.create(function() end) },
      { __mode = "v" })
    fingerprint(weak[1], weak[2])
    collectgarbage()
    assert.is_nil(next(weak))
  end)

  it("counts the beginning, the end and the length of strings if they have over 1 MiB", function()
    local function with(length, place, letter)
      return ("x"):rep(place - 1) .. letter .. ("x"):rep(length - place)
    end
    local MIB = 1048576
    assert.not_equal(fingerprint(with(MIB, MIB / 2, "a")), fingerprint(with(MIB, MIB / 2, "b")))
    local longer, half = MIB + 2, MIB / 2
    assert.equal(fingerprint(with(longer, half + 1, "a")), fingerprint(with(longer, half + 1, "b")))
    for _, place in ipairs { 1, half, half + 3, longer } do
      assert.not_equal(fingerprint(with(longer, place, "a")),
        fingerprint(with(longer, place, "b")))
    end
    assert.not_equal(fingerprint(("x"):rep(longer)), fingerprint(("x"):rep(longer + 1)))
  end)

  it("counts less of each string the more there are", function()
    local function strings(count, length)
      local t = {}
      for i = 1, count do
        t[i] = ("%08d"):format(i) .. ("x"):rep(length - 8)
      end
      return t
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
