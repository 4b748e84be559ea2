"""VT Code's harness events and trajectory logs."""
from calls import Call, End, at_place, lines_of, of_exit_code

OUTCOMES = {"permission_rejected": ("cancelled", "rejected"),
                   "cancelled": ("cancelled", "interrupted"),
                   "hook_denied": ("cancelled", "not_permitted"),
                   "invalid_tool": ("failed", "invalid_tool")}


def read(log, source, text):
    session, current = None, {}
    for number, line in lines_of(text):
        place, event = at_place(source, number), line.get("event", {})
        item, time = event.get("item", {}), line.get("ts") and line["ts"] * 1000000
        if line.get("kind") == "tool":
            log.add(None, Call(None, line["name"], line["args"], time, int("is_subagent" in line)),
                    End("success" if line["ok"] else "failed", at=time), place)
        elif line.get("kind") == "prompt_cache_metrics":
            tokens = line["prompt_tokens"], line["completion_tokens"], line["cache_read_tokens"]
            log.message(None, Call(None, "model:" + line["model"]),
                        End("success", at=time, tokens=tokens), place)
        elif event.get("type") in ("thread.started", "turn.started"):
            session, current = event.get("thread_id", session), {}
        elif item.get("type") == "tool_invocation":
            call = current.get(item["id"])
            args = item["arguments"]
            again = call and (call.tool, call.args) == (item["tool_name"], args)
            if event["type"] == "item.started":
                again = again and not call.end # it is written again
            elif call and not call.end:
                again = call.tool == item["tool_name"]
            if not again:
                call = current[item["id"]] = Call(session, item["tool_name"], args)
                log.add(None, call, None, place)
            if event["type"] == "item.completed":
                status = "success" if item["status"] == "completed" else "failed"
                call.end = End(*OUTCOMES.get(item.get("outcome"), (status, None)))
        elif item.get("type") == "tool_output" and event["type"] == "item.completed":
            call = current.get(item["call_id"])
            if not call or not call.end:
                continue
            del current[item["call_id"]]
            if item["output"] == "Tool execution cancelled":
                call.end = End("cancelled", "interrupted")
            elif item.get("exit_code"):
                call.end = End(*of_exit_code(item["exit_code"]))
