---@meta exectrack.json

--- Reads JSON (RFC 8259) strictly: exactly the texts of its grammar, in UTF-8, after a byte order
--- mark or none.
---
--- An object and an array become a table. An integer of up to 64 bits without fraction and exponent
--- is exact, where Lua has integers; any other number is the nearest float, and `math.huge` if it is
--- too large. Of a key that an object has twice, the last value counts. The escape of half a
--- surrogate pair becomes U+FFFD.
---@class exectrack.jsonvalueslib
---@field null lightuserdata a value that can stand for null: the one of lua-cjson
local values = {}

--- How to read a text.
---@class exectrack.JsonOptions
---@field null? any the value for null; by default null is nil, so that it is absent from tables

--- How to read a text of one value a line.
---@class exectrack.JsonLinesOptions: exectrack.JsonOptions
---@field max_line_bytes? integer a longer line is wrong, from 1; default 67,108,864

--- The value of a JSON text. O(length).
---@param text string
---@param options? exectrack.JsonOptions
---@return any value nil if the text is wrong, and for null
---@return string? message the line, the byte in it, from 1, and what is wrong there; also for more
--- than 1,000 levels of objects and arrays
---@return string? code `invalid`
---@nodiscard
function values.decode(text, options) end

--- The values of a text of one JSON value a line, in a `for` loop; blank lines are left out. Of
--- each line it returns the number and the value; or the number, nil and what is wrong with it.
--- Raises if a piece isn't a string. Keeps no more than a line and a piece.
---@param pieces exectrack.Pieces of any length
---@param options? exectrack.JsonLinesOptions
---@return fun(): integer?, any, string?
---@nodiscard
function values.lines(pieces, options) end

return values
