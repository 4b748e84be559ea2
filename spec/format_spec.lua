local encode = require("spec.support.encode")
local exectrack = require("exectrack")
local format = require("exectrack.format")
local import_command = require("spec.support.import_command")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local ENCODERS = { "csv", "json", "jsonl" }

describe("the lines of a text, for decoders", function()
  it("come one by one, with their numbers", function()
    local all, i, texts = {}, 0, { "a\r\n\n", "bcd\ne" }
    for number, line, problem in format.lines(function()
      i = i + 1
      return texts[i]
    end, 2) do
      all[#all + 1] = { number, line, problem }
    end
    assert.same({ { 1, "a\r" }, { 3, nil, "a line of more than 2 bytes" }, { 4, "e" } }, all)
  end)

  it("raise for what is wrong with a call, or a piece", function()
    assert.has_error(function() format.lines("a") end,
      "format.lines: a function expected, got string")
    assert.has_error(function() format.lines(print, 0) end,
      "format.lines: max_line_bytes: an integer from 1 expected, got 0")
    assert.has_error(format.lines(function() return 5 end),
      "format.lines: a piece: a string expected, got 5")
  end)
end)

describe("a mapping, for decoders", function()
  it("makes executions of fields, and says how", function()
    local mapping = format.mapping { map = { tool = "cmd" }, duration_unit = "s" }
    assert.same({ tool = "a", status = "failed", error_type = "exit_2", duration_ms = 1500 },
      mapping:execution({ cmd = "a", exit_code = "2", took = "1.5" }, true))
    assert.same({ nil, "tool from cmd: not found in a line with 'took'; --skip-bad skips lines "
      .. "that aren't executions" }, { mapping:execution { took = 1 } })
    assert.same({ "taken: tool from cmd, status from exit_code, duration from took (s)" },
      mapping:notes())
  end)

  it("raises for wrong options", function()
    assert.has_error(function() format.mapping { duration_unit = "m" } end,
      "format.mapping: option 'duration_unit': s, ms, us or ns expected, got 'm'")
  end)
end)

describe("an encoder", function()
  it("gives what the command converts to", function()
    local folder = import_command.new()
    local _, run = made_up.examples()
    assert(run:save(folder.path .. "/a.run"))
    for _, name in ipairs(ENCODERS) do
      folder:shell(folder.command("convert a.run -o out --to " .. name))
      assert.equal(process.read_file(folder.path .. "/out"), encode(name, run))
    end
    folder:remove()
  end)

  it("raises for what is no snapshot", function()
    for _, name in ipairs(ENCODERS) do
      assert.has_error(function() format[name].encode() end,
        name .. ".encode: a snapshot expected, got nil")
      assert.has_error(function() format[name].encode(exectrack.new()) end,
        name .. ".encode: a snapshot expected, got a tracker: call its snapshot()")
    end
  end)
end)
