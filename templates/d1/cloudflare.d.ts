/**
 * Enough types for this project, without a download. For all of the platform's types install
 * @cloudflare/workers-types, put it into "types" of tsconfig.json, and delete this file.
 */
interface D1Database {
  prepare(query: string): D1PreparedStatement;
  /** One transaction: all or nothing. */
  batch(statements: D1PreparedStatement[]): Promise<D1Result[]>;
}

interface D1PreparedStatement {
  /** Values for the `?` of the query, in order. */
  bind(...values: (string | number | boolean | null | ArrayBuffer)[]): D1PreparedStatement;
  first<Row = Record<string, unknown>>(): Promise<Row | null>;
  all<Row = Record<string, unknown>>(): Promise<D1Result<Row>>;
  run(): Promise<D1Result>;
}

interface D1Result<Row = Record<string, unknown>> {
  readonly results: Row[];
  readonly meta: { readonly changes: number; readonly last_row_id: number };
}
