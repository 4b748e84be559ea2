"""Sends metrics to VictoriaMetrics, which takes OTLP, and compares what it then has with what was
recorded: that it takes a request doesn't mean that it stored it."""
import json
import urllib.parse

import program
import recorded
import server

RESOURCE = {"service.name", "service.instance.id"}
SCOPE = {"scope.name", "scope.version"}  # only newer ones have these


def command(path):
    return lambda address, folder: [
        path, f"-storageDataPath={folder}", f"-httpListenAddr={address}", "-retentionPeriod=100y"]


def stored(victoria_metrics):
    """All samples by name and labels."""
    victoria_metrics.request("/internal/force_flush")
    everything = urllib.parse.urlencode({"match[]": '{__name__!=""}'})
    read = {}
    for line in victoria_metrics.request("/api/v1/export?" + everything).decode().splitlines():
        series = json.loads(line)
        labels = series["metric"]
        name = labels.pop("__name__")
        program.expect("resource", RESOURCE - labels.keys(), set())
        labels = {key: value.replace("-0.000e+00", "0.000e+00") for key, value in labels.items() if key not in RESOURCE | SCOPE}
        (value,) = series["values"]
        read[name, frozenset(labels.items())] = value
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


def check():
    path = program.find("victoria-metrics", program.DEBIAN / "usr" / "bin")
    with server.Server(command(path)) as victoria_metrics:
        victoria_metrics.wait_for("/health")
        victoria_metrics.request(
            "/opentelemetry/v1/metrics", program.export("calls.run", "otlp", "--signal", "metrics"),
            Content_Type="application/x-protobuf")
        found = stored(victoria_metrics)
    program.expect("samples", rounded(found), rounded(expected()))
    return f"{len(found)} samples"


program.main("victoria-metrics", check)
