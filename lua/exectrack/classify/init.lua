--- Classifiers: functions for the option `classify`, which say how a call ended.
-- library/exectrack/classify.lua says what they get and return.
return {
  any_of = require("exectrack.classify.any_of"),
  convention = require("exectrack.core").convention,
  http = require("exectrack.classify.http"),
  mcp = require("exectrack.classify.mcp"),
  shell = require("exectrack.classify.shell"),
}
