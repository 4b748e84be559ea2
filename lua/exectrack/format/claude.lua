--- Claude Code: transcripts, ~/.claude/projects/*/*.jsonl, and what `claude -p --output-format
-- stream-json` prints. The latter has no times.
--
-- An error has one of these types, if its text or a field tells it:
--
-- - `exit_N`: a shell command ended with the code N
-- - `tool_use_error`: the tool refused the call, for instance because a file hadn't been read
-- - `ENOENT` and its like: the system's name of an error
-- - `rejected`: a person said no (cancelled)
-- - `not_permitted`: a rule said no, or there was nobody to ask (cancelled)
-- - `interrupted`: a person stopped it (cancelled)
-- - `cancelled`: it didn't run, because a call that was made with it failed (cancelled)
--
-- In the measures of a model's message, `input_tokens` are all that went in, those that a cache had
-- and those that were put into it included, as in OpenTelemetry's `gen_ai.usage.input_tokens`.
-- Used only by formats.
local agent_log = require("exectrack.format.agent_log")
local logged = require("exectrack.format.logged")

local find, match = string.find, string.match
local begins_text = logged.begins_text
local number, seconds, text = logged.number, logged.seconds, logged.text

local M = {}

-- Kinds of lines without calls: of transcripts, and of streams.
local WITHOUT_CALLS = logged.set [[
  agent-color agent-name agent-setting ai-title artifact-autoreact-ledger artifact-comment-monitor
  atis-latch attachment attribution-snapshot bridge-session content-replacement continued-in
  cost-state custom-title ended-by-model file-history-delta file-history-snapshot fork-context-ref
  frame-link history-suppression last-prompt launched mode permission-mode pr-link progress
  queue-operation relocated started summary system tag worktree-state

  auth_status control_cancel_request control_request control_response keep_alive prompt_suggestion
  rate_limit_event result stream_event tool_progress tool_use_summary
]]

local CALLS = logged.set "tool_use server_tool_use mcp_tool_use"

-- Why a call didn't run, as fields say it: the error type. Others are types themselves.
local TYPES_OF_DENIALS = { ["user-rejected"] = "rejected", ["permission-rule"] = "not_permitted" }

-- The same as the text of the error says it.
local DENIALS = {
  { "^The user doesn't want to ", "rejected" },
  { "^%[Request interrupted by user", "interrupted" },
  { "^Permission to use .- has been denied", "not_permitted" },
  { "^Claude requested permissions .- you haven't granted it yet", "not_permitted" },
  { "^Cancelled: parallel tool call ", "cancelled" },
  { "^Sibling tool call errored", "cancelled" },
}

local TIMEOUTS = { "^[^\n]*[Tt]imed out", "^timeout of %d+ms exceeded",
  "\nCommand timed out after " }

--- Why the call with this identifier didn't run, by fields of the line with its result; nil if it
-- did, or if they don't say it.
local function denial_of(line, id)
  local kind = text(line.toolDenialKind)
  for _, about in logged.elements(line.tool_result_meta) do
    about = logged.table(about)
    kind = kind or about.id == id and text(about.non_execution_kind) or nil
  end
  return kind and (TYPES_OF_DENIALS[kind] or logged.class(kind))
end

--- The status and the error type of an error with this text.
local function classify(said)
  for _, denial in ipairs(DENIALS) do
    if find(said, denial[1]) then
      return "cancelled", denial[2]
    end
  end
  for _, pattern in ipairs(TIMEOUTS) do
    if find(said, pattern) then
      return "timed_out"
    end
  end
  local status, error_type = logged.of_exit_code(match(said, "^Exit code (%d+)%f[%D]"))
  return status or "failed", error_type or match(said, "^(E%u%u+):")
end

--- Sets how a call ended, by its result and the line with it.
local function set_end(outcome, block, line, details)
  local code = logged.class(logged.table(block.content).error_code) -- of the server's own tools
  local said = logged.content_text(block.content)
  local denial = denial_of(line, block.tool_use_id)
  if denial or details.interrupted == true then
    outcome.status, outcome.error_type = "cancelled", denial or "interrupted"
  elseif code then
    outcome.status, outcome.error_type = "failed", code
  elseif block.is_error == true then
    local inner = said and match(said, "^%s*<tool_use_error>(.-)</tool_use_error>%s*$")
    said = inner or said
    outcome.status, outcome.error_type = classify(said or "")
    outcome.error_type = outcome.error_type or inner and "tool_use_error" or nil
  else
    outcome.status, said = "success", nil
  end
  outcome.error_text = said
end

--- The milliseconds that a call took, if what was noted about it says so.
local function measured_ms(details)
  local s = number(details.durationSeconds)
  return number(details.durationMs) or s and s * 1000 or number(details.totalDurationMs)
end

local Reader = {}
Reader.__index = Reader

--- The session of a line, and its depth. A subagent is a session of its own. It is named by
-- `agentId`, in streams by the call that started it, and in old transcripts by its first line.
function Reader:session_of(line)
  local id, started_by = text(line.uuid), text(line.parent_tool_use_id)
  local session = text(line.sessionId) or text(line.session_id)
  if started_by then
    return started_by, 1
  elseif line.isSidechain ~= true then
    return session
  end
  local parent = text(line.parentUuid)
  local root = parent and self.roots[parent] or id
  if id then
    self.roots[id] = root
  end
  return text(line.agentId) or root or session, 1
end

--- A call in a line that is as `at` says: its `session` and `depth`, its `timestamp` and `place`,
-- and the `message` that it stands in. What is streamed may be written again in the same message:
-- the last line has all arguments.
function Reader:begin(block, at)
  local name = text(block.name)
  if not name or not text(block.id) then
    return self.complain("a call without a name or an id")
  end
  local args, open = logged.without(block.input, { "description" }), self.open[block.id]
  if open and at.message and open.message == at.message and open.session == at.session
      and open.tool == name then
    open.args = args
    return
  end
  local call = {
    id = block.id,
    session = at.session,
    depth = at.depth,
    tool = name,
    args = args,
    timestamp = at.timestamp,
    place = at.place,
    message = at.message,
  }
  self.open[block.id] = call
  self.calls:begin(call)
end

--- `details`: what was noted about this result.
function Reader:finish(block, line, at, details)
  if not text(block.tool_use_id) then
    return self.complain("a result without a tool_use_id")
  end
  local ms = measured_ms(details)
  local outcome = {
    result = block.content,
    timestamp = at.timestamp,
    duration_ms = ms,
    timing = not ms and "elapsed" or nil,
  }
  set_end(outcome, block, line, details)
  self.open[block.tool_use_id] = nil
  self.calls:finish(at.session, block.tool_use_id, outcome)
end

--- Takes the calls and results in a message. What is noted about a line's only result is about
-- that; of several, it isn't known about which.
function Reader:take(message, line, at)
  local results = {}
  for _, block in logged.elements(message.content) do
    block = logged.table(block)
    local kind = text(block.type) or ""
    if CALLS[kind] then
      self:begin(block, at)
    elseif find(kind, "tool_result$") then
      results[#results + 1] = block
    end
  end
  local details = #results == 1 and (line.toolUseResult or line.tool_use_result)
  for _, block in ipairs(results) do
    self:finish(block, line, at, logged.table(details))
  end
end

local function measures_of(usage)
  usage = logged.table(usage)
  local input, cached = number(usage.input_tokens), number(usage.cache_read_input_tokens)
  local measures = {
    input_tokens = input and input + (cached or 0)
      + (number(usage.cache_creation_input_tokens) or 0),
    output_tokens = number(usage.output_tokens),
    cached_tokens = cached,
  }
  return next(measures) and measures or nil
end

--- A line of a message of a model. What the program itself says in place of a model isn't one,
-- unless it says that the model's server reported an error: of which model, isn't known.
function Reader:count(message, line, at)
  local model, failed = text(message.model), line.isApiErrorMessage == true
  if model == "<synthetic>" then
    model = failed and "unknown" or nil
  end
  if model then
    self.calls:message {
      id = text(message.id),
      session = at.session,
      depth = at.depth,
      tool = "model:" .. model,
      timestamp = at.timestamp,
      place = at.place,
      status = failed and "failed" or "success",
      error_type = failed and logged.class(line.error) or nil,
      error_text = failed and logged.content_text(message.content) or nil,
      measures = not failed and measures_of(message.usage) or nil,
    }
  end
end

function Reader:read(line, place)
  local kind = text(line.type) or "untyped"
  if kind ~= "assistant" and kind ~= "user" then
    return WITHOUT_CALLS[kind] or self.calls:skip(kind)
  end
  local message, at = logged.table(line.message), { place = place }
  at.session, at.depth = self:session_of(line)
  at.timestamp, at.message = seconds(line.timestamp), text(message.id)
  if kind == "assistant" then
    self:count(message, line, at)
  end
  self:take(message, line, at)
end

M.decode = agent_log.decoder("claude.decode", function(calls, _, complain)
  -- `roots`: of the lines of old subagents, by their identifiers: those of their first lines.
  -- `open`: calls that have no result so far, by their identifiers.
  local reader = setmetatable({ calls = calls, complain = complain, roots = {}, open = {} }, Reader)
  return function(line, place) reader:read(line, place) end
end)

-- What else lines of these types have: a field, the byte that it begins with, and one of others.
local OF_MESSAGES = { "message", "{", { "uuid", "parent_tool_use_id" } }
local FIELDS = {
  user = OF_MESSAGES,
  assistant = OF_MESSAGES,
  system = { "subtype", '"', { "uuid", "tools" } },
  result = { "subtype", '"', { "uuid", "num_turns" } },
}

--- Whether an object with these keys is a line of Claude Code's. `keys` has the beginning of each
-- value.
function M.fits(keys)
  local kind = match(keys.type or "", '^"([%a_-]+)"$') or ""
  local has_session = begins_text(keys.sessionId) or begins_text(keys.session_id)
  local fields = FIELDS[kind]
  if keys.parentUuid and keys.isSidechain then -- of whatever type, which a long message may hide
    return true
  elseif fields then
    return has_session and (keys[fields[1]] or ""):sub(1, 1) == fields[2]
      and logged.has_any(keys, fields[3])
  elseif kind == "summary" then
    return begins_text(keys.leafUuid) and begins_text(keys.summary)
  end
  return find(kind, "-", 1, true) ~= nil and WITHOUT_CALLS[kind] == true
    and (has_session or begins_text(keys.messageId))
end

return M
