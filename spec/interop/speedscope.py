"""Opens trace events and folded stacks in speedscope, in a headless Chromium:

    speedscope.py SPEEDSCOPE DIRECTORY

SPEEDSCOPE is the folder of the package, DIRECTORY that of the exports.
"""

import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "browser"))
from browser import Browser  # noqa: E402

# Of each file: as what speedscope reads it, and what it shows above the first profile.
FILES = {
    "nested.trace.json": (
        "Importing as Trace Event Format profile", "interop (pid 1), calls 1 (tid 1) (1/3)"),
    "nested.folded": ("Importing as collapsed stack format", "nested.folded"),
}


def console(page):
    """What the page wrote to its console, as pairs of a kind and a text."""
    lines = []
    for event in page.happened("Runtime.consoleAPICalled"):
        texts = [str(argument.get("value", "")) for argument in event["args"]]
        lines.append((event["type"], " ".join(texts)))
    return lines


def open_file(browser, speedscope, path):
    """A page with the file opened, and the text of the page."""
    script = path.with_suffix(".js")
    content = base64.b64encode(path.read_bytes()).decode()
    script.write_text(f"speedscope.loadFileFromBase64({json.dumps(path.name)}, '{content}')")
    index = (speedscope / "dist" / "release" / "index.html").resolve()
    page = browser.open_page()
    page.load(f"{index.as_uri()}#localProfilePath={script.resolve()}")
    page.evaluate("""new Promise((done, fail) => {
      const look = () => document.body.innerText.includes('Time Order') ? done() : setTimeout(look, 50)
      look()
    })""")
    return page, page.evaluate("document.body.innerText")


def check(browser, speedscope, path):
    """Raises an error unless speedscope reads the file without a complaint."""
    imported, title = FILES[path.name]
    page, text = open_file(browser, speedscope, path)
    lines = console(page)
    assert ("log", imported) in lines, lines
    assert not [line for line in lines if line[0] in ("warning", "error")], lines
    assert not page.happened("Runtime.exceptionThrown"), page.happened("Runtime.exceptionThrown")
    assert title in text.splitlines(), text
    page.close()
    print(f"speedscope: {path.name}")


def main():
    speedscope, directory = map(pathlib.Path, sys.argv[1:])
    with Browser(60) as browser:
        for name in FILES:
            check(browser, speedscope, directory / name)


main()
