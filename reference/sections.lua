--- The sections of the reference: the files of library/, in the order in which a reader wants them.
local declarations = require("reference.declarations")

-- The file, and the title of its section.
local SECTIONS = {
  { "exectrack", "The module exectrack" },
  { "exectrack/tracker", "Trackers" },
  { "exectrack/recording", "Methods of trackers and sessions" },
  { "exectrack/classify", "How a call ended" },
  { "exectrack/session", "Sessions" },
  { "exectrack/span", "Spans" },
  { "exectrack/execution", "Executions" },
  { "exectrack/run", "Methods of trackers and snapshots" },
  { "exectrack/stats", "Statistics" },
  { "exectrack/snapshot", "Snapshots" },
  { "exectrack/analysis", "Filters and groups" },
  { "exectrack/policy", "Policies" },
  { "exectrack/report", "Reports" },
  { "exectrack/report/format", "Figures in reports" },
  { "exectrack/format", "Formats" },
  { "exectrack/json", "Reading JSON" },
  { "exectrack/push", "Sending" },
  { "exectrack/table_form", "The table form of a run" },
}

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- Reads library/ in the working directory. Each section has a `title`, the `module`
-- that its file is named after, and its `declarations`.
return function()
  local sections = {}
  for i, section in ipairs(SECTIONS) do
    sections[i] = {
      title = section[2],
      module = (section[1]:gsub("/", ".")),
      declarations = declarations.parse(read_file("library/" .. section[1] .. ".lua")),
    }
  end
  return sections
end
