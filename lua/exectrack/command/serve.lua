--- `exectrack serve`.
-- Used only by the command.
local accesses = require("exectrack.command.serve_access")
local address = require("exectrack.command.listen_address")
local exit_codes = require("exectrack.command.exit_codes")
local http = require("exectrack.command.http")
local output = require("exectrack.command.output")
local runs = require("exectrack.command.runs")
local servers = require("exectrack.command.http_server")
local sites = require("exectrack.command.serve_site")
local system = require("exectrack.command.system")
local totals_of = require("exectrack.command.serve_totals")
local watches = require("exectrack.command.watch")
local zeros_of = require("exectrack.command.serve_zeros")

local DEFAULT = "127.0.0.1:9464"
local BACKLOG = 512

local EXAMPLES = [[
Examples:
   exectrack serve runs
   exectrack serve agent.run --listen 127.0.0.1:9465
   exectrack serve runs --listen '[::1]:0'
   exectrack serve runs --listen 0.0.0.0:9464 --allow-host agents.example.org

/metrics has the totals of all runs, for Prometheus. / lists the runs, with
reports; it is shown only at the address with a token that is printed at the
start, different each time. New files in folders are found at each request.

It ends by Ctrl-C or SIGTERM.]]

local M = { summary = "Serve metrics of runs to Prometheus, and reports to browsers." }

--- A converter for argparse: the name of a host, as requests have it.
local function read_host(text)
  if not text:find("^[%w._~-]+$") then
    return nil, "option '--allow-host': the name of a host without a port expected, got '" .. text
      .. "'"
  end
  return text
end

function M.describe(command)
  command:argument("RUN"):target("runs"):args("+")
    :description("The file of a run, or a folder of them.")
  command:option("--listen"):argname("ADDRESS"):default(DEFAULT):convert(address.read)
    :description("HOST:PORT or [IPV6]:PORT. Port 0 is one that is free. By default " .. DEFAULT
      .. ".")
  command:option("--allow-host"):argname("NAME"):count("*"):target("hosts"):convert(read_host)
    :description("Answer requests for this host, too: the name of this machine, or of a proxy. "
      .. "Otherwise it is localhost, and addresses.")
  require("exectrack.command.selection").describe_zones(command)
  command:epilog(EXAMPLES)
end

--- A watch over the runs, and what it found at its first look; or nil, a message and the exit code,
-- if it isn't 1.
local function open_watch(paths)
  local ok, message = watches.check_paths(paths)
  if ok then
    ok, message = watches.check_whole(paths)
  end
  if not ok then
    return nil, message, exit_codes.WRONG_USAGE
  end
  local watch = watches.new(paths, "lifetimes")
  local files
  files, message = watch:first_look(true)
  if files and next(watch.files) == nil then
    runs.note(table.concat(paths, ", ") .. ": " .. runs.NO_RUNS .. " yet")
  end
  return files and watch, files or message
end

--- The socket to listen on, and its host and port; or nil and a message.
local function listen(socket, given)
  local listener, message = socket.bind(given.host, given.port, BACKLOG)
  if not listener then
    return nil, address.text(given.host, given.port) .. ": " .. message
  end
  listener:settimeout(0)
  local host, port = listener:getsockname()
  return listener, host, tonumber(port)
end

--- Says where it listens. Returns what `Output:write` does.
local function say_addresses(host, port, token)
  local url = address.url(host, port)
  return output.write(nil, ("metrics: %s/metrics\nreports: %s/?token=%s\n"):format(url, url, token))
end

--- The site of the runs of a watch, with times in `zone`.
local function site_of(watch, files, access, zone)
  local totals = totals_of.new()
  totals:look(files)
  local zeros = zeros_of.new(totals:lifetime())
  collectgarbage() -- all runs were loaded at once
  return sites.new {
    access = access, zone = zone, totals = totals, load = runs.load_file, note = runs.note,
    look = function() totals:look(watch:look_again()) end,
    lifetime = function() return zeros:apply(totals:lifetime(), system.monotonic()) end,
  }
end

--- Answers requests until a signal comes, readable at the file descriptor. Returns what `run` does.
local function serve(socket, listener, site, descriptor)
  local server = servers.new {
    listener = listener, select = socket.select, monotonic = system.monotonic, time = system.time,
    answer_all = function(requests) return site:answer_all(requests) end,
    ending = { getfd = function() return descriptor end },
  }
  while server:step() do end
  server:close()
  local _, is_interrupt = system.wait_for_end(0)
  if is_interrupt then
    return nil, "interrupted", exit_codes.INTERRUPTED
  end
  runs.note("ended by a signal")
  return exit_codes.DONE
end

--- Listens, and serves the runs of a watch. Returns what `run` does.
local function run(socket, watch, files, arguments)
  local token, message = accesses.new_token()
  if not token then
    return nil, message
  end
  local listener, host, port = listen(socket, arguments.listen)
  if not listener then
    return nil, host
  end
  table.insert(arguments.hosts, arguments.listen.host)
  local site = site_of(watch, files, accesses.new(token, arguments.hosts, port),
    arguments.timezone)
  local ok, descriptor = system.delay_end()
  if not ok then
    return nil, descriptor
  end
  local code
  ok, message, code = say_addresses(host, port, token)
  if not ok then
    return nil, message, code
  end
  return serve(socket, listener, site, descriptor)
end

function M.run(arguments)
  local socket, message = http.socket()
  if not socket then
    return nil, message
  end
  local watch, files, code = open_watch(arguments.runs)
  if not watch then
    return nil, files, code
  end
  return run(socket, watch, files, arguments)
end

return M
