"""Opens the pages of `exectrack serve` in a headless Chromium.

    python3 spec/browser/serve.py FOLDER

FOLDER has saved runs. Prints a line for each check, and exits with 1 if any failed.
"""
import http.server
import pathlib
import subprocess
import sys
import threading

from browser import Browser, BrowserError
from check import Report

SECONDS = 120
ROOT = pathlib.Path(__file__).resolve().parents[2]

FIRST_LINK = "document.querySelector('td a').href"
LINKS = "Array.from(document.querySelectorAll('td a'), a => a.textContent)"
NOT_LET_IN = "Open the address that exectrack serve printed at its start"

# What a page of another site can learn: whether a frame has a page, and what fetch says.
FROM_ELSEWHERE = """
(async function (address) {
  const outcomes = [];
  for (const path of ["/", "/metrics"]) {
    try {
      await fetch(address + path, {credentials: "include"});
      outcomes.push("read");
    } catch (error) {
      outcomes.push("not read");
    }
  }
  return outcomes;
})("%s")
"""


class Served:
    """An `exectrack serve`, which ends with the `with` block."""

    def __enter__(self):
        self._process = subprocess.Popen(
            ["lua5.4", str(ROOT / "bin/exectrack"), "serve", sys.argv[1], "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        self._process.stdout.readline()
        self.url = self._process.stdout.readline().split()[1]
        self.address = self.url.split("/?")[0]
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A page of another site."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!DOCTYPE html><title>elsewhere</title>")

    def log_message(self, *_):
        pass


def unless(holds, problem):
    return [] if holds else [problem]


def complaints(page):
    """What the browser says of a page, such as what its security policy has kept from it."""
    return [entry["entry"]["text"] for entry in page.happened("Log.entryAdded")]


def check_without_token(page, report, served):
    page.load(served.address + "/")
    report.check("shows nothing without the token", unless(
        NOT_LET_IN in page.evaluate("document.body.innerText"), "it lets in anybody"))


def check_pages(page, report, served):
    page.load(served.url)
    report.check("has the token leave the address", unless(
        page.evaluate("location.href") == served.address + "/", page.evaluate("location.href")))
    report.check("keeps the token from scripts", unless(
        page.evaluate("document.cookie") == "", page.evaluate("document.cookie")))
    names = page.evaluate(LINKS)
    report.check("lists the runs", unless(
        [name.rpartition("/")[2] for name in names[::5]] == ["after.run (after)", "before.run (before)"],
        str(names)) + complaints(page))
    link = page.evaluate(FIRST_LINK)
    page.load(link)
    page.evaluate("document.querySelector('th button').click()")
    report.check("shows a report, whose tables can be sorted", unless(
        page.evaluate("document.querySelector('th[aria-sort]') !== null"), "nothing is sorted")
        + unless(page.evaluate("document.title") == "after", page.evaluate("document.title"))
        + complaints(page))


def check_elsewhere(page, report, served):
    """Pages of other sites, in the same browser, get nothing of it."""
    elsewhere = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
    page.load(f"http://localhost:{elsewhere.server_port}/")
    outcomes = page.evaluate(FROM_ELSEWHERE % served.address)
    report.check("is read by no other site", unless(outcomes == ["not read"] * 2, str(outcomes)))
    elsewhere.shutdown()


def main():
    report = Report()
    try:
        with Served() as served, Browser(SECONDS) as browser:
            check_without_token(browser.open_page(), report, served)
            page = browser.open_page()
            check_pages(page, report, served)
            check_elsewhere(page, report, served)
    except BrowserError as error:
        print(f"not ok - {error}")
        return 1
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
