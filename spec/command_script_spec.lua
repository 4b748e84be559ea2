local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
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
    assert.equal("exectrack: unknown section 'x', not one of 'Counts', 'More'\n"
      .. "try 'exectrack report --help'\n", stderr)
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
    local kind = math.type(value) or type(value)
    rows[#rows + 1] = { name = name, value = tostring(value), type = kind }
  end
  table.sort(rows, function(a, b) return a.name < b.name end)
  rows[#rows + 1] = { name = "records", value = #snapshot }
  return { title = "", sections = { { title = "",
    columns = { { field = "name" }, { field = "value" }, { field = "type" } }, rows = rows } } }
end
]], "--last 3 --format csv --section 1 -- i=7 f=0.5 yes=true no=false word t=a=b none= --x=-1 i=8")
    assert.equal("", stderr)
    assert.equal(table.concat({ "name,value,type", "'--x,'-1,integer", "f,0.5,float",
      "i,8,integer", "no,false,boolean", 'none,"",string', "t,a=b,string", "word,true,boolean",
      "yes,true,boolean", "records,3,", "" }, "\r\n"), stdout)
  end)

  it("that isn't Lua, or no function, is named, with the line", function()
    assert_fails(":2: <name> or '...' expected near <eof>", "return function(\n")
    assert_fails(":2: broken", "\nerror('broken')")
    assert_fails(": it must return a function, not a number", "return 1")
    assert_fails(": it must return a function, not a nil", "")
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
    assert_fails(":2: attempt to index a nil value (local 'x')",
      "return function(_, _, x)\n return x.y\nend")
    assert_fails(":2: bad argument #1 to 'filter' (unknown condition 'tol')",
      "return function(snapshot)\n local s = snapshot:filter { tol = 'a' }\n return s\nend")
    assert_fails(":3: duration: a number expected, got string", "return function()\n"
      .. "local format = require('exectrack.report.format')\nlocal d = format.duration('x')\nend")
    assert_fails(":2: [string \"helper\"]:1: oops",
      "return function()\n load('error(\"oops\")', 'helper')()\nend")
  end)

  it("may raise what is no string", function()
    assert_fails(":1: nil", "return function() error() end")
    assert_fails(":1: 42", "return function() error(42) end")
    assert_fails(":1: two\\nlines", "return function() error(setmetatable({}, "
      .. "{ __tostring = function() return 'two\\nlines' end })) end")
    assert_fails(":1: an error that can't be shown", "return function() error(setmetatable({}, "
      .. "{ __tostring = function() return {} end })) end")
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
    assert_fails(":2: report: a table expected, got nil", "\nreturn function() end")
    assert_fails(":1: sections[1].title: a string expected, got nil",
      "return function() return { title = 'a', sections = { {} } } end")
    assert_fails(": title: a string expected, got nil",
      "return load('return { sections = {} }', '=elsewhere')")
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
