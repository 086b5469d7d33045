/** The page of a session's latest log lines: JSON that the host serves and `drover logs` reads. */
import type { LogEntry } from "./thread.ts";

/** Query `after`: the `next` of the page before; without it everything that is kept. */
export const LOGS_PATH = "/cdn-cgi/drover/logs";

export interface LogsPage {
  readonly entries: readonly LoggedEntry[];
  /** For the next page. */
  readonly next: number;
}

export interface LoggedEntry extends LogEntry {
  readonly worker: string;
}
