/**
 * `createTestHarness` under wrangler's name and with its texts (spec/devtools-types.md 15), on `startDev`: moving
 * tests over is a change of import. Storage of its own, nothing watched, found by nobody.
 */
import { AssertionError } from "node:assert";
import { stripVTControlCharacters } from "node:util";
import { Headers, type RequestInit, type Response } from "undici";
import {
  ERROR_ANSWER_TYPE,
  type ErrorAnswer,
  WANTS_ERRORS_HEADER,
} from "../protocol/error-answer.ts";
import type { LogEntry } from "../protocol/thread.ts";
import type { SessionEvent } from "../session/events.ts";
import { type DevServer, type DevWorker, startDev } from "./dev-server.ts";

export interface TestHarnessOptions {
  /** What paths start from; default: process.cwd(). */
  readonly root?: string;
  /** The first is the primary. */
  readonly workers: readonly TestHarnessWorker[];
}

export interface TestHarnessWorker {
  readonly configPath: string;
  readonly env?: string;
  /** Win over the config's and over files. */
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** As `bindings` of startDev. */
  readonly bindingOverrides?: Readonly<Record<string, unknown>>;
}

export interface HarnessLog {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly level: LogEntry["level"];
  readonly message: string;
}

export type HarnessWorker = Pick<DevWorker, "fetch" | "scheduled" | "email" | "getEnv"> & {
  /** A stub of an entrypoint; default: the default export. */
  readonly getExport: DevWorker["rpc"];
  /** As of startDev: hands over a batch. */
  readonly queue: DevWorker["queue"];
};

export interface TestHarness extends AsyncDisposable {
  /** Starts the Workers; does nothing if they run. */
  listen(): Promise<{ readonly url: URL }>;
  /** To the primary, or, for a whole URL, where the routes of the configs lead; rejects with what the Worker threw. */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>;
  /** Default: the primary. */
  getWorker(name?: string): HarnessWorker;
  /** What the Workers said by `console` and threw, since the start or `clearLogs`. */
  getLogs(): readonly HarnessLog[];
  clearLogs(): void;
  /** Empty storage, and every Worker anew. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

const NOT_STARTED =
  "Server has not been started. Start it with server.listen() before calling this method.";
const NO_OPTIONS =
  "Test harness options have not been configured. Pass options to createTestHarness() or call server.update(options) before server.listen().";

export function createTestHarness(options?: TestHarnessOptions): TestHarness {
  return new Harness(options);
}

class Harness implements TestHarness {
  readonly #options: TestHarnessOptions | undefined;
  #dev: DevServer | undefined;
  #logs: HarnessLog[] = [];

  constructor(options: TestHarnessOptions | undefined) {
    this.#options = options;
  }

  async listen(): Promise<{ readonly url: URL }> {
    this.#dev ??= await this.#start();
    return { url: new URL(`http://127.0.0.1:${this.#dev.port}/`) };
  }

  async fetch(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const dev = this.#started;
    const url = String(input);
    if (!URL.canParse(url)) return await answered(dev.fetch(url, wantingErrors(init)));
    // Hosts of routes are nobody's here: the session itself is asked in their name.
    const target = new URL(url);
    target.protocol = new URL(dev.url).protocol;
    target.port = String(dev.port);
    return await answered(dev.fetch(target.href, wantingErrors(init)));
  }

  getWorker(name?: string): HarnessWorker {
    const { workers } = this.#started;
    const worker = name === undefined ? workers[0] : workers.find((each) => each.name === name);
    if (worker === undefined) {
      throw new TypeError(`Worker "${name ?? ""}" does not exist in this server.`);
    }
    return {
      fetch: (path, init) => answered(worker.fetch(path, wantingErrors(init ?? {}))),
      scheduled: (options) => worker.scheduled(options),
      email: (message) => worker.email(message),
      queue: (queue, messages) => worker.queue(queue, messages),
      getEnv: () => worker.getEnv(),
      getExport: (entrypoint) => worker.rpc(entrypoint),
    };
  }

  getLogs(): readonly HarnessLog[] {
    return [...this.#logs];
  }

  clearLogs(): void {
    this.#logs = [];
  }

  async reset(): Promise<void> {
    await this.#started.reset();
  }

  async close(): Promise<void> {
    const dev = this.#dev;
    this.#dev = undefined;
    await dev?.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #started(): DevServer {
    if (this.#dev === undefined) throw new AssertionError({ message: NOT_STARTED });
    return this.#dev;
  }

  async #start(): Promise<DevServer> {
    if (this.#options === undefined) throw new Error(NO_OPTIONS);
    const { root = process.cwd(), workers } = this.#options;
    if (workers.length === 0) throw new Error("Test harness requires at least one worker.");
    return await startDev({
      cwd: root,
      configs: workers.map(configOf),
      persist: false,
      routesDispatch: true,
      bindings: Object.assign({}, ...workers.map(overridesOf)) as Record<string, unknown>,
      onEvent: (event) => this.#onEvent(event),
    });
  }

  #onEvent(event: SessionEvent): void {
    if (event.type !== "log" || event.entry.kind === "runtime") return;
    const { time: timestamp, level, text } = event.entry;
    this.#logs.push({ timestamp, level, message: stripVTControlCharacters(text).trimEnd() });
  }
}

function configOf({ configPath, env }: TestHarnessWorker): string {
  return env === undefined ? configPath : `${configPath}@${env}`;
}

function overridesOf(worker: TestHarnessWorker): Record<string, unknown> {
  const { vars, secrets, bindingOverrides } = worker;
  const own = Object.entries({ ...vars, ...secrets, ...bindingOverrides });
  return Object.fromEntries(own.map(([name, value]) => [`${configOf(worker)}:${name}`, value]));
}

function wantingErrors(init: RequestInit): RequestInit & { readonly headers: Headers } {
  const headers = new Headers(init.headers);
  headers.set(WANTS_ERRORS_HEADER, "1");
  return { ...init, headers };
}

/** Rejects with what the Worker threw. */
async function answered(response: Promise<Response>): Promise<Response> {
  const answer = await response;
  if (answer.headers.get("content-type") !== ERROR_ANSWER_TYPE) return answer;
  const { name, message, stack } = (await answer.json()) as ErrorAnswer;
  const error = new Error(message);
  Object.assign(error, { name, ...(stack === "" ? {} : { stack }) });
  throw error;
}
