--- Plays the session of an agent, with `policy.default()` before each call, and writes down what it
-- decides. A session is a text, one line for each thing that the agent does:
--
--     edit_file a.c          -> saved            a call, and what the tool returns
--     read_file a.c          -> int a; (cached)  a cache returns it
--     run_tests              !> exit code 1      the tool fails, with this message
--     deploy                 ...                 it doesn't end
--     8 at once: fetch p%d   !> HTTP 503         8 calls, begun before any ends; %d counts them
--     wait 5 s
--
-- At the end of a line is what was decided: `# warn repeated_call`, or, if that is of some calls
-- only, `# 3 of 8: deny circuit_open`. A denied call isn't made: what its line says of its end
-- didn't happen.
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")

local CALL_MS = 100

--- A line in parts: `count`, `tool`, `args`, and how the call ends; or only `wait_s`.
local function parse(line)
  local step = { wait_s = tonumber(line:match("^%s*wait (%d+) s$")) }
  if not step.wait_s then
    local count, call = line:match("^%s*(%d+) at once: (.*)$")
    local text, how, answer = (call or line):match("^%s*(.-)%s+([-!]>) (.*)$")
    text = text or (call or line):match("^%s*(.-)%s+%.%.%.$")
    assert(text, "what does this line mean? " .. line)
    step.count = tonumber(count or 1)
    step.tool, step.args = text:match("^(%S+)%s*(.*)$")
    step.how, step.answer = how, answer
  end
  return step
end

--- Says how a call ended. A cached answer says so.
local function classify(_, answer)
  return nil, type(answer) == "string" and answer:find("(cached)", 1, true) ~= nil
end

--- Begins the calls of a step. Returns the spans, and what was decided and how often.
local function begin(tracker, guard, step)
  local spans, decided = {}, {}
  for i = 1, step.count do
    local warned
    local span, _, denied = tracker:begin(step.tool, { args = (step.args:gsub("%%d", i)),
      policy = guard, classify = classify, on_warn = function(decision) warned = decision end })
    spans[#spans + 1] = span
    local decision = denied or warned
    if decision then
      local text = decision.action .. " " .. decision.reason
      decided[text] = (decided[text] or 0) + 1
    end
  end
  return spans, decided
end

local function finish(spans, step)
  for _, span in ipairs(step.how and spans or {}) do
    if step.how == "->" then
      span:done(step.answer)
    else
      span:done(nil, step.answer)
    end
  end
end

--- What was decided, as it stands at the end of a line; nil for nothing.
local function comment(decided, count)
  local text, times = next(decided)
  assert(next(decided, text) == nil, "calls that are made at once are decided alike")
  return text and (times == count and text or times .. " of " .. count .. ": " .. text)
end

--- The lines of a text, without what was decided.
local function lines_of(text)
  local lines = {}
  for line in text:gmatch("[^\n]+") do
    lines[#lines + 1] = (line:gsub("%s+#.*$", ""))
  end
  return lines
end

--- The lines with the comments of some of them, which are in one column.
local function joined(lines, comments)
  local width = 0
  for i in pairs(comments) do
    width = math.max(width, #lines[i])
  end
  for i, what in pairs(comments) do
    lines[i] = lines[i] .. (" "):rep(width - #lines[i]) .. "  # " .. what
  end
  return table.concat(lines, "\n") .. "\n"
end

--- Plays the session `text`. Returns it with what was decided, in a column.
return function(text)
  local clock, guard = clocks.new(), policy.default()
  local tracker = exectrack.new { clock = clock.read }
  local lines, comments = lines_of(text), {}
  for i, line in ipairs(lines) do
    local step = parse(line)
    if step.wait_s then
      clock.advance_us(1000000 * step.wait_s)
    else
      local spans, decided = begin(tracker, guard, step)
      clock.advance_us(1000 * CALL_MS)
      finish(spans, step)
      comments[i] = comment(decided, step.count)
    end
  end
  return joined(lines, comments)
end
