--- What is timed of the command: whole processes, from start to end, by the clock on the wall.
-- `prepare` makes the files that they read; the other functions make peers for `rounds.run`.
local process = require("process")
local run = require("run")

local M = {}

local FOLDER = "build/bench/command/"
local LARGE, SMALL = FOLDER .. "large.run", FOLDER .. "small.run"
local DATABASE, LINES, ROWS = FOLDER .. "large.db", FOLDER .. "large.jsonl", FOLDER .. "large.csv"

local GROUP = "select tool, count(*), sum(status = 'failed'), avg(duration_ms), min(duration_ms), "
  .. "max(duration_ms) from executions group by tool"

-- Runs a program `n` times.
local function peer(...)
  local command = table.pack(...)
  return {
    time = function(_, n)
      local ns = 0
      for _ = 1, n do
        ns = ns + process.run(table.unpack(command, 1, command.n))
      end
      return ns
    end,
  }
end

-- As it is after an installation: with its modules compiled.
local function exectrack(...)
  return "lua5.4", FOLDER .. "rock/bin/exectrack", ...
end

local function from_source(...)
  return "lua5.4", "bin/exectrack", ...
end

--- Saves a run of `count` executions in all the forms that peers read, and the small one of the
-- documentation.
function M.prepare(count)
  assert(os.execute(("rm -rf %s && mkdir -p %srock && cp -R bin %srock"):format(FOLDER, FOLDER,
    FOLDER)))
  process.run(exectrack("--precompile"))
  assert(run.tracker(count):snapshot():save(LARGE))
  dofile("examples/made_up_runs.lua") -- saves them here
  assert(os.rename("after.run", SMALL) and os.remove("before.run"))
  process.run(exectrack("convert", LARGE, "-o", LINES))
  process.run(exectrack("convert", LARGE, "-o", ROWS))
  process.run("sqlite3", DATABASE, "create table executions (tool text, status text, "
    .. "duration_ms real, timing text, was_cached text, error_type text, args_hash integer, "
    .. "result_hash integer, session text, depth integer, timestamp text)",
    ".mode csv", ".import --skip 1 " .. ROWS .. " executions")
end

function M.bare()
  return peer("lua5.4", "-e", "")
end

function M.report_small()
  return peer(exectrack("report", SMALL))
end

function M.report_small_from_source()
  return peer(from_source("report", SMALL))
end

function M.report_large()
  return peer(exectrack("report", LARGE))
end

function M.sqlite_group()
  return peer("sqlite3", DATABASE, GROUP)
end

function M.import()
  return peer(exectrack("import", LINES, "-o", FOLDER .. "imported.run"))
end

--- SQLite's import into a table of text, in a file that is new each time.
function M.sqlite_import()
  local database = FOLDER .. "imported.db"
  local import = peer("sqlite3", database, ".mode csv", ".import " .. ROWS .. " executions")
  return {
    time = function(_, n)
      local ns = 0
      for _ = 1, n do
        os.remove(database)
        ns = ns + import:time(1)
      end
      return ns
    end,
  }
end

return M
