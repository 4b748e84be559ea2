-- Makes up two runs of a coding agent, always the same, to try analyses on: before.run and
-- after.run, before and after a change that made it search more slowly and fetch more pages.
-- docs/analysis.md looks into them.
--
--     lua5.4 examples/made_up_runs.lua
--
-- The tools do nothing, but their executions are real spans of a tracker with a clock of its own.

local exectrack = require("exectrack")

local START_MS = 1767225600000 -- 2026-01-01 00:00 UTC

local function make_up(label, seed, search_ms, fetches)
  local now_ms = START_MS
  local tracker = exectrack.new { label = label, clock = function() return now_ms / 1000 end }

  -- 1 to n, by Lehmer's generator: the same in every version of Lua.
  local function random(n)
    seed = seed * 48271 % 2147483647
    return seed % n + 1
  end

  -- How a tool does with one of its arguments, which are numbers here: the milliseconds that it
  -- takes, its status, its error type and whether a cache answers.
  local tools, known, fetched = {}, {}, 0

  function tools.llm()
    local ms = 800 + random(36) * random(36)
    return random(30) == 1 and ms * 6 or ms, "success"
  end

  function tools.edit_file(file)
    known[file] = nil
    if random(4) == 1 then
      known = {} -- a large edit: searches would find other things
    end
    return 2 + random(6), "success"
  end

  function tools.read_file(file)
    if file == 12 then
      return 1, "failed", "ENOENT"
    elseif known[file] then
      return 1, "success", nil, true
    end
    known[file] = true
    return 2 + random(10), "success"
  end

  function tools.search(query)
    if known[-query] then
      return 1, "success", nil, true
    end
    known[-query] = true
    return search_ms + random(search_ms), "success"
  end

  function tools.web_fetch()
    fetched = fetched + 1
    if fetched > 75 and random(3) > 1 then
      return 70 + random(60), "failed", "http_429" -- too many requests
    elseif random(40) == 1 then
      return 10000, "timed_out"
    end
    return 150 + random(25) * random(25), "success"
  end

  function tools.run_tests()
    if random(3) == 1 then
      return 1500 + random(500), "failed", "assertion"
    end
    return 2500 + random(1000), random(16) > 1 and "success" or "cancelled"
  end

  -- Uses tools side by side, until the last has ended.
  local function use(names)
    local calls = {}
    for i, name in ipairs(names) do
      local argument = random(name == "llm" and 1000 or 12)
      local ms, status, error_type, was_cached = tools[name](argument)
      calls[i] = { span = tracker:start(name, { argument }), ms = ms, status = status,
        error_type = error_type, was_cached = was_cached }
    end
    table.sort(calls, function(a, b) return a.ms < b.ms end)
    local started_ms = now_ms
    for _, call in ipairs(calls) do
      now_ms = started_ms + call.ms
      call.span:finish(call.status, call.was_cached, call.error_type)
    end
  end

  local fetch_all = {}
  for i = 1, fetches do
    fetch_all[i] = "web_fetch"
  end
  for _ = 1, 100 do
    now_ms = now_ms + 300 + random(1200) -- what the agent does itself
    use { "llm" }
    local turn = random(10)
    if turn <= 4 then
      use { "read_file", "read_file", "search" }
    elseif turn <= 7 then
      use(fetch_all)
    else
      use { "read_file", "edit_file" }
      use { "run_tests" }
    end
  end
  return tracker:snapshot()
end

assert(make_up("before", 59, 120, 3):save("before.run"))
assert(make_up("after", 62, 300, 4):save("after.run"))
