local crc32c = require("spec.support.crc32c")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local random = require("spec.support.random")
local runs = require("spec.support.runs")

local KIND = "it isn't a saved run"
local SIZE = "it is shorter or longer than its header says"
local VERSION = "it is in another version of the format"
local BYTE_ORDER = "it was saved on a machine of another byte order"
local CHECKSUM = "its checksum is wrong: it isn't what was saved"
local HEADER_BYTES = 576

setup(function()
  random.seed("file_spec")
end)

local directory, path

before_each(function()
  directory = directories.make()
  path = directory .. "/run"
end)

after_each(function()
  directories.remove(directory)
end)

--- Asserts that `load` refuses the file at `where`, or at `path`.
local function assert_load_refused(code, problem, where)
  local snapshot, message, actual_code = exectrack.load(where or path)
  assert.is_nil(snapshot)
  assert.equal((where or path) .. ": " .. problem, message)
  assert.equal(code, actual_code)
end

--- Asserts that both `from_bytes` and `load` refuse `bytes`.
local function assert_refused(code, problem, bytes)
  local snapshot, message, actual_code = exectrack.from_bytes(bytes)
  assert.is_nil(snapshot)
  assert.equal(problem, message)
  assert.equal(code, actual_code)
  process.write_file(path, bytes)
  assert_load_refused(code, problem)
end

--- Asserts that `save` to `where` is refused.
local function assert_save_refused(code, problem, where)
  local saved, message, actual_code = runs.full():save(where)
  assert.is_nil(saved)
  assert.equal(where .. ": " .. problem, message)
  assert.equal(code, actual_code)
end

--- `bytes` with `replacement` from byte `offset` on, which counts from 0.
local function patch(bytes, offset, replacement)
  return bytes:sub(1, offset) .. replacement .. bytes:sub(offset + #replacement + 1)
end

--- `number` in `size` bytes, in the order that the machine has them in.
local function packed(number, size)
  local bytes = ""
  for _ = 1, size do
    bytes = bytes .. string.char(number % 256)
    number = math.floor(number / 256)
  end
  local has_version_first = exectrack.new():snapshot():bytes():byte(9) ~= 0
  return has_version_first and bytes or bytes:reverse()
end

--- The same with the checksum that they then have.
local function forge(bytes, offset, replacement)
  local forged = patch(patch(bytes, offset, replacement), 24, "\0\0\0\0")
  return patch(forged, 24, packed(crc32c(forged), 4))
end

describe("what is saved", function()
  it("is loaded again as an equal snapshot", function()
    for _ = 1, 20 do
      local snapshot = runs.snapshot { max_history = random.pick { 0, 1, 50, 1000 } }
      for _, other in ipairs { snapshot, snapshot:filter { was_cached = true },
        exectrack.merge { snapshot, runs.full() } } do
        assert.is_true(other:save(path))
        assert.is_true(exectrack.load(path) == other)
        assert.is_true(exectrack.from_bytes(other:bytes()) == other)
      end
    end
  end)

  it("is loaded again if it is empty, or large", function()
    local large = exectrack.new(200000)
    for i = 1, 200000 do
      large:record("tool " .. i % 50, "failed", i, false, "E" .. i % 9, i % 100)
    end
    for _, snapshot in ipairs { exectrack.new():snapshot(), exectrack.new(0):snapshot(),
      large:snapshot() } do
      assert.is_true(snapshot:save(path))
      assert.is_true(exectrack.load(path) == snapshot)
    end
  end)

  it("are the bytes of the snapshot, which end with their checksum right", function()
    local snapshot = runs.full()
    local bytes = snapshot:bytes()
    snapshot:save(path)
    assert.equal(bytes, process.read_file(path))
    assert.equal("exectrak", bytes:sub(1, 8))
    assert.equal(packed(#bytes, 8), bytes:sub(17, 24))
    assert.equal(bytes, forge(bytes, 0, ""))
    assert.equal(bytes, exectrack.from_bytes(bytes):bytes())
    assert.equal(0xE3069283, crc32c("123456789")) -- the check value of CRC-32C
  end)

  it("replaces what was there, longer or shorter", function()
    local large, small = runs.snapshot({}, 200), exectrack.new():snapshot()
    for _, snapshot in ipairs { large, small, large, large } do
      assert.is_true(snapshot:save(path))
      assert.is_true(exectrack.load(path) == snapshot)
    end
    process.write_file(path, "a note")
    assert.is_true(small:save(path))
    assert.is_true(exectrack.load(path) == small)
    assert.same({ "run" }, directories.list(directory))
  end)

  it("has the permissions of what was there", function()
    local quoted = process.quote(path)
    runs.full():save(path)
    for _, mode in ipairs { "600", "644", "640", "777" } do
      process.run("chmod " .. mode .. " " .. quoted)
      runs.full():save(path)
      assert.equal(mode .. "\n", (process.run("stat -c %a " .. quoted)))
    end
  end)

  it("takes the place of a symbolic link", function()
    process.write_file(path, "a note")
    local link = directory .. "/link"
    process.run(string.format("ln -s run %s", process.quote(link)))
    assert.is_true(runs.full():save(link))
    assert.equal("a note", process.read_file(path))
    assert.is_true(exectrack.load(link) == runs.full())
    process.run(string.format("ln -sf link %s", process.quote(path)))
    assert.is_true(exectrack.load(path) == runs.full())
  end)

  it("may have any name", function()
    for _, name in ipairs { "a b", "é", "-", "\n", "\255", ("x"):rep(255) } do
      local where = directory .. "/" .. name
      assert.is_true(runs.full():save(where))
      assert.is_true(exectrack.load(where) == runs.full())
    end
  end)

  it("may be in the working directory", function()
    runs.full():save(path)
    local stdout, stderr = process.run_lua([[
local exectrack = require("exectrack")
local saved = exectrack.load("run")
assert(saved:save("copy") and exectrack.load("./copy") == saved)
print(exectrack.load("none"))
]], 'export LUA_PATH="$PWD/lua/?.lua;$PWD/lua/?/init.lua;;"; cd '
      .. process.quote(directory) .. ";")
    assert.equal("", stderr)
    assert.equal("nil\tnone: No such file or directory\tENOENT\n", stdout)
    assert.same({ "copy", "run" }, directories.list(directory))
  end)
end)

describe("snapshot:save says what is wrong with", function()
  after_each(function()
    local left = directories.list(directory)
    assert.is_true(#left == 0 or #left == 1 and left[1] == "run") -- and nothing temporary
  end)

  it("a directory that isn't there", function()
    assert_save_refused("ENOENT", "No such file or directory", directory .. "/none/run")
    assert_save_refused("ENOENT", "No such file or directory", "")
  end)

  it("a path that is a directory", function()
    assert_save_refused("EISDIR", "Is a directory", directory)
    assert_save_refused("EISDIR", "Is a directory", "/")
  end)

  it("a path through a file", function()
    process.write_file(path, "a note")
    assert_save_refused("ENOTDIR", "Not a directory", path .. "/run")
    assert.equal("a note", process.read_file(path))
  end)

  it("a path that is too long", function()
    assert_save_refused("ENAMETOOLONG", "File name too long", directory .. "/" .. ("x"):rep(256))
    assert_save_refused("ENAMETOOLONG", "File name too long", ("x/"):rep(3000))
  end)

  it("a device", function()
    assert_save_refused("EINVAL", "Invalid argument", "/dev/null")
  end)
end)

describe("exectrack.load says what is wrong with", function()
  it("a file that isn't there", function()
    assert_load_refused("ENOENT", "No such file or directory")
    assert_load_refused("ENOENT", "No such file or directory", "")
    assert_load_refused("ENOTDIR", "Not a directory", "/dev/null/run")
    assert_load_refused("ENAMETOOLONG", "File name too long", directory .. "/" .. ("x"):rep(256))
  end)

  it("a directory", function()
    assert_load_refused("EISDIR", "Is a directory", directory)
    assert_load_refused("EISDIR", "Is a directory", "/")
  end)

  it("a link to itself", function()
    process.run(string.format("ln -s run %s", process.quote(path)))
    assert_load_refused("ELOOP", "Too many levels of symbolic links")
  end)

  it("a file that it may not read", function()
    if process.run("id -u") == "0\n" then
      return pending("root may read everything")
    end
    runs.full():save(path)
    process.run("chmod 0 " .. process.quote(path))
    assert_load_refused("EACCES", "Permission denied")
  end)

  it("a device or a pipe, for which it doesn't wait", function()
    assert_load_refused("kind", KIND, "/dev/null")
    assert_load_refused("kind", KIND, "/dev/zero")
    process.run("mkfifo " .. process.quote(path))
    assert_load_refused("kind", KIND)
  end)

  it("10 GiB of zeros, without taking as much memory", function()
    for _, bytes in ipairs { "", runs.full():bytes() } do
      process.write_file(path, bytes)
      process.run("truncate -s 10G " .. process.quote(path))
      assert_load_refused(bytes == "" and "kind" or "size", bytes == "" and KIND or SIZE)
    end
  end)
end)

describe("bytes are refused that", function()
  it("are something else", function()
    local bytes = runs.full():bytes()
    for _, other in ipairs { "x", "{}", "hello, world\n", bytes:sub(2), " " .. bytes, bytes:upper(),
      ("\0"):rep(100000), ("\255"):rep(4096), bytes:reverse() } do
      assert_refused("kind", KIND, other)
    end
  end)

  it("end too early, wherever that is", function()
    local bytes = runs.full():bytes()
    assert_refused("size", "it is empty", "")
    for length = 1, #bytes - 1 do
      local snapshot, message, code = exectrack.from_bytes(bytes:sub(1, length))
      assert.is_nil(snapshot)
      assert.equal(SIZE, message)
      assert.equal("size", code)
    end
    for _, length in ipairs { 1, 7, 8, 100, 511, 512, 513, math.floor(#bytes / 2), #bytes - 1 } do
      assert_refused("size", SIZE, bytes:sub(1, length))
    end
  end)

  it("end too late", function()
    local bytes = runs.full():bytes()
    assert_refused("size", SIZE, bytes .. "\0")
    assert_refused("size", SIZE, bytes .. bytes)
  end)

  it("are of another version", function()
    for _, version in ipairs { 0, 2, 4, 0xFFFFFFFF } do
      assert_refused("version", VERSION, patch(runs.full():bytes(), 8, packed(version, 4)))
      assert_refused("version", VERSION, forge(runs.full():bytes(), 8, packed(version, 4)))
    end
  end)

  it("are of another byte order", function()
    local bytes = runs.full():bytes()
    assert_refused("byte_order", BYTE_ORDER, forge(bytes, 12, bytes:sub(13, 16):reverse()))
  end)

  it("have any bit flipped", function()
    local bytes = runs.full():bytes()
    local codes = { { 8, "kind" }, { 12, "version" }, { 16, "byte_order" }, { 24, "size" },
      { 28, "checksum" }, { HEADER_BYTES, nil }, { #bytes, "checksum" } }
    for offset = 0, #bytes - 1 do
      local byte, bit = bytes:byte(offset + 1), 2 ^ math.random(0, 7)
      local flipped = string.char(math.floor(byte / bit) % 2 == 0 and byte + bit or byte - bit)
      local snapshot, message, code = exectrack.from_bytes(patch(bytes, offset, flipped))
      assert.is_nil(snapshot)
      assert.equal("string", type(message))
      local i = 1
      while offset >= codes[i][1] do
        i = i + 1
      end
      -- A size in the header that can't be is seen before the checksum is.
      assert.is_true(code == codes[i][2] or codes[i][2] == nil
        and (code == "checksum" or code == "invalid"), offset)
    end
    assert_refused("checksum", CHECKSUM, patch(bytes, 24, "\0\0\0\0"))
    assert_refused("checksum", CHECKSUM, patch(bytes, #bytes - 1, "\1"))
  end)

  it("have inconsistent contents, though their checksum is right", function()
    local bytes = runs.full():bytes()
    assert.is_truthy(exectrack.from_bytes(forge(bytes, 0, "exectrak")))
    assert_refused("invalid", "an unknown flag is set", forge(bytes, 276, packed(4, 4)))
    assert_refused("invalid", "the label is too long", forge(bytes, 52, packed(65, 4)))
    assert_refused("invalid", "reserved bytes aren't 0", forge(bytes, HEADER_BYTES - 1, "\1"))
    assert_refused("invalid", "a histogram's span is out of range",
      forge(bytes, HEADER_BYTES + 2 * 184 + 8, packed(2 ^ 20, 4)))
  end)
end)

describe("a path", function()
  it("has no zero byte, and is a string", function()
    local snapshot = runs.full()
    local function assert_not_saved(problem, where)
      assert.has_error(function() snapshot:save(where) end,
        "bad argument #1 to 'save' (" .. problem .. ")")
    end
    local function assert_raises(problem, where)
      assert_not_saved(problem, where)
      assert.has_error(function() exectrack.load(where) end,
        "bad argument #1 to 'load' (" .. problem .. ")")
    end
    for _, where in ipairs { "\0", path .. "\0", path .. "\0.bak" } do
      assert_raises("a path has no zero byte", where)
    end
    assert_raises("string expected, got nil", nil)
    assert_raises("string expected, got number", 5)
    assert_raises("string expected, got table", {})
    assert_not_saved("string expected, got " .. portable.FILE, io.stdout)
    assert.same({}, directories.list(directory))
  end)
end)

describe("an open file", function()
  --- Opens what a shell command prints, of which `input` is the standard input.
  local function pipe(command, input)
    process.write_file(path, input)
    return assert(io.popen(("%s <%s"):format(command, process.quote(path))))
  end

  it("is loaded from where it stands", function()
    local run = runs.full()
    assert.is_true(run == exectrack.load(pipe("cat", run:bytes())))
    process.write_file(path, "a note" .. run:bytes())
    local file = assert(io.open(path, "rb"))
    assert.equal("a note", file:read(6))
    assert.is_true(run == exectrack.load(file))
    assert.equal("file", io.type(file))
    file:close()
  end)

  it("is refused if it isn't a run and then its end", function()
    local bytes = runs.full():bytes()
    assert.same({ nil, KIND, "kind" }, { exectrack.load(pipe("cat - /dev/zero", "")) })
    assert.same({ nil, SIZE, "size" }, { exectrack.load(pipe("cat", bytes:sub(1, -2))) })
    assert.same({ nil, "it is empty", "size" }, { exectrack.load(pipe("cat", "")) })
    assert.same({ nil, SIZE, "size" }, { exectrack.load(pipe("cat - /dev/zero", bytes)) })
    assert.same({ nil, "Is a directory", "EISDIR" }, { exectrack.load(io.open(directory)) })
    local file = io.open(path, "wb")
    assert.same({ nil, "Bad file descriptor", "EBADF" }, { exectrack.load(file) })
    file:close()
    assert.has_error(function() exectrack.load(file) end,
      "bad argument #1 to 'load' (closed file)")
  end)
end)

describe("exectrack.from_bytes", function()
  it("raises for what isn't a string", function()
    local expected = "bad argument #1 to 'from_bytes' (string expected, got %s)"
    assert.has_error(function() exectrack.from_bytes() end, expected:format("no value"))
    assert.has_error(function() exectrack.from_bytes(5) end, expected:format("number"))
    assert.has_error(function() exectrack.from_bytes({}) end, expected:format("table"))
  end)
end)
