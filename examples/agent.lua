-- A small coding agent, offline: it examines a checkout with tools that really run, keeps track
-- of each use of a tool with exectrack, and ends with a report. Its run can be saved, for
-- examples/analyze.lua.
--
--     script/demo [checkout]           (or: lua5.4 examples/agent.lua [checkout [file]])

local exectrack = require("exectrack")

local checkout, run_path = arg[1] or ".", arg[2]
local tracker = exectrack.new { max_history = 1000, label = "examine a checkout" }

-- Tools ---------------------------------------------------------------------------------------
-- A tool returns its result, or nil and an error type: a short word for what went wrong.

local tools, cache = {}, {}

-- Runs a command, each %s in it a quoted argument; returns its output.
local function run(command, ...)
  local quoted = {}
  for i, word in ipairs { ... } do
    quoted[i] = "'" .. word:gsub("'", [['\'']]) .. "'"
  end
  local pipe <close> = assert(io.popen(command:format(table.unpack(quoted)) .. " 2>/dev/null"))
  local output = pipe:read("a")
  local ok, _, code = pipe:close()
  if ok then
    return output
  end
  return nil, code == 124 and "timeout" or "exit_" .. code
end

function tools.list_files()
  return run("cd %s && find . -type f ! -path '*/.git/*' ! -path './build/*' ! -name '*.o'"
    .. " | sort", checkout)
end

function tools.read_file(path)
  if cache[path] then
    return cache[path], nil, true -- answered by the cache
  end
  local file, _, errno = io.open(path, "rb")
  if not file then
    return nil, errno == 2 and "ENOENT" or "errno_" .. errno
  end
  cache[path] = file:read("a")
  file:close()
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

function tools.run_with_limit(command, seconds)
  return run("timeout %s sh -c %s", tostring(seconds), command)
end

-- Uses a tool once. The span times it; if the tool raises, closing the span records a failure.
local function use(tool, ...)
  local span <close> = tracker:start(tool, { ... })
  local result, error_type, was_cached = tools[tool](...)
  if result then
    span:finish("success", was_cached)
  else
    span:finish(error_type == "timeout" and "timed_out" or "failed", false, error_type)
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
    error("no files to examine in " .. checkout, 0)
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

-- Writes a C file with a mistake, finds it with the compiler, and mends it.
local function draft_a_program()
  local path = os.tmpname()
  local source = path .. ".c"
  for _, body in ipairs { "return missing;", "return 0;" } do
    local file <close> = assert(io.open(source, "w"))
    file:write("int main(void) { ", body, " }\n")
    file:close()
    use("compile", source)
  end
  os.remove(source)
  os.remove(path)
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

local function duration(ms)
  return ms < 10 and ("%.2f ms"):format(ms) or ms < 1000 and ("%.0f ms"):format(ms)
    or ("%.1f s"):format(ms / 1000)
end

local function print_record(record)
  local note = record.was_cached and "from the cache" or record.error_type or ""
  print((("  %-16s %-10s %10s  %s"):format(record.tool, record.status,
    duration(record.duration_ms), note):gsub("%s+$", "")))
end

local function print_head(snapshot)
  local all = snapshot:summary()
  print(("%s: %d executions in %s of tool time"):format(snapshot:label(), all.count,
    duration(all.total_duration_ms)))
  print(("  %d successful, %d failed, %d timed out, %d cancelled; %d from the cache\n"):format(
    all.successful, all.failed, all.timed_out, all.cancelled, all.cached_hits))
end

local function print_tools(snapshot)
  print("  tool             calls  errors  cached         p50         p95       total")
  for _, row in ipairs(snapshot:group_by("tool")) do
    print(("  %-16s %5d  %6d  %6d  %10s  %10s  %10s"):format(row.tool, row.count,
      row.failed + row.timed_out, row.cached_hits, duration(row.p50_duration_ms),
      duration(row.p95_duration_ms), duration(row.total_duration_ms)))
  end
end

local function report(snapshot)
  print_head(snapshot)
  print_tools(snapshot)
  print("\nMost recent")
  for _, record in ipairs(snapshot:recent_executions(6)) do
    print_record(record)
  end
  print("\nSlowest")
  local records = snapshot:records()
  table.sort(records, function(a, b) return a.duration_ms > b.duration_ms end)
  for i = 1, math.min(5, #records) do
    print_record(records[i])
  end
end

examine_files()
draft_a_program()
use("run_with_limit", "tail -f /dev/null", 0.2) -- never ends by itself
count_folders()

local snapshot = tracker:snapshot()
report(snapshot)
if run_path then
  assert(snapshot:save(run_path))
end
