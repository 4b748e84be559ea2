--- How a call of Codex CLI's ended: by its output, which the model was told, and by an event.
--
-- An error has one of these types, if it is known:
--
-- - `exit_N`: a shell command ended with the code N
-- - `sandbox_denied`: the sandbox stopped the command
-- - `execution_error`: it couldn't be run
-- - `patch_failed`: a patch didn't fit
-- - `unsupported_call`, `invalid_arguments`: the model called what there isn't, or how it can't be
-- - `rejected`: a person said no (cancelled)
-- - `not_permitted`: a rule said no (cancelled)
-- - `aborted`: a person stopped it (cancelled)
-- Used only by codex.
local json = require("exectrack.json")
local logged = require("exectrack.format.logged")
local time = require("exectrack.format.time")

local find, match, sub = string.find, string.match, string.sub

local M = {}

-- How outputs begin that say why there is no other: the status and the error type.
local REASONS = {
  { "^exec command rejected by user", "cancelled", "rejected" },
  { "^patch rejected by user", "cancelled", "rejected" },
  { "^rejected by user", "cancelled", "rejected" },
  { "^user rejected MCP tool call", "cancelled", "rejected" },
  { "^user cancelled MCP tool call", "cancelled", "rejected" },
  { "^rejected: ", "cancelled", "not_permitted" },
  { "^approval policy is ", "cancelled", "not_permitted" },
  { "^This action was rejected ", "cancelled", "not_permitted" },
  { "^aborted by user", "cancelled", "aborted" },
  { "^aborted$", "cancelled", "aborted" },
  { "^turn aborted", "cancelled", "aborted" },
  { "^command timed out after ", "timed_out" },
  { "^failed in sandbox [^\n]*[Tt]imed out", "timed_out" },
  { "^failed in sandbox ", "failed", "sandbox_denied" },
  { "^execution error: Sandbox%(Denied", "failed", "sandbox_denied" },
  { "^sandbox denied ", "failed", "sandbox_denied" },
  { "^execution error: ", "failed", "execution_error" },
  { "^unsupported call: ", "failed", "unsupported_call" },
  { "^unsupported custom tool call: ", "failed", "unsupported_call" },
  { "^failed to parse function arguments", "failed", "invalid_arguments" },
  { "^apply_patch verification failed", "failed", "patch_failed" },
  { "^tool call error: .-timed out ", "timed_out" },
  { "^tool call error: ", "failed" },
  { "^err: ", "failed" },
  { "^exec_command failed", "failed" },
  { "^write_stdin failed", "failed" },
}

-- The lines that stand before an output, and the field that is in them. The last is `Output:`.
local HEADER = {
  { "^Exit code: (%-?%d+)$", "exit_code" },
  { "^Process exited with code (%-?%d+)$", "exit_code" },
  { "^Wall time:? ([%d.]+) seconds?$", "seconds" },
  { "^Script (%a+)", "script" },
  { "^Chunk ID: ()" }, { "^Process running with session ID ()" },
  { "^Original token count: ()" }, { "^Total output lines: ()" },
}

-- How a script of calls ended.
local SCRIPTS = { failed = "failed", terminated = "cancelled" }

--- Reads a line of a header into `about`. Returns whether it is one.
local function read_header_line(line, about)
  for _, field in ipairs(HEADER) do
    local value = match(line, field[1])
    if value then
      about[field[2] or "other"] = tonumber(value) or value
      return true
    end
  end
  return false
end

--- What the header of an output says, and the `body` behind it; nil for an output without one.
local function read_header(said)
  local about, position = {}, 1
  while position <= #said do
    local line, behind = match(said, "^([^\n]*)\n?()", position)
    if line == "Output:" then
      position = behind
      break
    elseif not read_header_line(line, about) then
      break
    end
    position = behind
  end
  about.body = sub(said, position)
  return about.seconds and about or nil
end

--- The same for an output that is an object in JSON.
local function read_object(said)
  local object = find(said, "^%s*{") and json.decode(said)
  local metadata = object and object.metadata
  if type(metadata) == "table" then
    return {
      exit_code = logged.exit_code(metadata.exit_code),
      seconds = logged.number(metadata.duration_seconds),
      body = logged.text(object.output) or "",
    }
  end
end

local function reason_of(said)
  for _, reason in ipairs(REASONS) do
    if find(said, reason[1]) then
      return reason[2], reason[3]
    end
  end
end

--- The status, and the error type, that an exit code and what was said mean.
local function judge(code, said)
  local status, error_type = reason_of(said)
  if not code or code == -1 and status or code ~= 0 and status == "timed_out" then
    return status, error_type
  end
  return logged.of_exit_code(code)
end

--- The outcome of a call with this output: a text; an array of blocks of it; or an object that has
-- either, and whether it was a `success`. Nil for any other value.
function M.of_output(output)
  if type(output) ~= "string" and type(output) ~= "table" then
    return nil
  end
  local content, success = output, nil
  if type(output) == "table" and output.content ~= nil then
    content, success = output.content, output.success
  end
  local said = logged.content_text(content) or ""
  local about = read_object(said) or read_header(said) or {}
  local body = about.body or said
  if type(content) == "table" then
    body = match(body, "^\n?(.*)$") -- behind the block of the header
  end
  local status, error_type = judge(about.exit_code, body)
  status = status or SCRIPTS[about.script] or success == false and "failed" or "success"
  return {
    status = status,
    error_type = error_type,
    error_text = status ~= "success" and logged.text(body) or nil,
    result = about.body and body or content,
    duration_ms = logged.number(about.seconds) and about.seconds * 1000,
  }
end

local function duration_of(event)
  local duration = event.duration
  if type(duration) == "string" and find(duration, "%a") then
    return (time.duration(duration, "s"))
  end
  local secs, nanos = logged.number(logged.table(duration).secs), logged.table(duration).nanos
  return secs and secs * 1000 + (logged.number(nanos) or 0) / 1e6
end

--- Makes the outcome that an event says. Where a call was declined, or couldn't be run, there is
-- no duration.
local function outcome(event, status, error_type, said, result)
  local ms = duration_of(event)
  return {
    status = status,
    error_type = error_type,
    error_text = status ~= "success" and said or nil,
    result = result,
    duration_ms = (ms ~= 0 or status == "success") and ms or nil,
  }
end

-- How what events are about ended, in their words; nothing is known of others, such as what is in
-- progress.
local STATUSES = { completed = "success", failed = "failed", declined = "cancelled" }

--- The end of a command. All these functions return nil if the event doesn't say it.
function M.exec_command(event)
  local said = logged.text(event.aggregated_output) or logged.text(event.formatted_output)
    or logged.text(event.stderr) or logged.text(event.stdout)
  local status, error_type = judge(logged.exit_code(event.exit_code), said or "")
  if event.status == "declined" and status ~= "cancelled" then
    status, error_type = "cancelled", "rejected"
  end
  status = status or STATUSES[event.status]
  return status and outcome(event, status, error_type, said, said or event.aggregated_output)
end

--- The end of a patch.
function M.patch_apply(event)
  local said = logged.text(event.stderr) or logged.text(event.stdout)
  if event.success == false or event.status == "failed" then
    local status, error_type = reason_of(said or "")
    return outcome(event, status or "failed", error_type, said, said)
  elseif event.status == "declined" then
    return outcome(event, "cancelled", "rejected", said, said)
  elseif event.success == true or event.status == "completed" then
    return outcome(event, "success", nil, nil, said)
  end
end

--- The end of a call of a server's tool.
function M.mcp_tool_call(event)
  local result = logged.table(event.result)
  local answer = logged.table(result.Ok)
  local message = logged.text(result.Err) or logged.text(event.error)
  if message then
    local status, error_type = reason_of(message)
    return outcome(event, status or "failed", error_type, message, message)
  elseif answer.isError == true or answer.is_error == true then
    return outcome(event, "failed", nil, logged.content_text(answer.content), answer.content)
  elseif result.Ok ~= nil then
    return outcome(event, "success", nil, nil, answer.content)
  end
end

--- What an output and an event, of which one may be missing, say together. An event measures
-- better, and knows whether it was a success.
function M.merged(output, event)
  if not output or not event then
    return output or event
  elseif event.status == "success" then
    output.status, output.error_type, output.error_text = "success", nil, nil
  elseif output.status == "success" then
    output.status, output.error_type = event.status, event.error_type
    output.error_text = event.error_text
  end
  output.duration_ms = event.duration_ms or output.duration_ms
  return output
end

return M
