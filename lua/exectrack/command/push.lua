--- `exectrack push`.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")
local http = require("exectrack.command.http")
local numbers = require("exectrack.numbers")
local push_settings = require("exectrack.command.push_settings")
local runs = require("exectrack.command.runs")
local system = require("exectrack.command.system")
local watches = require("exectrack.command.watch")

local LEAST_S, MOST_S = 0.1, 3600

local EPILOG = [[
Examples:
   exectrack push agent.run
   exectrack push runs --follow --state runs/sent.json
   exectrack push agent.run --endpoint http://localhost:4318 --gzip
   OTEL_RESOURCE_ATTRIBUTES=host.name=$(hostname) exectrack push agent.run

Each run is sent by itself: its metrics, and a span for each record. Texts of
arguments and errors are left out, unless --texts is given.

--follow goes on with what is recorded and with new files in folders, until it
is interrupted. It waits for a receiver that is down. What a run no longer
retains by then isn't sent.

Without an option, OpenTelemetry's environment variables say where and how:
OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _TIMEOUT, _COMPRESSION, _PROTOCOL,
_CERTIFICATE, _CLIENT_CERTIFICATE and _CLIENT_KEY, each also for one signal, as
in OTEL_EXPORTER_OTLP_METRICS_ENDPOINT; OTEL_SERVICE_NAME,
OTEL_RESOURCE_ATTRIBUTES, OTEL_METRIC_EXPORT_INTERVAL, OTEL_SDK_DISABLED and
OTEL_TRACES_EXPORTER=none. Other users of the machine can see options, but not
variables: keys belong into OTEL_EXPORTER_OTLP_HEADERS.]]

local M = { summary = "Send runs to an OpenTelemetry collector.", paths = "runs" }

--- Waits, but not for output.
local function sleep(seconds)
  system.wait_for_end(seconds)
end

--- A converter for argparse.
local function read_seconds(text)
  local number = numbers.read(text)
  if not number or number < LEAST_S or number > MOST_S then
    return nil, ("--every: must be from %g to %d seconds, got '%s'"):format(LEAST_S, MOST_S, text)
  end
  return number
end

--- Adds the arguments to an argparse command.
function M.describe(command, choose)
  command:argument("RUN"):target("runs"):args("+")
    :description("The file of a run, or a folder of them; - is standard input.")
  command:flag("-f --follow"):description("Go on with what is recorded from now on.")
  command:option("--every"):argname("SECONDS"):convert(read_seconds)
    :description("With --follow, how often to look and send. By default 10.")
  command:option("--endpoint"):argname("URL"):convert(push_settings.read_endpoint)
    :description("The receiver, to which /v1/metrics and /v1/traces are added. By default "
      .. "http://localhost:4318.")
  command:option("--header"):argname("NAME=VALUE"):count("*"):convert(push_settings.read_header)
    :description("Add this header to each request.")
  choose(command:option("--signal"):argname("SIGNAL"):description("Only metrics or traces."),
    "signal", { "metrics", "traces" }):overwrite(false)
  command:option("--state"):argname("FILE")
    :description("Keep in this file what was sent, and send none of it again.")
  command:flag("--texts"):description("Add the texts of arguments and errors that the run has.")
  command:flag("--gzip"):description("Compress what is sent; this needs lua-zlib.")
  command:epilog(EPILOG)
end

--- The files to send, arrays of a path and whether it was given; and how many folders have none,
-- which is said.
local function files_of(paths)
  local files, failed = {}, 0
  for _, path in ipairs(paths) do
    local found, message = { path }, nil
    local is_folder = system.status(path) == "folder"
    if is_folder then
      found, message = runs.chosen_files(path)
    end
    if message then
      runs.note(message)
      failed = failed + 1
    end
    for _, file in ipairs(found or {}) do
      files[#files + 1] = { file, not is_folder }
    end
  end
  return files, failed
end

--- Whether nobody records into a run any more, as far as is known.
local function has_ended(snapshot)
  local writer = snapshot:writer()
  if writer then
    return writer.state ~= "live"
  end
  return snapshot:in_flight_count() == 0
end

--- Sends the run in a file. Returns whether it has a whole one, whether all of that was sent, and
-- whether anything was.
local function send(pushing, path)
  local snapshot, message = runs.load(path)
  if not snapshot then
    runs.note(message)
    return false, false, false
  end
  local accepted = pushing:accepted()
  local was_sent, failures = pushing:send(path, snapshot, has_ended(snapshot))
  if not was_sent then
    runs.note(path .. ": " .. pushing.text_of(failures))
  end
  if pushing:is_keep_due() then
    pushing:keep() -- if it can't, that is said in the end
  end
  return not snapshot:is_filtered(), was_sent, pushing:accepted() > accepted
end

--- Sends each run once. Returns the exit code: what isn't a whole run in a folder isn't a failure,
-- if something was sent.
local function push_once(pushing, paths)
  local files, failed = files_of(paths)
  local sent, new = 0, 0
  for _, file in ipairs(files) do
    local is_whole, was_sent, is_new = send(pushing, file[1])
    sent, new = sent + (was_sent and 1 or 0), new + (is_new and 1 or 0)
    failed = failed + ((is_whole or file[2]) and not was_sent and 1 or 0)
  end
  if new > 0 or sent > 0 then
    runs.note(new > 0 and pushing:summary(new) or "sent nothing, as nothing is new")
  end
  local ok, message = true, nil
  if pushing:settled() > 0 then
    ok, message = pushing:keep()
  end
  return ok and (failed == 0 and sent > 0 and exit_codes.DONE or exit_codes.FAILED) or nil, message
end

--- The settings; or nil and what `run` returns.
local function settings_of(arguments)
  if push_settings.is_disabled(os.getenv) then
    runs.note("nothing is sent, as OTEL_SDK_DISABLED is true")
    return nil, exit_codes.DONE
  end
  local settings, message = push_settings.read(arguments, os.getenv)
  if not settings then
    return nil, nil, message, exit_codes.WRONG_USAGE
  elseif #settings.signals == 0 then
    runs.note("nothing is sent, as OTEL_METRICS_EXPORTER and OTEL_TRACES_EXPORTER are none")
    return nil, exit_codes.DONE
  end
  local socket
  socket, message = http.socket()
  return socket and settings, nil, message
end

local function note(name, text)
  runs.note(name and name .. ": " .. text or text)
end

--- Whether the arguments fit together: true; or nil and a message.
local function check(arguments)
  if arguments.follow then
    local ok, message = watches.check_paths(arguments.runs)
    if not ok then
      return nil, message
    end
    return watches.check_whole(arguments.runs)
  elseif arguments.every then
    return nil, "--every: it needs --follow"
  end
  return true
end

function M.run(arguments)
  local ok, message = check(arguments)
  if not ok then
    return nil, message, exit_codes.WRONG_USAGE
  end
  local settings, done, code
  settings, done, message, code = settings_of(arguments)
  if not settings then
    return done, message, code
  end
  local pushing
  pushing, message = require("exectrack.command.push_runs").new(settings, {
    texts = arguments.texts, state_path = arguments.state, on_note = note,
    sleep = not arguments.follow and sleep or nil })
  if not pushing then
    return nil, message
  elseif arguments.follow then
    return require("exectrack.command.push_follow")(pushing, arguments.runs, settings.interval_s)
  end
  return push_once(pushing, arguments.runs)
end

return M
