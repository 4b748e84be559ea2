--- The script of a page: tables are sorted by a button in each heading, long ones have a field to
-- search them, commands a button that copies them, and on a phone each cell has its heading. Equal
-- rows stay in their order, and cells without a value come last. It has no characters that must be
-- escaped in XML. The page's policy names it by its hash, that of SHA-256.
-- Used only by the HTML renderer.
local M = { hash = "sha256-WkmyEEHxok70GUug9tPziqgOk5PegCw+C1/K6Eg4rX8=" }

M.text = [[
(function () {
  "use strict";

  var LEAST_SEARCHED = 16, LEAST_STACKED = 3;

  function key(row, column, isNumber) {
    var cell = row.cells[column];
    var text = isNumber ? cell.getAttribute("data-value") : cell.textContent;
    return { row: row, isEmpty: text === "", value: isNumber ? Number(text) : text };
  }

  function order(a, b) {
    return a.value > b.value ? 1 : b.value > a.value ? -1 : 0;
  }

  function sort(heading, column, direction) {
    var table = heading.closest("table");
    var body = table.tBodies[0];
    var limit = Number(table.getAttribute("data-limit") || Infinity);
    var isNumber = heading.getAttribute("data-sort") === "number";
    var keys = Array.from(body.rows, function (row) { return key(row, column, isNumber); });
    keys.sort(function (a, b) {
      return a.isEmpty || b.isEmpty ? a.isEmpty - b.isEmpty : direction * order(a, b);
    });
    keys.forEach(function (each, i) {
      each.row.classList.toggle("more", i >= limit);
      body.appendChild(each.row);
    });
  }

  function newButton(text) {
    var button = document.createElement("button");
    button.type = "button";
    button.append(...text);
    return button;
  }

  function addButton(heading, column) {
    var button = newButton(heading.childNodes);
    heading.append(button);
    button.addEventListener("click", function () {
      var isAscending = heading.getAttribute("aria-sort") === "ascending";
      Array.from(heading.parentNode.cells, function (each) { each.removeAttribute("aria-sort"); });
      heading.setAttribute("aria-sort", isAscending ? "descending" : "ascending");
      sort(heading, column, isAscending ? -1 : 1);
    });
  }

  /* The texts of cells, apart: a word isn't found where two cells meet. */
  function textOf(row) {
    return Array.from(row.cells, function (cell) { return cell.textContent; }).join("\n");
  }

  function search(table, text, count) {
    var words = text.toLowerCase().split(/\s+/).filter(Boolean), found = 0;
    var rows = Array.from(table.tBodies[0].rows);
    rows.forEach(function (row) {
      row.searched = row.searched || textOf(row).toLowerCase();
      row.hidden = !words.every(function (word) { return row.searched.includes(word); });
      found += row.hidden ? 0 : 1;
    });
    table.classList.toggle("searched", words.length > 0);
    count.textContent = words.length > 0 ? found + " of " + rows.length : "";
  }

  function addSearch(table) {
    var field = document.createElement("input"), count = document.createElement("output");
    var name = document.getElementById(table.getAttribute("aria-labelledby")).textContent;
    var line = document.createElement("div");
    field.type = "search";
    field.placeholder = "Search";
    field.setAttribute("aria-label", "Search: " + name);
    field.addEventListener("input", function () { search(table, field.value, count); });
    line.className = "search";
    line.append(field, count);
    table.closest(".scroll").before(line);
  }

  function addCopy(command) {
    var button = newButton([]); /* shows its name, no part of the cell's text */
    button.className = "copy";
    button.setAttribute("aria-label", "Copy");
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(command.textContent).then(function () {
        button.setAttribute("aria-label", "Copied");
      });
    });
    command.after(button);
  }

  function stack(table) {
    var headings = Array.from(table.tHead.rows[0].cells, function (each) {
      return each.textContent;
    });
    table.setAttribute("role", "table");
    Array.from(table.rows, function (row) {
      row.setAttribute("role", "row");
      Array.from(row.cells, function (cell, i) {
        cell.setAttribute("role", cell.tagName === "TH" ? "columnheader" : "cell");
        cell.setAttribute("data-heading", headings[i]);
      });
    });
    table.classList.add("stacked");
  }

  var tables = Array.from(document.querySelectorAll("table"));
  var phone = matchMedia("(max-width: 40rem)");

  function stackAll() {
    tables.forEach(function (table) {
      if (phone.matches) {
        if (table.tHead.rows[0].cells.length >= LEAST_STACKED) stack(table);
      }
    });
  }

  tables.forEach(function (table) {
    var count = table.tBodies[0].rows.length;
    if (count > 1) {
      Array.from(table.tHead.rows[0].cells, addButton);
    }
    if (count >= LEAST_SEARCHED) {
      addSearch(table);
    }
  });
  if (navigator.clipboard) {
    document.querySelectorAll(".command").forEach(addCopy);
  }
  phone.addEventListener("change", stackAll);
  stackAll();
}());
]]

return M
