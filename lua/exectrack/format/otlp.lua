--- Traces and logs of OpenTelemetry: OTLP/JSON, as a collector writes it to a file, and what the
-- SDKs write themselves. Most spans and events are about other things than calls; these count for
-- nothing.
-- Used only by formats.
local agent_log = require("exectrack.format.agent_log")
local events = require("exectrack.format.otlp_event")
local logged = require("exectrack.format.logged")
local places = require("exectrack.format.place")
local signals = require("exectrack.format.otlp_signals")
local spans = require("exectrack.format.otlp_span")
local values = require("exectrack.format.otlp_value")

local as_table, first, seconds, text = logged.table, values.first, values.seconds, logged.text

local M = {}

-- What a document has by resource, by scope, and at last: names, with old ones.
local OF_RESOURCES = { "resourceSpans", "resource_spans", "batches", "resourceLogs",
  "resource_logs" }
local OF_SCOPES = { "scopeSpans", "scope_spans", "instrumentationLibrarySpans",
  "instrumentation_library_spans", "scopeLogs", "scope_logs", "instrumentationLibraryLogs",
  "instrumentation_library_logs" }
local RECORDS = { "spans", "logRecords", "log_records", "logs" }
local METRICS = { "resourceMetrics", "resource_metrics", "scopeMetrics" }

local STARTS = { "startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime" }
local ENDS = { "endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime" }
local EVENT_TIMES = { "timeUnixNano", "time_unix_nano", "hrTime", "timestamp" }
local OBSERVED_TIMES = { "observedTimeUnixNano", "observed_time_unix_nano", "hrTimeObserved",
  "observed_timestamp" }
local CONTEXTS = { "context", "_spanContext", "spanContext" }
local PARENTS = { "parent", "parentSpanContext" }
local TRACE_IDS = { "traceId", "trace_id" }
local SPAN_IDS = { "spanId", "span_id", "id" }
local PARENT_IDS = { "parentSpanId", "parent_span_id", "parent_id", "parentId" }
local SESSIONS = { "gen_ai.conversation.id", "session.id", "conversation.id" }

local function has(object, names)
  return first(object, names) ~= nil
end

--- The identifiers of a trace and of a span, which are in the record or in a part of it.
local function ids_of(record, context)
  return values.id(first(record, TRACE_IDS) or first(context, TRACE_IDS)),
    values.id(first(record, SPAN_IDS) or first(context, SPAN_IDS))
end

local function session_of(attributes, resource, trace)
  local session = first(attributes, SESSIONS) or first(resource, SESSIONS)
  return text(session) or values.id(session) or trace
end

local Reader = {}
Reader.__index = Reader

function Reader:span(record, resource, place)
  local attributes = values.attributes(record.attributes)
  local trace, id = ids_of(record, as_table(first(record, CONTEXTS)))
  local _, parent_id = ids_of({}, as_table(first(record, PARENTS)))
  parent_id = values.id(first(record, PARENT_IDS)) or parent_id
  local start, finish = seconds(first(record, STARTS)), seconds(first(record, ENDS))
  if not start and type(record.duration) == "number" then -- the console of the SDK for JavaScript
    start = seconds(record.timestamp)
    finish = start and start + record.duration / 1e6
  end
  local within = (trace or "") .. ":"
  table.insert(self.spans, { name = text(record.name) or "", place = place,
    session = session_of(attributes, resource, trace), attributes = attributes,
    status = record.status, events = record.events, start = start, finish = finish,
    id = id and within .. id, parent_id = parent_id and within .. parent_id })
end

--- The name of an event. Claude Code's is without a prefix there, and whole in the body.
local function name_of(record, attributes)
  local body = text(values.any(first(record, { "body", "_body" })))
  local name = text(attributes["event.name"])
    or text(first(record, { "eventName", "event_name", "_eventName" }))
  if body and name and body:sub(-#name - 1) == "." .. name then
    name = body
  end
  return name or body or ""
end

function Reader:event(record, resource, place)
  local attributes = values.attributes(record.attributes)
  local trace = ids_of(record, as_table(first(record, CONTEXTS)))
  self.events:read {
    name = name_of(record, attributes),
    place = place,
    session = session_of(attributes, resource, trace),
    attributes = attributes,
    seconds = seconds(first(record, EVENT_TIMES)) or seconds(attributes["event.timestamp"])
      or seconds(first(record, OBSERVED_TIMES)),
  }
end

--- Reads what may be a span or the record of a log. Returns whether it was one.
function Reader:record(record, resource, place)
  local own = values.attributes(as_table(record.resource).attributes)
  resource = next(own) and own or resource
  if type(record.attributes) ~= "table" then
    return false
  elseif has(record, STARTS) or record.duration ~= nil and record.timestamp ~= nil then
    self:span(record, resource, place)
  elseif has(record, EVENT_TIMES) or has(record, OBSERVED_TIMES) then
    self:event(record, resource, place)
  else
    return false
  end
  return true
end

--- Calls `read` for each element of the arrays that a value has under these names. Returns whether
-- there is such an array.
local function each(value, names, place, read)
  local is_there = false
  for _, name in ipairs(names) do
    for i, element in logged.elements(value[name]) do
      if type(element) == "table" then
        read(element, places.within(place, (".%s[%d]"):format(name, i)))
      end
    end
    is_there = is_there or type(value[name]) == "table"
  end
  return is_there
end

--- Reads the records in an object, by scope or not. Returns whether there are some.
function Reader:scopes(object, resource, place)
  local function read(record, within)
    self:record(record, resource, within)
  end
  local is_there = each(object, OF_SCOPES, place, function(scope, within)
    each(scope, RECORDS, within, read)
  end)
  return each(object, RECORDS, place, read) or is_there
end

--- Reads a value. Nothing is known of its resource if it says nothing about it.
function Reader:value(value, place)
  for i, element in logged.elements(value) do
    if type(element) == "table" then
      self:value(element, places.within(place, ("[%d]"):format(i)))
    end
  end
  local is_known = each(value, OF_RESOURCES, place, function(of_resource, within)
    self:scopes(of_resource, values.attributes(as_table(of_resource.resource).attributes), within)
  end)
  is_known = self:scopes(value, {}, place) or is_known or self:record(value, {}, place)
    or next(value) == nil or logged.is_array(value) or has(value, METRICS)
  if not is_known then
    self.calls:skip(text(value.type) or "untyped")
  end
end

M.decode = agent_log.decoder("otlp.decode", function(calls, _, complain)
  local of_calls = signals.of(calls)
  local reader = setmetatable({ calls = calls, events = events.new(calls, of_calls, complain) },
    Reader)
  local span_reader = spans.new(calls, of_calls)
  return function(value, place)
    reader.spans = {}
    reader:value(value, place)
    span_reader:read(reader.spans)
  end
end, true)

local ARRAYS = { OF_RESOURCES, OF_SCOPES, METRICS, { "spans" } }
local UNIX_NANOSECONDS = { "startTimeUnixNano", "start_time_unix_nano", "timeUnixNano",
  "time_unix_nano", "observedTimeUnixNano", "hrTime" }

-- Of records of logs, as the SDKs print them.
local OF_EVENTS = { "severity_number", "severityNumber", "severity_text", "severityText",
  "trace_flags", "traceFlags" }

--- Whether an object with these keys holds spans or records of logs, or is one. `keys` has the
-- beginning of each value.
function M.fits(keys)
  for _, names in ipairs(ARRAYS) do
    if first(keys, names) == "[{" then
      return true
    end
  end
  if keys.attributes ~= "{" and not logged.begins_array(keys.attributes) then
    return false
  end
  local has_context = first(keys, CONTEXTS) == "{"
  local has_ids = has_context or has(keys, TRACE_IDS) and has(keys, SPAN_IDS)
  return has(keys, UNIX_NANOSECONDS)
    or has_ids and has(keys, STARTS) and (has_context or has(keys, ENDS))
    or has_ids and has(keys, EVENT_TIMES) and has(keys, OF_EVENTS)
end

return M
