"""Codex CLI's rollouts, and what `codex exec --json` prints."""
import re

from calls import Call, End, at, at_place, lines_of, of_exit_code, parsed, said_in, without

ERRORS = [
    (r"(exec command|patch) rejected by user", "cancelled", "rejected"),
    (r"rejected: ", "cancelled", "not_permitted"),
    (r"aborted", "cancelled", "aborted"),
    (r"command timed out", "timed_out", None),
    (r"failed in sandbox", "failed", "sandbox_denied"),
    (r"execution error: ", "failed", "execution_error"),
    (r"unsupported call: ", "failed", "unsupported_call"),
    (r"failed to parse function arguments", "failed", "invalid_arguments"),
    (r"apply_patch verification failed", "failed", "patch_failed"),
    (r"(err|tool call error): ", "failed", None),
]
HEADER = re.compile(r"(?:Exit code: (\d+)\n)?Wall time: ([\d.]+) seconds\n"
                    r"(?:Process exited with code (\d+)\n)?Output:\n(.*)", re.S)


def end_of(output, time):
    """What the output of a call says."""
    success = None
    if isinstance(output, dict):
        output, success = output["content"], output["success"]
    value, us = output, None
    header = isinstance(output, str) and HEADER.fullmatch(output)
    if header:
        first, seconds, second, value = header.groups()
        code, us = int(first or second), float(seconds)
    elif isinstance(output, str) and isinstance(parsed(output), dict) and "metadata" in output:
        value, about = parsed(output)["output"], parsed(output)["metadata"]
        code, us = about["exit_code"], about["duration_seconds"]
    if us is not None:
        return End(*of_exit_code(code), value, time, round(us * 1e6))
    status, error = next(((s, e) for pattern, s, e in ERRORS
                          if re.match(pattern, said_in(value))), ("success", None))
    return End("failed" if success is False else status, error, value, time)


def read(log, source, text):
    session, depth, model, total = None, 0, "unknown", None
    lines, events = list(lines_of(text)), {}
    if any(line["type"].startswith("thread.") for _, line in lines):
        return read_exec(log, source, lines)
    begun = {line["payload"]["call_id"] for _, line in lines
             if line.get("payload", {}).get("type") in ("function_call", "custom_tool_call")}
    for _, line in lines:
        if line.get("payload", {}).get("type") == "exec_command_end":
            events.setdefault(line["payload"]["call_id"], line)
    outputs = {line["payload"]["call_id"] for _, line in lines
               if line.get("payload", {}).get("type", "").endswith("call_output")}
    for number, line in lines:
        place, time = at_place(source, number), at(line.get("timestamp"))
        body = line.get("payload", {})
        kind, name = body.get("type"), body.get("call_id")
        if line["type"] == "session_meta" and not session:
            session = body["id"]
            if body.get("source", "cli") != "cli":
                depth = body["source"]["subagent"]["thread_spawn"]["depth"]
        elif line["type"] == "turn_context":
            model = body["model"]
        elif line["type"] == "response_item" and kind in ("function_call", "custom_tool_call"):
            args = body["input"] if kind == "custom_tool_call" else without(
                parsed(body["arguments"]), "workdir", "timeout_ms", "justification")
            log.begin(name, Call(session, body["name"], args, time, depth), place)
        elif line["type"] == "response_item" and kind.endswith("call_output"):
            end = end_of(body["output"], time)
            if name in events:
                end.us = event_us(events[name]["payload"])
            log.end(session, name, end)
        elif line["type"] == "event_msg" and kind.startswith("exec_command_"):
            if name not in begun:
                begun.add(name)
                log.begin(name, Call(session, "exec_command", {"command": body["command"]}, time
                                     if kind.endswith("begin") else None, depth), place)
            if kind == "exec_command_end" and name not in outputs:
                log.end(session, name, End(*of_exit_code(body["exit_code"]),
                                           body["aggregated_output"], time, event_us(body)))
        elif line["type"] == "event_msg" and kind == "token_count":
            used, so_far = body["info"]["last_token_usage"], body["info"]["total_token_usage"]
            if so_far["total_tokens"] != total:
                total = so_far["total_tokens"]
                log.message("tokens %s %s" % (line["timestamp"], total),
                            Call(session, "model:" + model, None, time, depth),
                            End("success", at=time, tokens=(
                                used["input_tokens"], used["output_tokens"],
                                used["cached_input_tokens"])), place)


def event_us(event):
    """Where a call was declined there is a duration of 0."""
    us = event["duration"]["secs"] * 1000000 + event["duration"]["nanos"] // 1000
    return us if us or event["exit_code"] == 0 else None


def read_exec(log, source, lines):
    session, began = None, {}
    for number, line in lines:
        place, item = at_place(source, number), line.get("item", {})
        kind = item.get("type")
        if line["type"] == "thread.started":
            session = line["thread_id"]
        elif line["type"] == "turn.completed":
            used = line["usage"]
            log.message(None, Call(session, "model:unknown"), End("success", tokens=(
                used["input_tokens"], used["output_tokens"], used["cached_input_tokens"])), place)
        elif kind in ("command_execution", "mcp_tool_call"):
            key = (session, item["id"])
            if key not in began:
                command = kind == "command_execution"
                began[key] = Call(session, kind if command else "mcp__docs__find", {
                    "command": item["command"]} if command else item["arguments"])
                log.add(None, began[key], None, place)
            if line["type"] == "item.completed":
                began[key].end = item_end(item)


def item_end(item):
    if item["type"] == "command_execution":
        return End(*of_exit_code(item["exit_code"]), item["aggregated_output"])
    if item["status"] == "failed":
        return End("failed", None, item["error"]["message"])
    return End("success", None, item["result"]["content"])
