"""OpenTelemetry's protocol, OTLP, by protoc and Google's library for Protocol Buffers from OpenTelemetry's
own .proto files, which Debian 13 has."""
import importlib
import sys
import tempfile

import program

PROTO = program.DEBIAN / "usr" / "include"
SERVICES = {"metrics": "Metrics", "traces": "Trace"}


class Protocol:
    """Reads requests. Ends with the `with` block."""

    def __enter__(self):
        protoc = program.find("protoc")
        files = [str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto")]
        if not files:
            raise program.Skipped("OpenTelemetry's .proto files aren't there")
        try:
            importlib.import_module("google.protobuf")
        except ImportError as missing:
            raise program.Skipped("python3-protobuf isn't installed") from missing
        self._folder = tempfile.TemporaryDirectory()
        program.run([protoc, "-I", str(PROTO), f"--python_out={self._folder.name}", *files])
        sys.path.insert(0, self._folder.name)
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    @staticmethod
    def empty(signal):
        """An empty request: of `metrics` or `traces`."""
        name = "trace" if signal == "traces" else signal
        module = importlib.import_module(f"opentelemetry.proto.collector.{name}.v1.{name}_service_pb2")
        return getattr(module, f"Export{SERVICES[signal]}ServiceRequest")()

    def read(self, signal, content):
        """The request, all of whose fields are in the .proto files."""
        request = self.empty(signal)
        request.ParseFromString(content)
        program.expect(f"unknown fields of {signal}", unknown_fields(request), 0)
        return request


def unknown_fields(message):
    """How many fields of a message, and of those in it, the .proto files don't have."""
    count = len(message.UnknownFields())
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            inner = value if field.label == field.LABEL_REPEATED else [value]
            count += sum(map(unknown_fields, inner))
    return count


def attributes(message):
    """Attributes as a frozen set of pairs. None is there twice."""
    pairs = [(pair.key, getattr(pair.value, pair.value.WhichOneof("value")))
             for pair in message.attributes]
    program.expect("attributes", len({key for key, _ in pairs}), len(pairs))
    return frozenset(pairs)


def metrics(request):
    """The metrics of a request, by name."""
    (resource,) = request.resource_metrics
    (scope,) = resource.scope_metrics
    found = {metric.name: metric for metric in scope.metrics}
    program.expect("metrics", len(found), len(scope.metrics))
    return found


def points(metric):
    return getattr(metric, metric.WhichOneof("data")).data_points


def spans(request):
    """The spans of a request, by identifier."""
    (resource,) = request.resource_spans
    (scope,) = resource.scope_spans
    found = {(span.trace_id, span.span_id): span for span in scope.spans}
    program.expect("spans", len(found), len(scope.spans))
    return found


def histogram(point):
    """An exponential histogram, as recorded.exponential has it."""
    program.expect("negative", len(point.negative.bucket_counts), 0)
    program.expect("count", point.count, point.zero_count + sum(point.positive.bucket_counts))
    return (point.scale, point.zero_count, point.positive.offset, list(point.positive.bucket_counts))
