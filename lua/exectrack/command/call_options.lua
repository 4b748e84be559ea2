--- The options for calls in logs, of agents above all.
-- Used only by the command.
local M = {}

local ARGS_TEXTS, ERROR_TEXTS = 512, 256

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
  command:flag("--keep-texts")
    :description("Keep what the latest arguments were, and what errors said, without what looks "
      .. "like a secret.")
end

--- Sets the options of `format.read` that the arguments are.
function M.set(options, arguments)
  options.model_calls = arguments.model_calls
  options.tool_from = arguments.tool_from
  if arguments.no_tool_from then
    options.tool_from = false
  end
  options.args_texts = arguments.keep_texts and ARGS_TEXTS or nil
  options.error_texts = arguments.keep_texts and ERROR_TEXTS or nil
end

return M
