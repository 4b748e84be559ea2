"""Gemini CLI's chats."""
import re

from calls import Call, End, at, at_place, of_exit_code, values_of, without


def status_of(call, said):
    if call["status"] == "error":
        return ("timed_out" if "timed out" in said else "failed"), None
    if call["status"] == "cancelled":
        return "cancelled", ("rejected" if "did not allow" in said else
                             "interrupted" if "User cancelled" in said else None)
    if call["name"] == "run_shell_command":
        if said.startswith("Command was automatically cancelled"):
            return "timed_out", None
        code, signal = re.search(r"\nExit Code: (\d+)", said), re.search(r"\nSignal: (\d+)", said)
        if code:
            return of_exit_code(int(code.group(1)))
        if signal:
            return "failed", "signal_" + signal.group(1)
    return "success", None


def read_message(log, message, session, depth, place, within):
    if message.get("model"):
        used = message.get("tokens")
        tokens = (used["input"] + used["tool"], used["output"] + used["thoughts"],
                  used["cached"]) if used else (None, None, None)
        time = at(message["timestamp"])
        log.message(message["id"], Call(session, "model:" + message["model"], None, time, depth),
                    End("success", at=time, tokens=tokens), place)
    for i, call in enumerate(message.get("toolCalls", []), 1):
        time = at(call["timestamp"])
        args = without(call["args"], "description")
        log.begin(call["id"], Call(session, call["name"], args, time, depth), within(i))
        if call["status"] in ("success", "error", "cancelled"):
            response = call["result"][0]["functionResponse"]["response"] if call.get(
                "result") else {}
            result = response.get("output", response.get("error"))
            log.end(session, call["id"], End(*status_of(call, result or ""), result, time))


def read(log, source, text):
    session, depth = None, 0
    for place, value in values_of(text):
        if "projectHash" in value:
            session, depth = value["sessionId"], int(value["kind"] == "subagent")
        for i, message in enumerate(value.get("messages", []), 1):
            path = ".messages[%d]" % i
            read_message(log, message, session, depth, at_place(source, place, path),
                           lambda k: at_place(source, place, "%s.toolCalls[%d]" % (path, k)))
        line = at_place(source, place)
        read_message(log, value, session, depth, line, lambda k: line)
