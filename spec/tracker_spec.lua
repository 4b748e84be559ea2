local exectrack = require("exectrack")
describe("x", function() it("y", function() assert.equal(10, exectrack.new(10) and 10) end) end)
