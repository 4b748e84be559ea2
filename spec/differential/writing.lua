-- What is written of a run: reports, exports, what policies would have decided.
local canonical = require("spec.differential.canonical")
local exectrack = require("exectrack")
local formats = require("exectrack.format")
local policies = require("exectrack.policy")
local report = require("exectrack.report")

local RENDERINGS = { { "text" }, { "text", { width = 43, color = true, ascii = true } },
  { "markdown" }, { "html" }, { "json" }, { "csv" } }

-- Numbers in messages are in as many digits as they have.
local POLICIES = {
  policies.loop_guard { repeats = 2, window = 7 },
  policies.budget { max_executions = 3, tool = "grep" },
  policies.budget { max_duration_ms = 1234.567 },
  policies.budget { max_failures = 0 },
  policies.rate_limit { executions = 1, per_ms = 333.333 },
  policies.circuit_breaker { failures = 1, cooldown_ms = 1500.25, max_cooldown_ms = 1e9 },
  policies.concurrency { max = 1 },
  policies.all { policies.circuit_breaker { failure_rate = 1 / 3, min_calls = 1 },
    policies.by_tool { [""] = policies.concurrency { max = 1, tool = "" } } },
}

local function write_report(name, made, write)
  for _, rendering in ipairs(RENDERINGS) do
    write(name .. " " .. rendering[1], report.render(made, rendering[1], rendering[2]))
  end
end

local function write_reports(snapshot, before, write)
  for _, name in ipairs { "overview", "failures", "latency", "loops" } do
    write_report(name, report[name](snapshot), write)
  end
  write_report("compare", report.compare(snapshot, { before = before, significance = 0.9 }), write)
end

local function write_decisions(snapshot, write)
  for i, policy in ipairs(POLICIES) do
    local ok, result, message = pcall(policies.replay, snapshot, policy)
    write("replay " .. i, canonical.outcome(ok, result, message))
    local made = ok and result and report.policy(snapshot, { policy = policy })
    if made then
      write_report("policy " .. i, made, write)
    end
  end
end

-- The text that an encoder makes, in one piece.
local function encoded(format, snapshot)
  local pieces = {}
  for piece in formats[format].encode(snapshot) do
    pieces[#pieces + 1] = piece
  end
  return table.concat(pieces)
end

local function write_formats(snapshot, write)
  for _, name in ipairs { "csv", "json", "jsonl" } do
    write("format " .. name, encoded(name, snapshot))
  end
  local text = encoded("jsonl", snapshot)
  for line, execution, problem in formats.jsonl.decode(text:gmatch(".+")) do
    write("line " .. line, canonical.text(execution or problem))
  end
  local again = assert(exectrack.from_table(snapshot:to_table()))
  write("from_table", tostring(again:bytes() == snapshot:bytes()))
end

-- Writes all that is made of `snapshot`, and compares it with the run `before`.
return function(snapshot, before, write)
  write_reports(snapshot, before, write)
  write_decisions(snapshot, write)
  write_formats(snapshot, write)
end
