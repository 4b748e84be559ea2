--- The axes of charts over time in text.
-- Used only by the charts in text.
local cell = require("exectrack.report.cell")
local format = require("exectrack.report.format")

local M = {}

local GAP = "  "

--- Where a value is between `low`, 0, and `high`, 1. Halved, so that no difference becomes
-- infinite.
function M.position(value, low, high)
  local length = high / 2 - low / 2
  return length > 0 and (value / 2 - low / 2) / length or 0
end

--- The least `from` and the largest `to` of the elements that have them, and of `low` and `high` if
-- given; nil if there are none.
function M.range(elements, from, to, low, high)
  for _, element in ipairs(elements) do
    if element[from] then
      low = math.min(low or element[from], element[from])
      high = math.max(high or element[to], element[to])
    end
  end
  return low, high
end

--- The lines below a chart with its first time and its length. The chart begins at column `gutter`.
function M.times(low, high, gutter, style)
  local from = cell.text(low, "time") .. " UTC"
  local length = "+ " .. format.duration((high - low) * 1000)
  local room = style.width - gutter - #from - #length
  if room < #GAP then
    return style.flow({ from, length }, GAP, style.width)
  end
  return { (" "):rep(gutter) .. from .. (" "):rep(room) .. length }
end

--- The separator between the labels and the chart, as wide as `GAP`.
function M.edge(style)
  return style.ascii and " |" or " \226\148\130" -- │
end

return M
