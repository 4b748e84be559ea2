local classify = require("exectrack").classify

local MESSAGES = 2000

--- Random integers that are the same in every version of Lua: those of Park and Miller. SEED in the
-- environment makes other messages.
local state = tonumber(os.getenv("SEED") or "") or 1

local function below(limit)
  state = state * 48271 % 2147483647
  return state % limit
end

local function pick(choices)
  return choices[below(#choices) + 1]
end

--- A string of `count` random characters of `alphabet`.
local function characters(alphabet, count)
  local made = {}
  for i = 1, count do
    local at = below(#alphabet) + 1
    made[i] = alphabet:sub(at, at)
  end
  return table.concat(made)
end

local LOWER = "abcdefghijklmnopqrstuvwxyz"
local DIGITS, HEX = "0123456789", "0123456789abcdef"
local BASE62 = DIGITS .. LOWER .. LOWER:upper()

local function number()
  local digits = characters(DIGITS, 1 + below(9))
  return pick { digits, "-" .. digits, digits .. ".5", "1," .. digits, digits .. "%",
    digits .. "ms", "0x" .. characters(HEX, 8), "1e-" .. digits,
    "2026-01-0" .. below(9) .. "T03:04:05Z",
    pick { "Mon", "Sun" } .. ", 12 " .. pick { "Jan", "May", "Dec" } .. " 2026 03:04:05" }
end

local function id()
  return pick {
    function() return characters(DIGITS, 1 + below(12)) end,
    function() return characters(HEX, 8 + below(57)) end,
    function() return characters(HEX, 40):upper() end,
    function()
      return ("%s-%s-4%s-a%s-%s"):format(characters(HEX, 8), characters(HEX, 4),
        characters(HEX, 3), characters(HEX, 3), characters(HEX, 12))
    end,
    function() return "01" .. characters("0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24) end,
    function() return pick { "req_", "call_", "msg-" } .. characters(BASE62, 24) end,
    function() return characters(BASE62 .. "_-", 24) end,
    function() return "#" .. characters(DIGITS, 6) end,
    function() return pick { "user_", "Order-" } .. characters(DIGITS, 1 + below(5)) end,
    function() return characters(BASE62 .. "+/", 22) .. "==" end,
    function() return pick { "<", "(mailto:", "" } .. characters(LOWER, 8) .. "@example.org>" end,
    function() return ("10.%d.0.%d:%d"):format(below(256), below(256), below(65536)) end,
    function() return "[fe80::" .. characters(HEX, 4) .. ":1]" end,
  }()
end

local function word()
  return characters(LOWER, 1 + below(12))
end

local function path()
  local steps = {}
  for i = 1, 1 + below(5) do
    steps[i] = word()
  end
  return pick { "/", "./", "~/", "../", "C:\\", "https://example.org/" }
    .. table.concat(steps, pick { "/", "\\" }) .. pick { "", ".lua", ".tar.gz", "?q=" .. word() }
end

local function quoted()
  local words = {}
  local long = below(50) == 0 and 400 or 6
  for i = 1, below(long) do
    words[i] = pick { word, number, path, function() return "it's" end,
      function() return "HTTP" end, function() return "\228\184\141" end }()
  end
  local text = table.concat(words, " ")
  local quotes = pick { { "'", "'" }, { '"', '"' }, { "`", "`" },
    { "\226\128\152", "\226\128\153" }, { "\226\128\156", "\226\128\157" },
    { "\226\128\158", "\226\128\156" }, { "\194\171", "\194\187" },
    { "\227\128\138", "\227\128\139" }, { "\227\128\140", "\227\128\141" } }
  return quotes[1] .. text .. quotes[2]
end

local SLOTS = { id = id, n = number, path = path, q = quoted }

--- By templates of messages: their error type.
local TEMPLATES = {
  ["user <id> not found"] = "user not found",
  ["\27[31merror:\27[0m no such \27[1m<q>\27[0m in <path>"] = "error no such in",
  ["<path>:17: cannot parse <q>: expected a name, got <q>"] = "cannot parse expected a name got",
  ["order <id> has <n> items, at most <n> are allowed"] = "order has items at most are allowed",
  ["revision <id> of <path> isn't <id> any more (<n>)"] = "revision of isn't any more",
  ["TypeError: cannot read properties of undefined (reading <q>) at <path> [<id>]"] =
    "TypeError cannot read properties of undefined reading at",
  ["\230\137\190\228\184\141\229\136\176 <id> <q>"] = "\230\137\190\228\184\141\229\136\176",
}

describe("the error type of 2,000 messages", function()
  for template, expected in pairs(TEMPLATES) do
    it("is one, if they differ only in ids, numbers, paths and quoted parts: " .. template,
      function()
        for _ = 1, MESSAGES do
          local message = template:gsub("<(%a+)>", function(slot) return SLOTS[slot]() end)
          local status, _, error_type = classify.convention(false, message)
          if status ~= "failed" or error_type ~= expected then
            assert.same({ message, "failed", expected }, { message, status, error_type })
          end
        end
      end)
  end
end)
