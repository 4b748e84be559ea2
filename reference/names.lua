--- What the reference calls what library/ declares.
local M = {}

-- What stands for a module in library/, and its name here. Other variables are those of classes,
-- and keep their name.
local MODULES = {
  policies = "policy",
  reports = "report",
  format = "report.format",
  formats = "format",
  csv = "format.csv",
  json = "format.json",
  values = "exectrack.json",
  jsonl = "format.jsonl",
  reference = "format.reference",
  agent = "format.claude", -- and those of other agents
}

--- The name of a module or class by its variable.
function M.of_owner(variable)
  return MODULES[variable] or variable
end

--- Whether a class declares what is in a module.
function M.is_module(declaration)
  return declaration.kind == "class" and declaration.name:find("%f[%l]%l+lib$") ~= nil
end

--- The name of a function, a class or an alias, such as `policy.all`, `Tracker:clear` and
-- `exectrack.Record`. A class that declares a module is called as the module.
function M.of(declaration)
  if declaration.kind == "function" then
    return M.of_owner(declaration.owner) .. declaration.separator .. declaration.name
  elseif M.is_module(declaration) then
    return M.of_owner(declaration.variable)
  end
  return declaration.name
end

--- What GitHub makes of a heading, to link to it.
function M.anchor(heading)
  return (heading:lower():gsub("[^%w_ -]", ""):gsub(" ", "-"))
end

return M
