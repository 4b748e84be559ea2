local pieces = require("exectrack.format.pieces")

describe("text in pieces", function()
  it("is the same text, of at most 512 rows a piece", function()
    for count, sizes in pairs { [0] = { 2 }, [1] = { 3 }, [512] = { 514 }, [513] = { 513, 2 },
      [1024] = { 513, 513 }, [1025] = { 513, 512, 2 } } do
      local texts, actual = {}, {}
      for piece in pieces("<", count, function(i) return string.char(65 + i % 26) end, ">") do
        texts[#texts + 1], actual[#actual + 1] = piece, #piece
      end
      local expected = {}
      for i = 1, count do
        expected[i] = string.char(65 + i % 26)
      end
      assert.same(sizes, actual)
      assert.equal("<" .. table.concat(expected) .. ">", table.concat(texts))
    end
  end)
end)
