local answers = require("exectrack.command.http_answer")

local TIME = 1767225661.5

local HEAD = table.concat({
  "HTTP/1.1 200 OK",
  "Date: Thu, 01 Jan 2026 00:01:01 GMT",
  "Content-Length: 4",
  "Connection: close",
  "Cache-Control: no-store",
  "X-Content-Type-Options: nosniff",
  "Referrer-Policy: no-referrer",
  "Cross-Origin-Resource-Policy: same-origin",
  "Content-Type: text/plain; charset=utf-8",
  "A: b",
}, "\r\n") .. "\r\n\r\n"

describe("an answer", function()
  it("is a header and a body, which HEAD doesn't get", function()
    local answer = answers.text(200, "yes", { { "A", "b" } })
    assert.same({ HEAD, "yes\n" }, { answers.bytes(answer, TIME, "GET") })
    assert.same({ HEAD, "yes\n" }, { answers.bytes(answer, TIME, nil) })
    assert.same({ HEAD, "" }, { answers.bytes(answer, TIME, "HEAD") })
  end)

  it("has the reason of each status", function()
    for status, reason in pairs { [303] = "See Other", [400] = "Bad Request", [403] = "Forbidden",
      [404] = "Not Found", [405] = "Method Not Allowed", [408] = "Request Timeout",
      [414] = "URI Too Long", [431] = "Request Header Fields Too Large",
      [500] = "Internal Server Error", [505] = "HTTP Version Not Supported" } do
      local head = answers.bytes(answers.text(status, ""), TIME, "GET")
      assert.equal(("HTTP/1.1 %d %s"):format(status, reason), head:match("^[^\r]*"))
    end
  end)
end)
