"""Traces and logs of OpenTelemetry."""
from calls import Call, End, at, at_place, parsed, values_of, without


def value_of(value):
    """The value in an object that says its type."""
    kind, inner = next(iter(value.items()))
    return int(inner) if kind == "intValue" else inner


def attributes_of(value):
    if isinstance(value, list):
        return {field["key"]: value_of(field["value"]) for field in value}
    return value


def time_of(value):
    if value is None:
        return None
    return int(value) // 1000 if value.isdigit() else at(value)


def session_of(attributes, resource, trace):
    names = ("gen_ai.conversation.id", "session.id")
    return next((own[name] for own in (attributes, resource) for name in names if name in own),
                trace)


def read_spans(log, spans, resource):
    """Spans with their places: calls, of which one may be within another, and messages."""
    read, parents, tools = [], {}, set()
    for place, span in spans:
        attributes, context = attributes_of(span["attributes"]), span.get("context", {})
        trace = (span.get("traceId") or context["trace_id"]).replace("0x", "")
        name = (span.get("spanId") or context["span_id"]).replace("0x", "")
        parents[name] = (span.get("parentSpanId") or span.get("parent_id") or "").replace("0x", "")
        if "gen_ai.tool.name" in attributes:
            tools.add(name)
        read.append((place, span, attributes, trace, name))
    for place, span, attributes, trace, name in read:
        start = time_of(span.get("startTimeUnixNano") or span.get("start_time"))
        finish = time_of(span.get("endTimeUnixNano") or span.get("end_time"))
        session, error = session_of(attributes, resource, trace), attributes.get("error.type")
        end = End("cancelled", "no_result", attributes.get("gen_ai.tool.call.result"), start)
        if finish is not None:
            failed = error or span["status"].get("code", span["status"].get("status_code")) in (
                2, "ERROR")
            end.status = "timed_out" if error == "timeout" else "failed" if failed else "success"
            end.error, end.at, end.us = error if error != "_OTHER" else None, finish, finish - start
        if name in tools:
            depth, around = 0, parents.get(name)
            while around:
                depth, around = depth + (around in tools), parents.get(around)
            args = without(parsed(attributes["gen_ai.tool.call.arguments"]), "description")
            log.add("%s:%s" % (trace, name), Call(session, attributes["gen_ai.tool.name"], args,
                                                  start, depth), end, place)
        elif attributes.get("gen_ai.operation.name") == "chat":
            end.result = None
            end.tokens = (attributes["gen_ai.usage.input_tokens"],
                          attributes["gen_ai.usage.output_tokens"], None)
            model = attributes.get("gen_ai.response.model", attributes["gen_ai.request.model"])
            log.message("%s:%s" % (trace, name), Call(session, "model:" + model, None, start), end,
                        place)


def read_event(log, record, place):
    fields, time = attributes_of(record["attributes"]), time_of(record["timeUnixNano"])
    session, name = fields["session.id"], record["body"]["stringValue"]
    duration = fields.get("duration_ms")
    end = End("success", None, fields.get("output"), time, duration and int(duration) * 1000)
    if name == "claude_code.api_request":
        cached = int(fields["cache_read_tokens"])
        end.tokens = (int(fields["input_tokens"]) + cached + int(fields["cache_creation_tokens"]),
                      int(fields["output_tokens"]), cached)
        log.message(fields["request_id"], Call(session, "model:" + fields["model"]), end, place)
    elif fields.get("decision") == "reject":
        end.status, end.error, end.us = "cancelled", "rejected", None
        if duration is not None: # it was waited for
            end.us, end.elapsed = int(duration) * 1000, True
        log.add(fields.get("tool_use_id"), Call(session, fields.get("tool_name") or fields[
            "function_name"], None, time), end, place)
    elif name.endswith(("tool_result", "tool_call")):
        if str(fields["success"]).lower() != "true":
            end.status = "failed"
        args = next((fields[key] for key in ("tool_parameters", "arguments", "function_args")
                     if key in fields), None)
        log.add(fields.get("tool_use_id") or fields.get("call_id"), Call(
            session, fields.get("tool_name") or fields["function_name"],
            args and without(parsed(args), "description"), time), end, place)


def read(log, source, text):
    for place, value in values_of(text):
        if isinstance(value, list) or "spans" in value:
            path, spans = ("", value) if isinstance(value, list) else (".spans", value["spans"])
            read_spans(log, [(at_place(source, place, "%s[%d]" % (path, i)), span)
                             for i, span in enumerate(spans, 1)], {})
        for of_resource in value.get("resourceSpans", []) if isinstance(value, dict) else []:
            path = ".resourceSpans[1].scopeSpans[1].spans[%d]"
            read_spans(log, [(at_place(source, place, path % i), span) for i, span in enumerate(
                of_resource["scopeSpans"][0]["spans"], 1)],
                attributes_of(of_resource["resource"]["attributes"]))
        for of_resource in value.get("resourceLogs", []) if isinstance(value, dict) else []:
            path = ".resourceLogs[1].scopeLogs[1].logRecords[%d]"
            for i, record in enumerate(of_resource["scopeLogs"][0]["logRecords"], 1):
                read_event(log, record, at_place(source, place, path % i))
