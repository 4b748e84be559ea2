-- What a recorder has when its process has ended, in whatever way.
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local needs = require("spec.support.needs")
local process = require("spec.support.process")

local directory, path

before_each(function()
  directory = directories.make()
  path = directory .. "/agent.run"
end)

after_each(function()
  directories.remove(directory)
end)

local SETUP = [[
local exectrack = require("exectrack")
local now = 1767225600
local tracker = assert(exectrack.open(path or arg[1], { clock = function() return now end }))
]]

--- Runs `script` with a recorder, `tracker`, in a process of its own, whose clock shows `now`.
-- Returns its exit code, and what it wrote to standard error.
local function run(script)
  local _, stderr, code = process.run_lua(("local path = %q\n"):format(path) .. SETUP .. script)
  return code, stderr
end

--- The records of the recorder, each in a line, once it is opened again. It records again, too.
local function reopened()
  local tracker = assert(exectrack.open(path))
  local lines = {}
  for i, record in ipairs(tracker:snapshot():records()) do
    lines[i] = ("%s %s%s %sms"):format(record.tool, record.status,
      record.error_type and " " .. record.error_type or "", tostring(record.duration_ms))
  end
  assert.equal(0, tracker:in_flight_count())
  tracker:record("again", "success", 1)
  tracker:close()
  return table.concat(lines, "\n")
end

local WORK = [[
tracker:record("first", "success", 5)
local tool = tracker:wrap("second", function(action)
  now = now + 2
  tracker:record("inner", "success", 7)
  action()
end)
]]

local LEFT = "first success 5ms\ninner success 7ms\nsecond cancelled writer_died 2000ms"

describe("a recorder whose process", function()
  it("was killed in a tool has everything, and the call as cancelled", function()
    for _, signal in ipairs { "KILL", "SEGV", "ABRT", "TERM" } do
      local kill = ("tool(function() os.execute('kill -%s $PPID') end)"):format(signal)
      local code = run(WORK .. kill)
      assert.is_true(code ~= 0)
      assert.equal(LEFT, reopened())
      assert(os.remove(path))
    end
  end)

  it("called os.exit in a tool has the same", function()
    assert.equal(1, (run(WORK .. "tool(function() os.exit(1) end)")))
    assert.equal(LEFT, reopened())
  end)

  it("ended by an error that nothing caught has the call as failed, and was closed", function()
    local code, stderr = run(WORK .. "tool(function() error('broken') end)")
    assert.equal(1, code)
    assert.matches("broken", stderr, 1, true)
    assert.equal("first success 5ms\ninner success 7ms\nsecond failed broken 2000ms", reopened())
  end)

  it("ended by itself was closed, but not by os.exit alone", function()
    local endings = {
      { "", "closed" },
      { "error('broken')", "closed" },
      { "os.exit(0)", "died" },
      { "tracker:close() os.exit(0)", "closed" },
      { "os.execute('kill -KILL $PPID')", "died" },
    }
    if pcall(needs.closing_exit, error) then
      endings[#endings + 1] = { "os.exit(0, true)", "closed" }
    end
    for _, ending in ipairs(endings) do
      run(ending[1])
      assert.equal(ending[2], exectrack.load(path):writer().state, ending[1])
    end
  end)

  it("was killed from outside has each acknowledged call, and at most one more", function()
    local file = directory .. "/script.lua"
    process.write_file(file, "local path\n" .. SETUP .. [[
io.stdout:setvbuf("no")
for i = 1, math.huge do
  local span = tracker:start("tool " .. i % 7)
  now = now + 0.001
  span:finish()
  print(i)
end
]])
    local done = 0
    for round = 1, 10 do
      local child = assert(io.popen(("echo $$; exec %s %s %s"):format(process.LUA, file, path)))
      local id = child:read()
      local acknowledged
      for _ = 1, 37 * round do
        acknowledged = tonumber(child:read())
      end
      os.execute("kill -KILL " .. id)
      for line in child:lines() do
        acknowledged = tonumber(line) or acknowledged
      end
      child:close()
      local tracker = assert(exectrack.open(path))
      local stats = tracker:stats()
      tracker:close()
      done = done + acknowledged
      local more = stats.successful - done
      assert.is_true(more == 0 or more == 1)
      assert.is_true(stats.cancelled <= round)
      done = done + more
    end
  end)
end)

describe("the new file of a process that died before it had its name", function()
  it("is removed when another is made there, and no other file", function()
    local left = { ".exectrack-4711-0.tmp", ".exectrack-new-4711-0.tmp",
      ".exectrack-new-4711-1.tmp", ".exectrack-new-4711-2.run", "x.exectrack-new-4711-3.tmp" }
    for i, name in ipairs(left) do
      process.write_file(directory .. "/" .. name, i == 3 and "" or "x") -- empty: not yet locked
    end
    local tracker = assert(exectrack.open(path))
    process.run(("ln %s %s/.exectrack-new-4712-0.tmp"):format(path, directory)) -- locked
    assert(exectrack.open(directory .. "/b.run")):close()
    tracker:close()
    assert.same({ left[1], left[3], left[4], ".exectrack-new-4712-0.tmp", "agent.run", "b.run",
      left[5] }, directories.list(directory))
  end)
end)

describe("a full disk", function()
  --- Runs `script` with `path` as its argument in a file system of so many kilobytes, mounted at
  -- `directory`. Returns what it prints, then the names of the files there; nil if that can't be.
  local function run_in_small_disk(kilobytes, script)
    local _, _, code = process.run("unshare -rm true")
    if code ~= 0 then
      return nil
    end
    local file = os.tmpname()
    process.write_file(file, script)
    local stdout, stderr = process.run(("unshare -rm sh -c %s"):format(process.quote((
      "mount -t tmpfs -o size=%dk tmpfs %s && %s %s %s; ls -A %s"):format(kilobytes, directory,
      process.LUA, file, path, directory))))
    os.remove(file)
    assert.equal("", stderr)
    return stdout
  end

  it("is an error at opening, and leaves nothing", function()
    local printed = run_in_small_disk(256, [[
local exectrack = require("exectrack")
print(exectrack.open(arg[1]))
]])
    if not printed then
      return pending("no file system can be mounted here")
    end
    assert.equal("nil\t" .. path .. ": No space left on device\tENOSPC\n", printed)
  end)

  it("is none for a recorder that is open", function()
    local printed = run_in_small_disk(256, [[
local exectrack = require("exectrack")
local options = { max_history = 100, max_tools = 8 }
local tracker = assert(exectrack.open(arg[1], options))
local rest = io.open(arg[1] .. ".rest", "w")
rest:setvbuf("no")
repeat until not rest:write(("x"):rep(1000))
print(exectrack.open(arg[1] .. ".other", options))
for i = 1, 10000 do
  tracker:record("tool " .. i, "failed", i, false, "E" .. i)
end
print(tracker:sync(), tracker)
]])
    if not printed then
      return pending("no file system can be mounted here")
    end
    assert.equal(("nil\t%s.other: No space left on device\tENOSPC\n"
      .. "true\texectrack.Tracker (9 tools, 100/100 records)\n"
      .. "agent.run\nagent.run.rest\n"):format(path), printed)
  end)

  it("may be a limit of the process", function()
    local stdout, stderr = process.run_lua(('print(require("exectrack").open(%q))'):format(path),
      "ulimit -f 100;")
    assert.equal("", stderr)
    assert.equal("nil\t" .. path .. ": File too large\tEFBIG\n", stdout)
    assert.same({}, directories.list(directory))
  end)
end)
