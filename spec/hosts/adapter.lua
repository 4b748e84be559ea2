-- The function `post` that docs/sending.md has under a heading.
--
--     local post = dofile(CHECKOUT .. "/spec/hosts/adapter.lua")(CHECKOUT, "nginx")
return function(checkout, heading)
  local file = assert(io.open(checkout .. "/docs/sending.md"))
  local page = file:read("*a")
  file:close()
  local block = page:match("\n## " .. heading .. "\n.-\n```lua\n(.-)```\n")
  return assert(loadstring(block .. "return post", "=docs/sending.md"))()
end
