"""Compares requests of OTLP with those of OpenTelemetry's SDK for the same durations and spans: the same
fields must be set, to the same values."""
import json
import pathlib
import tempfile

import program
import protocol

PACKAGES = ["@opentelemetry/sdk-metrics", "@opentelemetry/sdk-trace-base", "@opentelemetry/otlp-transformer"]
HISTOGRAM = "gen_ai.execute_tool.duration"


def scope_of(part):
    """The scope of the only part of a resource's."""
    (part,) = part.scope_spans if hasattr(part, "scope_spans") else part.scope_metrics
    return {"name": part.scope.name, "version": part.scope.version, "schemaUrl": part.schema_url}


def describe_histogram(metric, durations_us):
    points = []
    for point in metric.exponential_histogram.data_points:
        attributes = dict(protocol.attributes(point))
        points.append({"attributes": attributes,
                       "durations_us": durations_us[attributes["gen_ai.tool.name"]]})
    return {"name": metric.name, "unit": metric.unit, "description": metric.description, "points": points}


def describe_span(span):
    described = {
        "trace": span.trace_id.hex(), "id": span.span_id.hex(), "parent": span.parent_span_id.hex(),
        "name": span.name, "start": str(span.start_time_unix_nano), "end": str(span.end_time_unix_nano),
        "attributes": dict(protocol.attributes(span)),
    }
    if span.HasField("status"):
        described["status"] = {"code": span.status.code}
        if span.status.message:
            described["status"]["message"] = span.status.message
    return described


def from_sdk(metrics, traces):
    """The SDK's two requests for what is in ours."""
    (metric_part,), (span_part,) = metrics.resource_metrics, traces.resource_spans
    durations_us = json.loads((program.RUNS / "boundaries.json").read_text())
    given = {
        "resources": {"metrics": dict(protocol.attributes(metric_part.resource)),
                      "traces": dict(protocol.attributes(span_part.resource))},
        "scope": scope_of(span_part),
        "histogram": describe_histogram(protocol.metrics(metrics)[HISTOGRAM], durations_us),
        "spans": [describe_span(span) for span in span_part.scope_spans[0].spans],
    }
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "given.json").write_text(json.dumps(given))
        program.run(["node", "spec/interop/opentelemetry_sdk.mjs", str(program.MODULES),
                     str(folder / "given.json"), str(folder)])
        return (folder / "metrics.pb").read_bytes(), (folder / "traces.pb").read_bytes()


def leaves(message, *path):
    """The fields of a message and of those within it: a path and a value for each. Attributes have their
    name in it, as they are in no order."""
    for field, value in message.ListFields():
        here = (*path, field.name)
        if field.name == "attributes":
            for attribute in value:
                yield from leaves(attribute.value, *here, attribute.key)
        elif field.type != field.TYPE_MESSAGE:
            yield here, list(value) if field.label == field.LABEL_REPEATED else value
        else:
            several = value if field.label == field.LABEL_REPEATED else [value]
            for i, element in enumerate(several):
                yield from leaves(element, *here, i)


# What the SDK's spans have and ours don't: whether a parent is remote and whether a span was sampled.
NOT_OURS = {"flags"}
# What depends on when a request was made.
TIMES = {"start_time_unix_nano", "time_unix_nano"}


def comparable_spans(request):
    """The fields of spans. JavaScript has one type of numbers: those that are whole are integers to the
    SDK."""
    fields = {}
    for key, span in protocol.spans(request).items():
        for path, value in leaves(span):
            if path[0] not in NOT_OURS:
                is_number = path[-1] in ("int_value", "double_value")
                fields[key, path[:-1] + ("number",) if is_number else path] = value
    return fields


def comparable_points(metric):
    """The fields of a metric and of its points by attributes. The SDK's sums have rounding errors."""
    fields = {}
    for point in metric.exponential_histogram.data_points:
        for path, value in leaves(point):
            if path[0] not in TIMES:
                value = float(f"{value:.11g}") if path[0] == "sum" else value
                fields[protocol.attributes(point), path] = value
    del metric.exponential_histogram.data_points[:]
    return {**fields, **dict(leaves(metric))}


def comparable_surroundings(part):
    """The fields of a resource, and the scope."""
    return {**dict(leaves(part.resource)), "scope": scope_of(part)}


def check():
    program.need_modules(*PACKAGES)
    with protocol.Protocol() as protocol_:
        metrics = protocol_.read("metrics", program.export("boundaries.run", "otlp", "--signal", "metrics"))
        traces = protocol_.read("traces", program.export("newest.run", "otlp", "--signal", "traces"))
        sdk_metrics, sdk_traces = map(protocol_.read, ("metrics", "traces"), from_sdk(metrics, traces))
    for found, expected in ((metrics.resource_metrics[0], sdk_metrics.resource_metrics[0]),
                            (traces.resource_spans[0], sdk_traces.resource_spans[0])):
        program.expect("surroundings", *map(comparable_surroundings, (found, expected)))
    program.expect("spans", comparable_spans(traces), comparable_spans(sdk_traces))
    histograms = [protocol.metrics(request)[HISTOGRAM] for request in (metrics, sdk_metrics)]
    count = len(protocol.points(histograms[0]))
    program.expect("histograms", *map(comparable_points, histograms))
    return f"{count} histograms and {len(protocol.spans(traces))} spans are as the SDK's"


program.main("OpenTelemetry SDK", check)
