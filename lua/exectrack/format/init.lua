--- Formats in which executions leave and enter exectrack.
--
-- A format is a table of an encoder, `encode(snapshot)`, a decoder, or both. Neither opens files or
-- knows of the time: what they return follows from what they are given, byte for byte.
-- @module exectrack.format

--- CSV: @{exectrack.format.csv}.
-- @field csv
local csv = require("exectrack.format.csv")

--- JSON: @{exectrack.format.json}.
-- @field json
local json = require("exectrack.format.json")

--- JSON Lines: @{exectrack.format.jsonl}.
-- @field jsonl
local jsonl = require("exectrack.format.jsonl")

--- Records of the reference implementation: @{exectrack.format.reference}.
-- @field reference
local reference = require("exectrack.format.reference")

return { csv = csv, json = json, jsonl = jsonl, reference = reference }
