local importers = require("exectrack.command.importer")

--- An execution with these fields instead.
local function execution(fields)
  local made = { tool = "a", status = "success", duration_ms = 1 }
  for name, value in pairs(fields or {}) do
    made[name] = value
  end
  return made
end

--- The run of `count` executions, of an importer that was told that there are `most`.
local function run_of(count, most)
  local importer = importers.new { now = 5000, most = most, label = "a label",
    args_texts = 64, error_texts = 64 }
  for i = 1, count do
    assert.is_true(importer:add {
      tool = "t" .. i % 3,
      status = i % 4 == 0 and "failed" or "success",
      duration_ms = i,
      error_type = "e" .. i % 5,
      was_cached = i % 2 == 0,
      args_hash = i,
      args_text = "text " .. i,
      error_text = i % 4 == 0 and "error " .. i or nil,
      timestamp = 1000.25 + i * 7 % 10,
    })
  end
  return importer:snapshot()
end

describe("An importer", function()
  it("has room for as many executions as there will be", function()
    for count = 1, 3 do
      assert.equal(count, run_of(count, count):max_history())
    end
  end)

  it("has some room where there is nothing, and little for a file without end", function()
    assert.equal(1, importers.new({ now = 0, most = 0 }):snapshot():max_history())
    assert.equal(65536, importers.new({ now = 0 }):snapshot():max_history())
    assert.equal(2 ^ 24, importers.new({ now = 0, most = 2 ^ 63 }):snapshot():max_history())
  end)

  it("knows how many executions a text has at most", function()
    local shortest = '{"tool":"","status":"failed"}'
    for count = 0, 3 do
      local bytes = #(shortest .. "\n") * count
      assert.equal(count, importers.most_executions(bytes))
      assert.equal(count, importers.most_executions(math.max(bytes - 1, 0)))
    end
  end)

  it("makes more room when there are more lines, and loses nothing by it", function()
    local expected, grown = run_of(40), run_of(40, 2)
    assert.equal(128, grown:max_history())
    assert.same(expected:records(), grown:records())
    assert.same(expected:stats(), grown:stats())
    for _, tool in ipairs { "t0", "t1", "t2" } do
      assert.same(expected:stats(tool), grown:stats(tool))
    end
    local expected_run, grown_run = expected:to_table(), grown:to_table()
    assert.equal(40, #grown_run.args_texts)
    assert.same(expected_run.args_texts, grown_run.args_texts)
    assert.same(expected_run.error_texts, grown_run.error_texts)
    assert.equal(expected:created(), grown:created())
    assert.equal(expected:taken(), grown:taken())
    assert.equal("a label", grown:label())
  end)

  it("starts the run with the first execution that is right", function()
    local importer = importers.new { now = 5000 }
    assert.is_nil(importer:add(execution { status = "no", timestamp = 10 }))
    assert.same({ nil, "tool: string expected, got nil" }, { importer:add {} })
    assert.is_true(importer:add(execution { timestamp = 20 }))
    assert.is_nil(importer:add(execution { tool = "b", timestamp = -1 }))
    local run = importer:snapshot()
    assert.same({ 19.999, 20.0 }, { run:created(), run:taken() })
    assert.same({ "a" }, run:tools())
  end)

  it("raises what isn't about an execution", function()
    local importer = importers.new { now = 0 }
    assert.is_true(importer:add(execution()))
    debug.sethook(function() -- as the interpreter does on a signal
      if debug.getinfo(2, "S").what == "C" and debug.getinfo(3, "f").func == pcall then
        debug.sethook()
        error("interrupted!", 0)
      end
    end, "c")
    local ok, err = pcall(importer.add, importer, execution())
    debug.sethook()
    assert.same({ false, "interrupted!" }, { ok, err })
  end)
end)
