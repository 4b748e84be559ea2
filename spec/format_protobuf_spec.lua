local portable = require("spec.support.portable")
local protobuf = require("exectrack.format.protobuf")

local function hex(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

describe("a field of Protocol Buffers", function()
  it("has a whole number in groups of seven bits, up to 64", function()
    assert.equal("0800", hex(protobuf.uint(1, 0)))
    assert.equal("087f", hex(protobuf.uint(1, 127)))
    assert.equal("08ac02", hex(protobuf.uint(1, 300)))
    assert.equal("980180808010", hex(protobuf.uint(19, 2 ^ 25)))
    assert.equal("08ffffffffffffff0f", hex(protobuf.uint(1, 2 ^ 53 - 1)))
    assert.equal("08ffffffffffffffff7f", hex(protobuf.uint(1, "9223372036854775807")))
    assert.equal("08ffffffffffffffffff01", hex(protobuf.uint(1, "18446744073709551615")))
    assert.equal("0880c0caf384a302", hex(protobuf.uint(1, "10000000000000")))
    assert.equal("08ac02", hex(protobuf.uint(1, "300")))
  end)

  it("has a signed number with the sign in the lowest bit", function()
    for text, value in pairs { ["3000"] = 0, ["3001"] = -1, ["3002"] = 1, ["30ffff03"] = -32768,
      ["30feff03"] = 32767 } do
      assert.equal(text, hex(protobuf.sint(6, value)))
    end
  end)

  it("has a whole number in eight bytes, the lowest first", function()
    assert.equal("110807060504030201", hex(protobuf.fixed64(2, "72623859790382856")))
    assert.equal("11ffffffffffffff7f", hex(protobuf.fixed64(2, "9223372036854775807")))
    assert.equal("110000000000002000", hex(protobuf.fixed64(2, 2 ^ 53)))
    if portable.HAS_INTEGERS then
      assert.equal("11ffffffffffffff7f", hex(protobuf.fixed64(2, portable.MAX_INTEGER)))
    end
  end)

  it("has a time in nanoseconds, and the largest one after 2554", function()
    assert.equal("3900ca55f551728618", hex(protobuf.time(7, 1767225600, 123456)))
    assert.equal("390000000000000000", hex(protobuf.time(7, 0, 0)))
    assert.equal("3998fdffffffffffff", hex(protobuf.time(7, 18446744073, 709551)))
    assert.equal("39ffffffffffffffff", hex(protobuf.time(7, 18446744073, 709552)))
  end)

  it("has a double as IEEE 754 has it", function()
    for text, value in pairs { ["0000000000000000"] = 0, ["000000000000f03f"] = 1,
      ["182d4454fb210940"] = 3.141592653589793, ["9a9999999999b93f"] = 0.1,
      ["ffffffffffffef7f"] = 1.7976931348623157e308, ["0000000000001000"] = 2.2250738585072014e-308,
      ["ffffffffffff0f00"] = 2.225073858507201e-308, ["0100000000000000"] = 2 ^ -1074,
      ["000000000000f07f"] = math.huge } do
      assert.equal("29" .. text, hex(protobuf.double(5, value)))
    end
  end)

  it("has bytes and lists of whole numbers after their length", function()
    assert.equal("0a00", hex(protobuf.bytes(1, "")))
    assert.equal("0a020041", hex(protobuf.bytes(1, "\0A")))
    assert.equal("7a8001", hex(protobuf.bytes(15, ("x"):rep(128)):sub(1, 3)))
    assert.equal("120500017fac02", hex(protobuf.uints(2, { 0, 1, 127, 300 })))
    assert.equal("1200", hex(protobuf.uints(2, {})))
  end)
end)
