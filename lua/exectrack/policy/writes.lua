--- Says by the name of a tool whether it changes something, or may: a shell does what it is told.

local function set_of(text)
  local set = {}
  for word in text:gmatch("%a+") do
    set[word] = true
  end
  return set
end

-- Words in the names of tools that change files, records or pages.
local WORDS = set_of [[
  add append apply assign book cancel change clear click close commit copy cp create delete deploy
  drop edit fill insert install make merge mkdir modify move multiedit mv overwrite patch pay post
  publish push put remove rename replace reset restore revert rm save schedule send set start stop
  store submit switch touch undo uninstall update upgrade upload upsert write
]]

-- Last words in the names of tools that run any command. What follows says which one it is:
-- "Bash:ls" reads.
local SHELLS = set_of [[
  bash cmd command commands console exec interpreter ipython powershell pwsh python repl sh shell
  terminal zsh
]]

--- The words of a name: "NotebookEdit" has "notebook" and "edit", as "notebook_edit" has.
local function words_of(name)
  return name:gsub("(%l)(%u)", "%1 %2"):gsub("(%u)(%u%l)", "%1 %2"):lower():gmatch("%a+")
end

--- Whether the tool of `execution` may change something, by its name. A shell may only by a command
-- that isn't repeated.
return function(execution, is_repeated)
  local last
  for word in words_of(execution.tool) do
    if WORDS[word] then
      return true
    end
    last = word
  end
  return not is_repeated and SHELLS[last] == true
end
