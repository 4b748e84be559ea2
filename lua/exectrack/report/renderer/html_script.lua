--- The script for sorting tables with a button in each heading. Equal rows stay in their order, and
-- cells without a value come last. It has no characters that must be escaped in XML.
-- Used only by the HTML renderer.
return [[
(function () {
  "use strict";

  function key(row, column, isNumber) {
    var cell = row.cells[column];
    var text = isNumber ? cell.getAttribute("data-value") : cell.textContent;
    return { row: row, isEmpty: text === "", value: isNumber ? Number(text) : text };
  }

  function order(a, b) {
    return a.value > b.value ? 1 : b.value > a.value ? -1 : 0;
  }

  function sort(heading, column, direction) {
    var body = heading.closest("table").tBodies[0];
    var isNumber = heading.getAttribute("data-sort") === "number";
    var keys = Array.from(body.rows, function (row) { return key(row, column, isNumber); });
    keys.sort(function (a, b) {
      return a.isEmpty || b.isEmpty ? a.isEmpty - b.isEmpty : direction * order(a, b);
    });
    keys.forEach(function (each) { body.appendChild(each.row); });
  }

  function addButton(heading, column) {
    var button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", function () {
      var isAscending = heading.getAttribute("aria-sort") === "ascending";
      Array.from(heading.parentNode.cells, function (each) { each.removeAttribute("aria-sort"); });
      heading.setAttribute("aria-sort", isAscending ? "descending" : "ascending");
      sort(heading, column, isAscending ? -1 : 1);
    });
  }

  document.querySelectorAll("table").forEach(function (table) {
    if (table.tBodies[0].rows.length > 1) {
      Array.from(table.tHead.rows[0].cells, addButton);
    }
  });
}());
]]
