--- Makes random logs of Codex CLI: rollouts, and what `codex exec --json` prints.
local common = require("spec.support.made_up_logs.common")
local json_text = require("exectrack.json_text")
local random = require("spec.support.random")

local chance, pick = common.chance, random.pick

-- Outputs that say why there is no other.
local REASONS = { "exec command rejected by user", "patch rejected by user",
  "aborted by user after 1.5s", "aborted",
  "failed in sandbox MacosSeatbelt with execution error: denied",
  "execution error: Io(NotFound)", "unsupported call: sheell", "err: no such plan",
  "failed to parse function arguments: missing field `command`",
  "apply_patch verification failed: no such lines", "command timed out after 1000 milliseconds",
  "tool call error: tool call failed", "rejected: policy forbids it" }

local function add(log, kind, payload)
  log.lines[#log.lines + 1] = { timestamp = common.iso(common.later(log.most)), type = kind,
    payload = payload }
  return log.lines[#log.lines]
end

local function add_fixed(log, kind, payload)
  log.fixed[add(log, kind, payload)] = true
end

local function output_of(code, body, seconds)
  local ended = "Exit code: %d\nWall time: %s seconds\nOutput:\n%s"
  local exited = "Wall time: %s seconds\nProcess exited with code %d\nOutput:\n%s"
  return pick { ended:format(code, seconds, body), exited:format(seconds, code, body),
    json_text.encode { output = body,
      metadata = { exit_code = code, duration_seconds = seconds } } }
end

local function command_event(log, moment, id, command, code, body)
  add(log, "event_msg", { type = "exec_command_" .. moment, call_id = id, command = command,
    aggregated_output = body, exit_code = code,
    duration = moment == "end" and { secs = math.random(0, 3), nanos = math.random(999) * 1000000 }
      or nil })
end

local function shell_call(log, id)
  local command = { "bash", "-lc", pick { "ls", "make" } }
  local code, body = pick { 0, 0, 0, 1, 2, 124 }, pick { "fine", "é", "" }
  local has_events = not log.ids_return and chance(40)
  if not has_events or chance(85) then -- scripts make calls of which there are only events
    add(log, "response_item", { type = "function_call", call_id = id, name = "shell",
      arguments = json_text.encode { command = command, workdir = pick { "/a", "/b" },
        timeout_ms = math.random(9), justification = "it has to" } })
  end
  return function()
    if has_events and chance(50) then
      command_event(log, "begin", id, command)
    end
    local is_before = chance(50)
    if has_events and is_before then
      command_event(log, "end", id, command, code, body)
    end
    local said = output_of(code, body, pick { 0, 0.5, 12.25 })
    add(log, "response_item", { type = "function_call_output", call_id = id, output = said })
    if has_events and not is_before then
      command_event(log, "end", id, command, code, body)
    end
  end
end

local function other_call(log, id)
  local is_patch = chance(30)
  add(log, "response_item", { type = is_patch and "custom_tool_call" or "function_call",
    call_id = id, name = is_patch and "apply_patch" or pick { "update_plan", "view_image" },
    arguments = not is_patch and json_text.encode { plan = pick { "a", "b" } } or nil,
    input = is_patch and pick { "*** Begin", "*** End" } or nil })
  local said = pick { "Plan updated", pick(REASONS), { content = "fine", success = true },
    { content = "no", success = false }, { { type = "input_text", text = "seen" } } }
  return function()
    add(log, "response_item", { type = is_patch and "custom_tool_call_output"
      or "function_call_output", call_id = id, output = said })
  end
end

local function count_tokens(log)
  local input, output = math.random(100, 999), math.random(9)
  log.total = log.total + input + output
  for _ = 1, pick { 1, 1, 2 } do -- it is said again when limits change
    add(log, "event_msg", { type = "token_count", info = {
      total_token_usage = { total_tokens = log.total }, last_token_usage = { input_tokens = input,
        cached_input_tokens = 64, output_tokens = output } } })
  end
end

local function turn(log)
  add_fixed(log, "event_msg", { type = "task_started" })
  add_fixed(log, "turn_context", { model = pick { "gpt-5", "o9" }, cwd = "/" })
  for _ = 1, math.random(0, 3) do
    local ends = {}
    for i = 1, math.random(3) do
      ends[i] = (chance(60) and shell_call or other_call)(log, log.next_id())
    end
    for _, finish in ipairs(random.shuffle(ends)) do
      finish()
    end
    if chance(50) then
      count_tokens(log)
    end
  end
  add(log, "event_msg", { type = "agent_message", message = "done" })
  add_fixed(log, "event_msg", { type = "task_complete" })
end

--- A rollout, and sometimes one of a session that was forked from it, or of a subagent.
local function rollouts()
  local log = { lines = {}, fixed = {}, total = 0, most = pick { 0, 900 } }
  log.next_id, log.ids_return = common.identifiers("call_")
  log.swaps = not log.ids_return and chance(50)
  log.copies = not log.swaps and chance(50) -- they stand together
  log.most = log.ids_return and 900 or log.most
  local meta, texts = { id = common.uuid(), cwd = "/" }, {}
  for i = 1, math.random(2) do
    add_fixed(log, "session_meta", meta)
    table.insert(log.lines, 1, table.remove(log.lines))
    for _ = 1, math.random(2) do
      turn(log)
    end
    texts[i] = { ("rollout-%d.jsonl"):format(i),
      common.join(common.lines(log.lines, log)) }
    meta = { id = common.uuid(), forked_from_id = meta.id, source = chance(50) and { subagent = {
      thread_spawn = { parent_thread_id = meta.id, depth = math.random(2) } } } or "cli" }
  end
  return texts
end

local function items(lines, i)
  local code = pick { 0, 1, 127 }
  local item = pick {
    { type = "command_execution", command = pick { "ls", "make" }, exit_code = code,
      aggregated_output = common.text(), status = code == 0 and "completed" or "failed" },
    { type = "mcp_tool_call", server = "docs", tool = "find", arguments = { q = "x" },
      status = "completed", result = { content = { { type = "text", text = "é" } } } },
    { type = "mcp_tool_call", server = "docs", tool = "find", arguments = { q = "x" },
      status = "failed", error = { message = "no such server" } },
    { type = "agent_message", text = "done" },
  }
  item.id = "item_" .. i
  lines[#lines + 1] = { type = "item.started", item = { id = item.id, type = item.type,
    command = item.command, server = item.server, tool = item.tool, arguments = item.arguments,
    status = "in_progress" } }
  lines[#lines + 1] = { type = "item.completed", item = item }
end

--- What several runs of `codex exec --json` print.
local function executed()
  local lines, fixed = {}, {}
  for _ = 1, math.random(3) do
    lines[#lines + 1] = { type = "thread.started", thread_id = common.uuid() }
    fixed[lines[#lines]] = true
    for i = 0, math.random(0, 4) do
      items(lines, i)
    end
    lines[#lines + 1] = { type = "turn.completed", usage = { input_tokens = math.random(99),
      cached_input_tokens = 4, output_tokens = 5 } }
  end
  for _, line in ipairs(lines) do
    fixed[line] = fixed[line] or line.type == "turn.completed" or line.type == "item.completed"
      and chance(60)
  end
  return { { "exec.jsonl", common.join(common.lines(lines, { fixed = fixed })) } }
end

return function()
  return chance(75) and rollouts() or executed()
end
