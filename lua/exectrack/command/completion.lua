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
-- path. The words behind the cursor, which may name runs, are put behind the subcommand; in fish
-- there are none. Words are read with their quotes and escapes, and a quote may still be open. In
-- bash, = and : may be words of their own: an option's value follows =, and what stands before a :
-- isn't to be repeated, nor in bash 3, where they aren't words, what stands before either.
local SCRIPTS = {
  bash = [=[
_exectrack_unquoted() {
  last=$1
  case $1 in
    \'*) last=${last#\'}; last=${last%\'}; return ;;
    \"*) last=${last#\"}; [[ $last == *\\\" ]] || last=${last%\"} ;;
    \~/*) last=$HOME${last#\~} ;;
  esac
  last=${last//\\\\/$'\1'}
  if [[ $1 == \"* ]]; then
    last=${last//\\\"/\"}
    last=${last//\\\$/\$}
    last=${last//\\\`/\`}
  else
    last=${last//\\/}
  fi
  last=${last//$'\1'/\\}
}
_exectrack_quoted() {
  local escaped=$2 character
  case $1 in
    \'*) escaped=${escaped//\'/\'\\\'\'} ;;
    \"*)
      for character in \\ \" \$ \`; do
        escaped=${escaped//"$character"/\\"$character"}
      done ;;
    *)
      printf -v escaped %q "$2"
      escaped=${escaped//\\,/,} ;;
  esac
  COMPREPLY+=("$escaped")
}
_exectrack() {
  local word last= before= words=() behind=() i value
  for ((i = 1; i < ${#COMP_WORDS[@]}; i++)); do
    word=${COMP_WORDS[i]}
    if ((i > COMP_CWORD)); then
      _exectrack_unquoted "$word"
      behind+=("$last")
      continue
    elif [[ $word == = && $last == --* ]]; then
      [[ $i == "$COMP_CWORD" ]] || continue
      word=
    elif [[ $i -gt 1 && $last != -* && ($word == : || ${COMP_WORDS[i-1]} == :) ]]; then
      before=${last%"${last##*:}"}
      [[ $word == : ]] && before=$last:
      last+=$word
      words[${#words[@]}-1]=$last
      continue
    fi
    _exectrack_unquoted "$word"
    before=
    words+=("$last")
  done
  word=${COMP_WORDS[COMP_CWORD]}
  if ((BASH_VERSINFO[0] < 4)) && [[ $word == [!\"\']*[:=]* ]]; then
    last=${words[${#words[@]}-1]}
    before=${last%"${last##*[:=]}"}
  fi
  ((COMP_CWORD > 1)) || behind=()
  COMPREPLY=()
  while IFS= read -r value; do
    _exectrack_quoted "$word" "${value#"$before"}"
  done < <(exectrack completion --words "${words[0]}" "${behind[@]}" "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _exectrack exectrack
]=],
  zsh = [=[
#compdef exectrack
_exectrack() {
  local -a found before behind
  local last=$QIPREFIX$PREFIX${compstate[quote]}
  before=("${(@Q)words[2,CURRENT-1]}")
  ((CURRENT > 2)) && behind=("${(@Q)words[CURRENT+1,-1]}")
  found=("${(@f)$(exectrack completion --words "${(@)before[1,1]}" "${behind[@]}" \
    "${(@)before[2,-1]}" "${(Q)last}" 2>/dev/null)}")
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
function __exectrack_found
  set -l before (commandline -opc)
  set -l last (commandline -ct)
  for quote in '' '"' "'"
    if set -l unquoted (string unescape -- "$last$quote")
      set last $unquoted
      break
    end
  end
  set -g __exectrack_words (exectrack completion --words $before[2..-1] "$last" 2>/dev/null)
  test (count $__exectrack_words) -gt 0
end
complete -c exectrack -f -n __exectrack_found -a '(printf "%s\n" $__exectrack_words)'
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
