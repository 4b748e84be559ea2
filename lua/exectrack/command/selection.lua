--- The options that select executions of a run.
-- Used only by the command.
local whole_number = require("exectrack.command.whole_number")

local M = {}

local LAST_SECOND = 9223372036854 -- the latest that a record can have

local STATUSES = { "success", "failed", "timed_out", "cancelled" }

--- Makes a converter for argparse of a point in time.
function M.point_in_time(option)
  return function(text)
    return require("exectrack.command.times").converter(option)(text)
  end
end

-- What subcommands may say differently: the name and the description of --last, and what spans
-- count back from.
local USUAL = {
  last_name = "--last",
  last = "Of those that are left, only the newest N.",
  span = "the end of the run (with --claude and the like: before now)",
}

--- Adds the options to an argparse command. `own` is a table like USUAL, if it differs.
function M.describe(command, choose, own)
  own = own or USUAL
  command:option("--tool"):argname("TOOL"):count("*"):init(nil)
    :description("Only executions of this tool. May be given several times.")
  command:option("--session"):argname("SESSION"):count("*"):init(nil)
    :description("Only executions of this session. May be given several times.")
  choose(command:option("--status"):argname("STATUS"):count("*"):init(nil)
    :description("Only those that ended so, success, failed, timed_out or cancelled. "
      .. "May be given several times."), "status", STATUSES)
  command:option("--since"):argname("TIME"):convert(M.point_in_time("--since"))
    :description("Only those that ended then or later. A time is Unix seconds; a date, or a date "
      .. "and time, in UTC or with an offset, such as 2026-01-31, 2026-01-31T23:59:58 or "
      .. "2026-01-31T23:59:58+01:00; or a span before " .. own.span
      .. ", such as 90s, 15m, 2h or 7d.")
  command:option("--before"):argname("TIME"):convert(M.point_in_time("--before"))
    :description("Only those that ended earlier.")
  command:option(own.last_name):argname("N"):convert(whole_number("--last", 0))
    :description(own.last)
end

--- The message about the first of `wanted` that isn't in `names`; nil if all are.
local function unknown(what, wanted, names)
  local known = {}
  for _, name in ipairs(names) do
    known[name] = true
  end
  for _, name in ipairs(wanted) do
    if not known[name] then
      local meant = require("exectrack.command.nearest").find(name, names)
      return "no " .. what .. " '" .. name .. "' in the run"
        .. (meant and ": did you mean '" .. meant .. "'?" or "")
    end
  end
end

local function has_session(snapshots, name)
  for _, snapshot in ipairs(snapshots) do
    if #snapshot:filter { session = name } > 0 then
      return true
    end
  end
  return false
end

local function unknown_session(snapshots, wanted)
  for _, name in ipairs(wanted) do
    if not has_session(snapshots, name) then
      local names = {}
      for _, snapshot in ipairs(snapshots) do
        for _, row in ipairs(snapshot:group_by("session", { quantiles = {} })) do
          names[#names + 1] = row.session
        end
      end
      return unknown("session", { name }, names)
    end
  end
end

--- A message about a tool or a session that none of the runs has; nil if there is none.
function M.unknown(snapshots, arguments)
  local tools = {}
  for _, snapshot in ipairs(snapshots) do
    for _, tool in ipairs(snapshot:tools()) do
      tools[#tools + 1] = tool
    end
  end
  return unknown("tool", arguments.tool or {}, tools)
    or unknown_session(snapshots, arguments.session or {})
end

--- When the newest record of the runs ended; when the last snapshot was taken, if there are none.
local function last_end(snapshots)
  local taken, ended = 0, nil
  for _, snapshot in ipairs(snapshots) do
    taken = math.max(taken, snapshot:taken())
    local last = snapshot:summary({ quantiles = {} }).last_timestamp
    ended = last and math.max(ended or 0, last) or ended
  end
  return ended or taken
end

--- The Unix seconds of a point in time, limited to those that a record can have.
local function resolve(snapshots, point)
  if point then
    local seconds = require("exectrack.command.times").resolve(point,
      point.before_end and last_end(snapshots))
    return math.max(0, math.min(seconds, LAST_SECOND))
  end
end

--- The conditions of `Snapshot:filter` for what the options select. Spans count back from the end
-- of the last of the runs.
function M.conditions(snapshots, arguments)
  return {
    tool = arguments.tool,
    session = arguments.session,
    status = arguments.status,
    since = resolve(snapshots, arguments.since),
    before = resolve(snapshots, arguments.before),
    last = arguments.last,
  }
end

--- The snapshot of the executions that the options select; or nil and a message.
function M.apply(snapshot, arguments)
  local problem = M.unknown({ snapshot }, arguments)
  if problem then
    return nil, problem
  end
  return snapshot:filter(M.conditions({ snapshot }, arguments))
end

return M
