--- The options of `exectrack.push`: checked, and made into URLs and headers.
-- Used only by `exectrack.push`.
local core = require("exectrack.core")
local export = require("exectrack.format.export")
local options = require("exectrack.options")
local state = require("exectrack.push.state")
local unicode = require("exectrack.report.unicode")

local M = {}

local SIGNALS = { "metrics", "traces" }
local URL = "a URL expected, such as http://localhost:4318"
local CONTENT_TYPES = { json = "application/json", protobuf = "application/x-protobuf" }
local USER_AGENT = core._VERSION:gsub(" ", "/")

-- Headers that say what the body is.
local OF_THE_BODY = { ["content-type"] = true, ["content-encoding"] = true,
  ["content-length"] = true, ["transfer-encoding"] = true }

--- What is wrong with a URL. It is shown unless there may be a secret in it.
local function wrong_url(value, suffix)
  local expected = URL .. (suffix or "")
  if type(value) ~= "string" then
    return expected .. ", got " .. type(value)
  end
  return value:find("[@?]") and expected
    or ("%s, got '%s'"):format(expected, unicode.visible(value))
end

--- Whether a text is a URL of HTTP, without what could end its line in a request.
local function is_url(text)
  return type(text) == "string" and text:lower():find("^https?://[^/?#@]") ~= nil
    and not text:find("[%c ]")
end

local function check_url(value)
  if not is_url(value) then
    return nil, wrong_url(value)
  end
  return value
end

local function check_endpoint(value)
  if not is_url(value) or value:find("[?#]") then
    return nil, wrong_url(value, ", without a query")
  end
  return (value:gsub("/+$", ""))
end

local function check_protocol(value)
  if not CONTENT_TYPES[value] then
    return nil, "'protobuf' or 'json' expected"
  end
  return value
end

local function check_signal(value)
  if value ~= "metrics" and value ~= "traces" then
    return nil, "'metrics' or 'traces' expected"
  end
  return value
end

local check_texts = options.map_of(options.string)

--- Values aren't shown, as they may be secret.
local function check_headers(value)
  local headers, message = check_texts(value)
  local seen = {}
  for name, text in pairs(headers or {}) do
    local key = name:lower()
    if not name:find("^[A-Za-z0-9!#$%%&'*+.^_`|~-]+$") then
      return nil, "a name isn't one of a header"
    elseif text:gsub("\t", ""):find("%c") then
      return nil, "'" .. name .. "': a value without control characters expected"
    elseif OF_THE_BODY[key] or seen[key] then
      return nil, "'" .. name .. "': " .. (seen[key] and "it is there twice" or "push sets it")
    end
    seen[key] = true
  end
  return headers, message
end

local check_fields = options.fields {
  { "post", options.callable, required = true },
  { "endpoint", check_endpoint },
  { "metrics_endpoint", check_url },
  { "traces_endpoint", check_url },
  { "signals", options.array_of(check_signal), default = SIGNALS },
  { "headers", check_headers, default = {} },
  { "protocol", check_protocol, default = "protobuf" },
  { "resource", export.check_resource, default = {} },
  { "texts", options.boolean },
  { "max_buckets", options.integer(2, export.MOST_BUCKETS) },
  { "session_idle", options.positive, default = 600 },
  { "compress", options.callable },
  { "sleep", options.callable },
  { "max_wait", options.number, default = 30 },
  { "on_note", options.callable, default = function() end },
  { "state", state.check },
}

--- Adds `urls`, the URL of each signal to send.
local function add_urls(chosen)
  chosen.urls = {}
  for _, signal in ipairs(chosen.signals) do
    local url = chosen[signal .. "_endpoint"]
      or chosen.endpoint and chosen.endpoint .. "/v1/" .. signal
    if not url then
      return nil, "option 'endpoint': " .. URL
    end
    chosen.urls[signal] = url
  end
  return chosen
end

--- A check for the options of a pusher. The options to use also have `urls`, by signal.
function M.check(given)
  local chosen, message = check_fields(given)
  if not chosen then
    return nil, message
  end
  return add_urls(chosen)
end

--- The headers of a request, in a new table, as whoever sends it may change it.
function M.headers(chosen)
  local headers, has_agent = {}, false
  for name, value in pairs(chosen.headers) do
    headers[name] = value
    has_agent = has_agent or name:lower() == "user-agent"
  end
  headers["Content-Type"] = CONTENT_TYPES[chosen.protocol]
  headers["Content-Encoding"] = chosen.compress and "gzip" or nil
  headers["User-Agent"] = not has_agent and USER_AGENT or headers["User-Agent"]
  return headers
end

--- A URL, or a part of one, without what may be secret in it.
function M.shown(url)
  return (url:gsub("^(%w*:?//)[^/?#]*@", "%1"):gsub("[?#].*$", ""))
end

return M
