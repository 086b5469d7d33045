/**
 * `createTestHarness` under wrangler's name and with its texts (spec/devtools-types.md 15), on `startDev`: moving
 * tests over is a change of import. Storage of its own, nothing watched, found by nobody.
 */
import { AssertionError } from "node:assert";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { RequestInit, Response } from "undici";
import type { ConfigSource } from "../config/flags.ts";
import type { InlineConfig } from "../config/inline.ts";
import type { LogEntry } from "../protocol/thread.ts";
import type { SessionEvent } from "../session/events.ts";
import type { TestClock } from "./clock.ts";
import { createDataFolder, type DevServer, type DevWorker, startWithData } from "./dev-server.ts";
import { answered, wantingErrors } from "./thrown-errors.ts";
import type { WorkerObjects } from "./worker-objects.ts";

export interface TestHarnessOptions {
  /** What paths start from; default: process.cwd(). */
  readonly root?: string;
  /** The first is the primary. */
  readonly workers: readonly TestHarnessWorker[];
}

export type TestHarnessWorker = ConfiguredWorker & {
  readonly env?: string;
  /** Win over the config's and over files. */
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** As `bindings` of startDev. */
  readonly bindingOverrides?: Readonly<Record<string, unknown>>;
};

type ConfiguredWorker =
  | { readonly configPath: string; readonly config?: undefined }
  /** In place of a file: what wrangler.jsonc would say; its paths start in `root`. */
  | { readonly config: InlineConfig; readonly configPath?: undefined };

export interface HarnessLog {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly level: LogEntry["level"];
  readonly message: string;
}

export type HarnessWorker = WorkerObjects &
  Pick<DevWorker, "fetch" | "scheduled" | "email" | "getEnv"> & {
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
  /** Prints what was requested and said since the start or `clearLogs`, in order. */
  debug(): void;
  /**
   * Other options, of the same number of Workers: they begin anew at the same address, with the same data. Before `listen` what it
   * is to start with.
   */
  update(
    options: TestHarnessOptions | ((now: TestHarnessOptions) => TestHarnessOptions),
  ): Promise<void>;
  /** As of startDev. */
  readonly clock: TestClock;
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
  #options: TestHarnessOptions | undefined;
  #dev: DevServer | undefined;
  #data: string | undefined;
  #logs: HarnessLog[] = [];
  /** What `debug` prints: lines without their time, which is before them. */
  #timeline: { readonly at: number; readonly text: string }[] = [];

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
    const isPath = !URL.canParse(url);
    const target = new URL(url, dev.url);
    // Hosts of routes are nobody's here: the session itself is asked in their name.
    target.protocol = new URL(dev.url).protocol;
    target.port = String(dev.port);
    const asked = isPath ? url : target.href;
    return await this.#noting("", init, target, dev.fetch(asked, wantingErrors(init)));
  }

  async #noting(
    worker: string,
    { method = "GET" }: RequestInit,
    { pathname, search }: URL,
    response: Promise<Response>,
  ): Promise<Response> {
    const what = `[server] ${worker}fetch - ${method.toUpperCase()} ${pathname}${search}`;
    this.#note(`${what} - started`);
    try {
      const answer = await answered(response);
      this.#note(`${what} - ${answer.status}`);
      return answer;
    } catch (error) {
      this.#note(`${what} - failed`);
      throw error;
    }
  }

  #note(text: string, at: number = Date.now()): void {
    this.#timeline.push({ at, text });
  }

  getWorker(name?: string): HarnessWorker {
    this.#worker(name);
    // A handle holds over updates.
    const now = (): DevWorker => this.#worker(name);
    return {
      fetch: async (path, init = {}) => {
        const worker = now();
        const response = worker.fetch(path, wantingErrors(init));
        return await this.#noting(`[${worker.name}] `, init, new URL(path, worker.url), response);
      },
      scheduled: (options) => now().scheduled(options),
      email: (message) => now().email(message),
      queue: (queue, messages) => now().queue(queue, messages),
      getEnv: () => now().getEnv(),
      getExport: (entrypoint) => now().rpc(entrypoint),
      listDurableObjectIds: (namespace) => now().listDurableObjectIds(namespace),
      evictDurableObject: (namespace, object) => now().evictDurableObject(namespace, object),
      getDurableObjectStorage: (namespace, object) =>
        now().getDurableObjectStorage(namespace, object),
      runDurableObjectAlarm: (namespace, object) => now().runDurableObjectAlarm(namespace, object),
      applyD1Migrations: (binding) => now().applyD1Migrations(binding),
      introspectWorkflow: (binding) => now().introspectWorkflow(binding),
      introspectWorkflowInstance: (binding, id) => now().introspectWorkflowInstance(binding, id),
    };
  }

  #worker(name: string | undefined): DevWorker {
    const { workers } = this.#started;
    const worker = name === undefined ? workers[0] : workers.find((each) => each.name === name);
    if (worker !== undefined) return worker;
    throw new TypeError(`Worker "${name ?? ""}" does not exist in this server.`);
  }

  getLogs(): readonly HarnessLog[] {
    return [...this.#logs];
  }

  clearLogs(): void {
    this.#logs = [];
    this.#timeline = [];
  }

  debug(): void {
    const lines = this.#timeline.map(({ at, text }) => {
      const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
      return `${time} ${text}\n`;
    });
    process.stdout.write(`--------------- debug logs ---------------\n${lines.join("")}`);
  }

  async update(
    options: TestHarnessOptions | ((now: TestHarnessOptions) => TestHarnessOptions),
  ): Promise<void> {
    const before = this.#options ?? { workers: [] };
    const next = typeof options === "function" ? options(before) : options;
    const dev = this.#dev;
    if (dev !== undefined && next.workers.length !== before.workers.length) {
      throw new Error("Updating the number of workers running in the server is not supported.");
    }
    this.#options = next;
    if (dev === undefined) return;
    this.#dev = undefined;
    const { port } = dev;
    await dev.stop();
    this.#dev = await this.#start(port);
  }

  get clock(): TestClock {
    return this.#started.clock;
  }

  async reset(): Promise<void> {
    await this.#started.reset();
  }

  async close(): Promise<void> {
    const dev = this.#dev;
    this.#dev = undefined;
    await dev?.stop();
    const data = this.#data;
    this.#data = undefined;
    if (data !== undefined) await rm(data, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #started(): DevServer {
    if (this.#dev === undefined) throw new AssertionError({ message: NOT_STARTED });
    return this.#dev;
  }

  async #start(port = 0): Promise<DevServer> {
    if (this.#options === undefined) throw new Error(NO_OPTIONS);
    const { root = process.cwd(), workers } = this.#options;
    if (workers.length === 0) throw new Error("Test harness requires at least one worker.");
    this.#data ??= await createDataFolder();
    return await startWithData(
      {
        cwd: root,
        configs: workers.flatMap(({ configPath = [] }) => configPath),
        port,
        routesDispatch: true,
        bindings: Object.assign({}, ...workers.map(overridesOf)) as Record<string, unknown>,
        onEvent: (event) => this.#onEvent(event),
      },
      this.#data,
      // An update keeps it.
      false,
      { sources: workers.map((worker) => sourceOf(worker, root)) },
    );
  }

  #onEvent(event: SessionEvent): void {
    if (event.type !== "log" || event.entry.kind === "runtime") return;
    const { time: timestamp, level, text } = event.entry;
    const message = stripVTControlCharacters(text).trimEnd();
    this.#logs.push({ timestamp, level, message });
    this.#note(`[runtime] ${level}: ${message}`, timestamp);
  }
}

function sourceOf({ configPath, config, env }: TestHarnessWorker, root: string): ConfigSource {
  const environment = env === undefined ? {} : { environment: env };
  if (configPath !== undefined) return { path: configPath, ...environment };
  return { inline: config, root: resolve(root), ...environment };
}

function overridesOf(worker: TestHarnessWorker): Record<string, unknown> {
  const { configPath, config, env, vars, secrets, bindingOverrides } = worker;
  const own = Object.entries({ ...vars, ...secrets, ...bindingOverrides });
  const owner = configPath ?? nameOf(config, env);
  if (typeof owner !== "string" && own.length > 0) {
    throw new TypeError(
      'A config with vars, secrets or bindingOverrides beside it needs a "name".',
    );
  }
  return Object.fromEntries(own.map(([name, value]) => [`${owner}:${name}`, value]));
}

/** Of the Worker, in this environment. */
function nameOf({ name, env: environments }: InlineConfig, env: string | undefined): unknown {
  if (env === undefined) return name;
  const own = (environments as Record<string, { name?: unknown }> | undefined)?.[env]?.name;
  return own ?? (typeof name === "string" ? `${name}-${env}` : undefined);
}
