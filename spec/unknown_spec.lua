local clocks = require("spec.support.clock")
local encode = require("spec.support.encode")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local policy = require("exectrack.policy")
local portable = require("spec.support.portable")
local report = require("exectrack.report")

local pack = portable.pack

local tracker, clock

before_each(function()
  clock = clocks.new()
  tracker = exectrack.new { max_history = 20, clock = clock.read }
end)

local function record(fields)
  fields.tool, fields.status = fields.tool or "a", fields.status or "success"
  tracker:record(fields)
end

--- One execution of each kind, in the order in which what they lack is told.
local function one_of_each()
  for _, ended in ipairs { false, clock.us / 1e6 } do
    record { duration_ms = 4, timestamp = ended }
    record { duration_ms = 9000, timing = "elapsed", timestamp = ended, status = "timed_out" }
    record { timestamp = ended, status = "failed", error_type = "EIO", args_hash = 5 }
  end
end

describe("an execution without a duration", function()
  it("is untimed, as arguments and as a table", function()
    tracker:record("a", "success")
    tracker:record("a", "success", nil, true)
    record { timing = "untimed" }
    for _, its in ipairs(tracker:recent_executions(3)) do
      assert.equal("untimed", its.timing)
      assert.is_nil(its.duration_ms)
    end
    assert.equal(3, tracker:stats().untimed)
  end)
end)

describe("what isn't measured", function()
  it("counts, and is in no average, extreme or quantile", function()
    record { duration_ms = 9000, timing = "elapsed" }
    record { duration_ms = 4, timing = "measured" }
    record {}
    local stats = tracker:stats("a")
    assert.equal(3, stats.total_executions)
    assert.equal(1, stats.untimed)
    assert.equal(1, stats.elapsed)
    assert.equal(4, stats.total_duration_ms)
    assert.equal(9000, stats.elapsed_ms)
    for _, field in ipairs { "avg", "min", "max", "p50", "p99" } do
      assert.equal(4, stats[field .. "_duration_ms"])
    end
    assert.equal(4, tracker:avg_duration_for_tool("a"))
    assert.equal(4, tracker:snapshot():quantile(1))
  end)

  it("alone leaves a tool without an average, extremes and quantiles", function()
    record { duration_ms = 9000, timing = "elapsed" }
    local stats, row = tracker:stats("a"), tracker:snapshot():summary()
    for _, field in ipairs { "avg", "min", "max", "p50", "p99" } do
      assert.is_nil(stats[field .. "_duration_ms"])
      assert.is_nil(row[field .. "_duration_ms"])
    end
    assert.is_nil(stats.window.avg_duration_ms)
    assert.is_nil(tracker:avg_duration_for_tool("a"))
    assert.is_nil(tracker:snapshot():quantile(0.5))
    assert.is_nil((tracker:recent_quantile("a", 0.5)))
  end)
end)

describe("an undated execution", function()
  it("has no time, and leaves its tool without one", function()
    record { duration_ms = 4, timestamp = false, status = "failed" }
    assert.is_false(tracker:recent_executions(1)[1].timestamp)
    assert.is_nil(tracker:stats("a").last_timestamp)
    assert.same({ 1, 1, n = 3 }, pack(tracker:failure_streak("a")))
    local row = tracker:snapshot():summary()
    assert.is_nil(row.first_timestamp)
    assert.is_nil(row.last_timestamp)
    assert.same({}, tracker:snapshot():group_by { every = 1 })
  end)

  it("passes no condition on the time, whatever that is", function()
    record { duration_ms = 4, timestamp = false }
    local run = tracker:snapshot()
    assert.equal(0, #run:filter { since = 0 })
    assert.equal(0, #run:filter { before = 9223372036854 })
    assert.equal(1, #run:filter { last = 1 })
  end)
end)

describe("columns", function()
  it("have false for what isn't known, and each timing by its word", function()
    record { duration_ms = 4 }
    record { duration_ms = 5, timing = "elapsed", timestamp = false }
    record {}
    local run = tracker:snapshot()
    assert.same({ 4, 5, false }, run:column("duration_ms"))
    assert.same({ 4, 5, false }, run:column("self_duration_ms"))
    assert.same({ "measured", "elapsed", "untimed" }, run:column("timing"))
    assert.is_false(run:column("timestamp")[2])
  end)
end)

describe("a run of which not all is known", function()
  it("comes back from its records, its table and its bytes", function()
    one_of_each()
    local run = tracker:snapshot()
    local again = exectrack.new { max_history = 20, clock = clock.read,
      instance_id = run:instance_id() }
    for _, its in ipairs(run:records()) do
      again:record(its)
    end
    assert.is_true(run == again:snapshot())
    assert.is_true(run == assert(exectrack.from_table(run:to_table())))
    assert.is_true(run == assert(exectrack.from_bytes(run:bytes())))
  end)

  it("has the timing and what is undated in its table, exactly", function()
    record { duration_ms = 5, timing = "elapsed", timestamp = false }
    record {}
    local form = tracker:snapshot():to_table()
    assert.equal(1, form.undated)
    assert.same({ "elapsed", 5000, true, 0, 1 }, { form.records[1].timing,
      form.records[1].duration_us, form.records[1].undated, form.records[1].end_seconds,
      form.records[1].end_microseconds })
    assert.equal("untimed", form.records[2].timing)
    assert.is_nil(form.records[2].duration_us)
    assert.is_nil(form.records[2].undated)
  end)

  it("is refused as a table that contradicts itself", function()
    record { timestamp = false }
    for _, case in ipairs {
      { "undated", 0, "a record's duration or end is out of its tool's range" },
      { "undated", 2, "a count of what was recorded or started is out of range" },
      { "timing", "x", "records[1].timing: unknown timing 'x'" },
    } do
      local form = tracker:snapshot():to_table()
      if case[1] == "timing" then
        form.records[1].timing = case[2]
      else
        form.undated = case[2]
      end
      local run, message = exectrack.from_table(form)
      assert.is_nil(run)
      assert.equal(case[3], message)
    end
  end)

  it("goes through JSON Lines and back", function()
    one_of_each()
    local again, left = exectrack.new { max_history = 20, clock = clock.read,
      instance_id = tracker:instance_id() }, { encode("jsonl", tracker:snapshot()) }
    for _, its in format.jsonl.decode(function() return table.remove(left) end) do
      again:record(its)
    end
    assert.is_true(tracker:snapshot() == again:snapshot())
  end)

  it("goes through JSON and back, with undated executions and without", function()
    record { duration_ms = 4 }
    record { duration_ms = 9000, timing = "elapsed" }
    record {}
    local cjson = require("cjson")
    assert.is_true(tracker:snapshot()
      == exectrack.from_table(cjson.decode(encode("json", tracker:snapshot()))))
    record { timestamp = false }
    assert.is_true(tracker:snapshot()
      == exectrack.from_table(cjson.decode(encode("json", tracker:snapshot()))))
  end)

  it("has empty fields in CSV", function()
    record { duration_ms = 9000, timing = "elapsed", timestamp = false }
    record { timestamp = 1767225600 }
    assert.equal("tool,status,duration_ms,timing,was_cached,error_type,args_hash,result_hash,"
      .. "session,depth,timestamp\r\n"
      .. "a,success,9000,elapsed,false,,0,0,,0,\r\n"
      .. "a,success,,untimed,false,,0,0,,0,1767225600.000000\r\n",
      encode("csv", tracker:snapshot()))
  end)
end)

describe("a replay of undated executions", function()
  before_each(function()
    for _ = 1, 4 do
      record { status = "failed", args_hash = 5, duration_ms = 1, timestamp = false }
    end
  end)

  it("has a policy decide in their order", function()
    local decisions = assert(tracker:snapshot():decisions(policy.loop_guard {}))
    assert.same({ 3, 4 }, { decisions[1].index, decisions[2].index })
    assert.equal("deny", decisions[2].decision.action)
    assert.is_false(decisions[2].record.timestamp)
    assert.equal(1, policy.replay(tracker:snapshot(), policy.budget { max_failures = 3 }).summary
      .denied)
  end)

  it("says that it can't be where a policy needs the time", function()
    local run = tracker:snapshot()
    for place, needing in pairs {
      [1] = policy.rate_limit { executions = 1, per_ms = 1000 },
      [2] = policy.circuit_breaker { failures = 1 },
      [3] = function(call)
        return call.tracker:totals() == 2 and call.now > 0 and nil or nil
      end,
    } do
      local message = ("the policy needs the time, and execution %d is undated: its time isn't "
        .. "known"):format(place)
      assert.same({ n = 3, nil, message, "undated" }, pack(run:decisions(needing)))
      assert.same({ n = 3, nil, message, "undated" }, pack(policy.replay(run, needing)))
      assert.same({ n = 3, nil, message, "undated" },
        pack(report.policy(run, { policy = needing })))
    end
    assert.equal("undated", select(3, run:decisions(policy.concurrency { max = 1 })))
  end)

  it("asks with the other fields of the call as ever", function()
    local seen
    tracker:snapshot():decisions(function(call)
      seen = { call.tool, call.args_hash, call.session, rawget(call, "now") }
    end)
    assert.same({ "a", 5 }, seen)
  end)
end)

describe("circuit_breaker", function()
  it("takes failures without a time for long past: the next call is the test", function()
    for _ = 1, 5 do
      record { status = "failed", timestamp = false }
    end
    local breaker = policy.circuit_breaker {}
    local call = { tracker = tracker, tool = "a", args_hash = 0, now = clock.us / 1e6 }
    assert.is_nil(breaker(call))
    local span = tracker:start("a")
    assert.equal("circuit_half_open", breaker(call).reason)
    span:finish()
  end)
end)

describe("each built-in report", function()
  local KINDS = {
    ["of nothing but untimed and undated executions"] = function()
      for i = 1, 8 do
        record { timestamp = false, args_hash = 5, result_hash = 1,
          status = i > 4 and "failed" or nil }
      end
    end,
    ["of elapsed and undated executions"] = function()
      for _ = 1, 8 do
        record { timestamp = false, args_hash = 5, duration_ms = 9, timing = "elapsed" }
      end
    end,
    ["of some of each kind"] = function()
      one_of_each()
      one_of_each()
    end,
  }

  local function reports_of(run)
    return {
      overview = report.overview(run),
      failures = report.failures(run),
      latency = report.latency(run),
      loops = report.loops(run),
      compare = report.compare(run, { before = run }),
      policy = report.policy(run, { policy = policy.loop_guard {} }),
    }
  end

  for kind, fill in pairs(KINDS) do
    it("can be made and rendered " .. kind, function()
      fill()
      tracker:start("a")
      for _, made in pairs(reports_of(tracker:snapshot())) do
        for _, renderer in ipairs { "text", "markdown", "html", "json", "csv" } do
          assert.is_string(report.render(made, renderer))
        end
      end
    end)
  end

  local function section_of(made, title)
    for _, section in ipairs(made.sections) do
      if section.title == title then
        return section
      end
    end
  end

  it("shows what isn't known as unknown", function()
    KINDS["of nothing but untimed and undated executions"]()
    local made = reports_of(tracker:snapshot())
    local totals = section_of(made.overview, "Totals")
    assert.is_nil(totals.rows[1].total_duration_ms)
    assert.equal(8, totals.rows[1].untimed)
    assert.is_nil(section_of(made.overview, "Slowest"))
    assert.is_nil(section_of(made.overview, "Timeline").chart)
    assert.is_nil(section_of(made.overview, "Most recent").rows[1].timestamp)
    assert.is_nil(section_of(made.overview, "By tool").rows[1].total_duration_ms)
    assert.equal("8 executions", made.overview.subtitle)
    assert.is_nil(section_of(made.failures, "Totals").rows[1].own_ms)
    assert.is_nil(section_of(made.failures, "Streaks").rows[1].began)
    assert.is_nil(section_of(made.failures, "Over time"))
    assert.equal("No calls to time. Left out: 8 calls that weren't measured.",
      made.latency.sections[1].text)
    local call = section_of(made.loops, "Repeated calls").rows[1]
    assert.is_nil(call.again_ms)
    assert.is_nil(call.within_ms)
    assert.is_nil(section_of(made.loops, "Totals").rows[1].again_ms)
    assert.is_nil(section_of(made.compare, "Summary").rows[1].total_duration_ms)
    assert.is_nil(section_of(made.policy, "Decisions").rows[1].started)
    assert.is_nil(section_of(made.policy, "Totals").rows[1].time_saved_ms)
    assert.is_nil(section_of(made.policy, "Denied by tool and reason").rows[1].time_saved_ms)
  end)

  it("says nothing of what is in flight where no duration is known", function()
    record {}
    local span = tracker:start("a")
    clock.advance_us(60000000)
    local health = section_of(report.overview(tracker:snapshot()), "Health")
    assert.same({}, health.rows)
    span:finish()
  end)
end)
