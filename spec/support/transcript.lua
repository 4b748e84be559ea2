--- Made-up logs of coding agents, as short as can be.
local M = {}

--- A transcript of Claude Code, of one call for each of `commands`, all within a second of
-- 2026-01-01 at so many hours. `id` tells the session's calls from those of others.
function M.claude(id, hours, commands)
  local lines = {}
  local function add(i, rest)
    lines[#lines + 1] = ('{"sessionId":"%s","uuid":"%s-%d","timestamp":'
      .. '"2026-01-01T%02d:00:00.%03dZ",%s}\n')
      :format(id, id, #lines + 1, hours, #lines + 1, rest:format(id, i))
  end
  for i, command in ipairs(commands) do
    add(i, '"type":"assistant","message":{"role":"assistant","model":"m","id":"m-%s-%d",'
      .. '"usage":{"input_tokens":2,"output_tokens":1},"content":[{"type":"tool_use","id":"'
      .. id .. "-" .. i .. '","name":"Bash","input":{"command":"' .. command .. '"}}]}')
    add(i, '"type":"user","message":{"role":"user","content":[{"type":"tool_result",'
      .. '"tool_use_id":"%s-%d","content":"x"}]}')
  end
  return table.concat(lines)
end

--- A chat of Gemini CLI with one call of a tool.
function M.gemini(id, tool)
  return ('{"sessionId":"%s","projectHash":"0","startTime":"2026-01-01T10:00:00.000Z",'
    .. '"lastUpdated":"2026-01-01T10:00:00.000Z","messages":[{"id":"%s-1","type":"gemini",'
    .. '"timestamp":"2026-01-01T10:00:00.000Z","content":"","toolCalls":[{"id":"%s-2",'
    .. '"name":"%s","args":{},"result":[],"status":"success",'
    .. '"timestamp":"2026-01-01T10:00:00.000Z"}]}]}\n'):format(id, id, id, tool)
end

--- A rollout of Codex with one call of a shell command, in a session that was started in `cwd`.
function M.codex(id, cwd, command)
  local lines = {}
  for i, fields in ipairs {
    ('"session_meta","payload":{"id":"%s","cwd":"%s","originator":"codex_cli_rs"}'):format(id, cwd),
    ('"response_item","payload":{"type":"function_call","name":"shell","call_id":"%s-1",'
      .. '"arguments":"{\\"command\\":[\\"%s\\"]}"}'):format(id, command),
    ('"response_item","payload":{"type":"function_call_output","call_id":"%s-1","output":'
      .. '"{\\"output\\":\\"x\\",\\"metadata\\":{\\"exit_code\\":0}}"}'):format(id),
  } do
    lines[i] = ('{"timestamp":"2026-01-01T10:00:00.00%dZ","type":%s}\n'):format(i, fields)
  end
  return table.concat(lines)
end

return M
