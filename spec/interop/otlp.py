"""Reads requests of OTLP with Google's library for Protocol Buffers, and compares their two forms:

    otlp.py PROTO DIRECTORY

PROTO is the folder of OpenTelemetry's .proto files. DIRECTORY has `metrics.pb`, `traces.pb` and
`otlp.jsonl`, a line of JSON for each.
"""

import base64
import importlib
import json
import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import json_format

SERVICES = {"metrics": "Metrics", "traces": "Trace"}
IDS = {"traceId", "spanId", "parentSpanId"}  # hexadecimal digits in OTLP, else base64


def compile_protocol(proto, scratch):
    """Makes Python modules of the .proto files."""
    files = [str(path.relative_to(proto)) for path in proto.rglob("*.proto")]
    subprocess.run(["protoc", "-I", str(proto), f"--python_out={scratch}", *files], check=True)
    sys.path.insert(0, str(scratch))


def request_of(signal):
    """An empty request."""
    name = "trace" if signal == "traces" else signal
    module = importlib.import_module(
        f"opentelemetry.proto.collector.{name}.v1.{name}_service_pb2")
    return getattr(module, f"Export{SERVICES[signal]}ServiceRequest")()


def with_base64(value):
    """The same JSON with identifiers as Google's library expects them."""
    if isinstance(value, list):
        return [with_base64(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {name: base64.b64encode(bytes.fromhex(field)).decode() if name in IDS
            else with_base64(field) for name, field in value.items()}


def unknown_fields(message):
    """How many fields of a message, and of those in it, the .proto files don't have."""
    count = len(message.UnknownFields()) if hasattr(message, "UnknownFields") else 0
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            inner = value if field.label == field.LABEL_REPEATED else [value]
            count += sum(map(unknown_fields, inner))
    return count


def check(signal, content, line):
    """Raises an error unless a request is the same in both forms."""
    binary, text = request_of(signal), request_of(signal)
    binary.ParseFromString(content)
    json_format.ParseDict(with_base64(json.loads(line)), text)
    assert unknown_fields(binary) == 0, signal
    assert binary == text, signal
    return binary


def check_spans(request):
    """Raises an error unless all identifiers of spans differ, and parents are among them."""
    spans = [span for part in request.resource_spans for scope in part.scope_spans
             for span in scope.spans]
    ids = {(span.trace_id, span.span_id) for span in spans}
    assert len(ids) == len(spans)
    for span in spans:
        assert len(span.trace_id) == 16 and len(span.span_id) == 8
        assert not span.parent_span_id or (span.trace_id, span.parent_span_id) in ids
        assert span.start_time_unix_nano <= span.end_time_unix_nano
    print(f"protoc: {len(spans)} spans")


def main():
    proto, directory = map(pathlib.Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as scratch:
        compile_protocol(proto, scratch)
        lines = (directory / "otlp.jsonl").read_text(encoding="utf-8").splitlines()
        assert len(lines) == 2
        for signal, line in zip(SERVICES, lines):
            request = check(signal, (directory / f"{signal}.pb").read_bytes(), line)
            if signal == "traces":
                check_spans(request)
        print("protoc: both forms of OTLP are the same")


main()
