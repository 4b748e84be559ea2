local sort_rows = require("exectrack.report.parts.sort_rows")

describe("rows", function()
  it("are sorted by several fields, and stay in their order where these are equal", function()
    local rows, expected = {}, {}
    for i = 1, 24 do
      rows[i] = { count = i % 2, tool = i % 3, place = i }
    end
    for _, order in ipairs { { 1, 0 }, { 1, 1 }, { 1, 2 }, { 0, 0 }, { 0, 1 }, { 0, 2 } } do
      for place = 1, 24 do
        if place % 2 == order[1] and place % 3 == order[2] then
          expected[#expected + 1] = place
        end
      end
    end
    local places = {}
    for i, row in ipairs(sort_rows(rows, { "count" }, { "tool" })) do
      places[i] = row.place
    end
    assert.same(expected, places)
  end)
end)
