--- The identifiers of traces and spans, which follow from the contents of a run. So whoever exports
-- it again, or a part of it, gives a span the same identifier. They are texts of 16 and 8 bytes.
-- Used only by formats.
local core = require("exectrack.core")

local char, floor = string.char, math.floor
local fingerprint = core.fingerprint

local M = {}

local HEX = {}
for i = 0, 255 do
  HEX[char(i)] = ("%02x"):format(i)
end

--- An identifier in hexadecimal digits.
function M.hex(id)
  return (id:gsub(".", HEX))
end

--- Four bytes, the highest first.
local function four_bytes(number)
  local low = number % 65536
  local upper = (number - low) / 65536
  return char(floor(upper / 256), upper % 256, floor(low / 256), low % 256)
end

local function built(upper, low)
  return four_bytes(upper) .. four_bytes(low)
end

local pack = string.pack -- luacheck: ignore 143
local eight_bytes = pack and function(upper, low) return pack(">I4I4", upper, low) end or built

--- Eight bytes, never only zeros: two fingerprints of all that is given, each of which has another
-- value in front.
local function digest(kind, ...)
  return eight_bytes(fingerprint(kind, 1, ...), fingerprint(kind, 2, ...))
end

--- The hash of a session by its name, which is the same after the name was forgotten; 0 for none.
local function session_hash(session)
  return session and core.session_hash(session) or 0
end

--- The trace of a session of an instance, and the span around its calls.
function M.of_session(instance_id, session)
  local hash = session_hash(session)
  return digest("trace", instance_id, hash) .. digest("rest of trace", instance_id, hash),
    digest("session", instance_id, hash)
end

--- The span of an execution, of which the arguments say all.
function M.of_execution(...)
  return digest("execution", ...)
end

return M
