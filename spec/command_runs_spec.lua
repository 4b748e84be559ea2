local import_command = require("spec.support.import_command")
local process = require("spec.support.process")
local runs = require("spec.support.runs")

-- So that a mistake takes little memory. Sanitizers map more than any limit.
local LIMITED = process.measures_memory() and "ulimit -v 500000\n" or ""

local folder

before_each(function()
  folder = import_command.new()
  assert(runs.full():save(folder.path .. "/a.run"))
end)

after_each(function()
  folder:remove()
end)

--- Asserts that a shell command, in which `exectrack` is the command, fails so.
local function assert_fails(problem, command)
  local _, stderr, code = folder:shell(LIMITED
    .. command:gsub("exectrack ", function() return folder.command("") end))
  assert.same({ "exectrack: " .. problem .. "\n", 1 }, { stderr, code })
end

describe("a run that is read", function()
  it("isn't what has no end", function()
    local kind = "it isn't a saved run"
    assert_fails("/dev/zero: " .. kind, "exectrack show /dev/zero")
    assert_fails("standard input: " .. kind, "exectrack report - </dev/zero")
    assert_fails("standard input: " .. kind, "yes | exectrack convert - --to csv")
    assert_fails("/dev/zero: " .. kind, "exectrack merge a.run /dev/zero -o b.run")
    assert_fails("standard input: it is shorter or longer than its header says",
      "cat a.run /dev/zero | exectrack show -")
  end)

  it("isn't a large file with holes", function()
    folder:shell("truncate -s 2G holes; cp a.run large; truncate -s 2G large")
    assert_fails("holes: it isn't a saved run", "exectrack show holes")
    assert_fails("standard input: it isn't a saved run", "exectrack show - <holes")
    local size = "it is shorter or longer than its header says"
    assert_fails("large: " .. size, "exectrack show large")
    assert_fails("standard input: " .. size, "exectrack show - <large")
  end)
end)
