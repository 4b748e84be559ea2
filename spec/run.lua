-- Runs busted in the interpreter that runs this file, so that tools can be wrapped around it:
-- lua5.4 spec/run.lua [options and files, as for busted]
table.insert(arg, 1, "--ignore-lua") -- .busted names an interpreter, which would be another process
require("busted.runner")({ standalone = false })
