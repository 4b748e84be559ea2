"""Has VictoriaMetrics run the queries of the dashboard that examples/grafana/otlp.sed makes, on what
dashboard.lua writes for two runs. Not those of durations, as VictoriaMetrics has no native histograms.
"""
import json
import pathlib
import tempfile
import urllib.parse

import dashboard
import program
import server

STARTED = 1767225600
NAMES = {"tool": "gen_ai_tool_name", "reason": "exectrack_reason", "unit": "exectrack_unit"}
HISTOGRAM = "gen_ai_execute_tool_duration_seconds"
INCREASES = {"Sum of $measure"}  # are between the samples that there are


class Checks(dashboard.Checks):
    def __init__(self, victoria_metrics, changed, calls):
        super().__init__(victoria_metrics, changed, calls)
        self.time = STARTED + 2 * sum(call.seconds for call in calls)

    def query(self, text):
        order = list(NAMES.values())
        arguments = {"query": dashboard.interpolate(text), "time": f"{self.time:.3f}"}
        answer = json.loads(self.prometheus.request(
            "/prometheus/api/v1/query?" + urllib.parse.urlencode(arguments)))
        return {tuple(value for _, value in sorted(result["metric"].items(),
                                                   key=lambda pair: order.index(pair[0]))):
                float(result["value"][1]) for result in answer["data"]["result"]}

    def relative(self):
        """What is found in relation to the rate of all calls. Returns how much."""
        expected = dashboard.rates_expected(self.calls)
        left_out = INCREASES | {title for title, text in self.queries.items() if HISTOGRAM in text}
        for title in expected.keys() - left_out:
            text = f"({self.queries[title]}) / scalar({self.queries['Calls a second']})"
            program.expect(title, dashboard.rounded(self.query(text)),
                           dashboard.rounded(expected[title]))
        return expected.keys() - left_out


def adapted():
    """The dashboard for OTLP."""
    return json.loads(program.run(
        ["sed", "-E", "-f", "examples/grafana/otlp.sed", str(dashboard.DASHBOARD)]))


def send(victoria_metrics, folder):
    """Makes the runs. Returns the calls of one."""
    for _ in dashboard.JOBS:
        calls = dashboard.make_run(folder)
        for name in "1.pb", "2.pb":
            victoria_metrics.request("/opentelemetry/v1/metrics", (folder / name).read_bytes(),
                                     Content_Type="application/x-protobuf")
    victoria_metrics.request("/internal/force_flush")
    return calls


def check():
    path = program.find("victoria-metrics", program.DEBIAN / "usr/bin")
    dashboard.VARIABLES.update(__range="10m", __rate_interval="10m")
    with tempfile.TemporaryDirectory() as folder, server.Server(lambda address, data: [
            path, f"-storageDataPath={data}", f"-httpListenAddr={address}", "-retentionPeriod=100y",
            "-opentelemetry.usePrometheusNaming"]) as victoria_metrics:
        victoria_metrics.wait_for("/health")
        calls = send(victoria_metrics, pathlib.Path(folder))
        checks = Checks(victoria_metrics, adapted(), calls)
        return f"{len(checks.shares()) + len(checks.relative())} panels"


if __name__ == "__main__":
    program.main("dashboard for OTLP", check)
