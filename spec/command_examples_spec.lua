local command = require("spec.support.command")
local import_command = require("spec.support.import_command")
local made_up = require("spec.support.made_up")
local transcript = require("spec.support.transcript")

-- Those that send to the network, or listen to it, aren't run.
local COMMANDS = { "report", "show", "tail", "top", "compare", "check", "replay", "merge",
  "convert", "export", "import", "completion" }

-- What follows a run is interrupted when it waits.
local BEFORE = ("package.cpath = %q require('exectrack.command.system').pause = function() "
  .. "io.popen('kill -INT $PPID'):close() end"):format(package.cpath)

-- A function for the shell, as examples are in its words; and jq, which may be missing.
local SHELL = ("HOME=$PWD COLUMNS=80; export HOME COLUMNS; exectrack() { LUA_INIT=@before.lua %s "
  .. "\"$@\"; }\njq() { cat; }\n"):format(command.PROGRAM)

local LINE = '{"tool":"a","step":"a","duration_ms":1,"chat":{"id":"c"},"finished_at":1767225600,'
  .. '"timestamp":1767225600,"status":"ok"}\n'

--- The examples in the help of a subcommand.
local function examples(name)
  local help, list = (command.run(name .. " --help")), {}
  for line in help:gsub("\\\n", "\\\0"):gmatch("[^\n]+") do
    local example = line:match("^   (.*exectrack " .. name .. ".*)$")
    list[#list + 1] = example and example:gsub("\\%z", "\\\n")
  end
  return list
end

describe("the examples of --help", function()
  local folder

  --- Makes the files that they name.
  local function fill()
    local before, after = made_up.examples()
    folder:shell("mkdir -p runs nightly week logs .local/share/bash-completion/completions .zfunc "
      .. ".config/fish/completions .claude/projects/$(pwd | sed 's/[^A-Za-z0-9]/-/g')")
    for _, path in ipairs { "agent", "monday", "before", "runs/a", "nightly/a", "week/a" } do
      assert(before:save(folder.path .. "/" .. path .. ".run"))
    end
    for _, path in ipairs { "tuesday", "wednesday", "after" } do
      assert(after:save(folder.path .. "/" .. path .. ".run"))
    end
    folder:write("before.lua", BEFORE)
    folder:write("costs.lua", "return function() return { title = 'Costs', sections = {} } end")
    folder:write("policy.lua", "return require('exectrack.policy').default()")
    folder:write("agent_log.lua", "return require('exectrack.format').jsonl.decode")
    folder:write("agent.log", '{"tool":"a","status":"success","duration_ms":1,"timestamp":1}\n')
    folder:write("log.csv", "step,duration,status\na,1,ok\n")
    folder:write("log.jsonl", LINE)
    folder:write("logs/a.jsonl", transcript.claude("a", 1, { "ls" }))
    folder:write("session.jsonl", transcript.claude("b", 1, { "ls" }))
    folder:write("now.jsonl", (transcript.claude("s", 1, { "ls" })
      :gsub("2026%-01%-01", os.date("!%Y-%m-%d"))))
    folder:shell("gzip -k log.jsonl; zstd -q session.jsonl; mv now.jsonl .claude/projects/*/")
  end

  before_each(function()
    folder = import_command.new()
    fill()
  end)

  after_each(function()
    folder:remove()
  end)

  for _, name in ipairs(COMMANDS) do
    it("paste as they are: " .. name, function()
      local list = examples(name)
      assert.is_true(#list > 1)
      for _, example in ipairs(list) do
        local _, stderr, code = folder:shell(SHELL .. "{ " .. example .. "\n} </dev/null")
        local is_followed = example:find(" -f ", 1, true) and not example:find("|", 1, true)
        local expected = is_followed and 130 or code == 3 and 3 or 0
        assert.same({ example, expected }, { example, code, stderr ~= "" and expected ~= code
          and stderr or nil })
      end
    end)
  end
end)
