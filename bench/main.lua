--- Runs the benchmark and prints its table:
--
--     lua5.4 bench/main.lua [--quick] VERSION...
--
-- for these versions of Lua; all but the calls are measured in 5.4.
local machine = require("machine")
local native = require("native")
local report = require("report")
local rounds = require("rounds")
local state = require("state")

local IS_QUICK = arg[1] == "--quick"
local VERSIONS = table.move(arg, IS_QUICK and 2 or 1, #arg, 1, {})

local ROUNDS, SLICE_MS = 61, 20
if IS_QUICK then
  ROUNDS, SLICE_MS = 15, 10
end
-- Lua's collector needs longer to go once through 100,000 records, and must be counted in full.
local LONG_ROUNDS, LONG_SLICE_MS = 15, 250
-- What takes milliseconds and more, and what takes seconds.
local RUN_ROUNDS, SQLITE_ROUNDS, REPLAY_ROUNDS = 21, 5, 3

local function peer(name, ...)
  return state.new("peers", name, ...)
end

-- What calls.lua prints in this version of Lua: for each name its nanoseconds and its ratio.
local function run_calls(version)
  local program = version == "luajit" and version or "lua" .. version
  local folder = version == "5.4" and "build/bench" or "build/bench/" .. program
  local pipe <close> = io.popen(string.format(
    "LUA_CPATH='%s/lua/?.so;%s/bench/?.so' %s bench/calls.lua %d %d", folder, folder, program,
    ROUNDS, SLICE_MS))
  local ns, ratios = {}, {}
  for line in pipe:lines() do
    local name, its_ns, ratio = line:match("^(%S+)\t(%S+)\t(%S+)$")
    ns[name], ratios[name] = tonumber(its_ns), tonumber(ratio)
  end
  assert(pipe:close())
  return ns, ratios
end

local function calls(version)
  local ns, ratios = run_calls(version)
  local targets = version == "5.4" and { record = "<= 3.6", recorder = "<= 2.6" } or {}
  for _, name in ipairs { "record", "recorder", "wrapped" } do
    report.time(machine.lua_name(version) .. ", " .. name, ns[name], "an empty method", ns.empty,
      ratios[name], targets[name])
  end
end

local function record_against_empty()
  local r = rounds.run({
    { "varied", peer("exectrack_varied", 1000) },
    { "empty", peer("empty_varied") },
  }, ROUNDS, SLICE_MS)
  report.time("record, varied arguments", r:ns("varied"), "an empty method", r:ns("empty"),
    r:ratio("varied", "empty"), "<= 2.8")
end

local function record_against_plain(history, label, target, rounds_count, slice_ms)
  local peers = {
    { "exectrack", peer("exectrack_varied", history) },
    { "records", peer("plain_records", history) },
    { "arrays", peer("plain_arrays", history) },
    { "shift", peer("plain_shift", history) },
  }
  local r = rounds.run(peers, rounds_count, slice_ms)
  local what = "varied, history of " .. label
  local function row(name, against, its_target)
    report.time(what, r:ns("exectrack"), against, r:ns(name), r:ratio(name, "exectrack"),
      its_target)
  end
  row("records", "tables in a ring", target)
  row("shift", "table.remove(history, 1)", target)
  row("arrays", "parallel arrays")
end

local function record_against_sqlite()
  local r = rounds.run({
    { "exectrack", peer("exectrack_varied", 1000) },
    { "sqlite", peer("sqlite") },
  }, ROUNDS, SLICE_MS)
  report.time("record, varied arguments", r:ns("exectrack"), "SQLite insert, in memory",
    r:ns("sqlite"), r:ratio("sqlite", "exectrack"))
end

local function native_by_tools()
  local counts, peers = { 4, 32, 512, 2048 }, {}
  for i, count in ipairs(counts) do
    peers[i] = { count, native.recording(count) }
  end
  local r = rounds.run(peers, ROUNDS, SLICE_MS)
  for i = 2, #counts do
    local count = counts[i]
    report.time(string.format("record in C, %d tools", count), r:ns(count), "with 4 tools",
      r:ns(4), r:ratio(count, 4), count == 2048 and "<= 1.6" or nil)
  end
end

-- What a recorder's file costs: each operation is whole or absent there.
local function native_in_a_file()
  local path <close> = require("bench_file").new()
  for _, count in ipairs { 32, 512 } do
    os.remove(path.name)
    local r = rounds.run({
      { "file", native.recording(count, path.name) },
      { "memory", native.recording(count) },
    }, ROUNDS, SLICE_MS)
    report.time(string.format("record in C, %d, in a file", count), r:ns("file"),
      "in private memory", r:ns("memory"), r:ratio("file", "memory"), "<= 1.35")
  end
end

local function record_in_a_file()
  local function row(what, name)
    local r = rounds.run({
      { "file", peer(name .. "_in_a_file", 1000) },
      { "memory", peer(name, 1000) },
    }, ROUNDS, SLICE_MS)
    report.time(what .. ", in a file", r:ns("file"), "in private memory", r:ns("memory"),
      r:ratio("file", "memory"), "<= 1.35")
  end
  row("record", "exectrack_varied")
  row("start and finish", "span")
end

local function reads_by_history(name, label)
  local r = rounds.run({
    { 100, peer(name, 100) },
    { 10000, peer(name, 10000) },
    { 1000000, peer(name, 1000000) },
  }, ROUNDS, SLICE_MS)
  report.time(label .. " of 10,000", r:ns(10000), "the same of 100", r:ns(100),
    r:ratio(10000, 100), "<= 1.2")
  report.time(label .. " of 1,000,000", r:ns(1000000), "the same of 100", r:ns(100),
    r:ratio(1000000, 100), "<= 1.2")
end

local function others()
  local r = rounds.run({
    { "span", peer("span", 1000) },
    { "recent", peer("recent", 1000) },
    { "fingerprint", peer("fingerprint") },
  }, ROUNDS, SLICE_MS)
  report.time("start and finish", r:ns("span"))
  report.time("recent_executions(100)", r:ns("recent"))
  report.time("fingerprint, a table of 3", r:ns("fingerprint"))
end

local RUN = 1000000

local function snapshot_peer(name)
  return state.new("snapshot_peers", name, RUN)
end

local function snapshot_against(what, name, against, peer_name, target, is_slower, rounds_count)
  local r = rounds.run({ { "own", snapshot_peer(name) }, { "peer", snapshot_peer(peer_name) } },
    rounds_count, SLICE_MS)
  local ratio = is_slower and r:ratio("peer", "own") or r:ratio("own", "peer")
  report.time(what, r:ns("own"), against, r:ns("peer"), ratio, target)
end

local function snapshots()
  local function floor(what, name, against, peer_name, target)
    snapshot_against(what, name, against, peer_name, target, false, RUN_ROUNDS)
  end
  local function sqlite(what, name, against, peer_name, target)
    snapshot_against(what, name, against, peer_name, target, true, SQLITE_ROUNDS)
  end
  sqlite("group by tool", "group", "SQLite, tools as text", "sqlite_group", ">= 240")
  sqlite("group by tool", "group", "SQLite, tools as numbers", "sqlite_group_numbers")
  sqlite("the same, 4 quantiles", "group_quantiles", "SQLite, p95 alone", "sqlite_p95",
    ">= 100")
  floor("snapshot", "snapshot", "memcpy to fresh memory", "memcpy", "<= 1.5")
  floor("snapshot in C, fresh memory", "native_snapshot", "memcpy to fresh memory", "memcpy",
    "<= 1.5")
  floor("load", "load", "fread into a userdata", "fread", "<= 3")
  floor("load in C, fresh memory", "native_load", "fread to fresh memory", "fresh_fread",
    "<= 3")
  floor("open a recorder", "open", "load", "load", "<= 3")
  floor("filter by tool", "filter", "streaming the records", "stream", "<= 3")
  floor("records", "records", "from plain Lua arrays", "plain_records", "<= 1.25")
end

local EXPORTED = 10000

local function exports()
  local function row(what, name, target)
    local r = rounds.run({ { "own", state.new("snapshot_peers", "export_" .. name, EXPORTED) } },
      RUN_ROUNDS, SLICE_MS)
    report.time("export " .. what, r:ns("own"), nil, nil, nil, target)
  end
  row("as prometheus", "prometheus", "<= 10000 us")
  row("as otlp, metrics", "metrics")
  row("as otlp, spans", "traces", "<= 100000 us")
  row("as chrome", "chrome")
  row("as folded", "folded")
  row("as parquet", "parquet")
end

local function instrumented_tools()
  local function tool_peer(name)
    return state.new("policy_peers", name)
  end
  local r = rounds.run({
    { "bare", tool_peer("bare") },
    { "by_hand", tool_peer("by_hand") },
    { "wrapped", tool_peer("wrapped") },
    { "asked", tool_peer("asked") },
    { "guarded", tool_peer("guarded") },
    { "denied", tool_peer("denied") },
  }, ROUNDS, SLICE_MS)
  local function row(what, name, against, peer_name)
    report.time(what, r:ns(name), against, r:ns(peer_name), r:ratio(name, peer_name))
  end
  report.time("an empty tool", r:ns("bare"))
  row("wrapped", "wrapped", "start and finish by hand", "by_hand")
  row("wrapped, an empty policy", "asked", "wrapped", "wrapped")
  row("wrapped, three policies", "guarded", "wrapped", "wrapped")
  row("denied by a rate limit", "denied", "wrapped", "wrapped")
end

-- What a rate limit that denies a call adds to its replay, by how many are in the limit's time.
local function replayed_rate_limits()
  local count, limits = 10000, { 1, 10, 100, 1000 }
  local peers = { { "empty", state.new("policy_peers", "replay_calls", count) } }
  for _, limit in ipairs(limits) do
    peers[#peers + 1] = { limit, state.new("policy_peers", "replay_edge", count, limit) }
  end
  local r = rounds.run(peers, ROUNDS, SLICE_MS)
  local empty_ns = r:ns("empty")
  for _, limit in ipairs(limits) do
    report.time("a rate limit of " .. limit, (r:ns(limit) - empty_ns) / count,
      "a call, an empty policy", empty_ns / count, nil, limit == 100 and "<= 2 us" or nil)
  end
end

local function replays()
  local function replay(what, name)
    local r = rounds.run({ { "own", state.new("policy_peers", name, RUN) } }, REPLAY_ROUNDS,
      SLICE_MS)
    report.time(what, r:ns("own"))
  end
  replay("replay, an empty policy", "replay")
  replay("replay, three policies", "replay_usual")
  replay("replay, a rate limit", "replay_rate")
end

local function commands()
  local peers = require("command_peers")
  peers.prepare(RUN)
  local function row(what, name, against, peer_name, target, rounds_count)
    local r = rounds.run({ { "own", peers[name]() }, { "peer", peers[peer_name]() } },
      rounds_count, SLICE_MS)
    report.time(what, r:ns("own"), against, r:ns("peer"), r:ratio("own", "peer"), target)
  end
  row("report of 432", "report_small", 'lua5.4 -e ""', "bare", "<= 3.2", ROUNDS)
  row("the same, not compiled", "report_small_from_source", 'lua5.4 -e ""', "bare", nil, ROUNDS)
  row("report of a million", "report_large", "sqlite3, group by", "sqlite_group", "<= 0.5",
    SQLITE_ROUNDS)
  row("import of a million", "import", "sqlite3, import of CSV", "sqlite_import", "<= 0.3",
    REPLAY_ROUNDS)
end

local function resident(question)
  local pipe = io.popen("lua5.4 bench/resident.lua " .. question)
  local bytes = pipe:read("n")
  assert(pipe:close())
  return bytes
end

local function memory()
  report.size("memory, a record of 10^6", resident("record"), 32.5)
  report.size("memory, an empty tracker", resident("empty"), 16 * 1024)
  report.size("memory, the same from C", resident("empty_native"), 16 * 1024)
  -- The memory of a few: of ten empty ones.
  report.size("memory, 100,000 dropped", resident("dropped"), 10 * 16 * 1024)
end

-- What is measured, in this order; `is_slow` isn't with --quick.
local STEPS = {
  { "record against an empty method", record_against_empty },
  { "record against tables of 1,000", function()
    record_against_plain(1000, "1,000", ">= 3.5", ROUNDS, SLICE_MS)
  end },
  { "record against tables of 100,000", function()
    record_against_plain(100000, "100,000", ">= 10", LONG_ROUNDS, LONG_SLICE_MS)
  end, is_slow = true },
  { "record against SQLite", record_against_sqlite },
  { "record in C", native_by_tools },
  { "record in a file, in C", native_in_a_file },
  { "record in a file", record_in_a_file },
  { "avg_duration", function() reads_by_history("average", "avg_duration") end },
  { "stats", function() reads_by_history("stats", "stats(tool)") end },
  { "spans, recent executions, fingerprints", others },
  { "wrapped tools", instrumented_tools },
  { "replays of rate limits", replayed_rate_limits, is_slow = true },
  { "snapshots", snapshots, is_slow = true },
  { "exports", exports, is_slow = true },
  { "replays", replays, is_slow = true },
  { "the command", commands, is_slow = true },
  { "memory", memory, is_slow = true },
}
for i, version in ipairs(VERSIONS) do
  table.insert(STEPS, i, { "calls in " .. machine.lua_name(version), function()
    calls(version)
  end })
end

local function measure()
  local steps = {}
  for _, step in ipairs(STEPS) do
    if not (IS_QUICK and step.is_slow) then
      steps[#steps + 1] = step
    end
  end
  for i, step in ipairs(steps) do
    io.stderr:write(string.format("%2d of %d: %s\n", i, #steps, step[1]))
    step[2]()
  end
end

measure()
print(machine.describe(native.compiler))
print(string.format([[
Medians of %d rounds (%d at a history of 100,000) with the peers interleaved; a ratio is the
median of the rounds' ratios: with a target of <= what takes over its peer, else the other way.
Tables in a ring, table.remove and parallel arrays are trackers in plain Lua, without quantiles.
]], ROUNDS, LONG_ROUNDS))
report.print()
