-- Looks into runs that were saved: what failed and why, what was repeated, where the time went.
-- Several runs are merged.
--
--     lua5.4 examples/analyze.lua file...

local exectrack = require("exectrack")

local function load_all(paths)
  local runs = {}
  for i, path in ipairs(paths) do
    local run, message = exectrack.load(path)
    if not run then
      io.stderr:write(message, "\n")
      os.exit(1)
    end
    runs[i] = run
  end
  return exectrack.merge(runs)
end

-- The rows of `rows` that `wanted` says, the greatest by `field` first.
local function top(rows, field, wanted)
  local chosen = {}
  for _, row in ipairs(rows) do
    if wanted(row) then
      chosen[#chosen + 1] = row
    end
  end
  table.sort(chosen, function(a, b)
    if a[field] ~= b[field] then
      return a[field] > b[field]
    end
    return a.tool < b.tool
  end)
  return chosen
end

local function print_failures(run)
  print("Failures")
  local failed = run:filter { status = { "failed", "timed_out" } }
  local rows = failed:group_by("tool", "error_type", { quantiles = {} })
  for _, row in ipairs(top(rows, "count", function() return true end)) do
    print(("  %3d x %-16s %s"):format(row.count, row.tool, row.error_type or "(no error type)"))
  end
end

local function print_repeats(run)
  print("Identical calls")
  local rows = run:group_by("tool", "args_hash", { quantiles = {} })
  for _, row in ipairs(top(rows, "count", function(row)
    return row.count > 1 and row.args_hash ~= 0
  end)) do
    print(("  %3d x %-16s %d from the cache"):format(row.count, row.tool, row.cached_hits))
  end
end

local function print_shares(run)
  print("Where the time went")
  local total = run:summary({ quantiles = {} }).total_duration_ms
  local rows = run:group_by("tool", { quantiles = {} })
  for _, row in ipairs(top(rows, "total_duration_ms", function(row)
    return row.total_duration_ms >= total / 100
  end)) do
    local share = row.total_duration_ms / total
    print(("  %-16s %3.0f %%  %s"):format(row.tool, share * 100,
      ("#"):rep(math.floor(share * 50 + 0.5))))
  end
end

if #arg == 0 then
  io.stderr:write("usage: lua5.4 examples/analyze.lua file...\n")
  os.exit(2)
end
local run = load_all(arg)
local label = run:label() ~= "" and run:label() or "several runs"
print(("%s: %d executions\n"):format(label, #run))
print_failures(run)
print()
print_repeats(run)
print()
print_shares(run)
