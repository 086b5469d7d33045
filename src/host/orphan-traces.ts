/**
 * Events of a tailed Worker whose thread ended before they did: what was recorded of them (protocol/tail.ts,
 * JournalLine) goes to the Worker's next thread, which tells the consumers. Main thread of the host; owned
 * by breaches.ts.
 */
import type {
  JournalHead,
  JournalLine,
  TraceData,
  TraceExceptionData,
  TraceLogData,
} from "../protocol/tail.ts";
import { readJournal } from "../util/journal.ts";
import type { Breach } from "./breach.ts";
import type { WorkerThread } from "./worker-thread.ts";

interface Orphan {
  readonly head: JournalHead;
  readonly logs: TraceLogData[];
  readonly exceptions: TraceExceptionData[];
}

export class OrphanTraces {
  #waiting: TraceData[] = [];

  /** `thread` has ended; `breach`: that is why. */
  take(thread: WorkerThread, breach?: Breach): void {
    const memory = thread.takeJournal();
    if (memory === undefined) return;
    for (const orphan of openIn(memory)) this.#waiting.push(closed(orphan, breach));
  }

  /** From a thread that has ended to one that serves. */
  pass(from: WorkerThread, to: WorkerThread | undefined): void {
    this.take(from);
    this.giveTo(to);
  }

  giveTo(thread: WorkerThread | undefined): void {
    if (thread === undefined || this.#waiting.length === 0) return;
    thread.post({ type: "orphan-traces", traces: this.#waiting });
    this.#waiting = [];
  }
}

function openIn(memory: SharedArrayBuffer): Iterable<Orphan> {
  const open = new Map<number, Orphan>();
  for (const text of readJournal(memory)) {
    const line = JSON.parse(text) as JournalLine;
    const { trace } = line;
    if ("head" in line) open.set(trace, { head: line.head, logs: [], exceptions: [] });
    else if ("log" in line) open.get(trace)?.logs.push(line.log);
    else if ("exception" in line) open.get(trace)?.exceptions.push(line.exception);
    else open.delete(trace);
  }
  return open.values();
}

/** Memory is everybody's, computing that of the one that went over its limit; the others were cut off. */
function closed({ head, logs, exceptions }: Orphan, breach: Breach | undefined): TraceData {
  const { invocation, ...rest } = head;
  const isGuilty =
    breach !== undefined &&
    (breach.outcome === "exceededMemory" || breach.invocation === invocation);
  const timestamp = Date.now();
  if (isGuilty && exceptions.every(({ message }) => message !== breach.message)) {
    exceptions.push({ name: "Error", message: breach.message, timestamp });
  }
  return {
    ...rest,
    entrypoint: rest.entrypoint,
    durableObjectId: rest.durableObjectId,
    logs,
    exceptions,
    channels: [],
    outcome: isGuilty ? breach.outcome : "canceled",
    truncated: false,
    wallTime: timestamp - head.eventTimestamp,
  };
}
