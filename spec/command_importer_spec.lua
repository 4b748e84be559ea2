local importers = require("exectrack.command.importer")
local types = require("spec.support.types")

local SHORTEST = '{"tool":"","status":"failed","duration_ms":0}'

--- The run of `count` lines, of an importer that was told that they have `bytes` bytes.
local function run_of(count, bytes)
  local importer = importers.new { now = 5000, bytes = bytes, label = "a label" }
  for i = 1, count do
    assert.is_true(importer:add(('{"tool":"t%d","status":"%s","duration_ms":%d,"error_type":"e%d",'
      .. '"was_cached":%s,"args_hash":%d,"timestamp":%d.25}'):format(i % 3,
      i % 4 == 0 and "failed" or "success", i, i % 5, i % 2 == 0, i, 1000 + i * 7 % 10)))
  end
  return importer:snapshot()
end

describe("An importer", function()
  it("has room for as many of the shortest lines as there may be", function()
    for count = 1, 3 do
      local text = (SHORTEST .. "\n"):rep(count)
      for _, bytes in ipairs { #text, #text - 1 } do
        local importer = importers.new { now = 0, bytes = bytes }
        for _ = 1, count do
          assert.is_true(importer:add(SHORTEST))
        end
        assert.equal(count, importer:snapshot():max_history())
      end
    end
  end)

  it("has some room where there is nothing, and little for a file without end", function()
    assert.equal(1, importers.new({ now = 0, bytes = 0 }):snapshot():max_history())
    assert.equal(65536, importers.new({ now = 0 }):snapshot():max_history())
    assert.equal(2 ^ 24, importers.new({ now = 0, bytes = 2 ^ 63 }):snapshot():max_history())
  end)

  it("makes more room when there are more lines, and loses nothing by it", function()
    local expected, grown = run_of(40), run_of(40, 2 * (#SHORTEST + 1))
    assert.equal(128, grown:max_history())
    assert.same(expected:records(), grown:records())
    assert.same(expected:stats(), grown:stats())
    for _, tool in ipairs { "t0", "t1", "t2" } do
      assert.same(expected:stats(tool), grown:stats(tool))
    end
    assert.equal(expected:created(), grown:created())
    assert.equal(expected:taken(), grown:taken())
    assert.equal("a label", grown:label())
  end)

  it("starts the run with the first execution that is right", function()
    local importer = importers.new { now = 5000 }
    assert.is_nil(importer:add('{"tool":"a","status":"no","duration_ms":1,"timestamp":10}'))
    assert.same({ nil, "tool: string expected, got nil" }, { importer:add("{}") })
    assert.is_true(importer:add('{"tool":"a","status":"success","duration_ms":1,"timestamp":20}'))
    assert.is_nil(importer:add('{"tool":"b","status":"success","duration_ms":1,"timestamp":-1}'))
    local run = importer:snapshot()
    assert.same({ 19.999, 20.0 }, { run:created(), run:taken() })
    assert.same({ "a" }, run:tools())
  end)

  it("lists the fields that there are, but tool_id, which is of no use to it", function()
    local added, problem = importers.new({ now = 0 }):add('{"tool":"a","status":"failed",'
      .. '"duration_ms":1,"other":2}')
    assert.is_nil(added)
    local listed = { "tool_id?" }
    for name in problem:match("^unknown field 'other', not one of (.*)$"):gmatch("'([%w_]+)'") do
      local is_required = name == "tool" or name == "status" or name == "duration_ms"
      listed[#listed + 1] = is_required and name or name .. "?"
    end
    table.sort(listed)
    assert.same(types.fields_of_class("exectrack.Execution"), listed)
  end)

  it("raises what isn't about a line", function()
    local importer = importers.new { now = 0 }
    assert.is_true(importer:add(SHORTEST))
    debug.sethook(function() -- as the interpreter does on a signal
      if debug.getinfo(2, "S").what == "C" and debug.getinfo(3, "f").func == pcall then
        debug.sethook()
        error("interrupted!", 0)
      end
    end, "c")
    local ok, err = pcall(importer.add, importer, SHORTEST)
    debug.sethook()
    assert.same({ false, "interrupted!" }, { ok, err })
  end)
end)
