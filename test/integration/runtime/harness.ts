/*
 * A host as small as possible around the real, built thread: starts it from dist/, speaks the two
 * protocols and brokers links between threads of one test.
 */
import { readFileSync } from "node:fs";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
// From dist: the paths are only right there.
import {
  RUNTIME_SOURCE,
  THREAD_ENTRY,
  THREAD_EXEC_ARGV,
} from "../../../dist/protocol/runtime-files.js";
import { Network } from "../../../src/host/outbound/network.ts";
import type { HttpClient } from "../../../src/host/outbound/request.ts";
import type { BundleModule } from "../../../src/protocol/bundle.ts";
import {
  BODY_STREAM,
  type HttpBatch,
  type HttpBody,
  ToFrontDoor,
  ToWorker,
} from "../../../src/protocol/http.ts";
import type { HostToThread, LogEntry, ThreadToHost } from "../../../src/protocol/thread.ts";
import type { EntrypointInfo, WorkerSpec } from "../../../src/protocol/worker-spec.ts";

export interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly text: string;
  readonly failure?: { readonly message: string; readonly stack: string; readonly name: string };
}

export interface LoadInput {
  readonly name?: string;
  /** Source of the entry, or all modules. */
  readonly code: string | readonly BundleModule[];
  readonly spec?: Partial<WorkerSpec>;
}

type Handler = (message: readonly unknown[]) => void;

const source = toShared(readFileSync(RUNTIME_SOURCE));
let codeCache: SharedArrayBuffer | null = null;

function toShared(bytes: Uint8Array): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(bytes.byteLength);
  new Uint8Array(shared).set(bytes);
  return shared;
}

/** All threads of one test: links between them are made on request. */
export class TestHost implements AsyncDisposable {
  readonly threads: Map<string, TestThread> = new Map();
  /** Services that are to be reached on a socket instead of a port. */
  readonly sockets: Map<string, string> = new Map();

  async start(input: LoadInput): Promise<TestThread> {
    const thread = await this.boot();
    await thread.load(input);
    return thread;
  }

  async boot(): Promise<TestThread> {
    const thread = new TestThread(this);
    await thread.next("booted");
    return thread;
  }

  link(from: TestThread, request: number, service: string): void {
    const path = this.sockets.get(service);
    if (path !== undefined) {
      from.post({ type: "link-socket", request, peer: { service, generation: 1 }, path });
      return;
    }
    const target = this.threads.get(service);
    if (target === undefined) {
      from.post({
        type: "link-refused",
        request,
        message: `Worker "${service}" not found. Make sure it is running locally.`,
      });
      return;
    }
    const { port1, port2 } = new MessageChannel();
    target.post({ type: "link", peer: { service: from.name, generation: 1 }, port: port1 }, [
      port1,
    ]);
    from.post({ type: "link", request, peer: { service, generation: 1 }, port: port2 }, [port2]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.threads.values()].map((thread) => thread.worker.terminate()));
  }
}

export class TestThread {
  readonly worker: Worker;
  readonly logs: LogEntry[] = [];
  name = "";
  entrypoints: readonly EntrypointInfo[] = [];
  readonly #host: TestHost;
  readonly #waiting: Map<string, ((message: ThreadToHost) => void)[]> = new Map();
  readonly #http: Map<number, Handler> = new Map();
  readonly #logWaiters: (() => void)[] = [];
  #port: MessagePort | undefined;
  #lastId = 0;

  constructor(host: TestHost) {
    this.#host = host;
    this.worker = new Worker(THREAD_ENTRY, {
      execArgv: [...THREAD_EXEC_ARGV],
      env: {},
      workerData: { runtimeSource: source, runtimeCodeCache: codeCache },
    });
    this.worker.on("message", (message: ThreadToHost) => this.#onMessage(message));
  }

  post(message: HostToThread, transfer: MessagePort[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  next<T extends ThreadToHost["type"]>(
    type: T,
  ): Promise<Extract<ThreadToHost, { readonly type: T }>> {
    return new Promise((resolve, reject) => {
      const list = this.#waiting.get(type) ?? [];
      list.push(resolve as (message: ThreadToHost) => void);
      this.#waiting.set(type, list);
      this.worker.once("error", reject);
    });
  }

  /** Resolves with the SerializedError's message and stack when the Worker fails to load. */
  async load(input: LoadInput): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on("message", (batch: HttpBatch) => {
      for (const message of batch) this.#http.get(message[1])?.(message);
    });
    this.name = input.name ?? "worker";
    this.#host.threads.set(this.name, this);
    const modules: readonly BundleModule[] =
      typeof input.code === "string"
        ? [{ name: `file:///app/${this.name}/index.js`, kind: "esm", contents: input.code }]
        : input.code;
    const loaded = this.next("loaded");
    const failed = this.next("load-failed").then(({ error }) => {
      throw Object.assign(new Error(error.message), { remoteStack: error.stack });
    });
    this.post(
      {
        type: "load",
        generation: 1,
        http: port2,
        bundle: { hash: "", modules },
        spec: {
          name: this.name,
          compatibilityDate: "2026-06-01",
          compatibilityFlags: ["nodejs_compat"],
          bindings: [],
          strict: false,
          limits: "off",
          ...input.spec,
        },
      },
      [port2],
    );
    const message = await Promise.race([loaded, failed]);
    this.entrypoints = message.entrypoints;
  }

  /** A whole request; the response is read to its end. */
  fetch(
    path: string,
    init: { method?: string; headers?: string; body?: HttpBody; cf?: string } = {},
  ): Promise<Answer> {
    return this.open(path, init).answer;
  }

  /** A request whose messages the test sends and sees itself. */
  open(
    path: string,
    init: { method?: string; headers?: string; body?: HttpBody; cf?: string } = {},
  ): OpenRequest {
    const id = ++this.#lastId;
    const request = new OpenRequest(id, (message) => this.#port?.postMessage([message]));
    this.#http.set(id, (message) => request.onMessage(message));
    this.#port?.postMessage([
      [
        ToWorker.request,
        id,
        init.method ?? "GET",
        `http://${this.name}.test${path}`,
        init.headers ?? "",
        init.body ?? null,
        init.cf ?? null,
      ],
    ]);
    return request;
  }

  /** Resolves once a log entry matches. */
  async log(matches: (entry: LogEntry) => boolean): Promise<LogEntry> {
    for (;;) {
      const found = this.logs.find(matches);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#logWaiters.push(resolve));
    }
  }

  #onMessage(message: ThreadToHost): void {
    if (message.type === "log") {
      this.logs.push(message.entry);
      for (const wake of this.#logWaiters.splice(0)) wake();
    } else if (message.type === "link-request") {
      if (message.unreachable !== undefined) this.#host.sockets.delete(message.service);
      this.#host.link(this, message.request, message.service);
    } else if (message.type === "code-cache") codeCache = toShared(message.bytes);
    else if (message.type === "outbound") {
      new Network(message.port, async () => (await import("undici")) as unknown as HttpClient);
    }
    for (const resolve of this.#waiting.get(message.type)?.splice(0) ?? []) resolve(message);
  }
}

export class OpenRequest {
  readonly id: number;
  readonly messages: (readonly unknown[])[] = [];
  readonly answer: Promise<Answer>;
  readonly finished: Promise<void>;
  readonly #send: (message: readonly unknown[]) => void;
  readonly #chunks: Uint8Array[] = [];
  readonly #waiters: (() => void)[] = [];
  /** Give credit back for each chunk, as a client that keeps up would. */
  autoCredit = true;
  #head: readonly unknown[] | undefined;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: Error) => void;
  #finish!: () => void;

  constructor(id: number, send: (message: readonly unknown[]) => void) {
    this.id = id;
    this.#send = send;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => {});
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  send(op: number, ...rest: unknown[]): void {
    this.#send([op, this.id, ...rest]);
  }

  async message(op: number): Promise<readonly unknown[]> {
    for (;;) {
      const found = this.messages.find((message) => message[0] === op);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  onMessage(message: readonly unknown[]): void {
    this.messages.push(message);
    const [op] = message;
    if (op === ToFrontDoor.response) {
      this.#head = message;
      if (message[5] !== BODY_STREAM) this.#settle(toText(message[5] as HttpBody));
    } else if (op === ToFrontDoor.bodyChunk) {
      const bytes = message[2] as Uint8Array;
      this.#chunks.push(bytes);
      if (this.autoCredit) this.send(ToWorker.responseCredit, bytes.byteLength);
    } else if (op === ToFrontDoor.bodyEnd) {
      this.#settle(Buffer.concat(this.#chunks).toString());
    } else if (op === ToFrontDoor.bodyError) {
      this.#reject(new Error(`body: ${message[2]}`));
    } else if (op === ToFrontDoor.failure) {
      const [, , text, stack, name] = message as readonly string[];
      const failure = { message: `${text}`, stack: `${stack}`, name: `${name}` };
      this.#resolve({ status: 500, headers: "", text: "", failure });
    } else if (op === ToFrontDoor.finished) this.#finish();
    for (const wake of this.#waiters.splice(0)) wake();
  }

  #settle(text: string): void {
    const [, , status, , headers] = this.#head as readonly unknown[];
    this.#resolve({ status: status as number, headers: headers as string, text });
  }
}

function toText(body: HttpBody): string {
  if (body === null || body === BODY_STREAM) return "";
  return typeof body === "string" ? body : Buffer.from(body).toString();
}
