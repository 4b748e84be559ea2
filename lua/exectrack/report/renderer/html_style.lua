--- The style of the page. Colours are variables, so that the dark ones are in one place; their
-- contrast to the background is at least 4.5. It fetches nothing and has no animations, nor
-- characters that must be escaped in XML.
-- Used only by the HTML renderer.
return [[
:root {
  color-scheme: light;
  --page: #f4f5f7; --surface: #ffffff; --track: #eef0f4; --rule: #dde1e8; --shadow: #d5d9e0;
  --text: #1b2431; --quiet: #566173; --accent: #2f5fc4;
  --good: #18794a; --bad: #c2322a; --warning: #8f5a00;
  --line-1: #2f5fc4; --line-2: #b0481a; --line-3: #18794a; --line-4: #8a3fb0; --line-5: #566173;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --page: #0f1318; --surface: #171c23; --track: #212832; --rule: #2e3641; --shadow: #000000;
    --text: #e5e9ef; --quiet: #a0abba; --accent: #86a9f5;
    --good: #57c794; --bad: #ff8a80; --warning: #e0b04c;
    --line-1: #86a9f5; --line-2: #f2a074; --line-3: #57c794; --line-4: #d29bf0; --line-5: #a0abba;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
}
main { max-width: 84rem; margin: 0 auto; padding: 2rem 1.5rem 4rem; }
h1, h2, p, dl, figure, ul { margin: 0; }
h1, h2, p, dt, dd, figcaption, li { overflow-wrap: anywhere; }
[hidden] { display: none !important; }
a { color: var(--accent); }
h1 { font-size: 1.875rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; }
h2 { font-size: 1.125rem; line-height: 1.35; font-weight: 650; }
.subtitle, .chosen { margin-top: 0.375rem; color: var(--quiet); }
.chosen { color: var(--text); font-weight: 600; }
nav { margin-top: 0.75rem; font-size: 0.875rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; padding: 0; list-style: none; }
footer { margin-top: 1.25rem; color: var(--quiet); font-size: 0.8125rem; }
section {
  margin-top: 1.25rem; padding: 1.25rem 1.5rem 1.5rem;
  background: var(--surface); border: 1px solid var(--rule); border-radius: 0.75rem;
}
section > p { margin-top: 0.5rem; max-width: 44rem; }
.empty, .note { color: var(--quiet); font-size: 0.875rem; }
p.empty, section > .table, section > figure, section > dl { margin-top: 1rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 0.25rem; }

.figures { display: flex; flex-wrap: wrap; gap: 0.75rem; }
.figures div {
  flex: 1 1 8.5rem; padding: 0.75rem 1rem;
  background: var(--track); border-radius: 0.5rem;
}
dt { color: var(--quiet); font-size: 0.8125rem; }
dd {
  margin: 0.125rem 0 0; font-size: 1.375rem; line-height: 1.3; font-weight: 600;
  font-variant-numeric: tabular-nums; letter-spacing: -0.01em;
}
dd.number { white-space: nowrap; }
dd time { font-size: 0.8em; }

.scroll {
  position: relative; overflow-x: auto;
  background: linear-gradient(to right, var(--surface) 30%, transparent) left / 2rem 100% local,
    linear-gradient(to left, var(--surface) 30%, transparent) right / 2rem 100% local,
    linear-gradient(to right, var(--shadow), transparent) left / 0.75rem 100%,
    linear-gradient(to left, var(--shadow), transparent) right / 0.75rem 100%;
  background-repeat: no-repeat;
}
table { border-collapse: collapse; min-width: 100%; font-size: 0.8125rem; }
th, td { padding: 0.4375rem 0.5rem; text-align: left; vertical-align: top; white-space: pre; }
th:first-child, td:first-child { padding-left: 0.25rem; }
th:last-child, td:last-child { padding-right: 0.75rem; }
th {
  border-bottom: 1px solid var(--rule); color: var(--quiet); white-space: normal;
  font-size: 0.75rem; font-weight: 600; vertical-align: bottom;
}
td { border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover td { background: var(--track); }
th.number, td.number { text-align: right; }
td time { display: inline-block; min-width: 6.25em; white-space: normal; }
.long { min-width: 6rem; max-width: 26rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.longer { min-width: 9rem; max-width: 36rem; }
th button {
  margin: 0; padding: 0; border: 0; background: none; color: inherit; font: inherit;
  text-align: inherit; cursor: pointer;
}
th button:hover, th[aria-sort] button { color: var(--text); }
th button::after {
  content: "\21C5"; position: absolute; margin-left: 0.125rem; /* takes no room */
  font-size: 0.75em; line-height: 2; color: var(--quiet);
}
th[aria-sort="ascending"] button::after { content: "\2191"; color: var(--accent); }
th[aria-sort="descending"] button::after { content: "\2193"; color: var(--accent); }
.note label { cursor: pointer; }
.note label span { color: var(--accent); text-decoration: underline; }
.all { float: left; margin: 0.25rem 0.5rem 0 0; }
.all:not(:checked) ~ .scroll table:not(.searched) .more { display: none; }
.search { margin: 0.5rem 0; }
.search input {
  width: 16rem; max-width: 100%; margin-right: 0.75rem; padding: 0.25rem 0.5rem; font: inherit;
  font-size: 0.875rem; color: inherit; background: var(--page);
  border: 1px solid var(--rule); border-radius: 0.375rem;
}
.search input::placeholder { color: var(--quiet); opacity: 1; }
output { color: var(--quiet); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, monospace; font-size: 0.9em; }
.command { user-select: all; -webkit-user-select: all; }
.copy {
  flex: none; align-self: start; margin: 0 0 0 0.5rem; padding: 0 0.375rem;
  border: 1px solid var(--rule); border-radius: 0.25rem;
  background: none; color: var(--accent); font: inherit; font-size: 0.75rem; cursor: pointer;
}
.copy::after { content: attr(aria-label); }
.bar {
  display: inline-block; width: 4.5rem; height: 0.5rem; margin-left: 0.625rem;
  background: var(--track); border-radius: 0.25rem; overflow: hidden;
}
tbody tr:hover .bar { background: var(--rule); }
.bar span { display: block; height: 100%; background: var(--accent); }

.status { font-weight: 500; }
.status::before {
  content: ""; display: inline-block; width: 0.5rem; height: 0.5rem; margin-right: 0.4375rem;
  border: 1.5px solid currentColor; border-radius: 50%;
}
.status.good { color: var(--good); }
.status.good::before { background: currentColor; }
.status.bad { color: var(--bad); }
.status.bad::before { border-radius: 0; background: currentColor; transform: rotate(45deg); }
.status.warning { color: var(--warning); }
.status.warning::before { border-radius: 0; background: currentColor; }
.status.muted { color: var(--quiet); }
.status.plain::before { display: none; }

figcaption { margin-bottom: 0.625rem; font-size: 0.9375rem; font-weight: 600; }
.legend {
  display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin-bottom: 0.75rem; padding: 0;
  list-style: none; font-size: 0.8125rem; color: var(--quiet);
}
.legend li { display: flex; align-items: center; gap: 0.4375rem; }
.legend svg { flex: none; }
.note { margin-top: 0.25rem; font-size: 0.8125rem; }
.chart { display: block; width: 100%; overflow: visible; font-size: 12px; }
.chart.line, .chart.histogram { width: calc(100% - 4.75rem); margin-left: 4.75rem; }
.chart text { fill: var(--quiet); font-variant-numeric: tabular-nums; }
.chart .label { fill: var(--text); white-space: pre; }
.chart .value { text-anchor: end; }
.stretched { overflow: visible; }
.grid { stroke: var(--rule); stroke-width: 1; }
.axis { stroke: var(--quiet); stroke-width: 1; }
.track { fill: var(--track); }
.touch { fill: none; pointer-events: all; }
.column { fill: var(--accent); stroke: var(--surface); stroke-width: 1; }
.density .column { stroke-width: 0; }
g:hover .column { fill: var(--text); }
svg .good, svg .bad, svg .warning, svg .flight, svg .muted, svg .plain { stroke-width: 1; }
svg .good { fill: var(--good); stroke: var(--good); }
svg .bad { fill: var(--bad); stroke: var(--bad); }
svg .warning { fill: var(--warning); stroke: var(--warning); }
svg .flight { fill: var(--track); stroke: var(--accent); stroke-dasharray: 4 2; }
svg .muted { fill: var(--surface); stroke: var(--quiet); }
svg .plain { fill: var(--accent); stroke: var(--accent); }
.timeline rect { fill-opacity: 0.8; }
.timeline rect:hover { fill-opacity: 1; stroke: var(--text); }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.line-1 { stroke: var(--line-1); }
.line-2 { stroke: var(--line-2); }
.line-3 { stroke: var(--line-3); }
.line-4 { stroke: var(--line-4); }
.line-5 { stroke: var(--line-5); }
polyline.dash-2 { stroke-dasharray: 8 4; }
polyline.dash-3 { stroke-dasharray: 2 3; }
polyline.dash-4 { stroke-dasharray: 10 3 2 3; }
circle { fill: var(--surface); stroke-width: 2; }
details { margin-top: 0.5rem; font-size: 0.875rem; }
summary { width: fit-content; color: var(--accent); font-size: 0.8125rem; cursor: pointer; }
details > p, details > .table { margin-top: 0.5rem; }
details .scroll { max-height: 24rem; overflow: auto; }

@media screen and (min-width: 48rem) {
  .number + :not(.number) { padding-left: 1rem; }
  .chart.timeline { width: calc(100% - 12rem); margin-left: 12rem; }
  .chart.bars, .chart.density { width: calc(100% - 12rem - 10rem); margin-left: 12rem; }
  .chart .label { transform: translate(-12rem, 18px); }
  .chart.bars .label { transform: translate(-12rem, 15px); }
  .chart .value { text-anchor: start; transform: translate(10px, 15px); }
}
@media screen and (min-width: 40rem) and (max-width: 60rem) {
  td .bar { display: none; }
}
@media (max-width: 40rem) {
  main { padding: 1.25rem 0.75rem 2.5rem; }
  h1 { font-size: 1.5rem; }
  section { padding: 1rem 1rem 1.25rem; }
  .figures { gap: 0.5rem; }
  .figures div { flex-basis: 7.5rem; padding: 0.5rem 0.75rem; }
  dd { font-size: 1.125rem; }
  .minor { display: none; }
  table { font-size: 0.875rem; }
  .long { min-width: 0; }
}
@media screen and (max-width: 40rem) {
  .stacked, .stacked thead, .stacked tbody, .stacked tbody tr { display: block; }
  .stacked thead tr { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
  .stacked tbody tr { padding: 0.5rem 0; border-bottom: 1px solid var(--rule); }
  .stacked tbody tr:last-child { border-bottom: 0; }
  .stacked thead:not(:has(button)) { display: none; }
  .stacked th { border: 0; padding: 0.125rem 0; }
  .stacked th button::after { position: static; }
  .stacked td {
    display: flex; gap: 1rem; max-width: none; padding: 0.0625rem 0; border: 0;
    text-align: left; white-space: pre-wrap; overflow-wrap: anywhere;
  }
  .stacked td::before {
    content: attr(data-heading); flex: 0 0 34%; white-space: normal; color: var(--quiet);
  }
  .stacked td:empty, .stacked td.empty::before { display: none; }
  .stacked td:first-child { font-weight: 600; }
  .stacked .bar { flex: none; align-self: center; margin-left: auto; }
}
@media print {
  body { background: none; font-size: 0.875rem; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  section { border: 0; border-top: 1px solid var(--rule); border-radius: 0; padding: 1rem 0 0; }
  h2, figcaption { break-after: avoid; }
  tr, svg, .figures div { break-inside: avoid; }
  .scroll { overflow: visible; }
  nav, details, .search, .all, .note span, .copy, th button::after { display: none; }
}
]]
