--- The options for the calls in agents' logs.
-- Used only by the command.
local M = {}

--- Adds the options to an argparse command.
function M.describe(command)
  command:flag("--model-calls")
    :description("For agents' logs: calls of models are executions, too, of tools named "
      .. "model:NAME, with their tokens as measures.")
  command:mutex(
    command:option("--tool-from"):argname("ARGUMENT")
      :description("Name calls by what the shell command in this argument runs, such as "
        .. "shell:git. By default those of the shell tools in agents' logs."),
    command:flag("--no-tool-from"):description("Keep the names of all tools as they are."))
end

--- The option `tool_from` of `format.read`.
function M.tool_from(arguments)
  if arguments.no_tool_from then
    return false
  end
  return arguments.tool_from
end

return M
