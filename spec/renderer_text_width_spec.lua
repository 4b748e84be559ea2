-- No line of text is wider than the terminal, whatever is in a run.
local Style = require("exectrack.report.renderer.text_style")
local contents = require("exectrack.command.contents")
local exectrack = require("exectrack")
local policy = require("exectrack.policy")
local random = require("spec.support.random")
local render = require("exectrack.report.renderer.text")
local reports = require("exectrack.report")
local tail_line = require("exectrack.command.tail_line")
local u = require("spec.support.utf8").text
local unicode = require("exectrack.report.unicode")

local WIDTHS = { 40, 60, 80, 120, 200 }
local DAY_S = 86400

local NAMES = {
  ("x"):rep(250), "日本語の" .. ("ツール"):rep(20), "👩‍👩‍👧 " .. ("👩"):rep(30),
  "e" .. u[[\u{301}]]:rep(60), u[[\u{202E}]] .. "abc", "a\27[31m\0b\n", "\255\254", "", " ", "a ",
  u[[a\u{A0}]], u[[a\u{3000}]], "a", "mcp__github__create_pull_request_review",
  "mcp__github__create_pull_request_comment", ("word "):rep(40), "=1", ("한국어"):rep(25),
}

--- A run of three days with something of everything, which ended while calls were in flight.
local function hostile_run()
  local now = 1767225600
  local tracker = exectrack.new { max_history = 2000, label = ("日本"):rep(10),
    clock = function() return now end, args_texts = 512, error_texts = 50,
    measures = { { name = "tokens", scale = 1 }, { name = ("cost"):rep(8), unit = "USD" } } }
  for i = 1, 600 do
    now = now + math.random(1, math.floor(6 * DAY_S / 600))
    local status = random.pick { "success", "success", "failed", "timed_out", "cancelled" }
    tracker:record {
      tool = i % 3 == 0 and random.pick(NAMES) or ("tool_%d"):format(math.random(120)),
      status = status, duration_ms = random.pick { 0.5, 20, math.random(1, 10000000) },
      error_type = status == "failed" and random.pick(NAMES) or nil,
      error_text = status == "failed" and random.pick(NAMES) or nil,
      args_hash = math.random(40), args_text = random.pick(NAMES),
      session = random.pick { nil, "chat 1", u[[a\u{A0}]], NAMES[1]:sub(1, 64),
        ("session-%d"):format(math.random(30)) },
      timing = random.pick { nil, nil, "elapsed" },
      measures = { tokens = math.random(1000000) },
    }
  end
  tracker:wrap(NAMES[1], error, { policy = function()
    return { action = "deny", reason = NAMES[16] }
  end })()
  local spans = { tracker:start(NAMES[1]), tracker:start(NAMES[2]), tracker:start("tool_1") }
  now = now + 100
  local run = tracker:snapshot()
  assert(spans)
  return run
end

local RUN = "'a folder/" .. ("of runs/"):rep(12) .. "it'\\''s.run' --since 2d"

local function all_reports(run, before)
  return {
    overview = reports.overview(run, { top = 20, run = RUN }),
    failures = reports.failures(run, { run = RUN }),
    latency = reports.latency(run, { run = RUN }), loops = reports.loops(run, { run = RUN }),
    sessions = reports.sessions(run, { run = RUN }),
    compare = reports.compare(run, { before = before }),
    policy = reports.policy(run, { policy = policy.budget { max_executions = 100 } }),
    show = contents(run, 20),
  }
end

--- Asserts that no escape in a text was cut or broken. No name has these characters but in escapes.
local function assert_whole_escapes(text, place)
  local rest = text:gsub("\\u{%x+}", ""):gsub("\\x%x%x", "")
  assert.is_nil(rest:match("[^\n]*\\[ux][^\n]*") or rest:match("[^\n]*[{}][^\n]*"), place)
end

--- Asserts that all lines of a text fit, and that escapes are whole.
local function assert_fits(text, width, place)
  assert_whole_escapes(text, place)
  for line in text:gmatch("[^\n]+") do
    if unicode.width(line) > width then
      assert.equal("at most " .. width .. " columns", line, place)
    end
  end
end

describe("Text", function()
  local made

  setup(function()
    random.seed("renderer_text_width_spec")
    local before = hostile_run()
    made = all_reports(hostile_run(), before)
    for _, report in pairs(made) do
      report.source = { chosen = "session " .. NAMES[1] .. ", tool " .. NAMES[2] }
    end
  end)

  for _, width in ipairs(WIDTHS) do
    it("is never wider than " .. width .. " columns", function()
      for name, report in pairs(made) do
        for _, ascii in ipairs { false, true } do
          local text = render(report, { width = width, ascii = ascii })
          assert_fits(text, width, ("%s%s"):format(name, ascii and " in ASCII" or ""))
        end
      end
    end)
  end

  it("is never wider in lines of tail", function()
    local run = hostile_run()
    local texts = tail_line.texts(run)
    for _, width in ipairs(WIDTHS) do
      for _, ascii in ipairs { false, true } do
        local style = Style.new { width = width, ascii = ascii }
        for _, record in run:filter({ last = 100 }):iter() do
          assert_fits(tail_line.text(record, texts, style), width)
        end
      end
    end
  end)

  it("tells names apart", function()
    for _, width in ipairs(WIDTHS) do
      for _, ascii in ipairs { false, true } do
        local seen = {}
        for _, name in ipairs(NAMES) do
          local text = render({ title = "", sections = { { title = "",
            columns = { { field = "name" }, { field = "n", unit = "count" } },
            rows = { { name = name, n = 1 } } } } }, { width = width, ascii = ascii })
          assert_fits(text, width)
          assert(not seen[text], text)
          seen[text] = true
        end
      end
    end
  end)
end)
