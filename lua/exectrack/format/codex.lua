--- Codex CLI: rollouts, ~/.codex/sessions/**/rollout-*.jsonl, and what `codex exec --json` prints.
--
-- In a rollout a call and its output are written at the same time, so that the time between them
-- says nothing: a call is measured if the output or an event says how long it took, else untimed.
-- The event with the same identifier may stand before or behind the output. So outputs are kept
-- until their events are found, the turn ends, or many others were read. Calls of which there are
-- only events, as those that a script makes, are calls, too.
--
-- Old rollouts have items without times, old versions of `exec` print events.
-- Used only by formats.
local agent_log = require("exectrack.format.agent_log")
local exec = require("exectrack.format.codex_exec")
local json = require("exectrack.json")
local logged = require("exectrack.format.logged")
local outcomes = require("exectrack.format.codex_outcome")

local find, match = string.find, string.match
local begins_text, number, text = logged.begins_text, logged.number, logged.text

local M = {}

-- What doesn't tell calls apart: where, for how long, and with whose leave something runs.
local NOT_ARGUMENTS = { "workdir", "justification", "timeout_ms", "with_escalated_permissions",
  "sandbox_permissions", "prefix_rule", "yield_time_ms", "max_output_tokens" }

-- Kinds of items, of events and of lines that have no calls; or that say again what items say.
local ITEMS_WITHOUT_CALLS = logged.set [[
  additional_tools agent_message compaction compaction_summary compaction_trigger
  context_compaction ghost_snapshot message other reasoning
]]
local EVENTS_WITHOUT_CALLS = logged.set [[
  agent_message agent_message_content_delta agent_message_delta agent_reasoning
  agent_reasoning_delta agent_reasoning_raw_content agent_reasoning_raw_content_delta
  agent_reasoning_section_break apply_patch_approval_request background_event
  collab_agent_interaction_begin collab_agent_interaction_end collab_agent_spawn_begin
  collab_agent_spawn_end collab_close_begin collab_close_end collab_resume_begin
  collab_resume_end collab_waiting_begin collab_waiting_end context_compacted conversation_path
  deprecation_notice dynamic_tool_call_request dynamic_tool_call_response elicitation_request
  entered_review_mode error exec_approval_request exec_command_output_delta exited_review_mode
  get_history_entry_response guardian_assessment hook_completed hook_started
  image_generation_begin image_generation_end item_completed item_started list_skills_response
  mcp_list_tools_response mcp_startup_complete mcp_startup_update model_reroute
  patch_apply_updated plan_delta plan_update raw_response_item reasoning_content_delta
  reasoning_raw_content_delta request_permissions request_user_input shutdown_complete
  skills_update_available stream_error sub_agent_activity terminal_interaction
  thread_goal_updated thread_name_updated thread_rolled_back turn_diff undo_completed
  undo_started view_image_tool_call warning
]]
local LINES_WITHOUT_CALLS = logged.set [[
  compacted ghost_snapshot inter_agent_communication inter_agent_communication_metadata
  world_state
]]

-- Events at which no other follows for the calls before. The context of a turn is one, too: in old
-- rollouts, which have no other, it stands before each request to the model.
local ENDS_OF_TURNS = logged.set [[
  task_complete task_started turn_aborted turn_complete turn_started user_message
]]

local MOST_HELD = 256 -- calls, of which an event may follow within a turn

-- By the kind of a call's events, without `_begin` or `_end`: what the call is, and how it ended.
local EVENTS = {
  exec_command = { tool = "exec_command", outcome = outcomes.exec_command,
    args = function(event) return { command = event.command } end },
  patch_apply = { tool = "apply_patch", outcome = outcomes.patch_apply,
    args = function(event) return { changes = event.changes } end },
  mcp_tool_call = { outcome = outcomes.mcp_tool_call,
    args = function(event) return logged.table(event.invocation).arguments end },
  web_search = { tool = "web_search", outcome = function() return { status = "success" } end,
    args = function(event) return { query = event.query } end },
}

local Reader = {}
Reader.__index = Reader

-- What stands for a call of which all is known.
local DONE = {}

--- What is known of the call with this identifier: `outcome`, by its output; `event`, its outcome
-- by an event; `call`, by an event; and whether it `is_begun`.
function Reader:entry(id)
  local entry = self.entries[id]
  if not entry then
    entry = { id = id }
    self.entries[id] = entry
  end
  return entry
end

--- Keeps what an output or an event said about a call, until all is known about it.
function Reader:hold(entry)
  local held = self.held
  if entry.is_begun and entry.outcome and entry.event then
    return self:settle(entry)
  elseif not entry.is_held then
    entry.is_held, held[#held + 1] = true, entry
  end
  if #held > MOST_HELD then
    self:flush(MOST_HELD / 2)
  end
end

function Reader:begin(entry, call)
  entry.is_begun = true
  call.id, call.session, call.depth = entry.id, self.session, self.depth
  self.calls:begin(call)
end

--- Ends a call, as its output and its event say, if there is one of them.
function Reader:settle(entry)
  if not entry.is_begun and entry.call then
    self:begin(entry, entry.call)
  end
  local outcome = outcomes.merged(entry.outcome, entry.event)
  if outcome then
    outcome.timestamp = entry.timestamp
    self.entries[entry.id] = DONE
    self.calls:finish(self.session, entry.id, outcome)
  end
end

--- Ends the calls of which an output or an event is known, but for the last `left`: nothing follows
-- about them.
function Reader:flush(left)
  local held = self.held
  self.held = {}
  for i, entry in ipairs(held) do
    if self.entries[entry.id] ~= entry then
      entry.is_held = false
    elseif i > #held - left then
      self.held[#self.held + 1] = entry
    else
      entry.is_held = false
      self:settle(entry)
    end
  end
end

--- A call in an item.
function Reader:call(id, tool, args, at)
  if not text(id) or not text(tool) then
    return self.complain("a call without a name or a call_id")
  end
  local entry = self:entry(id)
  if entry == DONE or entry.is_begun then
    self:settle(entry)
    self.entries[id] = nil
    entry = self:entry(id)
  end
  self:begin(entry, { tool = tool, args = args, timestamp = at.timestamp, place = at.place })
  if entry.outcome then
    self:hold(entry)
  end
end

--- The output of a call in an item.
function Reader:output(id, output, at)
  if not text(id) then
    return self.complain("an output without a call_id")
  end
  local entry, outcome = self:entry(id), outcomes.of_output(output)
  if entry ~= DONE and not entry.outcome and outcome then
    entry.outcome, entry.timestamp = outcome, at.timestamp
    self:hold(entry)
  end
end

--- A call in an item that has its end, too, in its `status`.
function Reader:whole(tool, args, item, at)
  local outcome = { status = "cancelled", error_type = "no_result" }
  if item.status == "completed" or item.status == "failed" then
    outcome = { status = item.status == "failed" and "failed" or "success" }
  end
  outcome.timestamp = at.timestamp
  local id = text(item.id) or text(item.call_id) or at.time and at.time:gsub("%W", "")
  self.calls:add({ id = id, session = self.session,
    depth = self.depth, tool = tool, args = args, timestamp = at.timestamp, place = at.place },
    outcome)
end

--- The name of a function, which may be in a namespace.
local function name_of(item)
  local name, space = text(item.name), text(item.namespace)
  if not name or not space or find(space, "_$") or find(name, "^_") then
    return name and (space or "") .. name
  end
  return space .. (find(space, "^mcp__") and "__" or ".") .. name
end

--- The arguments that are JSON in a text, without those that don't tell calls apart.
local function args_of(arguments)
  if type(arguments) == "string" and find(arguments, "^%s*[%[{]") then
    arguments = json.decode(arguments) or arguments
  end
  return logged.without(arguments, NOT_ARGUMENTS)
end

local ITEMS = {}

function ITEMS.function_call(self, item, at)
  self:call(item.call_id, name_of(item), args_of(item.arguments), at)
end

function ITEMS.function_call_output(self, item, at)
  self:output(item.call_id, item.output, at)
end

function ITEMS.custom_tool_call(self, item, at)
  self:call(item.call_id, name_of(item), item.input, at)
end

ITEMS.custom_tool_call_output = ITEMS.function_call_output

function ITEMS.local_shell_call(self, item, at)
  self:call(text(item.call_id) or item.id, "local_shell",
    { command = logged.table(item.action).command }, at)
end

function ITEMS.tool_search_call(self, item, at)
  self:call(item.call_id, "tool_search", args_of(item.arguments), at)
end

function ITEMS.tool_search_output(self, item, at)
  self:output(item.call_id, item.tools, at)
end

function ITEMS.web_search_call(self, item, at)
  self:whole("web_search", item.action, item, at)
end

function ITEMS.image_generation_call(self, item, at)
  self:whole("image_generation", { prompt = item.revised_prompt }, item, at)
end

--- Takes an item if it is of a known kind, and returns whether it is.
function Reader:item(kind, item, at)
  local take = ITEMS[kind]
  if take then
    take(self, item, at)
  end
  return take ~= nil or ITEMS_WITHOUT_CALLS[kind] == true
end

local function tool_of(about, event)
  local invocation = logged.table(event.invocation)
  return about.tool
    or "mcp__" .. (text(invocation.server) or "") .. "__" .. (text(invocation.tool) or "")
end

--- An event of a call. Searches are items in rollouts, without the identifier of the event. What a
-- person runs is no call.
function Reader:call_event(kind, event, at)
  local name, moment = match(kind, "^(.*)_(%a+)$")
  local about, id = EVENTS[name], text(event.call_id)
  if not id then
    return self.complain("an event of a call without a call_id")
  elseif name == "web_search" and not at.is_stream or event.source == "user_shell" then
    return
  end
  local entry = self:entry(id)
  if entry == DONE then
    return
  end
  entry.call = entry.call or { tool = tool_of(about, event), place = at.place,
    timestamp = moment == "begin" and at.timestamp or nil }
  entry.call.args = next(logged.table(entry.call.args)) and entry.call.args or about.args(event)
  if moment == "end" and not entry.event then
    entry.event = about.outcome(event)
    entry.timestamp = entry.timestamp or entry.event and at.timestamp
  end
  self:hold(entry)
end

--- Usage that is the same as before is said again because of something else.
function Reader:count(event, at)
  local info = logged.table(event.info)
  local total = logged.table(info.total_token_usage)
  local last = logged.table(info.last_token_usage or event) -- old events have it themselves
  local so_far = number(total.total_tokens) or number(total.input_tokens)
  local input = number(last.input_tokens)
  if not input or so_far and so_far == self.so_far then
    return
  end
  self.so_far = so_far
  self.calls:message {
    id = at.time and so_far and ("%s %.0f"):format(at.time:gsub("%W", ""), so_far),
    session = self.session,
    depth = self.depth,
    tool = "model:" .. (self.model or "unknown"),
    timestamp = at.timestamp,
    place = at.place,
    status = "success",
    measures = { input_tokens = input, output_tokens = number(last.output_tokens),
      cached_tokens = number(last.cached_input_tokens) },
  }
end

function Reader:event(kind, event, at)
  if ENDS_OF_TURNS[kind] then
    self:flush(0)
  elseif kind == "token_count" then
    self:count(event, at)
  elseif kind == "session_configured" then
    self.session = self.session or text(event.session_id)
    self.model = text(event.model) or self.model
  elseif EVENTS[match(kind, "^(.*)_begin$") or match(kind, "^(.*)_end$") or ""] then
    self:call_event(kind, event, at)
  elseif not EVENTS_WITHOUT_CALLS[kind] then
    self.calls:skip(kind)
  end
end

--- The first of these lines is about this session, others are copied with what it goes on from. A
-- subagent is a session of its own.
function Reader:begin_session(meta)
  if self.session then
    return
  end
  self.session = text(meta.id)
  local subagent = logged.table(meta.source).subagent
  local depth = logged.table(logged.table(subagent).thread_spawn).depth
  if subagent then
    depth = logged.integer(depth)
    self.depth = depth and depth > 0 and math.min(depth, 7) or 1
  end
end

--- A line without a type: of the old shapes, or the first of an old rollout.
function Reader:untyped(line, at)
  if type(line.msg) == "table" then
    at.is_stream = true
    self:event(text(line.msg.type) or "untyped event", line.msg, at)
  elseif text(line.id) and text(line.timestamp) then
    self:begin_session(line)
  elseif text(line.model) then
    self.model = line.model
  elseif not text(line.record_type) and not text(line.prompt) then
    self.calls:skip("untyped")
  end
end

function Reader:read(line, place)
  local kind, payload = text(line.type), logged.table(line.payload)
  local at = { place = place, time = text(line.timestamp),
    timestamp = logged.seconds(line.timestamp) }
  local inner = text(payload.type) or "untyped " .. (kind or "")
  if not kind then
    self:untyped(line, at)
  elseif kind == "event_msg" then
    self:event(inner, payload, at)
  elseif kind == "session_meta" then
    self:begin_session(payload)
  elseif kind == "turn_context" then
    self:flush(0)
    self.model = text(payload.model) or self.model
  elseif kind == "response_item" and not self:item(inner, payload, at) then
    self.calls:skip(inner)
  elseif kind ~= "response_item" and not LINES_WITHOUT_CALLS[kind]
      and not self:item(kind, line, at) and not self.exec:take(kind, line, place) then
    self.calls:skip(kind)
  end
end

M.decode = agent_log.decoder("codex.decode", function(calls, _, complain)
  -- `so_far`: the tokens of all messages that were counted
  local reader = setmetatable({ calls = calls, complain = complain,
    exec = exec.new(calls, complain), session = nil, depth = nil, model = nil, so_far = nil,
    entries = {}, held = {} }, Reader)
  return function(line, place) reader:read(line, place) end, function()
    reader:flush(0)
    reader.exec:flush()
  end
end)

local UUID = '^"%x+%-%x+%-%x+%-%x+%-%x+"$'
local OF_ITEMS = { "arguments", "input", "action", "output", "tools" }
local ROLLOUT_LINES = logged.set "session_meta response_item event_msg turn_context compacted"

--- Whether an object with these keys is a line of Codex CLI's. `keys` has the beginning of each
-- value.
function M.fits(keys)
  local kind = match(keys.type or "", '^"([%a_.]+)"$')
  if ROLLOUT_LINES[kind] then
    return keys.payload == "{" and begins_text(keys.timestamp)
  elseif exec.FIELDS[kind] then
    return keys[exec.FIELDS[kind]] ~= nil
  elseif ITEMS[kind] then
    return begins_text(keys.call_id) and logged.has_any(keys, OF_ITEMS)
  elseif kind then
    return false
  elseif keys.msg == "{" then
    return logged.has_only(keys, { "id", "msg" })
  end
  return find(keys.id or "", UUID) ~= nil and begins_text(keys.timestamp)
    and keys.instructions ~= nil
end

return M
