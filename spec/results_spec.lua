local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")

local pack, unpack = portable.pack, portable.unpack

local fingerprint = exectrack.fingerprint

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 10, clock = clock.read }
end)

local function newest()
  return tracker:recent_executions(1)[1]
end

local function echo(...)
  return ...
end

--- The fingerprint of the result of a call that returns `...`.
local function hash(...)
  tracker:run("a", echo, ...)
  return newest().result_hash
end

--- Calls `tool` with `...`, wrapped with these options, in protected mode.
local function call(options, tool, ...)
  return pcall(tracker:wrap("a", tool, options), ...)
end

describe("the fingerprint of a result", function()
  it("is that of all that a call returns", function()
    assert.equal(fingerprint(), hash())
    assert.equal(fingerprint("x", nil, { a = 1 }), hash("x", nil, { a = 1 }))
    call({}, echo, 1, 2)
    assert.equal(fingerprint(1, 2), newest().result_hash)
    tracker:instrument({ a = echo }).a(3)
    assert.equal(fingerprint(3), newest().result_hash)
    local waiting = coroutine.wrap(function()
      tracker:run("a", function() return coroutine.yield() end)
    end)
    waiting()
    tracker:run("a", echo, { description = 1 })
    assert.equal(fingerprint { description = 1 }, newest().result_hash)
    waiting()
  end)

  it("takes functions, userdata and threads by their type", function()
    for _, pair in ipairs { { print, echo }, { io.stdout, io.stderr },
      { coroutine.create(function() end), coroutine.create(echo) } } do
      local one, other = pair[1], pair[2]
      assert.equal(hash(one), hash(other))
      assert.equal(hash { one }, hash { other })
      assert.equal(hash { [one] = 1 }, hash { [other] = 1 })
      assert.not_equal(hash(one), fingerprint(one))
      assert.not_equal(hash(one), hash(type(one)))
    end
    assert.not_equal(hash(print), hash(io.stdout))
  end)

  it("counts 64 KiB of strings, and the length of all", function()
    local KIB = 1024
    local function with(length, place, letter)
      return ("x"):rep(place - 1) .. letter .. ("x"):rep(length - place)
    end
    assert.equal(fingerprint(with(64 * KIB, 5, "a")), hash(with(64 * KIB, 5, "a")))
    local length = 64 * KIB + 2
    assert.equal(hash(with(length, 32 * KIB + 1, "a")), hash(with(length, 32 * KIB + 1, "b")))
    for _, place in ipairs { 1, 32 * KIB, 32 * KIB + 3, length } do
      assert.not_equal(hash(with(length, place, "a")), hash(with(length, place, "b")))
    end
    assert.not_equal(hash(("x"):rep(length)), hash(("x"):rep(length + 1)))
  end)

  it("counts 4,096 entries of nested tables, and all of the outermost", function()
    local function rows(count, last)
      local t = {}
      for i = 1, count do
        t[i] = { i }
      end
      t[count][1] = last
      return t
    end
    assert.equal(fingerprint(rows(2048, "a")), hash(rows(2048, "a")))
    assert.equal(hash(rows(2049, "a")), hash(rows(2049, "b")))
    local flat = {}
    for i = 1, 10000 do
      flat[i] = i
    end
    assert.equal(fingerprint(flat), hash(flat))
  end)

  it("is none for a call that is no success, of which the error type says more", function()
    for _, problem in ipairs { "timeout", "cancelled", "out of paper" } do
      assert.is_nil(hash(nil, problem))
    end
    call({}, error, "out of paper")
    assert.is_nil(newest().result_hash)
    call({ classify = function() return "failed" end }, echo, "x")
    assert.is_nil(newest().result_hash)
    call({ classify = function() return "success" end }, error, "x")
    assert.is_nil(newest().result_hash)
    call({ classify = function() return "success" end }, echo, nil, "x")
    assert.equal(fingerprint(nil, "x"), newest().result_hash)
  end)

  it("is taken of what record is given", function()
    tracker:record { tool = "a", status = "success", duration_ms = 1, result = { print } }
    assert.equal(hash { echo }, tracker:recent_executions(2)[2].result_hash)
    tracker:record { tool = "a", status = "success", duration_ms = 1, result = false }
    assert.equal(fingerprint(false), newest().result_hash)
  end)

  it("is left out if the stack has no more room, and nothing is raised", function()
    needs.large_stack(pending)
    local deep, none = {}, {}
    for _ = 1, 30 do
      deep = { deep }
    end
    local returned
    local many = tracker:wrap("a", function() return deep, unpack(none, 1, returned) end)
    returned = 1000000 -- more than fit, and then the most that do
    repeat
      returned = returned - 5
    until pcall(many)
    assert.equal("success", newest().status)
    assert.is_nil(newest().result_hash)
    returned = returned - 100
    many()
    assert.is_truthy(newest().result_hash)
  end)
end)

describe("results", function()
  it("chooses what counts", function()
    local function second(_, value)
      return value
    end
    call({ results = second }, echo, "now", "x")
    assert.equal(fingerprint("x"), newest().result_hash)
    call({ results = second }, echo, "x")
    assert.equal(fingerprint(nil), newest().result_hash)
    call({ results = echo }, echo, 1, nil, nil)
    assert.equal(fingerprint(1, nil, nil), newest().result_hash)
    call({ results = function() return print end }, echo)
    assert.equal(hash(print), newest().result_hash)
  end)

  it("leaves the fingerprint out for none, or with false in its place", function()
    for _, results in ipairs { function() end, false } do
      assert.same({ true, 1, 2 }, { call({ results = results }, echo, 1, 2) })
      assert.is_nil(newest().result_hash)
    end
  end)

  it("is called once, of a success alone, after classify", function()
    local calls = {}
    local options = {
      classify = function() calls[#calls + 1] = "classify" end,
      results = function(...) calls[#calls + 1] = pack(...) end,
    }
    call(options, echo, nil, 2, nil)
    assert.same({ "classify" }, calls)
    call(options, echo, 1, nil)
    assert.same({ "classify", "classify", { n = 2, 1, nil } }, calls)
  end)

  it("raises what it raises, when the call is recorded without a result", function()
    local problem = {}
    local ok, err = call({ results = function() error(problem) end }, echo, "x")
    assert.is_false(ok)
    assert.equal(problem, err)
    assert.equal("success", newest().status)
    assert.is_nil(newest().result_hash)
    assert.equal(0, tracker:stats("a").in_flight)
  end)

  it("counts though classify raised", function()
    assert.is_false(call({ classify = error, results = echo }, echo, "x", "y"))
    assert.equal(fingerprint("x", "y"), newest().result_hash)
  end)

  it("can't yield, which is raised", function()
    local thread = coroutine.create(tracker:wrap("a", echo, { results = coroutine.yield }))
    local ok, err = coroutine.resume(thread)
    assert.is_false(ok)
    assert.equal(portable.NO_YIELD, err)
    assert.equal(1, tracker:stats("a").successful)
  end)

  it("that closes the tracker loses the call alone", function()
    local options = { results = function() tracker:close() end }
    assert.same({ true, "x" }, { call(options, echo, "x") })
  end)

  it("that can't be given all results raises, and the call is recorded", function()
    needs.large_stack(pending)
    local many = tracker:wrap("a", function() return unpack({}, 1, 600000) end,
      { results = error })
    assert.has_error(function() many() end, "too many results to choose from")
    assert.equal(1, tracker:stats("a").successful)
  end)
end)
