rockspec_format = "3.0"
package = "exectrack"
version = "scm-1"

-- The rock is built from the checkout that this file stands in.
source = { url = "." }

description = {
  summary = "Records what an agent's tools did, in memory that never grows",
  detailed = [[
exectrack records each tool execution of an agent (tool, status, duration, cached or not, when) in
fixed memory, and lets a Lua script ask anything afterwards. A C11 core does the tracking.]],
  license = "MIT",
  labels = { "agents", "observability", "profiling" },
}

supported_platforms = { "unix" }
dependencies = { "lua >= 5.4, < 5.5" }

build = {
  type = "builtin",
  modules = {
    ["exectrack"] = "lua/exectrack/init.lua",
    ["exectrack.core"] = {
      sources = {
        "src/clock.c",
        "src/crc32c.c",
        "src/denials.c",
        "src/error.c",
        "src/events.c",
        "src/file.c",
        "src/filter.c",
        "src/group.c",
        "src/group_key.c",
        "src/group_table.c",
        "src/group_tally.c",
        "src/histogram.c",
        "src/image.c",
        "src/image_check.c",
        "src/in_flight.c",
        "src/memory.c",
        "src/merge.c",
        "src/name_union.c",
        "src/names.c",
        "src/quantile.c",
        "src/read.c",
        "src/recent.c",
        "src/snapshot.c",
        "src/tool.c",
        "src/tracker.c",
        "src/xxh64.c",
        "src/lua/arguments.c",
        "src/lua/call.c",
        "src/lua/decision.c",
        "src/lua/ending.c",
        "src/lua/errno_name.c",
        "src/lua/error_type.c",
        "src/lua/fingerprint.c",
        "src/lua/from_table.c",
        "src/lua/guard.c",
        "src/lua/handle.c",
        "src/lua/instrument.c",
        "src/lua/lua_clock.c",
        "src/lua/lua_memory.c",
        "src/lua/module.c",
        "src/lua/new.c",
        "src/lua/policy_methods.c",
        "src/lua/problem.c",
        "src/lua/push.c",
        "src/lua/read_methods.c",
        "src/lua/run.c",
        "src/lua/snapshot_file.c",
        "src/lua/snapshot_filter.c",
        "src/lua/snapshot_group.c",
        "src/lua/snapshot_handle.c",
        "src/lua/snapshot_merge.c",
        "src/lua/snapshot_records.c",
        "src/lua/snapshot_replay.c",
        "src/lua/span_handle.c",
        "src/lua/status.c",
        "src/lua/table_place.c",
        "src/lua/to_table.c",
        "src/lua/tracker_handle.c",
        "src/lua/wrap.c",
      },
      incdirs = { "src" },
      libraries = { "m" },
      defines = { "XT_BUILDING_MODULE", "NDEBUG" },
    },
    ["exectrack.options"] = "lua/exectrack/options.lua",
    ["exectrack.policy"] = "lua/exectrack/policy/init.lua",
    ["exectrack.policy.adaptive_timeout"] = "lua/exectrack/policy/adaptive_timeout.lua",
    ["exectrack.policy.all"] = "lua/exectrack/policy/all.lua",
    ["exectrack.policy.budget"] = "lua/exectrack/policy/budget.lua",
    ["exectrack.policy.by_tool"] = "lua/exectrack/policy/by_tool.lua",
    ["exectrack.policy.circuit_breaker"] = "lua/exectrack/policy/circuit_breaker.lua",
    ["exectrack.policy.concurrency"] = "lua/exectrack/policy/concurrency.lua",
    ["exectrack.policy.loop_guard"] = "lua/exectrack/policy/loop_guard.lua",
    ["exectrack.policy.rate_limit"] = "lua/exectrack/policy/rate_limit.lua",
    ["exectrack.policy.replay"] = "lua/exectrack/policy/replay.lua",
    ["exectrack.policy.time"] = "lua/exectrack/policy/time.lua",
  },
  copy_directories = { "docs", "examples", "library" },
}
