local exectrack = require("exectrack")
local format = require("exectrack.format")
local import_command = require("spec.support.import_command")
local made_up = require("spec.support.made_up")
local process = require("spec.support.process")

local ENCODERS = { "csv", "json", "jsonl" }

local function encode(name, run)
  local texts = {}
  for piece in format[name].encode(run) do
    texts[#texts + 1] = piece
  end
  return table.concat(texts)
end

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
