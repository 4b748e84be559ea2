--- `exectrack completion`.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")

local EXAMPLES = [[
Examples:
   exectrack completion bash > ~/.local/share/bash-completion/completions/exectrack
   exectrack completion zsh > ~/.zfunc/_exectrack
   exectrack completion fish > ~/.config/fish/completions/exectrack.fish]]

local M = { summary = "Print a script by which a shell completes this command's arguments." }

function M.describe(command, choose)
  choose(command:argument("SHELL"):target("shell"):description("bash, zsh or fish."), "shell",
    { "bash", "zsh", "fish" })
  command:epilog(EXAMPLES)
end

function M.run(arguments, names)
  local parser = require("exectrack.command.parser").of_all(names).argparse
  local text = parser["get_" .. arguments.shell .. "_complete"](parser)
  local ok, message, code = require("exectrack.command.output").write(nil, text)
  return ok and exit_codes.DONE, message, code
end

return M
