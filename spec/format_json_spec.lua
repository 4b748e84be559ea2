local encode = require("spec.support.encode")
local format = require("exectrack.format")
local made_up = require("spec.support.made_up")
local odd_runs = require("spec.support.odd_runs")
local pieces = require("spec.support.pieces")
local u = require("spec.support.utf8").text

--- All that the decoder returns of a document, in pieces of so many bytes.
local function decode(text, bytes)
  local all = {}
  for place, record, message in format.json.decode(pieces(text, bytes)) do
    all[#all + 1] = { place, record, message }
  end
  return all
end

describe("the decoder of whole runs", function()
  it("gives the records, and where each is", function()
    local runs = odd_runs.all()
    runs[#runs + 1] = { "small", made_up.run { { tool = "a", duration_ms = 1 }, { tool = "b",
      duration_ms = 2, status = "failed", error_type = "EIO", session = "s", timestamp = 0 } } }
    for _, odd in ipairs(runs) do
      local expected = {}
      for i, record in ipairs(odd[2]:filter({ last = 100 }):records()) do
        record.tool = record.tool:gsub("\255", u[[\u{FFFD}]])
        expected[i] = { ("records[%d]"):format(i), record }
      end
      local text = encode("json", odd[2]:filter { last = 100 })
      assert.same(expected, decode(text, 1000), odd[1])
    end
  end)

  it("says once what is wrong with the whole, without a place", function()
    for text, message in pairs {
      ["{}"] = "format: a string expected, got nothing",
      ["5"] = "an object expected",
      ['{"format":"exectrack"'] = "line 1, byte 22: the text ends too early",
    } do
      for bytes = 1, #text do
        assert.same({ { "", nil, message } }, decode(text, bytes))
      end
    end
  end)

  it("raises for wrong arguments, and a piece that isn't a string", function()
    assert.has_error(function() format.json.decode("{}") end,
      "json.decode: a function expected, got string")
    assert.has_error(function() format.json.decode(function() return 5 end) end,
      "json.decode: a piece: a string expected, got 5")
  end)
end)
