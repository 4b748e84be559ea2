local commands = require("spec.support.command")
local compressed = require("exectrack.command.compressed")
local directory = require("spec.support.directory")
local process = require("spec.support.process")

local TEXT = ("a line of a text\n"):rep(20000)

describe("a file that is read in pieces", function()
  local folder

  before_each(function()
    folder = directory.make()
  end)

  after_each(function()
    directory.remove(folder)
  end)

  --- Writes a file. `program`, if given, compresses it.
  local function write(name, text, program)
    local path = folder .. "/" .. name
    process.write_file(path, text)
    if program then
      local quoted = process.quote(path)
      local _, _, code = process.run(("%s -c <%s >%s.new && mv %s.new %s"):format(program, quoted,
        quoted, quoted, quoted))
      assert.equal(0, code)
    end
    return path
  end

  --- The text of a file; or nil and a message.
  local function read(path, is_regular)
    local next_piece, close = compressed.open(path, is_regular ~= false)
    if not next_piece then
      return nil, close
    end
    local pieces = {}
    for piece, message in next_piece do
      assert.is_nil(message)
      assert.is_true(#piece > 0 and #piece <= 65536 + 3)
      pieces[#pieces + 1] = piece
    end
    local _, message = next_piece()
    assert.is_true(close())
    return not message and table.concat(pieces) or nil, message
  end

  local function has(program)
    local _, _, code = process.run("command -v " .. program)
    return code == 0
  end

  it("is read as it is", function()
    for _, text in ipairs { "", "x", "abcd", TEXT, "\0\1\255" } do
      assert.equal(text, read(write("a.jsonl", text)))
    end
    assert.same({ nil, folder .. "/none: No such file or directory" }, { read(folder .. "/none") })
  end)

  it("is decompressed by gzip, by its ending or its first bytes", function()
    for _, name in ipairs { "a.jsonl.gz", "A.GZ", "a" } do
      for _, text in ipairs { "", "x", "12", "abcd", TEXT } do
        assert.equal(text, read(write(name, text, "gzip")))
      end
    end
    local path = write("a.gz", "x\n", "gzip")
    local twice = process.read_file(path):rep(2)
    assert.equal("x\nx\n", read(write("a.gz", twice)))
  end)

  it("is decompressed by zstd", function()
    if not has("zstd") then
      pending("zstd isn't installed")
    end
    for _, name in ipairs { "a.jsonl.zst", "a" } do
      for _, text in ipairs { "", "x", TEXT } do
        assert.equal(text, read(write(name, text, "zstd -q")))
      end
    end
    local path = write("a.zst", TEXT, "zstd -q")
    local bytes = process.read_file(path)
    assert.same({ nil, "zstd can't decompress it: it is damaged or not complete (exit code 1)" },
      { read(write("a.zst", bytes:sub(1, -2))) })
  end)

  it("isn't decompressed if it is a pipe", function()
    local path = write("a", "x", "gzip")
    assert.equal(process.read_file(path), read(path, false))
  end)

  it("may have any name", function()
    for _, name in ipairs { "-d.gz", "a b.gz", "it's.gz", '"$(touch x)`touch y`.gz', "a\nb.gz",
      "\\.gz", "\195\164.gz", ";.gz" } do
      assert.equal(TEXT, read(write(name, TEXT, "gzip")))
      assert(os.remove(folder .. "/" .. name))
    end
    assert.same({}, directory.list(folder))
  end)

  it("is an error if it is cut or damaged", function()
    local problem = "gzip can't decompress it: it is damaged or not complete (exit code 1)"
    local bytes = process.read_file(write("a.gz", TEXT, "gzip"))
    for _, left in ipairs { 0, 1, 10, math.floor(#bytes / 2), #bytes - 8, #bytes - 1 } do
      assert.same({ nil, problem }, { read(write("a.gz", bytes:sub(1, left))) })
    end
    assert.same({ nil, problem }, { read(write("a.gz", "plain text\n")) })
    local damaged = bytes:sub(1, -9) .. "\0\0\0\0" .. bytes:sub(-4)
    assert.same({ nil, problem }, { read(write("a.gz", damaged)) })
  end)

  it("is an error without the program, which says nothing else", function()
    write("calls.gz", "x", "gzip")
    assert.same({ "", "exectrack: calls.gz: it is compressed, and gzip isn't installed\n", 1 },
      { process.run(("cd %s; lua=$(command -v %s); PATH=/none; $lua %s import %s -o calls.run")
        :format(folder, process.LUA, commands.FILE, "calls.gz")) })
  end)

  it("can be closed before its end", function()
    local next_piece, close = compressed.open(write("a.gz", TEXT:rep(10), "gzip"), true)
    assert.equal("a line", next_piece():sub(1, 6))
    assert.is_true(close())
  end)
end)
