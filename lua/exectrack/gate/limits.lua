--- Limits that a run is held against, as a user writes them.
-- Used only by the command.
local format = require("exectrack.report.format")
local numbers = require("exectrack.numbers")

local M = {}

local MS = { ms = 1, s = 1000, m = 60000, h = 3600000 }

-- By the kind of a limit: what to write; the number that a text is, nil if it isn't one; and such a
-- number as text for people.
local KINDS = {
  share = {
    expected = "a share from 0% to 100%, such as 5%",
    read = function(text)
      local percent = text:match("^(%d+%.?%d*)%%$")
      percent = percent and numbers.read(percent)
      return percent and percent <= 100 and percent / 100 or nil
    end,
    shown = format.percent,
  },
  ms = {
    expected = "a time such as 500ms, 2s, 5m or 1h",
    read = function(text)
      local amount, unit = text:match("^(%d+%.?%d*)(%l+)$")
      return MS[unit] and numbers.read(amount) * MS[unit]
    end,
    shown = format.duration,
  },
  count = {
    expected = "an integer of at least 0",
    read = function(text)
      local number = text:match("^%d+$") and tonumber(text)
      return number and number <= 2 ^ 53 and number or nil
    end,
    shown = format.count,
  },
}

--- The share that a text such as `5%` is; or nil and a message that begins with `option`.
function M.share(option, text)
  local value = KINDS.share.read(text)
  return value, not value and ("%s: '%s': expected %s"):format(option, text, KINDS.share.expected)
    or nil
end

--- Makes a converter for argparse for the value of `option`: a limit of this kind, `share`, `ms` or
-- `count`, for all calls together; or the name of a tool, an equals sign and a limit. A limit is
-- `{ tool = "search", value = 0.1 }`, without a tool for all.
function M.converter(option, kind)
  local its = KINDS[kind]
  return function(text)
    local tool, limit = text:match("^(.+)=([^=]*)$")
    local value = its.read(limit or text)
    if not value then
      return nil, ("%s: '%s': expected %s; for one tool, its name and = before it"):format(option,
        text, its.expected)
    end
    return { tool = tool, value = value }
  end
end

--- A figure of this kind as text for people.
function M.shown(kind, value)
  return KINDS[kind].shown(value)
end

return M
