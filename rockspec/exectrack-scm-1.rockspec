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
        "src/error.c",
        "src/histogram.c",
        "src/image.c",
        "src/image_check.c",
        "src/in_flight.c",
        "src/memory.c",
        "src/names.c",
        "src/read.c",
        "src/tool.c",
        "src/tracker.c",
        "src/xxh64.c",
        "src/lua/arguments.c",
        "src/lua/fingerprint.c",
        "src/lua/handle.c",
        "src/lua/lua_clock.c",
        "src/lua/module.c",
        "src/lua/new.c",
        "src/lua/push.c",
        "src/lua/span_handle.c",
        "src/lua/status.c",
        "src/lua/tracker_handle.c",
      },
      incdirs = { "src" },
      libraries = { "m" },
      defines = { "XT_BUILDING_MODULE", "NDEBUG" },
    },
  },
  copy_directories = { "docs", "library" },
}
