local push_settings = require("exectrack.command.push_settings")

--- The settings with these variables and arguments of the command; or nil and a message.
local function read(variables, arguments)
  return push_settings.read(arguments or {}, function(name) return variables[name] end)
end

--- One field of the settings of both signals.
local function of_signals(field, variables, arguments)
  local values = {}
  for i, settings in ipairs(assert(read(variables, arguments)).signals) do
    values[i] = settings[field]
  end
  return values
end

local function assert_problem(message, variables)
  assert.same({ nil, message }, { read(variables) })
end

describe("settings of OpenTelemetry", function()
  it("have the defaults of its specification", function()
    local settings = read {}
    assert.same({
      signals = {
        { signal = "metrics", url = "http://localhost:4318", is_base = true, headers = {},
          files = {}, protocol = "protobuf", is_compressed = false, limit_s = 10 },
        { signal = "traces", url = "http://localhost:4318", is_base = true, headers = {},
          files = {}, protocol = "protobuf", is_compressed = false, limit_s = 10 },
      },
      resource = {}, interval_s = 10,
    }, settings)
    assert.same(settings, read { OTEL_EXPORTER_OTLP_ENDPOINT = "", OTEL_SERVICE_NAME = "",
      OTEL_EXPORTER_OTLP_TIMEOUT = "", OTEL_TRACES_EXPORTER = "" })
  end)

  it("are those of the signal, else those of all", function()
    local variables = { OTEL_EXPORTER_OTLP_ENDPOINT = "http://a:1/x/",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = "HTTPS://b?c", OTEL_EXPORTER_OTLP_TIMEOUT = "2500",
      OTEL_EXPORTER_OTLP_METRICS_TIMEOUT = "0", OTEL_EXPORTER_OTLP_PROTOCOL = "HTTP/json",
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL = "http/protobuf",
      OTEL_EXPORTER_OTLP_COMPRESSION = "gzip", OTEL_EXPORTER_OTLP_TRACES_COMPRESSION = "none",
      OTEL_EXPORTER_OTLP_CERTIFICATE = "/dev/null", OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE = "/",
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE = "/dev/zero",
      OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY = "/dev/full" }
    assert.same({ "http://a:1/x/", "HTTPS://b?c" }, of_signals("url", variables))
    assert.same({ true, false }, of_signals("is_base", variables))
    assert.same({ 2147483.648, 2.5 }, of_signals("limit_s", variables))
    assert.same({ "protobuf", "json" }, of_signals("protocol", variables))
    assert.same({ true, false }, of_signals("is_compressed", variables))
    assert.same({ { certificate = "/", client_certificate = "/dev/zero" },
      { certificate = "/dev/null", client_certificate = "/dev/zero", client_key = "/dev/full" } },
      of_signals("files", variables))
  end)

  it("are those of the command before any variable", function()
    local variables = { OTEL_EXPORTER_OTLP_ENDPOINT = "?", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = "?",
      OTEL_EXPORTER_OTLP_HEADERS = "a=1,B=2", OTEL_EXPORTER_OTLP_METRICS_HEADERS = "c=3",
      OTEL_METRIC_EXPORT_INTERVAL = "500", OTEL_TRACES_EXPORTER = "none" }
    local arguments = { endpoint = "http://c", gzip = true,
      header = { { "b", "4" }, { "d", "5" } } }
    assert.same({ "http://c" }, of_signals("url", variables, arguments))
    assert.same({ { b = "4", c = "3", d = "5" } }, of_signals("headers", variables, arguments))
    arguments.signal = "traces"
    assert.same({ { a = "1", b = "4", d = "5" } }, of_signals("headers", variables, arguments))
    assert.same({ true }, of_signals("is_compressed", variables, arguments))
    assert.equal(0.5, read({ OTEL_METRIC_EXPORT_INTERVAL = "500" }).interval_s)
    arguments.every = 3
    assert.equal(3, read(variables, arguments).interval_s)
  end)

  it("decode headers and attributes", function()
    assert.same({ { Authorization = "Basic YTpi=, 100%", key = "a=b" } }, of_signals("headers", {
      OTEL_EXPORTER_OTLP_HEADERS = " Authorization = Basic%20YTpi=%2C 100%25 ,, key=a=b",
      OTEL_TRACES_EXPORTER = "NONE" }))
    assert.same({ { key = "50%" } }, of_signals("headers", {
      OTEL_EXPORTER_OTLP_HEADERS = "key=50%", OTEL_METRICS_EXPORTER = "none" }))
    local variables = { OTEL_RESOURCE_ATTRIBUTES =
      "service.name=a, host%2Ename=h%C3%A4%2c ,service.instance.id=mine" }
    assert.same({ ["service.name"] = "a", ["host.name"] = "h\195\164," }, read(variables).resource)
    variables.OTEL_SERVICE_NAME = "b%20"
    assert.equal("b%20", read(variables).resource["service.name"])
  end)

  it("name the variable that is wrong", function()
    local cases = {
      OTEL_EXPORTER_OTLP_PROTOCOL = { "grpc", "http/protobuf or http/json expected, got 'grpc'" },
      OTEL_EXPORTER_OTLP_TRACES_COMPRESSION = { "zstd", "gzip or none expected, got 'zstd'" },
      OTEL_EXPORTER_OTLP_TIMEOUT = { "10s",
        "milliseconds, an integer from 0 to 2147483647, expected, got '10s'" },
      OTEL_METRIC_EXPORT_INTERVAL = { "0",
        "milliseconds, an integer from 1 to 2147483647, expected, got '0'" },
      OTEL_EXPORTER_OTLP_CERTIFICATE = { "/nowhere", "/nowhere: No such file or directory" },
      OTEL_RESOURCE_ATTRIBUTES = { "a=5%", "'a': a % is written as %25" },
      OTEL_EXPORTER_OTLP_ENDPOINT = { "http://a/?b", "a URL without a query expected" },
    }
    for name, case in pairs(cases) do
      assert_problem(name .. ": " .. case[2], { [name] = case[1] })
    end
    assert_problem("OTEL_RESOURCE_ATTRIBUTES: pairs such as name=value with commas between them "
      .. "expected", { OTEL_RESOURCE_ATTRIBUTES = "a" })
  end)

  it("have a URL that is one", function()
    local name = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"
    for text, problem in pairs {
      ["a:4318"] = "a URL that begins with http:// or https:// expected, got 'a:4318'",
      ["ftp://a"] = "a URL that begins with http:// or https:// expected, got 'ftp://a'",
      ["http://a b"] = "a URL has neither spaces nor characters beyond ASCII, got 'http://a b'",
      ["http://me:secret@a"] = "user names and passwords go into a header, not into the URL",
      ["http://:1?secret"] = "a URL with a host, such as http://localhost:4318, expected",
      ["http://a:65536"] = "a URL with a host, such as http://localhost:4318, expected, got "
        .. "'http://a:65536'",
      ["http://[::1]x"] = "a URL with a host, such as http://localhost:4318, expected, got "
        .. "'http://[::1]x'",
    } do
      assert_problem(name .. ": " .. problem, { [name] = text })
    end
    for _, text in ipairs { "http://[::1]:1/x?y", "http://a:", "https://[fe80::1%eth0]#x" } do
      assert.equal(text, read({ [name] = text }).signals[1].url)
    end
  end)

  it("never have the value of a header in a message", function()
    local name = "OTEL_EXPORTER_OTLP_HEADERS"
    for text, problem in pairs {
      ["secret"] = "pairs such as name=value with commas between them expected",
      ["a=1,b c=secret"] = "pairs such as name=value with commas between them expected",
      ["a:b=secret"] = "'a:b' isn't the name of a header",
      ["a=secret%0d%0ab: c"] = "'a': its value has a control character",
      ["content-TYPE=secret"] = "'content-TYPE': it is set by exectrack push",
    } do
      assert_problem(name .. ": " .. problem, { [name] = text })
    end
    assert.same({ nil, "--header: NAME=VALUE expected" }, { push_settings.read_header("secret") })
    assert.same({ nil, "--header: 'Host': it is set by exectrack push" },
      { push_settings.read_header("Host=secret") })
    assert.same({ "a", " b=%20 " }, (push_settings.read_header("a= b=%20 ")))
  end)

  it("are of use unless OpenTelemetry is turned off", function()
    for text, is_disabled in pairs { ["true"] = true, TRUE = true, ["1"] = false, [""] = false } do
      assert.equal(is_disabled, push_settings.is_disabled(function(name)
        return name == "OTEL_SDK_DISABLED" and text or nil
      end))
    end
    assert.same({}, read({ OTEL_METRICS_EXPORTER = "none", OTEL_TRACES_EXPORTER = "none" }).signals)
  end)
end)
