// Asks PostGraphile, over a database: what its introspection makes of a schema, and one query.
//
//   node query.cjs NODE_MODULES HOST USER DATABASE SCHEMA QUERY   prints {fields, answer} as JSON

"use strict";

const path = require("path");

const [modules, host, user, database, schemaName, query] = process.argv.slice(2);
const { Pool } = require(path.join(modules, "pg"));
const { graphql } = require(path.join(modules, "graphql"));
const { createPostGraphileSchema, withPostGraphileContext } =
  require(path.join(modules, "postgraphile"));

async function main() {
  const pgPool = new Pool({ host, user, database });
  try {
    const schema = await createPostGraphileSchema(pgPool, schemaName, { ignoreRBAC: false });
    const answer = await withPostGraphileContext({ pgPool }, (context) =>
      graphql(schema, query, null, { ...context }));
    const fields = Object.keys(schema.getQueryType().getFields());
    const mutations = schema.getMutationType();
    process.stdout.write(JSON.stringify({
      fields, mutations: mutations ? Object.keys(mutations.getFields()) : [], answer,
    }));
  } finally {
    await pgPool.end();
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
