/**
 * The status page of a session: JSON that the host serves at STATUS_PATH and that `drover status`
 * and programs read.
 */
import type { EntrypointInfo } from "./worker-spec.ts";

export const STATUS_PATH = "/cdn-cgi/drover/status";

/** Query of the page: each thread throws its garbage away before its memory is measured. */
export const COLLECT = "collect";

/** `Connection`: one binding to another Worker, as the session describes it. */
export interface StatusPage<Connection = unknown> {
  readonly primary: string;
  readonly workers: readonly StatusWorker<Connection>[];
}

export interface StatusWorker<Connection = unknown> extends WorkerStatus {
  readonly connections: readonly Connection[];
  /** Of the thread that serves; absent where none does. */
  readonly usage?: Usage;
  /** Its Durable Object classes; absent without any, and where no thread serves. */
  readonly objects?: readonly ObjectClassStatus[];
  /** The dynamic Workers that it has loaded; absent without any. */
  readonly dynamic?: readonly DynamicStatus[];
}

/** A dynamic Worker that has a thread. */
export interface DynamicStatus {
  /** Name of its loader, with the id that it was loaded by. */
  readonly name: string;
  readonly status: "starting" | "ready";
  /** Of its thread, once it is ready. */
  readonly usage?: Usage;
}

/** What lives of one Durable Object class. */
export interface ObjectClassStatus {
  readonly className: string;
  /** Objects in memory. */
  readonly live: number;
  /** Objects that are gone while their WebSockets stay. */
  readonly hibernating: number;
  /** Hibernatable WebSockets of all its objects. */
  readonly sockets: number;
  /** The earliest alarm of the class, of objects that are not in memory too; ms since 1970. */
  readonly nextAlarm?: number;
  /** The first of those that live or hibernate (`MAX_LISTED_OBJECTS`). */
  readonly objects: readonly ObjectStatus[];
}

export interface ObjectStatus {
  /** 64 hex digits. */
  readonly id: string;
  /** What it was made of, where its callers told. */
  readonly name?: string;
  readonly hibernates: boolean;
  readonly sockets: number;
  /** ms since 1970. */
  readonly alarm?: number;
}

/** Objects of one class that the status page lists one by one. */
export const MAX_LISTED_OBJECTS = 20;

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
