"""Takes the pictures of the documentation.

    python3 spec/browser/pictures.py REPORT.html REPORT.txt DIRECTORY

REPORT.txt is the report as it is in a terminal with colours.
"""

import html
import pathlib
import re
import sys

from browser import Browser
from png import shrink

SECONDS = 60
TERMINAL = """<!DOCTYPE html><meta charset="utf-8"/><style>
body { margin: 0; background: #11151b; color: #d5dae2; }
pre { margin: 0; padding: 20px 24px; font: 13px/1.2 "DejaVu Sans Mono", monospace; }
.c1 { color: #ffffff; font-weight: bold; } .c2 { color: #7d8796; } .c31 { color: #ff7b72; }
.c32 { color: #4cc38a; } .c33 { color: #e0b04c; } .c36 { color: #56c7d4; }
</style><pre>"""


# Where the section with the timeline ends.
END = """
Array.from(document.querySelectorAll("h2")).find(function (heading) {
  return heading.textContent === "Timeline";
}).parentNode.getBoundingClientRect().bottom + 16
"""


def terminal_page(text):
    """The report up to its timeline, with the colours of a terminal, as HTML."""
    text = text.split("\x1b[1mSlowest")[0].rstrip("\n")
    page = re.sub("\x1b\\[0m", "</span>", html.escape(text))
    return TERMINAL + re.sub("\x1b\\[(\\d+)m", r'<span class="c\1">', page) + "</pre>"


def main():
    report, text, pictures = (pathlib.Path(argument) for argument in sys.argv[1:])
    terminal = text.with_suffix(".terminal.html")
    terminal.write_text(terminal_page(text.read_text(encoding="utf-8")), encoding="utf-8")

    with Browser(SECONDS) as browser:
        page = browser.open_page()

        def take(name, path, scheme, width, height=None):
            page.use_scheme(scheme)
            page.use_width(width, is_phone=width < 500)
            page.load(path.resolve().as_uri())
            data = page.screenshot(height or page.evaluate(END))
            (pictures / f"{name}.png").write_bytes(shrink(data))

        take("report-light", report, "light", 1000)
        take("report-dark", report, "dark", 1000)
        take("report-phone", report, "light", 390, 844)
        take("report-text", terminal, "dark", 840, 16000)


if __name__ == "__main__":
    main()
