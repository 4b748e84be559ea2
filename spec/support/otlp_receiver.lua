--- A receiver of OTLP for a spec, in a process of its own: see otlp_receiver.py.
local process = require("spec.support.process")

local Receiver = {}
Receiver.__index = Receiver

--- Starts it, with a folder for the requests. `files` may be the paths of a certificate
-- and its key, for https, and of the certificates of clients.
function Receiver.start(folder, files)
  local words = { "exec python3 -I -S spec/support/otlp_receiver.py", process.quote(folder) }
  for _, path in ipairs(files or {}) do
    words[#words + 1] = process.quote(path)
  end
  local self = setmetatable({ folder = folder, output = assert(io.popen(table.concat(words, " "))),
    count = 0 }, Receiver)
  local port, id = self.output:read("*l"):match("^(%d+) (%d+)$")
  self.port, self.id = tonumber(port), id
  self.url = (files and "https" or "http") .. "://localhost:" .. port
  return self
end

function Receiver:stop()
  process.run("kill " .. self.id)
  self.output:close()
end

--- The next requests are answered like this, each by one text.
function Receiver:answer(...)
  process.write_file(self.folder .. "/answers.new", table.concat({ ... }, "\n") .. "\n")
  assert(os.rename(self.folder .. "/answers.new", self.folder .. "/answers"))
end

--- Waits for the next request. Returns its path, its body and its head.
function Receiver:next()
  self.count = self.count + 1
  local number, path = self.output:read("*l"):match("^(%d+) (%S+)")
  assert(tonumber(number) == self.count)
  local name = self.folder .. "/" .. number
  return path, process.read_file(name .. ".body"), process.read_file(name .. ".head")
end

--- Makes a certificate for these names, such as `DNS:localhost`, that it issued itself and that is
-- valid for so many days. Returns the paths of it and of its key.
function Receiver.certificate(folder, name, names, days)
  local path = process.quote(folder .. "/" .. name)
  local _, problem, code = process.run(([[openssl req -new -newkey ec -nodes -subj /CN=localhost \
    -pkeyopt ec_paramgen_curve:prime256v1 -addext subjectAltName=%s -keyout %s.key -out %s.csr &&
    openssl x509 -req -in %s.csr -days %d -signkey %s.key -copy_extensions copy -out %s.pem]])
    :format(names, path, path, path, days or 10, path, path))
  assert(code == 0, problem)
  return folder .. "/" .. name .. ".pem", folder .. "/" .. name .. ".key"
end

return Receiver
