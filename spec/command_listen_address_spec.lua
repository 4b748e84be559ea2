local address = require("exectrack.command.listen_address")

describe("an address to listen on", function()
  it("is a host and a port", function()
    for text, expected in pairs {
      ["127.0.0.1:9464"] = { host = "127.0.0.1", port = 9464 },
      ["[::1]:0"] = { host = "::1", port = 0 },
      ["agents.example:65535"] = { host = "agents.example", port = 65535 },
    } do
      assert.same(expected, address.read(text))
    end
    for _, text in ipairs { "", "9464", ":9464", "::1:9464", "a:", "a:65536", "a:-1", "a:1x",
      "[::1]", "a b:1", "a:000001", "[a]b:1" } do
      assert.same({ nil, "option '--listen': HOST:PORT or [IPV6]:PORT expected, got '" .. text
        .. "'" }, { address.read(text) })
    end
  end)

  it("is shown as clients on this machine write it", function()
    assert.equal("http://127.0.0.1:80", address.url("127.0.0.1", 80))
    assert.equal("http://127.0.0.1:80", address.url("0.0.0.0", 80))
    assert.equal("http://[::1]:80", address.url("::", 80))
    assert.equal("http://192.0.2.1:80", address.url("192.0.2.1", 80))
    assert.equal("[::]:80", address.text("::", 80))
  end)
end)
