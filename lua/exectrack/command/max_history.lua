--- The option that limits how many records a run keeps.
-- Used only by the command.
local whole_number = require("exectrack.command.whole_number")

--- Adds the option to an argparse command.
return function(command, description)
  command:option("--max-history"):argname("N"):convert(whole_number("--max-history", 0, 2 ^ 28))
    :description(description)
end
