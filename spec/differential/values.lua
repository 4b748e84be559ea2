-- What is made of single values: fingerprints, descriptions, figures for people.
local exectrack = require("exectrack")
local format = require("exectrack.report.format")
local runs = require("spec.differential.runs")

local NUMBERS = { 0, 0.004, 0.005, 0.125, 0.5, 1, 2.5, 9.995, 12.25, 99.95, 100.5, 999.5, 1023.5,
  1024 * 2.5, 1024 * 10.0625, 59950, 3.6e6, 86400e3, 123456789.5, 2 ^ 32 + 0.5, 253402300799.5,
  2 ^ 53, 1e15, 1.2345e15, 2 ^ 63, 1e25, 1e300, 5e-324, 1 / 3, 0.0005, 0.9995, 0.1225,
  math.huge, 0 / 0 }

local UNITS = { "duration", "percent", "count", "bytes", "time" }

-- The figures that people read for a number.
local function figures(number)
  local texts = {}
  for i, unit in ipairs(UNITS) do
    texts[i] = format[unit](number)
  end
  texts[#texts + 1] = format.relative_time(number, 1000)
  texts[#texts + 1] = format.change(number)
  return table.concat(texts, ", ")
end

local SECRETS = { "curl -u me:hunter2 https://a:b@host", "token=\0ghp_0123456789abcdefghij\255",
  "Authorization: Bearer abc.def", "nothing" }

-- `write` is called with what was asked and the answer, both text.
return function(write)
  for i, value in ipairs(runs.VALUES) do
    write("fingerprint " .. i, ("%08x"):format(exectrack.fingerprint(value, { value })))
    write("describe " .. i, exectrack.describe(value, { value }))
  end
  for i, number in ipairs(NUMBERS) do
    write("figures " .. i, figures(number))
    write("figures -" .. i, figures(-number))
  end
  for i, text in ipairs(SECRETS) do
    write("redact " .. i, exectrack.redact(text))
  end
end
