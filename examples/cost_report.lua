-- A report of one's own: what the calls of each tool cost. Prices, by the names of tools, are the
-- options of the report.
--
--     exectrack report RUN --script examples/cost_report.lua -- llm=0.02 search=0.005

local format = require("exectrack.report.format")

return function(snapshot, prices)
  local rows, bars, total = {}, {}, 0
  for _, row in ipairs(snapshot:group_by("tool", { quantiles = {} })) do
    local price = prices[row.tool] or 0
    local paid = row.count - row.cached_hits -- what a cache answers is free
    total = total + paid * price
    rows[#rows + 1] = {
      tool = row.tool,
      paid = paid,
      free = row.count - paid,
      cost = paid * price,
      wasted = (row.failed + row.timed_out) * price,
    }
  end
  table.sort(rows, function(a, b)
    if a.cost ~= b.cost then
      return a.cost > b.cost
    end
    return a.tool < b.tool
  end)
  for i, row in ipairs(rows) do
    bars[i] = { label = row.tool, value = row.cost }
  end

  local label = snapshot:label() ~= "" and format.name(snapshot:label()) or "the run"
  return {
    title = "What " .. label .. " cost",
    subtitle = ("%.2f dollars for %s calls"):format(total, format.count(#snapshot)),
    sections = {
      {
        title = "By tool",
        columns = {
          { field = "tool", heading = "Tool" },
          { field = "paid", heading = "Paid calls", unit = "count" },
          { field = "free", heading = "From a cache", unit = "count" },
          { field = "cost", heading = "Dollars", bar = true },
          { field = "wasted", heading = "On failures" },
        },
        rows = rows,
      },
      { title = "Dollars", chart = { kind = "bars", bars = bars } },
    },
  }
end
