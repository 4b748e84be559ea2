local tls = require("exectrack.command.push_tls")

--- Whether a certificate with these alternative names, as LuaSec has them, is for a host.
local function is_for(host, names)
  return tls.is_for({
    extensions = function() return { ["2.5.29.17"] = names } end,
  }, host)
end

describe("a certificate", function()
  it("is for the names in it", function()
    local names = { dNSName = { "a.example", "B.example." } }
    for host, expected in pairs { ["a.example"] = true, ["A.EXAMPLE."] = true, ["b.example"] = true,
      ["c.example"] = false, ["x.a.example"] = false, ["example"] = false } do
      assert.equal(expected, is_for(host, names))
    end
    assert.is_false(is_for("a.example", nil))
    assert.is_false(is_for("a.example", {}))
  end)

  it("may be for all names below one", function()
    for host, expected in pairs { ["a.b.example"] = true, ["A.B.Example"] = true,
      ["b.example"] = false, ["x.a.b.example"] = false, [".b.example"] = false } do
      assert.equal(expected, is_for(host, { dNSName = { "*.b.example" } }))
    end
    for _, pattern in ipairs { "*.example", "*", "*.*.example", "a*.b.example", "*a.b.example" } do
      assert.is_false(is_for("a.b.example", { dNSName = { pattern } }))
      assert.is_false(is_for("a.example", { dNSName = { pattern } }))
    end
  end)

  it("is for addresses only if it has them as such", function()
    local names = { iPAddress = { "127.0.0.1", "0:0:0:0:0:0:0:1" }, dNSName = { "127.0.0.2" } }
    for host, expected in pairs { ["127.0.0.1"] = true, ["127.0.0.2"] = false, ["::1"] = true,
      ["::0001"] = true, ["::2"] = false } do
      assert.equal(expected, is_for(host, names))
    end
    assert.is_false(is_for("localhost", { iPAddress = { "127.0.0.1" } }))
  end)
end)
