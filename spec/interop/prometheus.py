"""Has Prometheus scrape both formats, and compares what queries find with what was recorded."""
import pages
import program
import recorded
import server


def samples(prometheus, job):
    """All samples of a job, as recorded.prometheus has them, but for labels without a value, which are
    none to Prometheus."""
    read = {}
    all_of_job = f'{{job="{job}",__name__=~"exectrack_(tool|overflow)_.*"}}'
    for labels, value in prometheus.query(all_of_job).items():
        labels = dict(labels)
        name = labels.pop("__name__")
        del labels["job"], labels["instance"]
        if "le" in labels:
            labels["le"] = float(labels["le"])
        read[name, frozenset(labels.items())] = value
    return read


def without_empty(samples):
    return {(name, frozenset(pair for pair in labels if pair[1] != "")): value
            for (name, labels), value in samples.items()}


def compare_quantile(prometheus, job, run):
    """A quantile over all tools must be in the bucket of the duration that it estimates."""
    durations_us = sorted(us for tool in run.tools.values()
                          for list_us in tool.durations_us.values() for us in list_us)
    exact = durations_us[len(durations_us) * 9 // 10] / 1e6
    (found,) = prometheus.query("histogram_quantile(0.9, sum by (le) "
                                f'(exectrack_tool_duration_seconds_bucket{{job="{job}"}}))').values()
    upper = min(limit for limit in recorded.LIMITS if limit >= exact)
    if not upper / 2 <= found <= upper:
        raise AssertionError(f"{job}: the 90th percentile is {exact}, got {found}")


def check():
    path = program.find("prometheus")
    run = recorded.Run(program.RUNS / "calls.json")
    expected = {"prometheus": recorded.prometheus(run), "openmetrics": recorded.openmetrics(run)}
    exports = pages.Pages({f"/{name}": (program.export("calls.run", name), name)
                           for name in pages.TYPES})
    targets = {name: (exports.address, f"/{name}") for name in pages.TYPES}
    with server.Prometheus(path, targets, "500ms") as prometheus:
        prometheus.wait_for("/-/ready")
        server.wait_until("scrapes", lambda: prometheus.query("sum(up)") == {frozenset(): 2})
        for job in pages.TYPES:
            program.expect(job, samples(prometheus, job), without_empty(expected[job]))
            compare_quantile(prometheus, job, run)
    return " and ".join(f"{len(part)} samples of {job}" for job, part in expected.items())


program.main("prometheus", check)
