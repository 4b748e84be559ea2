--- The formats of agents' logs.
-- Used only by formats and the command.
local M = {}

--- Their names, in the order of their bytes; each is that of a module.
M.NAMES = { "chat", "claude", "codex", "gemini", "openhands", "otlp", "vtcode" }

M.IS_NAME = {}
for _, name in ipairs(M.NAMES) do
  M.IS_NAME[name] = true
end

--- The measures that their executions may have; the last ones are those of calls of models.
function M.measures(has_model_calls)
  local measures = { { name = "result_bytes", unit = "By", scale = 1 } }
  for _, name in ipairs { "input_tokens", "output_tokens", "cached_tokens" } do
    measures[#measures + 1] = has_model_calls and { name = name, scale = 1 } or nil
  end
  return measures
end

return M
