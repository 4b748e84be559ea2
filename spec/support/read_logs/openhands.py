"""OpenHands' events."""
import json

from calls import Call, End, at, at_place, of_exit_code, values_of, without


def read_action(event):
    """The tool, its arguments, the call's identifier, and the response that it is in."""
    if "kind" in event:
        args = without(json.loads(event["tool_call"]["arguments"]), "security_risk")
        return event["tool_name"], args, event["tool_call_id"], {"id": event["llm_response_id"]}
    about = event["tool_call_metadata"]
    call = next(call for call in about["model_response"]["choices"][0]["message"]["tool_calls"]
                if call["id"] == about["tool_call_id"])
    args = without(json.loads(call["function"]["arguments"]), "security_risk")
    return about["function_name"], args, about["tool_call_id"], about["model_response"]


def end_of(event):
    if event.get("kind") == "UserRejectObservation":
        return End("cancelled", "not_permitted" if "rejection_source" in event else "rejected")
    if event.get("kind") == "AgentErrorEvent":
        return End("failed", "agent_error", event["error"])
    seen = event["observation"]
    if isinstance(seen, dict):
        content, code = seen["content"], seen.get("metadata", seen).get("exit_code")
        failed = seen.get("is_error")
    else:
        content, extras = event["content"], event.get("extras", {})
        code = extras.get("metadata", {}).get("exit_code")
        failed = event.get("success") is False or content.startswith("ERROR")
        if seen in ("error", "user_rejected"):
            return (End("failed", "agent_error", content) if seen == "error" else
                    End("cancelled", "rejected", content))
    if code == -1:
        return End("timed_out", None, content)
    if code:
        return End(*of_exit_code(code), content)
    return End("failed" if failed else "success", None, content)


def read_events(log, session, events):
    """Events with their places."""
    actions = [(place, event) for place, event in events if event.get("kind") == "ActionEvent"
               or "action" in event and "tool_call_metadata" in event]
    ends, said = {}, set()
    for i, (_, event) in enumerate(events):
        if "observation" in event or event.get("kind") in ("AgentErrorEvent",
                                                           "UserRejectObservation"):
            cause = event.get("cause", event.get("action_id"))
            if cause is None and "tool_call_id" in event:
                named = [(k > i, abs(k - i), its["id"]) for k, (_, its) in enumerate(events)
                         if its.get("kind") == "ActionEvent" and its["id"] not in ends
                         and its["tool_call_id"] == event["tool_call_id"]]
                cause = min(named)[2] if named else None # the nearest before, or behind
            ends.setdefault(cause, event)
    for place, event in actions:
        tool, args, name, response = read_action(event)
        time = at(event["timestamp"])
        if response["id"] not in said:
            used = response.get("usage")
            tokens = (used["prompt_tokens"], used["completion_tokens"], used[
                "prompt_tokens_details"]["cached_tokens"]) if used else (None, None, None)
            said.add(response["id"])
            model = "model:" + response.get("model", "unknown")
            log.message(response["id"], Call(session, model, None, time),
                        End("success", at=time, tokens=tokens), place)
        if event["id"] in ends:
            end = end_of(ends[event["id"]])
            end.at = at(ends[event["id"]]["timestamp"])
            end.us = end.at - time if end.at >= time else None
            log.add(name, Call(session, tool, args, time), end, place)


def read(log, source, text):
    lines = []
    for place, value in values_of(text):
        if isinstance(value, list):
            read_events(log, None, [(at_place(source, place, "[%d]" % i), event)
                                         for i, event in enumerate(value, 1)])
        elif "history" in value:
            read_events(log, value["instance_id"], [
                (at_place(source, place, ".history[%d]" % i), event)
                for i, event in enumerate(value["history"], 1)])
        else:
            lines.append((at_place(source, place), value))
    read_events(log, None, lines)
