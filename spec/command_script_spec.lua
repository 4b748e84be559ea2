local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local lfs = require("lfs")
local portable = require("spec.support.portable")
local process = require("spec.support.process")

local directory, path, script

setup(function()
  directory = directories.make()
  path, script = directory .. "/a.run", directory .. "/script.lua"
  local tracker = exectrack.new { label = "a label" }
  for i = 1, 4 do
    tracker:record { tool = "fetch", status = "failed", duration_ms = i, timestamp = i }
  end
  assert(tracker:snapshot():save(path))
end)

teardown(function()
  directories.remove(directory)
end)

--- Runs a report by a script with this text.
local function run(text, arguments)
  process.write_file(script, text)
  return command.run(("report %s --script %s %s"):format(path, script, arguments or ""))
end

--- Asserts that a script with this text fails so; `problem` is what stands behind its path.
local function assert_fails(problem, text)
  local stdout, stderr, code = run(text, "-o " .. directory .. "/out.html")
  assert.equal("exectrack: " .. script .. problem .. "\n", stderr)
  assert.equal("", stdout)
  assert.equal(1, code)
  assert.same({ "a.run", "script.lua" }, directories.list(directory))
end

describe("a script", function()
  it("makes a report of the run, in any format", function()
    local text = [[
return function(snapshot)
  return { title = snapshot:label(), sections = { {
    title = "Counts",
    columns = { { field = "tool" }, { field = "count", unit = "count" } },
    rows = snapshot:group_by("tool"),
  }, { title = "More", columns = { { field = "a" } }, rows = {} } } }
end
]]
    local stdout, stderr, code = run(text)
    assert.equal([[
a label
═══════

Counts
──────
tool   count
─────  ─────
fetch      4

More
────
(none)
]], stdout)
    assert.equal("", stderr)
    assert.equal(0, code)
    assert.equal("tool,count\r\nfetch,4\r\n", (run(text, "--format csv --section Counts")))
    stdout, stderr, code = run(text, "--format csv --section x")
    assert.equal("", stdout)
    assert.equal("exectrack: unknown section 'x', not one of 'Counts', 'More'"
      .. " (see exectrack report --help)\n", stderr)
    assert.equal(2, code)
  end)

  it("is given a single run as it is, with its tools in their order", function()
    local other = directory .. "/order.run"
    local tracker = exectrack.new()
    tracker:record("b", "success", 1)
    tracker:record("a", "success", 1)
    assert(tracker:snapshot():save(other))
    process.write_file(script, [[
return function(snapshot)
  return { title = table.concat(snapshot:tools(), " "), sections = {} }
end
]])
    assert.equal("b a\n═══\n", (command.run(("report %s --script %s"):format(other, script))))
    os.remove(other)
  end)

  it("is given the selected executions, and its options", function()
    local stdout, stderr = run([[
return function(snapshot, options)
  local rows = {}
  for name, value in pairs(options) do
    rows[#rows + 1] = { name = name, value = tostring(value), type = type(value) }
  end
  table.sort(rows, function(a, b) return a.name < b.name end)
  rows[#rows + 1] = { name = "records", value = #snapshot }
  return { title = "", sections = { { title = "",
    columns = { { field = "name" }, { field = "value" }, { field = "type" } }, rows = rows } } }
end
]], "--last 3 --format csv --section 1 -- i=7 f=0.5 yes=true no=false word t=a=b none= --x=-1 i=8")
    assert.equal("", stderr)
    assert.equal(table.concat({ "name,value,type", "'--x,'-1,number", "f,0.5,number",
      "i,8,number", "no,false,boolean", 'none,"",string', "t,a=b,string", "word,true,boolean",
      "yes,true,boolean", "records,3,", "" }, "\r\n"), stdout)
  end)

  it("that isn't Lua, or no function, is named, with the line", function()
    local unfinished = "return function(\n"
    local _, problem = portable.load(unfinished, "=x")
    assert_fails(problem:match(":2: .*"), unfinished)
    assert_fails(":2: broken", "\nerror('broken')")
    for returned, text in pairs { nothing = "", ["a number"] = "return 1",
      ["a string"] = "return 'x'", ["a table"] = "return { function() end }" } do
      assert_fails((": it returns %s: a function expected"):format(returned), text)
    end
    assert_fails(": it returns nothing: a function expected", "return nil")
  end)

  it("that isn't there, or can't be read, is named", function()
    for file, problem in pairs { [directory .. "/no.lua"] = "No such file or directory",
      [directory] = "Is a directory" } do
      local stdout, stderr, code = command.run(("report %s --script %s"):format(path, file))
      assert.equal("", stdout)
      assert.equal("exectrack: " .. file .. ": " .. problem .. "\n", stderr)
      assert.equal(1, code)
    end
  end)

  it("that raises is named, with its innermost line and without our stack", function()
    assert_fails(":2: oops", "return function()\n error('oops')\nend")
    assert_fails(":2: oops", "return function()\n error('oops', 0)\nend")
    assert_fails(":1: oops", "local function f() error('oops') end\nreturn function()\n f()\nend")
    local indexing = "return function(_, _, x)\n return x.y\nend"
    local _, problem = pcall(portable.load(indexing, "=x")())
    assert_fails(problem:match(":2: .*"), indexing)
    assert_fails(":2: bad argument #1 to 'filter' (unknown condition 'tol')",
      "return function(snapshot)\n local s = snapshot:filter { tol = 'a' }\n return s\nend")
    assert_fails(":3: duration: a number expected, got string", "return function()\n"
      .. "local format = require('exectrack.report.format')\nlocal d = format.duration('x')\nend")
    assert_fails(":2: [string \"helper\"]:1: oops",
      "return function()\n (loadstring or load)('error(\"oops\")', 'helper')()\nend")
    assert_fails(":2: overview: unknown option 'topp'", "return function(snapshot)\n"
      .. "local r = require('exectrack.report').overview(snapshot, { topp = 1 })\nreturn r\nend")
    assert_fails(":2: overview: a snapshot expected, got nil", "return function()\n"
      .. "local r = require('exectrack.report').overview()\nreturn r\nend")
  end)

  it("that raises isn't given a position in a file of ours", function()
    assert_fails(":1: a decision must be nil or a table, got number", "return function(snapshot) "
      .. "snapshot:decisions(function() return 5 end) end")
    assert_fails(":2: a decision must be nil or a table, got number", "return function(snapshot)\n"
      .. "local r = require('exectrack.policy').replay(snapshot, function() return 5 end)\n"
      .. "return r\nend")
    -- A policy raises what one of its parts raised.
    local _, stderr = run("return require('exectrack.policy').default()")
    assert.matches("^exectrack: [^:]+: attempt to index [^:]+\n$", stderr)
  end)

  it("that raises several lines is told the first", function()
    assert_fails(":1: one", "return function() error('one\\ntwo\\nthree') end")
    assert_fails(":1: one", "return function() error('one\\n') end")
  end)

  it("may raise what is no string", function()
    assert_fails(":1: nil", "return function() error() end")
    assert_fails(":1: 42", "return function() error(42) end")
    assert_fails(":1: two", "return function() error(setmetatable({ message = 'one' }, "
      .. "{ __tostring = function() return 'two\\nlines' end })) end")
    assert_fails(":1: an error that can't be shown", "return function() error(setmetatable({}, "
      .. "{ __tostring = function() return {} end })) end")
  end)

  it("may raise a table, of which its message is shown, else its code or its type", function()
    for shown, fields in pairs {
      ["a b"] = "message = 'a b\\nc', code = 1, type = 't'",
      E42 = "code = 'E42', type = 't'",
      ["42"] = "code = 42",
      timeout = "type = 'timeout'",
      ["an error object"] = "reason = 'x'",
    } do
      assert_fails(":1: " .. shown, ("return function() error { %s } end"):format(fields))
      assert_fails(":1: " .. shown,
        ("return function() error(setmetatable({ %s }, { __index = error })) end"):format(fields))
    end
  end)

  it("that raises from a path too long for Lua's messages is named in full", function()
    local long = directory .. "/" .. ("d"):rep(100) .. ".lua"
    for text, problem in pairs { ["\nerror('oops')"] = ":2: oops", ["return )"] =
      ":1: unexpected symbol near ')'" } do
      process.write_file(long, text)
      local _, stderr = command.run(("report %s --script %s"):format(path, long))
      assert.equal("exectrack: " .. long .. problem .. "\n", stderr)
    end
    os.remove(long)
  end)

  it("that returns no report is told what is wrong with it", function()
    assert_fails(":2: it returned nothing: a report expected", "\nreturn function() end")
    assert_fails(": it returned nothing: a report expected",
      "return (loadstring or load)('', '=elsewhere')")
    assert_fails(":1: report: a table expected, got boolean", "return function() return false end")
    assert_fails(":1: sections[1].title: a string expected, got nil",
      "return function() return { title = 'a', sections = { {} } } end")
    assert_fails(": title: a string expected, got nil",
      "return (loadstring or load)('return { sections = {} }', '=elsewhere')")
  end)

  it("may require what stands beside it, from any directory", function()
    local scripts = directory .. "/scripts"
    assert(lfs.mkdir(scripts))
    process.write_file(scripts .. "/titles.lua", "return { title = function(run)\n"
      .. "if #run == 0 then error('no executions') end\nreturn run:label():upper()\nend }")
    process.write_file(scripts .. "/script.lua", "local titles = require('titles')\n"
      .. "return function(run)\nlocal title = titles.title(run)\n"
      .. "return { title = title, sections = {} }\nend")
    local program = command.PROGRAM .. " report"
    for from, folder in pairs { [directory] = "scripts/", [scripts] = "", ["/"] = scripts .. "/",
      [scripts .. "/"] = "./" } do
      local arguments = ("cd %s && %s %s --script %sscript.lua"):format(from, program, path,
        folder)
      local stdout, stderr, code = process.run(arguments)
      assert.same({ "A LABEL\n═══════\n", "", 0 }, { stdout, stderr, code })
      stdout, stderr, code = process.run(arguments .. " --last 0")
      local beside = folder == "" and "./" or folder
      assert.same({ "", ("exectrack: %sscript.lua:3: %stitles.lua:2: no executions\n"):format(
        folder, beside), 1 }, { stdout, stderr, code })
    end
    directories.remove(scripts)
  end)

  it("that requires a module with a mistake in it is told the mistake", function()
    local beside = directory .. "/beside.lua"
    process.write_file(beside, "return )")
    local _, stderr, code = run("local beside = require('beside')")
    assert.same({ ("exectrack: %s:1: error loading module 'beside' from file '%s': "
      .. "%s:1: unexpected symbol near ')'\n"):format(script, beside, beside), 1 },
      { stderr, code })
    os.remove(beside)
  end)

  it("keeps the position in a module of its own, even in a folder named as ours", function()
    local scripts = directory .. "/exectrack/reports"
    process.run("mkdir -p " .. scripts)
    process.write_file(scripts .. "/beside.lua", "return function() error('oops') end")
    process.write_file(scripts .. "/script.lua", "local f = require('beside')\n"
      .. "return function()\nf()\nend")
    local _, stderr = command.run(("report %s --script %s/script.lua"):format(path, scripts))
    assert.equal(("exectrack: %s/script.lua:3: %s/beside.lua:1: oops\n"):format(scripts, scripts),
      stderr)
    directories.remove(directory .. "/exectrack")
  end)

  it("can be interrupted", function()
    local stdout, stderr, code = run([[
return function()
  io.popen("kill -INT $PPID"):close() -- as Ctrl-C does
  while true do end
end]])
    assert.equal("", stdout)
    assert.equal("exectrack: interrupted\n", stderr)
    assert.equal(130, code)
  end)
end)
