"""Has foreign programs read the metrics that `exectrack export` writes, and compares what they read.

Usage: metrics.py EXECTRACK RUN, where RUN and what is to be found in it are from runs.lua, whose output is
the standard input. A program that isn't installed is left out, with a line that says so.

OpenTelemetry's .proto files are looked for in the directory $OTEL_PROTO, by default /usr/include.
"""
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

EXECTRACK, RUN = sys.argv[1:]
TYPES = {
    "prometheus": "text/plain; version=0.0.4; charset=utf-8",
    "openmetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8",
}
PROTO = os.environ.get("OTEL_PROTO", "/usr/include")
SERVICE = "opentelemetry/proto/collector/metrics/v1/metrics_service.proto"
MESSAGE = "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest"
LONGEST_SCRAPE_S = 60


def export(*arguments):
    """What the command writes of the run."""
    command = [EXECTRACK, "export", RUN, "--to", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def read_expected():
    """The number of tools, and the executions by status."""
    tools, *statuses = sys.stdin.read().splitlines()
    return int(tools), {name: int(n) for name, n in (line.split() for line in statuses)}


def expect(what, found, expected):
    if found != expected:
        raise AssertionError(f"{what}: {expected} expected, got {found}")


def check_promtool():
    if not shutil.which("promtool"):
        return "promtool isn't installed"
    result = subprocess.run(["promtool", "check", "metrics"], input=export("prometheus"),
                            capture_output=True)
    expect("promtool", (result.returncode, result.stdout + result.stderr), (0, b""))


def compare(families):
    """Compares what a parser has read."""
    tools, statuses = set(), dict.fromkeys(STATUSES, 0)
    buckets, counts = 0, 0
    for family in families:
        for sample in family.samples:
            if sample.name == "exectrack_tool_executions_total":
                tools.add(sample.labels["tool"])
                statuses[sample.labels["status"]] += sample.value
            elif sample.name == "exectrack_tool_duration_seconds_count":
                counts += sample.value
            elif sample.labels.get("le") == "+Inf":
                buckets += sample.value
    expect("tools", len(tools), TOOLS)
    expect("executions", statuses, STATUSES)
    expect("durations", (buckets, counts), (sum(STATUSES.values()),) * 2)


def check_parsers():
    try:
        from prometheus_client import parser
        from prometheus_client.openmetrics import parser as strict
    except ImportError:
        return "python3-prometheus-client isn't installed"
    compare(parser.text_string_to_metric_families(export("prometheus").decode()))
    compare(strict.text_string_to_metric_families(export("openmetrics").decode()))


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        body = export(name)
        self.send_response(200)
        self.send_header("Content-Type", TYPES[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def query(port, text):
    """The results, by the values of their labels."""
    url = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": text})
    with urllib.request.urlopen(url) as answer:
        results = json.load(answer)["data"]["result"]
    return {tuple(sorted(r["metric"].values())): float(r["value"][1]) for r in results}


def wait_for_scrapes(port):
    deadline = time.monotonic() + LONGEST_SCRAPE_S
    while time.monotonic() < deadline:
        try:
            if query(port, "sum(up)") == {(): len(TYPES)}:
                return
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError("Prometheus scrapes nothing")


def compare_queries(port):
    for name in TYPES:
        by_status = query(port, f'sum by (status) (exectrack_tool_executions_total{{job="{name}"}})')
        expect(name, by_status, {(status,): n for status, n in STATUSES.items()})
        series = query(port, f'count(exectrack_tool_in_flight{{job="{name}"}})')
        expect(name, series, {(): TOOLS})


def check_server():
    if not shutil.which("prometheus"):
        return "prometheus isn't installed"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    target = f"127.0.0.1:{server.server_port}"
    jobs = [{"job_name": name, "metrics_path": "/" + name, "scrape_interval": "1s",
             "static_configs": [{"targets": [target]}]} for name in TYPES]
    with tempfile.TemporaryDirectory() as directory:
        config = os.path.join(directory, "prometheus.yml")
        with open(config, "w") as file:
            json.dump({"scrape_configs": jobs}, file)  # which is YAML, too
        process = subprocess.Popen(
            ["prometheus", "--config.file=" + config, "--storage.tsdb.path=" + directory + "/data",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
        try:
            wait_for_scrapes(port)
            compare_queries(port)
        finally:
            process.terminate()
            process.wait()
            server.shutdown()


def check_protoc():
    if not shutil.which("protoc"):
        return "protoc isn't installed"
    if not os.path.exists(os.path.join(PROTO, SERVICE)):
        return "OpenTelemetry's .proto files aren't in " + PROTO
    result = subprocess.run(["protoc", "-I" + PROTO, "--decode=" + MESSAGE, SERVICE], check=True,
                            input=export("otlp", "--signal", "metrics"), stdout=subprocess.PIPE)
    lines = [line.strip() for line in result.stdout.decode().splitlines()]
    unknown = [line for line in lines if line[:1].isdigit()]
    expect("unknown fields", unknown, [])
    counted = sum(int(line[7:]) for line in lines if line.startswith("count: "))
    expect("durations", counted, sum(STATUSES.values()))


TOOLS, STATUSES = read_expected()
failed = False
for check in check_promtool, check_parsers, check_server, check_protoc:
    name = check.__name__[6:]
    try:
        missing = check()
        print(f"{name}: " + (f"left out: {missing}" if missing else "ok"))
    except Exception as problem:  # whatever it is, the others go on
        failed = True
        print(f"{name}: failed: {problem}")
sys.exit(failed)
