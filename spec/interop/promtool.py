"""Has promtool, which is part of Prometheus, look at the text format. It must find nothing to say."""
import subprocess

import program


def check():
    promtool = program.find("promtool")
    runs = "calls.run", "newest.run", "empty.run"
    for name in runs:
        result = subprocess.run([promtool, "check", "metrics"], capture_output=True,
                                input=program.export(name, "prometheus"))
        program.expect(name, (result.returncode, result.stdout + result.stderr), (0, b""))
    return f"nothing to say about {len(runs)} runs"


program.main("promtool", check)
