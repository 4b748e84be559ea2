"""Servers that tests start: they end with the `with` block, also if a test fails."""
import json
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

PAUSE_S = 0.05
LONGEST_S = 120


def wait_until(what, condition):
    """Calls `condition` until it returns something true, and returns that. Until then the server may
    not answer."""
    deadline, problem = time.monotonic() + LONGEST_S, None
    while time.monotonic() < deadline:
        try:
            result = condition()
            if result:
                return result
        except OSError as error:
            problem = error
        time.sleep(PAUSE_S)
    raise AssertionError(f"{what}: not within {LONGEST_S} s" + (f": {problem}" if problem else ""))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """A program that serves on a free port of this machine.

    `command` is a function of its address, such as `127.0.0.1:1234`, and of a folder for its files.
    """

    def __init__(self, command):
        self.address = f"127.0.0.1:{free_port()}"
        self._command = command

    def __enter__(self):
        self._files = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._files.name)
        self._log = self.folder / "log"
        command = self._command(self.address, self.folder)
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._files.cleanup()

    def log(self):
        """What it has written."""
        return self._log.read_text(errors="replace")

    def request(self, path, body=None, **headers):
        """The bytes of an answer to a GET, or a POST if there is a body."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(f"http://{self.address}{path}", body, headers)
        with urllib.request.urlopen(request, timeout=LONGEST_S) as answer:
            return answer.read()

    def wait_for(self, path):
        """Waits until there is an answer."""
        def answers():
            if self._process.poll() is not None:
                raise AssertionError("the server ended: " + self.log()[-2000:])
            return self.request(path) is not None
        wait_until(f"an answer of http://{self.address}{path}", answers)


class Prometheus(Server):
    """A Prometheus, which scrapes `targets`: by the name of a job, its address and path."""

    def __init__(self, program, targets, interval="1s", *options):
        super().__init__(lambda address, folder: [
            program, f"--config.file={self._write_config(folder, targets, interval)}",
            f"--storage.tsdb.path={folder}/data", f"--web.listen-address={address}",
            "--log.level=warn", *options])

    @staticmethod
    def _write_config(folder, targets, interval):
        jobs = [{"job_name": job, "metrics_path": path, "scrape_interval": interval,
                 "scrape_timeout": interval, "static_configs": [{"targets": [address]}]}
                for job, (address, path) in targets.items()]
        config = folder / "prometheus.yml"
        config.write_text(json.dumps({"scrape_configs": jobs}))  # which is YAML, too
        return config

    def query(self, text):
        """The results: by labels, a frozen set of pairs, the value, or the values of a range."""
        answer = json.loads(self.request(
            "/api/v1/query?" + urllib.parse.urlencode({"query": text})))
        return {frozenset(result["metric"].items()):
                float(result["value"][1]) if "value" in result
                else [float(value) for _, value in result["values"]]
                for result in answer["data"]["result"]}
