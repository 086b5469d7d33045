/**
 * What the Workers of a session have said lately, for `drover logs` (protocol/logs-page.ts). Main
 * thread of the host; a new host begins with none.
 */
import type { LoggedEntry, LogsPage } from "../protocol/logs-page.ts";
import type { LogEntry } from "../protocol/thread.ts";

const MOST_ENTRIES = 5_000;
/** Characters of all texts together. */
const MOST_TEXT = 4_000_000;

export class LogHistory {
  #entries: LoggedEntry[] = [];
  #textLength = 0;
  /** Number of the first entry that is kept. */
  #first = 0;

  add(worker: string, entry: LogEntry): void {
    this.#entries.push({ worker, ...entry });
    this.#textLength += entry.text.length;
    // In portions: an array is not shifted at every line.
    if (this.#entries.length > 2 * MOST_ENTRIES || this.#textLength > 2 * MOST_TEXT) this.#shrink();
  }

  /** Entries from number `from` on, as far as they are kept. */
  after(from: number): LogsPage {
    const start = Number.isInteger(from) ? Math.max(0, from - this.#first) : 0;
    return {
      entries: this.#entries.slice(start),
      next: this.#first + this.#entries.length,
    };
  }

  #shrink(): void {
    let dropped = Math.max(0, this.#entries.length - MOST_ENTRIES);
    let length = this.#textLength;
    for (const { text } of this.#entries.slice(0, dropped)) length -= text.length;
    for (; length > MOST_TEXT && dropped < this.#entries.length; dropped += 1) {
      length -= this.#entries[dropped]?.text.length ?? 0;
    }
    this.#entries = this.#entries.slice(dropped);
    this.#first += dropped;
    this.#textLength = length;
  }
}
