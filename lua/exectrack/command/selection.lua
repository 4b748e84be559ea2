--- The options that select executions of a run.
-- Used only by the command.
local converters = require("exectrack.command.converters")

local M = {}

local LAST_SECOND = 9223372036854 -- the latest that a record can have

local STATUSES = { "success", "failed", "timed_out", "cancelled" }

--- A converter for argparse of a point in time.
local function point_in_time(option)
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

--- Adds the options about time zones to an argparse command. `what` says what is in the zone.
function M.describe_zones(command, what)
  command:mutex(
    command:option("--timezone"):argname("ZONE"):convert(function(text)
      return require("exectrack.command.times").zone(text)
    end):description((what or "Show times, and read those without an offset, in this zone")
      .. ": an offset such as +02:00, local for that of this machine or of TZ, or UTC (the "
      .. "default)."),
    command:flag("--local"):target("timezone"):action(function(arguments)
      arguments.timezone = "local"
    end):description("The same as --timezone local."))
end

--- Adds the options to an argparse command. `own` is a table like USUAL, if it differs.
function M.describe(command, choose, own)
  own = own or USUAL
  converters.several(command:option("--tool"):argname("TOOL"))
    :description("Only executions of this tool. May be given several times.")
  converters.several(command:option("--exclude"):argname("TOOL"))
    :description("None of this tool, such as one that waits for a person. May be given several "
      .. "times.")
  converters.several(command:option("--session"):argname("SESSION"))
    :description("Only executions of this session. May be given several times.")
  choose(converters.several(command:option("--status"):argname("STATUS"))
    :description("Only those that ended so, success, failed, timed_out or cancelled. "
      .. "May be given several times."), "status", STATUSES)
  command:option("--since"):argname("TIME"):convert(point_in_time("--since"))
    :description("Only those that ended then or later. A time is Unix seconds; a date, or a date "
      .. "and time, maybe with an offset, such as 2026-01-31, 2026-01-31T23:59:58 or "
      .. "2026-01-31T23:59:58+01:00; or a span before " .. own.span
      .. ", such as 90s, 15m, 2h or 7d.")
  command:option("--before"):argname("TIME"):convert(point_in_time("--before"))
    :description("Only those that ended earlier.")
  command:option(own.last_name):argname("N"):convert(converters.integer("--last", 0))
    :description(own.last)
  M.describe_zones(command)
end

-- The names of the options that select.
local NAMES = { "tool", "exclude", "session", "status", "since", "before", "last" }

-- What they are in words.
local PHRASES = {
  tool = "tool %s",
  exclude = "without %s",
  session = "session %s",
  status = "status %s",
  since = "since %s",
  before = "before %s",
  last = "the newest %s",
}

--- Whether the arguments select some executions, not all.
function M.is_given(arguments)
  for _, name in ipairs(NAMES) do
    if arguments[name] then
      return true
    end
  end
  return false
end

--- The names in `list` that aren't in `others`.
local function without(list, others)
  local is_left_out, left = {}, {}
  for _, name in ipairs(others) do
    is_left_out[name] = true
  end
  for _, name in ipairs(list) do
    left[#left + 1] = not is_left_out[name] and name or nil
  end
  return left
end

--- The message about the first of `wanted` that isn't in `names`; nil if all are.
local function unknown(what, wanted, names)
  local name = without(wanted, names)[1]
  return name and "no " .. what .. " '" .. name .. "' in the run"
    .. require("exectrack.command.nearest").question(name, names) or nil
end

--- Says which tools to leave out no run has. It isn't an error: a gate leaves out the tool that
-- waits for a person also of a run in which nobody was asked.
local function note_unknown(excluded, names)
  for _, name in ipairs(without(excluded, names)) do
    io.stderr:write("exectrack: not found: --exclude ", require("exectrack.report.unicode").visible(
      (name == "" and "''" or name) .. require("exectrack.command.nearest").question(name, names)),
      "\n")
  end
end

--- Whether a run has executions of a session, ended or in flight, or denied calls.
local function has_session(snapshots, name, died)
  for _, snapshot in ipairs(snapshots) do
    local in_flight = require("exectrack.report.parts.in_flight")
    local part = { session = name }
    if #snapshot:filter(part) > 0
      or #in_flight.listed(in_flight.of(snapshot, { selection = part, died = died })) > 0
      or #require("exectrack.report.parts.denials").calls(snapshot, part) > 0 then
      return true
    end
  end
  return false
end

local function unknown_session(snapshots, wanted, died)
  for _, name in ipairs(wanted) do
    if not has_session(snapshots, name, died) then
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

--- A message about a tool or a session to select that none of the runs has; nil if there is none.
-- Says which tools to leave out they don't have. `died` is that of `apply`.
function M.unknown(snapshots, arguments, died)
  local tools = {}
  for _, snapshot in ipairs(snapshots) do
    for _, tool in ipairs(snapshot:tools()) do
      tools[#tools + 1] = tool
    end
  end
  local message = unknown("tool", arguments.tool or {}, tools)
    or unknown_session(snapshots, arguments.session or {}, died)
  if not message then
    note_unknown(arguments.exclude or {}, tools)
  end
  return message
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
local function resolve(snapshots, point, zone)
  if point then
    local seconds = require("exectrack.command.times").resolve(point,
      point.before_end and last_end(snapshots), zone)
    return math.max(0, math.min(seconds, LAST_SECOND))
  end
end

--- The conditions for `filter` for what the options select. Spans count back from the end of the
-- last of the runs.
function M.conditions(snapshots, arguments)
  return {
    tool = arguments.tool,
    exclude = arguments.exclude,
    session = arguments.session,
    status = arguments.status,
    since = resolve(snapshots, arguments.since, arguments.timezone),
    before = resolve(snapshots, arguments.before, arguments.timezone),
    last = arguments.last,
  }
end

--- The snapshot of the executions that pass such conditions.
function M.filter(snapshot, conditions)
  if not conditions.exclude then
    return snapshot:filter(conditions)
  end
  local its = {}
  for name, value in pairs(conditions) do
    its[name] = value
  end
  its.exclude, its.tool = nil, without(conditions.tool or snapshot:tools(), conditions.exclude)
  return snapshot:filter(its)
end

--- The snapshots of the executions that the options select of each run, the same ones if all are;
-- or nil and a message, if they name what no run has. Spans count back from the end of each. `died`
-- is that of `apply`.
function M.apply_to_each(snapshots, arguments, died)
  if not M.is_given(arguments) then
    return snapshots
  end
  local message = M.unknown(snapshots, arguments, died)
  if message then
    return nil, message
  end
  local selected = {}
  for i, snapshot in ipairs(snapshots) do
    selected[i] = M.filter(snapshot, M.conditions({ snapshot }, arguments))
  end
  return selected
end

--- The same for one run. `died` is that of the options of reports, or nil.
function M.apply(snapshot, arguments, died)
  local selected, message = M.apply_to_each({ snapshot }, arguments, died)
  return selected and selected[1], message
end

--- The options that select, as reports take them to say what was chosen; nil if none is given.
-- Points in time are those of `conditions`, and missing if that is nil.
function M.parts(arguments, conditions)
  local parts = {}
  for _, name in ipairs(NAMES) do
    parts[name] = arguments[name]
  end
  parts.since, parts.before = conditions and conditions.since, conditions and conditions.before
  return next(parts) and parts or nil
end

--- Adds what `make` returns for each of the values that an option has, as text; for a point in time
-- without an offset also `zone`, its zone.
local function add(list, values, make, zone)
  for _, value in ipairs(type(values) == "table" and not values.text and values or { values }) do
    local point = type(value) == "table" and value
    list[#list + 1] = make(point and point.text or tostring(value), point and point.is_zoneless
      and require("exectrack.report.format").zone(zone))
  end
end

--- The options, with the time zone, as words of a shell command, each behind a space.
function M.words(arguments)
  local option = require("exectrack.report.parts.next_step").option
  local list = {}
  for _, name in ipairs(NAMES) do
    add(list, arguments[name], function(value) return option(name, value) end)
  end
  local zone = arguments.timezone
  if zone then
    list[#list + 1] = option("timezone", zone == "local" and zone
      or require("exectrack.report.format").zone(zone))
  end
  return table.concat(list)
end

--- What of a run no point in time chooses, as it has none, in words; nil if there is nothing such,
-- or the options have no point in time. `snapshot` is the run, or a part of it.
local function undated(snapshot, arguments)
  local count = (arguments.since or arguments.before)
    and snapshot:filter({ last = 0 }):to_table().undated or 0
  return count > 0 and ("left out: the run's executions without a time (%s)"):format(
    require("exectrack.report.format").count(count)) or nil
end

--- Says of a part that was selected of a run what is left out because it has no time.
function M.note_undated(snapshot, arguments)
  local left_out = undated(snapshot, arguments)
  if left_out then
    io.stderr:write("exectrack: ", left_out, "\n")
  end
end

--- What the options select of a run, in words: `tool web_fetch, since 2m`; nil if they select all.
-- `snapshot` is the run, or what was selected of it.
function M.chosen(snapshot, arguments)
  local list = {}
  for _, name in ipairs(NAMES) do
    add(list, arguments[name], function(value, zone)
      return PHRASES[name]:format(require("exectrack.report.format").name(value))
        .. (zone and " " .. zone or "")
    end, arguments.timezone)
  end
  local left_out = undated(snapshot, arguments)
  return #list > 0
    and table.concat(list, ", ") .. (left_out and "; " .. left_out or "") or nil
end

return M
