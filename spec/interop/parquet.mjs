// Reads a Parquet file with DuckDB and with hyparquet, and compares all rows with those expected. Prints
// how many there are:
//
//     node parquet.mjs MODULES FILE ROWS.json EMPTY
//
// MODULES is the folder in which npm installed the readers.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";

const [modules, path, expectedPath, emptyPath] = process.argv.slice(2);
const require = createRequire(`${fs.realpathSync(modules)}/`);
const { DuckDBInstance } = require("@duckdb/node-api");
const { asyncBufferFromFile, parquetReadObjects } = await import(
  require.resolve("hyparquet").replace(/^/, "file://"));

// A row without what isn't known; integers of 64 bits become text.
function known(row) {
  const pairs = Object.entries(row).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(pairs.map(([name, value]) =>
    [name, typeof value === "bigint" ? value.toString() : value]));
}

// What is known of a start: it is as long before the end as the duration.
function checkStart(row, expected) {
  const hasStart = expected.end_time !== undefined && expected.duration_us !== undefined;
  const start = hasStart ? BigInt(expected.end_time) - BigInt(expected.duration_us) : undefined;
  assert.equal(row.start_time, start?.toString());
  delete row.start_time;
}

function compare(reader, rows, expected) {
  assert.equal(rows.length, expected.length, `${reader}: the number of rows`);
  rows.forEach((given, i) => {
    const row = known(given);
    checkStart(row, expected[i]);
    assert.deepEqual(row, expected[i], `${reader}: row ${i}`);
  });
}

async function query(connection, text) {
  return (await connection.runAndReadAll(text)).getRowObjectsJS();
}

const microseconds = { timestampFromMicroseconds: value => value };
async function hyparquetRows(file) {
  return parquetReadObjects({ file: await asyncBufferFromFile(file), parsers: microseconds });
}

const expected = JSON.parse(fs.readFileSync(expectedPath, "utf8"));
const connection = await (await DuckDBInstance.create()).connect();
compare("DuckDB", await query(connection, `SELECT * REPLACE (epoch_us(start_time) AS start_time,
  epoch_us(end_time) AS end_time) FROM '${path}'`), expected);
compare("hyparquet", await hyparquetRows(path), expected);

const [{ value }] = await query(connection, `SELECT decode(value) AS value
  FROM parquet_kv_metadata('${path}') WHERE decode(key) = 'measure_cost.unit'`);
assert.equal(value, "USD");
assert.equal((await query(connection, `SELECT * FROM '${emptyPath}'`)).length, 0);
assert.equal((await hyparquetRows(emptyPath)).length, 0);
console.log(expected.length);
