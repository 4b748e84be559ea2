"""Opens trace events and folded stacks in speedscope, in a headless Chromium."""
import base64
import json
import os
import pathlib
import sys
import tempfile

import program

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "browser"))
from browser import Browser  # noqa: E402

# Of each run and format: as what speedscope reads it, and with what begins a line that it shows.
FILES = {
    "nested.chrome": (
        "Importing as Trace Event Format profile", "interop (pid 1), calls 1 (tid 1) (1/2)"),
    "concurrent.chrome": (
        "Importing as Trace Event Format profile", "interop (pid 1), calls 1 (tid 1) (1/"),
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


def check_page(browser, path):
    """Raises an error unless speedscope reads the file without a complaint."""
    imported, title = FILES[path.name]
    page, text = open_file(browser, program.MODULES / "speedscope", path)
    lines = console(page)
    program.expect("imported", ("log", imported) in lines, True)
    program.expect("complaints", [line for line in lines if line[0] in ("warning", "error")], [])
    program.expect("exceptions", page.happened("Runtime.exceptionThrown"), [])
    program.expect(f"{title} in the page", any(map(
        lambda line: line.startswith(title), text.splitlines())), True)
    page.close()


def check():
    program.need_modules("speedscope")
    program.find(os.environ.get("CHROMIUM", "chromium"))
    with tempfile.TemporaryDirectory() as folder, Browser(60) as browser:
        for name in FILES:
            path = pathlib.Path(folder) / name
            path.write_bytes(program.export(path.stem + ".run", path.suffix[1:]))
            check_page(browser, path)
    return ", ".join(FILES)


program.main("speedscope", check)
