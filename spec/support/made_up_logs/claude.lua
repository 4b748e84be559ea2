--- Makes random logs of Claude Code.
local common = require("spec.support.made_up_logs.common")
local random = require("spec.support.random")

local chance, pick = common.chance, random.pick

-- How calls end: the content of the result, and other fields of its block, of what was noted about
-- it, and of the line.
local ENDS = {
  { "fine" },
  { { { type = "text", text = "é" }, { type = "text", text = "more" } } },
  { { { type = "image", source = { type = "base64", data = "AAAA" } } } },
  { "done", {}, { durationMs = 33 } },
  { "done", {}, { durationSeconds = 1.25 } },
  { "done", {}, { totalDurationMs = 90000, totalTokens = 7 } },
  { "Error: this text is no error" },
  { "Exit code 2\nboom", { is_error = true }, "Error: Exit code 2" },
  { "Exit code 124\nslow", { is_error = true } },
  { "Exit code 130", { is_error = true } },
  { "Command timed out after 2m 0.0s\nso far", { is_error = true } },
  { "ENOENT: no such file or directory, open '/a'", { is_error = true } },
  { "<tool_use_error>File has not been read yet.</tool_use_error>", { is_error = true } },
  { { { type = "text", text = "boom" } }, { is_error = true } },
  { "The user doesn't want to proceed with this tool use.", { is_error = true } },
  { "[Request interrupted by user for tool use]", { is_error = true } },
  { "so far", {}, { interrupted = true, stdout = "so far" } },
  { "Permission to use Bash has been denied.", { is_error = true } },
  { "Claude requested permissions to write to /a, but you haven't granted it yet.",
    { is_error = true } },
  { "no", { is_error = true }, nil, { toolDenialKind = "permission-rule" } },
  { "no", { is_error = true }, nil, { toolDenialKind = "user-rejected" } },
}

--- A log that is written. Streams have neither times nor parents.
local function new_log(session, is_stream)
  local log = { session = session, is_stream = is_stream, lines = {}, fixed = {}, parent = nil }
  log.next_id, log.ids_return = common.identifiers("toolu_01")
  return log
end

--- Adds a line. `chain` is where it belongs: the log, or a subagent's.
local function add(log, chain, kind, message, others)
  local line = common.with(others or {}, "type", kind)
  line.message = message
  line[log.is_stream and "session_id" or "sessionId"] = log.session
  line.uuid, line.parentUuid = common.uuid(), not log.is_stream and chain.parent or nil
  line.timestamp = not log.is_stream and common.iso(common.later()) or nil
  if chain ~= log then
    line.isSidechain = not log.is_stream or nil
    line.agentId, line.parent_tool_use_id = chain.agent, chain.started_by
    log.fixed[line] = chain.agent == nil and not log.is_stream
  end
  chain.parent = line.uuid
  log.lines[#log.lines + 1] = line
end

local function answer(log, chain, blocks)
  local usage = { input_tokens = math.random(9), output_tokens = 1,
    cache_read_input_tokens = pick { 100, 0 }, cache_creation_input_tokens = 10 }
  local message = { id = "msg_01" .. common.word(22), role = "assistant", usage = usage,
    model = pick { "opus", "haiku" } }
  local is_one_line = chance(50)
  for i, block in ipairs(blocks) do
    if not is_one_line or i == #blocks then
      local content = is_one_line and blocks or { block }
      add(log, chain, "assistant", common.with(message, "content", content))
      message.usage = common.with(usage, "output_tokens", 1 + i)
    end
  end
end

local function results(log, chain, blocks)
  local is_one_line, content = #blocks > 1 and chance(30), {}
  for _, block in ipairs(blocks) do
    local ending = pick(ENDS)
    local result = common.with(ending[2] or {}, "content", ending[1])
    result.type, result.tool_use_id = "tool_result", block.id
    content[#content + 1] = result
    if not is_one_line then
      local line = common.with(ending[4] or {}, log.is_stream and "tool_use_result"
        or "toolUseResult", ending[3])
      add(log, chain, "user", { role = "user", content = { result } }, line)
    end
  end
  if is_one_line then
    add(log, chain, "user", { role = "user", content = content })
  end
end

--- A message of a model, with calls, and their results.
local function turn(log, chain)
  local blocks = { { type = "text", text = "I look" } }
  local calls = {}
  for i = 1, math.random(0, 3) do
    calls[i] = { type = "tool_use", id = log.next_id(), name = pick { "Bash", "Read", "Task" },
      input = { command = pick { "ls", "make", "git log" }, n = math.random(2),
        description = pick { "List", "Build" } } }
    blocks[i + 1] = calls[i]
  end
  answer(log, chain, blocks)
  results(log, chain, chance(20) and random.shuffle(calls) or calls)
end

--- A subagent: a name of its own in new logs; in old ones that of its first line.
local function new_chain(log)
  return {
    agent = (not log.is_stream and (log.swaps or chance(50))) and "a" .. common.hex(7) or nil,
    started_by = log.is_stream and "toolu_01" .. common.word(22) or nil,
  }
end

local function turns(log, count)
  for _ = 1, count do
    turn(log, log)
    if chance(25) then
      local chain = new_chain(log)
      for _ = 1, math.random(2) do
        turn(log, chain)
      end
    end
    if chance(20) then
      log.lines[#log.lines + 1] = { type = pick { "summary", "file-history-snapshot", "system" } }
    end
  end
end

--- A log, and sometimes one that goes on from a copy of it, under its own session or a new one.
return function()
  local log = new_log(common.uuid(), chance(20))
  if not log.is_stream then -- that is written by one process, in order and once
    log.swaps, log.copies = not log.ids_return and chance(50), chance(50)
  end
  turns(log, math.random(4))
  local texts = { { "a.jsonl", common.join(common.lines(log.lines, log)) } }
  if not log.is_stream and chance(50) then
    local session = pick { log.session, common.uuid() }
    for i, line in ipairs(log.lines) do
      local copy = common.with(line, "sessionId", session)
      copy.sessionId = line.sessionId and session
      log.lines[i], log.fixed[copy] = copy, log.fixed[line]
    end
    log.session = session
    turns(log, math.random(2))
    texts[2] = { "b.jsonl", common.join(common.lines(log.lines, log)) }
  end
  return texts
end
