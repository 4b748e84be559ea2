--- The option that leaves out texts.
-- Used only by the command.
local M = {}

--- Adds the option to an argparse command.
function M.describe(command)
  command:flag("--strip-texts")
    :description("Leave out the texts of arguments and errors; the names of sessions stay.")
end

--- The run without texts, if the option is given, else as it is. So are its parts then, an array
-- as `runs.load` returns it, from which reports take what was in flight.
function M.apply(arguments, snapshot, parts)
  if not arguments.strip_texts then
    return snapshot
  end
  for _, part in ipairs(parts) do
    part.whole = part.whole:without_texts()
  end
  return snapshot:without_texts()
end

return M
