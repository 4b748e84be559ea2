local commands = require("spec.support.command")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local process = require("spec.support.process")

-- As Ctrl-C does; it has come when this returns.
local CTRL_C = [[io.popen("kill -INT $PPID"):close()]]

describe("Ctrl-C", function()
  local folder

  before_each(function()
    folder = import_command.new()
    local tracker = exectrack.new { max_history = 10 }
    for i = 1, 10 do
      tracker:record("a", "success", i)
    end
    assert(tracker:snapshot():save(folder.path .. "/a.run"))
  end)

  after_each(function()
    folder:remove()
  end)

  --- Asserts that the command says in one line that it was interrupted, in a Lua that runs `before`
  -- first.
  local function assert_interrupted(arguments, before)
    folder:write("before.lua", before)
    local stdout, stderr, code = folder:shell("LUA_INIT=@before.lua " .. folder.command(arguments))
    assert.same({ "", "exectrack: interrupted\n", 130 }, { stdout, stderr, code })
    os.remove(folder.path .. "/before.lua")
  end

  it("ends it in one line while modules are looked for and loaded", function()
    assert_interrupted("report a.run",
      ("string.gmatch = function() %s while true do end end"):format(CTRL_C))
    for _, name in ipairs { "exectrack.command", "exectrack.command.report", "exectrack.core" } do
      assert_interrupted("report a.run",
        ("package.preload[%q] = function() %s while true do end end"):format(name, CTRL_C))
    end
    assert_interrupted("report --format text a.run",
      ("package.preload.argparse = function() %s error('not reached') end"):format(CTRL_C))
  end)

  it("ends it in a coroutine, in a pcall, and in a function in C", function()
    for _, body in ipairs {
      "coroutine.wrap(function() %s while true do end end)()",
      "while true do pcall(function() %s while true do end end) end",
      "%s ('a'):rep(30):find(('a-'):rep(30) .. 'b')",
    } do
      assert_interrupted("report a.run", ("package.preload['exectrack.report.builtin.overview'] = "
        .. "function() return function() %s end end"):format(body:format(CTRL_C)))
    end
  end)

  it("removes the file that isn't complete, and leaves the one before", function()
    folder:write("out.csv", "before")
    assert_interrupted("convert a.run -o out.csv", ("package.preload['exectrack.format.csv'] = "
      .. "function() return { encode = function() return function() %s end end } end")
      :format(CTRL_C))
    assert.equal("before", process.read_file(folder.path .. "/out.csv"))
    assert.equal("a.run\nout.csv\n", (folder:shell("ls -A")))
  end)

  it("ends what follows a run", function()
    local pause = ("require('exectrack.command.system').pause = function() %s end"):format(CTRL_C)
    local cpath = ("package.cpath = %q "):format(package.cpath)
    folder:write("before.lua", cpath .. pause)
    local stdout, stderr, code = folder:shell("LUA_INIT=@before.lua "
      .. folder.command("tail -f -n 0 a.run"))
    assert.same({ "", "exectrack: interrupted\n", 130 }, { stdout, stderr, code })
  end)

  it("clears the line of a terminal, which has ^C on it", function()
    for _, before in ipairs { ("['exectrack.command'] = function() %s end"):format(CTRL_C),
      "['exectrack.command.report'] = function() return { paths = 'runs', run = function() "
        .. "return nil, 'interrupted', 130 end } end" } do
      folder:write("before.lua", "package.preload" .. before)
      local output, code = commands.run_in_terminal(80, "report a.run",
        "LUA_INIT=@" .. folder.path .. "/before.lua")
      assert.same({ "\r\27[Kexectrack: interrupted\n", 130 }, { output, code })
    end
  end)
end)
