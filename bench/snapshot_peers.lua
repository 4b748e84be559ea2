--- What is timed of snapshots. As in peers.lua, each function makes its peer, of a run of `count`
-- executions, and returns a function that does `n` operations.
local exectrack = require("exectrack")
local fresh = require("fresh")
local memory = require("memory")
local run = require("run")

local M = {}

local function times(operation)
  return function(n)
    for _ = 1, n do
      operation()
    end
  end
end

function M.snapshot(count)
  local tracker = run.tracker(count)
  return times(function() return tracker:snapshot() end)
end

function M.group(count)
  local snapshot = run.tracker(count):snapshot()
  return times(function() return snapshot:group_by("tool", { quantiles = {} }) end)
end

function M.group_quantiles(count)
  local snapshot = run.tracker(count):snapshot()
  return times(function() return snapshot:group_by("tool") end)
end

function M.group_time(count)
  local snapshot = run.tracker(count):snapshot()
  return times(function()
    return snapshot:group_by("tool", { every = 60, quantiles = {} })
  end)
end

local function query(connection, text)
  return times(function()
    local cursor = assert(connection:execute(text))
    while cursor:fetch() do end
    cursor:close()
  end)
end

local GROUP = [[
  select tool, count(*), avg(duration_ms), min(duration_ms), max(duration_ms)
  from executions group by tool]]

-- Nearest rank: the least duration that 95 % of its tool's are not above.
local P95 = [[
  select tool, min(duration_ms) from (
    select tool, duration_ms, cume_dist() over (partition by tool order by duration_ms) as share
    from executions)
  where share >= 0.95 group by tool]]

local function as_text(tool)
  return "'" .. tool .. "'"
end

local function as_number(tool)
  return tostring(tonumber(tool:match("%d+")))
end

function M.sqlite_group(count)
  return query(run.sqlite(count, "text", as_text), GROUP)
end

function M.sqlite_group_numbers(count)
  return query(run.sqlite(count, "integer", as_number), GROUP)
end

function M.sqlite_p95(count)
  return query(run.sqlite(count, "text", as_text), P95)
end

function M.filter(count)
  local snapshot = run.tracker(count):snapshot()
  return times(function() return snapshot:filter { tool = "tool_07" } end)
end

function M.records(count)
  local snapshot = run.tracker(count):snapshot()
  return times(function() return snapshot:records() end)
end

--- The same tables from plain arrays.
function M.plain_records(count)
  local snapshot = run.tracker(count):snapshot()
  local tool, tool_id = snapshot:column("tool"), snapshot:column("tool_id")
  local status, duration_ms = snapshot:column("status"), snapshot:column("duration_ms")
  local was_cached, error_type = snapshot:column("was_cached"), snapshot:column("error_type")
  local args_hash, timestamp = snapshot:column("args_hash"), snapshot:column("timestamp")
  return times(function()
    local records = {}
    for i = 1, #tool do
      records[i] = {
        tool = tool[i],
        tool_id = tool_id[i],
        status = status[i],
        duration_ms = duration_ms[i],
        was_cached = was_cached[i],
        error_type = error_type[i] or nil,
        args_hash = args_hash[i],
        timestamp = timestamp[i],
      }
    end
    return records
  end)
end

--- Exports a run of 50 tools and 10 sessions.
local function export(count, format, options)
  local tracker = exectrack.new(count)
  run.each(count, function(i, _, status, duration_ms, was_cached, timestamp)
    tracker:session("session " .. i % 10):record { tool = "tool_" .. i % 50, args = { i },
      status = status, duration_ms = duration_ms, was_cached = was_cached, timestamp = timestamp }
  end)
  local snapshot = tracker:snapshot()
  return times(function() return snapshot:export(format, options) end)
end

for _, format in ipairs { "prometheus", "chrome", "folded", "parquet" } do
  M["export_" .. format] = function(count) return export(count, format) end
end
for _, signal in ipairs { "metrics", "traces" } do
  M["export_" .. signal] = function(count) return export(count, "otlp", { signal = signal }) end
end

-- `operation(path)` on the run as a saved file, which is removed with the peer.
local function with_file(count, make)
  local path = os.tmpname()
  local snapshot = run.tracker(count):snapshot()
  assert(snapshot:save(path))
  local operation = make(path, #snapshot:bytes())
  local file <const> = setmetatable({}, { __gc = function() os.remove(path) end })
  return times(function() return operation(), file end)
end

function M.load(count)
  return with_file(count, function(path)
    return function() return assert(exectrack.load(path)) end
  end)
end

--- Opens and closes the run as a recorder.
function M.open(count)
  local file = require("bench_file").new()
  local options = { max_history = count }
  local tracker = assert(exectrack.open(file.name, options))
  run.fill(tracker, count)
  tracker:close()
  return times(function() return assert(exectrack.open(file.name, options)):close(), file end)
end

function M.fread(count)
  return with_file(count, memory.reader)
end

function M.fresh_fread(count)
  return with_file(count, memory.fresh_reader)
end

function M.native_load(count)
  return with_file(count, fresh.loader)
end

function M.native_snapshot(count)
  return with_file(count, fresh.taker)
end

--- A copy of as many bytes as a snapshot has into freshly mapped memory.
function M.memcpy(count)
  return times(memory.copier(#run.tracker(count):snapshot():bytes()))
end

--- One pass over the memory of as many records.
function M.stream(count)
  return times(memory.streamer(count * 32))
end

return M
