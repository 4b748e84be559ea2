"""Has the textfile collector of Prometheus's node exporter take an export."""
import re

import program
import server


SAMPLE = re.compile(r'^(exectrack_\w+)\{(.*)\} (\S+)$')
LABEL = re.compile(r'(\w+="(?:[^"\\]|\\.)*")')


def samples(text):
    """The samples of an export: values by names and labels, which may be in any order."""
    lines = text.decode().split("\n")
    return {(name, frozenset(LABEL.findall(labels))): float(value)
            for line in lines for name, labels, value in SAMPLE.findall(line)}


def check():
    path = program.find("prometheus-node-exporter")
    text = program.export("calls.run", "prometheus")

    def command(address, folder):
        (folder / "agent.prom").write_bytes(text)
        return [path, "--collector.disable-defaults", "--collector.textfile",
                f"--collector.textfile.directory={folder}", f"--web.listen-address={address}"]

    with server.Server(command) as exporter:
        exporter.wait_for("/metrics")
        served = exporter.request("/metrics")
    program.expect("errors", b"node_textfile_scrape_error 0\n" in served, True)
    program.expect("samples", samples(served), samples(text))
    return f"{len(samples(served))} samples"


program.main("prometheus-node-exporter", check)
