-- Writes docs/reference.md, in the working directory, from library/.
local page = require("reference.page")
local sections = require("reference.sections")

local file = assert(io.open("docs/reference.md", "wb"))
assert(file:write(page(sections())))
assert(file:close())
