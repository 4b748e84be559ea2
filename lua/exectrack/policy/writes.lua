--- Says by the name of a tool whether it changes something.

-- Words in the names of tools that change files, records or pages.
local WORDS = {}
for word in ([[
  add append apply assign book cancel change clear click close commit copy cp create delete deploy
  drop edit fill insert install make merge mkdir modify move multiedit mv overwrite patch pay post
  publish push put remove rename replace reset restore revert rm save schedule send set start stop
  store submit switch touch undo uninstall update upgrade upload upsert write
]]):gmatch("%a+") do
  WORDS[word] = true
end

--- The words of a name: "NotebookEdit" has "notebook" and "edit", as "notebook_edit" has.
local function words_of(name)
  return name:gsub("(%l)(%u)", "%1 %2"):gsub("(%u)(%u%l)", "%1 %2"):lower():gmatch("%a+")
end

--- Whether the tool of `execution` changes something, by its name.
return function(execution)
  for word in words_of(execution.tool) do
    if WORDS[word] then
      return true
    end
  end
  return false
end
