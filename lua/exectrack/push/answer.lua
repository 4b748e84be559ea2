--- What the answer to a request means. It may be anything.
-- Used only by `exectrack.push`.
local json = require("exectrack.json")
local numbers = require("exectrack.numbers")
local protobuf = require("exectrack.format.protobuf")
local push_options = require("exectrack.push.options")
local unicode = require("exectrack.report.unicode")

local M = {}

-- The kinds of failures by status; others are refusals. Only a few may say that the content is at
-- fault; any other is due to how it was sent, such as a wrong URL or an expired key.
local KINDS = { [400] = "content", [413] = "content", [422] = "content",
  [429] = "unavailable", [502] = "unavailable", [503] = "unavailable", [504] = "unavailable" }
local TOO_LARGE = 413

local NOT_OTLP = "the answer isn't that of a receiver of OTLP"

local MOST_READ_BYTES, MOST_SHOWN_BYTES, MOST_SHOWN_COLUMNS = 65536, 1000, 200
local NEGATIVE = 2 ^ 63 -- numbers from this one on are negative ones, of 64 bits

-- Fields of messages, by the names that .proto files give them.
local PARTIAL_SUCCESS, REJECTED, ERROR_MESSAGE, STATUS_MESSAGE = 1, 1, 2, 2
local JSON_REJECTED = { metrics = "rejectedDataPoints", traces = "rejectedSpans" }

-- What is often wrong if a receiver answers with these statuses.
local HINTS = {
  [401] = "is a header with a key or a password missing?",
  [403] = "is a header with a key or a password missing?",
  [404] = "is the path of the endpoint right?",
  [405] = "is the path of the endpoint right?",
  [413] = "does the receiver, or a proxy, limit the size of requests?",
  [415] = "does the receiver take the other protocol, of 'protobuf' and 'json'?",
}

--- The value of a header; nil for none.
function M.header(headers, name)
  for key, value in next, type(headers) == "table" and headers or {} do
    if type(key) == "string" and key:lower() == name then
      value = type(value) == "table" and rawget(value, 1) or value
      return type(value) == "string" and value or type(value) == "number" and numbers.text(value)
        or nil
    end
  end
end

--- A text from outside, short and in one line. It is cut first, as looking for spaces at the end of
-- a long one may take seconds.
local function shown(text)
  text = text:sub(text:find("%S") or 1):sub(1, MOST_SHOWN_BYTES):gsub("%s+$", "")
  return unicode.prefix(unicode.visible(text), MOST_SHOWN_COLUMNS)
end

--- The form that a body has, `json`, `protobuf` or `text`, by its type, else that of the request;
-- nil for one that can't be read.
local function form_of(answer)
  local kind = (M.header(answer.headers, "content-type") or ""):lower()
  if M.header(answer.headers, "content-encoding") or #answer.body > MOST_READ_BYTES then
    return nil
  elseif kind:find("json", 1, true) then
    return "json"
  elseif kind:find("protobuf", 1, true) then
    return "protobuf"
  end
  return kind:find("text/", 1, true) and "text" or answer.protocol
end

local function json_object(text)
  local value = json.decode(text)
  return type(value) == "table" and value or {}
end

--- Whether a server says that it speaks TLS, in the words of Go, nginx or Apache.
local function is_for_tls(body)
  return body:find("HTTPS server", 1, true) or body:find("HTTPS port", 1, true)
    or body:find("SSL-enabled", 1, true)
end

--- What a receiver says about a failure; an empty text for nothing.
local function text_of(answer)
  local form = form_of(answer)
  local text = answer.body
  if form == "json" then
    text = json_object(text).message or text
  elseif form == "protobuf" then
    text = (protobuf.fields(text) or {})[STATUS_MESSAGE] or text
  end
  text = type(text) == "string" and text or ""
  return form and not text:find("^%s*<") and shown(text) or ""
end

local function number(value)
  value = type(value) == "string" and numbers.read(value) or value
  return type(value) == "number" and value >= 0 and value < NEGATIVE and math.floor(value) or 0
end

--- How many spans or points were rejected, and the text about that; nil if the body can't be read.
local function partial_success(answer)
  if form_of(answer) == "json" then
    local body = json.decode(answer.body)
    local part = type(body) == "table" and body.partialSuccess
    part = type(part) == "table" and part or {}
    return type(body) == "table" and number(part[JSON_REJECTED[answer.signal]]) or nil,
      part.errorMessage
  end
  local fields = protobuf.fields(answer.body)
  local part = fields and type(fields[PARTIAL_SUCCESS]) == "string"
    and protobuf.fields(fields[PARTIAL_SUCCESS]) or {}
  return fields and number(part[REJECTED]), part[ERROR_MESSAGE]
end

--- Whether an answer is a page for people, as proxies and web servers give for any path. The first
-- bytes of a message may be a line's end and `<`, too, but not a letter or `!` then.
local function is_page(answer)
  return (M.header(answer.headers, "content-type") or ""):lower():find("html", 1, true)
    or answer.body:find("^<") or answer.body:find("^%s*<[!?%a]")
end

local THINGS = { metrics = "data point", traces = "span" }

--- What is accepted. An answer without a body accepts all.
local function accepted(answer)
  if is_page(answer) then
    return { kind = "refused", message = ("status %d: %s (%s)"):format(answer.status, NOT_OTLP,
      HINTS[404]) }
  end
  local form = form_of(answer)
  local rejected, text = 0, nil
  if form and answer.body ~= "" then
    rejected, text = partial_success(answer)
  end
  text = type(text) == "string" and text ~= "" and shown(text) or nil
  local note
  if not rejected then
    note = NOT_OTLP
  elseif rejected > 0 then
    note = ("rejected %.0f %s%s"):format(rejected, THINGS[answer.signal],
      rejected == 1 and "" or "s")
  end
  return { kind = "accepted", rejected = rejected or 0,
    note = (note or text) and (note or "said") .. (text and ": " .. text or "") }
end

local function failed(answer)
  local status = answer.status
  local text = ("status %d"):format(status)
  local said = text_of(answer)
  if status >= 300 and status < 400 then
    local place = M.header(answer.headers, "location")
    text = text .. ", a redirect" .. (place and " to " .. shown(push_options.shown(place)) or "")
      .. ", which isn't followed"
  elseif said ~= "" then
    text = text .. ": " .. said
  end
  local is_wrong_scheme = status == 400 and is_for_tls(answer.body)
  local hint = is_wrong_scheme and "has the URL to begin with https://?" or HINTS[status]
  text = text .. (hint and " (" .. hint .. ")" or "")
  return { kind = not is_wrong_scheme and KINDS[status] or "refused", message = text,
    headers = answer.headers, is_too_large = status == TOO_LARGE,
    hint = not hint and HINTS[404] or nil }
end

local function is_status(value)
  return type(value) == "number" and value % 1 == 0 and value >= 100 and value <= 599
end

--- What is meant by what `post` returned: a table with `kind`, which is `accepted`, `unavailable`,
-- `content`, `refused` or `post`. What is accepted has `rejected`, how many were not, and may have
-- a `note`; a failure has a `message`, and one that was answered `headers`. What is unavailable may
-- be `is_final`: it will be so as long as nobody changes something. The kind `content` says that
-- the content is at fault, if it comes from a receiver of OTLP; else `hint`, if there is one, says
-- what may be wrong. It may be that it `is_too_large`.
function M.read(signal, protocol, status, headers, body)
  if not status then
    local text = type(headers) == "string" and headers ~= "" and shown(headers) or "no answer"
    return { kind = "unavailable", message = text, is_final = body == true }
  elseif not is_status(status) then
    return { kind = "post", message = "post: a status from 100 to 599 expected, got "
      .. (type(status) == "number" and numbers.text(status) or type(status)) }
  end
  local answer = { signal = signal, protocol = protocol, status = status, headers = headers,
    body = type(body) == "string" and body or "" }
  return (status >= 200 and status < 300 and accepted or failed)(answer)
end

--- What is meant by an error that a function raised which was given as this option.
function M.raised(option, message)
  local text = type(message) == "string" and message or "an error that is a " .. type(message)
  return { kind = "post", message = option .. ": " .. shown(text) }
end

return M
