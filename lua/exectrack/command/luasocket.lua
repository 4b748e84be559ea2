--- LuaSocket, which only some subcommands need.
-- Used only by the command.

--- Loads it. Returns it; or nil and a message that says how to install it.
return function()
  local is_there, socket = pcall(require, "socket")
  if not is_there then
    return nil, "LuaSocket isn't installed: luarocks install luasocket, "
      .. "or on Debian apt-get install lua-socket"
  end
  return socket
end
