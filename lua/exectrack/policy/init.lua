--- Policies: what decides, before a tool is called, whether it should be.
--
-- A policy is a function `policy(call)`. A call has `tracker`, `tool` (a string), `args_hash` (the
-- fingerprint of the arguments, 0 if they aren't known) and `now` (Unix seconds). A policy returns
-- its decision: nil if it has no objection, or a new table. One that reads `now` needs the time,
-- and can't be replayed on executions that are undated.
--
-- - `action`: `"warn"` or `"deny"`
-- - `policy`: its name
-- - `reason`: a stable word
-- - `message`: what happened and what to do, for a language model to read
-- - `retry_after_ms`: in how many milliseconds the call may be made again, if that is known; an
--   integer when whole, else a float, exact to the microsecond
--
-- These policies keep nothing: a decision follows from the call and its tracker. Their constructors
-- take one table, which they don't keep either. Any other function that decides so is a policy,
-- too.
-- @module exectrack.policy
return {
  adaptive_timeout = require("exectrack.policy.adaptive_timeout"),
  all = require("exectrack.policy.all"),
  budget = require("exectrack.policy.budget"),
  by_tool = require("exectrack.policy.by_tool"),
  circuit_breaker = require("exectrack.policy.circuit_breaker"),
  concurrency = require("exectrack.policy.concurrency"),
  loop_guard = require("exectrack.policy.loop_guard"),
  rate_limit = require("exectrack.policy.rate_limit"),
  replay = require("exectrack.policy.replay"),
}
