local charts = require("exectrack.report.chart")

--- What is in `lanes`, as the number of each one's spans or calls by its name.
local function counts(lanes)
  local count_of = {}
  for _, lane in ipairs(lanes) do
    count_of[lane.name] = lane.total or #lane.spans
  end
  return #lanes, count_of
end

describe("The lanes of a chart", function()
  local spans, cells = {}, {}
  for i = 1, 18 do -- the last two of one tool
    local lane = "t" .. math.min(i, 17)
    spans[i] = { lane = lane, from = i, to = i + 1 }
    cells[i] = { lane = lane, time = math.min(i, 17), count = 10, failed = i == 18 and 1 or nil }
  end

  it("are sixteen at most, the last of which stands for all other tools", function()
    for _, lanes in ipairs { charts.lanes(spans), (charts.density { every = 1, cells = cells }) } do
      local count, count_of = counts(lanes)
      local each = lanes[1].total or 1
      assert.same({ 16, each, 3 * each, "(2 other tools)" },
        { count, count_of.t15, count_of["(2 other tools)"], lanes[16].name })
    end
    assert.same({ [15] = { count = 10, failed = 0 }, [16] = { count = 20, failed = 1 } },
      charts.density({ every = 1, cells = cells })[16].cells)
  end)

  it("are those of all tools if these are sixteen", function()
    spans[17], spans[18], cells[17], cells[18] = nil, nil, nil, nil
    assert.equal("t16", charts.lanes(spans)[16].name)
    assert.equal("t16", charts.density({ every = 1, cells = cells })[16].name)
  end)
end)
