--- The option that limits how many records a run keeps.
-- In use by the command alone.
local MOST_RECORDS = 2 ^ 28

local function convert(text)
  local records = text:match("^%d+$") and tonumber(text)
  if not records or records > MOST_RECORDS then
    return nil, ("--max-history: '%s' is no whole number from 0 to %d"):format(text, MOST_RECORDS)
  end
  return records
end

--- Adds the option to an argparse command.
-- @local
return function(command)
  command:option("--max-history"):argname("N"):convert(convert)
    :description("Keep only the newest N records.")
end
