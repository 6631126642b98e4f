// `ctx.db`: the shape of Cloudflare D1's client over two host calls.

import { start } from "emdash:host";
import { decodeBase64, encodeBase64 } from "./operations.js";
import { Error, String, Uint8Array, bytesOf, isArray } from "./primordials.js";

const typeError = (value) =>
  new Error(`D1_TYPE_ERROR: Type '${typeof value}' not supported for value '${String(value)}'`);

/** What may be bound, as it travels. */
function wireValue(value) {
  if (value === null) return null;
  if (typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "object") throw typeError(value);
  const bytes = isArray(value) ? arrayBytes(value) : bytesOf(value);
  if (!bytes) throw typeError(value);
  return { blob: encodeBase64(bytes) };
}

/** D1 takes a blob as an array of bytes too. */
function arrayBytes(values) {
  for (let i = 0; i < values.length; i++) {
    if (!(typeof values[i] === "number" && values[i] >= 0 && values[i] < 256)) return null;
  }
  return new Uint8Array(values);
}

/** D1 gives blobs as arrays of bytes. */
const readValue = (value) =>
  value !== null && typeof value === "object" ? [...new Uint8Array(decodeBase64(value.blob))] : value;

function result({ columns, rows, meta }) {
  const results = rows.map((row) => {
    const object = {};
    for (let i = 0; i < columns.length; i++) object[columns[i]] = readValue(row[i]);
    return object;
  });
  return { success: true, meta, results };
}

class D1PreparedStatement {
  #sql;
  #values;

  constructor(sql, values = []) {
    this.#sql = sql;
    this.#values = values;
  }

  /** What travels of a statement; `null` for what is none. */
  static wire(statement) {
    return typeof statement === "object" && statement !== null && #sql in statement
      ? { sql: statement.#sql, values: statement.#values }
      : null;
  }

  bind(...values) {
    return new D1PreparedStatement(this.#sql, values.map(wireValue));
  }

  async #send() {
    const [answer] = await start("db.batch", [[{ sql: this.#sql, values: this.#values }]]);
    return answer;
  }

  async first(column) {
    const [row] = result(await this.#send()).results;
    if (row === undefined) return null;
    if (column === undefined) return row;
    if (row[column] === undefined) {
      throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`, { cause: new Error("Column not found") });
    }
    return row[column];
  }

  async all() {
    return result(await this.#send());
  }

  async run() {
    return result(await this.#send());
  }

  async raw(options) {
    const { columns, rows } = await this.#send();
    const values = rows.map((row) => row.map(readValue));
    return options?.columnNames ? [columns, ...values] : values;
  }
}

export const db = {
  prepare: (sql) => new D1PreparedStatement(String(sql)),
  batch: async (statements) => {
    const wire = [];
    for (const statement of statements) {
      const one = D1PreparedStatement.wire(statement);
      if (!one) throw new Error("D1_ERROR: db.batch takes an array of prepared statements");
      wire.push(one);
    }
    return wire.length === 0 ? [] : (await start("db.batch", [wire])).map(result);
  },
  exec: (sql) => start("db.exec", [String(sql)]),
};
