local cjson = require("cjson")
local exectrack = require("exectrack")

local fingerprint = exectrack.fingerprint
local NAMES = { "description", "thought" }

local function new(names)
  return exectrack.new { ignore_args = names }
end

--- The fingerprint of the newest record's arguments.
local function newest(tracker)
  return tracker:recent_executions(1)[1].args_hash
end

local function do_nothing() end

describe("ignore_args", function()
  it("leaves fields out of the fingerprints of all that is recorded", function()
    local tracker = new(NAMES)
    local args = { path = "x", description = "Read x", thought = { "hm" } }
    local expected = fingerprint { path = "x" }
    tracker:record("read", "success", 1, false, nil, args)
    assert.equal(expected, newest(tracker))
    tracker:record { tool = "read", status = "success", duration_ms = 1, args = args }
    assert.equal(expected, newest(tracker))
    local span = tracker:start("read", args)
    assert.equal(expected, tracker:in_flight()[1].args_hash)
    span:finish()
    assert.equal(expected, newest(tracker))
    tracker:run("read", do_nothing, args)
    assert.equal(expected, newest(tracker))
    tracker:wrap("read", do_nothing)(args)
    assert.equal(expected, newest(tracker))
    tracker:instrument({ read = do_nothing }).read(args)
    assert.equal(expected, newest(tracker))
    assert.same({ path = "x", description = "Read x", thought = { "hm" } }, args)
  end)

  it("leaves out fields of each argument, but not of the tables in it", function()
    local tracker = new(NAMES)
    local function hash(...)
      tracker:run("a", do_nothing, ...)
      return newest(tracker)
    end
    assert.equal(fingerprint({}, {}), hash({ description = 1 }, { thought = 2 }))
    assert.equal(fingerprint { { description = 1 } }, hash { { description = 1 } })
    assert.equal(fingerprint { a = { thought = 1 } }, hash { a = { thought = 1 }, thought = 1 })
    assert.equal(fingerprint { "x", "y" }, hash { "x", "y", description = 1 })
    assert.equal(fingerprint("description"), hash("description"))
    assert.equal(fingerprint { "description" }, hash { "description" })
    assert.equal(fingerprint { descriptio = 1 }, hash { descriptio = 1 })
    assert.equal(fingerprint(), hash())
  end)

  it("looks at nothing of what it leaves out", function()
    local large, own = {}, {}
    for i = 1, 70000 do
      large[i] = { i }
    end
    own.description, own.thought = own, large
    local tracker = new(NAMES)
    tracker:run("a", do_nothing, own)
    assert.equal(fingerprint {}, newest(tracker))
    tracker:run("a", do_nothing, { description = ("x"):rep(2 ^ 21), a = ("y"):rep(2 ^ 20) })
    assert.equal(fingerprint { a = ("y"):rep(2 ^ 20) }, newest(tracker))
  end)

  it("takes string keys alone, and calls no metamethod", function()
    local tracker = new { "1" }
    tracker:run("a", do_nothing, { "x", ["1"] = "y" })
    assert.equal(fingerprint { "x" }, newest(tracker))
    local trap = function() error("a metamethod was called") end
    tracker:run("a", do_nothing, setmetatable({ ["1"] = 1 }, { __index = trap, __pairs = trap }))
    assert.equal(fingerprint {}, newest(tracker))
  end)

  it("of wrapped tools stands in place of the tracker's", function()
    local tracker = new(NAMES)
    local args = { a = 1, b = 2, thought = 3 }
    tracker:wrap("x", do_nothing, { ignore_args = { "b" } })(args)
    assert.equal(fingerprint { a = 1, thought = 3 }, newest(tracker))
    tracker:wrap("x", do_nothing, { ignore_args = {} })(args)
    assert.equal(fingerprint(args), newest(tracker))
    tracker:instrument({ x = do_nothing }, { ignore_args = { "a", "b", "a" } }).x(args)
    assert.equal(fingerprint { thought = 3 }, newest(tracker))
    tracker:wrap("x", do_nothing, {})(args)
    assert.equal(fingerprint { a = 1, b = 2 }, newest(tracker))
  end)

  it("counts for what args chooses", function()
    local tracker = new(NAMES)
    local function second(_, value)
      return value
    end
    tracker:wrap("x", do_nothing, { args = second })({ a = 1 }, { b = 2, thought = 3 })
    assert.equal(fingerprint { b = 2 }, newest(tracker))
    tracker:wrap("x", do_nothing, { args = second, ignore_args = { "b" } })(1, { b = 2, c = 3 })
    assert.equal(fingerprint { c = 3 }, newest(tracker))
    tracker:wrap("x", do_nothing, { args = false, ignore_args = { "b" } })({ b = 2 })
    assert.equal(0, newest(tracker))
  end)

  it("is told to policies", function()
    local asked
    local policy = function(call) asked = call.args_hash end
    new(NAMES):wrap("x", do_nothing, { policy = policy })({ a = 1, thought = 2 })
    assert.equal(fingerprint { a = 1 }, asked)
  end)

  it("doesn't keep the list", function()
    local names = { "a" }
    local tracker = new(names)
    local wrapped = tracker:wrap("x", do_nothing, { ignore_args = names })
    names[1], names[2] = "b", "c"
    tracker:run("x", do_nothing, { a = 1, b = 2 })
    assert.equal(fingerprint { b = 2 }, newest(tracker))
    wrapped({ a = 1, c = 2 })
    assert.equal(fingerprint { c = 2 }, newest(tracker))
  end)

  it("has a fingerprint in the run, whatever its order", function()
    local function in_run(names)
      return new(names):snapshot():to_table().ignored_args
    end
    local expected = fingerprint { description = true, thought = true }
    assert.equal(expected, in_run { "description", "thought" })
    assert.equal(expected, in_run { "thought", "description", "thought" })
    assert.equal(fingerprint { thought = true }, in_run { "thought" })
    assert.is_nil(in_run {})
    assert.is_nil(in_run(nil))
  end)

  it("stays in snapshots, bytes and tables, and in merges of runs that all have it", function()
    local form = new(NAMES):snapshot():to_table()
    local snapshot = exectrack.from_table(cjson.decode(cjson.encode(form)))
    local function kept(run)
      return run:to_table().ignored_args
    end
    assert.equal(form.ignored_args, kept(snapshot))
    assert.equal(form.ignored_args, kept(exectrack.from_bytes(snapshot:bytes())))
    assert.equal(form.ignored_args, kept(snapshot:filter { last = 1 }))
    assert.equal(form.ignored_args, kept(exectrack.merge { snapshot, snapshot }))
    local none, other = new {}:snapshot(), new { "a" }:snapshot()
    assert.is_nil(kept(exectrack.merge { snapshot, none }))
    assert.is_nil(kept(exectrack.merge { none, snapshot }))
    assert.is_nil(kept(exectrack.merge { snapshot, other, snapshot }))
    form.ignored_args = 4294967296
    assert.same({ nil, "ignored_args: an integer from 0 to 4294967295 expected, got 4294967296",
      "invalid" }, { exectrack.from_table(form) })
  end)

  it("refuses what is no list of strings", function()
    local function assert_refused(message, names)
      assert.has_error(function() new(names) end, "bad argument #1 to 'new' (" .. message .. ")")
      assert.has_error(function()
        new():wrap("x", do_nothing, { ignore_args = names })
      end, "bad argument #3 to 'wrap' (" .. message .. ")")
    end
    assert_refused("ignore_args: table expected, got string", "description")
    assert_refused("ignore_args: table expected, got boolean", false)
    local not_a_list = "ignore_args: an array without holes and fields expected"
    assert_refused(not_a_list, { description = true })
    assert_refused(not_a_list, { "a", nil, "b" })
    assert_refused("ignore_args: a list of strings expected, got number at 2", { "a", 1 })
  end)
end)
