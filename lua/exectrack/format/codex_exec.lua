--- What `codex exec --json` prints: threads, turns, and items such as commands. There are no times,
-- and items are numbered from 0 in each run.
-- Used only by codex.
local logged = require("exectrack.format.logged")
local outcomes = require("exectrack.format.codex_outcome")

local text = logged.text

local M = {}

local Reader = {}
Reader.__index = Reader

-- Kinds of items that aren't calls.
local WITHOUT_CALLS = { agent_message = true, reasoning = true, plan = true, todo_list = true,
  error = true }

-- By the kind of an item: functions that return the tool and the arguments, and what it says of the
-- end as an event does.
local CALLS = {}

function CALLS.command_execution(item)
  return "command_execution", { command = item.command }, outcomes.exec_command
end

function CALLS.file_change(item)
  return "file_change", { changes = item.changes }, outcomes.patch_apply
end

function CALLS.mcp_tool_call(item)
  local tool = "mcp__" .. (text(item.server) or "") .. "__" .. (text(item.tool) or "")
  return tool, item.arguments, function()
    local message = text(logged.table(item.error).message)
    local is_known = item.status == "completed" or item.status == "failed" or item.result ~= nil
    return outcomes.mcp_tool_call {
      result = { Ok = item.result or is_known or nil },
      error = message or item.status == "failed" and "failed" or nil,
    }
  end
end

function CALLS.web_search(item)
  return "web_search", { query = item.query }, function() return { status = "success" } end
end

function CALLS.collab_tool_call(item)
  return text(item.tool) or "collab_tool_call",
    { prompt = item.prompt, receivers = item.receiver_thread_ids }, outcomes.patch_apply
end

--- Ends the items that nothing was said about any more.
function Reader:flush()
  for _, call in ipairs(self.order) do
    if self.open[call.id] == call then
      self.calls:add(call, { status = "cancelled", error_type = "no_result" })
    end
  end
  self.open, self.order = {}, {}
end

function Reader:begin(id, tool, args, place)
  local call = { id = id, session = self.session, tool = tool, args = args, place = place }
  self.open[id] = call
  self.order[#self.order + 1] = call
  return call
end

--- An item that began, went on, or was completed.
function Reader:item(item, place, is_completed)
  local kind = text(item.type) or text(item.item_type) or "untyped item"
  local describe = CALLS[kind]
  if not describe then
    return WITHOUT_CALLS[kind] or self.calls:skip(kind)
  end
  local id = text(item.id)
  if not id then
    return self.complain("an item without an id")
  end
  local tool, args, end_of = describe(item)
  local call = self.open[id] or self:begin(id, tool, args, place)
  local outcome = is_completed and end_of(item)
  if outcome then
    self.open[id] = nil
    self.calls:add(call, outcome)
  end
end

local function measures_of(usage)
  return {
    input_tokens = logged.number(usage.input_tokens),
    output_tokens = logged.number(usage.output_tokens),
    cached_tokens = logged.number(usage.cached_input_tokens),
  }
end

local EVENTS = {}

EVENTS["thread.started"] = function(self, line)
  self:flush()
  self.session = text(line.thread_id)
end

EVENTS["item.started"] = function(self, line, place)
  self:item(logged.table(line.item), place, false)
end

EVENTS["item.updated"] = EVENTS["item.started"]

EVENTS["item.completed"] = function(self, line, place)
  self:item(logged.table(line.item), place, true)
end

--- The model's name isn't printed.
EVENTS["turn.completed"] = function(self, line, place)
  local measures = measures_of(logged.table(line.usage))
  if next(measures) then
    self.calls:message { session = self.session, tool = "model:unknown", place = place,
      status = "success", measures = measures }
  end
end

EVENTS["turn.failed"] = function(self, line, place)
  self.calls:message { session = self.session, tool = "model:unknown", place = place,
    status = "failed", error_text = text(logged.table(line.error).message) }
end

EVENTS["turn.started"] = function() end
EVENTS["item.plan.delta"] = EVENTS["turn.started"]
EVENTS["request_user_input"] = EVENTS["turn.started"]
EVENTS["error"] = EVENTS["turn.started"]

--- By the kind of a line: a field that it has.
M.FIELDS = {
  ["thread.started"] = "thread_id",
  ["item.started"] = "item",
  ["item.updated"] = "item",
  ["item.completed"] = "item",
  ["turn.completed"] = "usage",
  ["turn.failed"] = "error",
}

--- Makes a reader of such lines, which says what it finds to `calls`, and what is wrong to
-- `complain`.
function M.new(calls, complain)
  return setmetatable({ calls = calls, complain = complain, session = nil, open = {}, order = {} },
    Reader)
end

--- Takes a line if it is of a known kind, and returns whether it is.
function Reader:take(kind, line, place)
  local event = EVENTS[kind]
  if event then
    event(self, line, place)
  end
  return event ~= nil
end

return M
