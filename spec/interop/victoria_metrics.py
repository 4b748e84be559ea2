"""Sends metrics to VictoriaMetrics with `exectrack push`, and compares what it then has with what was
recorded: that it takes a request doesn't mean that it stored it."""
import json
import subprocess
import urllib.parse

import program
import recorded
import server
from recorder import Recorder

RESOURCE = {"service.name", "service.instance.id"}
SCOPE = {"scope.name", "scope.version"}  # only newer ones have these

GAUGES = {"exectrack.tool.in_flight", "exectrack.tool.failure_streak"}


def command(path):
    return lambda address, folder: [
        path, f"-storageDataPath={folder}", f"-httpListenAddr={address}", "-retentionPeriod=100y"]


def stored(victoria_metrics):
    """All values by name and labels, oldest first."""
    victoria_metrics.request("/internal/force_flush")
    everything = urllib.parse.urlencode({"match[]": '{__name__!=""}'})
    read = {}
    for line in victoria_metrics.request("/api/v1/export?" + everything).decode().splitlines():
        series = json.loads(line)
        labels = series["metric"]
        name = labels.pop("__name__")
        program.expect("resource", RESOURCE - labels.keys(), set())
        labels = {key: value.replace("-0.000e+00", "0.000e+00") for key, value in labels.items() if key not in RESOURCE | SCOPE}
        read[name, frozenset(labels.items())] = series["values"]
    return read


def histogram(name, labels, value):
    """An exponential histogram as VictoriaMetrics has it: a sample for each bucket with something."""
    (scale, zeros, offset, counts), total, _, _ = value
    samples = {(name + "_count", labels): zeros + sum(counts), (name + "_sum", labels): total}
    limits = [2.0 ** ((offset + i) / 2 ** scale) for i in range(len(counts) + 1)]
    buckets = [(0, 0, zeros), *zip(limits, limits[1:], counts)]
    for lower, upper, count in buckets:
        if count > 0:
            key = labels | {("vmrange", f"{lower:.3e}...{upper:.3e}")}
            samples[name + "_bucket", key] = count
    return samples


def rounded(samples):
    """The samples with as many digits as VictoriaMetrics keeps."""
    return {key: float(f"{value:.15g}") for key, value in samples.items()}


def expected():
    """The samples of calls.run. A label without a value is none."""
    samples = {}
    for (name, labels), value in recorded.otlp(recorded.Run(program.RUNS / "calls.json")).items():
        texts = frozenset((key, "true" if text is True else text) for key, text in labels if text != "")
        if isinstance(value, tuple):
            samples.update(histogram(name, texts, value))
        else:
            samples[name, texts] = value
    return samples


def push(victoria_metrics, path, *options):
    """The command that sends a run."""
    return ["bin/exectrack", "push", str(path), "--signal", "metrics",
            "--endpoint", f"http://{victoria_metrics.address}/opentelemetry", *options]


def check_once(victoria_metrics):
    """Sends a run, and compares all that is stored. Returns how many samples these are."""
    program.run(push(victoria_metrics, program.RUNS / "calls.run"))
    found = {}
    for key, values in stored(victoria_metrics).items():
        (found[key],) = values
    program.expect("samples", rounded(found), rounded(expected()))
    return len(found)


def calls_in(samples):
    """The number of calls, by the latest values."""
    return sum(values[-1] for (name, _), values in samples.items()
               if name == "exectrack.tool.executions")


def check_follow(victoria_metrics):
    """Follows a run that goes on."""
    path = victoria_metrics.folder / "agent.run"
    with Recorder(path) as recorder, subprocess.Popen(
            push(victoria_metrics, path, "--follow", "--every", "0.1"),
            stderr=subprocess.PIPE, text=True) as pusher:
        try:
            for calls in 10, 15, 20:
                recorder.tell(f"call {10 if calls == 10 else 5}")
                server.wait_until(f"{calls} calls",
                                  lambda: calls_in(stored(victoria_metrics)) == calls)
        finally:
            pusher.terminate()
            _, said = pusher.communicate()
        if pusher.returncode != 0:
            raise AssertionError(f"exectrack push ended with {pusher.returncode}: {said}")
    for (name, _), values in stored(victoria_metrics).items():
        if name not in GAUGES:
            program.expect(f"values of {name}", values, sorted(values))


def check():
    path = program.find("victoria-metrics", program.DEBIAN / "usr" / "bin")
    results = []
    for check_one in check_follow, check_once:
        with server.Server(command(path)) as victoria_metrics:
            victoria_metrics.wait_for("/health")
            results.append(check_one(victoria_metrics))
    return f"{results[-1]} samples, and those of a run that went on"


program.main("victoria-metrics", check)
