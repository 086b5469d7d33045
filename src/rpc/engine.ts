/**
 * The RPC engine of one Worker: its public face. One per Worker thread, made by runtime/ after the
 * bundle was evaluated; knows neither Workers nor servers (contract.ts). Owns the classes that
 * `cloudflare:workers` exports and makes stubs, sessions and links.
 */
import type { ServiceTarget } from "../protocol/worker-spec.ts";
import { Budgets } from "./budgets.ts";
import { createLookupHooks } from "./calls/lookup-hooks.ts";
import { Question } from "./calls/question.ts";
import { createTargetKinds } from "./calls/target-kinds.ts";
import { abortedSignal, processSignals } from "./codec/aborted-signal.ts";
import { decode } from "./codec/decode.ts";
import { encode } from "./codec/encode.ts";
import type { Context, Link, LinkOptions, RpcHost, ServiceChannel, Transport } from "./contract.ts";
import type { Core } from "./contracts/core.ts";
import type { Signal } from "./contracts/platform-signals.ts";
import type { ServiceHandle, StubOwner } from "./contracts/stubs.ts";
import { globalScope, rpcDisabled } from "./error-texts.ts";
import { limitError, MAX_INVOCATIONS } from "./limits.ts";
import { SessionLink } from "./link/link.ts";
import { encodeTarget, pack, unpack } from "./session/caps.ts";
import { Loopback } from "./session/loopback.ts";
import { giveUp } from "./session/refused-call.ts";
import { Session } from "./session/session.ts";
import { type UnansweredSession, unanswered } from "./session/unanswered.ts";
import { createStreamKit } from "./streams/kit.ts";
import { stateOf } from "./stub-state.ts";
import { createClasses, createTargets, type JsClasses } from "./stubs/classes.ts";
import { PromiseHandler, PropertyHandler } from "./stubs/promise.ts";
import { ServiceHandler } from "./stubs/service.ts";
import { StubHandler } from "./stubs/stub.ts";
import { TraceTexts } from "./trace-text.ts";
import { createMemoryTransportPair } from "./transports/memory.ts";

export interface ServiceStubOptions {
  /** Local methods that win over RPC, such as `fetch` and `connect`. */
  readonly shadow?: Record<string, (...args: never[]) => unknown>;
  /** For reports; default: the service's name. */
  readonly bindingName?: string;
  /** Makes it a loopback stub (`ctx.exports.X`): what `X({props})` returns. */
  readonly callable?: (options: unknown) => object;
  /** Own, enumerable, not RPC: `id` and `name` of a Durable Object stub. */
  readonly own?: Record<string, unknown>;
  /** The invocation that it belongs to (spec/rpc.md 4.4); default: nobody's, as bindings are. */
  readonly owner?: StubOwner;
}

export interface SendEventOptions {
  /** Aborting it cancels the session: the callee's invocation ends. */
  readonly signal?: Signal;
}

export class RpcEngine {
  readonly RpcStub: JsClasses["RpcStub"];
  readonly RpcPromise: JsClasses["RpcPromise"];
  readonly RpcProperty: JsClasses["RpcProperty"];
  readonly RpcTarget: JsClasses["RpcTarget"];
  readonly ServiceStub: JsClasses["ServiceStub"];
  readonly #core: Core;
  readonly #host: RpcHost;
  readonly #links: Set<SessionLink> = new Set();
  readonly #traceTexts = new TraceTexts();
  readonly #loopbacks: WeakMap<Context, Loopback> = new WeakMap();
  readonly #budgets: Budgets = new Budgets();

  constructor(host: RpcHost) {
    this.#host = host;
    const classes = createClasses(() => this.#core);
    this.RpcStub = classes.RpcStub;
    this.RpcPromise = classes.RpcPromise;
    this.RpcProperty = classes.RpcProperty;
    this.RpcTarget = classes.RpcTarget;
    this.ServiceStub = classes.ServiceStub;
    this.#core = this.#createCore(classes);
  }

  #createCore(classes: JsClasses): Core {
    const host = this.#host;
    const targetKinds = createTargetKinds(classes.RpcTarget.prototype);
    const signals = host.signals ?? processSignals;
    const aborted = abortedSignal(signals);
    const core: Core = {
      host,
      classes,
      targets: createTargets(),
      valueTypes: new Map(host.valueTypes.map((type) => [type.prototype, type])),
      valueTypesByTag: new Map([...host.valueTypes, aborted].map((type) => [type.tag, type])),
      signals,
      abortedSignal: aborted,
      streams: createStreamKit(this.#host.streams),
      lookup: createLookupHooks(host, targetKinds),
      targetKinds,
      makeStub: (hook, context, origin) => new StubHandler(core, hook, context, origin),
      makePromise: (question) => new PromiseHandler(core, question).proxy,
      makeProperty: (parent, name, depth) => new PropertyHandler(core, parent, name, depth).proxy,
      makeServiceStub: (token, owner) =>
        new ServiceHandler(core, host.channelFor(token), { owner }).proxy,
      loopback: (context) => this.#loopback(context),
      openSession: (channel, label, path, args) =>
        this.#open(channel, label, args === undefined ? "get" : "call", path, args).question,
      giveUp: (args) => giveUp(core, args),
      runDisposer: (context, target, disposer) => this.#runDisposer(context, target, disposer),
      traceText: (trace, span) => this.#traceTexts.write(trace, span),
      invocationsOf: (context) => context.trace.budget?.invocations ?? 0,
      countInvocations: (context, known) => {
        const { budget } = context.trace;
        if (budget === undefined || known <= budget.invocations) return;
        budget.invocations = known;
        // Whoever went over the limit has said so.
        budget.warned ||= known > MAX_INVOCATIONS;
      },
      budgetFor: (requestId, known) => this.#budgets.of(requestId, known),
      globalScopeError: () => new Error(globalScope),
      reportRpcDisabled: (name) => {
        if (name !== "idFromName") {
          host.report({ type: "warning", text: rpcDisabled(name), once: `rpc-disabled:${name}` });
        }
      },
    };
    return core;
  }

  /** A binding in `env`, a stub of `ctx.exports`, a Durable Object stub. */
  createServiceStub(channel: ServiceChannel, options: ServiceStubOptions = {}): object {
    return new ServiceHandler(this.#core, channel, options).proxy;
  }

  /** `structuredClone` with the platform's types and the flags of errors (spec/rpc.md 2.4). */
  clone(value: unknown): unknown {
    const options = { deep: true, rules: "clone", unlimited: true, stacks: true } as const;
    const { value: copy, fixes } = encode(this.#core, value, options);
    return decode(this.#core, { value: copy, fixes }, undefined);
  }

  /** A copy by the rules of structured clone with the operations that complete it (codec/). */
  encodeClone(value: unknown): {
    readonly value: unknown;
    readonly fixes: readonly unknown[][] | undefined;
  } {
    const options = { deep: false, rules: "clone", unlimited: true, stacks: true } as const;
    return encode(this.#core, value, options);
  }

  /** A copy of what is to become `ctx.props`; throws if it holds more than data and ServiceStubs. */
  copyProps(props: object): Record<string, unknown> {
    const { value, fixes, caps } = encode(this.#core, props, { deep: true, rules: "props" });
    const services = caps?.map((cap) => cap.value);
    return decode(this.#core, { value, fixes }, services) as Record<string, unknown>;
  }

  /**
   * What may be in `ctx.props` as plain data, for whoever makes a Worker of it; throws if it holds
   * more than data and ServiceStubs.
   */
  pack(value: unknown): readonly unknown[] {
    return pack(this.#core, value);
  }

  /** What another engine packed; its stubs are nobody's, as bindings are. */
  unpack(fields: readonly unknown[]): unknown {
    return unpack(this.#core, fields);
  }

  /** An RPC call whatever the stub shadows; returns the RpcPromise. */
  call(channel: ServiceChannel, path: readonly string[], args: readonly unknown[]): object {
    const { question } = this.#open(channel, channel.token.service, "call", path, args);
    return this.#core.makePromise(question);
  }

  /**
   * Deliver an event that is not RPC ("fetch" with a Request) in a session of the current context;
   * resolves with the value that the handler returned, e.g. a Response.
   */
  sendEvent(
    channel: ServiceChannel,
    name: string,
    args: readonly unknown[],
    options: SendEventOptions = {},
  ): Promise<unknown> {
    const label = channel.token.service;
    const { question, session } = this.#open(channel, label, "event", [name], args);
    const { signal } = options;
    if (signal !== undefined && session !== undefined) {
      const onAbort = (): void => session.revoke(signal.reason);
      if (signal.aborted) onAbort();
      else {
        signal.addEventListener("abort", onAbort, { once: true });
        session.onClosed(() => signal.removeEventListener("abort", onAbort));
      }
    }
    return question.promise;
  }

  /** What a ServiceStub points to; undefined for anything else. */
  tokenOf(stub: unknown): ServiceTarget | undefined {
    return serviceOf(stub)?.channel.token;
  }

  /** The way to what a ServiceStub points to; undefined for anything else. */
  channelOf(stub: unknown): ServiceChannel | undefined {
    return serviceOf(stub)?.channel;
  }

  /** What a use of a ServiceStub fails with in the current invocation; undefined if it may be used. */
  foreignUse(stub: unknown): Error | undefined {
    return serviceOf(stub)?.foreignUse();
  }

  /**
   * Both sides of a link call this with their end; frames may have arrived before.
   */
  openLink(transport: Transport, peer: string, options?: LinkOptions): Link {
    return this.#track(new SessionLink(this.#core, transport, peer, options));
  }

  /** A link of this Worker to itself; the returned end opens sessions. */
  createSelfLink(peer: string): Link {
    const [near, far] = createMemoryTransportPair();
    this.#track(new SessionLink(this.#core, far, peer));
    return this.#track(new SessionLink(this.#core, near, peer));
  }

  /** What is open now, over all links (local stubs have none). For status pages and tests. */
  counts(): { readonly links: number; readonly sessions: number; readonly entries: number } {
    let sessions = 0;
    let entries = 0;
    for (const link of this.#links) {
      sessions += link.sessions;
      entries += link.entries;
    }
    return { links: this.#links.size, sessions, entries };
  }

  /**
   * The sessions that wait for nothing but an answer of this Worker; undefined if there is one, over
   * all links, in which anything else is open. For the hang detector.
   */
  unansweredSessions(): readonly UnansweredSession[] | undefined {
    const found: UnansweredSession[] = [];
    for (const link of this.#links) {
      for (const session of link.openSessions()) {
        if (session.context.isListener === true) continue;
        const waiting = unanswered(session);
        if (waiting === undefined) return undefined;
        found.push(waiting);
      }
    }
    return found;
  }

  #track(link: SessionLink): SessionLink {
    this.#links.add(link);
    void link.closed.then(() => this.#links.delete(link));
    return link;
  }

  #open(
    channel: ServiceChannel,
    label: string,
    kind: "call" | "get" | "event",
    path: readonly string[],
    args: readonly unknown[] | undefined,
  ): { question: Question; session?: Session } {
    const core = this.#core;
    const host = this.#host;
    const context = host.currentContext();
    if (context === undefined) {
      if (kind === "call") throw new Error(globalScope);
      return { question: Question.failed(core, () => new Error(globalScope)) };
    }
    // Only Workers count; a chain of objects can be too deep all the same.
    const counts = channel.token.durableObject === undefined;
    const refused =
      context.countSubrequest?.() ??
      (channel.isResource === true ? undefined : limitError(host, context, counts));
    if (refused !== undefined) return { question: Question.failed(core, () => refused) };
    const spans =
      channel.isResource === true ? undefined : host.tracer?.opened(channel.token, kind);
    const session = new Session({ core, context, role: "caller", label, channel, spans });
    let link: Link | Promise<Link>;
    try {
      link = channel.connect();
    } catch (error) {
      link = Promise.reject(error);
    }
    // Attached before encoding when possible: the memory transport needs deeper copies.
    if (link instanceof SessionLink) session.prepare(link);
    let target: unknown;
    try {
      target = encodeTarget(core, channel.token);
    } catch (error) {
      session.close({ type: "done" });
      return { question: Question.failed(core, () => error) };
    }
    const question = session.open(target, kind, path, args);
    if (session.closed !== undefined) return { question };
    if (link instanceof SessionLink) link.attach(session);
    else {
      (link as Promise<Link>).then(
        (ready) => {
          if (session.closed === undefined) (ready as SessionLink).attach(session);
        },
        (error: unknown) => session.close({ type: "lost", error: () => error }),
      );
    }
    return { question, session };
  }

  #loopback(context: Context): Loopback {
    let loopback = this.#loopbacks.get(context);
    if (loopback === undefined) {
      loopback = new Loopback(this.#core, context);
      this.#loopbacks.set(context, loopback);
    }
    return loopback;
  }

  #runDisposer(context: Context, target: unknown, disposer: unknown): void {
    const failed = (error: unknown): void => this.#host.report({ type: "disposer-error", error });
    setImmediate(() => {
      try {
        const result: unknown = this.#host.runInContext(context, () =>
          Reflect.apply(disposer as () => unknown, target, []),
        );
        if (result instanceof Promise) result.catch(failed);
      } catch (error) {
        failed(error);
      }
    });
  }
}

function serviceOf(stub: unknown): ServiceHandle | undefined {
  if (stub === null || (typeof stub !== "object" && typeof stub !== "function")) return undefined;
  const state = stateOf(stub);
  return state?.kind === "service" || state?.kind === "loopback" ? state : undefined;
}
