"""Claude Code's transcripts and streams."""
import re

from calls import Call, End, at, at_place, lines_of, of_exit_code, said_in, without

ERRORS = [
    (r"The user doesn't want to proceed", "cancelled", "rejected"),
    (r"\[Request interrupted by user", "cancelled", "interrupted"),
    (r"Permission to use .* has been denied", "cancelled", "not_permitted"),
    (r"Claude requested permissions .* you haven't granted it", "cancelled", "not_permitted"),
    (r".*timed out", "timed_out", None),
    (r"<tool_use_error>", "failed", "tool_use_error"),
    (r"ENOENT:", "failed", "ENOENT"),
]


def status_of(block, line, noted):
    said = said_in(block.get("content"))
    denial = {"permission-rule": "not_permitted", "user-rejected": "rejected"}.get(
        line.get("toolDenialKind"))
    if denial or noted.get("interrupted"):
        return "cancelled", denial or "interrupted"
    if not block.get("is_error"):
        return "success", None
    code = re.match(r"Exit code (\d+)", said)
    if code:
        return of_exit_code(int(code.group(1)))
    return next(((s, e) for pattern, s, e in ERRORS if re.match(pattern, said)),
                ("failed", None))


def read(log, source, text):
    lines = list(lines_of(text))
    parents = {line["uuid"]: line.get("parentUuid") for _, line in lines if line.get("isSidechain")}

    def root(name):
        while parents.get(name) in parents:
            name = parents[name]
        return name

    for number, line in lines:
        if line["type"] not in ("user", "assistant"):
            continue
        place, time, message = at_place(source, number), at(line.get("timestamp")), line["message"]
        session, depth = line.get("sessionId") or line.get("session_id"), 0
        if line.get("isSidechain") or line.get("parent_tool_use_id"):
            session, depth = line.get("parent_tool_use_id") or line.get("agentId") or root(
                line["uuid"]), 1
        if line["type"] == "assistant":
            usage = message["usage"]
            cached = usage["cache_read_input_tokens"]
            tokens = (usage["input_tokens"] + cached + usage["cache_creation_input_tokens"],
                      usage["output_tokens"], cached)
            log.message(message["id"], Call(session, "model:" + message["model"], None, time,
                                            depth), End("success", at=time, tokens=tokens), place)
        results = [block for block in message["content"] if block["type"] == "tool_result"]
        noted = line.get("toolUseResult") or line.get("tool_use_result")
        noted = noted if isinstance(noted, dict) and len(results) == 1 else {}
        us = noted.get("durationMs", noted.get("durationSeconds", 0) * 1000
                       or noted.get("totalDurationMs"))
        for block in message["content"]:
            if block["type"] == "tool_use":
                log.begin(block["id"], Call(session, block["name"], without(
                    block["input"], "description"), time, depth), place)
        for block in results:
            status, error = status_of(block, line, noted)
            log.end(session, block["tool_use_id"], End(
                status, error, block["content"], time, us and round(us * 1000), not us))
