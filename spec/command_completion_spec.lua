local command = require("spec.support.command")
local directories = require("spec.support.directory")
local exectrack = require("exectrack")
local process = require("spec.support.process")

local directory

setup(function()
  directory = directories.make()
end)

teardown(function()
  directories.remove(directory)
end)

describe("completion in bash", function()
  --- What bash offers for these words, the last or the one with this number, from 0.
  local function complete(words, number)
    local stdout, stderr = process.run(("bash -c %s"):format(process.quote([=[
exectrack() { ]=] .. command.PROGRAM .. [=[ "$@"; }
. <(exectrack completion bash)
HOME=]=] .. process.quote(directory) .. [=[

COMP_WORDS=(]=] .. words .. [=[)
COMP_CWORD=]=] .. (number or "$((${#COMP_WORDS[@]} - 1))") .. [=[

_exectrack
printf '%s\n' "${COMPREPLY[@]}"]=])))
    assert.equal("", stderr)
    return (stdout:gsub("\n", " "):gsub(" $", ""))
  end

  it("is of subcommands, options and values", function()
    assert.equal("report show tail top compare check replay merge convert export push serve import "
      .. "completion", complete("exectrack ''"))
    assert.equal("report replay", complete("exectrack re"))
    assert.equal("--format", complete("exectrack show --fo"))
    assert.equal("failures", complete("exectrack report --report f"))
    assert.equal("text markdown html json csv", complete("exectrack report --format ''"))
    assert.equal("text", complete("exectrack report --format = te"))
    assert.equal("success failed timed_out cancelled", complete("exectrack report --status ''"))
    assert.equal("worse slower failures cancelled", complete("exectrack compare --fail-on ''"))
    assert.equal("slower,failures", complete("exectrack compare a b --fail-on slower,f"))
    assert.equal("slower,failures", complete("exectrack compare a b --fail-on = slower,f"))
    assert.equal("bash zsh fish", complete("exectrack completion ''"))
    assert.equal("", complete("exectrack report " .. directory:sub(1, -2))) -- bash has paths
  end)

  it("is of the tools and sessions of the runs that are given", function()
    local file = directory .. "/two words.run"
    local tracker = exectrack.new(10)
    for _, tool in ipairs { "Bash:npm", "Bash:git", "read file", "-x" } do
      tracker:session("chat " .. #tool):record(tool, "success", 1)
    end
    assert(tracker:snapshot():save(file))
    local given = "exectrack report '" .. file:gsub(" ", "\\ ") .. "' "
    assert.equal("Bash:npm Bash:git read\\ file -x", complete(given .. "--tool ''"))
    assert.equal("npm git", complete(given .. "--tool Bash :"))
    assert.equal("npm", complete(given .. "--exclude Bash : n"))
    assert.equal("read\\ file", complete(given .. "--tool = re"))
    assert.equal("read\\ file", complete(given .. "--tool 'read\\ f'"))
    assert.equal("chat\\ 9", complete(given .. "--tool x --session 'chat 9'"))
    given = process.quote(directory)
    assert.equal("read\\ file", complete("exectrack report " .. given .. " --tool re"))
    given = process.quote(process.quote(file))
    assert.equal("read\\ file", complete("exectrack report " .. given .. " --tool re"))
    given = "exectrack report '~/two\\ words.run'"
    assert.equal("chat\\ 9", complete(given .. " --session 'chat 9'"))
    assert.equal("", complete("exectrack report --tool ''"))
    assert(os.remove(file))
  end)

  it("has names within quotes as these are read, and none as a pattern", function()
    local file = directory .. "/quotes.run"
    local tracker = exectrack.new(10)
    for _, tool in ipairs { "*md*", "it's a \"b\" \\ $c", "at:c d" } do
      tracker:record(tool, "success", 1)
    end
    assert(tracker:snapshot():save(file))
    local given = "exectrack report " .. file .. " --tool "
    assert.equal("\\*md\\*", complete(given .. "'\\*'"))
    assert.equal([[it'\''s a "b" \ $c]], complete(given .. [["'it"]]))
    assert.equal([[it's a \"b\" \\ \$c]], complete(given .. [['"it'"'"'s a \"']]))
    assert.equal("at:c d", complete(given .. [["'at:c"]]))
    assert.equal("at:c d", complete("exectrack report --tool '\"at' " .. file, 3))
    assert(os.remove(file))
  end)
end)

-- What a user has typed, and what that becomes by a tab; in fish, the word that it offers.
local TYPED = {
  { "exectrack chec", "exectrack check ", "check" },
  { "exectrack show --fo", "exectrack show --format ", "--format" },
  { "exectrack report --report fa", "exectrack report --report failures ", "failures" },
  { "exectrack report --color=al", "exectrack report --color=always ", "--color=always" },
  { "exectrack compare --fail-on slower,f", "exectrack compare --fail-on slower,failures ",
    "slower,failures" },
  { "exectrack report a.run --tool it", "exectrack report a.run --tool it\\'s ", "it's" },
  { "exectrack report --tool x a", "exectrack report --tool x a.run ", "a.run" },
}

--- A shell with the completion script, in a folder with a run: its standard input is `script`, in
-- which `exectrack` runs the command, and its arguments what was typed.
local function assert_completes(column, shell, script)
  local words = {}
  local expected = {}
  for i, typed in ipairs(TYPED) do
    words[i], expected[i] = process.quote(typed[1]), typed[column]
  end
  local tracker = exectrack.new(1)
  tracker:record("it's", "success", 1)
  assert(tracker:snapshot():save(directory .. "/a.run"))
  process.write_file(directory .. "/script", script)
  local stdout, stderr = process.run(("cd %s && PROGRAM=%s %s script %s"):format(directory,
    process.quote(command.PROGRAM), shell, table.concat(words, " ")))
  assert.equal("", stderr)
  assert.equal(table.concat(expected, "\n") .. "\n", stdout)
end

describe("completion", function()
  it("works in zsh", function()
    if select(3, process.run("command -v zsh")) ~= 0 then
      pending("zsh isn't installed")
    end
    -- Another zsh in a pseudo-terminal, in which ^T prints the line and begins another.
    assert_completes(2, "zsh -f", [=[
      zmodload zsh/zpty
      zpty inner zsh -f -i
      zpty -w inner 'PS1= PROMPT_EOL_MARK= TERM=dumb
        autoload -Uz compinit && compinit -D -u
        exectrack() { eval "$PROGRAM \"\$@\"" }
        . <(exectrack completion zsh)
        show() { print -r -- "<<$BUFFER>>"; BUFFER= }
        zle -N show
        bindkey "^I" complete-word "^T" show
        print -r rea""dy'
      zpty -r inner line '*ready*'
      for typed; do
        zpty -w -n inner $typed$'\t\x14'
        zpty -r inner line '*<<*>>*'
        line=${line##*<<}
        print -r -- ${line%>>*}
      done]=])
  end)

  it("works in fish", function()
    if select(3, process.run("command -v fish")) ~= 0 then
      pending("fish isn't installed")
    end
    assert_completes(3, "fish --no-config", [=[
      function exectrack
        eval $PROGRAM (string escape -- $argv)
      end
      exectrack completion fish | source
      for typed in $argv
        complete -C $typed
      end]=])
  end)
end)
