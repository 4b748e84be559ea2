local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")

local tracker

before_each(function()
  tracker = exectrack.new { clock = clocks.new().read }
end)

--- A tool that returns `name` and what it is called with.
local function named(name)
  return function(...)
    return name, ...
  end
end

--- The names of the tools that were executed, newest last.
local function executed()
  local names = {}
  for _, record in ipairs(tracker:recent_executions(1000)) do
    table.insert(names, 1, record.tool)
  end
  return names
end

describe("tracker:instrument", function()
  it("wraps functions under their names", function()
    local tools = tracker:instrument { read = named("read"), write = named("write") }
    assert.same({ n = 4, "read", 1, nil, nil }, portable.pack(tools.read(1, nil, nil)))
    assert.same({ "write" }, { tools.write() })
    assert.same({ "read", "write" }, executed())
    assert.equal(exectrack.fingerprint(1, nil, nil), tracker:recent_executions(2)[2].args_hash)
  end)

  it("wraps functions in nested tables under their path", function()
    local tools = tracker:instrument {
      fs = { read = named("r"), deep = { er = { stat = named("s") } } },
      ["a.b"] = { c = named("c") },
      [""] = { [""] = named("empty") },
    }
    assert.equal("r", (tools.fs.read()))
    assert.equal("s", (tools.fs.deep.er.stat()))
    assert.equal("c", (tools["a.b"].c()))
    assert.equal("empty", (tools[""][""]()))
    assert.same({ "fs.read", "fs.deep.er.stat", "a.b.c", "." }, executed())
  end)

  it("names what is in an array by its place", function()
    local tools = tracker:instrument { named("one"), { named("two"), [-3] = named("minus") } }
    assert.equal("one", (tools[1]()))
    assert.equal("two", (tools[2][1]()))
    assert.equal("minus", (tools[2][-3]()))
    assert.same({ "1", "2.1", "2.-3" }, executed())
  end)

  it("cuts names at 255 bytes, as record does, and keeps zeros", function()
    local tools = tracker:instrument { [("n"):rep(200)] = { [("m"):rep(200)] = named("long") },
      ["a\0b"] = named("zero") }
    tools[("n"):rep(200)][("m"):rep(200)]()
    tools["a\0b"]()
    assert.same({ ("n"):rep(200) .. "." .. ("m"):rep(54), "a\0b" }, executed())
  end)

  it("wraps a table that can be called, and not what is in it", function()
    local callable = setmetatable({ inner = named("inner") }, {
      __call = function(self, ...) return self, ... end,
    })
    local tools = tracker:instrument { call = callable }
    assert.equal("function", type(tools.call))
    assert.same({ callable, 1 }, { tools.call(1) })
    assert.same({ "call" }, executed())
  end)

  it("copies other values as they are", function()
    local thread = coroutine.create(function() end)
    local tools = tracker:instrument {
      version = "1.2", retries = 3, ratio = 0.5, dry = false, file = io.stdout, thread = thread,
      empty = {},
    }
    assert.equal("1.2", tools.version)
    assert.equal(3, tools.retries)
    assert.is_true(portable.is_integer(tools.retries))
    assert.equal(0.5, tools.ratio)
    assert.is_false(tools.dry)
    assert.equal(io.stdout, tools.file)
    assert.equal(thread, tools.thread)
    assert.same({}, tools.empty)
  end)

  it("copies what has a key that isn't a name as it is", function()
    local tool, nested, key = named("t"), { f = named("f") }, {}
    local tools = tracker:instrument { [1.5] = tool, [true] = tool, [key] = nested, [tool] = tool }
    assert.equal(tool, tools[1.5])
    assert.equal(tool, tools[true])
    assert.equal(nested, tools[key])
    assert.equal(tool, tools[tool])
  end)

  it("leaves the table untouched", function()
    local read, stat = named("read"), named("stat")
    local fs = { stat = stat }
    local tools = { read = read, fs = fs }
    local copy = tracker:instrument(tools)
    assert.same({ read = read, fs = fs }, tools)
    assert.equal(fs, tools.fs)
    assert.same({ stat = stat }, fs)
    assert.not_equal(tools, copy)
    assert.not_equal(fs, copy.fs)
    copy.read, copy.fs.stat = nil, nil
    assert.equal(read, tools.read)
    assert.equal(stat, fs.stat)
  end)

  it("is a copy of what the table had then", function()
    local tools = { read = named("old") }
    local copy = tracker:instrument(tools)
    tools.read, tools.write = named("new"), named("new")
    assert.equal("old", (copy.read()))
    assert.is_nil(copy.write)
  end)

  it("copies no metatable, and calls no metamethod", function()
    local tools = setmetatable({ read = named("read"), fs = setmetatable({}, { __len = error }) }, {
      __index = { hidden = named("hidden") },
      __pairs = error,
      __newindex = error,
      __metatable = "locked",
    })
    local copy = tracker:instrument(tools)
    assert.is_nil(getmetatable(copy))
    assert.is_nil(getmetatable(copy.fs))
    assert.is_nil(copy.hidden)
    assert.equal("read", (copy.read()))
  end)

  it("of no tools is an empty table", function()
    local tools = {}
    assert.same({}, tracker:instrument(tools))
    assert.not_equal(tools, tracker:instrument(tools))
  end)

  it("knows a tool only when it is called", function()
    tracker:instrument { read = named("read") }
    assert.same({}, tracker:tools())
  end)
end)

describe("a table of tools that holds itself", function()
  it("is copied to one that does", function()
    local tools = { read = named("read") }
    tools.self = tools
    tools.fs = { up = tools, stat = named("stat") }
    tools.fs.again = tools.fs
    local copy = tracker:instrument(tools)
    assert.equal(copy, copy.self)
    assert.equal(copy, copy.fs.up)
    assert.equal(copy.fs, copy.fs.again)
    copy.self.fs.up.read()
    copy.fs.again.stat()
    assert.same({ "read", "fs.stat" }, executed())
  end)
end)

describe("a table of tools that stands in two places", function()
  it("is copied twice, under both names", function()
    local shared = { read = named("read") }
    local copy = tracker:instrument { a = shared, b = { c = shared } }
    assert.not_equal(copy.a, copy.b.c)
    copy.a.read()
    copy.b.c.read()
    assert.same({ "a.read", "b.c.read" }, executed())
  end)

  it("is wrapped twice if it is a function", function()
    local tool = named("t")
    local copy = tracker:instrument { a = tool, b = tool }
    copy.a()
    copy.b()
    assert.same({ "a", "b" }, executed())
  end)
end)

describe("tables of tools that are nested", function()
  --- A tool in `levels` tables, the outermost counted.
  local function nested(levels)
    local tools = { t = named("deep") }
    for _ = 2, levels do
      tools = { n = tools }
    end
    return tools
  end

  it("100 deep are wrapped", function()
    local copy = tracker:instrument(nested(100))
    for _ = 2, 100 do
      copy = copy.n
    end
    assert.equal("deep", (copy.t()))
    assert.same({ ("n."):rep(99) .. "t" }, executed())
  end)

  it("deeper are refused", function()
    assert.has_error(function() tracker:instrument(nested(101)) end,
      "bad argument #1 to 'instrument' (nested too deep)")
  end)
end)

describe("the options of instrument", function()
  it("are those of wrap, for all tools", function()
    local asked = {}
    local tools = tracker:instrument({ a = named("a"), b = { c = named("c"), d = named("d") } }, {
      classify = function(_, name) return name == "c" and "timed_out" or nil, true end,
      args = function(first) return first end,
      policy = function(call)
        asked[#asked + 1] = call.tool
        return call.tool == "b.d" and { action = "deny", reason = "r", message = "m" } or nil
      end,
    })
    tools.a(1, 2)
    tools.b.c(1, 3)
    assert.same({ nil, "m" }, { (tools.b.d()), (select(2, tools.b.d())) })
    assert.same({ "a", "b.c", "b.d", "b.d" }, asked)
    local records = tracker:recent_executions(3)
    assert.equal(2, #records)
    assert.equal("timed_out", records[1].status)
    assert.equal("success", records[2].status)
    for _, record in ipairs(records) do
      assert.is_true(record.was_cached)
      assert.equal(exectrack.fingerprint(1), record.args_hash)
    end
    assert.equal(2, tracker:denials()[1].count)
  end)

  it("are refused as wrap refuses them", function()
    assert.has_error(function() tracker:instrument() end,
      "bad argument #1 to 'instrument' (table expected, got no value)")
    assert.has_error(function() tracker:instrument(print) end,
      "bad argument #1 to 'instrument' (table expected, got function)")
    assert.has_error(function() tracker:instrument({}, 5) end,
      "bad argument #2 to 'instrument' (table expected, got number)")
    assert.has_error(function() tracker:instrument({}, { polcy = print }) end,
      "bad argument #2 to 'instrument' (unknown option 'polcy')")
    assert.has_error(function() tracker:instrument({}, { classify = 5 }) end,
      "bad argument #2 to 'instrument' (classify: function expected, got number)")
  end)

  it("don't matter to a closed tracker, which raises", function()
    local tools = tracker:instrument { a = error }
    tracker:close()
    assert.has_error(function() tracker:instrument() end, "attempt to use a closed tracker")
    assert.has_error(function() tools.a("called") end, "attempt to use a closed tracker")
  end)
end)
