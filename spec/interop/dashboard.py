"""Runs each query of examples/grafana/exectrack.json in a Prometheus that has scraped a run of
dashboard.lua twice, from two processes. Between the scrapes everything has happened once more, so all
counters have grown by the same factor, and ratios of them are exact.
"""
import collections
import json
import math
import pathlib
import re
import tempfile
import urllib.parse

import pages
import program
import server

DASHBOARD = pathlib.Path("examples/grafana/exectrack.json")
JOBS = ["agents", "servers"]
PLACES = 9  # of numbers that are compared

# What Grafana puts in the place of variables, if all is chosen.
VARIABLES = {"job": ".*", "instance": ".*", "tool": ".*", "measure": "cost", "__range": "5m",
             "__rate_interval": "5m"}
# The end of each selector in a query, and of one of runs.
SELECTOR = 'job=~"$job",instance=~"$instance",tool=~"$tool"}'
OF_RUNS = 'job=~"$job",instance=~"$instance"}'

# What only `exectrack serve` adds to an export.
RUNS = b"".join(b'exectrack_runs{state="%s"} %d\n' % pair
                for pair in ((b"closed", 9), (b"died", 2), (b"live", 3), (b"saved", 5)))
LIMITS = [2.0 ** exponent for exponent in range(-10, 10)] + [math.inf]

Call = collections.namedtuple("Call", "tool status was_cached seconds cost")


def read_call(line):
    tool, status, was_cached, ms, cost = line.split()
    return Call(tool, status, was_cached == "true", float(ms) / 1000, float(cost))


def make_run(folder):
    """Writes the exports of dashboard.lua. Returns what happened once."""
    lines = program.run(["lua5.4", "spec/interop/dashboard.lua", str(folder)]).decode().splitlines()
    return [read_call(line) for line in lines]


def interpolate(text):
    return re.sub(r"\$(\w+)", lambda variable: VARIABLES[variable[1]], text)


def by_tool(calls):
    tools = {}
    for call in calls:
        tools.setdefault(call.tool, []).append(call)
    return tools


def errors(calls):
    ran = [call for call in calls if call.status != "cancelled"]
    return sum(call.status != "success" for call in ran) / len(ran)


def cached(calls):
    return sum(call.was_cached for call in calls) / len(calls)


def streak(calls):
    """Failures in a row at the end of what ran."""
    ran = [call.status for call in calls if not call.was_cached and call.status != "cancelled"]
    successes = [i for i, status in enumerate(ran) if status == "success"]
    return len(ran) - 1 - max(successes, default=-1)


def of_tools(calls, value):
    return {(tool,): value(some) for tool, some in by_tool(calls).items()}


def cost(calls):
    return sum(call.cost for call in calls)


def share_expected(calls):
    """What is found as it is: of each panel, the values by those of their labels."""
    return {
        "Error share": {(): errors(calls)},
        "Error share by tool": of_tools(calls, errors),
        "Cache share": {(): cached(calls)},
        "Cache share by tool": of_tools(calls, cached),
        "In flight": {(): 3 * len(JOBS)},
        "In flight by tool": {("ask_model",): 2 * len(JOBS), ("search",): len(JOBS),
                              ("read_file",): 0, ("fetch",): 0},
        "Failure streak by tool": of_tools(calls, streak),
    }


def rates_expected(calls):
    """What is found in relation to the rate of all calls."""
    total = len(calls)
    buckets = {(server_text(limit),): sum(call.seconds <= limit for call in calls) / total
               for limit in LIMITS}
    return {
        "Calls a second": {(): 1},
        "Calls a second by tool": of_tools(calls, lambda some: len(some) / total),
        "Durations": buckets,
        "Denials a second": {("fetch", "offline"): 2 / total},
        "Sum of $measure": {("USD",): cost(calls) / total * 300},  # in the 5 minutes
        "$measure an hour by tool": {(*tool, "USD"): value / total * 3600
                                     for tool, value in of_tools(calls, cost).items()},
    }


def server_text(limit):
    """A limit as Prometheus writes it."""
    return "+Inf" if limit == math.inf else f"{limit:.17g}".rstrip("0").rstrip(".")


def limits_expected(calls):
    """Of each panel with a quantile, the bucket that it must be in."""
    def bucket(some, quantile):
        exact = sorted(call.seconds for call in some)[math.ceil(quantile * len(some) - 1e-9) - 1]
        return next(limit for limit in LIMITS if exact <= limit)
    quantiles = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    panels = {f"{name} by tool": of_tools(calls, lambda some, q=quantile: bucket(some, q))
              for name, quantile in quantiles.items()}
    return {"p95": {(): bucket(calls, 0.95)}, **panels}


def rounded(values):
    return {labels: round(value, PLACES) for labels, value in values.items()}


class Checks:
    def __init__(self, prometheus, dashboard, calls):
        self.prometheus, self.calls = prometheus, calls
        self.queries = {panel["title"]: panel["targets"][0]["expr"] for panel in dashboard["panels"]}

    def query(self, text):
        """The values by those of the labels, in the order of the legends."""
        order = ["tool", "reason", "unit", "le", "state"]
        return {tuple(value for _, value in sorted(labels, key=lambda pair: order.index(pair[0]))):
                value for labels, value in self.prometheus.query(interpolate(text)).items()}

    def shares(self):
        expected = share_expected(self.calls)
        for title, values in expected.items():
            program.expect(title, rounded(self.query(self.queries[title])), rounded(values))
        return expected

    def rates(self):
        """At one moment, as rates fall until the next scrape."""
        expected = rates_expected(self.calls)
        for title, values in expected.items():
            text = f"({self.queries[title]}) / scalar({self.queries['Calls a second']})"
            program.expect(title, rounded(self.query(text)), rounded(values))
        (rate,) = self.query(self.queries["Calls a second"]).values()
        least = len(JOBS) * len(self.calls) / 300
        assert least <= rate <= 3 * least, f"calls a second: {least} expected, got {rate}"
        return expected

    def quantiles(self):
        expected = limits_expected(self.calls)
        for title, limits in expected.items():
            found = self.query(self.queries[title])
            upper = {labels: next(limit for limit in LIMITS if value <= limit)
                     for labels, value in found.items()}
            program.expect(title, upper, limits)
        return expected

    def runs(self):
        expected = {"Agents by state": {("died",): 2 * len(JOBS), ("live",): 3 * len(JOBS)}}
        for title, values in expected.items():
            program.expect(title, self.query(self.queries[title]), values)
        return expected

    def selectors(self):
        for title, text in self.queries.items():
            end = OF_RUNS if "exectrack_runs" in text else SELECTOR
            ends = [text[i + 1 - len(end):i + 1] for i, c in enumerate(text) if c == "}"]
            program.expect(f"selectors of {title}", set(ends), {end})

    def variables(self, dashboard):
        expected = {"job": JOBS, "tool": sorted(by_tool(self.calls)), "measure": ["cost", "tokens"]}
        for variable in dashboard["templating"]["list"]:
            if variable["type"] != "query":
                continue
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]).groups()
            path = f"/api/v1/label/{label}/values?" + urllib.parse.urlencode(
                {"match[]": interpolate(selector)})
            found = json.loads(self.prometheus.request(path))["data"]
            assert found, f"variable {variable['name']}: no values"
            program.expect(variable["name"], found, expected.get(variable["name"], found))


def scrape_twice(prometheus, exports, folder):
    prometheus.wait_for("/-/ready")
    everywhere = {frozenset(): len(JOBS)}
    for stage, scraped in ("1", "count_over_time(up[5m])"), ("2", "exectrack_tool_in_flight"):
        exports.pages["/metrics"] = (folder / stage).read_bytes() + RUNS, "prometheus"
        condition = f"count(max by (job) ({scraped}) >= 2)"
        server.wait_until("scrapes", lambda: prometheus.query(condition) == everywhere)


def check():
    path = program.find("prometheus")
    dashboard = json.loads(DASHBOARD.read_text())
    with tempfile.TemporaryDirectory() as folder:
        calls = make_run(pathlib.Path(folder))
        exports = pages.Pages({"/metrics": (b"", "prometheus")})
        targets = {job: (exports.address, "/metrics") for job in JOBS}
        with server.Prometheus(path, targets, "500ms") as prometheus:
            scrape_twice(prometheus, exports, pathlib.Path(folder))
            checks = Checks(prometheus, dashboard, calls)
            done = {**checks.shares(), **checks.rates(), **checks.quantiles(), **checks.runs()}
            checks.selectors()
            checks.variables(dashboard)
    program.expect("panels", set(checks.queries), set(done))
    return f"{len(done)} panels"


if __name__ == "__main__":
    program.main("dashboard", check)
