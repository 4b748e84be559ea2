std = "lua54"
max_line_length = 100
files["lua"] = { std = "min" }
files["bin"] = { std = "min" }
files["reference"] = { std = "min" }
-- Declarations without bodies: their arguments (212) and classes (241) are used by nobody.
files["library"] = { std = "min", ignore = { "212", "241" } }
files["spec"] = { std = "+busted" }
exclude_files = { "build", "lua_modules" }
