-- A small coding agent, offline: it examines a checkout with tools that really run. exectrack
-- keeps track of each use of a tool, and policies step in when a tool is broken or is called in a
-- loop. The agent ends with a report. Its run can be kept in a file: then it survives a crash, and
-- the next agent goes on with it.
--
--     script/demo [checkout]           (or: lua5.4 examples/agent.lua [checkout [file]])

local exectrack = require("exectrack")
local classify = exectrack.classify
local policy = require("exectrack.policy")
local report = require("exectrack.report")

local checkout, run_path = arg[1] or ".", arg[2]
local options = { max_history = 1000, label = "examine a checkout" }
local tracker = run_path and assert(exectrack.open(run_path, options)) or exectrack.new(options)
local scratch_path = os.tmpname() -- makes a file, so that the names after it are ours too
local index_path, draft_path = scratch_path .. ".index", scratch_path .. ".c"
local _ <close> = setmetatable({}, { __close = function()
  for _, path in ipairs { scratch_path, index_path, draft_path } do
    os.remove(path)
  end
end })

-- Tools ---------------------------------------------------------------------------------------
-- A tool returns its result, or nil and an error, as Lua's own functions do. One that runs a
-- command returns its output, and what closing its pipe says of how it ended.

local tools, cache = {}, {}

-- Runs a command, each %s in it a quoted argument.
local function run(command, ...)
  local quoted = {}
  for i, word in ipairs { ... } do
    quoted[i] = "'" .. word:gsub("'", [['\'']]) .. "'"
  end
  local pipe <close> = assert(io.popen(command:format(table.unpack(quoted)) .. " 2>/dev/null"))
  local output = pipe:read("a")
  return output, pipe:close()
end

function tools.list_files()
  return run("cd %s && find . -type f ! -path '*/.git/*' ! -path './build/*' ! -name '*.o'"
    .. " | sort", checkout)
end

function tools.read_file(path)
  if cache[path] then
    return cache[path], nil, true -- answered by the cache
  end
  local file <close>, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  cache[path] = file:read("a")
  return cache[path]
end

function tools.count_lines(path)
  return run("wc -l < %s", path)
end

function tools.search(pattern)
  return run("grep -rIl --exclude-dir=.git --exclude-dir=build -e %s %s", pattern, checkout)
end

-- Looks for headers where C projects and Lua mostly have them.
function tools.compile(path)
  return run("cc -std=gnu11 -Wall -Werror -fsyntax-only -I %s/src -I %s/include"
    .. " -I /usr/include/lua5.4 %s", checkout, checkout, path)
end

function tools.draft(body)
  local file <close>, message = io.open(draft_path, "w")
  if not file then
    return nil, message
  end
  file:write("int main(void) { ", body, " }\n")
  return draft_path
end

function tools.run_with_limit(command, seconds)
  return run("timeout %s sh -c %s", tostring(seconds), command)
end

function tools.make_index()
  return run("grep -rIohwE --exclude-dir=.git --exclude-dir=build '[a-z]{4,}' %s | sort | uniq -c"
    .. " >%s", checkout, index_path)
end

function tools.look_up(word)
  local index <close>, message = io.open(index_path)
  if not index then -- ENOENT would be the caller's mistake, but it's the tool that doesn't work
    return nil, { code = "unavailable", message = message }
  end
  return index:read("a"):match("(%d+) " .. word .. "\n") or "0"
end

-- All tools are timed and recorded, and each call is put to these policies first.
local messages = {}

tools = tracker:instrument(tools, {
  classify = classify.any_of {
    function(_, _, _, was_cached) return nil, was_cached == true end,
    classify.shell,
  },
  policy = policy.all {
    policy.default {
      circuit_breaker = { failures = 3, cooldown_ms = 200 }, -- this agent is in a hurry
      loop_guard = { resets = { "draft", "make_index" } }, -- after these, others end otherwise
    },
    policy.budget { max_executions = 500, max_duration_ms = 300000 },
  },
  on_warn = function(decision)
    messages[#messages + 1] = decision.message
  end,
})

-- Uses a tool once. Returns its result, or nil and the decision that denied the call. A model
-- would read the message and act on it.
local function use(tool, ...)
  local result, message, decision = tools[tool](...)
  if type(decision) == "table" then
    messages[#messages + 1] = message
    return nil, decision
  end
  return result
end

-- The work ------------------------------------------------------------------------------------

-- Examines a dozen files, taken from all over the checkout.
local function examine_files()
  local paths = {}
  for name in (use("list_files") or ""):gmatch("%./([^\n]+)") do
    paths[#paths + 1] = checkout .. "/" .. name
  end
  if #paths == 0 then
    io.stderr:write("no files to examine in ", checkout, "\n")
    os.exit(1, true) -- closes what is to be closed
  end
  for i = 1, #paths, math.max(1, #paths // 12) do
    use("read_file", paths[i])
    use("count_lines", paths[i])
    if paths[i]:find("%.c$") then
      use("compile", paths[i])
    end
  end
  use("read_file", paths[1]) -- again: from the cache
  use("read_file", checkout .. "/no-such-file")
  use("search", "return")
end

-- Writes a C file with mistakes, finds them with the compiler, and mends one after the other. To
-- compile it again and again is no loop, as it has changed.
local function draft_a_program()
  for _, body in ipairs { "return missing }", "return missing", "return missing;", "return 0;" } do
    use("draft", body)
    use("compile", draft_path)
  end
end

-- Asks the same thing again and again, as models do that have lost the thread.
local function go_in_circles()
  for _ = 1, 4 do
    use("search", "return")
  end
end

-- Looks words up in an index that isn't there. Then the circuit of look_up is open: the agent makes
-- the index, waits as long as it is told, and is let through.
local function look_words_up()
  local decision
  for _, word in ipairs { "return", "local", "static", "while" } do
    decision = select(2, use("look_up", word))
  end
  use("make_index")
  if decision and decision.retry_after_ms then
    os.execute(("sleep %.3f"):format(decision.retry_after_ms / 1000))
  end
  use("look_up", "while")
end

-- Counts the machine's folders, but gives up at 200: leaving the scope of an unfinished span
-- records the execution as cancelled.
local function count_folders()
  local span <close> = tracker:start("count_folders", { "/" })
  local directories <close> = assert(io.popen("timeout 5 find / -xdev -type d 2>/dev/null"))
  local seen = 0
  for _ in directories:lines() do
    seen = seen + 1
    if seen == 200 then
      return
    end
  end
  span:finish()
end

-- The report ----------------------------------------------------------------------------------

local function print_wrapped(text)
  local line = "-"
  for word in text:gmatch("%S+") do
    if #line + #word > 78 then
      print(line)
      line = " "
    end
    line = line .. " " .. word
  end
  print(line)
end

local function print_report(snapshot)
  print(report.render(report.overview(snapshot), "text"))
  print("What the policies said")
  for _, message in ipairs(messages) do
    print_wrapped(message)
  end
end

examine_files()
draft_a_program()
go_in_circles()
look_words_up()
use("run_with_limit", "tail -f /dev/null", 0.2) -- never ends by itself
count_folders()

print_report(tracker:snapshot())
tracker:close()
