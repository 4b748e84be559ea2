local clocks = require("spec.support.clock")
local commands = require("spec.support.command")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")

local ENTERS, LEAVES = "\27[?1049h\27[?25l\27[?7l", "\27[0m\27[?7h\27[?25h\27[?1049l"
local FIRST = { "wait", "q quit" }

local folder, path

before_each(function()
  folder = import_command.new()
  path = folder.path .. "/a.run"
  local tracker = exectrack.new { clock = clocks.new().read, label = "agent" }
  tracker:record("fetch", "success", 12.5)
  tracker:record("read_file", "failed", 1)
  local span = tracker:start("fetch")
  assert(tracker:snapshot():save(path))
  span:finish()
end)

after_each(function()
  folder:remove()
end)

--- How often `text` is in another.
local function count(text, part)
  local found, at = 0, 1
  while text:find(part, at, true) do
    found, at = found + 1, text:find(part, at, true) + #part
  end
  return found
end

--- Asserts how it ends after these steps, that the terminal is as before then, and what it says
-- there behind the last frame.
local function assert_ends(expected, said, steps, arguments)
  local code, is_restored, output = commands.converse("top " .. (arguments or path), steps)
  assert.same({ expected, true }, { code, is_restored })
  assert.equal(ENTERS, output:sub(1, #ENTERS))
  assert.equal(count(output, ENTERS), count(output, LEAVES))
  assert.equal(said, output:match("^.*\27%[%?1049l(.*)$"))
  return output
end

describe("exectrack top", function()
  it("prints one frame where there is no terminal", function()
    local expected = [[
exectrack top  agent                                     2026-01-01 00:00:00 UTC
2 executions  0/s  errors 50.0 %  in flight 1

Tool         Calls     Rate  Errors▼      p50      p95   Flight  Last 15 s
read_file        1      0/s    100 %  1.00 ms  1.00 ms        0
fetch            1      0/s      0 %  12.5 ms  12.5 ms        1

In flight
      0 ms  fetch
]]
    for _, arguments in ipairs { "a.run", "- <a.run", ".", "a.run --color auto" } do
      assert.same({ expected, "", 0 },
        { folder:shell(folder.command("top --sort errors " .. arguments)) })
    end
    local stdout = folder:shell(folder.command("top a.run --timezone +05:30"))
    assert.equal("exectrack top  agent", stdout:match("^(.-)   +2026%-01%-01 05:30:00 %+05:30\n"))
    stdout = folder:shell(folder.command("top --sort errors a.run --filter FETCH"))
    assert.is_nil(stdout:find("read_file", 1, true))
    assert.same({ expected, 0 }, { commands.run_in_terminal(80,
      "top --sort errors --color never " .. path, "TERM=dumb") })
  end)

  it("names what can't be read, shown or followed", function()
    for arguments, problem in pairs {
      ["b.run"] = "b.run: No such file or directory",
      ["a.run#S"] = "a.run#S: the totals of a session aren't known, only those of the whole run "
        .. "(see exectrack top --help)",
      ["a.run --sort call"] = "unknown column 'call': did you mean 'calls'? Known: calls, rate, "
        .. "errors, p50, p95, flight, tool (see exectrack top --help)",
    } do
      local _, stderr = folder:shell(folder.command("top " .. arguments))
      assert.equal("exectrack: " .. problem .. "\n", stderr)
    end
    assert.equal("exectrack: /dev/null: it can't be followed, as it isn't a file "
      .. "(see exectrack top --help)\n", (commands.run_in_terminal(80, "top /dev/null")))
  end)

  it("is on the alternate screen until q", function()
    local output = assert_ends(0, "", { FIRST, { "send", "q" } })
    assert.truthy(output:find("\27[1;1H\27[1mexectrack top  agent", 1, true))
    assert.truthy(output:find("\27[24;1H", 1, true))
    assert.is_nil(output:find("\27[25;1H", 1, true))
    assert.equal(1, count(output, ENTERS))
  end)

  it("sorts and filters by keys", function()
    assert_ends(0, "", { FIRST, { "send", "e" }, { "wait", "Errors▼" }, { "send", "/FE" },
      { "wait", "Tools with: FE_" }, { "send", "\r" }, { "wait", "Tools with: FE  Esc" },
      { "send", "q" } })
  end)

  it("looks at the runs again each second", function()
    folder:shell("mkdir runs; cp a.run runs")
    local runs = folder.path .. "/runs"
    assert_ends(0, "", { { "wait", "2 executions" }, { "run", "rm " .. runs .. "/a.run" },
      { "wait", "0 executions" }, { "run", ("cp %s %s"):format(path, runs) },
      { "wait", "2 executions" }, { "run", ("echo damaged >%s/b.run"):format(runs) },
      { "wait", "b.run: it isn't a saved run" }, { "send", "q" } }, runs)
  end)

  it("draws at once in another size", function()
    local output = assert_ends(0, "", { FIRST, { "resize", 40, 8 }, { "wait", "\27[8;1H" },
      { "wait", "q quit" }, { "send", "q" } })
    local last = output:match("^.*(\27%[1;1H.*)$")
    assert.is_nil(last:find("\27[9;1H", 1, true))
  end)

  it("leaves the terminal as it was at signals, and ends by them", function()
    for name, number in pairs { SIGTERM = 15, SIGHUP = 1, SIGQUIT = 3, SIGABRT = 6 } do
      assert_ends(-number, "", { FIRST, { "signal", name } })
    end
    for _, step in ipairs { { "signal", "SIGINT" }, { "send", "\3" } } do -- Ctrl-C
      assert_ends(130, "\r\27[Kexectrack: interrupted\r\n", { FIRST, step })
    end
  end)

  it("leaves the terminal when it stops, and comes back", function()
    local code, is_restored, output = commands.converse("top " .. path,
      { FIRST, { "send", "\26" }, { "wait", LEAVES }, { "wait", ENTERS }, FIRST, { "send", "q" } },
      nil, true)
    assert.same({ 0, true }, { code, is_restored })
    assert.equal("", output:match("^.*\27%[%?1049l(.*)$"))
  end)

  it("leaves the terminal before it says what went wrong", function()
    local code, is_restored, output = commands.converse("top " .. path, {},
      [=[LUA_INIT='package.preload["exectrack.command.top_frame"] = function()
        return function() error("a mistake") end
      end']=])
    assert.same({ 1, true }, { code, is_restored })
    assert.truthy(output:find("\27%[%?1049l[^\27]*: a mistake\r?\n[^\27]*$"))
  end)
end)
