--- How to send runs: as the options of the command say, else as OpenTelemetry's environment
-- variables do. An empty variable is the same as none.
-- Used only by the command.
local values = require("exectrack.command.push_values")

local M = {}

local DEFAULT_ENDPOINT, DEFAULT_TIMEOUT_S, DEFAULT_INTERVAL_S = "http://localhost:4318", 10, 10
local NO_LIMIT_S = 2 ^ 31 / 1000 -- what a timeout of 0 stands for

local SIGNALS = { "metrics", "traces" }

local protocol = values.one_of({ ["http/protobuf"] = "protobuf", ["http/json"] = "json" },
  "http/protobuf or http/json")
local compression = values.one_of({ none = false, gzip = true }, "gzip or none")
local timeout, interval = values.milliseconds(0), values.milliseconds(1)

--- What is wrong with a URL. It is shown unless there may be a secret in it.
local function explain_url(text, message)
  return text:find("[@?]") and message or message .. (", got '%s'"):format(text)
end

local function read_url(text)
  local url, message = values.url(text)
  return url and text, message and explain_url(text, message)
end

--- A URL to which the path of a signal is added.
local function read_base(text)
  local url, message = read_url(text)
  if url and text:find("[?#]") then
    return nil, "a URL without a query expected"
  end
  return url, message
end

local function read_file(path)
  local file, message = io.open(path, "rb")
  if file then
    file:close()
  end
  return file and path, message
end

--- An object that reads variables, for which `getenv` is called. After a wrong value it has the
-- `message` with the first one.
local function new_reader(getenv)
  local reader = {}

  --- The value of the first of these variables that is set; nil for none.
  function reader.read(check, ...)
    for _, name in ipairs { ... } do
      local text = getenv(name)
      if text and text ~= "" then
        local value, message = check(text)
        if value == nil then
          reader.message = reader.message or name .. ": " .. message
        end
        return value
      end
    end
  end

  --- The same for a variable of a signal, or that of all.
  function reader.of_signal(check, signal, suffix)
    local prefix = "OTEL_EXPORTER_OTLP_"
    return reader.read(check, prefix .. signal:upper() .. "_" .. suffix, prefix .. suffix)
  end

  return reader
end

--- Adds the endpoint of a signal: `url`, and whether it `is_base`.
local function add_endpoint(settings, reader, given)
  local prefix = "OTEL_EXPORTER_OTLP_"
  local own = not given and reader.read(read_url, prefix .. settings.signal:upper() .. "_ENDPOINT")
  settings.is_base = not own
  settings.url = given or own or reader.read(read_base, prefix .. "ENDPOINT") or DEFAULT_ENDPOINT
end

local function add_files(settings, reader)
  local function path(suffix)
    return reader.of_signal(read_file, settings.signal, suffix)
  end
  settings.files = { certificate = path("CERTIFICATE"),
    client_certificate = path("CLIENT_CERTIFICATE"), client_key = path("CLIENT_KEY") }
end

--- Adds the headers of the variable and then those of the command, which replace them.
local function add_headers(settings, reader, given)
  settings.headers = reader.of_signal(values.headers, settings.signal, "HEADERS") or {}
  for _, header in ipairs(given or {}) do
    values.add_header(settings.headers, header[1], header[2])
  end
end

--- How to send the requests of a signal.
local function settings_of(signal, reader, given)
  local settings = { signal = signal }
  add_endpoint(settings, reader, given.endpoint)
  add_headers(settings, reader, given.header)
  add_files(settings, reader)
  settings.protocol = reader.of_signal(protocol, signal, "PROTOCOL") or "protobuf"
  settings.is_compressed = given.gzip or reader.of_signal(compression, signal, "COMPRESSION")
    or false
  local limit_s = reader.of_signal(timeout, signal, "TIMEOUT") or DEFAULT_TIMEOUT_S
  settings.limit_s = limit_s == 0 and NO_LIMIT_S or limit_s
  return settings
end

--- Whether a signal is wanted: by the option, else unless its variable says that there is none.
local function is_wanted(signal, reader, given)
  if given.signal then
    return signal == given.signal
  end
  return reader.read(string.lower, "OTEL_" .. signal:upper() .. "_EXPORTER") ~= "none"
end

local function any_text(text)
  return text
end

local function resource(reader)
  local attributes = reader.read(values.attributes, "OTEL_RESOURCE_ATTRIBUTES") or {}
  attributes["service.name"] = reader.read(any_text, "OTEL_SERVICE_NAME")
    or attributes["service.name"]
  attributes["service.instance.id"] = nil -- it is that of each run
  return attributes
end

--- Reads the settings. `given` are the arguments of the command, `getenv` is a function like
-- `os.getenv`. Returns a table with:
--
-- - `signals`, an array of tables with `signal`, its name; `url` and whether it `is_base`, to which
--   the path of the signal is added; `headers`, by name; `protocol`, as a pusher has it; whether it
--   `is_compressed`; `limit_s`, for a request; and `files`, the paths that `push_tls.new` takes
-- - `resource`, attributes by name
-- - `interval_s`, between two times of sending
--
-- Or nil and a message that names the variable.
function M.read(given, getenv)
  local reader, signals = new_reader(getenv), {}
  for _, signal in ipairs(SIGNALS) do
    if is_wanted(signal, reader, given) then
      signals[#signals + 1] = settings_of(signal, reader, given)
    end
  end
  local settings = { signals = signals, resource = resource(reader),
    interval_s = given.every or reader.read(interval, "OTEL_METRIC_EXPORT_INTERVAL")
      or DEFAULT_INTERVAL_S }
  if reader.message then
    return nil, reader.message
  end
  return settings
end

--- Whether OpenTelemetry is turned off.
function M.is_disabled(getenv)
  return (getenv("OTEL_SDK_DISABLED") or ""):lower() == "true"
end

--- A converter for argparse, of the option `--endpoint`.
function M.read_endpoint(text)
  local url, message = read_base(text)
  return url, message and "--endpoint: " .. message
end

--- A converter for argparse, of the option `--header`. The value isn't in messages.
function M.read_header(text)
  local name, value = text:match("^%s*([^=%s]+)=(.*)$")
  if not name then
    return nil, "--header: NAME=VALUE expected"
  end
  local ok, message = values.add_header({}, name, value)
  return ok and { name, value }, message and "--header: " .. message
end

return M
