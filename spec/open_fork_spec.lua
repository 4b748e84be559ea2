-- Forked children of a process that has a recorder. `spec.support.fork` is a module in C.
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local process = require("spec.support.process")

local directory, path

before_each(function()
  directory = directories.make()
  path = directory .. "/agent.run"
end)

after_each(function()
  directories.remove(directory)
end)

--- Runs a script in a process of its own that may fork, and returns what it and its children print.
local function run(script)
  local stdout, stderr, code = process.run_lua(([[
io.stdout:setvbuf("no")
local exectrack = require("exectrack")
local forks = require("spec.support.fork")
local directory, path = %q, %q

--- Calls `action` in a child, which ends as it says, and waits for it.
local function in_child(action)
  local child = forks.fork()
  if child == 0 then
    action()
    forks.exit(0)
  end
  return forks.wait(child)
end

]]):format(directory, path) .. script)
  assert.equal("", stderr)
  assert.equal(0, code)
  return stdout
end

--- The tools of the records of the recorder at `path`, which nobody writes.
local function tools_in(file)
  local tracker = assert(exectrack.open(file or path))
  local tools = {}
  for i, record in ipairs(tracker:snapshot():records()) do
    tools[i] = record.tool .. " " .. record.status .. (record.error_type or "")
  end
  tracker:close()
  return table.concat(tools, ", ")
end

describe("a process that forks after require", function()
  it("has children that each open a recorder", function()
    assert.equal("0\n0\n", run([[
for i = 1, 2 do
  print(in_child(function()
    local tracker = assert(exectrack.open(directory .. "/" .. i .. ".run"))
    tracker:record("tool " .. i, "success", 1)
    tracker:close()
  end))
end
]]))
    assert.equal("tool 1 success", tools_in(directory .. "/1.run"))
    assert.equal("tool 2 success", tools_in(directory .. "/2.run"))
  end)
end)

describe("a child of a process with a recorder", function()
  it("is told by every method to open its own", function()
    local expected = "this recorder belongs to process %d, which forked this one; open another "
      .. "with exectrack.open\n"
    local printed = run([[
local tracker = assert(exectrack.open(path))
local session, span = tracker:session("chat"), tracker:start("in flight")
local wrapped = tracker:wrap("wrapped", function() return 1 end)
local record = tracker:recorder("recorded")
print(forks.id())
in_child(function()
  local calls = {
    function() tracker:record("a", "success", 1) end,
    function() record("success", 1) end,
    function() session:record("a", "success", 1) end,
    function() tracker:start("a") end,
    function() span:finish() end,
    function() span:done() end,
    function() wrapped() end,
    function() tracker:run("a", print) end,
    function() tracker:begin("a") end,
    function() tracker:instrument({ a = print }).a() end,
    function() session:abandon() end,
    function() tracker:clear() end,
    function() tracker:snapshot() end,
    function() tracker:stats() end,
    function() tracker:circuit("a", {}) end,
    function() tracker:path() end,
    function() tracker:sync() end,
    function() return #tracker end,
  }
  for i, call in ipairs(calls) do
    local ok, message = pcall(call)
    print(i, ok, (message:gsub("^script.lua:%d+: ", "")))
  end
end)
tracker:close()
]])
    local id = assert(printed:match("^%d+"))
    local lines = {}
    for i = 1, 18 do
      lines[i] = ("%d\tfalse\t" .. expected):format(i, id)
    end
    assert.equal(id .. "\n" .. table.concat(lines), printed)
  end)

  it("changes nothing in the file, however it ends", function()
    for _, ending in ipairs { "tracker:close()", "collectgarbage()", "os.exit(0, true)",
      "os.execute('kill -KILL ' .. forks.id())", "tracker = nil; span = nil; collectgarbage()",
      "span:close()", "exectrack.open(directory .. '/other.run'):close()" } do
      run([[
tracker = assert(exectrack.open(path))
tracker:record("before", "success", 1)
span = tracker:start("in flight")
in_child(function()
  pcall(tracker.record, tracker, "child", "success", 1)
  ]] .. ending .. [[

end)
tracker:record("after", "success", 1)
span:finish()
tracker:close()
]])
      assert.equal("before success, after success, in flight success", tools_in())
      assert(os.remove(path))
    end
  end)

  it("returns from a tool in which it was forked, and doesn't record that", function()
    assert.equal("child\tdone\nparent\tdone\n", run([[
local tracker = assert(exectrack.open(path))
local child
local tool = tracker:wrap("tool", function()
  child = forks.fork()
  return "done"
end)
local result = tool()
if child == 0 then
  print("child", result)
  forks.exit(0)
end
forks.wait(child)
print("parent", result)
tracker:close()
]]))
    assert.equal("tool success", tools_in())
  end)

  it("doesn't keep the file from others when its parent was killed", function()
    assert.equal("nil\t9\nbefore\tnil\nin flight\twriter_died\n", run([[
local ready, gate = directory .. "/ready", directory .. "/gate"
os.execute("mkfifo " .. ready .. " " .. gate)
local parent = forks.fork()
if parent == 0 then
  local tracker = assert(exectrack.open(path))
  tracker:record("before", "success", 1)
  kept = tracker:start("in flight")
  if forks.fork() == 0 then
    io.open(ready, "w"):close()
    io.open(gate):read("*a")
    forks.exit(0)
  end
  io.open(ready):read("*a") -- waits until the child runs
  os.execute("kill -KILL " .. forks.id())
end
print(forks.wait(parent))
local tracker = assert(exectrack.open(path))
for _, record in ipairs(tracker:snapshot():records()) do
  print(record.tool, record.error_type)
end
tracker:close()
io.open(gate, "w"):close() -- ends the child
]]))
  end)

  it("can say what it is and be closed", function()
    assert.equal("exectrack.Tracker (1 tool, 1/1000 records)\nexectrack.Tracker (closed)\n", run([[
local tracker = assert(exectrack.open(path))
tracker:record("a", "success", 1)
in_child(function()
  print(tracker)
  tracker:close()
  print(tracker)
end)
]]))
  end)
end)
