--- Formats in which executions are exported and imported.
--
-- A format is a table with an encoder, `encode(snapshot)`, a decoder, or both. They neither open
-- files nor read the clock: their results depend only on their arguments.

return {
  csv = require("exectrack.format.csv"),
  json = require("exectrack.format.json"),
  jsonl = require("exectrack.format.jsonl"),
  reference = require("exectrack.format.reference"),
}
