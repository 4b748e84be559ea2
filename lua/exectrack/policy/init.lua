--- Policies: they decide, before a tool is called, whether the call is allowed.
-- library/exectrack/policy.lua says what a policy gets and returns. These have no state: a decision
-- depends only on the call and its tracker. Their constructors take one table, and don't keep it.
return {
  adaptive_timeout = require("exectrack.policy.adaptive_timeout"),
  all = require("exectrack.policy.all"),
  budget = require("exectrack.policy.budget"),
  by_tool = require("exectrack.policy.by_tool"),
  caller_errors = require("exectrack.policy.caller_errors"),
  circuit_breaker = require("exectrack.policy.circuit_breaker"),
  concurrency = require("exectrack.policy.concurrency"),
  default = require("exectrack.policy.default"),
  loop_guard = require("exectrack.policy.loop_guard"),
  rate_limit = require("exectrack.policy.rate_limit"),
  replay = require("exectrack.policy.replay"),
  tool_errors = require("exectrack.policy.tool_errors"),
  writes = require("exectrack.policy.writes"),
}
