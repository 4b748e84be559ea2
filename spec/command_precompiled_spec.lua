local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local BUILD = assert(os.getenv("EXECTRACK_BUILD"), "EXECTRACK_BUILD isn't set")

local folder, environment

--- Runs the command of the installation with these arguments.
local function run(arguments, variables)
  return process.run(("%s %s %s %s/bin/exectrack %s"):format(environment, variables or "",
    process.LUA, folder, arguments))
end

--- The title of a report, or what is written to standard error if there is none.
local function title(variables, options)
  local stdout, stderr = run(("report %s/a.run%s"):format(folder, options or ""), variables)
  return stdout:match("^[^\n]+") or stderr
end

--- The path of a module's file.
local function file_of(module)
  return ("%s/lua/exectrack/%s.lua"):format(folder, module)
end

--- Replaces a file by a module that raises an error, with as many bytes as the file has, and with
-- the time when it was last modified.
local function replace_unseen(path)
  local length = #process.read_file(path)
  local source = "error('compiled again') --"
  process.run(("touch -r %s %s/time"):format(path, folder))
  process.write_file(path, source .. ("-"):rep(length - #source))
  process.run(("touch -r %s/time %s"):format(folder, path))
end

before_each(function()
  folder = directories.make()
  environment = ("env -u LUA_PATH_5_4 -u LUA_CPATH_5_4 LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' "
    .. "LUA_CPATH='%s/lua/?.so;;'"):format(folder, folder, BUILD)
  process.run("cp -R bin lua " .. folder)
  local tracker = exectrack.new { label = "a run" }
  tracker:record("a", "success", 1)
  assert(tracker:snapshot():save(folder .. "/a.run"))
  local stdout, stderr, code = run("--precompile")
  assert.same({ "", "", 0 }, { stdout, stderr, code })
end)

after_each(function()
  directories.remove(folder)
end)

describe("modules that are compiled at installation", function()
  it("are loaded in place of their files", function()
    replace_unseen(file_of("report/format"))
    replace_unseen(file_of("command/init"))
    assert.equal("a run", title())
  end)

  it("are loaded for options, too", function()
    local argparse = folder .. "/lua/argparse.lua"
    local call = getmetatable(require("argparse")).__call
    process.write_file(argparse, process.read_file(debug.getinfo(call, "S").source:sub(2)))
    run("--precompile")
    replace_unseen(argparse)
    replace_unseen(file_of("command/parser"))
    assert.equal("a run", title("", " --width 80"))
  end)

  it("keep the names of their files and the numbers of their lines", function()
    local script = "local path = arg[1] require('exectrack.command.precompiled').use(path) "
      .. "local info = debug.getinfo(require('exectrack.report.format').duration, 'S') "
      .. "io.write(info.source, ':', info.linedefined)"
    local expected = process.run(("%s %s -e %s - /none </dev/null"):format(environment, process.LUA,
      process.quote("arg = { '/none' } " .. script)))
    assert.is_truthy(expected:find("^@" .. file_of("report/format"):gsub("%p", "%%%0") .. ":%d+$"))
    replace_unseen(file_of("report/format"))
    assert.equal(expected, process.run(("%s %s -e %s"):format(environment, process.LUA,
      process.quote(("arg = { '%s/precompiled.luac' } "):format(folder) .. script))))
  end)

  it("aren't used once their files are others", function()
    local path = file_of("report/format")
    replace_unseen(path)
    process.run("touch -d 2001-01-01T00:00:00Z " .. path)
    assert.is_truthy(title():find("compiled again", 1, true))
    replace_unseen(file_of("report/cell"))
    process.write_file(path, "error('of another size')")
    process.run(("touch -r %s/time %s"):format(folder, path))
    assert.is_truthy(title():find("of another size", 1, true))
  end)

  it("aren't used where Lua finds other files first", function()
    process.run(("mkdir -p %s/other/exectrack/report"):format(folder))
    process.write_file(folder .. "/other/exectrack/report/format.lua", "error('the other')")
    assert.is_truthy(title(("LUA_PATH='%s/other/?.lua;%s/lua/?.lua;%s/lua/?/init.lua;;'"):format(
      folder, folder, folder)):find("the other", 1, true))
  end)

  it("aren't used by another interpreter, or if the file isn't what was written", function()
    local path = folder .. "/precompiled.luac"
    for _, text in ipairs { "", "\27Lua of another version", "a text",
      string.dump(portable.load("return 'Lua 9.9', {}, {}")) } do
      process.write_file(path, text)
      assert.equal("a run", title())
    end
    os.remove(path)
    assert.equal("a run", title())
  end)
end)
