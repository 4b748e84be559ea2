local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local portable = require("spec.support.portable")
local random = require("spec.support.random")

setup(function()
  random.seed("depth_spec")
end)

local tracker

before_each(function()
  tracker = exectrack.new(100)
end)

--- The tools of the records with their depths, in the order of recording: `"b1 a0"`.
local function depths()
  local texts = {}
  for i, record in ipairs(tracker:snapshot():records()) do
    texts[i] = record.tool .. record.depth
  end
  return table.concat(texts, " ")
end

--- A tool of the name that calls `fn`.
local function tool(name, fn)
  return tracker:wrap(name, fn or function() end)
end

describe("the depth of a call", function()
  it("is 0 outside of others, also after one", function()
    tool("a")()
    tool("b")()
    assert.equal("a0 b0", depths())
  end)

  it("is one more within another", function()
    tool("a", function()
      tool("b", tool("c"))()
      tool("d")()
    end)()
    tool("e")()
    assert.equal("c2 b1 d1 a0 e0", depths())
  end)

  it("is also that of spans and records", function()
    tracker:run("a", function()
      local span = tracker:start("b")
      assert.equal(1, tracker:in_flight()[2].depth)
      tracker:record("c", "success", 1)
      tracker:record { tool = "d", status = "success", duration_ms = 1 }
      span:finish()
    end)
    assert.equal("c1 d1 b1 a0", depths())
  end)

  it("is what a record says, and 0 for one that is imported", function()
    tracker:run("a", function()
      tracker:record { tool = "b", status = "success", duration_ms = 1, depth = 5 }
      tracker:record { tool = "c", status = "success", duration_ms = 1, timestamp = 5 }
    end)
    assert.equal("b5 c0 a0", depths())
  end)

  it("stops at 7", function()
    local function nest(n)
      if n > 0 then
        tracker:run("a", nest, n - 1)
      end
    end
    nest(10)
    assert.equal("a7 a7 a7 a6 a5 a4 a3 a2 a1 a0", depths())
  end)

  it("doesn't count a call of another tracker", function()
    local other = exectrack.new(10)
    tool("a", function()
      other:run("x", function()
        other:run("y", tool("b"))
      end)
    end)()
    assert.equal("b1 a0", depths())
    assert.equal(1, other:snapshot()[1].depth)
    assert.equal(0, other:snapshot()[2].depth)
  end)

  it("goes back when a call raises", function()
    tool("a", function()
      pcall(tool("b", function() tool("c", error)() end))
      tool("d")()
    end)()
    tool("e")()
    assert.equal("c2 b1 d1 a0 e0", depths())
  end)

  it("goes back when a coroutine is closed", function()
    needs.coroutine_close(pending)
    local suspended = coroutine.create(tool("a", tool("b", coroutine.yield)))
    coroutine.resume(suspended)
    coroutine.close(suspended)
    tool("c")()
    assert.equal("b1 a0 c0", depths())
  end)

  it("goes back when coroutines are collected", function()
    for _ = 1, 10 do
      coroutine.wrap(tool("a", tool("b", tool("c", coroutine.yield))))()
    end
    collectgarbage()
    collectgarbage()
    tracker:clear()
    tool("d", tool("e"))()
    coroutine.wrap(tool("f", tool("g")))()
    assert.equal("e1 d0 g1 f0", depths())
  end)

  it("goes back when its tracker is closed", function()
    local closed = exectrack.new(10)
    tool("a", function()
      closed:run("x", function() closed:close() end)
      tool("b")()
    end)()
    assert.equal("b1 a0", depths())
  end)
end)

describe("in coroutines, the depth of a call", function()
  it("doesn't count one that another coroutine has yielded in", function()
    local suspended = coroutine.wrap(tool("a", function()
      coroutine.yield()
      tool("b")()
    end))
    suspended()
    tool("c", coroutine.wrap(tool("d")))()
    suspended()
    assert.equal("d1 c0 b1 a0", depths())
  end)

  it("counts one that resumed it, through coroutines without calls", function()
    tool("a", coroutine.wrap(function()
      coroutine.wrap(function()
        tool("b")()
        coroutine.wrap(tool("c", tool("d")))()
      end)()
    end))()
    assert.equal("b1 d2 c1 a0", depths())
  end)

  it("counts one that yielded and goes on, and then resumes it", function()
    local going = coroutine.wrap(tool("a", function()
      coroutine.yield()
      coroutine.wrap(tool("b"))()
    end))
    going()
    tool("c")()
    going()
    assert.equal("c0 b1 a0", depths())
  end)

  it("is right while very many are suspended", function()
    needs.pcall_that_yields(pending) -- else the latest 64 are looked at
    local all = {}
    for i = 1, 1000 do
      all[i] = coroutine.wrap(tool("a", function()
        coroutine.yield()
        tool("b")()
      end))
      all[i]()
    end
    tracker:clear()
    for _, i in ipairs { 1, 500, 1000 } do
      all[i]()
    end
    tool("c", coroutine.wrap(tool("d")))()
    coroutine.wrap(tool("e"))()
    assert.equal("b1 a0 b1 a0 b1 a0 d1 c0 e0", depths())
  end)

  it("agrees with a model in random nests", function()
    for _ = 1, 50 do
      tracker = exectrack.new(1000)
      local expected = {}
      local suspended = {}
      local function body(depth, levels)
        for _ = 1, math.random(0, 3) do
          local choice = math.random(4)
          if choice == 1 and depth == 0 and #suspended > 0 then
            table.remove(suspended, math.random(#suspended))()
          elseif levels > 0 then
            local name = "t" .. #expected + 1
            expected[#expected + 1] = depth
            local inner = tool(name, function()
              if choice == 2 and portable.is_yieldable() then
                coroutine.yield()
              end
              body(depth + 1, levels - 1)
            end)
            if choice == 3 then
              inner()
            else
              local resume = coroutine.wrap(inner)
              resume()
              if choice == 2 then
                suspended[#suspended + 1] = resume
              end
            end
          end
        end
      end
      body(0, 5)
      while #suspended > 0 do
        table.remove(suspended)()
      end
      for _, record in ipairs(tracker:snapshot():records()) do
        assert.equal(expected[tonumber(record.tool:sub(2))], record.depth, record.tool)
      end
    end
  end)
end)
