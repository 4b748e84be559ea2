local directory = require("spec.support.directory")
local process = require("spec.support.process")

--- What a script prints where numbers have a decimal comma; nil where no such locale can be made.
local function run_with_comma(script)
  local folder = directory.make()
  process.write_file(folder .. "/definition", 'LC_NUMERIC\ndecimal_point ","\n'
    .. 'thousands_sep "."\ngrouping 3;3\nEND LC_NUMERIC\n')
  process.run(("cd %s && localedef -c -i definition ./comma"):format(folder))
  local stdout, stderr = process.run_lua([[
    if not os.setlocale("comma", "numeric") or ("%.1f"):format(0.5) ~= "0,5" then
      return io.write("no locale")
    end
    local exectrack = require("exectrack")
    local format = require("exectrack.format")
    local function pieces(text)
      return function()
        local piece = text
        text = nil
        return piece
      end
    end
  ]] .. script, "export LOCPATH=" .. folder .. ";")
  directory.remove(folder)
  assert.equal("", stderr)
  return stdout ~= "no locale" and stdout or nil
end

describe("where numbers have a decimal comma", function()
  it("formats write and read a point", function()
    local printed = run_with_comma [[
      local tracker = exectrack.new { clock = function() return 0 end,
        measures = { { name = "cost", scale = 1e-6 } } }
      tracker:record { tool = "a", status = "failed", duration_ms = 12.345, was_cached = true,
        timestamp = 1767225600.125, measures = { cost = 0.25 } }
      local texts = {}
      for _, name in ipairs { "jsonl", "csv" } do
        for piece in format[name].encode(tracker:snapshot()) do
          texts[#texts + 1] = piece
          io.write(piece)
        end
      end
      for _, its in format.csv.decode(pieces(texts[2])) do
        print(its.duration_ms == 12.345, its.timestamp == 1767225600.125, its.measures.cost == 0.25)
      end
      for _, its in format.csv.decode(pieces(
        "name,ok,took,ts,began\na,true,1.5s,1767225600.5,2026-01-01T00:00:00.125Z\n")) do
        print(its.duration_ms == 1500, its.timestamp == 1767225600.5)
      end
      local third = exectrack.new { measures = { { name = "share", scale = 1 / 3 } } }
      print(third:snapshot():to_table().measures[1].scale)
    ]]
    if not printed then
      return pending("no locale with a decimal comma can be made")
    end
    assert.equal([[
{"tool":"a","status":"failed","duration_ms":12.345,"was_cached":true,"measures":{"cost":0.25},]]
      .. [["timestamp":1767225600.125000}
]] .. "tool,status,duration_ms,timing,was_cached,error_type,args_hash,result_hash,session,depth,"
      .. "timestamp,measures.cost\r\n"
      .. "a,failed,12.345,,true,,0,0,,0,1767225600.125000,0.25\r\n"
      .. "true\ttrue\ttrue\ntrue\ttrue\n0.33333333333333331\n", printed)
  end)

  it("exports write a point", function()
    local printed = run_with_comma [[
      local tracker = exectrack.new { measures = { { name = "cost", scale = 1 / 3 } } }
      tracker:record { tool = "a", status = "failed", duration_ms = 12.345,
        timestamp = 1767225600.125, measures = { cost = 100 / 3 } }
      tracker:record { tool = "a", status = "success", duration_ms = 0.5, timing = "elapsed" }
      local run = tracker:snapshot()
      local function export()
        return run:export("openmetrics", { buckets = { 0.0107, 0.25 } })
          .. run:export("otlp-json") .. run:export("otlp", { signal = "metrics" })
      end
      local with_comma = export()
      os.setlocale("C", "numeric")
      print(with_comma == export(), with_comma:find("33.333333333333", 1, true) ~= nil)
    ]]
    if not printed then
      return pending("no locale with a decimal comma can be made")
    end
    assert.equal("true\ttrue\n", printed)
  end)
end)
