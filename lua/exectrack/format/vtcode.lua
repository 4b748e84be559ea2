--- VT Code: harness events, of which a line is `{"schema_version", "event"}`, and trajectory logs,
-- .vtcode/logs/trajectory*.jsonl, of which a line has a `kind`.
--
-- Harness events have no times. Of a call they have a start, an end, and what it put out. This
-- isn't taken for its result: it is empty, or only a summary, for most tools that don't print. What
-- a turn used is the sum over many messages of models, which aren't named, so these are read from
-- trajectory logs only.
--
-- An error has one of these types, if the log tells it:
--
-- - `exit_N`: a command ended with the code N
-- - `rejected`: a person said no, or something else (cancelled)
-- - `interrupted`: it was stopped (cancelled)
-- - `not_permitted`: a hook said no (cancelled)
-- - `invalid_tool`: there is no such tool
-- Used only by formats.
local agent_log = require("exectrack.format.agent_log")
local core = require("exectrack.core")
local logged = require("exectrack.format.logged")
local time = require("exectrack.format.time")

local begins_text, fingerprint = logged.begins_text, core.fingerprint
local number, text = logged.number, logged.text

local M = {}

-- Events and kinds of lines without calls.
local WITHOUT_CALLS = logged.set [[
  context.reset error interjected permission.requested permission.resolved plan.approval.requested
  plan.approval.resolved plan.delta thread.compact_boundary thread.completed turn.completed
  turn.failed turn.started

  llm_retry_metrics route token_budget_breakdown tool_catalog_cache_metrics
]]

local ITEMS_WITHOUT_CALLS = logged.set "agent_message error file_change harness plan reasoning"

-- What a call came to, if it wasn't run to its end: the status and the error type.
local OUTCOMES = {
  permission_rejected = { "cancelled", "rejected" },
  permission_cancelled = { "cancelled", "rejected" },
  followup = { "cancelled", "rejected" },
  cancelled = { "cancelled", "interrupted" },
  hook_denied = { "cancelled", "not_permitted" },
  invalid_tool = { "failed", "invalid_tool" },
  error = { "failed" },
}

local STATUSES = { completed = "success", failed = "failed" }

local Reader = {}
Reader.__index = Reader

--- Ends a call of which an end was read.
function Reader:finish(id)
  local call = self.open[id]
  self.open[id] = nil
  self.calls:finish(call.session, id, call)
end

local function by_number(a, b)
  return a.number < b.number
end

--- Ends all calls, as far as ends were read: the next turn has the same identifiers for others.
function Reader:end_turn()
  local left = {}
  for _, call in pairs(self.open) do
    left[#left + 1] = call
  end
  table.sort(left, by_number)
  for _, call in ipairs(left) do
    if not call.status then
      call.status, call.error_type = "cancelled", "no_result"
    end
    self:finish(call.id)
  end
end

function Reader:begin(item, id, place)
  if self.open[id] and self.open[id].status then
    self:finish(id) -- its identifier is that of another call now
  end
  local call = {
    id = id,
    session = self.session,
    tool = item.tool_name,
    args = item.arguments,
    place = place,
  }
  self.calls:begin(call)
  self.open[id] = call
  return call
end

--- Whether an event is about the call that began with its identifier. A start may be written again,
-- if the first one came before the model had said all arguments. An end, too; but one of another
-- tool, or with other arguments than the call ended with, is that of a call whose start is missing.
local function is_about(call, item, kind)
  if call.tool ~= item.tool_name then
    return false
  elseif kind == "item.started" then
    return not call.status and type(call.args) ~= "table"
  end
  return not call.status or fingerprint(call.args) == fingerprint(item.arguments)
end

--- An invocation of a tool. Its end waits for what was put out, of which one may say why it failed.
-- If none comes, the call is its own outcome.
function Reader:invocation(item, id, place, kind)
  if not text(item.tool_name) then
    return self.complain("a call without a tool_name")
  end
  local call = self.open[id]
  if not call or not is_about(call, item, kind) then
    call = self:begin(item, id, place)
  elseif item.arguments ~= nil then
    call.args = item.arguments
  end
  local status, outcome = STATUSES[item.status], OUTCOMES[item.outcome]
  if kind == "item.completed" and (status or outcome) then
    call.status = outcome and outcome[1] or status
    call.error_type = outcome and outcome[2]
  end
end

--- What the call with this identifier put out, or what was said of its error.
function Reader:output(id, said, exit_code)
  local call = id ~= nil and self.open[id]
  if not call or not call.status then
    return
  end
  local status, error_type = logged.of_exit_code(exit_code)
  if status and status ~= "success" and call.status ~= "cancelled" then
    call.status, call.error_type = status, error_type
  elseif said == "Tool execution cancelled" then
    call.status, call.error_type = "cancelled", "interrupted"
  end
  call.error_text = call.status ~= "success" and text(said) or nil
  self:finish(id)
end

function Reader:item(item, place, kind)
  local of, id = text(item.type) or "untyped item", text(item.id)
  if of == "tool_invocation" and id then
    self:invocation(item, id, place, kind)
  elseif of == "tool_output" then
    if kind == "item.completed" then
      self:output(item.call_id, item.output, item.exit_code)
    end
  elseif of == "error" and id then
    self:output(id:match("^(.*):error$"), item.message)
  elseif not ITEMS_WITHOUT_CALLS[of] then
    self.calls:skip(of)
  end
end

function Reader:event(event, place)
  local kind = text(event.type) or "untyped"
  if kind == "thread.started" or kind == "turn.started" then
    self:end_turn()
    self.session = text(event.thread_id) or self.session
  elseif kind:find("^item%.") then
    self:item(logged.table(event.item), place, kind)
  elseif not WITHOUT_CALLS[kind] then
    self.calls:skip(kind)
  end
end

local function seconds(value)
  return type(value) == "number" and time.unix(value) or nil
end

--- A call in a trajectory log.
function Reader:tool(line, place)
  if not text(line.name) or type(line.ok) ~= "boolean" then
    return self.complain("a call without a name, or without 'ok'")
  end
  self.calls:add({
    tool = line.name,
    args = line.args,
    depth = line.is_subagent == true and 1 or nil,
    place = place,
  }, { status = line.ok and "success" or "failed", timestamp = seconds(line.ts) })
end

function Reader:model_call(line, place)
  local measures = {
    input_tokens = number(line.prompt_tokens),
    output_tokens = number(line.completion_tokens),
    cached_tokens = number(line.cache_read_tokens) or number(line.cached_prompt_tokens),
  }
  self.calls:message {
    tool = "model:" .. (text(line.model) or "unknown"),
    timestamp = seconds(line.ts),
    place = place,
    status = "success",
    measures = next(measures) and measures or nil,
  }
end

function Reader:read(line, place)
  if line.kind == "tool" then
    self:tool(line, place)
  elseif line.kind == "prompt_cache_metrics" then
    self:model_call(line, place)
  elseif type(line.event) == "table" then
    self:event(line.event, place)
  elseif text(line.kind) then
    self:event({ type = line.kind }, place)
  else
    self:event(line, place)
  end
end

M.decode = agent_log.decoder("vtcode.decode", function(calls, _, complain)
  -- `open`: by identifier, the calls that began; with a status if their end was read, too.
  local reader = setmetatable({ calls = calls, complain = complain, open = {} }, Reader)
  return function(line, place) reader:read(line, place) end, function() reader:end_turn() end
end)

--- Whether an object with these keys is a line of VT Code's. `keys` has the beginning of each
-- value.
function M.fits(keys)
  if keys.kind == '"tool"' then
    return begins_text(keys.name) and keys.ok ~= nil and keys.ts ~= nil and keys.turn ~= nil
  elseif keys.kind == '"route"' then
    return begins_text(keys.selected_model) and keys.ts ~= nil
  end
  return keys.kind == '"prompt_cache_metrics"' and begins_text(keys.model)
    or keys.event == "{" and logged.has_only(keys, { "schema_version", "event" })
end

return M
