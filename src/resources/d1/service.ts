/**
 * A D1 database as Workers reach it: the RPC target behind `env.DB`, in the storage thread. Calls run
 * one after the other, in this thread or, if they may take long, in a process of the database's own,
 * so that nobody else waits for them.
 */
import type { StatementSettings } from "../../protocol/storage.ts";
import { type D1Answer, type D1Query, D1Store } from "./database.ts";
import { StatementProcess, TIMED_OUT, TimedOut } from "./process.ts";

interface Waiting {
  readonly queries: readonly D1Query[];
  readonly withBookmark: boolean;
  readonly resolve: (answer: D1Answer) => void;
  readonly reject: (error: unknown) => void;
}

export class D1Service {
  readonly #store: D1Store;
  readonly #process: StatementProcess;
  /** Behind a call that is with the process; the first one is that call. */
  #waiting: Waiting[] = [];

  constructor(root: string, id: string, statements: StatementSettings) {
    this.#store = new D1Store(root, id);
    this.#process = new StatementProcess(root, id, statements);
  }

  query(queries: readonly D1Query[], withBookmark: boolean): D1Answer | Promise<D1Answer> {
    if (this.#waiting.length === 0 && !this.#store.mayTakeLong(queries)) {
      return this.#store.query(queries, withBookmark);
    }
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ queries, withBookmark, resolve, reject }) === 1) void this.#work();
    });
  }

  close(): void {
    this.#process.close();
    this.#store.close();
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      try {
        next.resolve(await this.#run(next));
        this.#waiting.shift();
      } catch (error) {
        const failed = error instanceof TimedOut ? this.#waiting : [next];
        this.#waiting = this.#waiting.slice(failed.length);
        for (const { reject } of failed) {
          reject(error instanceof TimedOut ? new Error(TIMED_OUT) : error);
        }
      }
    }
  }

  async #run({ queries, withBookmark }: Waiting): Promise<D1Answer> {
    if (!this.#store.mayTakeLong(queries)) return this.#store.query(queries, withBookmark);
    const { lastRowId } = this.#store;
    // The tables may be others afterwards.
    this.#store.close();
    const answer = await this.#process.run({ queries, withBookmark, lastRowId });
    this.#store.adopt(answer.results.at(-1)?.meta.lastRowId ?? lastRowId);
    return answer;
  }
}
