local clocks = require("spec.support.clock")
local commands = require("spec.support.command")
local directory = require("spec.support.directory")
local exectrack = require("exectrack")
local process = require("spec.support.process")
local pushed = require("spec.support.receiver")
local receivers = require("spec.support.otlp_receiver")

local IS_GRPC = "this looks like the gRPC port; OTLP over HTTP is on 4318"

local folder, receiver

--- Saves a run of one execution that took so many milliseconds. Returns its snapshot and its path.
local function save(name, duration_ms)
  local tracker = exectrack.new { max_history = 10, clock = clocks.new().read }
  tracker:record { tool = "read", status = "success", duration_ms = duration_ms, session = "s",
    args = { "secret" } }
  local path = folder .. "/" .. name
  assert(tracker:snapshot():save(path))
  return tracker:snapshot(), path
end

--- The bodies of the requests, by signal, in which a run that has ended is sent.
local function bodies_of(snapshot, options)
  local kept = pushed.new()
  options.endpoint, options.post = "http://a", kept.post
  exectrack.push(options):send(snapshot, { has_ended = true })
  return { metrics = kept.requests[1].body, traces = kept.requests[2].body }
end

--- Runs the command with these arguments, `{}` being the URL of the receiver. `variables` are
-- assignments. Returns what it says, without its name, and its exit code.
local function push(arguments, variables)
  local function with_url(text)
    return (text:gsub("{}", receiver and receiver.url or ""))
  end
  local stdout, stderr, code = commands.run("push " .. with_url(arguments),
    with_url(variables or "OTEL_EXPORTER_OTLP_ENDPOINT={}"))
  assert.equal("", stdout)
  return with_url(stderr):gsub("exectrack: ", ""):gsub("localhost:%d+", "H"), code
end

--- A message of the command about a request to this path.
local function about(path, text)
  return "http://H" .. path .. ": " .. text
end

before_each(function()
  folder = directory.make()
  receiver = receivers.start(folder)
end)

after_each(function()
  receiver:stop()
  directory.remove(folder)
end)

describe("exectrack push", function()
  it("sends the metrics and the spans of each run", function()
    local first, path = save("a.run", 1)
    local second = save("b.run", 2)
    assert.same({ "sent metrics and 4 spans of 2 runs to http://H/x/\n", 0 },
      { push(folder .. " --endpoint {}/x/ --gzip --header 'a= b=%20c'",
        "OTEL_EXPORTER_OTLP_HEADERS=B=%20c OTEL_SERVICE_NAME=mine") })
    for _, snapshot in ipairs { first, second } do
      local bodies = bodies_of(snapshot, { resource = { ["service.name"] = "mine" } })
      for _, signal in ipairs { "metrics", "traces" } do
        local its_path, body, head = receiver:next()
        assert.equal("/x/v1/" .. signal, its_path)
        assert.is_true(bodies[signal] == body)
        assert.truthy(head:find("\nContent-Encoding: gzip\r\n"
          .. "Content-Type: application/x-protobuf\r\nUser-Agent: exectrack/0.1.0\r\n"
          .. "a:  b=%20c\r\n", 1, true))
        assert.truthy(head:find("\r\nB:  c\r\n", 1, true))
      end
    end
    assert.same({ "sent metrics of 1 run to http://H/a\n", 0 }, { push(
      "- --signal metrics <" .. path, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT={}/a?b "
      .. "OTEL_EXPORTER_OTLP_PROTOCOL=http/json") })
    local its_path, body = receiver:next()
    assert.same({ "/a?b", bodies_of(first, { protocol = "json" }).metrics }, { its_path, body })
  end)

  it("adds texts only if they are asked for", function()
    local tracker = exectrack.new { max_history = 10, args_texts = 8 }
    tracker:record { tool = "read", status = "success", duration_ms = 1, args = { "secret" } }
    local path = folder .. "/a.run"
    assert(tracker:snapshot():save(path))
    for _, option in ipairs { "", " --texts" } do
      push(path .. " --signal traces" .. option)
      local _, body = receiver:next()
      assert.equal(option ~= "", body:find("secret", 1, true) ~= nil)
    end
  end)

  it("tries again what may help, after as long as it is told", function()
    local _, path = save("a.run", 1)
    receiver:answer("503 Retry-After: 0", "429 Retry-After: 0")
    local metrics, again = "/v1/metrics", "; trying again in 0.0 seconds\n"
    assert.same({ path .. ": " .. about(metrics, "status 503") .. again .. path .. ": "
      .. about(metrics, "status 429") .. again
      .. "sent metrics and 2 spans of 1 run to http://H\n", 0 }, { push(path) })
    for _ = 1, 3 do
      assert.equal(metrics, (receiver:next()))
    end
    assert.equal("/v1/traces", (receiver:next()))
  end)

  it("tries the other runs after one that failed", function()
    local _, a = save("a.run", 1)
    local _, b = save("b.run", 2)
    local _, c = save("c.run", 2)
    receiver:answer("400", "200", "grpc")
    assert.same({ a .. ": " .. about("/v1/metrics", "status 400 (is the path of the endpoint "
      .. "right?)") .. "\n" .. b .. ": " .. about("/v1/metrics", IS_GRPC) .. "\n"
      .. "sent metrics and 4 spans of 2 runs to http://H\n", 1 },
      { push(a .. " " .. b .. " " .. c) })
  end)

  it("doesn't wait again for a receiver that it has given up", function()
    local _, a = save("a.run", 1)
    local _, b = save("b.run", 2)
    receiver:answer("grpc", "drop", "grpc")
    local expected = { a .. ": " .. about("/v1/metrics", IS_GRPC) .. "\n" .. b .. ": "
      .. about("/v1/metrics", "no answer, it closed the connection: if it speaks TLS, the URL has "
      .. "to begin with https://") .. "\n", 1 }
    assert.same(expected, { push(a .. " " .. b) })
    assert.equal("/v1/metrics", (receiver:next()))
    assert.equal("/v1/metrics", (receiver:next()))
    -- Spans may go elsewhere, and each receiver has a limit of its own.
    local other = receiver.url:gsub("localhost", "127.0.0.1")
    assert.same({ a .. ": " .. about("/v1/metrics", IS_GRPC) .. "\nsent 2 spans of 1 run to "
      .. "http://H/v1/metrics and " .. other .. "\n", 1 }, { push(a,
      "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT={}/v1/metrics OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="
      .. other) })
    assert.equal("/v1/metrics", (receiver:next()))
    assert.equal("/", (receiver:next()))
  end)

  it("says what was rejected", function()
    local _, path = save("a.run", 1)
    receiver:answer("partial 3 too old", "partial 1 no")
    assert.same({ path .. ": " .. about("/v1/metrics", "rejected 3 data points: too old") .. "\n"
      .. path .. ": " .. about("/v1/traces", "rejected 1 span: no") .. "\n"
      .. "sent metrics and 1 span of 1 run to http://H\n", 0 }, { push(path) })
  end)

  it("leaves out what can't be read in folders", function()
    save("a.run", 1)
    process.write_file(folder .. "/b.run", "")
    local problem = folder .. "/b.run: it is empty\n"
    local sent = "sent metrics and 2 spans of 1 run to http://H\n"
    assert.same({ problem .. sent, 0 }, { push(folder) })
    assert.same({ problem .. sent, 1 }, { push(folder .. "/b.run " .. folder .. "/a.run") })
    os.remove(folder .. "/a.run")
    assert.same({ problem, 1 }, { push(folder) })
    os.remove(folder .. "/b.run")
    assert.same({ folder .. ": no file in it has a name that ends in .run\n"
      .. folder .. "/b.run: No such file or directory\n", 1 }, { push(folder .. " " .. folder
      .. "/b.run") })
  end)

  it("sends no part of a run, as it isn't known which it is", function()
    local tracker = exectrack.new(2)
    tracker:record("a", "success", 1)
    tracker:record("b", "success", 1)
    local path = folder .. "/a.run"
    assert(tracker:snapshot():filter({ last = 1 }):save(path))
    local problem = path .. ": it was filtered; only whole runs are sent\n"
    assert.same({ problem, 1 }, { push(folder) })
    save("b.run", 1)
    local sent = "sent metrics and 2 spans of 1 run to http://H\n"
    assert.same({ problem .. sent, 0 }, { push(folder) })
    assert.same({ problem .. sent, 1 }, { push(path .. " " .. folder .. "/b.run") })
  end)

  it("sends nothing with wrong settings, and shows no secret", function()
    local function assert_wrong(message, arguments, variables)
      assert.same({ message .. " (see exectrack push --help)\n", 2 },
        { push("a.run " .. arguments, variables) })
    end
    assert_wrong("OTEL_EXPORTER_OTLP_PROTOCOL: http/protobuf or http/json expected, got 'grpc'", "",
      "OTEL_EXPORTER_OTLP_PROTOCOL=grpc")
    assert_wrong("--header: NAME=VALUE expected", "--header secret")
    assert_wrong("--endpoint: a URL that begins with http:// or https:// expected, got 'H'",
      "--endpoint localhost:4318")
    assert_wrong("--every: must be from 0.1 to 3600 seconds, got '0'", "--follow --every 0")
    assert_wrong("--every: it needs --follow", "--every 5")
    assert_wrong("option '--signal' must be used at most 1 time",
      "--signal metrics --signal traces")
    assert_wrong("-: it can't be followed, as it isn't a file", "- --follow")
    save("b.run", 1)
    local session = folder .. "/b.run#S"
    assert_wrong(session .. ": the totals of a session aren't known, only those of the whole run",
      session .. " --follow")
    assert.same({ "nothing is sent, as OTEL_SDK_DISABLED is true\n", 0 },
      { push("a.run", "OTEL_SDK_DISABLED=True") })
    assert.same({ "nothing is sent, as OTEL_METRICS_EXPORTER and OTEL_TRACES_EXPORTER are none\n",
      0 }, { push("a.run", "OTEL_METRICS_EXPORTER=none OTEL_TRACES_EXPORTER=none") })
  end)

  it("says which libraries it lacks", function()
    local _, path = save("a.run", 1)
    local function without(name)
      return ("LUA_INIT='package.preload[\"%s\"] = function() error(0) end' "
        .. "OTEL_EXPORTER_OTLP_ENDPOINT={}"):format(name)
    end
    assert.same({ "LuaSocket isn't installed: luarocks install luasocket, or on Debian apt-get "
      .. "install lua-socket\n", 1 }, { push(path, without("socket")) })
    assert.same({ "https needs LuaSec: luarocks install luasec, or on Debian apt-get install "
      .. "lua-sec\n", 1 }, { push(path .. " --endpoint https://localhost", without("ssl")) })
    assert.same({ "lua-zlib isn't installed, so nothing is compressed: luarocks install lua-zlib, "
      .. "or on Debian apt-get install lua-zlib\n"
      .. "sent metrics and 2 spans of 1 run to http://H\n", 0 },
      { push(path .. " --gzip", without("zlib")) })
  end)

  it("sends nothing again that it has kept as sent", function()
    local _, path = save("a.run", 1)
    local state = folder .. "/state"
    local arguments = path .. " --state " .. state
    receiver:answer("200", "grpc")
    assert.same({ path .. ": " .. about("/v1/traces", IS_GRPC) .. "\nsent metrics of 1 run to "
      .. "http://H\n", 1 }, { push(arguments) })
    assert.same({ "sent 2 spans of 1 run to http://H\n", 0 }, { push(arguments) })
    assert.same({ "sent nothing, as nothing is new\n", 0 }, { push(arguments) })
    assert.same({ "sent 2 spans of 1 run to http://H\n", 0 }, { push(path .. " --signal traces") })
    for _, expected in ipairs { "metrics", "traces", "traces", "traces" } do
      assert.equal("/v1/" .. expected, (receiver:next()))
    end
    for _, text in ipairs { "", "{}", '{"exectrack_push":1,"metrics":{"a":1}}',
      '{"exectrack_push":1,"traces":1}', "[", "1" } do
      process.write_file(state, text)
      assert.same({ state .. ": it isn't a state of exectrack push\n", 1 }, { push(arguments) })
    end
  end)

  it("keeps nothing as sent that was refused, however it is wrong", function()
    local _, path = save("a.run", 1)
    local state = folder .. "/state"
    local arguments = path .. " --state " .. state
    receiver:answer("404", "401")
    assert.same({ path .. ": " .. about("/v1/metrics", "status 404 (is the path of the endpoint "
      .. "right?); ") .. about("/v1/traces", "status 401 (is a header with a key or a password "
      .. "missing?)\n"), 1 }, { push(arguments) })
    assert.equal('{"exectrack_push":1,"metrics":[],"traces":[]}\n', process.read_file(state))
    assert.same({ "sent metrics and 2 spans of 1 run to http://H\n", 0 }, { push(arguments) })
  end)

  it("keeps what was sent of a signal that isn't sent now", function()
    local _, path = save("a.run", 1)
    local arguments = path .. " --state " .. folder .. "/state"
    assert.same({ "sent metrics and 2 spans of 1 run to http://H\n", 0 }, { push(arguments) })
    for _ = 1, 2 do
      assert.same({ "sent nothing, as nothing is new\n", 0 },
        { push(arguments .. " --signal metrics") })
    end
    assert.same({ "sent nothing, as nothing is new\n", 0 }, { push(arguments) })
  end)

  it("sends nothing if it can't keep what it has sent", function()
    local _, path = save("a.run", 1)
    for state, problem in pairs { [folder] = "Is a directory", ["/dev/full"] = "it isn't a file",
      [folder .. "/no/state"] = "No such file or directory" } do
      assert.same({ state .. ": " .. problem .. "\n", 1 }, { push(path .. " --state " .. state) })
    end
    assert.same({ "sent metrics and 2 spans of 1 run to http://H\n", 0 }, { push(path) })
    assert.equal("/v1/metrics", (receiver:next()))
    assert.equal("/v1/traces", (receiver:next()))
  end)

  it("sends over https", function()
    local _, path = save("a.run", 1)
    local certificate, key = receivers.certificate(folder, "server", "DNS:localhost")
    receiver:stop()
    receiver = receivers.start(folder, { certificate, key })
    assert.same({ "sent metrics and 2 spans of 1 run to https://H\n", 0 }, { push(path,
      "OTEL_EXPORTER_OTLP_ENDPOINT={} OTEL_EXPORTER_OTLP_CERTIFICATE=" .. certificate) })
    assert.same({ path .. ": https://H/v1/metrics: its certificate isn't trusted: "
      .. "self-signed certificate\n", 1 }, { push(path) })
    assert.same({ key .. ": it has no certificates in PEM form\n", 1 }, { push(path,
      "OTEL_EXPORTER_OTLP_ENDPOINT={} OTEL_EXPORTER_OTLP_CERTIFICATE=" .. key) })
  end)
end)
