local common_names = require("exectrack.format.common_names")

--- The names for a field among `keys`, those that are taken first in front.
local function sorted(field, keys)
  local found = {}
  for _, key in ipairs(keys) do
    for _, role in ipairs(common_names.roles(key) or {}) do
      found[#found + 1] = role.field == field and { key = key, rank = role.rank } or nil
    end
  end
  table.sort(found, function(a, b) return a.rank < b.rank end)
  for i, name in ipairs(found) do
    found[i] = name.key
  end
  return table.concat(found, " ")
end

local KEYS = { "Timestamp", "endTime", "@timestamp", "end", "name", "tool-name", "function", "ts",
  "Function Name", "took", "elapsed_ms", "duration", "duration_ms", "durationSeconds", "latency.us",
  "error", "error_code", "errorType", "exit_code", "status", "is_error", "ok", "began_at", "level" }

describe("common names", function()
  it("are tried in their order", function()
    for field, names in pairs {
      tool = "tool-name function Function Name name",
      status = "status ok is_error error exit_code",
      error_type = "errorType error_code error",
      error_text = "error",
      start = "began_at",
      duration_ms = "duration_ms duration durationSeconds elapsed_ms latency.us took",
      session = "",
    } do
      assert.equal(names, sorted(field, KEYS), field)
    end
    assert.equal("end endTime Timestamp ts", sorted("timestamp", { "ts", "Timestamp", "endTime",
      "end" }))
    assert.equal("time time_iso8601", sorted("timestamp", { "time_iso8601", "time" }))
    assert.equal("took response_time request_time",
      sorted("duration_ms", { "request_time", "response_time", "took" }))
    assert.is_nil(common_names.roles("level"))
    assert.is_nil(common_names.roles(""))
  end)

  it("say the unit of a duration", function()
    for name, unit in pairs { duration_ms = "ms", ElapsedMs = "ms", took_s = "s",
      elapsedseconds = "s", latency_us = "us", ["duration-nanos"] = "ns", durationMillis = "ms",
      tookmicros = "us",
      response_time_ms = "ms", responseTimeUs = "us", ["timing.total_sec"] = "s", seconds = "s",
      ["steps.ms[0]"] = "ms", ["a.elapsedns"] = "ns", ["Duration (s)"] = "s",
      ["duration [ms]"] = "ms", ["Took(us)"] = "us", ["total (min)"] = "min", ["total [h]"] = "h",
      took_min = "min", duration_minutes = "min", elapsedHours = "h", latency_h = "h",
      took_hrs = "h", total_hr = "h", request_time = "s", request_time_ms = "ms" } do
      assert.equal(unit, common_names.unit(name), name)
    end
    for _, name in ipairs { "duration", "items", "times", "took", "latency", "a.ms.b", "", "m",
      "total (m)", "response_time" } do
      assert.is_nil(common_names.unit(name), name)
    end
  end)

  it("say what values of the status are", function()
    for name, meaning in pairs { status = "http", status_code = "http", ["http.status"] = "http",
      httpStatus = "http", exit_code = "exit", ["process.exitCode"] = "exit", ok = "success",
      success = "success", ["result.succeeded"] = "success", isError = "failure",
      failed = "failure", error = "failure", outcome = "word", state = "word", level = "word" } do
      assert.equal(meaning, common_names.meaning(name), name)
    end
  end)
end)
