// Reads a results file into a new table of DuckDB with an index.
// Prints seconds, rows and versions as JSON.
//
//   node duckdb_import.cjs NODE_MODULES DATABASE FILE
"use strict";

const path = require("path");

const [modules, database, file] = process.argv.slice(2);
const { DuckDBInstance, version } = require(path.join(modules, "@duckdb/node-api"));

// Without names of columns, DuckDB would read a part of the file twice to find them.
const load = `
    create table rows as
    select image_id, category_id, bbox[1] as bbox_x, bbox[2] as bbox_y, bbox[3] as bbox_w,
           bbox[4] as bbox_h, bbox[3] * bbox[4] as area, score as confidence
    from read_json('${file.replaceAll("'", "''")}', format = 'array',
                   columns = {image_id: 'bigint', category_id: 'integer', bbox: 'double[]',
                              score: 'double'})`;

async function main() {
    const instance = await DuckDBInstance.create(database, { threads: "2" });
    const connection = await instance.connect();
    const start = process.hrtime.bigint();
    await connection.run(load);
    await connection.run("create index rows_image_id on rows (image_id)");
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const reader = await connection.runAndReadAll("select count(*) from rows");
    const rows = Number(reader.getRows()[0][0]);
    const versions = { DuckDB: version(), Node: process.version };
    console.log(JSON.stringify({ seconds, rows, versions }));
}

main();
