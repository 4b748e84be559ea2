--- The code blocks of a Markdown page.
local M = {}

--- The fence that opens a block at this line: its indentation, ticks and language.
local function fence(line)
  return line:match("^(%s*)(```+)%s*([^%s`]*)")
end

--- All blocks of `text` in order. Each has its `language`, its `text`, its `indent`, the `line` of
-- its first line of text and, if it follows another block after nothing but blank lines and at most
-- one line of prose, `follows`, that block.
function M.blocks(text)
  local blocks, open, prose = {}, nil, math.huge
  local number = 0
  for line in (text:gsub("\n?$", "\n")):gmatch("(.-)\r?\n") do
    number = number + 1
    local indent, ticks, language = fence(line)
    if open and ticks and language == "" and #ticks >= #open.ticks then
      blocks[#blocks + 1] = {
        language = open.language,
        line = open.line,
        indent = open.indent,
        follows = open.follows,
        text = table.concat(open.lines),
      }
      open, prose = nil, 0
    elseif open then
      open.lines[#open.lines + 1] = line:gsub("^" .. open.indent, "") .. "\n"
    elseif ticks then
      open = {
        ticks = ticks,
        indent = indent,
        language = language,
        line = number + 1,
        lines = {},
        follows = prose <= 1 and blocks[#blocks] or nil,
      }
    elseif line:find("%S") then
      prose = prose + 1
    end
  end
  assert(not open, open and "the block at line " .. open.line .. " isn't closed")
  return blocks
end

--- The blocks of `text` in one `language`, each with `output`: the text of the `text` block that
-- follows it, or nil; then `output_block` is that block.
function M.examples(text, language)
  local examples = {}
  local blocks = M.blocks(text)
  for _, block in ipairs(blocks) do
    if block.language == language then
      examples[#examples + 1] = block
    elseif block.language == "text" and block.follows then
      block.follows.output, block.follows.output_block = block.text, block
    end
  end
  return examples
end

--- `text` with other contents in some of its blocks: `texts` has them by block.
function M.with_texts(text, texts)
  local lines = {}
  for line in text:gmatch("[^\n]*\n?") do
    lines[#lines + 1] = line
  end
  for block, new in pairs(texts) do
    local _, old_count = block.text:gsub("\n", "")
    for i = block.line, block.line + old_count - 1 do
      lines[i] = ""
    end
    lines[block.line] = new:gsub("[^\n]+", block.indent .. "%0") .. (lines[block.line] or "")
  end
  return table.concat(lines)
end

return M
