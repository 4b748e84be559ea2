--- Tells the calls of shells apart: `Bash` becomes `Bash:git`, by what its command runs.
-- Used only by formats.
local shell_command = require("exectrack.format.shell_command")

local M = {}

-- The shell tools of agents. Their command is in `command` or `cmd`; some tools take either.
local SHELL_TOOLS = {
  Bash = true, -- Claude Code
  shell = true, -- Codex, and the next five
  local_shell = true,
  shell_command = true,
  ["container.exec"] = true,
  exec_command = true,
  command_execution = true,
  run_shell_command = true, -- Gemini CLI
  execute_bash = true, -- OpenHands, and the next
  terminal = true,
  run_pty_cmd = true, -- VT Code, and the next two
  run_terminal_cmd = true,
  unified_exec = true,
  bash = true, -- the tool that Anthropic's API defines
}

local function same(tool)
  return tool
end

--- The first word of what a call runs; nil if there is none.
local function word_of(tool, args, argument)
  if argument then
    return shell_command.name(rawget(args, argument))
  elseif SHELL_TOOLS[tool] then
    return shell_command.name(rawget(args, "command")) or shell_command.name(rawget(args, "cmd"))
  end
end

--- Makes a function of a tool's name and the arguments of a call. It returns the name with what the
-- command runs behind it, such as `Bash:git`; or the name alone, if there is no such word. The
-- command is in the argument of the name `argument`, of any tool; by default, in logs of agents,
-- in that of their shell tools. With false, and by default in other logs, all names stay. The
-- function never raises.
function M.new(argument, is_agents_log)
  if argument == false or argument == nil and not is_agents_log then
    return same
  end
  return function(tool, args)
    local word = type(tool) == "string" and type(args) == "table" and word_of(tool, args, argument)
    return word and tool .. ":" .. word or tool
  end
end

return M
