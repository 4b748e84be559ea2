local accesses = require("exectrack.command.serve_access")
local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local metrics_text = require("exectrack.format.metrics_text")
local requests = require("exectrack.command.http_request")
local sites = require("exectrack.command.serve_site")
local totals_of = require("exectrack.command.serve_totals")

local ID = "00112233-4455-6677-8899-aabbccddeeff"
local TOKEN = ("0123456789abcdef"):rep(4)
local COOKIE = "Cookie: exectrack-9464=" .. TOKEN

local site, totals, tracker, snapshot, files, looks, notes

--- The request for this target, with these lines.
local function request(target, ...)
  local line = target:find(" ", 1, true) and target or "GET " .. target
  return assert(requests.read(table.concat({ line .. " HTTP/1.1", "Host: localhost", ... },
    "\r\n") .. "\r\n\r\n"))
end

local function get(...)
  return site:answer_all({ request(...) })[1]
end

--- The value of a header field.
local function field(answer, name)
  for _, pair in ipairs(answer.fields) do
    if pair[1] == name then
      return pair[2]
    end
  end
end

before_each(function()
  tracker = exectrack.new { clock = clocks.new().read, instance_id = ID,
    label = "<b>&\"'" }
  tracker:record("read", "success", 250)
  snapshot = tracker:snapshot()
  looks, notes, totals = 0, {}, totals_of.new()
  files = { { path = "runs/<i>.run", snapshot = snapshot, new = snapshot,
    position = select(2, snapshot:since()) } }
  site = sites.new {
    access = accesses.new(TOKEN, {}, 9464), totals = totals,
    look = function()
      looks = looks + 1
      totals:look(files)
    end,
    lifetime = function() return totals:lifetime() end,
    load = function(path)
      assert.equal("runs/<i>.run", path)
      if snapshot then
        return snapshot
      end
      return nil, "it is gone"
    end,
    note = function(message) notes[#notes + 1] = message end,
  }
end)

describe("the site of exectrack serve", function()
  it("has metrics in the format that is asked for, without a token", function()
    local answer = get("/metrics")
    assert.same({ 200, "text/plain; version=0.0.4; charset=utf-8", "Accept" },
      { answer.status, field(answer, "Content-Type"), field(answer, "Vary") })
    assert.equal(metrics_text.text_of("prometheus", totals:lifetime()), answer.body)
    answer = get("/metrics?a=b", "Accept: application/openmetrics-text")
    assert.same({ 200, "application/openmetrics-text; version=1.0.0; charset=utf-8" },
      { answer.status, field(answer, "Content-Type") })
    assert.equal(metrics_text.text_of("openmetrics", totals:lifetime()), answer.body)
    assert.same(answer, get("HEAD /metrics", "Accept: application/openmetrics-text"))
  end)

  it("looks at the runs once for all requests of a round", function()
    local list = site:answer_all { request("/metrics"), request("/metrics"), request("/", COOKIE),
      request("/report/" .. ID, COOKIE) }
    assert.same({ 1, 200, 200, 200, 200 },
      { looks, list[1].status, list[2].status, list[3].status, list[4].status })
    site:answer_all { request("/nothing") }
    assert.equal(1, looks)
    assert.truthy(list[1].body:find('cached_executions_total{tool="read"} 0', 1, true))
    tracker:record("read", "success", 250, true)
    snapshot = tracker:snapshot()
    files = { { path = files[1].path, snapshot = snapshot, new = snapshot,
      position = select(2, snapshot:since()) } }
    assert.truthy(get("/metrics").body:find('cached_executions_total{tool="read"} 1', 1, true))
    assert.equal(2, looks)
    files = {}
    assert.same({ 200, 404 }, { get("/metrics").status, get("/report/" .. ID, COOKIE).status })
    assert.equal(4, looks)
  end)

  it("shows pages only with the token, which it has leave the address", function()
    for _, target in ipairs { "/", "/report/" .. ID, "/?token=x" } do
      local answer = get(target)
      assert.same({ 403, "Open the address that exectrack serve printed at its start, with "
        .. "?token= in it: from the terminal, or by pasting it.\n" },
        { answer.status, answer.body })
    end
    for target, location in pairs {
      ["/"] = "/", ["/report/" .. ID .. "/loops"] = "/report/" .. ID .. "/loops",
      ["//evil.example"] = "/", ["//a"] = "/", ["/%0d%0aa:%20b"] = "/", ["/\\a"] = "/",
    } do
      local answer = get(target .. "?token=" .. TOKEN)
      assert.same({ 303, location }, { answer.status, field(answer, "Location") })
      assert.truthy(field(answer, "Set-Cookie"):find("^exectrack%-9464=" .. TOKEN .. ";"))
    end
    assert.equal(0, looks)
  end)

  it("shows all times in one zone", function()
    site.zone = 330
    local list = get("/", COOKIE).body
    assert.truthy(list:find('<th scope="col">Since (+05:30)</th>\n<th scope="col">Until (+05:30)',
      1, true))
    assert.truthy(list:find("<td>2026-01-01 05:30:00</td>", 1, true))
    local report = get("/report/" .. ID, COOKIE).body
    assert.truthy(report:find("1 execution, 2026-01-01 05:30:00 +05:30", 1, true))
    assert.is_nil((list .. report):find("UTC", 1, true))
  end)

  it("lists the runs, with all names escaped", function()
    local answer = get("/", COOKIE)
    assert.same({ 200, "text/html; charset=utf-8", "frame-ancestors 'none'", "DENY" },
      { answer.status, field(answer, "Content-Type"), field(answer, "Content-Security-Policy"),
        field(answer, "X-Frame-Options") })
    assert.truthy(answer.body:find('<td class="long"><a href="/report/' .. ID .. '/overview">'
      .. 'runs/&lt;i&gt;.run (&lt;b&gt;&amp;&quot;&#39;)</a></td>'
      .. '<td><span class="status muted">saved</span></td>'
      .. '<td class="number">1</td><td class="number"></td><td>2026-01-01 00:00:00</td>'
      .. '<td>2026-01-01 00:00:00</td><td><a href="/report/' .. ID .. '/failures">failures</a> '
      .. '<a href="/report/' .. ID .. '/latency">latency</a> '
      .. '<a href="/report/' .. ID .. '/loops">loops</a> '
      .. '<a href="/report/' .. ID .. '/sessions">sessions</a></td>', 1, true))
    for _, state in ipairs { "live", "closed", "died" } do
      files[1].state = state
      answer = get("/", COOKIE)
      assert.equal(state, answer.body:match('<span class="status %a+">(%a+)</span>'))
      assert.equal(state == "live" and "0" or "",
        answer.body:match('<td class="number">1</td><td class="number">(.-)</td>'))
    end
    files = {}
    assert.truthy(get("/", COOKIE).body:find("There is none yet.", 1, true))
  end)

  it("shows reports of the runs that it lists, and nothing else", function()
    local render = require("exectrack.report.renderer.html")
    --- The page of a report: it says where it comes from, and its commands name the run.
    local function page_of(name)
      local report = require("exectrack.report.builtin." .. name)(snapshot,
        { run = "'runs/<i>.run'", name = "<i>.run" })
      report.source = { files = { "runs/<i>.run" }, taken = snapshot:taken(),
        version = exectrack._VERSION:match("%S+$") }
      return render(report)
    end
    for _, target in ipairs { "/report/" .. ID, "/report/" .. ID .. "/overview" } do
      local answer = get(target, COOKIE)
      assert.same({ 200, "frame-ancestors 'none'", page_of("overview") },
        { answer.status, field(answer, "Content-Security-Policy"), answer.body })
    end
    for _, name in ipairs { "failures", "latency", "loops", "sessions" } do
      assert.equal(page_of(name), get("/report/" .. ID .. "/" .. name, COOKIE).body)
    end
    for _, target in ipairs { "/report/", "/report", "/report/" .. ID .. "/policy",
      "/report/" .. ID .. "/overview/", "/report/" .. ID:upper(), "/report/runs/a.run",
      "/report/../../etc/passwd", "/report/%2e%2e/a", "/report/" .. ID .. "%00", "/metrics/",
      "/report/" .. ID:sub(2) } do
      assert.same({ 404, "there is nothing here\n" },
        { get(target, COOKIE).status, get(target, COOKIE).body }, target)
    end
    for _, target in ipairs { "/metrics/", "/metricss", "/nothing", "/?/" } do
      assert.equal(target == "/?/" and 403 or 404, get(target).status, target)
    end
  end)

  it("says why there is no report of a run whose file has changed", function()
    snapshot = exectrack.new(1):snapshot()
    assert.same({ 404, "this run's file has another run now\n" },
      { get("/report/" .. ID, COOKIE).status, get("/report/" .. ID, COOKIE).body })
    snapshot = nil
    assert.equal("it is gone\n", get("/report/" .. ID, COOKIE).body)
  end)

  it("answers no other method, and no other host", function()
    for _, method in ipairs { "POST /metrics", "DELETE /", "OPTIONS *", "CONNECT a:80", "get /" } do
      local answer = get(method)
      assert.same({ 405, "GET, HEAD" }, { answer.status, field(answer, "Allow") })
    end
    for _, path in ipairs { "/metrics", "/", "/?token=" .. TOKEN } do
      local answer = get("http://evil.example" .. path, COOKIE)
      assert.same({ 403, "this host isn't served here: exectrack serve --allow-host NAME\n" },
        { answer.status, answer.body })
    end
    assert.equal(0, looks)
  end)

  it("goes on when something raises", function()
    local look = site.look
    site.look = function() error("oh", 0) end
    local answer = get("/metrics")
    assert.same({ 500, "this couldn't be answered; standard error says why\n" },
      { answer.status, answer.body })
    assert.same({ "oh" }, notes)
    site.look = look
    assert.equal(200, get("/metrics").status)
  end)
end)
