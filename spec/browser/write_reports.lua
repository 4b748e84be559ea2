-- Writes reports as HTML into the current directory, for the browser to open: those that have
-- everything, and all that are built in, of the made-up runs.
--
--     lua5.4 write_reports.lua CHECKOUT
local checkout = arg[1]
package.path = checkout .. "/?.lua;" .. package.path

local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local report = require("exectrack.report")
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
write("overview", report.overview(after))
write("failures", report.failures(after))
write("latency", report.latency(after))
write("loops", report.loops(after))
write("compare", report.compare(after, { before = before }))
write("policy", report.policy(after, { policy = policy.loop_guard {} }))
