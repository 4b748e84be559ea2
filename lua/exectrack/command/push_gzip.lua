--- Compression of what is sent, with lua-zlib.
-- Used only by the command.
local M = {}

local NO_ZLIB = "lua-zlib isn't installed, so nothing is compressed: luarocks install lua-zlib, "
  .. "or on Debian apt-get install lua-zlib"

local BEST_SPEED_AND_SIZE, WITH_GZIP_HEADER = 6, 15 + 16

--- A function that returns a text in the format of gzip; or nil and a note.
function M.new()
  local has_zlib, zlib = pcall(require, "zlib")
  local function compress(text)
    return (zlib.deflate(BEST_SPEED_AND_SIZE, WITH_GZIP_HEADER)(text, "finish"))
  end
  -- Another library has the same name.
  local is_it, bytes = pcall(compress, "")
  if not has_zlib or not is_it or type(bytes) ~= "string" or bytes:sub(1, 2) ~= "\31\139" then
    return nil, NO_ZLIB
  end
  return compress
end

return M
