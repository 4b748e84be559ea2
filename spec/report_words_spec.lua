local clocks = require("spec.support.clock")
local exectrack = require("exectrack")
local extent = require("exectrack.report.parts.extent")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")
local reports = require("exectrack.report")
local words = require("exectrack.report.parts.words")

describe("the words of reports", function()
  it("count things", function()
    assert.equal("0 calls", words.counted(0, "call"))
    assert.equal("1 call", words.counted(1, "call"))
    assert.equal("1,200 calls", words.counted(1200, "call"))
  end)

  it("list the first of many", function()
    assert.equal("", words.listed({}, 2))
    assert.equal("a, b", words.listed({ "a", "b" }, 2))
    assert.equal("a, b and 1 more", words.listed({ "a", "b", "c" }, 2))
  end)

  it("join sentences, if there are any", function()
    assert.equal("A. B.", words.joined(nil, "A.", nil, "B.", nil))
    assert.is_nil(words.joined(nil, nil))
  end)

  it("name a run by its label, without what harms", function()
    assert.equal("Latency", words.title("Latency", made_up.run {}))
    assert.equal("Latency of a\\nb", words.title("Latency", made_up.run({}, "a\nb")))
  end)

  it("explain a session without a name where there is one", function()
    assert.is_nil(words.nameless { { session = "#1" }, { session = nil },
      { session = "#00c0ffee0" }, { session = "a #00c0ffee" } })
    assert.equal("A session is called #00c0ffee or the like if the run no longer has its name.",
      words.nameless { { session = "a" }, { session = "#00c0ffee" }, { session = "#00c0fff0" } })
    local tracker = exectrack.new { session_names = 0 }
    for i = 1, 4 do
      tracker:record { tool = "a", status = "success", args_hash = 1, result_hash = 1,
        session = tostring(i % 2) }
    end
    for _, name in ipairs { "overview", "loops", "sessions" } do
      local text = reports.render(reports[name](tracker:snapshot()), "text", { width = 1000 })
      local _, count = text:gsub(" A session is called #%x+ or the like if", "")
      assert.equal(1, count, name)
    end
  end)

  it("say why there are no executions", function()
    local run = made_up.run { { tool = "a" } }
    assert.is_nil(words.none(run))
    assert.equal("No execution that has ended was chosen.", words.none(run:filter { last = 0 }))
    assert.equal("Nothing was recorded.", words.none(made_up.run {}))
    local tracker = exectrack.new { max_history = 0 }
    tracker:record("a", "success", 1)
    assert.equal("None of the run's executions is retained.", words.none(tracker:snapshot()))
  end)

  it("name the zone of a date, and of nothing else", function()
    assert.equal("1970-01-01 00:00:00 UTC", words.time(0))
    assert.equal("0 s", words.time(0, -300))
    assert.equal("253402300800 s", words.time(253402300800))
    assert.equal("0 s", words.period(0, 0.5, -300))
    assert.equal("0 s to 1970-01-01 00:00:00 -05:00", words.period(0, 18000, -300))
    assert.equal("1970-01-01 00:00:00 UTC to 253402300800 s", words.period(0, 253402300800))
  end)

  it("say when something was once, if that is one second", function()
    assert.equal("1970-01-01 00:00:01 UTC", words.period(1, 1.9))
    assert.equal("1970-01-01 00:00:01 to 1970-01-01 00:00:02 UTC", words.period(1.9, 2))
    assert.equal("2025-10-26 02:30:00 to 2025-10-26 02:30:00 local time\n", (process.run_lua([[
      print(require("exectrack.report.parts.words").period(1761438600, 1761442200, "local"))]],
      "export TZ=CET-1CEST,M3.5.0,M10.5.0/3;")))
  end)

  it("say how many executions there are and when they ended", function()
    assert.equal("0 executions", extent(made_up.run {}))
    local executions = {}
    for i = 1, 3 do
      executions[i] = { tool = "a", duration_ms = i }
    end
    local run = made_up.run(executions)
    assert.equal("3 executions, 2026-01-01 00:00:01 to 2026-01-01 00:00:03 UTC", extent(run))
    assert.equal("1 of 3 executions, 2026-01-01 00:00:03 UTC",
      extent(run:filter { last = 1 }))
    assert.equal("0 of 3 executions", extent(run:filter { last = 0 }))
  end)

  it("say in the subtitle of each report how many are in flight, if none has ended", function()
    local tracker = exectrack.new { clock = clocks.new().read }
    tracker:record("a", "success", 1)
    local spans = { tracker:start("b"), tracker:start("b"), tracker:start("a") }
    for _, tools in ipairs { { "b" }, { "a" } } do
      local run = tracker:snapshot():filter { tool = tools }
      for _, name in ipairs { "failures", "latency", "loops", "overview", "sessions" } do
        assert.equal(tools[1] == "b" and "0 of 1 execution, 2 in flight"
          or "1 execution, 2026-01-01 00:00:00 UTC",
          reports[name](run, { selection = { tool = tools } }).subtitle)
      end
    end
    assert(spans) -- which kept them in flight until here
  end)
end)
