"""Computes the numbers of the built-in reports anew, from lists of executions.

Each line of standard input is a case, as spec/report_numbers_spec.lua writes it; each line of
standard output has what the reports are to say of it: by report and by the title of a section, the
fields of its rows, or None for a section that isn't there. Times are microseconds in the input. It
shares nothing with the module: groups are made by comparing all executions with all.
"""

import json
import math
import sys
from fractions import Fraction

MINUTE, HOUR, DAY = 60, 3600, 86400
STEPS = [1, 2, 5, 10, 15, 30,
         MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE,
         HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
         DAY, 2 * DAY, 7 * DAY, 14 * DAY, 28 * DAY]


def ms(us):
    return None if us is None else us / 1000


def seconds(us):
    return None if us is None else us / 1e6


def share(part, whole):
    return part / whole if whole else None


def least(values):
    return min(values, default=None)


def most(values):
    return max(values, default=None)


def quantile(values, percent):
    if not values:
        return None
    return sorted(values)[max(1, math.ceil(Fraction(percent, 100) * len(values))) - 1]


def is_failure(it):
    return it["status"] in ("failed", "timed_out")


def is_measured(it):
    return it["timing"] == "measured"


def start_us(it):
    return max(0, it["end_us"] - (it["duration_us"] or 0))


def count(its, passes):
    return sum(1 for it in its if passes(it))


def by(its, key):
    groups = {}
    for it in its:
        groups.setdefault(key(it), []).append(it)
    return groups


def add_own_times(its):
    """Adds own_us: the duration without the time that calls made within it cover."""
    dated = [it for it in its if it["end_us"] is not None]
    for it in its:
        it["children"] = []
    for it in dated:
        parents = [outer for outer in dated if outer["session"] == it["session"]
                   and outer["depth"] == it["depth"] - 1
                   and start_us(outer) <= start_us(it) and it["end_us"] <= outer["end_us"]]
        if len(parents) == 1:
            parents[0]["children"].append(it)
    for it in its:
        it["own_us"] = it["duration_us"]
        if it["duration_us"] is not None:
            edges = sorted({edge for child in it["children"]
                            for edge in (start_us(child), child["end_us"])})
            for left, right in zip(edges, edges[1:]):
                if any(start_us(child) <= left and right <= child["end_us"]
                       for child in it["children"]):
                    it["own_us"] -= right - left


def durations(its):
    return [it["duration_us"] for it in its if is_measured(it)]


def total_us(its, field):
    values = [it[field] for it in its if is_measured(it)]
    return sum(values) if values or not its else None


def error_rate(its):
    return share(count(its, is_failure), count(its, lambda it: it["status"] != "cancelled"))


def counts(its):
    return {status: count(its, lambda it: it["status"] == status)
            for status in ("failed", "timed_out", "cancelled")}


def ends(its):
    return [it["end_us"] for it in its if it["end_us"] is not None]


def figures(its):
    return {
        "count": len(its), **counts(its), "error_rate": error_rate(its),
        "cached_rate": share(count(its, lambda it: it["was_cached"]), len(its)),
        "p50_duration_ms": ms(quantile(durations(its), 50)),
        "p95_duration_ms": ms(quantile(durations(its), 95)),
        "max_duration_ms": ms(most(durations(its))),
    }


def is_nested(its):
    return any(it["own_us"] != it["duration_us"] for it in its)


def wall_us(its):
    dated = [it for it in its if it["end_us"] is not None]
    return most(ends(its)) - min(map(start_us, dated)) if dated else None


def waited_ms(its):
    waited = [it["own_us"] for it in its if it["timing"] == "elapsed"]
    return ms(sum(waited)) if waited else None


def totals(case, its):
    row = {
        **figures(its), "wall_ms": ms(wall_us(its)), "total_duration_ms": ms(total_us(its, "own_us")),
        "untimed": count(its, lambda it: it["timing"] == "untimed"), "elapsed": count(its, lambda it: it["timing"] == "elapsed"),
        "elapsed_ms": waited_ms(its) or 0,
    }
    everything = case["executions"]
    if len(everything) == len(its):
        return [{**row, "in_flight": len(case["in_flight"])}]
    lifetime = figures(everything)
    whole = {name: lifetime[name] for name in ("count", "failed", "timed_out", "cancelled",
                                               "error_rate", "cached_rate", "max_duration_ms")}
    waited = [it["duration_us"] for it in everything if it["timing"] == "elapsed"]
    return [{**whole, "total_at_most_ms": ms(total_us(everything, "duration_us")),
             "elapsed_at_most_ms": ms(sum(waited))}, row]


def overview_tools(case, its):
    rows = []
    flights = by(case["in_flight"], lambda flight: flight["tool"])
    groups = by(its, lambda it: it["tool"])
    for tool in {*groups, *flights}:
        group = groups.get(tool, [])
        waited = [it["duration_us"] for it in group if it["timing"] == "elapsed"]
        row = figures(group)
        if not group:
            row = {"count": 0}
        rows.append({"tool": tool, **row, "in_flight": len(flights.get(tool, [])) or None,
                     "total_duration_ms": ms(total_us(group, "duration_us")) if group else None,
                     "own_ms": ms(sum(it["own_us"] for it in group if is_measured(it)))
                     if is_nested(its) and durations(group) else None,
                     "waited_ms": ms(sum(waited)) if waited else None})
    return rows


def step_of(first, last):
    def fits(step):
        return math.floor(Fraction(last, 10**6) / step) - math.floor(
            Fraction(first, 10**6) / step) < 24
    return next(step for step in STEPS if fits(step))


def over_time(its, lines):
    """By label, the points: for each interval its start, and a value or None."""
    if not ends(its):
        return None
    step = step_of(min(ends(its)), max(ends(its)))
    groups = by([it for it in its if it["end_us"] is not None],
                lambda it: it["end_us"] // (step * 10**6) * step)
    if len(groups) == 1:
        return None
    times = range(min(groups), max(groups) + 1, step)
    return {label: [[time, value(groups[time]) if time in groups else None] for time in times]
            for label, value in lines.items()}


def streak_of(its):
    """The longest and the current streak of one tool, and its first and last failure."""
    streak, longest, last_end = [], [], 0
    for it in its:
        if it["status"] == "cancelled" or it["was_cached"]:
            continue
        if is_failure(it):
            streak = streak + [it]
            last_end = max(last_end, it["end_us"] or 0)
            longest = streak if len(streak) > len(longest) else longest
        elif it["end_us"] is None or start_us(it) >= last_end:
            streak = []
    return longest, streak


def failures(case, its):
    failed = [it for it in its if is_failure(it)]
    if not failed:
        return {"Totals": [], "By error type": None, "By tool": None, "Streaks": None,
                "Over time": None}
    types, tools, streaks = [], [], []
    for error_type, group in by(failed, lambda it: it["error_type"]).items():
        types.append({"error_type": error_type, "count": len(group),
                      "timed_out": counts(group)["timed_out"], "share": len(group) / len(failed),
                      "first_timestamp": seconds(least(ends(group))),
                      "last_timestamp": seconds(most(ends(group)))})
    for tool, group in by(its, lambda it: it["tool"]).items():
        if any(map(is_failure, group)):
            row = counts(group)
            tools.append({"tool": tool, "counted": len(group) - row.pop("cancelled"), **row,
                          "error_rate": error_rate(group)})
        longest, current = streak_of(group)
        if longest:
            streaks.append({"tool": tool, "longest": len(longest), "current": len(current),
                            "began": seconds(longest[0]["end_us"]),
                            "ended": seconds(longest[-1]["end_us"])})
    add_own_times(failed)
    row = counts(failed)
    total = {"failed": row["failed"], "timed_out": row["timed_out"], "error_rate": error_rate(its),
             "own_ms": ms(total_us(failed, "own_us")), "waited_ms": waited_ms(failed),
             "first_timestamp": seconds(least(ends(failed))),
             "last_timestamp": seconds(most(ends(failed)))}
    add_own_times(its)
    whole, recorded = [], case["executions"]
    if len(recorded) > len(its):
        row = counts(recorded)
        whole = [{"failed": row["failed"], "timed_out": row["timed_out"],
                  "error_rate": error_rate(recorded)}]
    return {"Totals": whole + [total], "By error type": types, "By tool": tools, "Streaks": streaks,
            "Over time": over_time(its, {"errors": error_rate})}


def quantiles(group):
    """The figures of how long these took, without their sum."""
    values = durations(group)
    return {"count": len(values), "max_duration_ms": ms(max(values)), **{
        "p%d_duration_ms" % percent: ms(quantile(values, percent))
        for percent in (50, 90, 95, 99)}}


def latency(its):
    timed = [it for it in its
             if not it["was_cached"] and it["status"] != "cancelled" and is_measured(it)]
    rows = []
    for tool, group in by(timed, lambda it: it["tool"]).items():
        values = durations(group)
        rows.append({"tool": tool, "min_duration_ms": ms(min(values)), **quantiles(group),
                     "total_duration_ms": ms(sum(values)),
                     "avg_duration_ms": float(Fraction(sum(values), 1000 * len(values)))})
    together = [quantiles(timed)] if len(rows) > 1 else None
    return {"By tool": rows or [], "All tools together": together, "Over time": over_time(timed, {
        "p%d" % percent: lambda group, percent=percent: ms(quantile(durations(group), percent))
        for percent in (50, 95)})}


def identity(it):
    """What an execution's result is: None if it isn't known."""
    result = (is_failure(it), it["error_type"] if is_failure(it) else None, it["result_hash"])
    return result if result[1] is not None or result[2] is not None else None


def lengths_in_a_row(calls, its):
    """The most of `calls` in a row among those of the session and the tool, and up to the last."""
    longest = current = 0
    for it in its:
        current = current + 1 if any(it is call for call in calls) else 0
        longest = max(longest, current)
    return longest, current


def repeated_calls(its):
    rows = []
    for (tool, session), group in by(its, lambda it: (it["tool"], it["session"])).items():
        for (args, result), calls in by(group, lambda it: (it["args_hash"], identity(it))).items():
            if args == 0 or result is None or len(calls) < 2:
                continue
            asked = [it for it in calls if not it["was_cached"]]
            own = [it["own_us"] for it in asked if is_measured(it)]
            dated = all(it["end_us"] is not None for it in calls)
            longest, current = lengths_in_a_row(calls, group)
            rows.append({
                "tool": tool, "session": session, "args_hash": args,
                "first_index": its.index(calls[0]) + 1, "count": len(calls),
                "in_a_row": longest, "current": current if current > 1 else None,
                "cached_hits": len(calls) - len(asked), "failures": count(calls, is_failure),
                "again_us": sum(own) - max(own, default=0), "knows_time": len(own) > 1 or len(own) == len(asked),
                "first": seconds(least(ends(calls))) if dated else None,
                "last": seconds(most(ends(calls))) if dated else None})
    return rows


def count_unsure(its):
    """The executions with the arguments of an earlier one, whose result isn't known."""
    seen, unsure = set(), 0
    for it in its:
        call = (it["session"], it["tool"], it["args_hash"])
        unsure += call in seen and identity(it) is None
        if it["args_hash"] != 0:
            seen.add(call)
    return unsure


def sums_of_repeats(rows):
    knows_time = any(row["knows_time"] for row in rows)
    return {"repeats": sum(row["count"] - 1 for row in rows),
            "again_ms": ms(sum(row["again_us"] for row in rows)) if knows_time else None}


def loops(its):
    rows = repeated_calls(its)
    compared = by([it for it in its if it["args_hash"] != 0], lambda it: it["tool"])
    total_count, unsure = sum(map(len, compared.values())), count_unsure(its)
    if not rows:
        return {"Totals": [], "Repeated calls": None, "By tool": None}
    total = sums_of_repeats(rows)
    own = ms(total_us(its, "own_us"))
    tools = []
    for tool, group in by(rows, lambda row: row["tool"]).items():
        row = sums_of_repeats(group)
        tools.append({"tool": tool, "compared": len(compared[tool]), **row,
                      "share": row["repeats"] / len(compared[tool])})
    listed = []
    for row in rows:
        again_us, knows_time = row.pop("again_us"), row.pop("knows_time")
        listed.append({**row, "again_ms": ms(again_us) if knows_time else None})
    return {"Totals": [{"compared": total_count, **total,
                        "different": total_count - total["repeats"] - unsure,
                        "unsure": unsure or None,
                        "share": share(total["again_ms"], own)
                        if total["again_ms"] is not None else None}],
            "Repeated calls": listed, "By tool": tools}


def mark_outliers(rows):
    for row in rows:
        row["marks"] = []
    for field, floor, mark in (("count", 10, "more calls"), ("failures", 3, "more failures"),
                               ("loops", 1, "loops")):
        middle = quantile([row[field] for row in rows], 50)
        spread = quantile([abs(row[field] - middle) for row in rows], 50)
        for row in rows:
            if len(rows) >= 5 and row[field] >= floor and row[field] > 2 * middle \
                    and row[field] > middle + 3 * 1.4826 * spread:
                row["marks"].append(mark)
    for row in rows:
        row["mark_count"] = len(row["marks"])
        row["marks"] = ", ".join(row["marks"]) or None


def session_row(case, session, group, flights, loop_count):
    starts = [start_us(it) for it in group if it["end_us"] is not None]
    starts += [flight["started_us"] for flight in flights]
    finish = most(ends(group) + [case["taken_us"] for _ in flights])
    latest = None
    for it in group:
        if latest is None or (it["end_us"] or 0) >= (latest["end_us"] or 0):
            latest = it
    tools = by(group, lambda it: it["tool"])
    return {
        "session": session, "count": len(group), "failures": count(group, is_failure),
        "loops": loop_count, "in_flight": len(flights) or None,
        "ended": "in flight" if flights else latest["status"],
        "tool": min(tools, key=lambda tool: (-len(tools[tool]), tool), default=None),
        "total_duration_ms": ms(total_us(group, "own_us")) if group else None,
        "waited_ms": waited_ms(group),
        "started": seconds(least(starts)), "last_timestamp": seconds(most(ends(group))),
        "length_ms": ms(finish - min(starts)) if starts else None,
    }


def sessions(case, its):
    groups = by(its, lambda it: it["session"])
    flights = by(case["in_flight"], lambda flight: flight["session"])
    repeated = by([row for row in repeated_calls(its) if row["in_a_row"] >= 3],
                  lambda row: row["session"])
    rows = [session_row(case, session, groups.get(session, []), flights.get(session, []),
                        len(repeated.get(session, [])))
            for session in {*groups, *flights} - {None}]
    if not rows:
        return {"Totals": [], "Sessions": None}
    mark_outliers(rows)
    known = [row["length_ms"] for row in rows if row["length_ms"] is not None]
    return {"Sessions": rows, "Totals": [{
        "sessions": len(rows), "failing": count(rows, lambda row: row["failures"]),
        "looping": count(rows, lambda row: row["loops"]),
        "in_flight": count(rows, lambda row: row["in_flight"]),
        "outliers": count(rows, lambda row: row["marks"]),
        "calls": quantile([row["count"] for row in rows], 50),
        "length_ms": quantile(known, 50)}]}


def compare(before, after):
    timed, failing = [], []
    runs = {"before": by(before, lambda it: it["tool"]), "after": by(after, lambda it: it["tool"])}
    for tool in {*runs["before"], *runs["after"]}:
        row, rates = {"tool": tool}, {"tool": tool}
        for side, groups in runs.items():
            group = groups.get(tool, [])
            values = durations([it for it in group
                                if it["status"] == "success" and not it["was_cached"]])
            row[side + "_count"] = len(values)
            row[side + "_p50_ms"] = ms(quantile(values, 50))
            row[side + "_p95_ms"] = ms(quantile(values, 95))
            rates[side + "_count"] = count(group, lambda it: it["status"] != "cancelled")
            rates[side + "_rate"] = error_rate(group)
        timed.append(row)
        if any(is_failure(it) for groups in runs.values() for it in groups.get(tool, [])):
            failing.append(rates)
    return {"Durations by tool": timed, "Failures by tool": failing}


def policy(its):
    denied = [it for it in its if it["args_hash"] % 2 == 1]
    successes = count(denied, lambda it: it["status"] == "success")
    return {"Totals": [{
        "executions": len(its), "denied": len(denied), "warned": 0,
        "failures_avoided": count(denied, is_failure), "successes_lost": successes,
        "time_saved_ms": ms(total_us(denied, "duration_us"))}]}


def answer(case):
    its = case["executions"][-case["retained"]:]
    before = case["before"]
    add_own_times(its)
    return {
        "overview": {"Totals": totals(case, its), "By tool": overview_tools(case, its)},
        "failures": failures(case, its), "latency": latency(its), "loops": loops(its),
        "sessions": sessions(case, its), "compare": compare(before, its), "policy": policy(its),
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
