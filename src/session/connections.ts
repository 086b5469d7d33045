/**
 * Which bindings of this session reach something, followed over its life: tells the host for the
 * status page and, once the first state was shown, the user about every row that changes. Owned by
 * DevSession.
 */
import type { SessionToHost } from "../protocol/host.ts";
import type { ChangedConnections, SessionEvent } from "./events.ts";
import {
  type ConnectionRow,
  connectionsOf,
  isNews,
  type StatusContext,
  type WorkerView,
} from "./status.ts";

export interface ConnectionsContext {
  readonly status: () => StatusContext;
  readonly send: (message: SessionToHost) => void;
  readonly dispatch: (event: SessionEvent) => void;
}

export class Connections {
  readonly #context: ConnectionsContext;
  /** Rows as they were last said, by Worker. */
  readonly #shown: Map<string, readonly ConnectionRow[]> = new Map();
  #isFollowing = false;
  /** What the host was last told, as text. */
  #sent = "";

  constructor(context: ConnectionsContext) {
    this.#context = context;
  }

  of(worker: WorkerView): readonly ConnectionRow[] {
    return connectionsOf(worker, this.#context.status());
  }

  /** True if a binding leads out of the session. */
  get leadOutside(): boolean {
    const { workers } = this.#context.status();
    return workers.some((worker) =>
      this.of(worker).some(({ service }) => workers.every(({ name }) => name !== service)),
    );
  }

  /** The present state was shown: differences are events from now on. */
  follow(): void {
    this.update();
    this.#isFollowing = true;
  }

  /** A new host knows nothing. */
  restore(): void {
    this.#sent = "";
    this.update();
  }

  /** Something changed that connections may depend on. */
  update(): void {
    const { status, send, dispatch } = this.#context;
    const changes: ChangedConnections[] = [];
    const all: Record<string, readonly ConnectionRow[]> = {};
    for (const worker of status().workers) {
      const rows = this.of(worker);
      all[worker.name] = rows;
      const before = this.#shown.get(worker.name) ?? [];
      const changed = rows.filter((row) =>
        isNews(
          before.find((old) => isSame(old, row)),
          row,
        ),
      );
      if (changed.length > 0) changes.push({ worker: worker.name, rows: changed });
      this.#shown.set(worker.name, rows);
    }
    const text = JSON.stringify(all);
    if (text !== this.#sent) {
      this.#sent = text;
      send({ type: "connections", connections: all });
    }
    if (this.#isFollowing && changes.length > 0) {
      dispatch({ type: "connections-changed", changes });
    }
  }
}

/** The same binding with the same target. */
function isSame(a: ConnectionRow, b: ConnectionRow): boolean {
  return (
    a.kind === b.kind && a.binding === b.binding && a.service === b.service && a.target === b.target
  );
}
