/**
 * The storage threads of this host process: one per group of resources (protocol/storage.ts), started
 * with the first link to it and again with the next one after it has died. Makes the links; calls go
 * directly between the threads. Owned by host.ts.
 */
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { MailRemark } from "../protocol/mail.ts";
import type { BrokerToHost } from "../protocol/queues.ts";
import { STATEMENT_PROCESS, STORAGE_ENTRY } from "../protocol/runtime-files.ts";
import type {
  HostToStorage,
  StorageGroup,
  StorageThreadData,
  StorageToHost,
} from "../protocol/storage.ts";
import { messageOf } from "../util/errors.ts";
import type { WorkerThread } from "./worker-thread.ts";

export interface StorageThreadsOptions {
  /** Folder of the state; asked when a thread starts. */
  readonly root: () => string;
  /** The same for what is mailed. */
  readonly mailFolder: () => string;
  /** Told when a thread has died; the next call starts another. */
  readonly onDeath: (text: string, group: StorageGroup) => void;
  /** A thread starts: what it is told in here comes before any call. */
  readonly onStart: (group: StorageGroup) => void;
  readonly onMessage: (message: BrokerToHost | MailRemark) => void;
}

/** Of production, for one call to a D1 database. */
const D1_LIMIT_MS = 30_000;

/** Closing databases takes a checkpoint each: milliseconds, on a slow disk more. */
const CLOSE_LIMIT_MS = 500;

export class StorageThreads {
  readonly #options: StorageThreadsOptions;
  readonly #threads: Map<StorageGroup, Worker> = new Map();
  #isClosing = false;

  constructor(options: StorageThreadsOptions) {
    this.#options = options;
  }

  /** Answers a Worker's "link-request" for the resources of `group`. */
  link(
    group: StorageGroup,
    caller: { service: string; thread: WorkerThread },
    request: number,
  ): void {
    const { service, thread } = caller;
    if (this.#isClosing) {
      thread.post({ type: "link-refused", request, message: "The session is ending." });
      return;
    }
    const { port1, port2 } = new MessageChannel();
    this.post(group, { type: "link", peer: service, port: port2 });
    thread.post({ type: "link", request, peer: { service: group, generation: 0 }, port: port1 }, [
      port1,
    ]);
  }

  /** A message that hands over its port; a thread that is not there is started for it. */
  post(group: StorageGroup, message: Extract<HostToStorage, { readonly port: MessagePort }>): void {
    const storage = this.#threads.get(group) ?? this.#start(group);
    storage.postMessage(message, [message.port]);
  }

  /** True if the thread was not there, and is started now. */
  ensure(group: StorageGroup): boolean {
    if (this.#isClosing || this.#threads.has(group)) return false;
    this.#start(group);
    return true;
  }

  /** False, and nothing is done, while the thread is not there. */
  tell(group: StorageGroup, message: HostToStorage): boolean {
    const thread = this.#threads.get(group);
    thread?.postMessage(message);
    return thread !== undefined;
  }

  /** Closes all databases. After the Workers have ended. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#threads.values()].map((thread) => closeThread(thread)));
  }

  #start(group: StorageGroup): Worker {
    const workerData: StorageThreadData = {
      root: this.#options.root(),
      mailFolder: this.#options.mailFolder(),
      group,
      statements: {
        program: fileURLToPath(STATEMENT_PROCESS),
        limitMs: Number(process.env.DROVER_D1_LIMIT_MS) || D1_LIMIT_MS,
      },
    };
    const thread = new Worker(STORAGE_ENTRY, {
      workerData,
      env: {},
      execArgv: ["--no-warnings"],
      name: `drover storage ${group}`,
    });
    this.#threads.set(group, thread);
    thread.on("message", (message: StorageToHost) => {
      if (message.type !== "closed") this.#options.onMessage(message);
    });
    let reason: string | undefined;
    thread.on("error", (error) => {
      reason = messageOf(error);
    });
    thread.on("exit", (code) => {
      if (this.#threads.get(group) === thread) this.#threads.delete(group);
      if (this.#isClosing) return;
      this.#options.onDeath(
        `The thread of local storage ended (${reason ?? `exit code ${code}`}). Calls that it was working on failed; the next one starts it again.`,
        group,
      );
    });
    this.#options.onStart(group);
    return thread;
  }
}

async function closeThread(thread: Worker): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, CLOSE_LIMIT_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    thread.on("message", (message: StorageToHost) => {
      if (message.type === "closed") done();
    });
    thread.on("exit", done);
    const message: HostToStorage = { type: "close" };
    thread.postMessage(message);
  });
  await thread.terminate();
}
