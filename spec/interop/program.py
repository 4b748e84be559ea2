"""What the tests of exports by other programs have in common: how each says what it found, and how it
gets an export. They run in the folder of a checkout, with these variables of the environment:

RUNS      the folder of the runs that write_runs.lua saved, and of what is to be found in them
INTEROP   the folder of what was downloaded: `node_modules`, and `debian`, the files of a newer Debian
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys

RUNS = pathlib.Path(os.environ["RUNS"])
DEBIAN = pathlib.Path(os.environ["INTEROP"]) / "debian"
MODULES = pathlib.Path(os.environ["INTEROP"]) / "node_modules"
MOST_SHOWN = 5  # differences between tables
MOST_TEXT = 500  # characters of a value


class Skipped(Exception):
    """A program can't be had; the text says why."""


def main(name, check):
    """Runs `check`, which returns a text that says what was compared, and prints a line. Ends the
    process, with an error if the check fails."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that servers end
    try:
        print(f"{name}: ok: {check()}")
    except Skipped as why:
        print(f"{name}: skipped: {why}")
    except Exception as problem:  # whatever it is
        sys.exit(f"{name}: failed: {type(problem).__name__}: {problem}")


def find(command, folder=None):
    """The path of a program, in this folder or where the system's programs are."""
    path = shutil.which(command, path=folder)
    if not path:
        raise Skipped(f"{command} isn't " + (f"in {folder}" if folder else "installed"))
    return path


def need_modules(*names):
    """Makes sure that npm has installed these modules, and that there is a Node.js."""
    missing = [name for name in names if not (MODULES / name).exists()]
    if missing:
        raise Skipped("npm hasn't installed " + ", ".join(missing))
    return find("node")


def run(command, **options):
    """What a command writes to its standard output. It must succeed."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command[0]} ended with {result.returncode}: "
                             + (result.stderr or result.stdout).decode()[-2000:])
    return result.stdout


def export(name, *options):
    """What `exectrack export` writes of a run."""
    return run(["bin/exectrack", "export", str(RUNS / name), "--to", *options])


def shortened(value):
    return " ".join(str(value).split())[:MOST_TEXT]


def differences(found, expected):
    """What of two dictionaries differs, as lines."""
    for key in expected.keys() | found.keys():
        if key not in found or key not in expected or found[key] != expected[key]:
            yield (f"\n  {shortened(key)}: {shortened(expected.get(key))} expected, "
                   f"got {shortened(found.get(key))}")


def expect(what, found, expected):
    """Raises an error unless both are the same."""
    if found == expected:
        return
    if isinstance(found, dict) and isinstance(expected, dict):
        lines = sorted(differences(found, expected))
        raise AssertionError(f"{what}: {len(lines)} differ" + "".join(lines[:MOST_SHOWN]))
    raise AssertionError(f"{what}: {shortened(expected)} expected, got {shortened(found)}")
