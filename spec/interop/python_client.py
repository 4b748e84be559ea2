"""Has the two parsers of Prometheus's client for Python, which are references, read both formats."""
import program
import recorded


def samples(families):
    """What a parser has read, as recorded.prometheus has it."""
    read = {}
    for family in families:
        for sample in family.samples:
            labels = dict(sample.labels)
            if "le" in labels:
                labels["le"] = float(labels["le"])
            key = sample.name, frozenset(labels.items())
            if key in read:
                raise AssertionError(f"{key} is there twice")
            read[key] = sample.value
    build = [key for key in read if key[0].startswith("exectrack_build")]
    program.expect("build", [read.pop(key) for key in build], [1])
    return read


def check():
    try:
        from prometheus_client import parser
        from prometheus_client.openmetrics import parser as strict
    except ImportError as missing:
        raise program.Skipped("python3-prometheus-client isn't installed") from missing
    run = recorded.Run(program.RUNS / "calls.json")
    text = program.export("calls.run", "prometheus").decode()
    open_text = program.export("calls.run", "openmetrics").decode()
    expected, open_expected = recorded.prometheus(run), recorded.openmetrics(run)
    program.expect("prometheus", samples(parser.text_string_to_metric_families(text)), expected)
    program.expect("openmetrics", samples(strict.text_string_to_metric_families(open_text)),
                   open_expected)
    return f"{len(expected)} and {len(open_expected)} samples"


program.main("python3-prometheus-client", check)
