local exectrack = require("exectrack")
local records = require("exectrack.format.records")
local tracked = require("spec.support.tracked")

--- `name`, which isn't UTF-8, as a valid name that no other has.
local function marked(name)
  return ("\239\191\189#%08x"):format(exectrack.fingerprint(name))
end

describe("records for formats", function()
  it("have valid names, never the same for two", function()
    local run = records.read(tracked.run({
      { tool = "\255", status = "failed", error_type = "\254", session = "\253", duration_ms = 1,
        measures = { ["\252"] = 1, ["\251"] = 2 } },
      { tool = "\254", status = "failed", error_type = "\255", session = "talk", duration_ms = 1 },
    }, { label = "\255", measures = { { name = "\252", unit = "\255" }, { name = "\251" } } }))
    assert.equal("\239\191\189", run.label)
    assert.same({ marked("\255"), marked("\254") }, { run.tools[1].name, run.tools[2].name })
    assert.same({ marked("\254"), marked("\255") }, run.error_types)
    assert.same({ ["\253"] = marked("\253"), talk = "talk" }, run.valid_session)
    assert.same({
      { name = marked("\252"), unit = "\239\191\189", scale = 1, values = { 1, false } },
      { name = marked("\251"), unit = "", scale = 1, values = { 2, false } },
    }, run.measures)
  end)

  it("start as long before their end as they took, not before 1970", function()
    local function start(seconds, microseconds, duration_us)
      return { records.start { end_seconds = seconds, end_microseconds = microseconds,
        duration_us = duration_us } }
    end
    assert.same({ 7, 500000 }, start(9, 0, 1500000))
    assert.same({ 8, 999999 }, start(9, 1, 2))
    assert.same({ 9, 0 }, start(9, 1, 1))
    assert.same({ 9, 1 }, start(9, 1, nil))
    assert.same({ 0, 500000 }, start(1, 0, 500000))
    assert.same({ 0, 0 }, start(9, 1, 9000001))
    assert.same({ 0, 0 }, start(9, 1, 9000002))
    assert.same({ 9218868437227, 405312 }, start(9223372036854, 775807, "4503599627370495"))
  end)

  it("have texts: a message is that of the error that ended when it was kept", function()
    local run = { args_texts = { { args_hash = 7, text = "a\255" } }, error_texts = {
      { tool_id = 1, text = "without a type", last_seconds = 5, last_microseconds = 6 },
      { tool_id = 1, error_type_id = 1, text = "\255", last_seconds = 5, last_microseconds = 6 },
    } }
    local args_text, error_text = records.texts(run, true)
    assert.equal("a\239\191\189", args_text { args_hash = 7 })
    assert.is_nil(args_text { args_hash = 0 })
    local function message(status, microseconds, error_type_id)
      return error_text { tool_id = 1, status = status, error_type_id = error_type_id,
        end_seconds = 5, end_microseconds = microseconds }
    end
    assert.equal("without a type", message("failed", 6))
    assert.equal("\239\191\189", message("timed_out", 6, 1))
    assert.is_nil(message("failed", 7))
    assert.is_nil(message("success", 6))
    args_text, error_text = records.texts(run, nil)
    assert.is_nil(args_text { args_hash = 7 })
    assert.is_nil(message("failed", 6))
  end)
end)
