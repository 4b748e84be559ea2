std = "lua54"
max_line_length = 100
files["lua"] = { std = "min" }
files["lua/exectrack/command/precompiled.lua"] = { std = "max" }
files["bin"] = { std = "min" }
files["reference"] = { std = "min" }
files["examples/neovim.lua"] = { std = "luajit", globals = { "vim" } }
files["examples/nginx"] = { std = "ngx_lua" }
-- Declarations without bodies: their arguments (212) and classes (241) are used by nobody. A type
-- can't be wrapped.
files["library"] = { std = "min", ignore = { "212", "241" }, max_comment_line_length = 120 }
-- What differs between versions of Lua is in one place.
files["spec"] = { std = "min+busted",
  read_globals = { coroutine = { fields = { "close" } }, table = { fields = { "move" } } } }
files["spec/support/portable.lua"] = { std = "max" }
files["spec/support/finalizers.lua"] = { std = "max" }
files["spec/support/hooks.lua"] = { std = "max" }
files["spec/support/needs.lua"] = { std = "max" }
-- What older ones don't run.
for _, name in ipairs { "close_spec", "docs_spec", "example_spec", "fingerprint_model_spec",
  "support/plain_fingerprint", "support/xxh64" } do
  files["spec/" .. name .. ".lua"] = { std = "lua54+busted" }
end
for _, name in ipairs { "adapter", "neovim_push", "neovim_tools" } do
  files["spec/hosts/" .. name .. ".lua"] = { std = "luajit", globals = { "vim" } }
end
exclude_files = { "build", "lua_modules" }
