local directory = require("spec.support.directory")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local system = require("exectrack.command.system")

describe("what the command asks of the system", function()
  it("is whether a stream is a terminal, and how wide", function()
    local output = process.run(process.LUA .. " -e " .. process.quote([[
      local system = require("exectrack.command.system")
      print(system.is_terminal(1), system.terminal_size(1))]]))
    assert.equal("false\tnil\tnil\n", output)
    assert.is_false(system.is_terminal(99))
    for _, path in ipairs { "/dev/null", "/dev/zero", "/none", "." } do
      assert.is_false(system.is_terminal(path))
    end
    assert.has_error(function() system.is_terminal() end,
      "bad argument #1 to 'is_terminal' (number expected, got no value)")
  end)

  it("is whether a path is a regular file", function()
    local folder = directory.make()
    process.write_file(folder .. "/file", "")
    process.run("ln -s file " .. folder .. "/link; mkfifo " .. folder .. "/pipe")
    assert.is_true(system.is_regular(folder .. "/file"))
    assert.is_false(system.is_regular(folder .. "/link"))
    assert.is_false(system.is_regular(folder .. "/pipe"))
    assert.is_false(system.is_regular(folder))
    assert.is_false(system.is_regular("/dev/null"))
    assert.is_nil(system.is_regular(folder .. "/none"))
    directory.remove(folder)
  end)

  it("is what is in a folder", function()
    local folder = directory.make()
    assert.same({}, system.list(folder))
    process.run("cd " .. folder .. "; mkdir .b 'c\n' d; touch a ./-x; ln -s d e")
    local names = system.list(folder)
    table.sort(names)
    assert.same({ "-x", ".b", "a", "c\n", "d", "e" }, names)
    assert.same({}, system.list(folder .. "/e"))
    for path, problem in pairs { a = "Not a directory", none = "No such file or directory" } do
      assert.same({ nil, folder .. "/" .. path .. ": " .. problem },
        { system.list(folder .. "/" .. path) })
    end
    directory.remove(folder)
  end)

  it("is what a path is, through links, its size, and when it was modified", function()
    local folder = directory.make()
    process.run(("cd %s; printf xyz >a; TZ=UTC touch -t 202601010000.30 a; mkdir b; ln -s a c; "
      .. "ln -s b d; ln -s e e; mkfifo f; ln -s none g"):format(folder))
    assert.same({ "file", 3, 1767225630, false }, { system.status(folder .. "/a") })
    assert.same({ "file", 3, 1767225630, true }, { system.status(folder .. "/c") })
    for path, expected in pairs { [""] = { "folder", false }, ["/b"] = { "folder", false },
      ["/d"] = { "folder", true }, ["/f"] = { "other", false } } do
      local kind, _, _, is_link = system.status(folder .. path)
      assert.same(expected, { kind, is_link })
    end
    assert.same({ nil, folder .. "/g: No such file or directory" },
      { system.status(folder .. "/g") })
    assert.is_nil((system.status(folder .. "/e")))
    directory.remove(folder)
  end)

  it("is whether two paths lead to the same", function()
    local folder = directory.make()
    local a, b = folder .. "/a", folder .. "/b"
    process.write_file(a, "")
    process.write_file(b, "")
    process.run(("ln %s %s/hard; ln -s hard %s/soft"):format(a, folder, folder))
    assert.is_true(system.is_same(a, folder .. "/soft"))
    assert.is_true(system.is_same(folder .. "/./hard", a))
    assert.is_false(system.is_same(a, b))
    assert.is_false(system.is_same(a, folder .. "/none"))
    assert.is_false(system.is_same(folder .. "/none", folder .. "/none"))
    directory.remove(folder)
  end)

  it("is what a path leads to", function()
    local folder = directory.make()
    local real = process.run("cd " .. folder .. " && pwd -P"):gsub("\n", "")
    process.write_file(folder .. "/file", "")
    process.run(("cd %s; ln -s file link; ln -s link second; ln -s none broken"):format(folder))
    for _, name in ipairs { "file", "link", "second", "./link" } do
      assert.equal(real .. "/file", system.resolve(folder .. "/" .. name))
    end
    assert.equal(real, system.resolve(folder))
    assert.is_nil(system.resolve(folder .. "/broken"))
    assert.is_nil(system.resolve(folder .. "/none"))
    assert.equal("link", system.read_link(folder .. "/second"))
    assert.equal("none", system.read_link(folder .. "/broken"))
    assert.is_nil(system.read_link(folder .. "/file"))
    assert.is_nil(system.read_link(folder .. "/none"))
    directory.remove(folder)
  end)

  it("is the same path for what has no path without links", function()
    local stdout = process.run(process.LUA .. " -e " .. process.quote([[
      print(require("exectrack.command.system").resolve("/dev/stdout"))]]) .. " | cat")
    assert.equal("/dev/stdout\n", stdout)
  end)

  it("is a clock that never goes back", function()
    local before = system.monotonic()
    assert.is_true(system.monotonic() >= before)
    assert.is_true(portable.is_float(before))
  end)

  it("is that writing to no reader, or too much, be an error", function()
    local script = process.LUA .. " -e " .. process.quote([[
      require("exectrack.command.system").ignore_write_signals()
      local ok, problem
      repeat
        ok, problem = io.write(("x"):rep(65536))
      until not ok
      io.stderr:write(problem)]])
    assert.same({ "", "Broken pipe", 0 }, { process.run(script .. " | true") })
    assert.equal("File too large", (select(2, process.run("ulimit -f 8; " .. script))))
  end)

  it("is the time, and a terminal to draw on if there is one", function()
    assert.is_true(math.abs(system.time() - os.time()) < 100)
    local stdout = process.run(process.LUA .. " -e " .. process.quote([[
      local system = require("exectrack.command.system")
      print(system.open_terminal())
      print(system.pause(0))]]) .. " </dev/null")
    assert.equal("nil\tInappropriate ioctl for device\ntrue\n", stdout)
    assert.has_error(function() system.pause(-1) end,
      "bad argument #1 to 'pause' (not from 0 to 3600)")
  end)

  it("is that signals wait for a function", function()
    assert.same({ 1, nil, 2, n = 3 }, portable.pack(system.hold_signals(function(...)
      return ...
    end, 1, nil, 2)))
    assert.has_error(function() system.hold_signals(error, "oops") end, "oops")
    for _, ending in ipairs { "return", "error()" } do
      local stdout = process.run(("%s -e %s; echo $?"):format(process.LUA, process.quote(([[
        io.stdout:setvbuf("no")
        pcall(require("exectrack.command.system").hold_signals, function()
          io.popen("kill -TERM $PPID"):close()
          io.write("held\n")
          %s
        end)
        io.write("not reached\n")]]):format(ending))))
      assert.equal("held\n143\n", stdout)
    end
    local stdout, stderr, code = process.run_lua([[
      require("exectrack.command.system").hold_signals(function()
        io.popen("kill -INT $PPID; kill -INT $PPID"):close()
        print("held")
      end)
      print("not reached")]])
    assert.same({ "held\n", 1 }, { stdout, code })
    assert.truthy(stderr:find("interrupted!", 1, true))
  end)

  it("is that the process ends in its own time, and at once at the second signal", function()
    local script = [[
      local system = require("exectrack.command.system")
      print(system.delay_end(), system.wait_for_end(0))
      io.popen("kill -%s $PPID"):close()
      print(system.wait_for_end(3600), system.wait_for_end(0))
      io.stdout:flush()
      io.popen("kill -%s $PPID"):close()
      print(system.wait_for_end(0))]]
    local function run(first, second, before)
      local stdout, _, code = process.run((before or "") .. process.LUA .. " -e "
        .. process.quote(script:format(first, second)) .. "; echo $?")
      assert.equal(0, code)
      return stdout
    end
    assert.equal("true\tfalse\tfalse\ntrue\ttrue\tfalse\n143\n", run("TERM", "TERM"))
    assert.equal("true\tfalse\tfalse\ntrue\ttrue\ttrue\n130\n", run("INT", "INT"))
    assert.equal("true\tfalse\tfalse\ntrue\ttrue\tfalse\ntrue\ttrue\n0\n",
      run("TERM", "INT", "trap '' INT; "))
    assert.has_error(function() system.wait_for_end(3601) end,
      "bad argument #1 to 'wait_for_end' (not from 0 to 3600)")
  end)
end)
