/**
 * `env.LOADER` (spec/resources.md 13): gives stubs of Workers whose code the application hands over. The
 * callback of an id is called once for as long as its Worker is there; what fails is forgotten, so
 * that the next request may do better. Threads are the host's matter (host/dynamic/).
 */
import {
  currentInvocation,
  foreignIo,
  type Invocation,
  requireInvocation,
} from "../../../isolate/invocation.ts";
import {
  type DynamicLimits,
  dynamicService,
  limitedService,
  type Packed,
} from "../../../protocol/dynamic.ts";
import type { ThreadToHost } from "../../../protocol/thread.ts";
import type { ServiceTarget, WorkerSpec } from "../../../protocol/worker-spec.ts";
import type { Link, ServiceChannel } from "../../../rpc/contract.ts";
import type { RpcEngine } from "../../../rpc/engine.ts";
import { calleeCanceled, dynamicNotSendable, unsupportedType } from "../../../rpc/error-texts.ts";
import { defineInterface } from "../../../web/interfaces/define-interface.ts";
import { isLinkRefusal } from "../../rpc/links.ts";
import { refuseCloning } from "../clone-refusals.ts";
import { toOptions, toText, wrongField, wrongParameter } from "../convert.ts";
import { type CodeVersion, createVersion } from "./code-version.ts";
import { DynamicWorker, DynamicWorkers } from "./dynamic-workers.ts";
import { readLimits, readWorkerCode } from "./worker-code.ts";

const INTERNAL: unique symbol = Symbol("internal");

export interface LoaderOptions {
  /** Of this thread's Worker. */
  readonly spec: WorkerSpec;
  readonly engine: RpcEngine;
  readonly channel: (target: ServiceTarget) => ServiceChannel;
  readonly post: (message: ThreadToHost) => void;
}

/** A use may meet a thread that the host is just ending: so often it is asked for again. */
const ATTEMPTS = 3;

interface EntrypointOptions {
  readonly props: object;
  readonly limits: DynamicLimits | undefined;
}

/** What all loader bindings of a Worker share. */
export class Loaders {
  readonly workers: DynamicWorkers;
  readonly #options: LoaderOptions;
  #last = 0;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.workers = new DynamicWorkers(options.post);
  }

  /** The value of one binding, with ids of its own. */
  createBinding(): object {
    const loader = new WorkerLoader(INTERNAL, this);
    refuseCloning(loader, unsupportedType("WorkerLoader"));
    return loader;
  }

  /** `load` is called at once, or its promise is waited for. */
  create(
    id: string | undefined,
    load: (finish: (code: unknown) => CodeVersion) => CodeVersion | Promise<CodeVersion>,
    onGone: () => void,
  ): DynamicWorker {
    const { spec: loader, engine } = this.#options;
    this.#last += 1;
    const service = dynamicService(this.#last);
    const finish = (value: unknown): CodeVersion => {
      const isFetcher = (stub: unknown): stub is object => engine.channelOf(stub) !== undefined;
      const pack = (plain: unknown): Packed => engine.pack(plain);
      const packStub = (stub: object): Packed => this.#packStub(stub);
      const options = { service, id, loader, pack, packStub };
      return createVersion(readWorkerCode(value, isFetcher), options);
    };
    const version = load(finish);
    return new DynamicWorker({
      service,
      version: Promise.resolve(version),
      workers: this.workers,
      onGone,
    });
  }

  /** `ctx.exports.X` counts as the entrypoint that it leads to. */
  #packStub(stub: object): Packed {
    const { engine } = this.#options;
    const foreign = engine.foreignUse(stub);
    if (foreign !== undefined) throw foreign;
    return engine.pack(engine.createServiceStub(engine.channelOf(stub) as ServiceChannel));
  }

  /** The stub of an entrypoint; belongs to `owner`. */
  entrypoint(
    worker: DynamicWorker,
    owner: Invocation,
    name: string | undefined,
    { props, limits }: EntrypointOptions,
  ): object {
    const { engine, channel } = this.#options;
    const target: ServiceTarget = {
      service: worker.service,
      ...(name !== undefined && name !== "default" && { entrypoint: name }),
      props: engine.copyProps(props),
    };
    const way = channel(target);
    const token =
      limits === undefined
        ? target
        : { ...target, service: limitedService(worker.service, limits) };
    const connect = async (): Promise<Link> => {
      for (let attempt = 1; ; attempt += 1) {
        const entrypoints = await worker.ready();
        if (name !== undefined && !entrypoints.has(name)) {
          throw new Error(`Worker has no such entrypoint: ${name}`);
        }
        try {
          return await way.connect();
        } catch (error) {
          if (!isLinkRefusal(error)) throw error;
          if (attempt === ATTEMPTS) throw new Error(error.message);
          worker.onStale();
        }
      }
    };
    const context = { context: owner };
    return engine.createServiceStub(
      { ...way, token, connect },
      { bindingName: "LOADER", owner: context },
    );
  }
}

class WorkerLoader {
  readonly #loaders: Loaders;
  readonly #byId: Map<string, DynamicWorker> = new Map();

  constructor(key?: unknown, loaders?: Loaders) {
    if (key !== INTERNAL || loaders === undefined) throw new TypeError("Illegal constructor");
    this.#loaders = loaders;
  }

  static isLoader(value: object): boolean {
    return #byId in value;
  }

  get(...args: readonly unknown[]): WorkerStub {
    const [given, callback] = args;
    if (args.length === 0) throw wrongParameter("get", "WorkerLoader", 1, "string");
    const id = given === undefined || given === null ? undefined : toText(given);
    if (typeof callback !== "function") {
      throw wrongParameter("get", "WorkerLoader", 2, "function");
    }
    const invocation = requireInvocation("get");
    const call = callback as () => unknown;
    if (id === undefined) return this.#temporary(invocation, (finish) => ask(call, finish));
    let worker = this.#byId.get(id);
    if (worker === undefined) {
      const forget = (): void => {
        if (this.#byId.get(id) === created) this.#byId.delete(id);
      };
      const created = this.#loaders.create(id, (finish) => ask(call, finish), forget);
      this.#byId.set(id, created);
      worker = created;
    }
    return this.#stub(worker, invocation);
  }

  load(...args: readonly unknown[]): WorkerStub {
    const [code] = args;
    if ((typeof code !== "object" || code === null) && typeof code !== "function") {
      throw wrongParameter("load", "WorkerLoader", 1, "WorkerCode");
    }
    return this.#temporary(currentInvocation(), (finish) => finish(code));
  }

  /** Its stub belongs to the invocation, and nobody else can get another: it ends with that. */
  #temporary(
    invocation: Invocation | undefined,
    load: Parameters<Loaders["create"]>[1],
  ): WorkerStub {
    const worker = this.#loaders.create(undefined, load, () => {});
    const owner = invocation ?? requireInvocation("load");
    // That of a Durable Object lasts: what it holds of codes that nobody uses any more is little.
    const held = new WeakRef(worker);
    owner.onEnd(() => held.deref()?.drop());
    return this.#stub(worker, owner);
  }

  #stub(worker: DynamicWorker, owner: Invocation): WorkerStub {
    const stub = new WorkerStub(INTERNAL, { worker, owner, loaders: this.#loaders });
    refuseCloning(stub, unsupportedType("WorkerStub"));
    return stub;
  }
}
const { isLoader } = WorkerLoader;
Reflect.deleteProperty(WorkerLoader, "isLoader");
defineInterface(WorkerLoader, "WorkerLoader", { brand: isLoader });

interface StubParts {
  readonly worker: DynamicWorker;
  readonly owner: Invocation;
  readonly loaders: Loaders;
}

class WorkerStub {
  readonly #parts: StubParts;

  constructor(key?: unknown, parts?: StubParts) {
    if (key !== INTERNAL || parts === undefined) throw new TypeError("Illegal constructor");
    this.#parts = parts;
  }

  static isStub(value: object): boolean {
    return #parts in value;
  }

  getEntrypoint(name?: unknown, options?: unknown): object {
    const { worker, owner, loaders } = this.#parts;
    const foreign = foreignIo(owner, "WorkerStubChannel");
    if (foreign !== undefined) throw foreign;
    const entrypoint = nameOf(name);
    return loaders.entrypoint(worker, owner, entrypoint, optionsOf("getEntrypoint", options));
  }

  getDurableObjectClass(name?: unknown, options?: unknown): DurableObjectClass {
    nameOf(name);
    optionsOf("getDurableObjectClass", options);
    const found = new DurableObjectClass(INTERNAL);
    refuseCloning(found, dynamicNotSendable);
    return found;
  }
}
const { isStub } = WorkerStub;
Reflect.deleteProperty(WorkerStub, "isStub");
defineInterface(WorkerStub, "WorkerStub", { brand: isStub });

/** Good for facets of Durable Objects only, which refuse it (durable-objects/state.ts). */
class DurableObjectClass {
  constructor(key?: unknown) {
    if (key !== INTERNAL) throw new TypeError("Illegal constructor");
  }
}
defineInterface(DurableObjectClass, "DurableObjectClass");

/** Calls back a moment later, on behalf of the current invocation; its end is the end of it. */
async function ask(
  callback: () => unknown,
  finish: (code: unknown) => CodeVersion,
): Promise<CodeVersion> {
  const invocation = requireInvocation("get");
  await new Promise<void>((resolve) => setImmediate(resolve));
  return await new Promise<CodeVersion>((resolve, reject) => {
    const stop = invocation.onEnd(() => reject(new Error(calleeCanceled)));
    const fail = (error: unknown): void =>
      reject(error instanceof Error ? error : new Error(String(error)));
    answerOf(callback).then(finish).then(resolve, fail).finally(stop);
  });
}

async function answerOf(callback: () => unknown): Promise<unknown> {
  const answer = callback();
  if (answer === undefined || answer === null || typeof answer === "object") return await answer;
  throw new TypeError("Callback returned incorrect type; expected 'Promise'");
}

function nameOf(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : toText(value);
}

function optionsOf(method: string, options: unknown): EntrypointOptions {
  const wrong = (): TypeError => wrongParameter(method, "WorkerStub", 2, "EntrypointOptions");
  const { props = {}, limits: given } = toOptions(options, wrong) ?? {};
  const limits = readLimits(given, "EntrypointOptions");
  if (typeof props === "object" && props !== null) return { props, limits };
  throw wrongField("props", "EntrypointOptions", "Object");
}
