"""The calls in agents' logs, and what the readers of logs have in common."""
import json
import re
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
EXIT_CODES = {0: "success", 124: "timed_out", 130: "cancelled", 143: "cancelled"}
# What only one call, or message, in the world has.
UNIQUE = re.compile(r"(toolu|call|msg|req|chatcmpl)[-_]\w{20,}|req_toolu_\w+|\w+-\d{13}-\w+"
                    r"|[0-9a-f-]{36}|[0-9a-f]{32}:[0-9a-f]{16}|tokens .*")


def at(text):
    """The Unix microseconds of a time in ISO 8601; UTC, if it has no zone."""
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return (moment - EPOCH) // timedelta(microseconds=1)


def size(value):
    """The bytes of a result: of its texts, or of its JSON."""
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return size(value["text"])
    if isinstance(value, list):
        return sum(map(size, value))
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return len(text.encode()) if value else 0


def said_in(content):
    """The text of content, which may be in blocks."""
    if isinstance(content, list):
        return "\n".join(block.get("text", "") for block in content)
    return content or ""


def parsed(text):
    """What a text is in JSON, if it is an object; else the text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, (dict, list)) else text


def of_exit_code(code):
    status = EXIT_CODES.get(code, "failed")
    return status, "exit_%d" % code if code else None


def without(args, *names):
    return {k: v for k, v in args.items() if k not in names} if isinstance(args, dict) else args


class Call:
    def __init__(self, session, tool, args=None, at=None, depth=0):
        self.session, self.tool, self.args, self.at, self.depth = session, tool, args, at, depth
        self.place, self.end = None, None

    def is_same(self, other):
        return self.tool == other.tool and self.args == other.args


class End:
    """How a call ended. Durations are in microseconds."""

    def __init__(self, status, error=None, result=None, at=None, us=None, elapsed=False,
                 tokens=(None, None, None)):
        self.status, self.error, self.result, self.at = status, error, result, at
        self.us, self.elapsed, self.tokens = us, elapsed, tokens


class Log:
    """The calls of all texts. A call counts once: copies have its identifier, tool and arguments,
    and also its time, if others may have the identifier."""

    def __init__(self):
        self.calls, self.messages = [], {}
        self.same, self.latest, self.early = {}, {}, {}
        self.place = None

    def begin(self, name, call, place):
        call.place = place
        key, open_call = (call.session, name), self.latest.get((call.session, name))
        identity = (name, call.tool, json.dumps(call.args, sort_keys=True))
        if not UNIQUE.fullmatch(name):
            identity += (call.at,)
        known = self.same.get(identity)
        if open_call and not open_call.end and open_call.is_same(call):
            known = known or open_call
        if not known:
            known = call
            self.calls.append(call)
            if open_call and not open_call.end:
                open_call.end = End("cancelled", "no_result", at=open_call.at)
        if UNIQUE.fullmatch(name) or call.at is not None:
            self.same.setdefault(identity, known)
        self.latest[key] = known
        if key in self.early:
            self.end(call.session, name, self.early.pop(key))

    def end(self, session, name, end):
        call = self.latest.get((session, name))
        if not call:
            self.early.setdefault((session, name), end)
        elif not call.end:
            call.end = end

    def add(self, name, call, end, place):
        """A call with its end."""
        identity = (name, call.tool, json.dumps(call.args, sort_keys=True))
        identity += () if name and UNIQUE.fullmatch(name) else (call.at,)
        if name and identity[-1] is not None:
            if identity in self.same:
                return
            self.same[identity] = call
        call.end, call.place = end, place
        self.calls.append(call)

    def message(self, name, call, end, place):
        """A message of a model: it is where its first line is, and as its last one says."""
        key = name if name and UNIQUE.fullmatch(name) else (call.session, name, name or place)
        first = self.messages.setdefault(key, call)
        first.place = first.place or place
        first.tool, first.at, first.end = call.tool, call.at, end

    def rows(self):
        for call in self.calls + list(self.messages.values()):
            end = call.end or End("cancelled", "no_result", at=call.at)
            us, timing = end.us, "elapsed" if end.elapsed else "measured"
            if us is None and end.elapsed and None not in (call.at, end.at) and end.at >= call.at:
                us, timing = end.at - call.at, "elapsed"
            timing = "untimed" if us is None else timing
            result = None if end.result is None else size(end.result)
            yield "\t".join(str(field) for field in (
                call.place, call.session, call.depth, call.tool, end.status, end.error, timing, us,
                end.at, result, *end.tokens))

    def arguments(self):
        """How many different arguments each tool was called with."""
        tools = {}
        for call in self.calls:
            tools.setdefault(call.tool, set()).add(json.dumps(call.args or None, sort_keys=True))
        return ["%s %d" % (tool, len(args)) for tool, args in tools.items()]


def lines_of(text):
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, json.loads(line)


def values_of(text):
    """The values in a text and their places, which may be one document: (path, value)."""
    try:
        yield "", json.loads(text)
    except ValueError:
        for number, value in lines_of(text):
            yield number, value


def at_place(source, place, path=""):
    """As places are written: FILE:LINE, FILE: PATH and FILE:LINE: PATH."""
    where = source if place == "" else "%s:%s" % (source, place)
    return where + (": " + path.lstrip(".") if path else "")
