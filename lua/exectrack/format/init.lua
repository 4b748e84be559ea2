--- Formats in which executions leave and enter exectrack.
--
-- A format is a table of an encoder, `encode(snapshot)`, a decoder, or both. Neither opens files or
-- knows of the time: what they return follows from what they are given, byte for byte.

return {
  csv = require("exectrack.format.csv"),
  json = require("exectrack.format.json"),
  jsonl = require("exectrack.format.jsonl"),
  reference = require("exectrack.format.reference"),
}
