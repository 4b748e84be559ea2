--- `exectrack completion`.
-- Used only by the command.
local exit_codes = require("exectrack.command.exit_codes")

local EXAMPLES = [[
Examples:
   exectrack completion bash \
      > ~/.local/share/bash-completion/completions/exectrack
   exectrack completion zsh > ~/.zfunc/_exectrack
   exectrack completion fish > ~/.config/fish/completions/exectrack.fish]]

-- Each asks `exectrack completion --words …` for what the last word may be; for nothing, it is a
-- path. In bash, = and : may be words of their own: an option's value follows =, and what stands
-- before a : isn't to be repeated.
local SCRIPTS = {
  bash = [=[
_exectrack() {
  local IFS=$'\n' word last= before= words=() i value
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == = && $last == --* ]]; then
      [[ $i == "$COMP_CWORD" ]] || continue
      word=
    elif [[ $i -gt 1 && $last != -* && ($word == : || ${COMP_WORDS[i-1]} == :) ]]; then
      before=${last%"${last##*:}"}
      [[ $word == : ]] && before=$last:
      last+=$word
      words[${#words[@]}-1]=$last
      continue
    fi
    word=${word#[\'\"]}
    last=${word//\\/}
    before=
    words+=("$last")
  done
  COMPREPLY=()
  for value in $(exectrack completion --words "${words[@]}" 2>/dev/null); do
    COMPREPLY+=("$(printf '%q' "${value#"$before"}")")
  done
}
complete -o default -F _exectrack exectrack
]=],
  zsh = [=[
#compdef exectrack
_exectrack() {
  local -a found
  found=("${(@f)$(exectrack completion --words "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n $found[1] ]]; then
    compadd -- "${found[@]}"
  else
    _files
  fi
}
if [[ $funcstack[1] == _exectrack ]]; then
  _exectrack "$@"
else
  compdef _exectrack exectrack
fi
]=],
  fish = [=[
function __exectrack_complete
  set -l words (commandline -opc)
  set -l found (exectrack completion --words $words[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c exectrack -f -a '(__exectrack_complete)'
]=],
}

local M = { summary = "Print a script by which a shell completes this command's arguments." }

function M.describe(command, choose)
  choose(command:argument("SHELL"):target("shell"):description("bash, zsh or fish."), "shell",
    { "bash", "zsh", "fish" })
  command:epilog(EXAMPLES)
end

--- The table of arguments for `--words`, behind which anything is a word; nil without it.
function M.own_arguments(arguments)
  if arguments[1] == "--words" then
    table.remove(arguments, 1)
    return { words = arguments }
  end
end

local function text_for(arguments, names)
  if not arguments.words then
    return SCRIPTS[arguments.shell]
  end
  local found = require("exectrack.command.complete").candidates(arguments.words, names)
  return #found > 0 and table.concat(found, "\n") .. "\n" or ""
end

function M.run(arguments, names)
  local ok, message, code = require("exectrack.command.output").write(nil,
    text_for(arguments, names))
  return ok and exit_codes.DONE, message, code
end

return M
