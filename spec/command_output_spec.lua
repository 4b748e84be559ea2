local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local output = require("exectrack.command.output")
local process = require("spec.support.process")

local directory, path

before_each(function()
  directory = directories.make()
  path = directory .. "/out"
end)

after_each(function()
  directories.remove(directory)
end)

--- The name of the signal that ended a process, by the exit code that a shell reports.
local function signal_of(code)
  return (process.run("kill -l " .. code):gsub("\n", ""))
end

describe("an output", function()
  it("is a file when it is closed, and not before", function()
    local out = assert(output.open(path))
    assert.is_true(out:write("one\n"))
    assert.is_true(out:write("two\n"))
    assert.is_nil(io.open(path))
    assert.is_true(out:close())
    assert.equal("one\ntwo\n", process.read_file(path))
    assert.same({ "out" }, directories.list(directory))
  end)

  it("replaces a file when it is closed, and not before", function()
    process.write_file(path, "old")
    local out = assert(output.open(path))
    out:write("new")
    assert.equal("old", process.read_file(path))
    out:close()
    assert.equal("new", process.read_file(path))
  end)

  it("that is discarded, or collected, leaves what was there", function()
    process.write_file(path, "old")
    local out = assert(output.open(path))
    out:write("new")
    out:discard()
    out:discard()
    out = assert(output.open(path))
    out:write("new")
    out = nil -- luacheck: ignore
    collectgarbage()
    assert.equal("old", process.read_file(path))
    assert.same({ "out" }, directories.list(directory))
  end)

  it("that is closed isn't undone by a discard", function()
    local out = assert(output.open(path))
    out:close()
    out:discard()
    assert.same({ "out" }, directories.list(directory))
  end)

  it("may be opened twice: the one that is closed last stays", function()
    local a, b = assert(output.open(path)), assert(output.open(path))
    a:write("a")
    b:write("b")
    a:close()
    b:close()
    assert.equal("b", process.read_file(path))
    assert.same({ "out" }, directories.list(directory))
  end)

  it("replaces what a link leads to when it is closed, and keeps the link", function()
    process.run(("ln -s link %s; ln -s target %s/link; printf old >%s/target"):format(path,
      directory, directory))
    local out = assert(output.open(path))
    out:write("new")
    assert.equal("old", process.read_file(directory .. "/target"))
    out:close()
    assert.equal("new", process.read_file(directory .. "/target"))
    assert.equal("link\ntarget\n", (process.run(("readlink %s; readlink %s/link"):format(path,
      directory))))
    assert.same({ "link", "out", "target" }, directories.list(directory))
  end)

  it("is the file that links are to lead to, when it is closed", function()
    process.run(("ln -s %s/link %s; ln -s ./target %s/link"):format(directory, path, directory))
    local out = assert(output.open(path))
    assert.is_nil(io.open(directory .. "/target"))
    out:write("new")
    out:close()
    assert.equal("new", process.read_file(directory .. "/target"))
    assert.same({ "link", "out", "target" }, directories.list(directory))
  end)

  it("isn't what links that lead nowhere lead to", function()
    process.run(("ln -s link %s; ln -s out %s/link"):format(path, directory))
    assert.same({ nil, path .. ": Too many levels of symbolic links" }, { output.open(path) })
    assert.same({ "link", "out" }, directories.list(directory))
  end)

  it("may have a name as long as names can be", function()
    local long = directory .. "/" .. ("x"):rep(255)
    assert.is_true(output.write(long, "new"))
    assert.is_true(output.write(long, "newer"))
    assert.equal("newer", process.read_file(long))
    local problem = long .. "x: File name too long"
    assert.same({ nil, problem }, { output.write(long .. "x", "new") })
    assert.equal(1, #directories.list(directory))
  end)

  it("has the permissions of the file that it replaces, and not those of a program", function()
    process.write_file(path, "old")
    process.run("chmod 6750 " .. path)
    assert.is_true(output.write(path, "new"))
    assert.equal("750\n", (process.run("stat -c %a " .. path)))
  end)

  it("is removed by signals that end the process", function()
    process.write_file(path, "old")
    for _, signal in ipairs { "TERM", "HUP", "QUIT", "ALRM", "USR1", "USR2", "XCPU", "XFSZ" } do
      local stdout, _, code = process.run_lua(([[
local output = require("exectrack.command.output")
local a, _, c = output.open(%q), output.open(%q), output.open(%q)
a:write("new")
c:discard()
io.popen("kill -%s $PPID"):close()
print("not reached")]]):format(path, path, path .. "2", signal), "ulimit -c 0;")
      assert.same({ "", signal }, { stdout, signal_of(code) })
      assert.equal("old", process.read_file(path))
      assert.same({ "out" }, directories.list(directory))
    end
  end)

  it("is removed by a second Ctrl-C, whenever the first one came", function()
    local interrupt = [[io.popen("kill -INT $PPID"):close()]]
    local open = ("local out = require('exectrack.command.output').open(%q)"):format(path)
    local first = ("print(pcall(function() %s\nwhile true do end end))"):format(interrupt)
    for _, script in ipairs { open .. " " .. first, first .. " " .. open } do
      local stdout, _, code = process.run_lua(script .. "\nout:write('new')\n" .. interrupt
        .. "\nprint('not reached')")
      local told = stdout:gsub("lua:2", "lua:1") -- as LuaJIT counts, where the loop is
      assert.same({ "false\tscript.lua:1: interrupted!\n", "INT" }, { told, signal_of(code) })
      assert.same({}, directories.list(directory))
    end
  end)

  it("leaves handlers of signals as they were when it has ended", function()
    local stdout, stderr = process.run_lua(([[
local output = require("exectrack.command.output")
local function caught()
  local file = io.open("/proc/self/status")
  return file and file:read("*a"):match("SigCgt:%%s*(%%x+)")
end
local before = caught()
local a, b = output.open(%q), output.open(%q)
local during = caught()
a:discard()
assert(caught() == during)
b:close()
print(caught() == before, before == nil or during ~= before)
output.open(%q .. "/")
assert(caught() == before)
b = output.open(%q)
io.popen("kill -INT $PPID"):close()]]):format(path, path, path, path))
    assert.equal("true\ttrue\n", stdout)
    assert.truthy(stderr:find("interrupted!", 1, true))
    assert.same({ "out" }, directories.list(directory))
  end)

  it("goes on after a signal that was ignored, as by nohup", function()
    for _, signal in ipairs { "HUP", "QUIT" } do
      local _, stderr, code = process.run_lua(([[
local out = require("exectrack.command.output").open(%q)
io.popen("kill -%s $PPID"):close()
assert(out:write("new"))
assert(out:close())]]):format(path, signal), ("trap '' %s;"):format(signal))
      assert.same({ "", 0 }, { stderr, code })
      assert.equal("new", process.read_file(path))
    end
  end)

  it("writes to what is no file as it is", function()
    process.run("mkfifo " .. path)
    local reader = assert(io.popen("timeout 60 cat " .. path))
    assert.is_true(output.write(path, "new"))
    assert.equal("new", reader:read("*a"))
    reader:close()
    assert.same({ "out" }, directories.list(directory))
    assert.equal(0, select(3, process.run("test -p " .. path)))
  end)

  it("replaces no saved run, and nothing else than one is kept", function()
    local run = exectrack.new(1):snapshot()
    assert(run:save(path))
    for _, bytes in ipairs { run:bytes(), run:bytes():sub(1, -2), "exectrak" } do
      process.write_file(path, bytes)
      assert.same({ nil, path .. ": it is a saved run, and isn't replaced by anything else" },
        { output.open(path) })
      assert.equal(bytes, process.read_file(path))
      assert.same({ "out" }, directories.list(directory))
    end
    for _, bytes in ipairs { "", "exectra", "Exectrak", " exectrak" } do
      process.write_file(path, bytes)
      assert.is_true(output.write(path, "new"))
      assert.equal("new", process.read_file(path))
    end
  end)

  it("says why it can't be opened", function()
    for where, problem in pairs { [path .. "/a"] = "No such file or directory",
      [directory] = "Is a directory" } do
      local out, message = output.open(where)
      assert.is_nil(out)
      assert.equal(where .. ": " .. problem, message)
    end
  end)

  it("says that a device is full", function()
    process.run("ln -s /dev/full " .. path) -- a mistake here would replace the link alone
    for _, text in ipairs { "x", ("x"):rep(1000000) } do
      local ok, message, code = output.write(path, text)
      assert.is_nil(ok)
      assert.equal(path .. ": No space left on device", message)
      assert.is_nil(code)
    end
  end)

  it("leaves nothing half written, and the old file, on a full disk", function()
    process.write_file(path, "old")
    for _, size in ipairs { 20000, 2000000 } do
      local stdout = process.run_lua(([[
print(require("exectrack.command.output").write(%q, ("x"):rep(%d)))]]):format(path, size),
        "ulimit -f 8;")
      assert.equal("nil\t" .. path .. ": File too large\tnil\n", stdout)
      assert.equal("old", process.read_file(path))
      assert.same({ "out" }, directories.list(directory))
    end
  end)

  it("says that it couldn't be renamed", function()
    local out = assert(output.open(path))
    out:write("new")
    process.run("mkdir " .. path)
    local ok, message = out:close()
    assert.is_nil(ok)
    assert.equal(path .. ": Is a directory", message)
    assert.same({ "out" }, directories.list(directory))
    ok, message = output.write("", "new")
    assert.is_nil(ok)
    assert.equal(": No such file or directory", message)
  end)

  it("is standard output for no path, and for -", function()
    local stdout = process.run_lua([[
local output = require("exectrack.command.output")
output.write(nil, "one\n")
local out = output.open("-")
out:write("two\n")
out:discard()
io.stdout:write(io.type(io.stdout), "\n")]])
    assert.equal("one\ntwo\nfile\n", stdout)
  end)
end)
