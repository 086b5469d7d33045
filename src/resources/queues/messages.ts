/**
 * The messages of all queues of a state folder, on disk: one table, so that a message moves to its dead
 * letter queue in one transaction. wrangler keeps queues in memory; this file is drover's own. What was
 * acknowledged to a producer is in it. Storage thread; owned by broker.ts.
 */
import type { QueueContentType, QueueMetrics, RelayedMessage } from "../../protocol/queues.ts";
import type { SqliteDatabase } from "../../storage/sqlite/contract.ts";
import { naming } from "../failures.ts";
import { Store } from "../store.ts";

/** `seq` gives the order, which a retry changes; `attempts` counts deliveries so far. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS messages (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, queue TEXT NOT NULL, sent INTEGER NOT NULL,
  due INTEGER NOT NULL, attempts INTEGER NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS messages_order ON messages (queue, seq, due, size, sent, id);
`;

const NEXT_SEQ = "(SELECT ifnull(max(seq), 0) + 1 FROM messages)";

const SQL = {
  insert: `INSERT OR IGNORE INTO messages (seq, id, queue, sent, due, attempts, type, size, body) VALUES (${NEXT_SEQ}, ?, ?, ?, ?, ?, ?, ?, ?)`,
  delete: "DELETE FROM messages WHERE id = ?",
  retry: `UPDATE messages SET seq = ${NEXT_SEQ}, attempts = attempts + 1, due = ? WHERE id = ?`,
  move: `UPDATE messages SET seq = ${NEXT_SEQ}, queue = ?, attempts = 0, due = 0 WHERE id = ?`,
  ready: "SELECT id FROM messages WHERE queue = ? AND due <= ? ORDER BY seq LIMIT ?",
  read: "SELECT id, sent, attempts, type, body, due FROM messages WHERE id = ?",
  nextDue: "SELECT min(due) FROM messages WHERE queue = ? AND due > ?",
  metrics:
    "SELECT count(*), total(size), min(sent) FROM messages WHERE queue = ? AND due <= ? AND id NOT IN (SELECT value FROM json_each(?))",
  count: "SELECT count(*) FROM messages WHERE queue = ?",
  oldest: "SELECT id FROM messages WHERE queue = ? ORDER BY seq LIMIT ?",
  queues: "SELECT queue, count(*) FROM messages GROUP BY queue",
} as const;

export class Messages {
  readonly #store: Store;

  constructor(root: string) {
    const setUp = (database: SqliteDatabase): void => database.exec(SCHEMA);
    this.#store = new Store({ root, kind: "queues", name: "messages", setUp });
  }

  /** Of the file, for people and to tell whether two brokers share it. */
  get path(): string {
    return this.#store.path;
  }

  /** All or nothing. A message that is there already stays as it is. */
  add(queue: string, messages: readonly RelayedMessage[]): void {
    this.#change(() => {
      for (const { id, timestamp, due, attempts, type, body } of messages) {
        this.#run("insert", id, queue, timestamp, due, attempts, type, body.byteLength, body);
      }
    });
  }

  /** What a batch came to, all or nothing. */
  settle(changes: {
    readonly done: readonly string[];
    readonly retries: readonly { readonly id: string; readonly due: number }[];
    readonly moves: readonly { readonly id: string; readonly queue: string }[];
  }): void {
    this.#change(() => {
      for (const id of changes.done) this.#run("delete", id);
      for (const { id, due } of changes.retries) this.#run("retry", due, id);
      for (const { id, queue } of changes.moves) this.#run("move", queue, id);
    });
  }

  /** Ids of what may be delivered, in order. */
  ready(queue: string, now: number, limit: number): string[] {
    return this.#read(() => this.#statement("ready").all(queue, now, limit)).map(([id]) =>
      String(id),
    );
  }

  /** Undefined: it is not there any more. `attempts`: so far. */
  get(id: string): RelayedMessage | undefined {
    const row = this.#read(() => this.#statement("read").get(id));
    if (row === undefined) return undefined;
    const [, sent, attempts, type, body, due] = row;
    return {
      id,
      timestamp: Number(sent),
      attempts: Number(attempts),
      type: type as QueueContentType,
      // A copy: it is handed over to another thread.
      body: new Uint8Array(body as Uint8Array),
      due: Number(due),
    };
  }

  /** When the next delayed message is due, milliseconds since the epoch. */
  nextDue(queue: string, now: number): number | undefined {
    const due = this.#read(() => this.#statement("nextDue").get(queue, now))?.[0];
    return due === null || due === undefined ? undefined : Number(due);
  }

  /** Of everything that is due, without the messages `running`. */
  metrics(queue: string, now: number, running: readonly string[] = []): QueueMetrics {
    const ids = JSON.stringify(running);
    const row = this.#read(() => this.#statement("metrics").get(queue, now, ids));
    const [count = 0, bytes = 0, oldest = null] = row ?? [];
    return {
      backlogCount: Number(count),
      backlogBytes: Number(bytes),
      ...(oldest === null ? {} : { oldestMessageTimestamp: Number(oldest) }),
    };
  }

  count(queue: string): number {
    return Number(this.#read(() => this.#statement("count").get(queue))?.[0] ?? 0);
  }

  /** Ids of the first ones, delayed or not. */
  oldest(queue: string, limit: number): string[] {
    return this.#read(() => this.#statement("oldest").all(queue, limit)).map(([id]) => String(id));
  }

  /** How many messages each queue has, delayed or not. */
  queues(): ReadonlyMap<string, number> {
    const rows = this.#read(() => this.#statement("queues").all());
    return new Map(rows.map(([queue, count]) => [String(queue), Number(count)]));
  }

  close(): void {
    this.#store.close();
  }

  #statement(name: keyof typeof SQL): ReturnType<Store["statement"]> {
    return this.#store.statement(SQL[name]);
  }

  #run(name: keyof typeof SQL, ...values: readonly (string | number | Uint8Array)[]): void {
    this.#statement(name).run(...values);
  }

  #change(run: () => void): void {
    naming(this.path, "", () => this.#store.transaction(run));
  }

  #read<T>(run: () => T): T {
    return naming(this.path, "", run);
  }
}
