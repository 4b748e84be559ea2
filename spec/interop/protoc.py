"""Has protoc read requests of OTLP in Protocol Buffers, and compares them with what was recorded and
with the same requests in JSON."""
import base64
import json

import program
import protocol
import recorded

IDS = {"traceId", "spanId", "parentSpanId"}  # hexadecimal digits in OTLP, but base64 in Protocol Buffers'
CUMULATIVE = 2
UNSET, ERROR = 0, 2
NEWEST = 10000


def value_of(metric, point):
    """A point's value; of a histogram what it has in all."""
    if metric.WhichOneof("data") != "exponential_histogram":
        return getattr(point, point.WhichOneof("value"))
    limits = [getattr(point, name) if point.HasField(name) else None for name in ("min", "max")]
    return protocol.histogram(point), point.sum, *limits


def check_metric(metric, cleared_ns):
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind)
    if kind != "gauge":
        program.expect(metric.name, data.aggregation_temporality, CUMULATIVE)
    if kind == "sum":
        program.expect(metric.name, data.is_monotonic, True)
    for point in data.data_points:
        started = 0 if kind == "gauge" else cleared_ns
        program.expect("start", point.start_time_unix_nano, started)
        if point.time_unix_nano < cleared_ns:
            raise AssertionError(f"{metric.name}: ends before its start")


def check_metrics(protocol_):
    run = recorded.Run(program.RUNS / "calls.json")
    request = protocol_.read("metrics", program.export("calls.run", "otlp", "--signal", "metrics"))
    metrics = protocol.metrics(request)
    for metric in metrics.values():
        check_metric(metric, round(run.cleared * 1e6) * 1000)
    program.expect("units", {name: metric.unit for name, metric in metrics.items()}, recorded.UNITS)
    found = {(name, protocol.attributes(point)): value_of(metric, point)
             for name, metric in metrics.items() for point in protocol.points(metric)}
    program.expect("points", found, recorded.otlp(run))
    return len(found)


def with_base64(value):
    """The same JSON with identifiers as Google's library expects them."""
    if isinstance(value, list):
        return [with_base64(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {name: base64.b64encode(bytes.fromhex(field)).decode() if name in IDS
            else with_base64(field) for name, field in value.items()}


def check_json(protocol_, name):
    """Both forms of a run's requests must say the same."""
    from google.protobuf import json_format
    lines = program.export(name, "otlp-json").decode().splitlines()
    for signal, line in zip(("metrics", "traces"), lines, strict=True):
        read = json_format.ParseDict(with_base64(json.loads(line)), protocol_.empty(signal))
        binary = protocol_.read(signal, program.export(name, "otlp", "--signal", signal))
        program.expect(f"{signal} of {name} in JSON", read == binary, True)


def error_type(row):
    """What a span's `error.type` says."""
    if row["status"] in ("failed", "timed_out"):
        return row.get("error_type", "timeout" if row["status"] == "timed_out" else "_OTHER")
    return None


def from_row(row):
    """What the span of an execution has, of which rows.json has a row."""
    end_us = int(row["end_time"])
    attributes = {
        "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": row["tool"],
        "gen_ai.agent.name": "interop", "gen_ai.conversation.id": row.get("session"),
        "error.type": error_type(row), "exectrack.status": row["status"],
        "exectrack.was_cached": row["was_cached"] or None,
        "exectrack.timing": None if row["timing"] == "measured" else row["timing"],
        "exectrack.args_hash": f"{row['args_hash']:08x}" if "args_hash" in row else None,
        "exectrack.result_hash": f"{row['result_hash']:08x}" if "result_hash" in row else None,
        "exectrack.measure.cost": row.get("measure_cost"),
    }
    return (f"execute_tool {row['tool']}", (end_us - int(row.get("duration_us", 0))) * 1000,
            end_us * 1000, UNSET if error_type(row) is None else ERROR,
            frozenset(pair for pair in attributes.items() if pair[1] is not None))


def from_span(span):
    return (span.name, span.start_time_unix_nano, span.end_time_unix_nano, span.status.code,
            protocol.attributes(span))


def check_parents(spans):
    """Each span is within one that is around the calls of its session, in whose trace it is."""
    roots = {key: span for key, span in spans.items() if not span.parent_span_id}
    for (trace, _), span in spans.items():
        program.expect("kind", span.kind, span.SPAN_KIND_INTERNAL)
        program.expect("lengths of identifiers", (len(span.trace_id), len(span.span_id)), (16, 8))
        root = roots.get((trace, span.parent_span_id), span)
        program.expect("a parent", root is span, not span.parent_span_id)
        if not root.start_time_unix_nano <= span.start_time_unix_nano \
                <= span.end_time_unix_nano <= root.end_time_unix_nano:
            raise AssertionError(f"{span} isn't within its parent")
    return roots


def check_spans(protocol_):
    rows = json.loads((program.RUNS / "rows.json").read_text())
    rows = [row for row in rows if "end_time" in row][-NEWEST:]
    request = protocol_.read("traces", program.export("newest.run", "otlp", "--signal", "traces"))
    spans = protocol.spans(request)
    roots = check_parents(spans)
    program.expect("traces", len(roots), len({row.get("session") for row in rows}))
    found = sorted((from_span(span) for key, span in spans.items() if key not in roots), key=str)
    program.expect("spans", found, sorted(map(from_row, rows), key=str))
    return len(spans)


def check():
    with protocol.Protocol() as protocol_:
        points, spans = check_metrics(protocol_), check_spans(protocol_)
        for name in "calls.run", "newest.run", "nested.run", "empty.run":
            check_json(protocol_, name)
    return f"{points} points and {spans} spans, which JSON has, too"


program.main("protoc", check)
