--- After how long a request may be tried again.
-- Used only by `exectrack.push`.
local answer = require("exectrack.push.answer")
local core = require("exectrack.core")
local time = require("exectrack.format.time")

local M = {}

local LONGEST, LONGEST_BACKOFF = 3600, 64

local MONTHS = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9,
  Oct = 10, Nov = 11, Dec = 12 }

--- The Unix seconds of a date as HTTP writes it; nil for what isn't one.
local function http_date(text)
  local day, month, year, clock =
    (text or ""):match("^%a%a%a, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d:%d%d:%d%d) GMT$")
  return MONTHS[month] and time.iso(("%s-%02d-%sT%sZ"):format(year, MONTHS[month], day, clock))
end

--- The seconds that the header `Retry-After` says; nil if there is none. A date counts from the
-- `Date` of the same answer.
local function retry_after(headers)
  local value = answer.header(headers, "retry-after")
  local digits = (value or ""):match("^%s*(%d+)%s*$")
  if digits then
    return math.min(tonumber(digits), LONGEST)
  end
  local after, now = http_date(value), http_date(answer.header(headers, "date"))
  return after and now and math.floor(math.max(0, math.min(after - now, LONGEST))) or nil
end

--- The seconds to wait after the failure number `failures` in a row, which was an answer with these
-- headers, or none. If it doesn't say, they are between half and all of a power of 2. How many
-- follows from `seed`, any text, so that many processes don't try again together.
function M.seconds(headers, failures, seed)
  local part = core.fingerprint(seed, failures) / 2 ^ 32
  return retry_after(headers)
    or math.min(2 ^ (failures - 1), LONGEST_BACKOFF) * (0.5 + part / 2)
end

return M
