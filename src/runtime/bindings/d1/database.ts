/**
 * `env.DB` (spec/resources.md 6): classes as production has them, in JavaScript too, on a database
 * in the storage thread (resources/d1/database.ts).
 */
import { requireInvocation } from "../../../isolate/invocation.ts";
import { type OpenSpan, spanned } from "../../../isolate/spans.ts";
import { messageOf } from "../../../util/errors.ts";
import type { ResourceCaller } from "../resource.ts";
import { WrappedBinding } from "../wrapped-binding.ts";
import { beginQuery, describeResults, inQuerySpan } from "./spans.ts";
import { D1PreparedStatement, resultOf, type SentStatement } from "./statement.ts";
import { type QueryResult, sent } from "./values.ts";

interface Answer {
  readonly results: readonly QueryResult[];
  readonly bookmark: number | undefined;
}

class D1DatabaseSession {
  readonly #call: ResourceCaller;
  /** Newest bookmark that this session has seen; "first-..." before there is one. */
  #bookmarkOrConstraint: string;
  readonly #countsBookmarks: boolean;

  constructor(call: ResourceCaller, bookmarkOrConstraint: string, countsBookmarks: boolean) {
    this.#call = call;
    this.#bookmarkOrConstraint = bookmarkOrConstraint;
    this.#countsBookmarks = countsBookmarks;
  }

  prepare(query: string): D1PreparedStatement {
    return new D1PreparedStatement((statements, span) => this.#send(statements, span, true), query);
  }

  async batch(statements: readonly D1PreparedStatement[]): Promise<object[]> {
    const list = statements.map(({ statement, params }) => ({ statement, params }));
    const query = () => ({
      operation: "batch",
      texts: list.map(({ statement }) => statement),
      bookmark: this.getBookmark(),
    });
    return inQuerySpan("d1_batch", query, async (span) =>
      (await this.#send(list, span, false)).map(resultOf),
    );
  }

  getBookmark(): string | null {
    const current = this.#bookmarkOrConstraint;
    return CONSTRAINTS.has(current) ? null : current;
  }

  async #send(
    statements: readonly SentStatement[],
    span: OpenSpan | undefined,
    isSingle: boolean,
  ): Promise<readonly QueryResult[]> {
    requireInvocation("D1");
    const queries = statements.map(({ statement, params }) => {
      if (typeof statement !== "string") {
        throw failure(`The statement must be a string, but it is of type ${typeof statement}.`);
      }
      return { sql: statement, params: params.map(sent) };
    });
    let answer: Answer;
    try {
      answer = await this.#call<Answer>("query", queries, this.#countsBookmarks);
    } catch (error) {
      throw failure(messageOf(error));
    }
    if (answer.bookmark !== undefined) this.#update(bookmarkOf(answer.bookmark));
    if (span !== undefined) {
      const bookmark = answer.bookmark === undefined ? undefined : bookmarkOf(answer.bookmark);
      describeResults(span, answer.results, bookmark, isSingle);
    }
    return answer.results;
  }

  #update(bookmark: string): void {
    const current = this.#bookmarkOrConstraint;
    if (CONSTRAINTS.has(current) || bookmark > current) this.#bookmarkOrConstraint = bookmark;
  }
}

class D1Database extends WrappedBinding {
  readonly #alwaysPrimarySession: D1DatabaseSession;
  readonly #call: ResourceCaller;

  constructor(call: ResourceCaller, id: string) {
    super({ kind: "d1", id });
    this.#call = call;
    this.#alwaysPrimarySession = new D1DatabaseSession(call, "first-primary", false);
  }

  prepare(query: string): D1PreparedStatement {
    return this.#alwaysPrimarySession.prepare(query);
  }

  async batch(statements: readonly D1PreparedStatement[]): Promise<object[]> {
    return this.#alwaysPrimarySession.batch(statements);
  }

  async exec(query: string): Promise<object> {
    requireInvocation("D1.exec");
    const lines = query.trim().split("\n");
    const queries = lines.map((sql) => ({ sql, params: [] }));
    return spanned("d1_exec", async (span) => {
      if (span !== undefined) beginQuery(span, "exec", [query]);
      try {
        const { results } = await this.#call<Answer>("query", queries, false);
        if (span !== undefined) describeResults(span, results, undefined, false);
        const duration = results.reduce((sum, { meta }) => sum + meta.durationMs, 0);
        return { count: results.length, duration };
      } catch (error) {
        // Always the first line, whichever it was.
        const text = `Error in line 1: ${lines[0]}: ${messageOf(error)}`;
        span?.set("error.type", "Error in line 1");
        throw new Error(`D1_EXEC_ERROR: ${text}`, { cause: new Error(text) });
      }
    });
  }

  withSession(constraintOrBookmark?: string | null): D1DatabaseSession {
    const wanted = constraintOrBookmark?.trim() || "first-unconstrained";
    return new D1DatabaseSession(this.#call, wanted, true);
  }

  async query(): Promise<never> {
    throw new Error(
      "D1_ERROR: D1Database.query() requires the d1_binding_jsrpc compatibility flag. Enable d1_binding_jsrpc before calling query().",
    );
  }

  /** Removed from production, where its answer is this error too. */
  async dump(): Promise<never> {
    throw new Error("D1_DUMP_ERROR: Status + 404", { cause: new Error("Status 404") });
  }
}

/** `env.DB` of the database `id`. */
export function createD1Database(call: ResourceCaller, id: string): WrappedBinding {
  return new D1Database(call, id);
}

const CONSTRAINTS: ReadonlySet<string> = new Set(["first-primary", "first-unconstrained"]);

function bookmarkOf(count: number): string {
  return `00000000-${count.toString(16).padStart(8, "0")}-00000000-${"0".repeat(32)}`;
}

function failure(text: string): Error {
  return new Error(`D1_ERROR: ${text}`, { cause: new Error(text) });
}
