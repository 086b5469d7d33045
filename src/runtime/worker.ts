/**
 * The Worker that this thread runs, once evaluated: its entrypoints, `env`, `ctx.exports`, and how
 * an event becomes a call of user code. One per thread. Invocations are opened by the callers
 * (http/endpoint.ts, rpc/rpc-host.ts).
 */

import type { DurableObjects } from "../durable-objects/objects.ts";
import { Invocation } from "../isolate/invocation.ts";
import { endingOf } from "../isolate/link-endings.ts";
import { logRuntime } from "../isolate/log.ts";
import type { Origin } from "../isolate/running.ts";
import { ENV_ENTRYPOINT } from "../protocol/env-access.ts";
import type { TailStreamOpening, TraceData } from "../protocol/tail.ts";
import type { WorkerSpec } from "../protocol/worker-spec.ts";
import type { AcceptedSession, SessionOpen } from "../rpc/contract.ts";
import { httpCompat } from "../web/compat.ts";
import type { Request } from "../web/http/request.ts";
import { assertResponse, isResponse } from "../web/http/response.ts";
import type { Socket } from "../web/sockets/socket.ts";
import type { ReadableStream } from "../web/streams/readable-stream.ts";
import { AcceptedCall } from "./accepted-call.ts";
import { type AssetClient, acceptAssets } from "./bindings/assets.ts";
import { acceptConnection } from "./bindings/connect.ts";
import { type Entrypoint, listEntrypoints } from "./entrypoints.ts";
import type { EventSurroundings } from "./events/open-event.ts";
import type { OpenedEvent } from "./events/opened-event.ts";
import { ExecutionContext } from "./execution-context.ts";

export interface WorkerOptions {
  readonly spec: WorkerSpec;
  readonly env: object;
  readonly assets: AssetClient;
  /** The callee's side of a session for `env` itself; asked where the spec allows it. */
  readonly acceptEnv: (invocation: Invocation) => AcceptedSession;
  /** Undefined without Durable Object classes. */
  readonly objects: DurableObjects | undefined;
  /** `ctx.exports`, absent with `disable_ctx_exports`. */
  readonly exports: object | undefined;
  /** `nonclass_entrypoint_reuses_ctx_across_invocations` (spec/rpc.md 5). */
  readonly sharesContext: boolean;
  readonly entrypoints: ReadonlyMap<string, Entrypoint>;
  readonly surroundings: EventSurroundings;
  /** What the main module exports, entrypoint or not. */
  readonly namespace: Readonly<Record<string, unknown>>;
}

/** What events are given to: the Worker, or who stands before it (tail/tailed-worker.ts). */
export type WorkerTarget = Pick<Worker, "surroundings" | "fetch" | "handle" | "accept">;

/** Of an event that drover delivers itself, not as an RPC method. */
type Handler = (event: unknown, env: object, ctx: object) => unknown;

const NO_TAIL =
  "Attempted to send events but we lack a handler, did you remember to export a tail() function?";

export class Worker {
  readonly #options: WorkerOptions;
  readonly #sharedContexts: Map<Entrypoint, ExecutionContext> = new Map();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  get surroundings(): EventSurroundings {
    return this.#options.surroundings;
  }

  /** A request from the front door; runs in `invocation`. May throw or give anything. */
  fetch(request: Request, invocation: Invocation): unknown {
    return this.#deliver(this.#entrypoint(undefined), "fetch", [request], invocation, {});
  }

  /** Another event for the default entrypoint; runs in `invocation`. May throw or give anything. */
  handle(opened: OpenedEvent, invocation: Invocation): unknown {
    const { handler, argument, missing, missingError, onMissing } = opened;
    const { env } = this.#options;
    const entrypoint = this.#entrypoint(undefined);
    const target = this.instance(entrypoint, invocation, {});
    const method: unknown = Reflect.get(target, handler);
    if (typeof method !== "function") {
      if (onMissing !== undefined) return onMissing();
      logRuntime("warn", missing);
      throw new Error(missingError);
    }
    // Methods of classes get all three as well, as in production.
    const context = this.#handlerContext(entrypoint, invocation, {});
    return Reflect.apply(method as Handler, target, [argument, env, context]);
  }

  /** The callee's side of a session that a binding opened (rpc/contract.ts). */
  accept(open: SessionOpen, origin: Origin | undefined): AcceptedSession {
    const { target } = open;
    if (target.durableObject !== undefined) {
      const { objects, spec } = this.#options;
      if (objects !== undefined) return objects.accept(open, target.durableObject, origin);
      return refusing(
        open,
        `Worker "${spec.name}" does not export a Durable Object class named "${target.entrypoint}".`,
      );
    }
    const { assets, spec } = this.#options;
    const invocation = new Invocation(open.trace, origin);
    if (target.assets) return acceptAssets(assets, invocation);
    if (target.entrypoint === ENV_ENTRYPOINT && spec.showsEnv === true) {
      return this.#options.acceptEnv(invocation);
    }
    const props = target.props ?? {};
    let entrypoint: Entrypoint | undefined;
    let failure: unknown;
    try {
      entrypoint = this.#entrypoint(target.entrypoint);
    } catch (error) {
      failure = error;
    }
    const isObject = entrypoint?.kind === "object";
    return new AcceptedCall(this, {
      invocation,
      name: target.entrypoint,
      entrypoint,
      failure,
      props,
      handlerArgs:
        entrypoint !== undefined && isObject
          ? [this.#options.env, this.#handlerContext(entrypoint, invocation, props)]
          : undefined,
    });
  }

  event(name: string, args: readonly unknown[], call: AcceptedCall): unknown {
    const { context: invocation, props, request } = call;
    if (name === "tail") return this.#tail(call.found, args[0] as TraceData, invocation, props);
    if (name === "tailStream") return this.#tailStream(call.found, args, invocation, props);
    if (name === "connect") return this.#accept(call.found, args[0], invocation, props);
    const { assets, spec } = this.#options;
    const deliver = (): unknown => this.#deliver(call.found, name, args, invocation, props);
    const hasRouter = spec.hasAssets === true && !call.isNamed;
    const result =
      hasRouter && name === "fetch" && request !== undefined
        ? assets.route(request, invocation, deliver)
        : deliver();
    if (name !== "fetch") return result;
    if (isResponse(result)) return assertResponse(result);
    const then = (result as { then?: unknown } | null | undefined)?.then;
    const isAwaited = result instanceof Promise || httpCompat().unwrapsThenables;
    if (typeof then !== "function" || !isAwaited) return assertResponse(result, true);
    return Promise.resolve(result).then((value) => assertResponse(value));
  }

  /** Another Worker's invocation is over, and this one is its consumer. */
  async #tail(
    entrypoint: Entrypoint,
    data: TraceData,
    invocation: Invocation,
    props: object,
  ): Promise<void> {
    const { createTraceItem } = await import("./tail/items.ts");
    const target = this.instance(entrypoint, invocation, props);
    const names = ["tail", "trace"];
    const methods = names.map((name): unknown => Reflect.get(target, name));
    const method = methods.find((value) => typeof value === "function");
    if (method === undefined) {
      logRuntime("warn", NO_TAIL);
      throw missingHandler("tail");
    }
    const context = this.#handlerContext(entrypoint, invocation, props);
    await Reflect.apply(method as Handler, target, [
      [createTraceItem(data)],
      this.#options.env,
      context,
    ]);
  }

  /** Another Worker's invocation begins, and this one hears what goes on in it. */
  async #tailStream(
    entrypoint: Entrypoint,
    [opening, stream]: readonly unknown[],
    invocation: Invocation,
    props: object,
  ): Promise<void> {
    // It ends with what it listens to.
    invocation.isListener = true;
    const { consumeStream } = await import("./tail/consume.ts");
    const { endingFor } = await import("./tail/endings.ts");
    const target = this.instance(entrypoint, invocation, props);
    const method: unknown = Reflect.get(target, "tailStream");
    const context = this.#handlerContext(entrypoint, invocation, props);
    const open =
      typeof method === "function"
        ? (onset: unknown): unknown =>
            Reflect.apply(method as Handler, target, [onset, this.#options.env, context])
        : undefined;
    const { invocation: told, ...place } = opening as TailStreamOpening;
    await consumeStream(stream as ReadableStream, this.#options.surroundings.read, {
      consumer: entrypoint,
      open,
      ending: () => endingFor(told, endingOf(invocation.link), place),
    });
  }

  /** A connection by a binding's `connect`. */
  #accept(
    entrypoint: Entrypoint,
    offered: unknown,
    invocation: Invocation,
    props: object,
  ): Promise<void> {
    const target =
      entrypoint.kind === "object" ? entrypoint.handlers : entrypoint.constructor.prototype;
    const hasHandler = typeof Reflect.get(target as object, "connect") === "function";
    const handle = (socket: Socket): unknown =>
      this.#deliver(entrypoint, "connect", [socket], invocation, props);
    return acceptConnection(offered, hasHandler ? handle : undefined);
  }

  #deliver(
    entrypoint: Entrypoint,
    name: string,
    args: readonly unknown[],
    invocation: Invocation,
    props: object,
  ): unknown {
    if (entrypoint.kind === "object") {
      const handler: unknown = Reflect.get(entrypoint.handlers, name);
      if (typeof handler !== "function") throw missingHandler(name);
      const context = this.#handlerContext(entrypoint, invocation, props);
      // Not by its own `call`: a Proxy around it may have none.
      return Reflect.apply(handler as Handler, entrypoint.handlers, [
        args[0],
        this.#options.env,
        context,
      ]);
    }
    const instance = this.instance(entrypoint, invocation, props);
    const method: unknown = Reflect.get(instance, name);
    if (typeof method !== "function") throw missingHandler(name);
    return Reflect.apply(method, instance, args);
  }

  /** What the calls of one invocation are made on. */
  instance(entrypoint: Entrypoint, invocation: Invocation, props: object): object {
    if (entrypoint.kind === "object") return entrypoint.handlers;
    if (entrypoint.kind !== "class" && entrypoint.kind !== "workflow") {
      throw new Error(
        `"${entrypoint.name}" of Worker "${this.#options.spec.name}" is a Durable Object class and cannot be the target of a service binding.`,
      );
    }
    return new entrypoint.constructor(this.#context(invocation, props), this.#options.env);
  }

  /** Of handler objects; a shared one shows the props of the first invocation. */
  #handlerContext(entrypoint: Entrypoint, invocation: Invocation, props: object): ExecutionContext {
    if (!this.#options.sharesContext) return this.#context(invocation, props);
    let shared = this.#sharedContexts.get(entrypoint);
    if (shared === undefined) {
      shared = this.#context(undefined, props);
      this.#sharedContexts.set(entrypoint, shared);
    }
    return shared;
  }

  #context(invocation: Invocation | undefined, props: object): ExecutionContext {
    return new ExecutionContext(invocation, { props, exports: this.#options.exports });
  }

  /** Throws an Error that lists what there is. */
  #entrypoint(name: string | undefined): Entrypoint {
    const { entrypoints, spec } = this.#options;
    const found = entrypoints.get(name ?? "default");
    if (found !== undefined) return found;
    const listed = listEntrypoints(entrypoints);
    if (name !== undefined) {
      throw new Error(
        `Worker "${spec.name}" does not export an entrypoint named "${name}". It exports: ${listed}.`,
      );
    }
    return this.#onlyEntrypoint(listed);
  }

  /** The seed documents bind to Workers without default export (end of design.md). */
  #onlyEntrypoint(listed: string): Entrypoint {
    const { entrypoints, namespace, spec } = this.#options;
    if ("default" in namespace) {
      throw new Error(
        `The default export of Worker "${spec.name}" is ${Array.isArray(namespace.default) ? "an array" : "a function"}. It must be an object with handlers, such as { fetch(request, env, ctx) { ... } }, or a class that extends WorkerEntrypoint.`,
      );
    }
    const classes = [...entrypoints.values()].filter(({ kind }) => kind === "class");
    const [only] = classes;
    if (only === undefined || classes.length > 1) {
      const names = classes.map(({ name }) => name).join(", ");
      const advice =
        names === "" ? "" : ` Name one of them as "entrypoint" in the binding: ${names}.`;
      throw new Error(
        `Worker "${spec.name}" has no default export. It exports: ${listed}.${advice}`,
      );
    }
    const advice = `Worker "${spec.name}" has no default export; production needs "entrypoint": "${only.name}" in the binding.`;
    if (spec.strict) throw new Error(advice);
    logRuntime(
      "warn",
      `${advice} Using its only entrypoint class ${only.name}.`,
      "only-entrypoint",
    );
    return only;
  }
}

function missingHandler(name: string): Error {
  return new Error(`Handler does not export a ${name}() function.`);
}

/** The callee's side of a session with something that is not there. */
export function refusing(open: SessionOpen, message: string): AcceptedSession {
  const context = new Invocation(open.trace);
  const fail = (): never => {
    throw new Error(message);
  };
  return { context, lookup: "class", target: fail, event: fail, finished: () => context.end() };
}
