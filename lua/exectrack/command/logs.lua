--- Runs made in memory of the logs that coding agents keep, for the subcommands that show runs.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local runs = require("exectrack.command.runs")
local unicode = require("exectrack.report.unicode")

local M = {}

-- The programs, by the names of the formats of their logs.
local NAMES = { "claude", "codex", "gemini" }

-- The arguments that are options for logs.
local OPTIONS = { "project", "model_calls", "tool_from", "no_tool_from", "keep_texts" }

local function title(name)
  return require("exectrack.command.agent_logs").title(name)
end

--- Adds the options to an argparse command.
function M.describe(command)
  for _, name in ipairs(NAMES) do
    command:flag("--" .. name):description(("Read the logs that %s keeps."):format(title(name)))
  end
  command:option("--project"):argname("PATH"):convert(function(path)
    return path ~= "" and path or nil, "--project: the path of a folder expected, got ''"
  end)
    :description("Of these logs only those of sessions that were started in this folder.")
  require("exectrack.command.call_options").describe(command)
end

--- The names of the programs whose logs are asked for.
local function names_of(arguments)
  local names = {}
  for _, name in ipairs(NAMES) do
    if arguments[name] then
      names[#names + 1] = name
    end
  end
  return names
end

--- The option for the argument called `name`.
local function option(name)
  return "--" .. name:gsub("_", "-")
end

--- Whether logs are asked for. Returns nil, a message and an exit code if they aren't, but options
-- for them are given.
function M.are_given(arguments)
  if #names_of(arguments) > 0 then
    return true
  end
  for _, name in ipairs(OPTIONS) do
    if arguments[name] then
      return nil, option(name) .. ": only for the logs that --claude, --codex or --gemini read",
        exit_codes.WRONG_USAGE
    end
  end
  return false
end

--- Whether logs are asked for, in place of the argument called `name`, the path of a run. Returns
-- nil, a message and an exit code if both are given, or neither.
function M.replace(arguments, path, name)
  local are_given, message, code = M.are_given(arguments)
  if are_given and path then
    return nil, ("%s: not with --%s"):format(name, names_of(arguments)[1]), exit_codes.WRONG_USAGE
  elseif are_given == false and not path then
    return nil, ("missing argument '%s'"):format(name), exit_codes.WRONG_USAGE
  end
  return are_given, message, code
end

--- The words of a shell command that ask for the same logs, each behind a space; empty if none are
-- asked for.
function M.words(arguments)
  local list = {}
  for _, names in ipairs { NAMES, OPTIONS } do
    for _, name in ipairs(names) do
      local value = arguments[name]
      list[#list + 1] = value == true and " " .. option(name) or value
        and require("exectrack.report.parts.next_step").option(option(name):sub(3), value) or nil
    end
  end
  return table.concat(list)
end

--- What the logs that are asked for are called; nil if none are.
function M.label(arguments)
  local titles = {}
  for i, name in ipairs(names_of(arguments)) do
    titles[i] = title(name)
  end
  return #titles > 0 and table.concat(titles, ", ") or nil
end

--- Says on standard error what was left out.
local function warn(summary, messages)
  for _, texts in ipairs { messages, summary.notes } do
    for _, message in ipairs(texts) do
      io.stderr:write("exectrack: ", unicode.visible(message), "\n")
    end
  end
  if summary.skipped > 0 then
    io.stderr:write(("exectrack: skipped %d %s, the first: %s\n"):format(summary.skipped,
      summary.skipped == 1 and "line" or "lines", unicode.visible(summary.first_message)))
  end
end

--- The inputs of logs, for `format.read`; whether they `may_fail`, as of this.
local function inputs_of(logs, may_fail)
  local inputs = require("exectrack.command.inputs")
  local texts = {}
  for i, log in ipairs(logs) do
    texts[i] = inputs.of_file(log.path, log.bytes)
    texts[i].format, texts[i].may_fail = log.format, may_fail
  end
  return texts
end

--- Makes the spans of arguments count back from now: what logs have isn't one run with an end.
-- Returns the Unix seconds of `since`, nil without it.
local function count_from_now(arguments)
  local times, now = require("exectrack.command.times"), os.time()
  for _, name in ipairs { "since", "before" } do
    local point = arguments[name]
    if point and point.before_end then
      arguments[name] = { text = point.text, seconds = times.resolve(point, now) }
    end
  end
  return arguments.since and times.resolve(arguments.since, now, arguments.timezone)
end

--- The run of the logs that are asked for; with the argument `since`, files that were modified
-- earlier aren't read. Lines that are wrong, and files that can't be read, are skipped, and said,
-- unless `is_whole`. Returns nil and a message if there are no logs, or none can be read.
function M.load(arguments, is_whole)
  local names, since = names_of(arguments), count_from_now(arguments)
  local logs, messages = require("exectrack.command.agent_logs").find(names, arguments.project,
    since)
  if not logs or is_whole and messages[1] then
    return nil, logs and messages[1] or messages
  end
  local options = { label = M.label(arguments), skip_bad = not is_whole }
  require("exectrack.command.call_options").set(options, arguments)
  local snapshot, summary = require("exectrack.command.reading")(inputs_of(logs, not is_whole),
    nil, options)
  if not snapshot then
    return nil, summary
  end
  warn(summary, messages)
  return snapshot
end

--- Whether logs are asked for, maybe beside runs. Returns nil, a message and a code if neither
-- are given, or only options for logs.
function M.are_beside(arguments)
  local are_given, message, code = M.are_given(arguments)
  if are_given == false and #arguments.runs == 0 then
    return nil, "missing argument 'RUN'", exit_codes.WRONG_USAGE
  end
  return are_given, message, code
end

--- The run of the logs that are asked for and of the saved runs, as one, nil, and the parts of the
-- saved ones, as `runs.load_all` has them; or nil, a message and perhaps an exit code.
function M.load_all(arguments)
  local are_given, message, code = M.are_beside(arguments)
  if not are_given then
    if are_given == nil then
      return nil, message, code
    end
    return runs.load_all(arguments.runs)
  end
  local snapshots, parts, firsts
  snapshots, message, parts, firsts = runs.load_to_merge(arguments.runs)
  if not snapshots then
    return nil, message
  end
  local from_logs
  from_logs, message = M.load(arguments)
  if not from_logs or #snapshots == 0 then
    return from_logs, message, from_logs and parts
  end
  snapshots[#snapshots + 1] = from_logs
  local merged
  merged, message = runs.merge(snapshots, firsts)
  return merged, message, merged and parts
end

return M
