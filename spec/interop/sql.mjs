// Runs statements of SQL, an array in JSON on standard input, in DuckDB. Prints how many rows each has.
//
//     node sql.mjs MODULES <statements.json
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${fs.realpathSync(process.argv[2])}/`);
const { DuckDBInstance } = require("@duckdb/node-api");

const connection = await (await DuckDBInstance.create(":memory:")).connect();
const counts = [];
for (const statement of JSON.parse(fs.readFileSync(0, "utf8"))) {
  counts.push((await connection.runAndReadAll(statement)).currentRowCount);
}
console.log(JSON.stringify(counts));
