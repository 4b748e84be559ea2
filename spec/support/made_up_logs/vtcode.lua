--- Makes random logs of VT Code: harness events, and trajectory logs.
local common = require("spec.support.made_up_logs.common")
local random = require("spec.support.random")

local chance, pick = common.chance, random.pick

-- What the end of a call has, and what follows it: the fields of an output, or nothing.
local ENDS = {
  { { status = "completed" }, { output = "fine", status = "completed" } },
  { { status = "completed" }, { output = "", exit_code = 0, status = "completed" } },
  { { status = "completed" }, { output = "boom", exit_code = 2, status = "completed" } },
  { { status = "completed", outcome = "success" } },
  { { status = "failed" }, { output = "no such path", status = "failed" } },
  { { status = "failed" } },
  { { status = "failed", outcome = "permission_rejected" } },
  { { status = "failed", outcome = "hook_denied" } },
  { { status = "failed", outcome = "invalid_tool" } },
  { { status = "failed", outcome = "cancelled" } },
  { { status = "failed" }, { output = "Tool execution cancelled", status = "failed" } },
}

local function add(log, kind, item)
  log.lines[#log.lines + 1] = { schema_version = "0.2.0", event = { type = kind, item = item } }
end

local function call(log, id)
  local item = { id = id, type = "tool_invocation", tool_name = pick { "file", "shell" },
    arguments = { path = pick { "a", "b" } }, status = "in_progress" }
  add(log, "item.started", item)
  return function()
    local ending = pick(ENDS)
    local ended = common.with(item, "status", ending[1].status)
    ended.outcome = ending[1].outcome
    add(log, "item.completed", ended)
    if ending[2] then
      local output = common.with(ending[2], "type", "tool_output")
      output.id, output.call_id = id .. ":output", id
      add(log, "item.started", { id = output.id, type = "tool_output", call_id = id, output = "" })
      add(log, "item.completed", output)
    end
  end
end

--- Events of a thread, or of several. Identifiers are used again in each turn.
local function harness()
  local log = { lines = {}, fixed = {} }
  for _ = 1, math.random(4) do
    if #log.lines == 0 or chance(30) then
      add(log, "thread.started")
      log.lines[#log.lines].event.thread_id = "thread-" .. common.word(4)
      log.fixed[log.lines[#log.lines]] = true
    end
    add(log, "turn.started")
    local ends = {}
    for i = 1, math.random(0, 3) do
      ends[i] = call(log, "tool_call_" .. i - 1)
    end
    for _, finish in ipairs(ends) do
      finish()
    end
    add(log, "item.completed", { id = "m", type = pick { "agent_message", "kind_of_tomorrow" } })
    add(log, "turn.completed")
  end
  return common.lines(log.lines, log)
end

local function trajectory()
  local lines = {}
  for i = 1, math.random(8) do
    local at = common.later(9000)
    lines[i] = pick {
      { kind = "tool", name = pick { "file", "shell" }, args = { path = pick { "a", "b" } },
        ok = chance(70), is_subagent = chance(20) or nil },
      { kind = "prompt_cache_metrics", model = "m", prompt_tokens = math.random(99),
        completion_tokens = 3, cache_read_tokens = pick { 2 } },
      { kind = "route", selected_model = "m" },
    }
    lines[i].ts = math.floor(at / 1000)
    lines[i].turn = i
  end
  return common.lines(lines, { swaps = true })
end

return function()
  local texts = { { "a.jsonl", common.join((pick { harness, trajectory })()) } }
  texts[2] = chance(30) and { "b.jsonl", common.join((pick { harness, trajectory })()) } or nil
  return texts
end
