/**
 * The status page of a session: JSON that the host serves at STATUS_PATH and that `drover status`
 * and programs read.
 */
import type { EntrypointInfo } from "./worker-spec.ts";

export const STATUS_PATH = "/cdn-cgi/drover/status";

/** `Connection`: one binding to another Worker, as the session describes it. */
export interface StatusPage<Connection = unknown> {
  readonly primary: string;
  readonly workers: readonly StatusWorker<Connection>[];
}

export interface StatusWorker<Connection = unknown> extends WorkerStatus {
  readonly connections: readonly Connection[];
  /** Of the thread that serves; absent where none does. */
  readonly usage?: Usage;
}

export interface Usage {
  /** ms of CPU time since the thread began. */
  readonly cpuMs: number;
  /** MB of heap and external memory; absent while the thread does not answer. */
  readonly memoryMb?: number;
}

/** What the host knows of a Worker. */
export interface WorkerStatus {
  readonly name: string;
  /** "asleep": it was evaluated, and gets a thread when it is called for the first time. */
  readonly status: "ready" | "asleep" | "building" | "build-failed" | "crashed";
  /** Generation that serves or sleeps, 0 if there is none. */
  readonly generation: number;
  readonly url: string;
  readonly entrypoints: readonly EntrypointInfo[];
  /** Why there is none, or why the newest one was not taken. */
  readonly error?: string;
}
