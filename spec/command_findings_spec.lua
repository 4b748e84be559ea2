local assert = require("luassert")
local cjson = require("cjson")
local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local process = require("spec.support.process")
local sections = require("spec.support.sections")

-- Names that need care in a shell, in an option, or on a terminal.
local NAMES = { "web fetch", "it's", "-n", "--tool", "$(exit 9)", "a\nb", "\27[1m\255",
  "a\194\1601", "'", "" }

local folder

setup(function()
  folder = directories.make()
  local tracker = exectrack.new { max_in_flight = 1 }
  for i, name in ipairs(NAMES) do
    for _ = 1, i < #NAMES and i + 2 or 200 do -- so that one tool has most failures
      tracker:session("chat " .. i):record(name, "failed", 1)
    end
  end
  local span = tracker:session("only in flight"):start("it's")
  assert(tracker:snapshot():save(folder .. "/it's a.run"))
  span:finish()
end)

teardown(function()
  directories.remove(folder)
end)

--- What a command line prints in bash, run in the folder; `exectrack` is the one to test.
local function paste(line)
  local output, stderr, code = process.run(("cd %s && bash -c %s"):format(process.quote(folder),
    process.quote(("exectrack() { %s%s \"$@\"; }\n%s"):format(command.ENVIRONMENT, command.PROGRAM,
      line))))
  assert.equal("", stderr, line)
  assert.equal(0, code, line)
  return output
end

--- The rows of a section of the report in JSON that a command line prints.
local function rows(line, title)
  return sections.find(cjson.decode(paste(line .. " --format json")), title).rows
end

describe("the commands of findings", function()
  it("report on the tool that they are about, in the runs that the report was of", function()
    local found = rows("exectrack report \"it's a.run\"", "Health")
    assert.equal(#NAMES, #found)
    for i, row in ipairs(found) do
      local of_tool = rows(row.next, "By tool")
      assert.equal(1, #of_tool, row.next)
      assert.equal(row.calls, of_tool[1].counted)
      assert.equal(i == 1 and 200 or #NAMES + 3 - i, row.calls)
    end
  end)

  it("have the selection of the report", function()
    local found = rows("exectrack report \"it's a.run\" --session 'chat 2' --since 1h", "Health")
    assert.equal("exectrack report 'it'\\''s a.run' --session 'chat 2' --since 1h "
      .. "--report failures --tool 'it'\\''s'", found[1].next)
    assert.equal(4, rows(found[1].next, "By tool")[1].counted)
  end)

  it("report on one of the tools that were chosen", function()
    local found = rows("exectrack report \"it's a.run\" --tool=-n --tool=--tool", "Health")
    assert.equal("exectrack report 'it'\\''s a.run' --report failures --tool=--tool", found[1].next)
    assert.equal(1, #rows(found[1].next, "By tool"))
  end)

  it("find a session that has nothing but calls in flight", function()
    local flying = rows("exectrack report \"it's a.run\" --session 'only in flight'", "In flight")
    assert.equal(1, #flying)
    assert.equal("it's", flying[1].tool)
  end)
end)
