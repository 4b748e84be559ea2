--- What a shell command runs, in one word.
-- Used only by formats.
local tokens_of = require("exectrack.format.shell_tokens")

local M = {}

local MOST_BYTES = 16384 -- of a command: what comes later isn't its beginning
local MOST_WORDS = 256 -- of one that is an array
local MOST_SHELLS = 8 -- within each other
local MOST_WORD_BYTES = 64

local function set(text)
  local all = {}
  for word in text:gmatch("%S+") do
    all[word] = true
  end
  return all
end

local KEYWORDS = set "! { } if elif then else fi while until do done esac"
local LOOPS = set "for select" -- their heads end with `do`
local SHELLS = set "sh bash dash ash ksh zsh fish"
local OPERATORS = set "; & && | || |&"

-- What only prepares for the command behind it.
local PREPARATIONS = set("cd pushd popd set shopt export unset umask ulimit source . test [ [[ "
  .. ": true")

-- What runs the command behind its own options: options that have a value, and how many arguments
-- come before the command.
local WRAPPERS = {
  builtin = {},
  command = { alone = "[vV]" }, -- it only looks for the command
  doas = { values = "[uCa]" },
  env = { values = "[uCS]", long = set "--unset --chdir --split-string" },
  exec = { values = "a" },
  ionice = { values = "[cnpPu]", long = set "--class --classdata" },
  nice = { values = "n", long = set "--adjustment" },
  nohup = {},
  setsid = {},
  stdbuf = { values = "[ioe]", long = set "--input --output --error" },
  sudo = { values = "[ughpCrtUDRT]", long = set("--user --group --host --prompt --close-from "
    .. "--role --type --other-user --chdir --chroot --command-timeout") },
  time = { values = "[fo]", long = set "--format --output" },
  timeout = { values = "[sk]", long = set "--signal --kill-after", arguments = 1 },
}

--- A reader of tokens, of which one can be put back.
local function new_reader(next_token)
  local reader, kept, was_word = {}, nil, nil
  function reader.next()
    if kept then
      local token = kept
      kept = nil
      return token, was_word
    end
    return next_token()
  end
  function reader.put_back(token, is_word)
    kept, was_word = token, is_word
  end
  return reader
end

--- Whether an option's value is the next word.
local function has_value(option, wrapper)
  if option:sub(1, 2) == "--" then
    return wrapper.long and wrapper.long[option]
  end
  local first = wrapper.values and option:find(wrapper.values, 2)
  return first == #option
end

--- Skips the options of a wrapper, and its arguments. Returns whether it runs no command.
local function skip_options(reader, wrapper)
  local token, is_word = reader.next()
  while is_word and token:sub(1, 1) == "-" and token ~= "--" do
    if wrapper.alone and token:find("^%-%a*" .. wrapper.alone) then
      return true
    elseif has_value(token, wrapper) then
      reader.next()
    end
    token, is_word = reader.next()
  end
  if token and token ~= "--" then
    reader.put_back(token, is_word)
  end
  for _ = 1, wrapper.arguments or 0 do
    reader.next()
  end
  return false
end

--- Skips the rest of a command, up to an operator, or the word `last`.
local function skip_command(reader, last)
  local token, is_word
  repeat
    token, is_word = reader.next()
  until not token or token == last or not (last or is_word)
end

--- The script that a shell's option `-c` gives it; nil if it has none.
local function script_of(reader)
  local has_script = false
  local token, is_word = reader.next()
  while is_word and token:find("^[-+]") do
    if token:sub(1, 2) ~= "--" then
      has_script = has_script or token:find("^%-%a*c") ~= nil
      if token:find("[oO]$") then
        reader.next()
      end
    end
    token, is_word = reader.next()
  end
  return has_script and is_word and token or nil
end

local function base_of(word)
  return word:match("([^/]+)/*$") or word
end

--- Whether a token comes before a command: an operator, a keyword or a variable.
local function is_before(token, is_word)
  return not is_word or KEYWORDS[token] or token:find("^[A-Za-z_][A-Za-z0-9_]*%+?=") ~= nil
end

--- Skips what only prepares for a command or runs it. Returns its name, and whether no command
-- follows; or nil.
local function skip_preparation(reader, token)
  local name = base_of(token)
  if LOOPS[token] then
    skip_command(reader, "do")
  elseif PREPARATIONS[name] then
    skip_command(reader, token == "[[" and "]]" or nil)
  elseif WRAPPERS[name] then
    return name, skip_options(reader, WRAPPERS[name])
  else
    return nil
  end
  return name, false
end

--- What the tokens run; nil if they run nothing.
local function name_of(reader, shells)
  local fallback, is_last
  for token, is_word in reader.next do
    if not is_before(token, is_word) then
      local skipped
      skipped, is_last = skip_preparation(reader, token)
      if not skipped then
        local name = base_of(token)
        local script = SHELLS[name] and shells < MOST_SHELLS and script_of(reader)
        return script and name_of(new_reader(tokens_of(script)), shells + 1) or name
      end
      fallback = skipped
    end
    if is_last then
      break
    end
  end
  return fallback
end

--- An iterator over an array of words, some of which may be operators.
local function tokens_of_array(words)
  local i = 0
  return function()
    i = i + 1
    local word = i <= MOST_WORDS and rawget(words, i)
    if type(word) ~= "string" then
      i = MOST_WORDS -- the end, also when it is called again
      return nil
    end
    return word:sub(1, MOST_BYTES), not OPERATORS[word]
  end
end

--- The tokens of a command, a text or an array of words; nil if it is neither.
local function tokens_of_any(command)
  if type(command) == "table" then
    local first = rawget(command, 1)
    local is_text = type(first) == "string" and first:find("[ \n]") and rawget(command, 2) == nil
    command = is_text and first or command
  end
  if type(command) == "string" then
    return tokens_of(command:sub(1, MOST_BYTES))
  end
  return type(command) == "table" and tokens_of_array(command) or nil
end

--- The name of what a command, a text or an array of words, runs first, behind what prepares for it
-- or runs it: through shells, `cd`, `sudo`, variables. Returns nil if there is none, or if it has
-- other characters than letters, digits, `_`, `.`, `+` and `-`. Never raises. Reads only the first
-- 16 KiB.
function M.name(command)
  local next_token = tokens_of_any(command)
  local name = next_token and name_of(new_reader(next_token), 0)
  if name and #name <= MOST_WORD_BYTES and name:find("^[A-Za-z0-9_.][A-Za-z0-9_.+-]*$")
      and name:find("[A-Za-z0-9]") then
    return name
  end
end

return M
