--- Which answer `exectrack serve` gives to which request.
-- Used only by `exectrack serve`.
local accepts = require("exectrack.command.http_accept")
local answers = require("exectrack.command.http_answer")
local index = require("exectrack.command.serve_index")
local metrics_text = require("exectrack.format.metrics_text")
local origin = require("exectrack.command.origin")

local Site = {}
Site.__index = Site

-- The reports of a run; the first is that at its own address.
local REPORTS = { "overview", "failures", "latency", "loops", "sessions" }

local METRICS_TYPES = {
  prometheus = "text/plain; version=0.0.4; charset=utf-8",
  openmetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8",
}

-- The path of a report: the run's identifier, and the report's name.
local REPORT_PATH = "^/report/([%x-]+)/?(%a*)$"

local NOT_FOUND = "there is nothing here"
-- The cookie isn't sent after a link on another site.
local NO_TOKEN = "Open the address that exectrack serve printed at its start, with ?token= in it: "
  .. "from the terminal, or by pasting it."

--- Makes a site with these options: `access`; `zone`, that of times, nil for UTC; `totals`; `look`,
-- a function that has them take in how the runs are now; `lifetime`, one that returns what metrics
-- show of them; `load(path)`, which returns a run or nil and a message; and `note(message)`, which
-- is called with what went wrong.
local function new(options)
  return setmetatable({
    access = options.access,
    zone = options.zone,
    totals = options.totals,
    look = options.look,
    lifetime = options.lifetime,
    load = options.load,
    note = options.note,
  }, Site)
end

--- Looks at the runs, unless that was done for another request of the same round.
local function look(self)
  if not self.has_looked then
    self.look()
    self.has_looked, self.metrics = true, {}
  end
end

local function answer_metrics(self, request)
  look(self)
  local name = accepts(request.fields.accept)
  self.shown = self.shown or self.lifetime()
  self.metrics[name] = self.metrics[name] or metrics_text.text_of(name, self.shown)
  return { status = 200, body = self.metrics[name],
    fields = { { "Content-Type", METRICS_TYPES[name] }, { "Vary", "Accept" } } }
end

local function page(html)
  return { status = 200, body = html, fields = { { "Content-Type", "text/html; charset=utf-8" },
    { "Content-Security-Policy", "frame-ancestors 'none'" }, { "X-Frame-Options", "DENY" } } }
end

local function is_report(name)
  for _, one in ipairs(REPORTS) do
    if one == name then
      return true
    end
  end
  return false
end

--- The report of this name of the run with this id, if it is one that is listed.
local function answer_report(self, id, name)
  look(self)
  local run = self.totals.runs[id]
  if not (run and run.is_there and is_report(name)) then
    return answers.text(404, NOT_FOUND)
  end
  local snapshot, message = self.load(run.path)
  if not snapshot or snapshot:instance_id() ~= id then
    return answers.text(404, message or "this run's file has another run now")
  end
  local paths = { run.path }
  local make = require("exectrack.report.builtin." .. name)
  local report = make(snapshot, origin.add_options({}, paths, { timezone = self.zone }))
  report.source = origin.source(paths, snapshot, {})
  return page(require("exectrack.report.renderer.html")(report, { timezone = self.zone }))
end

local function answer_page(self, request)
  if request.path == "/" then
    look(self)
    return page(index(self.totals.ids, self.totals.runs, REPORTS, self.zone))
  end
  local id, name = request.path:match(REPORT_PATH)
  return answer_report(self, id, name == "" and REPORTS[1] or name)
end

--- The answer to a request for a page: to one with the token in its address a cookie, and the
-- address without it, so that it appears nowhere else.
local function answer_for_token(self, request)
  if self.access:has_token(request) then
    local path = request.path:find("^/[%w/-]*$") and not request.path:find("//", 1, true)
      and request.path or "/"
    return answers.text(303, "see " .. path, { { "Location", path }, self.access:set_cookie() })
  elseif request.path ~= "/" and not request.path:find(REPORT_PATH) then
    return answers.text(404, NOT_FOUND)
  elseif not self.access:has_cookie(request) then
    return answers.text(403, NO_TOKEN)
  end
  return answer_page(self, request)
end

local function answer(self, request)
  if request.method ~= "GET" and request.method ~= "HEAD" then
    return answers.text(405, "only GET and HEAD are answered here", { { "Allow", "GET, HEAD" } })
  elseif not self.access:allows_host(request) then
    return answers.text(403, "this host isn't served here: exectrack serve --allow-host NAME")
  elseif request.path == "/metrics" then
    return answer_metrics(self, request)
  end
  return answer_for_token(self, request)
end

--- The answers to requests that came in one round: they show the runs as they are at one time.
function Site:answer_all(requests)
  local list = {}
  self.has_looked, self.shown = false, nil
  for i, request in ipairs(requests) do
    local ok, result = pcall(answer, self, request)
    if not ok then
      self.note(tostring(result))
      result = answers.text(500, "this couldn't be answered; standard error says why")
    end
    list[i] = result
  end
  self.metrics = nil
  return list
end

return { new = new }
