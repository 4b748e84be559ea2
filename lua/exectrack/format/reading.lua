--- What was read so far, of one text or of several: the executions of one run.
-- Used only by formats.
local agents = require("exectrack.format.agents")
local callings = require("exectrack.format.calls")
local core = require("exectrack.core")
local decoded = require("exectrack.format.decoded")
local options = require("exectrack.options")
local places = require("exectrack.format.place")
local read_options = require("exectrack.format.read_options")
local error_message = require("exectrack.format.error_message")
local shown = require("exectrack.format.shown")
local tool_from = require("exectrack.format.tool_from")

local M = {}

local Reading = {}
Reading.__index = Reading

--- Makes an object that has read nothing. The options, `chosen`, are those of `read`.
function M.new(chosen)
  local excluded = {}
  for _, tool in ipairs(chosen.exclude or {}) do
    excluded[tool] = 0
  end
  return setmetatable({
    chosen = chosen,
    excluded = excluded,
    skipped = 0,
    notes = {},
    noted = {},
    format = nil, -- that of all texts so far; false if they had different ones
    left_out = {}, -- the names of texts
    bytes = 0, -- of all texts before the one that is read
    lines = 0,
    misuse = nil, -- a message about what the caller gave
  }, Reading)
end

--- Adds a note, unless there is the same one.
function Reading:note(text)
  if not self.noted[text] then
    self.noted[text], self.notes[#self.notes + 1] = true, text
  end
end

--- Makes what the first text needs, which is in this format.
local function prepare(self, format)
  local chosen = self.chosen
  if not self.importer then
    local measures = agents.IS_NAME[format] and agents.measures(chosen.model_calls) or nil
    self.tracker = read_options.new_tracker(chosen, nil, measures)
    self.importer = core.importer(self.tracker, chosen.max_history)
  end
  if agents.IS_NAME[format] then
    self.calls = self.calls or callings.new(chosen.model_calls)
  end
  self.rename = tool_from.new(chosen.tool_from, agents.IS_NAME[format])
  self.format = (self.format == nil or self.format == format) and format
end

--- The function that takes lines without Lua tables, for the iterator over lines.
local function new_take(self, input, most_line_bytes)
  return function(text, position)
    local taken
    position, taken = self.importer:take(text, position, most_line_bytes)
    input.lines = input.lines + taken
    return position, taken
  end
end

--- Starts a decoder. Returns its iterator, and a function that returns its notes, if it has one.
local function decode(self, input, format, source)
  local chosen = self.chosen
  if type(format) ~= "string" then
    return format(input.pieces, read_options.for_decoder(chosen))
  end
  local module = require("exectrack.format." .. format)
  if agents.IS_NAME[format] then
    return module.decode(input.pieces, { calls = self.calls, source = source,
      max_line_bytes = chosen.max_line_bytes })
  elseif format == "reference" then
    return module.decode(input.pieces)
  end
  local given = read_options.for_decoder(chosen)
  given.source = source
  return module.decode(input.pieces, given, format == "jsonl"
    and not (chosen.map or chosen.statuses or chosen.exclude or chosen.tool_from)
    and new_take(self, input, given.max_line_bytes) or nil)
end

--- Starts a decoder. Returns what `decode` does; nil if that is wrong.
local function start(self, input, format, source)
  local next_execution, notes = decode(self, input, format, source)
  local message = not options.callable(next_execution)
    and "an iterator expected, got " .. type(next_execution)
    or decoded.find_message_of_notes_function(notes)
  input.misuse = input.misuse or message and "the decoder: " .. message
  return not message and next_execution or nil, notes
end

--- An iterator that returns what a decoder's does, and ends where that is wrong.
local function checked(input, next_execution)
  return function()
    local place, execution, message, is_fatal = next_execution()
    local misuse = decoded.find_message(place, execution, message)
    if misuse then
      input.misuse = input.misuse or "the decoder: " .. misuse
      return nil
    end
    return place, execution, message, is_fatal
  end
end

--- Adds an execution as one of `tool`, with the text of its place, if that is known. Its table
-- stays as it is: it may be a user's. Returns nil; or a message.
local function add(self, execution, tool, place)
  local plain, given = execution.tool, execution.place
  if tool ~= plain then
    execution.tool = tool
  end
  if given == nil and place then
    execution.place = place
  end
  local ok, err = pcall(self.importer.add, self.importer, execution)
  if execution.tool ~= plain then
    execution.tool = plain
  end
  if execution.place ~= given then
    execution.place = given
  end
  return not ok and error_message(err) or nil
end

--- Adds an execution, unless its tool is to be left out. Returns nil; or a message.
local function add_unless_excluded(self, execution, place)
  if type(execution) ~= "table" then
    return "a table of fields expected, got " .. type(execution)
  end
  local plain, excluded = execution.tool, self.excluded
  local tool = self.rename(plain, execution.args)
  local name = excluded[tool] and tool or plain
  if excluded[name] then
    excluded[name] = excluded[name] + 1
    return nil
  end
  return add(self, execution, tool, place)
end

--- Takes what a decoder returned. `is_theirs`: it is a user's, and doesn't know the name of the
-- text. Returns true; or nil and a message, if nothing more can be read.
local function take(self, source, is_theirs, place, execution, message, is_fatal)
  if not message then
    message = add_unless_excluded(self, execution,
      is_theirs and source and places.text(source, place) or nil)
  end
  if message then
    message = places.located(source, place, message)
    if is_fatal or not self.chosen.skip_bad then
      return nil, message
    end
    self.skipped, self.first_message = self.skipped + 1, self.first_message or message
  end
  return true
end

--- Adds the notes of a decoder, which the function `notes` returns, if there is one.
local function add_notes(self, input, notes)
  if not notes then
    return
  end
  local all, message = decoded.check_notes(notes())
  input.misuse = input.misuse or message and "the decoder: " .. message
  for _, note in ipairs(all or {}) do
    self:note(note)
  end
end

--- Reads the executions in a text of a format, or by a user's decoder. Returns true; or nil and a
-- message, if nothing more can be read or the input failed.
function Reading:text(input, format, source)
  prepare(self, format)
  local next_execution, notes = start(self, input, format, source)
  if not next_execution then
    return nil
  end
  for place, execution, message, is_fatal in checked(input, next_execution) do
    input.lines = type(place) == "number" and math.max(place, input.lines) or input.lines + 1
    local ok, final = take(self, source, type(format) ~= "string", place, execution, message,
      is_fatal)
    if not ok then
      return nil, final
    end
  end
  add_notes(self, input, notes)
  return true
end

--- Adds the calls without results. Returns what `text` does.
local function close_calls(self)
  local calls = self.calls
  if calls then
    self.rename = tool_from.new(self.chosen.tool_from, true)
    calls:close()
    for place, execution in calls.next, calls do
      local ok, message = take(self, nil, false, place, execution)
      if not ok then
        return nil, message
      end
    end
    for _, note in ipairs(calls:notes()) do
      self:note(note)
    end
  end
  return true
end

--- How many executions were excluded. Names that no tool had are in a note.
local function count_excluded(self, executions)
  local count, not_found = 0, {}
  for _, tool in ipairs(self.chosen.exclude or {}) do
    count = count + (self.excluded[tool] or 0)
    if self.excluded[tool] == 0 then
      not_found[#not_found + 1] = "--exclude " .. shown.name(tool)
    end
    self.excluded[tool] = nil -- in case that it is given twice
  end
  if #not_found > 0 and executions + count > 0 then
    self:note("not found: " .. table.concat(not_found, ", "))
  end
  return count
end

--- Makes the run of all that was read. Returns what `read` does.
function Reading:finish()
  if not self.importer then
    prepare(self, "jsonl") -- there was no text
  end
  local ok, message = close_calls(self)
  if not ok then
    return nil, message, "invalid"
  end
  local summary = self.importer:counts()
  summary.excluded = count_excluded(self, summary.executions)
  local has_read = summary.executions + summary.excluded > 0 or self.calls and self.calls.has_read
  if self.skipped > 0 and not has_read then
    return nil, "no line is right, the first: " .. self.first_message, "invalid"
  end
  summary.skipped, summary.first_message = self.skipped, self.first_message
  summary.notes = self.notes
  summary.format = type(self.format) == "string" and self.format or nil
  self.tracker:close() -- it takes as much address space as the one that the run is made with
  return self.importer:build(), summary
end

return M
