"""Has DuckDB and hyparquet read Parquet."""
import pathlib
import tempfile

import program


def check():
    node = program.need_modules("@duckdb/node-api", "hyparquet")
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / name for name in ("records.parquet", "empty.parquet")]
        for path in paths:
            path.write_bytes(program.export(path.stem + ".run", "parquet"))
        rows = program.run([node, "spec/interop/parquet.mjs", str(program.MODULES), str(paths[0]),
                            str(program.RUNS / "rows.json"), str(paths[1])])
    return f"{rows.decode().strip()} rows"


program.main("DuckDB and hyparquet", check)
