-- Runs busted in the interpreter that runs this file, so that tools can be wrapped around it:
-- lua5.4 spec/run.lua [options and files, as for busted]
require("busted.runner")({ standalone = false })
