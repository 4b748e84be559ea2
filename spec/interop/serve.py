"""Has Prometheus scrape `exectrack serve` while runs are written, end, die, are cleared, and their files
go or are replaced. Its totals must be those of all calls, and never fall."""
import re
import shutil

import program
import server
from recorder import Recorder

INTERVAL = "300ms"
SCRAPES = 'sum_over_time(up{job="exectrack"}[10m])'
TOTAL = 'sum(exectrack_tool_executions_total{job="exectrack"})'
COUNTERS = '{job="exectrack",__name__=~"exectrack_.*(_total|_bucket|_count|_sum)"}'


class Scraped:
    """A Prometheus that scrapes `exectrack serve`."""

    def __init__(self, prometheus):
        self._prometheus = prometheus

    def value(self, query):
        """The one result of a query."""
        (value,) = self._prometheus.query(query).values()
        return value

    def wait_for(self, what, query, expected):
        """Waits until a query has one result, and that."""
        def holds():
            return list(self._prometheus.query(query).values()) == [expected]
        try:
            server.wait_until(what, holds)
        except AssertionError as late:
            raise AssertionError(f"{late}: {expected} expected, "
                                 f"got {self._prometheus.query(query)}") from late

    def wait_for_scrapes(self, count):
        """Waits until it has scraped so many times more. One may fail on a busy machine."""
        before = self.value(SCRAPES)
        server.wait_until("scrapes", lambda: self.value(SCRAPES) >= before + count)

    def stays(self, what, query, expected):
        """Fails unless a query has that result, and still after scrapes."""
        self.wait_for_scrapes(2)
        program.expect(what, list(self._prometheus.query(query).values()), [expected])

    def check_never_fell(self):
        """Fails if a counter fell. Returns how many samples it has looked at."""
        all_values = self._prometheus.query(COUNTERS + "[10m]")
        for labels, values in all_values.items():
            program.expect(f"values of {dict(labels)}", values, sorted(values))
        return sum(map(len, all_values.values()))


def follow_recorders(scraped, folder):
    """Records, and compares what is scraped after each step. Returns how many calls there were."""
    with Recorder(folder / "first.run") as first, Recorder(folder / "second.run") as second:
        first.tell("call 4")
        second.tell("start")
        scraped.wait_for("two recorders", TOTAL, 7)
        for total in range(17, 67, 10):
            second.tell("call 10")
            scraped.wait_for("a recorder that writes", TOTAL, total)
        scraped.wait_for("calls in flight", "sum(exectrack_tool_in_flight)", 1)
        first.close()
        second.kill()
        scraped.wait_for("calls in flight of a dead one", "sum(exectrack_tool_in_flight) or vector(0)", 0)
        scraped.wait_for("runs whose process died", 'exectrack_runs{state="died"}', 1)
        scraped.stays("runs that have ended", TOTAL, 57)
    shutil.copy(first.path, folder / "copy.run")
    scraped.stays("a run in two files", TOTAL, 57)
    for path in first.path, folder / "copy.run":
        path.unlink()
    scraped.stays("files that went", TOTAL, 57)
    second.path.unlink()
    with Recorder(second.path) as other:
        other.tell("call 3")
        scraped.wait_for("a file that was replaced", TOTAL, 60)
        other.tell("clear")
        scraped.stays("a run that was cleared", TOTAL, 60)
        other.tell("call 2")
        scraped.wait_for("calls after it was cleared", TOTAL, 62)
    return 62


def check_burst(scraped, folder):
    """The first calls of a tool that is new are in `increase`, as it was 0 first."""
    run = f"{folder}/burst.run"
    program.run(["lua5.4", "-e", f"""
        local tracker = require("exectrack").new()
        for _ = 1, 505 do tracker:record("burst", "success", 1) end
        assert(tracker:snapshot():save("{run}"))"""])
    of_burst = '{tool="burst",status="success"}'
    scraped.wait_for("a new tool", f"exectrack_tool_executions_total{of_burst}", 0)
    scraped.wait_for("a new tool's calls", f"exectrack_tool_executions_total{of_burst}", 505)
    scraped.wait_for_scrapes(2)
    increase = scraped.value(f"increase(exectrack_tool_executions_total{of_burst}[2m])")
    assert 500 < increase < 520, f"505 expected, got {increase}"


def command(address, folder):
    (folder / "runs").mkdir()
    with Recorder(folder / "runs" / "first.run") as first:  # of all tools, so that none is new
        first.tell("call 3")
        first.close()
    return ["bin/exectrack", "serve", str(folder / "runs"), "--listen", address]


def check_text(served, total):
    """A client that asks for nothing gets the text format, with the same numbers."""
    values = re.findall(r"^exectrack_tool_executions_total\{.*\} (\d+)$",
                        served.request("/metrics").decode(), re.MULTILINE)
    program.expect("the text format", sum(map(int, values)), total)


def check():
    path = program.find("prometheus")
    with server.Server(command) as served:
        served.wait_for("/metrics")
        targets = {"exectrack": (served.address, "/metrics")}
        with server.Prometheus(path, targets, INTERVAL) as prometheus:
            prometheus.wait_for("/-/ready")
            scraped = Scraped(prometheus)
            scraped.wait_for("the first scrape", 'up{job="exectrack"}', 1)
            calls = follow_recorders(scraped, served.folder / "runs")
            check_text(served, calls)
            check_burst(scraped, served.folder / "runs")
            samples = scraped.check_never_fell()
    return f"{calls} calls of 3 runs, a burst of a new tool, and {samples} samples of counters never fell"


program.main("prometheus and exectrack serve", check)
