/**
 * What streaming tails are told of statements of D1: production's attributes, in its order (spec/platform.md
 * 16.2, test/parity/tail-stream). Called by database.ts and statement.ts where somebody listens.
 */
import { describeSpan, type OpenSpan, spanned } from "../../../isolate/spans.ts";
import type { D1Meta } from "../../../protocol/d1.ts";
import type { QueryResult } from "./values.ts";

/** What is asked. */
interface Query {
  readonly operation: string;
  readonly texts: readonly string[];
  /** Of the session, if it has seen one. */
  readonly bookmark?: string | null;
}

/** Runs a query in its span, if anybody listens, which hears what it failed with. */
export function inQuerySpan<T>(
  name: string,
  query: () => Query,
  run: (span: OpenSpan | undefined) => Promise<T>,
): Promise<T> {
  return spanned(name, async (span) => {
    if (span === undefined) return await run(span);
    const { operation, texts, bookmark } = query();
    beginQuery(span, operation, texts, bookmark);
    try {
      return await run(span);
    } catch (error) {
      failedIn(span, error);
      throw error;
    }
  });
}

export function beginQuery(
  span: OpenSpan,
  operation: string,
  texts: readonly string[],
  bookmark: string | null = null,
): void {
  describeSpan(span, {
    "db.system.name": "cloudflare-d1",
    "db.operation.name": operation,
    "db.query.text": texts.join("\n"),
    "db.operation.batch.size": operation === "batch" ? texts.length : undefined,
    "cloudflare.binding.type": "D1",
    "cloudflare.d1.query.bookmark": bookmark ?? undefined,
  });
}

export function describeResults(
  span: OpenSpan,
  results: readonly QueryResult[],
  bookmark: string | undefined,
  isSingle: boolean,
): void {
  const duration = results.reduce((total, { meta }) => total + meta.durationMs, 0);
  const sum = (number: (meta: D1Meta) => number): number =>
    results.reduce((total, { meta }) => total + number(meta), 0);
  const last = results.at(-1)?.meta;
  describeSpan(span, {
    "cloudflare.d1.response.bookmark": bookmark,
    "cloudflare.d1.response.size_after": last?.sizeAfter,
    "cloudflare.d1.response.rows_read": sum(({ rowsRead }) => rowsRead),
    "cloudflare.d1.response.rows_written": sum(({ rowsWritten }) => rowsWritten),
    "cloudflare.d1.response.last_row_id": last?.lastRowId,
    "cloudflare.d1.response.changed_db": results.some(({ meta }) => meta.changedDb),
    "cloudflare.d1.response.changes": sum(({ changes }) => changes),
    "cloudflare.d1.response.served_by_primary": true,
    // Of several only if it is more than nothing.
    "cloudflare.d1.response.sql_duration_ms": isSingle || duration > 0 ? duration : undefined,
    "cloudflare.d1.response.total_attempts": results.length,
  });
}

/** What went wrong, without `D1_ERROR: `. */
function failedIn(span: OpenSpan, error: unknown): void {
  const { cause } = error as { readonly cause?: unknown };
  if (cause instanceof Error) span.set("error.type", cause.message);
}
