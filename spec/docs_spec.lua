-- Needs Lua 5.4: the idiom of the documentation
local lfs = require("lfs")
local markdown = require("spec.support.markdown")
local portable = require("spec.support.portable")
local process = require("spec.support.process")
local sandbox = require("spec.support.sandbox")

local BUILD = os.getenv("EXECTRACK_BUILD")

--- README.md and the pages of docs/, or those that EXECTRACK_PAGES names. Only those that exist.
local function page_paths()
  local patterns = os.getenv("EXECTRACK_PAGES") or "README.md docs/*.md"
  local pages = {}
  local listing = assert(io.popen("ls -d " .. patterns .. " 2>/dev/null"))
  for path in listing:lines() do
    pages[#pages + 1] = path
  end
  listing:close()
  return pages
end

--- Compares what a block printed with what its page says. UPDATE_GOLDEN=1 notes it, by the block
-- that shows it, in `printed_anew`, to be written to the page and reviewed.
local function assert_printed(place, block, printed, printed_anew)
  if block.output and os.getenv("UPDATE_GOLDEN") == "1" then
    printed_anew[block.output_block] = printed
  elseif block.output then
    assert.equal(block.output, printed, place .. " doesn't print what the page says")
  else
    assert.equal("", printed, place .. " prints, and no text block follows it")
  end
end

--- Makes the folder that the blocks of one page run in, where they may save files. It has the
-- examples in it. Returns its path.
local function make_folder()
  local path = process.run("mktemp -d"):match("[^\n]+")
  assert(lfs.link(lfs.currentdir() .. "/examples", path .. "/examples", true))
  return path
end

--- Runs a block of Lua in `folder`. Its errors name the page and its line.
local function run_lua(path, block, env, folder)
  local text = ("\n"):rep(block.line - 1) .. block.text
  local chunk, syntax_error = portable.load(text, "@" .. path, "t", env)
  assert.is_nil(syntax_error)
  local checkout = lfs.currentdir()
  assert(lfs.chdir(folder))
  local ok, message = xpcall(chunk, debug.traceback)
  assert(lfs.chdir(checkout))
  assert.is_true(ok, tostring(message))
end

--- Runs a block of shell commands in `folder`, where `exectrack` is this checkout's. Returns what
-- they print.
local function run_shell(block, folder)
  local printed, complaints, code = process.run(
    ("cd %s && PATH=%s:$PATH COLUMNS=80\nunset LC_ALL LC_CTYPE LANG\n%s"):format(
      process.quote(folder), process.quote(lfs.currentdir() .. "/bin"), block.text))
  assert.equal("", complaints)
  assert.equal(0, code)
  return (printed:gsub("\r\n", "\n")) -- pages have the line ends of this system
end

local function has_main(block)
  return block.text:find("%f[%w_]main%s*%(") ~= nil
end

--- The shell command that compiles `source` to `program`, or only to an object without a main.
local function compile_command(block, source, program)
  local flags = os.getenv("EXECTRACK_CFLAGS") or ""
  local uses_lua = block.text:find("exectrack_lua.h", 1, true) or block.text:find("<lua", 1, true)
  local words = { "cc -std=c11 -Wall -Wextra -Werror -I src", flags }
  if uses_lua then
    words[#words + 1] = "$(pkg-config --cflags lua5.4)"
  end
  words[#words + 1] = "-o " .. process.quote(program)
  if not has_main(block) then
    words[#words + 1] = "-c"
  end
  words[#words + 1] = process.quote(source)
  if has_main(block) then
    words[#words + 1] = "-L " .. process.quote(BUILD)
    words[#words + 1] = "-Wl,-rpath," .. process.quote(BUILD) -- for shared libraries
    if uses_lua then
      words[#words + 1] = "-lexectrack-lua $(pkg-config --libs lua5.4)"
    else
      words[#words + 1] = "-lexectrack"
    end
    words[#words + 1] = "-lm -ldl"
  end
  return table.concat(words, " ")
end

--- Compiles a block of C and, if it has a main, runs it. Returns what it prints. The compiler's
-- messages name the page and its line.
local function run_c(path, block)
  local base = os.tmpname()
  local source, program = base .. ".c", base .. ".out"
  process.write_file(source, string.format('#line %d "%s"\n%s', block.line, path, block.text))
  local _, problems, code = process.run(compile_command(block, source, program))
  local printed, complaints = "", ""
  if code == 0 and has_main(block) then
    printed, complaints, code = process.run(process.quote(program))
  end
  os.remove(base)
  os.remove(source)
  os.remove(program)
  assert.equal("", problems)
  assert.equal("", complaints)
  assert.equal(0, code, path .. ":" .. block.line .. " fails")
  return printed
end

local pages = page_paths()

describe("the documentation", function()
  it("has a README.md with Lua in it", function()
    assert.is_true(#markdown.examples(process.read_file("README.md"), "lua") > 0)
  end)

  for _, path in ipairs(pages) do
    local text = process.read_file(path)
    local env, take_output = sandbox.new()
    local folder
    local printed_anew = {}

    setup(function()
      folder = make_folder()
    end)
    teardown(function()
      process.run("rm -r " .. process.quote(folder))
      if next(printed_anew) then
        process.write_file(path, markdown.with_texts(text, printed_anew))
      end
    end)

    for _, block in ipairs(markdown.examples(text, "lua")) do
      local place = path .. ":" .. block.line
      it("runs the Lua at " .. place, function()
        take_output()
        run_lua(path, block, env, folder)
        local printed = take_output():gsub("\r\n", "\n") -- of CSV
        assert_printed(place, block, printed, printed_anew)
      end)
    end
    for _, block in ipairs(markdown.examples(text, "sh")) do
      local place = path .. ":" .. block.line
      it("runs the commands at " .. place, function()
        assert_printed(place, block, run_shell(block, folder), printed_anew)
      end)
    end
    for _, block in ipairs(markdown.examples(text, "c")) do
      local place = path .. ":" .. block.line
      it("compiles the C at " .. place, function()
        assert.is_string(BUILD, "EXECTRACK_BUILD isn't set")
        assert_printed(place, block, run_c(path, block), printed_anew)
      end)
    end
  end
end)
