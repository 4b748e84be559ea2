local clocks = require("spec.support.clock")
local commands = require("spec.support.command")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local lfs = require("lfs")
local process = require("spec.support.process")
local pushed = require("spec.support.receiver")
local receivers = require("spec.support.otlp_receiver")

local folder, clock, receiver, following, id

local function new(options)
  options = options or {}
  options.clock = clock.read
  return exectrack.new(options)
end

--- Records an execution of this tool, and saves the run.
local function save(tracker, name, tool)
  tracker:record(tool, "success", 1)
  clock.advance_us(1000000)
  assert(tracker:snapshot():save(folder .. "/" .. name))
end

local function next_line()
  return following:read("*l")
end

--- Begins to follow what is in the folder, or one file of it. The first line says how.
local function follow(name, every, variables, options)
  local command = ("%s exec %s push --follow --every %s %s %s"):format(variables or "",
    commands.PROGRAM, every, process.quote(folder .. "/" .. name), options or "")
  following = assert(io.popen(("%sOTEL_EXPORTER_OTLP_ENDPOINT=%s sh -c %s 2>&1"):format(
    commands.ENVIRONMENT, receiver.url, process.quote("echo $$; " .. command))))
  id = next_line()
  return next_line():gsub("localhost:%d+", "H")
end

--- The next line, without what differs from run to run.
local function next_said()
  local line = next_line()
  return line and line:gsub("^exectrack: ", ""):gsub("localhost:%d+", "H"):gsub(
    folder:gsub("%p", "%%%0") .. "/", "")
end

--- The names of the spans of the next request, or how many metrics it has.
local function next_request()
  local path, body = receiver:next()
  if path == "/v1/metrics" then
    return "metrics"
  end
  local names = pushed.names { { url = path, body = body } }
  return table.concat(names, " ")
end

local function signal(name)
  process.run("kill -" .. name .. " " .. id)
end

before_each(function()
  folder, clock = directory.make(), clocks.new()
  process.run("mkdir " .. folder .. "/kept")
  receiver = receivers.start(folder .. "/kept")
end)

after_each(function()
  receiver:stop() -- first: the command may wait for it
  if following then
    signal("KILL")
    following:close()
    following = nil
  end
  directory.remove(folder)
end)

describe("exectrack push --follow", function()
  it("sends what is new, once, in new files and in those that changed", function()
    local a, b = new(), new()
    save(a, "a.run", "one")
    assert.equal("exectrack: sends 1 run to http://H every 0.1 s", follow("", 0.1))
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    save(b, "b.run", "two")
    assert.equal("metrics", next_request()) -- of the new one alone
    assert.equal("two", next_request())
    save(a, "a.run", "three")
    assert.equal("metrics", next_request())
    assert.equal("three", next_request())
    signal("TERM")
    assert.equal("ends; sent metrics and 3 spans of 2 runs to http://H", next_said())
    assert.is_nil(next_line())
  end)

  it("sends once more what is there at the end", function()
    local tracker = new()
    for _, name in ipairs { "INT", "TERM" } do
      save(tracker, "a.run", "one")
      follow("a.run", 3600)
      assert.equal("metrics", next_request())
      assert.equal(name == "INT" and "one" or "one two one", next_request())
      save(tracker, "a.run", "two")
      signal(name)
      assert.equal("metrics", next_request())
      assert.equal("two", next_request())
      assert.equal(name == "INT" and "interrupted; sent metrics and 2 spans of 1 run to http://H"
        or "ends; sent metrics and 4 spans of 1 run to http://H", next_said())
    end
  end)

  it("waits for a receiver that is down, and says so once", function()
    local tracker = new()
    save(tracker, "a.run", "one")
    local later = " Retry-After: 0"
    receiver:answer("503" .. later, "503" .. later, "503" .. later, "drop", "200", "502" .. later)
    follow("", 0.1)
    assert.equal("http://H/v1/metrics: status 503; http://H/v1/traces: status 503: "
      .. "trying again until it works", next_said())
    assert.equal("it works again: http://H", next_said())
    for _, expected in ipairs { "metrics", "one", "metrics", "one", "metrics", "one", "one" } do
      assert.equal(expected, next_request())
    end
    signal("TERM")
    assert.equal("ends; sent metrics and 1 span of 1 run to http://H", next_said())
  end)

  it("goes on with others when one run fails, and says that once", function()
    local a, b = new(), new()
    save(a, "a.run", "one")
    receiver:answer("200", "200", "200", "422", "400")
    follow("", 0.1)
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    save(a, "a.run", "two")
    assert.equal("metrics", next_request())
    assert.equal("two", next_request())
    assert.equal("a.run: http://H/v1/traces: status 422; 1 span was dropped", next_said())
    save(b, "b.run", "three")
    assert.equal("metrics", next_request())
    assert.equal("three", next_request())
    assert.equal("http://H/v1/metrics: status 400: trying again every 60 s", next_said())
    save(a, "a.run", "four")
    assert.equal("metrics", next_request())
    assert.equal("four", next_request())
    receiver:answer("400")
    signal("TERM")
    assert.equal("metrics", next_request()) -- of b
    assert.equal("ends; sent metrics and 3 spans of 2 runs to http://H; not all was sent",
      next_said())
  end)

  it("lets a signal that is refused wait, also while the other one is accepted", function()
    local tracker = new()
    save(tracker, "a.run", "one")
    receiver:answer("200", "404")
    follow("", 0.1)
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    assert.equal("http://H/v1/traces: status 404 (is the path of the endpoint right?): trying "
      .. "again every 60 s", next_said())
    for _, tool in ipairs { "two", "three" } do
      save(tracker, "a.run", tool)
      assert.equal("metrics", next_request())
    end
    receiver:answer("404")
    signal("TERM")
    assert.equal("one two three", next_request())
    assert.equal("ends; sent metrics of 1 run to http://H; not all was sent", next_said())
  end)

  it("says once that a receiver answers 400 to all, and drops nothing", function()
    local tracker = new()
    save(tracker, "a.run", "one")
    receiver:answer("400", "400", "400", "400")
    follow("", 0.1)
    local hint = ": status 400 (is the path of the endpoint right?): trying again every 60 s"
    assert.equal("http://H/v1/metrics" .. hint, next_said())
    assert.equal("http://H/v1/traces" .. hint, next_said())
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    save(tracker, "a.run", "two")
    signal("TERM")
    assert.equal("metrics", next_request())
    assert.equal("one two", next_request())
    assert.equal("ends; sent nothing to http://H; not all was sent", next_said())
  end)

  it("says once that all is refused, and loses nothing", function()
    for _, name in ipairs { "a", "b" } do
      save(new(), name .. ".run", name)
    end
    receiver:answer("401", "403", "401", "403")
    follow("", 0.1, nil, "--state " .. folder .. "/state")
    local hint = " (is a header with a key or a password missing?): trying again every 60 s"
    assert.equal("http://H/v1/metrics: status 401" .. hint, next_said())
    assert.equal("http://H/v1/traces: status 403" .. hint, next_said())
    for _, expected in ipairs { "metrics", "a", "metrics", "b" } do
      assert.equal(expected, next_request())
    end
    signal("TERM")
    for _, expected in ipairs { "metrics", "a", "metrics", "b" } do
      assert.equal(expected, next_request())
    end
    assert.equal("ends; sent metrics and 2 spans of 2 runs to http://H", next_said())
    assert.is_nil(next_line())
  end)

  it("says which runs went while the receiver is down", function()
    for _, name in ipairs { "a", "b", "c" } do
      save(new(), name .. ".run", name)
    end
    receiver:answer((("503 Retry-After: 0\n"):rep(10000)))
    follow("", 0.1)
    assert.truthy(next_said():find("trying again until it works", 1, true))
    os.remove(folder .. "/b.run")
    os.remove(folder .. "/c.run")
    local said = { next_said(), next_said() }
    table.sort(said)
    assert.same({ "b.run: it has gone before all of it was sent",
      "c.run: it has gone before all of it was sent" }, said)
    signal("TERM")
    assert.equal("ends; sent nothing to http://H; not all was sent", next_said())
  end)

  it("says that the file of a live run went", function()
    local trackers = {}
    for _, name in ipairs { "a", "b" } do
      trackers[name] = assert(exectrack.open(folder .. "/" .. name .. ".run",
        { any_file_system = true }))
      trackers[name]:record(name, "success", 1)
    end
    follow("", 0.1)
    for _, expected in ipairs { "metrics", "a", "metrics", "b" } do
      assert.equal(expected, next_request())
    end
    trackers.a:close()
    assert.equal("metrics", next_request())
    assert.equal("invoke_agent", next_request())
    os.remove(folder .. "/a.run") -- nothing is missed of this one
    assert(os.rename(folder .. "/b.run", folder .. "/b.old"))
    assert.equal("b.run: it has gone; what a process recorded into it since it was sent, or still "
      .. "records, isn't sent", next_said())
    signal("TERM")
    assert.equal("ends; sent metrics and 3 spans of 2 runs to http://H", next_said())
  end)

  it("sends the rest of a run that another took the place of", function()
    local a, b = new(), new()
    save(a, "a.run", "one")
    follow("a.run", 0.1)
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    local later = "503 Retry-After: 0"
    receiver:answer(later, later, later, later)
    save(a, "a-old.run", "two")
    save(b, "a.run", "three")
    for _, tool in ipairs { "three", "two", "three", "two" } do
      assert.equal("metrics", next_request())
      assert.equal(tool, next_request())
    end
  end)

  it("sends nothing of a live run in which nothing happens, for a while", function()
    local tracker = assert(exectrack.open(folder .. "/live.run", { any_file_system = true }))
    tracker:record("one", "success", 1)
    follow("", 0.1)
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    for _, tool in ipairs { "two", "three" } do
      save(new(), tool .. ".run", tool)
      assert.equal("metrics", next_request())
      assert.equal(tool, next_request())
    end
    tracker:close()
  end)

  it("repeats nothing that the receiver says about a run", function()
    local tracker = new()
    save(tracker, "a.run", "one")
    receiver:answer("partial 1 no", "200", "partial 1 no", "200", "partial 2 no")
    follow("", 0.1)
    for _, tool in ipairs { "one", "two", "three" } do
      assert.equal("metrics", next_request())
      assert.equal(tool, next_request())
      save(tracker, "a.run", tool == "one" and "two" or "three")
    end
    local metrics = "a.run: http://H/v1/metrics: rejected "
    assert.equal(metrics .. "1 data point: no", next_said())
    assert.equal(metrics .. "2 data points: no", next_said())
  end)

  it("goes on after a restart, and forgets the runs that have gone", function()
    local a, b, state = new(), new(), folder .. "/state"
    save(a, "a.run", "one")
    save(b, "b.run", "two")
    save(new(), "c.run", "unchanged")
    local options = "--state " .. state
    follow("", 3600, nil, options)
    for _, expected in ipairs { "metrics", "one", "metrics", "two", "metrics", "unchanged" } do
      assert.equal(expected, next_request())
    end
    signal("TERM")
    assert.equal("ends; sent metrics and 3 spans of 3 runs to http://H", next_said())
    local before = process.read_file(state)
    assert.truthy(before:find(b:instance_id(), 1, true))
    os.remove(folder .. "/b.run")
    save(a, "a.run", "three")
    follow("", 0.1, nil, options)
    assert.equal("metrics", next_request())
    assert.equal("three", next_request())
    for tool = 4, 14 do -- as many looks
      save(a, "a.run", tostring(tool))
      assert.equal("metrics", next_request())
      assert.equal(tostring(tool), next_request())
    end
    signal("TERM")
    assert.equal("ends; sent metrics and 12 spans of 1 run to http://H", next_said())
    assert.is_nil(process.read_file(state):find(b:instance_id(), 1, true))
    assert.truthy(process.read_file(state):find(a:instance_id(), 1, true))
  end)

  it("sends the whole run if a part of it is in another file", function()
    local tracker = new()
    tracker:record("one", "success", 1)
    tracker:record("two", "success", 1)
    assert(tracker:snapshot():filter({ last = 1 }):save(folder .. "/a-part.run"))
    assert(tracker:snapshot():save(folder .. "/a.run"))
    follow("", 3600)
    assert.equal("metrics", next_request())
    assert.equal("one two", next_request())
  end)

  it("sends nothing again of a folder that went and came back", function()
    local a, b = new(), new()
    local runs, place = folder .. "/kept/runs", "kept/runs/"
    process.run("mkdir " .. runs)
    save(a, place .. "a.run", "one")
    save(b, "b.run", "two")
    follow("kept/runs", 0.1, nil, folder)
    for _, expected in ipairs { "metrics", "two", "metrics", "one" } do
      assert.equal(expected, next_request())
    end
    process.run("mv " .. runs .. " " .. runs .. "2")
    for tool = 1, 12 do -- in at least as many looks
      save(b, "b.run", tostring(tool))
      assert.equal("metrics", next_request())
      assert.equal(tostring(tool), next_request())
    end
    process.run("mv " .. runs .. "2 " .. runs)
    save(a, place .. "a.run", "three")
    assert.equal("metrics", next_request())
    assert.equal("three", next_request())
  end)

  it("gives up what has gone before it could be sent", function()
    save(new(), "a.run", "one")
    receiver:answer((("503 Retry-After: 0\n"):rep(10000)))
    follow("", 0.1)
    assert.truthy(next_said():find("trying again until it works", 1, true))
    os.remove(folder .. "/a.run")
    assert.equal("a.run: it has gone before all of it was sent", next_said())
  end)

  it("ends at the second signal, whatever it waits for", function()
    save(new(), "a.run", "one")
    receiver:answer("hang")
    follow("a.run", 0.1, "OTEL_EXPORTER_OTLP_TIMEOUT=0")
    assert.equal("metrics", next_request())
    for _ = 1, 20 do -- those that come at once are one
      signal("INT")
    end
    assert.is_nil(next_line())
  end)

  it("sends the spans around sessions when the writer of a recorder has ended", function()
    local tracker = assert(exectrack.open(folder .. "/a.run", { any_file_system = true }))
    tracker:record("one", "success", 1)
    follow("a.run", 0.1)
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    tracker:close()
    assert.equal("metrics", next_request())
    assert.equal("invoke_agent", next_request())
  end)

  it("takes no copy of a file for the file", function()
    local tracker = assert(exectrack.open(folder .. "/b.run", { any_file_system = true }))
    tracker:record("one", "success", 1)
    process.run(("cd %s; cp b.run a.run; cp b.run c.run"):format(folder))
    follow("", 0.1)
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    save(new(), "d.run", "two")
    assert.equal("metrics", next_request())
    assert.equal("two", next_request())
    tracker:record("three", "success", 1)
    assert.equal("metrics", next_request())
    assert.equal("three", next_request())
    tracker:close()
    assert.equal("metrics", next_request())
    assert.equal("invoke_agent", next_request())
  end)

  it("sends them when the writer has died, too, which changes nothing in the file", function()
    local script = ([[
      local tracker = assert(require("exectrack").open(%q, { any_file_system = true }))
      tracker:record("one", "success", 1)
      io.read()
      os.exit(tracker and 0)]]):format(folder .. "/a.run")
    local writer = assert(io.popen(process.LUA .. " -e " .. process.quote(script), "w"))
    repeat
      local is_there = lfs.attributes(folder .. "/a.run") and exectrack.load(folder .. "/a.run")
    until is_there and #is_there == 1
    follow("a.run", 0.1)
    assert.equal("metrics", next_request())
    assert.equal("one", next_request())
    writer:close()
    local request
    repeat
      request = next_request()
    until request ~= "metrics"
    assert.equal("invoke_agent", request)
  end)

  it("says so if it sent nothing", function()
    save(new(), "a.run", "one")
    receiver:answer((("502\n"):rep(100)))
    follow("a.run", 3600)
    assert.equal("http://H/v1/metrics: status 502; http://H/v1/traces: status 502: "
      .. "trying again until it works", next_said())
    signal("TERM")
    assert.equal("ends; sent nothing to http://H; not all was sent", next_said())
  end)

  it("needs files that there are", function()
    assert.equal("exectrack: " .. folder .. "/a.run: No such file or directory", follow("a.run", 1))
    assert.is_nil(next_line())
  end)
end)
