-- Writes reports as HTML into the current directory, for the browser to open: those that have
-- everything, and all that are built in, of the made-up runs.
--
--     lua5.4 write_reports.lua CHECKOUT
local checkout = arg[1]
package.path = checkout .. "/?.lua;" .. package.path

local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local report = require("exectrack.report")
local crowded = require("spec.support.crowded")
local samples = require("spec.support.reports")

local function write(name, made)
  local file = assert(io.open(name .. ".html", "wb"))
  assert(file:write(report.render(made, "html")))
  assert(file:close())
end

dofile(checkout .. "/examples/made_up_runs.lua")
local before, after = assert(exectrack.load("before.run")), assert(exectrack.load("after.run"))

write("sample", samples.sample())
write("hostile", samples.hostile())
write("many rows", { title = "Many rows", source = { files = { "a.run" }, chosen = "tool a" },
  sections = { samples.many_rows() } })

--- Writes all reports on a run, compared with an earlier one, and with what a policy would deny.
local function write_all(prefix, run, earlier, tried)
  for _, name in ipairs { "overview", "failures", "latency", "loops", "sessions" } do
    write(prefix .. name, report[name](run, { run = "runs/of-a-day/" .. prefix .. "after.run" }))
  end
  write(prefix .. "compare", report.compare(run, { before = earlier }))
  write(prefix .. "policy", report.policy(run, { policy = tried }))
end

write_all("", after, before, policy.loop_guard {})
write_all("crowded-", crowded(), crowded(2),
  policy.rate_limit { executions = 2, per_ms = 100000 })
