"""Drives examples/nginx in an nginx of its own, and checks its page of totals: they are exact, and no
reading is below the one before.

    python3 spec/hosts/nginx.py CHECKOUT MODULE

MODULE is the folder in which LuaJIT finds exectrack/core.so.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SECONDS = 20


def poll(what, attempt):
    """Returns the first result of `attempt` that isn't false, or fails after SECONDS."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        result = attempt()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError("timed out: " + what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """nginx with the example, in a temporary folder."""

    def __init__(self, checkout, module, folder):
        self.folder = folder
        self.port = free_port()
        example = checkout / "examples/nginx"
        shutil.copytree(example / "lua", folder / "lua")
        config = (example / "nginx.conf").read_text()
        for pattern, text in [
            # With a socket for each worker, both get requests.
            ("listen 127.0.0.1:8080", f"listen 127.0.0.1:{self.port} reuseport"),
            ('/lua/\\?.lua;;";', f'/lua/?.lua;{checkout}/lua/?.lua;{checkout}/lua/?/init.lua;;";\n'
                                 f'  lua_package_cpath "{module}/?.so;;";'),
            ("totals 1m", "totals 64k"), # which `fill` makes full
            ("location = /ask", f"include {checkout}/spec/hosts/nginx_locations.conf;\n"
                                "    location = /ask"),
        ]:
            config, count = re.subn(pattern, text, config)
            assert count == 1, pattern
        if os.getuid() == 0:
            config = "user root;\n" + config
        (folder / "nginx.conf").write_text(config)
        self.command()
        self.totals = {}

    def command(self, *arguments):
        subprocess.run(["nginx", "-p", f"{self.folder}/", "-e", "error.log", "-c", "nginx.conf",
                        *arguments], check=True)

    def get(self, path):
        """Returns the body and the worker that answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            reply = connection.getresponse()
            return reply.read().decode(), int(reply.headers["Worker"])
        finally:
            connection.close()

    def begin(self, path):
        """Returns a connection on which a tool has started."""
        connection = socket.create_connection(("127.0.0.1", self.port), SECONDS)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                           "Connection: close\r\n\r\n".encode())
        received = b""
        while b"started" not in received:
            received += connection.recv(4096)
        return connection

    def read_totals(self):
        """Reads the page of totals: no number on it may be below that of the last reading."""
        totals = json.loads(self.get("/totals")[0])
        for tool, fields in self.totals.items():
            for field, number in fields.items():
                got = totals.get(tool, {}).get(field, 0)
                assert got >= number, f"{field} of {tool} fell from {number} to {got}"
        self.totals = totals
        return totals

    def expect(self, expected):
        """Waits until the totals are `expected`, by tool and field, but for durations."""
        def counts():
            return {tool: {field: number for field, number in fields.items()
                           if field != "duration_us"}
                    for tool, fields in self.read_totals().items()}
        try:
            poll("totals", lambda: counts() == expected)
        except AssertionError as error:
            raise AssertionError(f"expected {expected}, got {counts()}") from error

    def workers(self):
        """The two workers, when both have answered."""
        seen = set()
        poll("two workers", lambda: seen.add(self.get("/in_flight")[1]) or len(seen) == 2)
        return seen

    def await_workers_without(self, gone):
        """Waits until the workers `gone` have ended and two others answer."""
        poll("workers to end", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in gone))
        return self.workers()

    def await_nothing_in_flight(self):
        """Waits until both workers have answered that nothing is in flight."""
        idle = set()
        def ask():
            count, worker = self.get("/in_flight")
            if count == "0\n":
                idle.add(worker)
            return len(idle) == 2
        poll("nothing in flight", ask)


def count_requests(server, expected):
    for i in range(40):
        server.get(f"/ask?q=word{i}")
    for _ in range(4):
        server.get("/ask")
    server.get("/look_up_again")
    expected["look_up"] = {"success": 43, "failed": 4, "denied": 2}
    server.expect(expected)
    assert server.totals["look_up"]["duration_us"] >= 44 * 1000


def abort_requests(server, expected):
    for _ in range(6):
        server.begin("/sleep").close()
    for _ in range(3):
        server.get("/exit")
    for _ in range(3):
        assert server.get("/kill")[0] == "1\n"
    for tool, count in {"sleep": 6, "exit": 3, "kill": 3}.items():
        expected[tool] = {"cancelled": count}
    server.expect(expected)
    server.await_nothing_in_flight()


def clear(server, expected):
    recorded = 0
    for path in "/clear", "/clear_tracker":
        cleared = set()
        while len(cleared) < 2:
            cleared.add(server.get(path)[1])
            recorded += 2
        expected["outside"] = {"success": recorded}
        server.expect(expected)


def reload(server, expected):
    before = server.workers()
    connection = server.begin("/wait")
    server.command("-s", "reload")
    poll("a new worker", lambda: server.get("/in_flight")[1] not in before)
    server.read_totals()
    (server.folder / "go").touch()
    with connection:
        assert connection.makefile("rb").read().endswith(b"0\r\n\r\n")
    expected["wait"] = {"success": 1}
    server.expect(expected)
    assert not server.await_workers_without(before) & before
    server.expect(expected)


def end_worker(server, expected):
    leaving = server.get("/outside")[1]
    os.kill(leaving, signal.SIGTERM)
    expected["outside"]["success"] += 1
    server.await_workers_without({leaving})
    server.expect(expected)
    killed = server.get("/ask?q=last")[1]
    expected["look_up"]["success"] += 1
    server.expect(expected)
    os.kill(killed, signal.SIGKILL)
    server.await_workers_without({killed})
    server.expect(expected)


def fill(server, expected):
    """Records more tools than the dictionary has room for."""
    server.get("/fill")
    poll("new tools", lambda: len(server.read_totals()) > 100)
    assert len(server.totals) < 500
    for tool, fields in expected.items():
        assert fields.items() <= server.totals[tool].items(), server.totals[tool]


def check_runs(checkout, folder):
    """Each worker has left a file: the one that was killed with all that it had recorded."""
    subprocess.run(["lua5.4", checkout / "spec/hosts/nginx_runs.lua", *(folder / "runs").iterdir()],
                   check=True)


def check_log(path):
    """There must be nothing in the log but that a worker was killed."""
    problems = re.findall(r".*\[(?:warn|error|crit|alert|emerg)\].*", path.read_text())
    assert len(problems) == 1 and "exited on signal 9" in problems[0], "\n".join(problems)


def main():
    checkout, module = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Server(checkout, module, folder)
        pid = folder / "nginx.pid"
        master = int(poll("nginx", lambda: pid.exists() and pid.read_text()))
        expected = {}
        try:
            for step in count_requests, abort_requests, clear, reload, end_worker, fill:
                step(server, expected)
        except BaseException:
            print((folder / "error.log").read_text(), file=sys.stderr)
            raise
        finally:
            os.kill(master, signal.SIGTERM)
            poll("nginx to end", lambda: not os.path.exists(f"/proc/{master}"))
        check_log(folder / "error.log")
        check_runs(checkout, folder)
    print("nginx: totals exact and never below, through aborts, clear, a reload and workers' ends")


main()
