"""Checks the configurations and queries of docs/fleets.md and docs/serving.md: those for Prometheus by
promtool, and those of Parquet files by DuckDB, which reads runs of write_runs.lua. Checks that otlp.sed
adapts the whole dashboard.
"""
import json
import pathlib
import re
import shutil
import tempfile

import program

PAGES = [pathlib.Path("docs/fleets.md"), pathlib.Path("docs/serving.md")]
RULES = pathlib.Path("examples/prometheus/exectrack.rules.yml")
DASHBOARD = pathlib.Path("examples/grafana/exectrack.json")
OTLP = pathlib.Path("examples/grafana/otlp.sed")


def blocks(kind, word=""):
    """The blocks of code of a kind that have a word in them. There must be some."""
    text = "\n".join(page.read_text() for page in PAGES)
    found = [block for block in re.findall(rf"^```{kind}\n(.*?)^```", text, re.M | re.S)
             if word in block]
    assert found, f"no block of {kind} with {word}"
    return found


def check_configurations(promtool, folder):
    shutil.copy(RULES, folder)
    (folder / "agents.json").write_text("[]")
    configurations = blocks("yaml", "scrape_configs")
    for configuration in configurations:
        (folder / "prometheus.yml").write_text(configuration)
        program.run([promtool, "check", "config", str(folder / "prometheus.yml")])
    return len(configurations)


def check_queries(promtool, folder):
    """As rules, which promtool can check."""
    queries = [query for block in blocks("promql") for query in re.split(r"^#.*\n", block, flags=re.M)
               if query.strip()]
    rules = [{"record": f"query{i}", "expr": query} for i, query in enumerate(queries)]
    (folder / "queries.yml").write_text(json.dumps({"groups": [{"name": "page", "rules": rules}]}))
    program.run([promtool, "check", "rules", str(folder / "queries.yml")])
    return len(queries)


def check_sql(node, folder):
    """In a folder with an archive."""
    archive = folder / "archive"
    archive.mkdir()
    for name in "calls.run", "nested.run":  # of which one has a measure
        (archive / f"{name}.parquet").write_bytes(program.export(name, "parquet"))
    statements = blocks("sql", "read_parquet")
    script = pathlib.Path("spec/interop/sql.mjs").resolve()
    printed = program.run([node, str(script), str(program.MODULES)], cwd=folder,
                          input=json.dumps(statements).encode())
    rows = json.loads(printed)
    assert all(rows), f"no rows: {rows}"
    return len(statements)


def check_otlp_dashboard():
    """That only names for OTLP are left in it; the queries have the rest of the other's."""
    text = program.run(["sed", "-E", "-f", str(OTLP), str(DASHBOARD)]).decode()
    dashboard, before = json.loads(text), json.loads(DASHBOARD.read_text())
    queries = [panel["targets"][0]["expr"] for panel in dashboard["panels"]]
    labels = {label for query in queries
              for label in re.findall(r"([a-z_]+)(?:=|!=|=~)\"", query)
              + ", ".join(re.findall(r"by \(([^)]*)\)", query)).split(", ") if label}
    program.expect("labels", labels, {
        "job", "instance", "gen_ai_tool_name", "exectrack_status", "exectrack_measure",
        "exectrack_reason", "exectrack_unit",
        "state"})  # of a metric that only exectrack serve has
    program.expect("panels", len(queries), len(before["panels"]))


def check():
    promtool, node = program.find("promtool"), program.need_modules("@duckdb/node-api")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        configurations = check_configurations(promtool, folder)
        queries = check_queries(promtool, folder)
        statements = check_sql(node, folder)
    check_otlp_dashboard()
    return f"{configurations} configurations, {queries} queries, {statements} statements"


program.main("fleets", check)
