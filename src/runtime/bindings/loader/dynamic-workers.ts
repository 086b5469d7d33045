/**
 * The dynamic Workers that this thread's Worker has loaded: their code, and whether the host runs them
 * (protocol/dynamic.ts). A thread that the host has ended, for want of use or because it went over a
 * limit, is asked for again with the next use. One per thread; made with the first loader binding.
 */
import type { SerializedError } from "../../../protocol/errors.ts";
import type { HostToThread, ThreadToHost } from "../../../protocol/thread.ts";
import { createDeferred, type Deferred } from "../../../util/deferred.ts";
import type { CodeVersion } from "./code-version.ts";

/** Names of what a running one exports. */
export type Entrypoints = ReadonlySet<string>;

type HostAnswer = Extract<HostToThread, { readonly type: `dynamic-${string}` }>;

export class DynamicWorkers {
  readonly #post: (message: ThreadToHost) => void;
  readonly #starting: Map<string, Deferred<Entrypoints>> = new Map();
  /** What was handed to the host and not given up, by name. */
  readonly #known: Map<string, DynamicWorker> = new Map();

  constructor(post: (message: ThreadToHost) => void) {
    this.#post = post;
  }

  onMessage(message: HostAnswer): void {
    const { service } = message;
    const starting = this.#starting.get(service);
    this.#starting.delete(service);
    if (message.type === "dynamic-loaded") starting?.resolve(new Set(message.entrypoints));
    else {
      this.#known.delete(service);
      starting?.reject(startFailure(message.error));
    }
  }

  /** The host has ended its thread, or is about to. */
  onStale(service: string): void {
    this.#known.get(service)?.onStale();
    this.#known.delete(service);
  }

  /** Rejects if it cannot start. */
  start(worker: DynamicWorker, { spec, bundle, problem }: CodeVersion): Promise<Entrypoints> {
    if (problem !== undefined) return Promise.reject(startError(problem));
    const { service } = worker;
    const starting = createDeferred<Entrypoints>();
    this.#starting.set(service, starting);
    this.#known.set(service, worker);
    this.#post({ type: "dynamic-load", spec, bundle });
    return starting.promise;
  }

  drop({ service }: DynamicWorker): void {
    this.#starting.delete(service);
    if (this.#known.delete(service)) this.#post({ type: "dynamic-drop", service });
  }
}

export interface DynamicWorkerOptions {
  readonly service: string;
  /** What the loader was given, sooner or later. */
  readonly version: Promise<CodeVersion>;
  readonly workers: DynamicWorkers;
  /** It cannot run, or does no longer: the next who asks for its id gets another. */
  readonly onGone: () => void;
}

/** One code that was given to a loader. */
export class DynamicWorker {
  readonly service: string;
  readonly #options: DynamicWorkerOptions;
  #running: Promise<Entrypoints> | undefined;
  #isDropped = false;

  constructor(options: DynamicWorkerOptions) {
    this.service = options.service;
    this.#options = options;
    // Whoever uses it hears of it.
    options.version.catch(() => options.onGone());
  }

  /** Resolves when its thread serves; rejects with why it cannot. */
  ready(): Promise<Entrypoints> {
    this.#running ??= this.#start();
    return this.#running;
  }

  /** Nobody can use it any more. */
  drop(): void {
    this.#isDropped = true;
    this.#options.workers.drop(this);
  }

  onStale(): void {
    this.#running = undefined;
    this.#options.onGone();
  }

  async #start(): Promise<Entrypoints> {
    const { version, workers, onGone } = this.#options;
    const code = await version;
    if (this.#isDropped) throw new Error("This dynamic Worker is not needed any more.");
    try {
      return await workers.start(this, code);
    } catch (error) {
      onGone();
      throw error;
    }
  }
}

const BUILT_IN: ReadonlySet<string> = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
  "AggregateError",
  "CompileError",
  "LinkError",
]);

/** Production's text: the error, then its frames, each with the place first. */
function startFailure({ name, message, stack }: SerializedError): Error {
  const own = BUILT_IN.has(name) ? `${name}: ${message}` : `Error: ${name}: ${message}`;
  const frames = [...stack.matchAll(/^ {4}at (?:(.*) \()?([^()\n]+:\d+:\d+)\)?$/gm)].map(
    ([, fn, place]) => `\n  at ${place}${fn === undefined || fn.includes("<") ? "" : ` in ${fn}`}`,
  );
  return startError(own + frames.join(""));
}

function startError(text: string): Error {
  return new Error(`Failed to start Worker:\nUncaught ${text}`);
}
