// Writes what OpenTelemetry's SDK sends for given spans and durations, as two requests of OTLP in
// Protocol Buffers:
//
//     node opentelemetry_sdk.mjs MODULES GIVEN.json DIRECTORY
//
// MODULES is the folder in which npm installed the SDK, DIRECTORY gets metrics.pb and traces.pb.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const [modules, given, directory] = process.argv.slice(2);
const require = createRequire(`${fs.realpathSync(modules)}/`);
const { ROOT_CONTEXT, TraceFlags, trace } = require("@opentelemetry/api");
const { ProtobufMetricsSerializer, ProtobufTraceSerializer } =
  require("@opentelemetry/otlp-transformer");
const { resourceFromAttributes } = require("@opentelemetry/resources");
const { AggregationTemporality, AggregationType, InMemoryMetricExporter, MeterProvider,
  PeriodicExportingMetricReader } = require("@opentelemetry/sdk-metrics");
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } =
  require("@opentelemetry/sdk-trace-base");

const { resources, scope, histogram, spans } = JSON.parse(fs.readFileSync(given, "utf8"));

function save(name, bytes) {
  fs.writeFileSync(path.join(directory, name), bytes);
}

async function metrics() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
  const aggregation = { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 160 } };
  const provider = new MeterProvider({ resource: resourceFromAttributes(resources.metrics),
    readers: [reader], views: [{ instrumentName: "*", aggregation }] });
  const instrument = provider.getMeter(scope.name, scope.version, { schemaUrl: scope.schemaUrl })
    .createHistogram(histogram.name, { unit: histogram.unit, description: histogram.description });
  for (const point of histogram.points) {
    for (const microseconds of point.durations_us) {
      instrument.record(microseconds / 1e6, point.attributes);
    }
  }
  await reader.forceFlush();
  save("metrics.pb", ProtobufMetricsSerializer.serializeRequest(exporter.getMetrics()[0]));
  await provider.shutdown();
}

function time(nanoseconds) {
  return [Number(BigInt(nanoseconds) / 1000000000n), Number(BigInt(nanoseconds) % 1000000000n)];
}

async function traces() {
  const exporter = new InMemorySpanExporter();
  let next; // the span whose identifiers are asked for
  const provider = new BasicTracerProvider({ resource: resourceFromAttributes(resources.traces),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    idGenerator: { generateTraceId: () => next.trace, generateSpanId: () => next.id } });
  const tracer = provider.getTracer(scope.name, scope.version, { schemaUrl: scope.schemaUrl });
  for (next of spans) {
    const context = next.parent ? trace.setSpanContext(ROOT_CONTEXT, { traceId: next.trace,
      spanId: next.parent, traceFlags: TraceFlags.SAMPLED }) : ROOT_CONTEXT;
    const span = tracer.startSpan(next.name,
      { startTime: time(next.start), attributes: next.attributes }, context);
    if (next.status) {
      span.setStatus(next.status);
    }
    span.end(time(next.end));
  }
  save("traces.pb", ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans()));
  await provider.shutdown();
}

await metrics();
await traces();
