local accesses = require("exectrack.command.serve_access")
local requests = require("exectrack.command.http_request")

local TOKEN = ("0123456789abcdef"):rep(4)
local access = accesses.new(TOKEN, { "192.0.2.1", "Agents.example" }, 9464)

--- A request for this target, with these lines.
local function request(target, ...)
  return assert(requests.read(table.concat({ "GET " .. target .. " HTTP/1.1", ... }, "\r\n")
    .. "\r\n\r\n"))
end

describe("the access to exectrack serve", function()
  it("is by localhost, by addresses, and by the names that are allowed", function()
    for host, is_allowed in pairs {
      ["localhost"] = true, ["LOCALHOST:1"] = true, ["127.0.0.1:9464"] = true, ["[::1]"] = true,
      ["192.0.2.1"] = true, ["198.51.100.7:80"] = true, ["[2001:db8::1]:80"] = true,
      ["agents.EXAMPLE:80"] = true, ["evil.example"] = false, ["agents.example.evil"] = false,
      ["localhost.evil.example"] = false, ["127.0.0.1.evil.example"] = false, ["a"] = false,
      ["1.2.3"] = false, ["agents.example."] = false,
    } do
      assert.equal(is_allowed, access:allows_host(request("/", "Host: " .. host)), host)
      local absolute = request("http://" .. host .. "/", "Host: localhost")
      assert.equal(is_allowed, access:allows_host(absolute), host)
    end
    assert.is_true(access:allows_host(assert(requests.read("GET / HTTP/1.0\r\n\r\n"))))
  end)

  it("is by a token in the address", function()
    for query, has in pairs {
      ["?token=" .. TOKEN] = true, ["?a=b&token=" .. TOKEN .. "&c"] = true, ["?token="] = false,
      [""] = false, ["?token=" .. TOKEN .. "0"] = false, ["?token=" .. TOKEN:sub(2)] = false,
      ["?atoken=" .. TOKEN] = false, ["?token=x&token=" .. TOKEN] = false,
      ["?token=" .. TOKEN:upper()] = false, ["?token=" .. ("0"):rep(64)] = false,
    } do
      assert.equal(has, access:has_token(request("/" .. query, "Host: a")), query)
    end
  end)

  it("is by a cookie, of this port", function()
    assert.same({ "Set-Cookie", "exectrack-9464=" .. TOKEN
      .. "; Path=/; HttpOnly; SameSite=Strict" }, access:set_cookie())
    for cookie, has in pairs {
      ["exectrack-9464=" .. TOKEN] = true, ["a=b; exectrack-9464=" .. TOKEN .. "; c=d"] = true,
      ["exectrack-9464=x; exectrack-9464=" .. TOKEN] = true, [""] = false, ["="] = false,
      ["exectrack-9465=" .. TOKEN] = false, ["exectrack-9464=" .. TOKEN .. "x"] = false,
      ["exectrack-9464"] = false, ["exectrack-9464=" .. TOKEN:upper()] = false,
    } do
      assert.equal(has, access:has_cookie(request("/", "Host: a", "Cookie: " .. cookie)), cookie)
    end
    assert.is_false(access:has_cookie(request("/", "Host: a")))
  end)

  it("has a token that is another each time", function()
    local a, b = accesses.new_token(), accesses.new_token()
    assert.truthy(a:find("^" .. ("[0-9a-f]"):rep(64) .. "$"))
    assert.truthy(a ~= b)
  end)
end)
