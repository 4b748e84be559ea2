local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local process = require("spec.support.process")
local totals_of = require("exectrack.command.serve_totals")
local watches = require("exectrack.command.watch")

local folder, clock, watch, totals, open

--- Makes a recorder in the folder, with a clock of its own.
local function recorder(name)
  local tracker = assert(exectrack.open(folder.path .. "/" .. name, { max_history = 100,
    any_file_system = true }))
  open[#open + 1] = tracker
  return tracker
end

local function record(tracker, tool, status, times)
  for _ = 1, times or 1 do
    tracker:record(tool, status or "success", 1)
  end
end

local function saved(tracker, name)
  assert(tracker:snapshot():save(folder.path .. "/" .. name))
end

local function new()
  return exectrack.new { clock = clock.read }
end

local function shell(command)
  assert.same({ "", "", 0 }, { folder:shell(command) })
end

local function watch_over(name)
  watch = watches.new({ folder.path .. "/" .. name }, "lifetimes")
  totals = totals_of.new()
end

--- Looks, and returns for each tool that has any: its executions, what is in flight, its streak.
local function look()
  totals:look((watch:look()))
  local texts = {}
  for i, tool in ipairs(totals:lifetime().tools) do
    local count = tool.successful + tool.failed + tool.timed_out + tool.cancelled
    texts[i] = ("%s %.0f %.0f %.0f"):format(tool.name, count, tool.in_flight, tool.failure_streak)
  end
  return table.concat(texts, ", ")
end

before_each(function()
  folder, clock, open = import_command.new(), clocks.new(), {}
  watch_over("")
end)

after_each(function()
  for _, tracker in ipairs(open) do
    tracker:close()
  end
  folder:remove()
end)

describe("the totals of exectrack serve", function()
  it("add up runs that go on and others, and have what goes on of the first alone", function()
    assert.equal("", look())
    local live, other = recorder("a.run"), new()
    record(live, "a", "failed", 2)
    record(other, "a", "failed", 3)
    record(other, "b")
    local spans = { live:start("a"), other:start("a") }
    saved(other, "b.run")
    assert.equal("a 5 1 2, b 1 0 0", look())
    record(live, "a", "failed")
    assert.equal("a 6 1 3, b 1 0 0", look())
    live:close()
    assert.equal("a 6 0 0, b 1 0 0", look())
    assert.equal("a 6 0 0, b 1 0 0", look())
    assert.equal(2, #spans) -- were they collected, they would have ended
  end)

  it("go on when a recorder is opened again", function()
    local live = recorder("a.run")
    record(live, "a", "success", 3)
    assert.equal("a 3 0 0", look())
    live:close()
    look()
    live = recorder("a.run")
    record(live, "a", "success", 2)
    assert.equal("a 5 0 0", look())
    record(live, "a")
    live:close()
    assert.equal("a 6 0 0", look())
  end)

  it("keep what was counted in files that are gone, and when they come back", function()
    local live = recorder("a.run")
    record(live, "a", "success", 3)
    local span = live:start("a")
    saved(new(), "b.run")
    look()
    shell("mv a.run a.tmp")
    assert.equal("a 3 0 0", look())
    record(live, "a", "success", 2)
    assert.equal("a 3 0 0", look())
    shell("mv a.tmp c.run")
    assert.equal("a 5 1 0", look())
    shell("mv c.run a.run")
    assert.equal("a 5 1 0", look())
    live:close()
    os.remove(folder.path .. "/a.run")
    assert.equal("a 5 0 0", look())
    record(recorder("a.run"), "b")
    assert.equal("a 5 0 0, b 1 0 0", look())
    assert.truthy(span)
  end)

  it("keep what was counted before a run was cleared", function()
    local live = recorder("a.run")
    record(live, "a", "success", 3)
    look()
    live:clear()
    assert.equal("a 3 0 0", look())
    record(live, "a", "success", 2)
    assert.equal("a 5 0 0", look())
    live:close()
    assert.equal("a 5 0 0", look())
    live = recorder("a.run")
    live:clear()
    record(live, "b")
    assert.equal("a 5 0 0, b 1 0 0", look())
    os.remove(folder.path .. "/a.run")
    assert.equal("a 5 0 0, b 1 0 0", look())
  end)

  local function deny(tracker)
    tracker:begin("a", { policy = function() return { action = "deny", reason = "rate" } end })
  end

  local function denied()
    look()
    return totals:lifetime().denials[1].count
  end

  it("count the later of two copies in which as many executions have ended", function()
    local run = new()
    deny(run)
    saved(run, "a.run")
    clock.advance_us(1)
    deny(run)
    saved(run, "b.run")
    assert.equal(2, denied())
  end)

  it("keep denied calls when a run is cleared, and a copy from before that is left", function()
    local live = recorder("b.run")
    deny(live)
    deny(live)
    assert.equal(2, denied())
    live:clear()
    record(live, "a")
    assert.equal(2, denied())
    assert.equal("a 1 0 0", look())
    deny(live)
    assert.equal(3, denied())
    shell("cp b.run c.run")
    live:clear()
    assert.equal(3, denied())
    live:close()
    os.remove(folder.path .. "/b.run")
    assert.equal(3, denied())
    assert.equal("a 1 0 0", look())
  end)

  it("count runs by their states, ended ones also after their files are gone", function()
    local function states()
      look()
      local runs = totals:lifetime().runs
      return ("%d live, %d closed, %d died, %d saved"):format(runs.live, runs.closed, runs.died,
        runs.saved)
    end
    assert.equal("0 live, 0 closed, 0 died, 0 saved", states())
    saved(new(), "a.run")
    local first, second = recorder("b.run"), recorder("c.run")
    assert.equal("2 live, 0 closed, 0 died, 1 saved", states())
    first:close()
    assert.equal("1 live, 1 closed, 0 died, 1 saved", states())
    shell("rm a.run b.run c.run")
    assert.equal("0 live, 1 closed, 0 died, 1 saved", states())
    second:close()
    shell(process.LUA .. " -e 'assert(require(\"exectrack\").open(\"d.run\", "
      .. "{ any_file_system = true })); os.exit(0)'")
    assert.equal("0 live, 1 closed, 1 died, 1 saved", states())
    os.remove(folder.path .. "/d.run")
    assert.equal("0 live, 1 closed, 1 died, 1 saved", states())
  end)

  it("know 1,000 runs whose files are gone", function()
    local function files_of(list)
      local files = {}
      for i, tracker in ipairs(list) do
        local snapshot = tracker:snapshot()
        files[i] = { path = tostring(i), snapshot = snapshot, new = snapshot,
          position = select(2, snapshot:since()) }
      end
      return files
    end
    local function count(list)
      totals:look(files_of(list))
      return totals:lifetime().tools[1].successful
    end
    local first, others = new(), {}
    record(first, "a")
    for i = 1, 999 do
      others[i] = exectrack.new { max_history = 0, max_tools = 1, clock = clock.read }
    end
    assert.equal(1, count { first })
    totals:look {}
    totals:look(files_of(others))
    totals:look {}
    assert.equal(1, count { first })
    totals:look(files_of(others))
    record(first, "a")
    assert.equal(2, count { first })
    totals:look {}
    totals:look(files_of { new() })
    assert.equal(2, count { first }) -- it was there between
    totals:look {}
    totals:look(files_of(others))
    totals:look(files_of { new(), new() })
    totals:look {}
    assert.equal(4, count { first }) -- that were more
  end)

  it("count the states of runs that they no longer know", function()
    local files = {}
    for i = 1, 1002 do
      local run = exectrack.new({ max_history = 0, max_tools = 1 }):snapshot()
      files[i] = { path = tostring(i), snapshot = run, new = run,
        position = select(2, run:since()) }
    end
    totals:look(files)
    totals:look {}
    assert.equal(1002, totals:lifetime().runs.saved)
  end)

  it("count the last of a run whose file has another one now, which is beside it", function()
    watch_over("a.run")
    local first = new()
    record(first, "a")
    saved(first, "a.run")
    assert.equal("a 1 0 0", look())
    record(first, "a")
    saved(first, "a-20260101T000000Z.run")
    local second = new()
    record(second, "b")
    saved(second, "a.run")
    assert.equal("a 2 0 0, b 1 0 0", look())
    assert.equal("a 2 0 0, b 1 0 0", look())
  end)

  it("count a run in two files once, by the copy that is further", function()
    local live = recorder("b.run")
    record(live, "a", "failed", 3)
    local span = live:start("a")
    shell("cp b.run a.run; cp b.run c.run")
    assert.equal("a 3 1 3", look())
    record(live, "a", "failed")
    assert.equal("a 4 1 4", look())
    shell("cp b.run c.run")
    assert.equal("a 4 1 4", look())
    live:close()
    os.remove(folder.path .. "/b.run")
    os.remove(folder.path .. "/c.run")
    assert.equal("a 4 0 0", look()) -- an older one is left
    assert.truthy(span)
  end)

  it("don't fall when an older copy takes a file's place, and go on once it is further", function()
    local live = recorder("a.run")
    record(live, "a", "success", 2)
    live:close()
    shell("cp a.run old")
    live = recorder("a.run")
    record(live, "a", "success", 2)
    local before = live:start("a")
    assert.equal("a 4 1 0", look())
    live:close()
    assert.truthy(before)
    shell("cp old a.run")
    live = recorder("a.run")
    local span = live:start("a")
    assert.equal("a 4 0 0", look())
    record(live, "a", "success", 2)
    assert.equal("a 4 1 0", look()) -- as many as it had
    record(live, "a")
    assert.equal("a 5 1 0", look())
    assert.truthy(span)
  end)

  it("add what comes next of a copy that had other executions since", function()
    local live = recorder("a.run")
    record(live, "a")
    live:close()
    shell("cp a.run old")
    live = recorder("a.run")
    record(live, "a", "success", 2)
    assert.equal("a 3 0 0", look())
    live:close()
    shell("cp old a.run")
    live = recorder("a.run")
    record(live, "b", "success", 3)
    assert.equal("a 3 0 0, b 0 0 0", look())
    record(live, "b", "success", 2)
    assert.equal("a 3 0 0, b 2 0 0", look())
    live:close()
    assert.equal("a 3 0 0, b 2 0 0", look())
  end)

  it("stay while a file can't be read", function()
    local run = new()
    record(run, "a")
    saved(run, "a.run")
    look()
    for _ = 1, 3 do
      folder:write("a.run", "damaged")
      assert.equal("a 1 0 0", look())
    end
    record(run, "a")
    saved(run, "a.run")
    assert.equal("a 2 0 0", look())
  end)

  it("have all that a run has had, whatever happens to it", function()
    local random = require("spec.support.random")
    random.seed("command_serve_totals_spec")
    for _ = 1, 10 do
      watch_over("")
      local runs, expected = {}, { a = 0, b = 0 }
      for _ = 1, 20 do
        local name = random.pick { "x", "y", "z" }
        local tracker = runs[name] or new()
        runs[name] = tracker
        clock.advance_us(1000)
        local deed = math.random(6)
        if deed == 1 then
          tracker:clear()
        elseif deed == 2 then
          runs[name] = new()
        end
        local tool = random.pick { "a", "b" }
        record(runs[name], tool)
        expected[tool] = expected[tool] + 1
        saved(runs[name], name .. ".run")
        if deed == 3 then
          shell(("cp %s.run copy.run"):format(name))
        elseif deed == 4 then
          look()
          os.remove(folder.path .. "/" .. name .. ".run")
        end
        look()
      end
      local counts = { a = 0, b = 0 }
      for _, tool in ipairs(totals:lifetime().tools) do
        counts[tool.name] = tool.successful
      end
      assert.same(expected, counts)
      shell("rm -f *.run")
    end
  end)
end)
