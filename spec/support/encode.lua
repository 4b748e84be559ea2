--- The texts that encoders make.
local format = require("exectrack.format")
local tracked = require("spec.support.tracked")

--- What the encoder of a format makes of a run.
return function(name, run)
  return tracked.text(format[name].encode(run))
end
