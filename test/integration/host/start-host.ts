/*
 * Plays the session for the host's tests: binds a socket, forks a host, speaks protocol/host.ts.
 */
import { type ChildProcess, fork } from "node:child_process";
import * as net from "node:net";
import type {
  HostSettings,
  HostToSession,
  RequestLogEntry,
  SessionToHost,
} from "../../../src/protocol/host.ts";
import type { BindingSpec } from "../../../src/protocol/worker-spec.ts";
import { unpackRequests } from "../../../src/session/unpack-requests.ts";
import { createDeferred } from "../../../src/util/deferred.ts";

type Handle = { close(): void };
/** What a session sees: requests one by one. */
type HostMessage = HostToSession | { readonly type: "request"; readonly entry: RequestLogEntry };
type Seen<T extends HostMessage["type"]> = Extract<HostMessage, { type: T }>;

/** A bound TCP socket as the session makes it (spikes S1 "s1e"). */
export function bindHandle(port = 0): Handle {
  // Internal API of Node, the one that cluster uses: bind without listen.
  const { _createServerHandle } = net as unknown as {
    _createServerHandle(address: string, port: number, family: number): Handle | number;
  };
  const handle = _createServerHandle("127.0.0.1", port, 4);
  if (typeof handle === "number") throw new Error(`cannot bind: ${handle}`);
  return handle;
}

export interface StartOptions {
  readonly settings?: Partial<HostSettings>;
  /** Taken over from an earlier host. */
  readonly handle?: Handle;
  readonly entry?: string;
}

const FAKE_HOST = new URL("./workers/fake-host.js", import.meta.url).pathname;

export class TestHost {
  readonly child: ChildProcess;
  readonly handle: Handle;
  readonly messages: HostMessage[] = [];
  readonly exited: Promise<void>;
  port = 0;
  #waiters: (() => void)[] = [];
  #generation = 0;

  constructor(options: StartOptions) {
    this.handle = options.handle ?? bindHandle();
    this.child = fork(options.entry ?? FAKE_HOST, {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: [],
    });
    this.child.on("message", (message: HostToSession) => this.#onMessage(message));
    const exited = createDeferred<void>();
    this.child.on("exit", () => exited.resolve());
    this.exited = exited.promise;
  }

  send(message: SessionToHost, handle?: Handle): void {
    this.child.send(message, handle as never);
  }

  async listen(): Promise<void> {
    this.send({ type: "listen", id: 1, secure: false }, this.handle);
    this.port = (await this.waitFor("listening")).port;
  }

  /** The first message of this type (and for this test), seen already or still to come. */
  async waitFor<T extends HostMessage["type"]>(
    type: T,
    test: (message: Seen<T>) => boolean = () => true,
  ): Promise<Seen<T>> {
    for (;;) {
      const found = this.messages.find((m): m is Seen<T> => m.type === type && test(m as Seen<T>));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  /** Starts loading `source` (fake-thread.js); returns its generation. */
  load(worker: string, source: string, bindings: readonly BindingSpec[] = []): number {
    const generation = ++this.#generation;
    this.send({
      type: "load",
      generation,
      spec: {
        name: worker,
        compatibilityDate: "2026-11-17",
        compatibilityFlags: [],
        bindings,
        strict: false,
        limits: "off",
      },
      bundle: {
        hash: String(generation),
        modules: [{ name: "file:///w.js", kind: "esm", contents: source }],
      },
    });
    return generation;
  }

  async loadAndWait(worker: string, source: string): Promise<number> {
    const generation = this.load(worker, source);
    await this.waitFor("loaded", (message) => message.generation === generation);
    return generation;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  requests(): RequestLogEntry[] {
    return this.messages.flatMap((m) => (m.type === "request" ? [m.entry] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exited;
    this.handle.close();
  }

  #onMessage(message: HostToSession): void {
    for (const one of message.type === "batch" ? message.messages : [message]) {
      if (one.type !== "requests") this.messages.push(one);
      else for (const entry of unpackRequests(one)) this.messages.push({ type: "request", entry });
    }
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter();
  }
}

/** A booted host with settings, listening. */
export async function startHost(options: StartOptions = {}): Promise<TestHost> {
  const host = new TestHost(options);
  await host.waitFor("booted");
  host.send({
    type: "settings",
    settings: {
      primary: "a",
      workers: ["a"],
      registry: false,
      upstreamProtocol: "http",
      drainMs: 2000,
      colors: false,
      stateRoot: "",
      mailFolder: "",
      ...options.settings,
    },
  });
  await host.listen();
  return host;
}
