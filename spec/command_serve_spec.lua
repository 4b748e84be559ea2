local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local import_command = require("spec.support.import_command")
local process = require("spec.support.process")
local socket = require("socket")

local PATIENCE_S = 60 -- for all that doesn't come if something is wrong

-- The loopback address of IPv6, where the system has it.
local HAS_V6 = socket.bind("::1", 0) ~= nil
local OTHER_HOST = HAS_V6 and "::1" or "127.0.0.2"

local folder, tracker, output, id, port, token

local function save(name)
  assert(tracker:snapshot():save(folder.path .. "/" .. name))
end

local function next_line()
  return output:read("*l")
end

--- Starts a server with these arguments. Lines on standard error begin with `! `.
local function start(arguments)
  folder:shell("rm -f lines; mkfifo lines")
  local command = folder.command("serve " .. arguments):gsub("'", "'\\''")
  folder:shell(("{ sh -c 'echo $$; exec %s' 2>&1 >&3 | sed -u 's/^exectrack:/!/' >&3; } "
    .. "3>lines &"):format(command))
  output = assert(io.open(folder.path .. "/lines"))
  id = assert(next_line():match("^%d+$"))
  port = tonumber(assert(next_line():match("^metrics: http://.*:(%d+)/metrics$")))
  token = assert(next_line():match("^reports: http://.*:%d+/%?token=(%x+)$"))
end

--- Sends it a signal. Returns what it still says.
local function stop(signal)
  process.run("kill -" .. signal .. " " .. id)
  local text = output:read("*a")
  output:close()
  id = nil
  return text
end

local function connect(host)
  local client = assert((host and HAS_V6 and socket.tcp6 or socket.tcp4)())
  client:settimeout(PATIENCE_S)
  assert(client:connect(host or "127.0.0.1", port))
  return client
end

--- Sends bytes, and returns all that comes until the end: the status, and all of it.
local function ask(bytes, host)
  local client = connect(host)
  assert(client:send(bytes))
  local answer, problem = client:receive("*a")
  client:close()
  assert(answer, problem)
  return tonumber(answer:match("^HTTP/1.1 (%d+) ")), answer
end

--- Asks for a target, with these lines. Returns the status, the body and the header.
local function get(target, ...)
  local status, answer = ask(table.concat({ "GET " .. target .. " HTTP/1.1", "Host: localhost",
    ... }, "\r\n") .. "\r\n\r\n")
  local head, body = answer:match("^(.-\r\n)\r\n(.*)$")
  return status, body, head
end

--- The executions of the tool `read` that the metrics count.
local function count()
  local _, body = get("/metrics")
  return tonumber(body:match('executions_total{tool="read",status="success"} (%d+)\n'))
end

before_each(function()
  folder = import_command.new()
  tracker = exectrack.new { clock = clocks.new().read }
  tracker:record("read", "success", 1)
end)

after_each(function()
  if id then
    stop("KILL")
  end
  folder:remove()
end)

describe("exectrack serve", function()
  it("serves metrics of files as they come and go, and ends by SIGTERM", function()
    save("a.run")
    start(". --listen 127.0.0.1:0")
    local status, body, head = get("/metrics")
    assert.same({ 200, "1" }, { status, body:match('exectrack_runs{state="saved"} (%d+)\n') })
    assert.truthy(head:find("\r\nContent%-Length: " .. #body .. "\r\n"))
    assert.equal(1, count())
    tracker:record("read", "success", 1)
    tracker:record("new", "success", 1)
    save("a.run")
    assert.equal(2, count())
    local _, with_new = get("/metrics")
    assert.equal("0", with_new:match('executions_total{tool="new",status="success"} (%d+)\n'))
    folder:write("b.run", "")
    assert.equal(2, count())
    assert.equal(2, count())
    assert.equal("! ./b.run: it is empty", next_line())
    os.remove(folder.path .. "/a.run")
    assert.equal(2, count())
    assert.equal("! ended by a signal\n", stop("TERM"))
  end)

  it("shows reports to those that have the token, and ends by SIGINT", function()
    save("a.run")
    start(("a.run --listen '%s:0' --allow-host agents.example --timezone +05:30"):format(
      HAS_V6 and "[::1]" or OTHER_HOST))
    local function get_page(target, line)
      return ask(("GET %s HTTP/1.1\r\nHost: agents.example\r\n%s\r\n"):format(target, line or ""),
        OTHER_HOST)
    end
    assert.equal(403, (get_page("/")))
    local status, answer = get_page("/?token=" .. token)
    assert.equal(303, status)
    local cookie = "Cookie: " .. answer:match("Set%-Cookie: ([^;]*)") .. "\r\n"
    status, answer = get_page("/", cookie)
    assert.equal(200, status)
    assert.truthy(answer:find("Since (+05:30)", 1, true))
    local target = answer:match('href="(/report/[^"]*)"')
    assert.equal(200, (get_page(target, cookie)))
    assert.equal(403, (get_page(target)))
    assert.equal(403, (ask("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n",
      OTHER_HOST)))
    assert.equal("! interrupted\n", stop("INT"))
  end)

  it("answers for the host that it listens on, however it is written", function()
    save("a.run")
    start("--listen 127.1:0 .")
    assert.equal(200, (ask("GET /metrics HTTP/1.1\r\nHost: 127.1\r\n\r\n")))
    assert.equal(403, (ask("GET /metrics HTTP/1.1\r\nHost: 127.2\r\n\r\n")))
  end)

  it("answers bad requests, also if more comes than it takes", function()
    save("a.run")
    start(". --listen 127.0.0.1:0")
    for request, expected in pairs {
      ["\22\3\1\2\0\1\0\1\252\3\3" .. ("x"):rep(500)] = 400,
      ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] = 505,
      ["GET /" .. ("a"):rep(9000)] = 414,
      ["GET / HTTP/1.1\r\nA: " .. ("a"):rep(100000)] = 431,
      ["POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
        .. ("a"):rep(100000)] = 400,
      ["PUT /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"] = 405,
      ["HEAD http://127.0.0.1/metrics HTTP/1.0\r\n\r\n"] = 200,
      ["GET / HTTP/1.1\r\n\r\n"] = 400,
    } do
      local status, answer = ask(request)
      assert.equal(expected, status, request:sub(1, 40))
      assert.equal(request:sub(1, 4) == "HEAD", answer:find("\r\n\r\n$") ~= nil)
    end
  end)

  it("answers while other clients say nothing, half of it, or don't read", function()
    for i = 1, 2000 do
      tracker:record("tool " .. i, "success", 1)
    end
    save("a.run")
    start("a.run --listen 127.0.0.1:0")
    local clients = {}
    for i = 1, 200 do
      clients[i] = connect()
      if i % 3 == 1 then
        assert(clients[i]:send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"))
      elseif i % 3 == 2 then
        assert(clients[i]:send("GET /metrics HT"))
      end
    end
    assert.equal(1, count())
    for _, client in ipairs(clients) do
      client:close()
    end
    assert.equal(1, count())
  end)

  it("says what keeps it from that", function()
    local function assert_fails(problem, code, arguments)
      assert.same({ "", "exectrack: " .. problem .. "\n", code },
        { folder:shell(folder.command("serve " .. arguments)) })
    end
    local taken = assert(socket.bind("127.0.0.1", 0))
    local _, its_port = taken:getsockname()
    save("a.run")
    local where = ("127.0.0.1:%d"):format(its_port)
    assert_fails(where .. ": address already in use", 1, "a.run --listen " .. where)
    folder:shell("mkdir none")
    assert_fails("none: no file in it has a name that ends in .run yet\nexectrack: " .. where
      .. ": address already in use", 1, "none --listen " .. where)
    taken:close()
    for _, name in ipairs { "http://x", "x:80", "" } do
      assert_fails("option '--allow-host': the name of a host without a port expected, got '"
        .. name .. "' (see exectrack serve --help)", 2, "a.run --allow-host '" .. name .. "'")
    end
    assert_fails("b.run: No such file or directory", 1, "a.run b.run")
    assert_fails("-: it can't be followed, as it isn't a file (see exectrack serve --help)", 2, "-")
    assert_fails("a.run#S: the totals of a session aren't known, only those of the whole run "
      .. "(see exectrack serve --help)", 2, "a.run#S")
    assert_fails("option '--listen': HOST:PORT or [IPV6]:PORT expected, got '80' "
      .. "(see exectrack serve --help)", 2, "a.run --listen 80")
    folder:shell("mkdir no_socket")
    folder:write("no_socket/socket.lua", "error('no')")
    assert.same({ "", "exectrack: LuaSocket isn't installed: luarocks install luasocket, or on "
      .. "Debian apt-get install lua-socket\n", 1 }, { folder:shell(
      "export LUA_PATH=\"$PWD/no_socket/?.lua;$LUA_PATH\"\n" .. folder.command("serve a.run")) })
  end)
end)
