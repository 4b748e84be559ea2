--- Reading runs for gates, which must not pass on what they couldn't read: nothing is left out.
-- Used only by the command.
local deaths = require("exectrack.report.parts.deaths")
local logs = require("exectrack.command.logs")
local runs = require("exectrack.command.runs")
local selection = require("exectrack.command.selection")
local system = require("exectrack.command.system")
local words = require("exectrack.report.parts.words")

local M = {}

--- The paths of the files of all runs, those in folders too; or nil and a message.
local function files_of(paths)
  local files = {}
  for _, path in ipairs(paths) do
    local its, message, others = { path }, nil, {}
    local folder, session = runs.split(path)
    if session and system.status(folder) == "folder" then
      return nil, path .. ": a session of a folder is chosen by --session"
    elseif system.status(path) == "folder" then
      its, message, others = runs.files(path)
    end
    if not its or #its + #others == 0 then
      return nil, message or path .. ": " .. runs.NO_RUNS
    elseif others[1] then
      return nil, others[1] .. ": " .. runs.NO_FILE
    end
    for _, file in ipairs(its) do
      files[#files + 1] = file
    end
  end
  return files
end

--- The runs in the files at these paths, also of those in folders; or nil and a message. Each that
-- can't be read is named. A run is what `runs.load` returns as the only part, and has `run`, what
-- `FILE#SESSION` chose of it.
function M.load_each(paths)
  local files, message = files_of(paths)
  if not files then
    return nil, message
  end
  local parts, messages = {}, {}
  for i, path in ipairs(files) do
    local run, its_message, its_parts = runs.load(path)
    if run then
      parts[i], its_parts[1].run = its_parts[1], run
    end
    messages[#messages + 1] = its_message
  end
  for i = 1, #messages - 1 do
    runs.note(messages[i])
  end
  return #messages == 0 and parts or nil, messages[#messages]
end

--- The runs that the arguments name, and one of the logs that they ask for, of which nothing is
-- skipped; or nil, a message and perhaps an exit code.
function M.load_beside(arguments)
  local has_logs, message, code = logs.are_beside(arguments)
  if has_logs == nil then
    return nil, message, code
  end
  local parts, run
  parts, message = M.load_each(arguments.runs)
  if parts and has_logs then
    run, message = logs.load(arguments, true)
    parts[#parts + 1] = run and { file = logs.label(arguments), whole = run, run = run }
  end
  return not message and parts or nil, message
end

--- Such runs as one; or nil and a message.
function M.merge(parts)
  local snapshots, files = {}, {}
  for i, part in ipairs(parts) do
    snapshots[i], files[i] = part.run, part.file
  end
  if #parts == 1 then
    return snapshots[1]
  end
  runs.note_copies(parts)
  return runs.merge(snapshots, files)
end

--- The runs that the arguments name as one, nil, and what `load_beside` returns; or what that
-- returns if it fails.
function M.load_all(arguments)
  local parts, message, code = M.load_beside(arguments)
  if not parts then
    return nil, message, code
  end
  local run
  run, message = M.merge(parts)
  return run, message, run and parts
end

--- The runs at these paths, those of a folder as one, nil, and for each what `load_each` returns;
-- or nil and a message.
function M.load_apart(paths)
  local snapshots, parts = {}, {}
  for i, path in ipairs(paths) do
    local message
    snapshots[i], message, parts[i] = M.load_all { runs = { path } }
    if not snapshots[i] then
      return nil, message
    end
  end
  return snapshots, nil, parts
end

--- How many records of a run have no time.
local function count_undated(run)
  local count = 0
  for _, time in ipairs(run:column("timestamp")) do
    count = count + (time and 0 or 1)
  end
  return count
end

--- Why not all records are there that the options select of `run`, which `parts` are merged in; nil
-- if they are.
function M.incomplete(run, parts, arguments)
  local conditions = selection.conditions({ run }, arguments)
  for _, part in ipairs(parts) do
    local whole, lost = part.whole, part.whole:lost_until()
    if whole:is_filtered() then
      return "the file has only a part of the run's records"
    elseif lost and not (conditions.since and conditions.since > lost) then
      return "older records are gone"
    end
    local undated = (conditions.since or conditions.before) and count_undated(whole) or 0
    if undated > 0 then
      return words.counted(undated, "call") .. " without a time"
    end
  end
end

--- Whether a call in flight is one of those that were chosen; it has no status, and hasn't ended.
local function passes(call, part, arguments)
  local function is_among(names, name, otherwise)
    for _, wanted in ipairs(names or {}) do
      if wanted == name then
        return true
      end
    end
    return not names and otherwise
  end
  local wanted, sessions = arguments.session or part.session and { part.session }, nil
  for i, name in ipairs(wanted or {}) do
    sessions = sessions or {}
    sessions[i] = part.whole:session_name(name)
  end
  return is_among(arguments.tool, call.tool, true) and is_among(sessions, call.session, true)
    and not is_among(arguments.exclude, call.tool, false)
end

--- What is chosen of what was in flight at deaths: each is one, whatever its status, and whatever
-- was recorded after it.
local function conditions_of_deaths(run, arguments)
  local conditions = selection.conditions({ run }, arguments)
  conditions.status, conditions.last = nil, nil
  return conditions
end

--- All calls in flight of a part, those that its list had no room for, too.
local function flights_of(part, arguments)
  local calls, listed = {}, {}
  for i, call in ipairs(part.whole:in_flight()) do
    listed[call.tool] = (listed[call.tool] or 0) + 1
    calls[i] = { tool = call.tool, session = call.session, elapsed_ms = call.elapsed_ms }
  end
  for _, tool in ipairs(part.whole:tools()) do
    for _ = (listed[tool] or 0) + 1, part.whole:stats(tool).in_flight do
      calls[#calls + 1] = { tool = tool, session = (arguments.session or { part.session })[1] }
    end
  end
  return calls
end

--- The calls in flight of such runs that were chosen, each with a `tool`, perhaps its `elapsed_ms`,
-- `has_ended`, whether its process has, and `has_died`, whether that died; those that no list had
-- room for may be of any session. `run` is what the runs are merged in, from whose end spans count.
-- With `is_no_call` those that figures don't count as calls: those that were recorded as cancelled
-- after their process died, and if statuses were chosen all of them.
function M.in_flight(run, parts, arguments)
  local calls, conditions = {}, conditions_of_deaths(run, arguments)
  for _, part in ipairs(parts) do
    local writer = part.whole:writer()
    local has_ended = writer ~= nil and writer.state ~= "live"
    local is_within = has_ended and runs.is_within(part.whole, conditions)
      or not has_ended and not arguments.before
    for _, call in ipairs(is_within and flights_of(part, arguments) or {}) do
      call.has_ended, call.has_died = has_ended, has_ended and writer.state == "died"
      call.is_no_call = arguments.status ~= nil
      calls[#calls + 1] = passes(call, part, arguments) and call or nil
    end
    for _, record in ipairs(deaths.of(selection.filter(part.run, conditions)):records()) do
      calls[#calls + 1] = { tool = record.tool, has_ended = true, has_died = true,
        is_no_call = true }
    end
  end
  return calls
end

return M
