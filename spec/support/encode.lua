--- The texts that encoders make.
local format = require("exectrack.format")

--- What the encoder of a format makes of a run.
return function(name, run)
  local texts = {}
  for piece in format[name].encode(run) do
    texts[#texts + 1] = piece
  end
  return table.concat(texts)
end
