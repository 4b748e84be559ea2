local check = require("exectrack.report.check")
local exectrack = require("exectrack")
local golden = require("spec.support.golden")
local made_up = require("spec.support.made_up")
local odd_runs = require("spec.support.odd_runs")
local policy = require("exectrack.policy")
local report_on = require("exectrack.report.builtin.policy")
local sections = require("spec.support.sections")
local text = require("exectrack.report.renderer.text")

local START = 1767225600

local section_of = sections.find

--- A policy that decides about each tool always the same.
local function always(decisions)
  return function(call)
    return decisions[call.tool]
  end
end

local OBJECTIONS = always {
  bad = { action = "deny", policy = "p", reason = "is_bad", message = "Don't." },
  odd = { action = "warn", message = "Careful." },
}

--- The headings of the first `count` columns of a section.
local function headings(section, count)
  local found = {}
  for i = 1, count do
    found[i] = section.columns[i].heading
  end
  return found
end

--- A run of six calls, of which three are of the tool `bad` and two of `odd`.
local function small_run()
  return made_up.run({
    { tool = "bad", duration_ms = 500, status = "failed" },
    { tool = "odd", duration_ms = 10 },
    { tool = "bad", duration_ms = 250 },
    { tool = "good", duration_ms = 20 },
    { tool = "bad", duration_ms = 30, status = "cancelled" },
    { tool = "odd", duration_ms = 10, status = "failed" },
  }, "small")
end

describe("the report on a policy", function()
  it("sums up what would have come of it", function()
    local report = report_on(small_run(), { policy = OBJECTIONS })
    assert.equal("Policy replay of small", report.title)
    assert.equal("6 executions, 2026-01-01 00:00:01 to 2026-01-01 00:00:06 UTC", report.subtitle)
    local row = section_of(report, "Totals").rows[1]
    assert.same({ 6, 3, 2, 1, 1, 780 }, { row.executions, row.denied, row.warned,
      row.failures_avoided, row.successes_lost, row.time_saved_ms })
    assert.is_nil(section_of(report, "Totals").text)
  end)

  it("has what was denied by tool and reason", function()
    assert.same({ { tool = "bad", reason = "is_bad", denied = 3, failures_avoided = 1,
      successes_lost = 1, time_saved_ms = 780 } },
      section_of(report_on(small_run(), { policy = OBJECTIONS }), "Denied by tool and reason").rows)
  end)

  it("marks on a timeline what it objected to", function()
    local section = section_of(report_on(small_run(), { policy = OBJECTIONS }), "Timeline")
    assert.equal("What the policy objected to, among all executions.", section.text)
    assert.equal(6, #section.chart.spans)
    local by_start = {}
    for _, span in ipairs(section.chart.spans) do
      by_start[span.from] = span
    end
    assert.same({ lane = "bad", from = START + 0.5, to = START + 1, status = "deny",
      label = "is_bad" }, by_start[START + 0.5])
    assert.same({ lane = "odd", from = START + 1.99, to = START + 2, status = "warn" },
      by_start[START + 1.99])
    assert.same({ lane = "good", from = START + 3.98, to = START + 4, status = "allow" },
      by_start[START + 3.98])
  end)

  it("shows 200 executions of many, around the latest that it denied, else warned of", function()
    --- What of 1,000 executions is shown, of which these are denied and these warned of.
    local function first_and_last(denied, warned)
      local executions = {}
      for i = 1, 1000 do
        executions[i] = { tool = "good", duration_ms = 0 }
      end
      for tool, indices in pairs { bad = denied, odd = warned } do
        for _, i in ipairs(indices) do
          executions[i].tool = tool
        end
      end
      local section = section_of(report_on(made_up.run(executions), { policy = OBJECTIONS }),
        "Timeline")
      assert.equal("What the policy objected to, among all executions. These are 200, around the "
        .. "latest that it " .. (denied[1] and "denied." or "warned of."), section.text)
      assert.equal(200, #section.chart.spans)
      local first, last = math.huge, 0
      for _, span in ipairs(section.chart.spans) do
        first, last = math.min(first, span.to - START), math.max(last, span.to - START)
      end
      return { first, last }
    end
    assert.same({ 1, 200 }, first_and_last({ 1 }, {}))
    assert.same({ 401, 600 }, first_and_last({ 500 }, {}))
    assert.same({ 801, 1000 }, first_and_last({ 1000 }, {}))
    assert.same({ 401, 600 }, first_and_last({ 2, 500, 499 }, { 1, 501, 900 }))
    assert.same({ 1, 200 }, first_and_last({ 3 }, { 2, 4, 1000 }))
    assert.same({ 601, 800 }, first_and_last({}, { 5, 700 }))
  end)

  it("shows what is around the latest up to a long pause", function()
    local executions = {}
    for i = 1, 120 do
      executions[i] = { tool = i == 30 and "bad" or "good", duration_ms = 0,
        timestamp = START + i + (i > 60 and 7 * 86400 or 0) }
    end
    local section = section_of(report_on(made_up.run(executions), { policy = OBJECTIONS }),
      "Timeline")
    assert.equal("What the policy objected to, among all executions. These are 60, around the "
      .. "latest that it denied.", section.text)
    assert.equal(60, #section.chart.spans)
    for _, span in ipairs(section.chart.spans) do
      assert.is_true(span.to <= START + 60)
    end
  end)

  it("shows what is around the latest in the run, not the latest that was decided", function()
    local executions = {}
    for i = 1, 1000 do -- the newest ended first
      executions[i] = { tool = (i == 300 or i == 800) and "bad" or "good", duration_ms = 0,
        timestamp = START + 1000 - i }
    end
    local section = section_of(report_on(made_up.run(executions), { policy = OBJECTIONS }),
      "Timeline")
    local denied = {}
    for _, span in ipairs(section.chart.spans) do
      denied[#denied + 1] = span.status == "deny" and span.to - START or nil
    end
    assert.same({ 200 }, denied)
  end)

  it("lists the first decisions", function()
    local report = report_on(small_run(), { policy = OBJECTIONS, top = 2 })
    local section = section_of(report, "Decisions")
    assert.same({ 2, "decisions", 5 }, { section.limit, section.noun, #section.rows })
    assert.same({ started = START + 0.5, tool = "bad", action = "deny", policy = "p",
      reason = "is_bad", message = "Don't.", message_number = 1, duration_ms = 500 },
      section.rows[1])
    assert.same({ started = START + 1.99, tool = "odd", action = "warn", message = "Careful.",
      message_number = 2, duration_ms = 10 }, section.rows[2])
    report = report_on(small_run(), { policy = OBJECTIONS, top = 0 })
    assert.is_nil(section_of(report, "Decisions"))
    assert.is_nil(section_of(report, "Successes lost"))
  end)

  it("has the message of each decision in full as data, and for people its number", function()
    local report = report_on(small_run(), { policy = OBJECTIONS })
    report.sections = { section_of(report, "Decisions") }
    local function count(renderer)
      local rendered = require("exectrack.report.renderer." .. renderer)(report, {})
      return select(2, rendered:gsub("Careful", ""))
    end
    assert.same({ 2, 2, 0, 0, 0 }, { count("csv"), count("json"), count("text"), count("markdown"),
      count("html") })
  end)

  it("has each message once, whatever tool, arguments and numbers it names", function()
    local function says(call)
      return { action = call.tool == "odd" and "warn" or "deny",
        message = ("%s was called %d times (%s); stop."):format(call.tool,
          #call.tracker:recent_executions(9), call.args_text or "") }
    end
    local tracker = exectrack.new { args_texts = 8 }
    for i, tool in ipairs { "bad", "good", "odd", "a", "call", "bad" } do
      tracker:record { tool = tool, status = "success", duration_ms = 1, args = ("(%d"):format(i) }
    end
    local report = report_on(tracker:snapshot(), { policy = says })
    local rows = section_of(report, "Messages").rows
    assert.same({ { 1, 5, "deny" }, { 2, 1, "warn" } }, { { rows[1].number, rows[1].count,
      rows[1].action }, { rows[2].number, rows[2].count, rows[2].action } })
    assert.equal("bad was called 0 times (); stop.", rows[1].message)
    report = report_on(small_run(), { policy = always { bad = { action = "deny" } } })
    assert.is_nil(section_of(report, "Messages"))
  end)

  it("says of which session a call is, and with which arguments, where that is known", function()
    local tracker = exectrack.new { args_texts = 8 }
    tracker:record { tool = "bad", status = "success", duration_ms = 1, args_hash = 0x1f }
    tracker:record { tool = "bad", status = "success", duration_ms = 1, args = "x", session = "s" }
    tracker:record { tool = "bad", status = "success", duration_ms = 1 }
    for _, title in ipairs { "Decisions", "Successes lost" } do
      local section = section_of(report_on(tracker:snapshot(), { policy = OBJECTIONS }), title)
      assert.same({ "Started", "Session", "Tool", "Arguments" }, headings(section, 4))
      assert.same({ "0000001f", '"x"' }, { section.rows[1].arguments, section.rows[2].arguments })
      assert.same({ "s" }, { section.rows[1].session or section.rows[2].session })
      assert.is_nil(section.rows[3].arguments)
    end
    local section = section_of(report_on(small_run(), { policy = OBJECTIONS }), "Decisions")
    assert.same({ "Started", "Tool", "Action" }, headings(section, 3))
  end)

  it("lists what would have been denied although it succeeded", function()
    local section = section_of(report_on(small_run(), { policy = OBJECTIONS }), "Successes lost")
    assert.equal("Denied, although in truth they succeeded.", section.text)
    assert.equal(1, #section.rows)
    assert.same({ START + 2.75, "bad", 250 },
      { section.rows[1].started, section.rows[1].tool, section.rows[1].duration_ms })
    local none = report_on(small_run():filter { status = "failed" }, { policy = OBJECTIONS })
    assert.is_nil(section_of(none, "Successes lost"))
  end)

  it("says so if the policy has no objections", function()
    local report = report_on(small_run(), { policy = always {} })
    assert.equal(1, #report.sections)
    assert.equal("The policy has no objections.", report.sections[1].text)
  end)

  it("has nothing denied if it only warns", function()
    local report = report_on(small_run():filter { tool = "odd" }, { policy = OBJECTIONS })
    assert.is_nil(section_of(report, "Denied by tool and reason"))
    assert.equal(2, #section_of(report, "Decisions").rows)
  end)

  it("may be of a replay in which what is denied takes place", function()
    local function second_call(call)
      return call.tracker:totals(call.tool) == 1 and { action = "deny" }
    end
    local function denied(enforce)
      local report = report_on(small_run():filter { tool = "bad" },
        { policy = second_call, enforce = enforce })
      return report.sections[1].rows[1].denied, report.subtitle:match("; .*")
    end
    assert.same({ 2 }, { denied(true) })
    assert.same({ 2 }, { denied() })
    assert.same({ 1, "; what was denied took place nonetheless" }, { denied(false) })
  end)

  it("shows no policy that isn't a string", function()
    local decision = { action = "deny", policy = {} }
    local report = report_on(small_run(), { policy = always { bad = decision } })
    assert.is_true(check(report))
    assert.is_nil(section_of(report, "Decisions").rows[1].policy)
  end)

  it("is a report of any run", function()
    local function deny()
      return { action = "deny", reason = "<\n\255", message = "|\27[31m" }
    end
    for _, odd in ipairs(odd_runs.all()) do
      local ok, problem = check(report_on(odd[2], { policy = deny }))
      assert.is_true(ok, odd[1] .. ": " .. tostring(problem))
    end
  end)

  it("names an option that is wrong, and raises what the policy raises", function()
    local run = small_run()
    assert.has_error(function() report_on(run) end,
      "policy: option 'policy': a function expected, got nil")
    assert.has_error(function() report_on(run, { policy = OBJECTIONS, enforce = 1 }) end,
      "policy: option 'enforce': true or false expected, got 1")
    local oops = {}
    assert.has_error(function()
      report_on(run, { policy = function() error(oops) end })
    end, oops)
  end)

  it("reads well", function()
    local _, after = made_up.examples()
    local guard = policy.all { policy.circuit_breaker { failures = 3 }, policy.loop_guard {} }
    local report = report_on(after, { policy = guard, top = 5 })
    report.sections = { section_of(report, "Messages"), section_of(report, "Decisions") }
    golden.assert_equal("report_policy.txt", text(report, { width = 100 }))
  end)
end)
