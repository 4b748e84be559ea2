"""Messages of the chat completions API."""
from calls import Call, End, at_place, parsed, said_in, values_of


def read_messages(log, session, messages):
    for place, message in messages:
        for call in message.get("tool_calls") or []:
            made = call["function"]
            log.begin(call["id"], Call(session, made["name"], parsed(made["arguments"])), place)
        if message["role"] == "tool":
            failed = said_in(message["content"]).startswith("Error")
            log.end(session, message["tool_call_id"], End("failed" if failed else "success", None,
                                                          message["content"]))


def lists_in(value, path=""):
    """The lists of messages in a value, with their paths."""
    if isinstance(value, list) and value and "role" in value[0]:
        yield path, value
    elif isinstance(value, list):
        for i, element in enumerate(value, 1):
            yield from lists_in(element, "%s[%d]" % (path, i))
    else:
        for key in value:
            if key in ("messages", "traj", "conversation"):
                yield from lists_in(value[key], "%s.%s" % (path, key))


def read(log, source, text):
    values = list(values_of(text))
    name, count, known, last = source.split("/")[-1], 0, [], {}
    alone = [(at_place(source, place), value) for place, value in values if "role" in value]
    if alone:
        read_messages(log, name + "#1", alone)
    for place, value in values:
        for path, messages in lists_in(value) if "role" not in value else []:
            count += 1
            found = [its for its in known if its["messages"] == messages[:len(its["messages"])]]
            latest = [its for its in found if its is last[its["session"]]]
            found = max(latest or found, key=lambda its: len(its["messages"]), default=None)
            so_far = len(found["messages"]) if found else 0
            is_new = not found or not latest and so_far == len(messages)
            session = "%s#%d" % (name, count) if is_new else found["session"]
            known = [its for its in known if its["messages"] != messages]
            last[session] = {"session": session, "messages": messages}
            known.append(last[session])
            read_messages(log, session, [(at_place(source, place, "%s[%d]" % (path, i)), message)
                                         for i, message in enumerate(messages, 1) if i > so_far])
