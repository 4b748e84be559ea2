--- The axes of charts over time in text.
-- Used only by the charts in text.
local cell = require("exectrack.report.cell")
local format = require("exectrack.report.format")

local M = {}

local GAP = "  "

--- Where a value is from `low`, 0, to `high`, 1. Halved, no difference is too large for a number.
function M.position(value, low, high)
  local length = high / 2 - low / 2
  return length > 0 and (value / 2 - low / 2) / length or 0
end

--- The least `from` and the largest `to` of the elements, `low` and `high` among them if given; nil
-- of none.
function M.range(elements, from, to, low, high)
  for _, element in ipairs(elements) do
    low = math.min(low or element[from], element[from])
    high = math.max(high or element[to], element[to])
  end
  return low, high
end

--- The lines below a chart that say when it begins and how long it is. The chart begins at column
-- `gutter`.
function M.times(low, high, gutter, style)
  local from = cell.text(low, "time") .. " UTC"
  local length = "+ " .. format.duration((high - low) * 1000)
  local room = style.width - gutter - #from - #length
  if room < #GAP then
    return style.flow({ from, length }, GAP, style.width)
  end
  return { (" "):rep(gutter) .. from .. (" "):rep(room) .. length }
end

--- What stands between the labels and the chart: as wide as `GAP`.
function M.edge(style)
  return style.ascii and " |" or " \226\148\130" -- │
end

return M
