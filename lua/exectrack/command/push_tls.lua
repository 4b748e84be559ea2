--- https over LuaSec: the server's certificate must be issued by somebody trusted, for its name.
-- Used only by the command.
local socket = require("socket")

local M = {}

--- Reasons why a connection isn't secure: LuaSec's words, and ours, which a name follows.
M.NOT_TRUSTED, M.NOT_FOR_HOST = "certificate verify failed", "its certificate isn't for "

local NO_LUASEC = "https needs LuaSec: luarocks install luasec, "
  .. "or on Debian apt-get install lua-sec"

-- Where systems have the certificates of those who issue certificates.
local TRUSTED_FILES = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/opt/homebrew/etc/ca-certificates/cert.pem" }

local ALTERNATIVE_NAMES = "2.5.29.17" -- the identifier of this part of a certificate

local OPTIONS = { "all", "no_sslv2", "no_sslv3", "no_tlsv1", "no_tlsv1_1" }

-- What LuaSec says of a file that it can't use.
local KNOWN = {
  { "loading CA", "certificate", "it has no certificates in PEM form" },
  { "loading certificate", "client_certificate", "it has no certificate in PEM form" },
  { "loading private key", "client_key", "it has no private key in PEM form without a password" },
  { "does not match", "client_key", "it isn't the key of the client's certificate" },
}

local function can_read(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

--- The file with the certificates that this system trusts, as OpenSSL looks for it.
local function trusted_file()
  local given = os.getenv("SSL_CERT_FILE")
  if given and given ~= "" then
    return given
  end
  for _, path in ipairs(TRUSTED_FILES) do
    if can_read(path) then
      return path
    end
  end
end

local function explain(message, files)
  for _, known in ipairs(KNOWN) do
    local path = files[known[2]]
    if path and message:find(known[1], 1, true) then
      return path .. ": " .. known[3]
    end
  end
  return "TLS: " .. message
end

--- A context of LuaSec; or nil and a message.
local function new_context(ssl, files, verifyext)
  local context, message = ssl.newcontext { mode = "client", protocol = "any", options = OPTIONS,
    verify = { "peer", "fail_if_no_peer_cert" }, verifyext = verifyext, cafile = files.certificate,
    certificate = not verifyext and files.client_certificate or nil,
    key = not verifyext and files.client_key or nil }
  return context, message and explain(message, files)
end

--- Makes what connections with the same files need. `files` has the paths `certificate`, of the
-- certificates to trust instead of the system's, `client_certificate` and `client_key`, each of
-- which may be nil. Or nil and a message.
function M.new(files)
  local has_luasec, ssl = pcall(require, "ssl")
  if not has_luasec then
    return nil, NO_LUASEC
  end
  local used = { certificate = files.certificate or trusted_file(),
    client_certificate = files.client_certificate, client_key = files.client_key }
  if not used.certificate then
    return nil, "this system has no file with certificates to trust where it is looked for: "
      .. "OTEL_EXPORTER_OTLP_CERTIFICATE can name one"
  elseif not can_read(used.certificate) then
    return nil, used.certificate .. ": it can't be read"
  end
  local context, message = new_context(ssl, used)
  local doubting = context and new_context(ssl, used, { "lsec_continue" })
  return context and { ssl = ssl, context = context, doubting = doubting }, message
end

--- The address in the form that all that are equal have; nil if `host` is a name.
local function address_of(host)
  local is_address = host:find(":", 1, true) or host:find("^%d+%.%d+%.%d+%.%d+$")
  local found = is_address and socket.dns.getaddrinfo(host)
  return found and found[1] and found[1].addr
end

--- Whether `pattern`, which may begin with `*.`, stands for the name: the asterisk stands for one
-- label, and at least two must follow.
local function is_match(pattern, name)
  pattern, name = pattern:lower():gsub("%.$", ""), name:lower():gsub("%.$", "")
  if pattern:sub(1, 2) ~= "*." then
    return pattern == name
  end
  local rest = pattern:sub(2)
  return rest:find("^%.[^.*]+%.[^*]+$") ~= nil and name:match("^[^.]+(%..+)$") == rest
end

--- Whether the certificate, an object of LuaSec, is for `host`, a name or an address.
function M.is_for(certificate, host)
  local names = certificate:extensions()[ALTERNATIVE_NAMES] or {}
  local address = address_of(host)
  for _, name in ipairs(names[address and "iPAddress" or "dNSName"] or {}) do
    if address and address_of(name) == address or not address and is_match(name, host) then
      return true
    end
  end
  return false
end

--- Wraps a connected socket, whose ownership this takes.
local function handshake(self, context, tcp, host, limit_s)
  local wrapped = assert(self.ssl.wrap(tcp, context))
  wrapped:settimeout(limit_s, "t")
  if not address_of(host) then
    wrapped:sni(host)
  end
  local ok, message = wrapped:dohandshake()
  if not ok then
    wrapped:close()
    return nil, message
  end
  return wrapped
end

--- The socket to use instead of a connected one, which is closed if this fails; or nil and a
-- message.
function M.secure(self, tcp, host, limit_s)
  local wrapped, message = handshake(self, self.context, tcp, host, limit_s)
  local certificate = wrapped and wrapped:getpeercertificate()
  if wrapped and not (certificate and M.is_for(certificate, host)) then
    wrapped:close()
    return nil, M.NOT_FOR_HOST
  end
  return wrapped, message
end

--- Why a certificate isn't trusted, for people. It needs a connection of its own, on which nothing
-- is sent.
function M.why_untrusted(self, tcp, host, limit_s)
  local wrapped = handshake(self, self.doubting, tcp, host, limit_s)
  if not wrapped then
    return nil
  end
  local _, of_depths = wrapped:getpeerverification()
  wrapped:close()
  local depth = type(of_depths) == "table" and next(of_depths)
  return depth and of_depths[depth][1]
end

return M
