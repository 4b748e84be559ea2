"""Opens HTML reports in a headless Chromium and checks what only a browser can tell.

    python3 spec/browser/check.py [--screenshots DIRECTORY] FILE...

Prints a line for each check, and exits with 1 if any failed.
"""

import argparse
import base64
import pathlib
import sys

from browser import Browser, BrowserError

SECONDS = 900
PHONE_WIDTH = 390
WIDE = (800, 1200, 1600)
LEAST_UNSCROLLED = 1200
LEAST_CONTRAST = 4.5

# The cells of a table as a script would sort them, and each row's number before any sorting.
READ_TABLE = """
(function (table) {
  return Array.from(table.tBodies[0].rows, function (row, i) {
    if (row.number === undefined) row.number = i;
    return {number: row.number, cells: Array.from(row.cells, function (cell, column) {
      const isNumber = table.tHead.rows[0].cells[column].dataset.sort === "number";
      return isNumber ? cell.dataset.value : cell.textContent;
    })};
  });
})(document.querySelectorAll("table")[%d])
"""

CLICK_HEADING = """
(function (table) {
  const heading = table.tHead.rows[0].cells[%d];
  heading.querySelector("button").click();
  return heading.getAttribute("aria-sort");
})(document.querySelectorAll("table")[%d])
"""

TABLES = """
Array.from(document.querySelectorAll("table"), function (table) {
  return {rows: table.tBodies[0].rows.length, buttons: table.querySelectorAll("th button").length,
    kinds: Array.from(table.tHead.rows[0].cells, function (th) { return th.dataset.sort; })};
})
"""

# Each text that is shown, with its colour and that of what it stands on. A text of SVG stands on
# the page: no chart writes into its shapes.
TEXT_COLORS = """
(function () {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.getClientRects().length) continue;
    const isSvg = element instanceof SVGElement;
    let ground = element;
    while (ground && (ground instanceof SVGElement
        || getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)")) {
      ground = ground.parentElement;
    }
    const style = getComputedStyle(element);
    found.push({text: node.data.trim().slice(0, 30), color: isSvg ? style.fill : style.color,
      ground: ground ? getComputedStyle(ground).backgroundColor : "none"});
  }
  return found;
})()
"""

# What is drawn to the left or right of the page, unless it scrolls by itself.
OUTSIDE = """
Array.from(document.querySelectorAll("body *")).filter(function (element) {
  if (element.closest(".scroll") && !element.matches(".scroll")) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && (box.left < 0 || box.right > %d);
}).map(function (element) { return element.tagName + " " + element.textContent.slice(0, 30); })
"""

# Tables of which a part is out of reach: not in a box that scrolls, or in one that is cut off; and
# those whose rows aren't laid out as they should be.
TABLES_OUT_OF_REACH = """
Array.from(document.querySelectorAll("table")).filter(function (table) {
  if (!table.getClientRects().length) return false;
  const box = table.closest(".scroll"), bounds = box.getBoundingClientRect();
  const scrolls = getComputedStyle(box).overflowX === "auto";
  return bounds.left < 0 || bounds.right > innerWidth
    || box.scrollWidth > box.clientWidth + 1 && !scrolls
    || table.getBoundingClientRect().width > box.scrollWidth + 1;
}).map(function (table) { return "out of reach: " + table.textContent.slice(0, 30); })
"""

# Tables that scroll at a width at which all are to fit.
TABLES_THAT_SCROLL = """
Array.from(document.querySelectorAll(".scroll")).filter(function (box) {
  return box.scrollWidth > box.clientWidth;
}).map(function (box) {
  const name = document.getElementById(box.getAttribute("aria-labelledby")).textContent;
  return "scrolls: " + name + ", " + box.scrollWidth + " of " + box.clientWidth;
})
"""

LAYOUTS = """
Array.from(document.querySelectorAll("table"), function (table) {
  const row = table.tBodies[0].rows[0];
  return {columns: table.tHead.rows[0].cells.length, display: getComputedStyle(row).display};
})
"""

# Searches each long table for one of its rows.
SEARCHES = """
Array.from(document.querySelectorAll(".search"), function (line) {
  const field = line.querySelector("input"), table = line.parentNode.querySelector("table");
  const rows = Array.from(table.tBodies[0].rows);
  const isShown = row => getComputedStyle(row).display !== "none";
  const text = rows[Math.min(rows.length, 29) - 1].cells[0].textContent;
  const before = rows.filter(isShown).length;
  const set = function (value) {
    field.value = value;
    field.dispatchEvent(new Event("input"));
  };
  set(text.toUpperCase());
  const found = rows.filter(isShown), said = line.querySelector("output").textContent;
  set("");
  const after = rows.filter(isShown).length;
  const box = line.parentNode.querySelector(".all");
  if (box) box.click();
  const all = rows.filter(isShown).length;
  if (box) box.click();
  const texts = of => of.map(row => Array.from(row.cells, cell => cell.textContent));
  return {text: text, texts: texts(rows), found: texts(found),
    said: said, before: before, after: after, all: all,
    limit: Number(table.dataset.limit || rows.length), name: field.getAttribute("aria-label")};
})
"""

COMMANDS = """
Array.from(document.querySelectorAll("tr:not(.more) code.command"), function (command) {
  getSelection().selectAllChildren(command);
  return {isWhole: getSelection().toString() === command.textContent,
    hasButton: command.nextElementSibling?.className === "copy"};
})
"""


class Report:
    """Says how checks went, and counts those that failed."""

    def __init__(self):
        self.failures = 0

    def check(self, name, problems):
        """`problems` are texts, empty if all is well."""
        print(f"{'not ok' if problems else 'ok'} - {name}")
        for problem in problems[:5]:
            print(f"    {problem}")
        self.failures += bool(problems)


def numbers(color):
    """Red, green and blue of a computed colour, or None unless it is opaque."""
    if not color.startswith("rgb("):
        return None
    return [int(part) for part in color[4:-1].split(",")]


def luminance(rgb):
    """The relative luminance that WCAG defines."""
    parts = [part / 255 for part in rgb]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def contrast_problems(page):
    found = page.evaluate(TEXT_COLORS)
    problems = [] if found else ["there is no text"]
    for text in found:
        color, ground = numbers(text["color"]), numbers(text["ground"])
        if not color or not ground:
            problems.append(f"not opaque: {text}")
        elif contrast(color, ground) < LEAST_CONTRAST:
            problems.append(f"{contrast(color, ground):.2f}: {text}")
    return problems


def background(page):
    return numbers(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def sorted_rows(rows, column, is_number, is_descending):
    """`rows` as they should be: what is equal stays in order, what is empty comes last."""
    def key(row):
        text = row["cells"][column]
        # JavaScript compares texts by their 16-bit units.
        return float(text) if is_number else text.encode("utf-16-be", "surrogatepass")

    filled = [row for row in rows if row["cells"][column] != ""]
    empty = [row for row in rows if row["cells"][column] == ""]
    return sorted(filled, key=key, reverse=is_descending) + empty


def sort_problems(page):
    problems = []
    for i, table in enumerate(page.evaluate(TABLES)):
        wanted = len(table["kinds"]) if table["rows"] > 1 else 0
        if table["buttons"] != wanted:
            problems.append(f"table {i}: {table['buttons']} buttons, not {wanted}")
            continue
        for column in range(wanted):
            problems += column_problems(page, i, column, table["kinds"][column] == "number")
    return problems


def column_problems(page, table, column, is_number):
    problems = []
    for direction in ("ascending", "descending"):
        rows = page.evaluate(READ_TABLE % table)
        wanted = sorted_rows(rows, column, is_number, direction == "descending")
        said = page.evaluate(CLICK_HEADING % (column, table))
        place = f"table {table}, column {column}, {direction}"
        if said != direction:
            problems.append(f"{place}: aria-sort is {said}")
        if page.evaluate(READ_TABLE % table) != wanted:
            problems.append(f"{place}: wrong order")
    return problems


def width_problems(page, width):
    """What is cut off, or makes the page scroll to the side."""
    scroll, inner = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    problems = []
    if scroll > width or inner > width:
        problems.append(f"the page is {scroll} pixels wide, its view {inner}")
    problems += page.evaluate(TABLES_OUT_OF_REACH)
    return problems + ["outside: " + what for what in page.evaluate(OUTSIDE % width)]


def layout_problems(page, is_phone):
    """Tables whose rows aren't blocks on a phone, from three columns on; or are, elsewhere."""
    problems = []
    for i, table in enumerate(page.evaluate(LAYOUTS)):
        wanted = "block" if is_phone and table["columns"] >= 3 else "table-row"
        if table["display"] not in (wanted, "none"):
            problems.append(f"table {i}: rows are {table['display']}, not {wanted}")
    return problems


def search_problems(page):
    problems = []
    for table in page.evaluate(SEARCHES):
        words = table["text"].lower().split()
        wanted = [cells for cells in table["texts"]
                  if all(any(word in cell.lower() for cell in cells) for word in words)]
        said = f"{len(wanted)} of {len(table['texts'])}" if words else ""
        if words and table["found"] != wanted or table["said"] != said:
            problems.append(f"{table['name']}: {table['said']}, not {said}")
        counts = [table["before"], table["after"], table["all"]]
        if counts != [table["limit"], table["limit"], len(table["texts"])]:
            problems.append(f"{table['name']}: rows before, after and in all: {counts}")
    return problems


def command_problems(page):
    return [f"command {i}: {command}" for i, command in enumerate(page.evaluate(COMMANDS))
            if not command["isWhole"] or not command["hasButton"]]


def print_problems(page):
    data = base64.b64decode(page.call("Page.printToPDF", {"printBackground": False})["data"])
    return [] if data.startswith(b"%PDF-") and len(data) > 2000 else ["that is no PDF"]


def tree_problems(page):
    """What a screen reader would be told."""
    def text(node, name):
        return node.get(name, {}).get("value") or ""

    nodes = [node for node in page.call("Accessibility.getFullAXTree")["nodes"]
             if not node.get("ignored")]
    charts = [node for node in nodes if text(node, "role") == "image"]
    drawn = page.evaluate("document.querySelectorAll('svg.chart').length")
    problems = []
    if len(charts) != drawn:
        problems.append(f"{len(charts)} images, but {drawn} charts")
    for node in charts:
        if not text(node, "name") or not text(node, "description"):
            problems.append("a chart without a name or a description")
    for node in nodes:
        if text(node, "role") in ("region", "table") and not text(node, "name"):
            problems.append(f"a {text(node, 'role')} without a name")
    titles = [node for node in nodes if text(node, "role") == "heading"
              and any(p["name"] == "level" and p["value"]["value"] == 1
                      for p in node.get("properties", []))]
    if len(titles) != 1:
        problems.append(f"{len(titles)} headings of level 1")
    return problems


def event_problems(page, url):
    """What the page did that it mustn't have."""
    problems = [f"exception: {event['exceptionDetails']['text']}"
                for event in page.happened("Runtime.exceptionThrown")]
    problems += [f"console: {event['type']}"
                 for event in page.happened("Runtime.consoleAPICalled")]
    problems += [f"log: {event['entry']['text']}" for event in page.happened("Log.entryAdded")]
    problems += [f"dialog: {event['message']}"
                 for event in page.happened("Page.javascriptDialogOpening")]
    requests = [event["request"]["url"] for event in page.happened("Network.requestWillBeSent")]
    if requests != [url]:
        problems.append(f"requests: {requests}")
    return problems


def count_elements(page):
    """How many elements there are by name, read without running a script."""
    root = page.call("DOM.getDocument")["root"]["nodeId"]
    return {name: len(page.call("DOM.querySelectorAll", {"nodeId": root, "selector": name})
                      ["nodeIds"])
            for name in ("h1", "h2", "p", "td", "dd", "svg", "svg *", "details", "th button")}


def plain_problems(browser, url, wanted):
    """What isn't there where scripts are switched off, apart from the buttons that sort."""
    page = browser.open_page()
    page.call("Emulation.setScriptExecutionDisabled", {"value": True})
    page.load(url)
    counts = count_elements(page)
    problems = ["scripts ran all the same"] if counts["th button"] else []
    problems += [f"{counts[name]} of {wanted[name]}: {name}"
                 for name in wanted if name != "th button" and counts[name] != wanted[name]]
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    if not any(node.get("role", {}).get("value") == "heading" for node in nodes):
        problems.append("nothing is shown")
    page.close()
    return problems


def check_file(browser, report, path, screenshots):
    url, name = path.resolve().as_uri(), path.name

    def save(page, kind):
        if screenshots:
            (screenshots / f"{path.stem}-{kind}.png").write_bytes(page.screenshot())

    page = browser.open_page()
    page.use_width(1000)
    page.use_scheme("light")
    page.load(url)
    counts = count_elements(page)
    save(page, "light")
    report.check(f"{name}: light text is readable", contrast_problems(page)
                 + ([] if luminance(background(page)) > 0.8 else ["the page isn't light"]))
    page.use_scheme("dark")
    save(page, "dark")
    report.check(f"{name}: dark text is readable", contrast_problems(page)
                 + ([] if luminance(background(page)) < 0.05 else ["the page isn't dark"]))
    page.use_scheme("light")
    page.use_width(PHONE_WIDTH, is_phone=True, scale=2)
    save(page, "phone")
    report.check(f"{name}: fits on a phone",
                 width_problems(page, PHONE_WIDTH) + layout_problems(page, True))
    for width in WIDE:
        page.use_width(width)
        save(page, str(width))
        report.check(f"{name}: fits {width} pixels",
                     width_problems(page, width) + layout_problems(page, False)
                     + (page.evaluate(TABLES_THAT_SCROLL) if width >= LEAST_UNSCROLLED else []))
    report.check(f"{name}: long tables are searched", search_problems(page))
    report.check(f"{name}: commands can be copied", command_problems(page))
    page.use_width(1000)
    report.check(f"{name}: tells screen readers its charts", tree_problems(page))
    report.check(f"{name}: prints", print_problems(page))
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    report.check(f"{name}: tables sort", sort_problems(page))
    report.check(f"{name}: with all details, still fits on a phone",
                 page.use_width(PHONE_WIDTH, is_phone=True, scale=2)
                 or width_problems(page, PHONE_WIDTH))
    report.check(f"{name}: makes no request, error or dialog", event_problems(page, url))
    page.close()
    report.check(f"{name}: needs no script", plain_problems(browser, url, counts))


def main():
    parser = argparse.ArgumentParser(description="Checks HTML reports in a headless Chromium.")
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIRECTORY",
                        help="where to save pictures: light, dark, as on a phone, and wide")
    parser.add_argument("files", type=pathlib.Path, nargs="+", metavar="FILE")
    given = parser.parse_args()
    report = Report()
    try:
        with Browser(SECONDS) as browser:
            for path in given.files:
                check_file(browser, report, path, given.screenshots)
    except BrowserError as error:
        print(f"not ok - {error}")
        return 1
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
