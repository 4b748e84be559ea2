"""What is to be found in exports of calls.run, computed from its calls.

The names of samples and labels are Prometheus's, with values as numbers: a dictionary by the name and a
frozen set of pairs.
"""
import collections
import fractions
import json

import program

LIMITS = [2.0 ** exponent for exponent in range(-10, 10)]
OUTCOMES = ("success", "other")
STATUSES = ("success", "failed", "timed_out", "cancelled")
NAMES = 256  # of error types and reasons together; more than these are counted without a name
FINEST_SCALE = 6
MOST_BUCKETS = 160
OTHER = "(other)"


def name_of(fact, field):
    """A name as exports have it."""
    encoded = bytes.fromhex(fact[field])
    try:
        return encoded.decode()
    except UnicodeDecodeError:
        return encoded.decode(errors="replace") + fact["mark" if field == "tool" else field + "_mark"]


class Tool:
    """What is counted of the calls of a tool."""

    def __init__(self):
        self.statuses = collections.Counter()
        self.cached = self.streak = self.in_flight = 0
        self.unmeasured = collections.Counter()
        self.elapsed_us = 0
        self.durations_us = {outcome: [] for outcome in OUTCOMES}
        self.cost = self.with_cost = 0

    def count(self, call):
        self.statuses[call["status"]] += 1
        self._count_time(call)
        if "cost" in call:
            self.cost += call["cost"]
            self.with_cost += 1
        if call["was_cached"]:
            self.cached += 1
        elif call["status"] == "success":
            self.streak = 0
        elif call["status"] != "cancelled":
            self.streak += 1

    def _count_time(self, call):
        if call["timing"] == "measured":
            outcome = "success" if call["status"] == "success" else "other"
            self.durations_us[outcome].append(call["duration_us"])
            return
        self.unmeasured[call["timing"]] += 1
        if call["timing"] == "elapsed":
            self.elapsed_us += call["duration_us"]


class Run:
    """What is counted of a run."""

    def __init__(self, path):
        facts = json.loads(path.read_text())
        self.cleared = facts["cleared"]
        calls = [(self._counted_as(call), call) for call in facts["calls"]]
        self.tools = {name: Tool() for name, _ in calls}
        for name, call in calls:
            self.tools[name].count(call)
        for fact in facts["in_flight"]:
            self.tools[name_of(fact, "tool")].in_flight = fact["count"]
        self.denials = {(name_of(fact, "tool"), name_of(fact, "reason")): fact["count"]
                        for fact in facts["denials"]}
        self.overflow = {"tools": sum(self.tools[OTHER].statuses.values()), "denials": 0,
                         "error_types": self._overflowing_error_types(facts["calls"])}

    @staticmethod
    def _counted_as(call):
        name = name_of(call, "tool")
        return OTHER if name == "no room" else name

    def _overflowing_error_types(self, calls):
        """How many calls have an error type that had no room; no two have the same."""
        room = NAMES - len({reason for _, reason in self.denials})
        return sum("error_type" in call for call in calls) - room


def prometheus(run):
    """The samples of both of Prometheus's formats."""
    samples = {}

    def add(name, value, **labels):
        samples[f"exectrack_{name}", frozenset(labels.items())] = value

    for name, tool in run.tools.items():
        _add_tool(lambda what, value, **labels: add(f"tool_{what}", value, tool=name, **labels), tool)
    for (tool, reason), count in run.denials.items():
        add("tool_denials_total", count, tool=tool, reason=reason)
    for kind, count in run.overflow.items():
        add("overflow_total", count, kind=kind)
    return samples


def _add_tool(add, tool):
    for status in STATUSES:
        add("executions_total", tool.statuses[status], status=status)
    for timing in "elapsed", "untimed":
        add("unmeasured_executions_total", tool.unmeasured[timing], timing=timing)
    add("cached_executions_total", tool.cached)
    add("failure_streak", tool.streak)
    add("in_flight", tool.in_flight)
    add("elapsed_seconds_total", tool.elapsed_us / 1e6)
    add("measured_seconds_total", sum(map(sum, tool.durations_us.values())) / 1e6)
    add("measure_total", tool.cost / 1e3, measure="cost", unit="USD")
    add("measure_executions_total", tool.with_cost, measure="cost", unit="USD")
    for outcome, durations_us in tool.durations_us.items():
        add("duration_seconds_count", len(durations_us), outcome=outcome)
        add("duration_seconds_sum", sum(durations_us) / 1e6, outcome=outcome)
        for limit in LIMITS + [float("inf")]:
            count = sum(us <= limit * 1e6 for us in durations_us)
            add("duration_seconds_bucket", count, outcome=outcome, le=limit)


def openmetrics(run):
    """The samples of OpenMetrics, with the time at which counting began."""
    samples = prometheus(run)
    for name, labels in list(samples):
        if name.endswith("_total") or name.endswith("_count"):
            samples[name.rsplit("_", 1)[0] + "_created", labels] = run.cleared
    return samples


def _bucket(us, scale):
    """The index of the bucket of an exponential histogram: base^index < us <= base^(index + 1)."""
    seconds = fractions.Fraction(us, 10 ** 6) ** 2 ** scale
    index = -60 * 2 ** scale
    step = 2 ** (7 + scale)
    while step >= 1:  # to the highest whose lower limit is below
        while seconds > fractions.Fraction(2) ** (index + step):
            index += step
        step //= 2
    return index


def exponential(durations_us):
    """An exponential histogram: scale, count of zeros, offset, counts."""
    values = [us for us in durations_us if us > 0]
    for scale in range(FINEST_SCALE, -1, -1):
        counts = collections.Counter(_bucket(us, scale) for us in values)
        lowest, highest = min(counts, default=0), max(counts, default=-1)
        if highest - lowest < MOST_BUCKETS:
            return (scale, len(durations_us) - len(values), lowest,
                    [counts[index] for index in range(lowest, highest + 1)])
    raise ValueError("too many buckets")


UNITS = {
    "exectrack.tool.executions": "{execution}", "exectrack.tool.cached_executions": "{execution}",
    "exectrack.tool.unmeasured_executions": "{execution}", "gen_ai.execute_tool.duration": "s",
    "exectrack.tool.measured_time": "s", "exectrack.tool.elapsed_time": "s",
    "exectrack.tool.failure_streak": "{execution}", "exectrack.tool.in_flight": "{execution}",
    "exectrack.tool.denials": "{call}", "exectrack.tool.measure": "",
    "exectrack.tool.measure_executions": "{execution}", "exectrack.overflow": "{execution}",
}

# Prometheus's names of what OTLP has under another one. Those of labels follow.
METRICS = {
    "executions_total": "executions", "unmeasured_executions_total": "unmeasured_executions",
    "cached_executions_total": "cached_executions", "elapsed_seconds_total": "elapsed_time",
    "measured_seconds_total": "measured_time", "denials_total": "denials",
    "measure_total": "measure", "measure_executions_total": "measure_executions",
}
LABEL = "agent \"1\""


def _attributes(labels):
    """A point's attributes."""
    for name, value in labels:
        if name != "tool":
            yield f"exectrack.{name}", value
        elif value == OTHER:
            yield "otel.metric.overflow", True
        else:
            yield "gen_ai.tool.name", value
    if "tool" in dict(labels):
        yield "gen_ai.agent.name", LABEL


def otlp(run):
    """The points of OTLP. A histogram is what `exponential` returns, the sum, the minimum and maximum."""
    points = {}
    for (name, labels), value in prometheus(run).items():
        name = name.removeprefix("exectrack_")
        if name == "overflow_total":
            points["exectrack.overflow", frozenset(_attributes(labels))] = value
        elif not name.startswith("tool_duration"):
            name = name.removeprefix("tool_")
            key = f"exectrack.tool.{METRICS.get(name, name)}", frozenset(_attributes(labels))
            points[key] = value
    for name, tool in run.tools.items():
        _add_histograms(points, dict(_attributes([("tool", name)])), tool)
    return points


def _add_histograms(points, attributes, tool):
    of_outcomes = list(filter(None, tool.durations_us.values()))
    for outcome, durations_us in tool.durations_us.items():
        if durations_us:
            error = {"error.type": "_OTHER"} if outcome == "other" else {}
            limits = (min(durations_us) / 1e6, max(durations_us) / 1e6)
            key = "gen_ai.execute_tool.duration", frozenset({**attributes, **error}.items())
            points[key] = (exponential(durations_us), sum(durations_us) / 1e6,
                           *(limits if len(of_outcomes) == 1 else (None, None)))
