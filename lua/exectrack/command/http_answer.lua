--- The bytes of answers of HTTP/1.1.
-- Used only by `exectrack serve`.
local M = {}

local REASONS = {
  [200] = "OK", [303] = "See Other", [400] = "Bad Request", [403] = "Forbidden",
  [404] = "Not Found", [405] = "Method Not Allowed", [408] = "Request Timeout",
  [414] = "URI Too Long", [431] = "Request Header Fields Too Large",
  [500] = "Internal Server Error", [505] = "HTTP Version Not Supported",
}

-- The language of the system changes nothing here.
local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
  "Dec" }

--- A Unix time as HTTP has it.
local function date(time)
  local at = os.date("!*t", math.floor(time))
  return ("%s, %02d %s %d %02d:%02d:%02d GMT"):format(DAYS[at.wday], at.day, MONTHS[at.month],
    at.year, at.hour, at.min, at.sec)
end

--- An answer that is a line of text. `fields` may be more header fields, an array of pairs.
function M.text(status, message, fields)
  local answer = { status = status, fields = { { "Content-Type", "text/plain; charset=utf-8" } },
    body = message .. "\n" }
  for _, field in ipairs(fields or {}) do
    table.insert(answer.fields, field)
  end
  return answer
end

--- The bytes of an answer, a table with `status`, `fields`, an array of pairs, and `body`: the
-- header, and the body to send after it. `time` is now, `method` that of the request: HEAD gets no
-- body. Connections are closed after an answer.
function M.bytes(answer, time, method)
  local lines = {
    "HTTP/1.1 " .. answer.status .. " " .. REASONS[answer.status],
    "Date: " .. date(time),
    "Content-Length: " .. ("%d"):format(#answer.body),
    "Connection: close",
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: no-referrer",
    "Cross-Origin-Resource-Policy: same-origin",
  }
  for _, field in ipairs(answer.fields) do
    lines[#lines + 1] = field[1] .. ": " .. field[2]
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n", method == "HEAD" and "" or answer.body
end

return M
