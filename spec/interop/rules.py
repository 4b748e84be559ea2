"""Has promtool check the rules of examples/prometheus, and test them with rules_test.yml."""
import pathlib
import shutil
import tempfile

import program

RULES = pathlib.Path("examples/prometheus/exectrack.rules.yml")
TESTS = pathlib.Path("spec/interop/rules_test.yml")


def check():
    promtool = program.find("promtool")
    program.run([promtool, "check", "rules", str(RULES)])
    with tempfile.TemporaryDirectory() as folder:  # a test names its rules by a path beside it
        for file in RULES, TESTS:
            shutil.copy(file, folder)
        program.run([promtool, "test", "rules", f"{folder}/{TESTS.name}"])
    return "recording rules and alerts"


program.main("rules", check)
