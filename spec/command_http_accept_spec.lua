local choose = require("exectrack.command.http_accept")

describe("the format of metrics", function()
  local function assert_chosen(name, ...)
    for _, accept in ipairs { ... } do
      assert.equal(name, choose(accept), accept)
    end
  end

  it("is OpenMetrics for those that prefer it, as Prometheus does", function()
    assert_chosen("openmetrics",
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
        .. "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
        .. "q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        .. "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;q=0.3,"
        .. "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
      "application/openmetrics-text", "Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.1",
      'application/openmetrics-text; version="1.0.0"; charset=utf-8',
      "text/plain, application/openmetrics-text",
      "text/plain;version=1.0.0, application/openmetrics-text;q=0.5",
      "text/plain;q=0, application/openmetrics-text;q=0.1",
      "*/*;q=0.5, application/openmetrics-text;q=0.5")
  end)

  it("is Prometheus's text for all others", function()
    assert_chosen("prometheus", "", "*/*", "text/plain",
      "text/html,application/xml;q=0.9,*/*;q=0.8",
      "application/json", "application/*", ",;q=,=,\"", "application/openmetrics-text;q=0",
      "application/openmetrics-text;version=0.0.1", "application/openmetrics-text;version=2.0.0",
      "application/openmetrics-text;q=0.4,text/plain;q=0.5",
      "application/openmetrics-text;q=0.4,*/*;q=0.5", "application/openmetrics-text;q=x",
      "application/openmetrics-text;q=0.4, text/*", "application/openmetrics-text;q=-1")
    assert.equal("prometheus", choose(nil))
  end)
end)
