/**
 * What streaming tails are told of SQL and of `ctx.storage.kv`: production's attributes, in its order
 * (spec/platform.md 16.2, test/parity/tail-stream). Called where somebody listens.
 */
import { describeSpan, type OpenSpan } from "../../isolate/spans.ts";
import type { ListOptions } from "./kv-table.ts";

function beginSql(span: OpenSpan, operation: string): void {
  describeSpan(span, {
    "db.system.name": "cloudflare-durable-object-sql",
    "db.operation.name": operation,
  });
}

export function describeKey(span: OpenSpan, operation: string, key: string): void {
  beginSql(span, operation);
  describeSpan(span, {
    "cloudflare.durable_object.kv.query.keys": key,
    "cloudflare.durable_object.kv.query.keys.count": 1n,
  });
}

export function describeRange(span: OpenSpan, options: ListOptions): void {
  const { start, startAfter, end, prefix, reverse, limit } = options;
  beginSql(span, "list");
  const at = "cloudflare.durable_object.kv.query";
  describeSpan(span, {
    [`${at}.start`]: start,
    [`${at}.start_after`]: startAfter,
    [`${at}.end`]: end,
    [`${at}.prefix`]: prefix,
    [`${at}.reverse`]: reverse === true ? true : undefined,
    [`${at}.limit`]: limit === undefined ? undefined : BigInt(limit),
  });
}

export function describeStatement(span: OpenSpan, sql: string, parameters: number): void {
  beginSql(span, "exec");
  describeSpan(span, {
    "db.query.text": sql,
    "cloudflare.durable_object.query.bindings": BigInt(parameters),
  });
}

/** What a cursor has read and written, when it is at its end. */
export function describeRows(span: OpenSpan, read: number, written: number): void {
  describeSpan(span, {
    "cloudflare.durable_object.response.rows_read": BigInt(read),
    "cloudflare.durable_object.response.rows_written": BigInt(written),
  });
}
