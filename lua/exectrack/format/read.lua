--- Makes a run of a text in one of the formats.
-- Used only by formats and the command.
local core = require("exectrack.core")
local decoded = require("exectrack.format.decoded")
local document = require("exectrack.format.document")
local inputs = require("exectrack.format.input")
local numbers = require("exectrack.numbers")
local options = require("exectrack.options")
local read_options = require("exectrack.format.read_options")
local reason = require("exectrack.format.reason")
local recognize = require("exectrack.format.recognize")
local shown = require("exectrack.format.shown")

local BLOCK_BYTES = 65536

local FORMATS = { csv = true, json = true, jsonl = true, reference = true }

--- A message with the place that it is about: a line's number, the path of an element, or nothing.
local function located(source, place, problem)
  if type(place) == "number" then
    place = (source and source .. ":" or "line ") .. numbers.text(place)
  else
    place = (source or "") .. (source and place ~= "" and ": " or "") .. place
  end
  return place == "" and problem or place .. ": " .. problem
end

--- Why the input couldn't be read, if it couldn't: a message and a code; or nil.
local function failure(input, source)
  if input.problem then
    return located(source, "", input.problem), type(input.code) == "string" and input.code or "EIO"
  end
end

--- What was read of a whole run.
local function summary_of(snapshot)
  local row = snapshot:summary { quantiles = {} }
  local all, sessions = snapshot:stats(), 0
  for _, group in ipairs(snapshot:group_by("session", { quantiles = {} })) do
    sessions = sessions + (group.session and 1 or 0)
  end
  return {
    executions = all.total_executions,
    tools = #snapshot:tools(),
    sessions = sessions,
    first = row.first_timestamp,
    last = row.last_timestamp,
    untimed = all.untimed,
    undated = snapshot:filter({ last = 0 }):to_table().undated,
    excluded = 0,
    skipped = 0,
    notes = {},
    format = "json",
  }
end

--- Reads a whole run. Returns what `read` does.
local function read_run(input, chosen)
  local form, problem = document("format.read", input.pieces)
  local message, code = failure(input, chosen.source)
  if message then
    return nil, message, code
  end
  local snapshot
  if form then
    form.label = chosen.label or form.label
    snapshot, problem = core.from_table(form)
  end
  if not snapshot then
    return nil, located(chosen.source, "", problem), "invalid"
  end
  return snapshot, summary_of(snapshot)
end

--- The function that takes lines without Lua tables, for the iterator over lines.
local function new_take(importer, input, most_line_bytes)
  return function(text, position)
    local taken
    position, taken = importer:take(text, position, most_line_bytes)
    input.lines = input.lines + taken
    return position, taken
  end
end

--- Starts a decoder. Returns its iterator, and a function that returns its notes, if it has one.
local function decode(input, format, chosen, importer)
  local given = read_options.for_decoder(chosen)
  if type(format) ~= "string" then
    return format(input.pieces, given)
  elseif format == "reference" then
    return require("exectrack.format.reference").decode(input.pieces)
  end
  local take = format == "jsonl" and not (chosen.map or chosen.statuses or chosen.exclude)
    and new_take(importer, input, given.max_line_bytes) or nil
  return require("exectrack.format." .. format).decode(input.pieces, given, take)
end

--- Adds an execution. Returns nil; or a message.
local function add(importer, execution)
  if type(execution) ~= "table" then
    return "a table of fields expected, got " .. type(execution)
  end
  local ok, err = pcall(importer.add, importer, execution)
  return not ok and reason(err) or nil
end

--- An iterator that returns what a decoder's does, and ends where that is wrong.
local function checked(input, next_execution)
  return function()
    local place, execution, problem, is_fatal = next_execution()
    local misuse = decoded.find_problem(place, execution, problem)
    if misuse then
      input.misuse = input.misuse or "the decoder: " .. misuse
      return nil
    end
    return place, execution, problem, is_fatal
  end
end

--- Adds all executions but those of tools that are keys of `excluded`: there it counts them.
-- Returns how many were skipped, and why the first; or nil and a message.
local function add_all(importer, input, next_execution, chosen, excluded)
  local skipped, first_problem = 0, nil
  for place, execution, problem, is_fatal in checked(input, next_execution) do
    input.lines = type(place) == "number" and place or input.lines + 1
    local tool = not problem and type(execution) == "table" and execution.tool or nil
    if tool ~= nil and excluded[tool] then
      excluded[tool] = excluded[tool] + 1
    else
      problem = problem or add(importer, execution)
    end
    if problem then
      problem = located(chosen.source, place, problem)
      if is_fatal or not chosen.skip_bad then
        return nil, problem
      end
      skipped, first_problem = skipped + 1, first_problem or problem
    end
  end
  return skipped, first_problem
end

--- The notes of a decoder, which `notes` returns if it has some.
local function notes_of(input, notes)
  local all, problem = {}, nil
  if notes then
    all, problem = decoded.check_notes(notes())
  end
  input.misuse = input.misuse or problem and "the decoder: " .. problem
  return all or {}
end

--- How many executions were excluded, and the names of the tools that no execution was of.
local function count_excluded(chosen, excluded)
  local count, missing = 0, {}
  for _, tool in ipairs(chosen.exclude or {}) do
    count = count + (excluded[tool] or 0)
    if excluded[tool] == 0 then
      missing[#missing + 1] = "--exclude " .. shown.name(tool)
    end
    excluded[tool] = nil -- in case that it is given twice
  end
  return count, missing
end

--- What was read, to which what was skipped is to be added.
local function summarize(importer, input, notes, chosen, excluded)
  local summary, count, missing = importer:counts(), count_excluded(chosen, excluded)
  summary.excluded, summary.notes = count, notes_of(input, notes)
  if #missing > 0 and summary.executions + summary.excluded > 0 then
    table.insert(summary.notes, "not found: " .. table.concat(missing, ", "))
  end
  return summary
end

--- Starts a decoder for `read_executions`. Returns what `decode` does; nil if that is wrong.
local function start(input, format, chosen, importer)
  local next_execution, notes = decode(input, format, chosen, importer)
  local problem = not options.callable(next_execution)
    and "an iterator expected, got " .. type(next_execution)
    or decoded.find_problem_of_notes_function(notes)
  input.misuse = input.misuse or problem and "the decoder: " .. problem
  return not problem and next_execution or nil, notes
end

--- Reads executions. Returns what `read` does.
local function read_executions(input, format, chosen)
  local tracker = read_options.new_tracker(chosen)
  local importer = core.importer(tracker, chosen.max_history)
  local next_execution, notes = start(input, format, chosen, importer)
  if not next_execution then
    return nil
  end
  local excluded = {}
  for _, tool in ipairs(chosen.exclude or {}) do
    excluded[tool] = 0
  end
  local skipped, first_problem = add_all(importer, input, next_execution, chosen, excluded)
  local message, code = failure(input, chosen.source)
  if message then
    return nil, message, code
  elseif not skipped then
    return nil, first_problem, "invalid"
  end
  local summary = summarize(importer, input, notes, chosen, excluded)
  if skipped > 0 and summary.executions + summary.excluded == 0 then
    return nil, "no line is right, the first: " .. first_problem, "invalid"
  end
  summary.skipped, summary.first_problem = skipped, first_problem
  summary.format = type(format) == "string" and format or nil
  tracker:close() -- it takes as much address space as the one that the run is made with
  return importer:build(), summary
end

--- Reads a run from pieces. Returns what `read` does.
local function read(input, format, chosen)
  local problem
  if format == nil then
    format, problem = recognize(input:beginning())
  end
  local message, code = failure(input, chosen.source)
  if message then
    return nil, message, code
  elseif not format then
    return nil, located(chosen.source, "", problem), "invalid"
  end
  problem = read_options.refused(format, chosen)
  if problem then
    return nil, located(chosen.source, "", problem), "option"
  elseif format == "json" then
    return read_run(input, chosen)
  end
  return read_executions(input, format, chosen)
end

--- The code of the system's error for a file that can't be read, such as `ENOENT`.
local function code_of(path)
  local _, _, code = core.load(path)
  return code and code:find("^E") and code or "EIO"
end

--- Opens a file. Returns it, and a function that returns its next piece; or nil and a message.
local function open(path)
  local file, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  return file, function()
    local piece, problem = file:read(BLOCK_BYTES)
    return piece, problem, problem and code_of(path)
  end
end

--- Raises unless the format is one of those that `read` takes.
local function check_format(format)
  if not (format == nil or FORMATS[format] or options.callable(format)) then
    error("format.read: the format: 'csv', 'json', 'jsonl', 'reference', a function or nil "
      .. "expected, got " .. (type(format) == "string" and "'" .. format .. "'" or type(format)), 3)
  end
end

--- Makes a run of the text in a file, or of a text of which a function returns the next piece, and
-- nil at the end, or nil, a message and a code if it can't be read. `format` is the name of one, a
-- decoder, or nil to recognize it. Returns the snapshot and a table of what was read; or nil, a
-- message and a code.
return function(from, format, given)
  local chosen, problem = read_options.check(given)
  if not chosen then
    error("format.read: " .. problem, 2)
  end
  check_format(format)
  local file, pieces = nil, from
  if type(from) == "string" then
    file, pieces = open(from)
    chosen.source = chosen.source or from
    if not file then
      return nil, pieces, code_of(from)
    end
  elseif not options.callable(from) then
    error("format.read: a path or a function expected, got " .. type(from), 2)
  end
  local input = inputs.new(pieces, chosen.on_progress)
  local snapshot, summary, code = read(input, format, chosen)
  if file then
    file:close()
  end
  if input.misuse then
    error("format.read: " .. input.misuse, 2)
  end
  return snapshot, summary, code
end
