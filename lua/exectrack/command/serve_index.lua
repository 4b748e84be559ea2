--- The page with the list of runs.
-- Used only by `exectrack serve`.
local format = require("exectrack.report.format")
local html = require("exectrack.report.renderer.html_markup")

local element = html.element

-- The headings of columns, where `%s` is the zone of times.
local HEADINGS = { "Run", "State", "Executions", "In flight", "Since (%s)", "Until (%s)",
  "More reports" }

-- What is known of who writes a file: a run that was saved says nothing.
local STATES = { live = { "status good", "live" }, died = { "status bad", "died" },
  closed = { "status muted", "closed" } }
local SAVED = { "status muted", "saved" }

local function cell(content, class)
  return element("td", { "class", class or false }, content)
end

--- A link to a report of a run, whose identifier has hexadecimal digits and hyphens alone.
local function link(id, name, text)
  return element("a", { "href", "/report/" .. id .. "/" .. name }, text)
end

--- Links to all reports but the first.
local function more_links(id, reports)
  local parts = {}
  for i = 2, #reports do
    parts[i - 1] = link(id, reports[i], reports[i])
  end
  return table.concat(parts, " ")
end

local function row(id, run, reports, zone)
  local snapshot = run.snapshot
  local label = snapshot:label()
  local name = html.text(run.path) .. (label ~= "" and " (" .. html.text(label) .. ")" or "")
  local state = STATES[run.state] or SAVED
  return element("tr", {}, table.concat {
    cell(link(id, reports[1], name), "long"),
    cell(element("span", { "class", state[1] }, state[2])),
    cell(format.count((snapshot:totals())), "number"),
    cell(run.is_live and format.count(snapshot:in_flight_count()) or "", "number"),
    cell(format.time(snapshot:cleared(), zone)),
    cell(format.time(snapshot:taken(), zone)),
    cell(more_links(id, reports)),
  })
end

local function table_of(ids, runs, reports, zone)
  local parts = { "<thead><tr>" }
  for _, heading in ipairs(HEADINGS) do
    parts[#parts + 1] = element("th", { "scope", "col" },
      heading:format(format.zone(zone)))
  end
  parts[#parts + 1] = "</tr></thead>\n<tbody>"
  for _, id in ipairs(ids) do
    parts[#parts + 1] = row(id, runs[id], reports, zone)
  end
  parts[#parts + 1] = "</tbody>"
  return '<div class="table"><div class="scroll"><table>' .. table.concat(parts, "\n")
    .. "</table></div></div>"
end

--- Makes the page of runs with these ids, in this order; `reports` are the names of reports, `zone`
-- is that of times, as `format.time` takes it.
return function(ids, runs, reports, zone)
  local list = #ids > 0 and table_of(ids, runs, reports, zone)
    or '<p class="empty">There is none yet.</p>'
  return html.page("Runs", table.concat({
    "<header><h1>Runs</h1></header>\n<section>",
    list,
    '<p class="note"><a href="/metrics">Metrics</a> have the totals of all.</p>',
    "</section>",
  }, "\n"))
end
