/**
 * The records of this thread's events where the host can read them when the thread has ended with them (a loop
 * over its CPU time, no memory left): protocol/tail.ts, JournalLine. Made by tailed-worker.ts.
 */
import type { JournalHead, JournalLine } from "../../protocol/tail.ts";
import { JournalWriter } from "../../util/journal.ts";

/** Ten full records; only what has been written takes memory. */
const BYTES: number = 4 * 1024 * 1024;

/** A record that is open; gives what has been written of it once more. */
export interface JournaledTrace {
  lines(trace: number): Iterable<JournalLine>;
}

export class TraceJournal {
  readonly #writer: JournalWriter = new JournalWriter(BYTES);
  readonly #open: Map<number, JournaledTrace> = new Map();
  #last = 0;

  get memory(): SharedArrayBuffer {
    return this.#writer.memory;
  }

  /** Gives its number. */
  begin(record: JournaledTrace, head: JournalHead): number {
    const trace = ++this.#last;
    this.#open.set(trace, record);
    this.#write({ trace, head });
    return trace;
  }

  add(line: JournalLine): void {
    this.#write(line);
  }

  end(trace: number): void {
    this.#open.delete(trace);
    if (this.#open.size === 0) this.#writer.clear();
    else this.#write({ trace, isOver: true });
  }

  /** What does not fit beside all other open records is not kept. */
  #write(line: JournalLine): void {
    const text = JSON.stringify(line);
    if (this.#writer.add(text)) return;
    this.#writer.clear();
    for (const [trace, record] of this.#open) {
      for (const kept of record.lines(trace)) this.#writer.add(JSON.stringify(kept));
    }
  }
}
