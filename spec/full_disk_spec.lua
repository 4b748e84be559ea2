local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local process = require("spec.support.process")
local runs = require("spec.support.runs")

local directory, path

before_each(function()
  directory = directories.make()
  path = directory .. "/run"
end)

after_each(function()
  directories.remove(directory)
end)

--- Saves a run of 20,000 records at `path` in a process that may write no more than `blocks`
-- blocks of 512 or 1,024 bytes to a file, and returns what it prints. `before` may be shell
-- commands that come before it.
local function save_within(blocks, before)
  local stdout, stderr = process.run_lua(string.format([[
local tracker = require("exectrack").new(20000)
for i = 1, 20000 do
  tracker:record("tool " .. i %% 10, "success", i)
end
local snapshot = tracker:snapshot()
print(snapshot:save(%q))
print(#snapshot)
]], path), (before or "") .. "ulimit -f " .. blocks .. ";")
  assert.equal("", stderr)
  return stdout
end

describe("a disk that is full while a run is saved", function()
  it("leaves the old file whole, and nothing else", function()
    local old = runs.full()
    assert.is_true(old:save(path))
    for _, blocks in ipairs { 1, 2, 7, 100, 400 } do
      assert.equal("nil\t" .. path .. ": File too large\tEFBIG\n20000\n", save_within(blocks))
      assert.same({ "run" }, directories.list(directory))
      assert.is_true(exectrack.load(path) == old)
      assert.equal(old:bytes(), process.read_file(path))
    end
  end)

  it("doesn't kill the process, whether it ignores that signal or not", function()
    local message = "nil\t" .. path .. ": File too large\tEFBIG\n20000\n"
    for _, blocks in ipairs { 1, 400 } do
      assert.equal(message, save_within(blocks))
      assert.equal(message, save_within(blocks, "trap '' XFSZ;"))
    end
    assert.same({}, directories.list(directory))
  end)

  it("leaves nothing where nothing was", function()
    assert.equal("nil\t" .. path .. ": File too large\tEFBIG\n20000\n", save_within(20))
    assert.same({}, directories.list(directory))
  end)

  it("isn't full for what fits", function()
    runs.full():save(path)
    assert.equal("true\n20000\n", save_within(2000))
    assert.same({ "run" }, directories.list(directory))
    assert.equal(20000, #assert(exectrack.load(path)))
  end)
end)

--- Saves runs of 3 and of 3,000 records by turns at the path that is its argument.
local SAVER = [[
local exectrack = require("exectrack")
for i = 1, 40 do
  local size = i % 2 == 0 and 3 or 3000
  local tracker = exectrack.new(size)
  for j = 1, size do
    tracker:record("a", "success", j)
  end
  assert(tracker:snapshot():save(arg[1]))
end
]]

--- Loads what is at %q until there is a file at %q.
local LOADER = [[
local exectrack = require("exectrack")
local path, stop = %q, %q
local loads = 0
repeat
  local size = #assert(exectrack.load(path))
  assert(size == 2 or size == 3 or size == 3000, size)
  loads = loads + 1
until io.open(stop)
print(loads > 0)
]]

describe("a file that is saved again and again", function()
  it("is never seen half written", function()
    local stop = directory .. "/stop"
    assert.is_true(runs.full():save(path))
    local stdout, stderr, code = process.run_lua(LOADER:format(path, stop),
      string.format("{ printf %%s %s | %s - %s; touch %s; } &\n", process.quote(SAVER),
        process.LUA, process.quote(path), process.quote(stop)))
    assert.equal("", stderr)
    assert.equal("true\n", stdout)
    assert.equal(0, code)
    assert.same({ "run", "stop" }, directories.list(directory))
    assert.equal(3, #assert(exectrack.load(path)))
  end)
end)
