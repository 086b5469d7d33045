/**
 * Which bindings reach something, and if not, why. Pure: from what each Worker of the session has
 * exported when it was evaluated and from what the peers announce (spec/wrangler.md 1.5).
 */
import type { ResolvedConfig } from "../config/types.ts";
import { UNSUPPORTED_HANDLERS } from "../config/unsupported.ts";
import type { EntrypointInfo } from "../protocol/worker-spec.ts";
import type { PeerDirectory, PeerState } from "./peers.ts";

export type WorkerState =
  /** First build or first evaluation under way. */
  | "starting"
  | "ready"
  /** The first build or evaluation failed: it answers with its error. */
  | "failed";

/** What the outside may know about one Worker of the session. */
export interface WorkerView {
  readonly name: string;
  readonly config: ResolvedConfig;
  readonly state: WorkerState;
  /** It was evaluated and has no thread until it is called; default false. */
  readonly isAsleep?: boolean;
  /** Exports of the generation that serves. */
  readonly entrypoints: readonly EntrypointInfo[];
}

export interface Connection {
  readonly connected: boolean;
  /** For people; undefined when connected. */
  readonly reason: string | undefined;
}

/** Worth telling after `before`: that a missing Worker is on its way is not. */
export function isNews(before: ConnectionRow | undefined, now: ConnectionRow): boolean {
  if (before === undefined) return true;
  if (before.connected !== now.connected) return true;
  // How many messages wait changes with each.
  if (now.kind === "queue") return false;
  return before.reason !== now.reason && now.reason !== startingReason(now.service);
}

export interface ConnectionRow extends Connection {
  /** `env` name, or undefined for a tail consumer. */
  readonly binding: string | undefined;
  readonly kind: "service" | "durable-object" | "tail" | "streaming-tail" | "queue";
  /** Worker; of a queue, its name. */
  readonly service: string;
  /** Entrypoint or class. */
  readonly target: string | undefined;
}

/** What the status wants to know of queues. */
export interface QueueDirectory {
  /** Undefined: nobody consumes it now. */
  consumerOf(queue: string): string | undefined;
  /** Messages that wait for somebody who consumes it. */
  waiting(queue: string): number;
}

export interface StatusContext {
  /** All of the session. */
  readonly workers: readonly WorkerView[];
  readonly peers: PeerDirectory;
  readonly queues: QueueDirectory;
  /** No leniencies: connected only if production connects it too. */
  readonly strict: boolean;
}

/** Everything that the Worker reaches in other Workers, itself included, in config order. */
export function connectionsOf(
  worker: WorkerView,
  { workers, peers, strict, queues }: StatusContext,
): readonly ConnectionRow[] {
  const find = (name: string): Target => {
    const sibling = workers.find((other) => other.name === name);
    return exportsOf(name, sibling ?? peers.lookup(name, worker.name));
  };
  return [
    ...worker.config.services.map(({ binding, service, entrypoint }) => ({
      binding,
      kind: "service" as const,
      service,
      target: entrypoint,
      ...serviceConnection(find(service), { service, entrypoint, strict }),
    })),
    ...worker.config.externalDurableObjects.map(({ binding, className, scriptName }) => ({
      binding,
      kind: "durable-object" as const,
      service: scriptName,
      target: className,
      ...classConnection(find(scriptName), scriptName, className),
    })),
    ...worker.config.bindings.flatMap((binding) => {
      if (binding.type !== "resource" || binding.kind !== "queue") return [];
      return [
        { binding: binding.name, kind: "queue" as const, ...queueConnection(binding.id, queues) },
      ];
    }),
    ...worker.config.tailConsumers.map((service) => ({
      binding: undefined,
      kind: "tail" as const,
      service,
      target: undefined,
      ...tailConnection(find(service), service, ["tail", "trace"]),
    })),
    ...worker.config.streamingTailConsumers.map((service) => ({
      binding: undefined,
      kind: "streaming-tail" as const,
      service,
      target: undefined,
      ...tailConnection(find(service), service, ["tailStream"]),
    })),
  ];
}

/** Handlers that a Worker exports and nobody calls yet; one sentence each. */
export function describeUncalledHandlers(
  entrypoints: readonly EntrypointInfo[],
): readonly string[] {
  const main = entrypoints.find(({ name }) => name === "default");
  if (main === undefined) return [];
  return main.methods.flatMap((method) => {
    // On a class these names may as well be methods for other Workers to call.
    if (main.kind === "class" && (method === "connect" || method === "test")) return [];
    return UNSUPPORTED_HANDLERS[method] ?? [];
  });
}

/** One sentence per binding that works here only because drover is lenient (design.md). */
export function describeLeniencies(
  worker: WorkerView,
  workers: readonly WorkerView[],
): readonly string[] {
  return worker.config.services.flatMap(({ binding, service, entrypoint }) => {
    const target = workers.find(({ name }) => name === service);
    if (entrypoint !== undefined || target === undefined) return [];
    const used = defaultEntrypoint(target.entrypoints);
    if (used === undefined || used === "default") return [];
    return [
      `env.${binding} of ${worker.name} names no entrypoint and ${service} has no default export: ` +
        `its only entrypoint class, ${used}, is used.\n` +
        `In production this binding does not work: add entrypoint = "${used}" to it, or export ${used} as default.`,
    ];
  });
}

/** What the target exports, or why it cannot be reached. */
type Target = readonly EntrypointInfo[] | string;

const CONNECTED: Connection = { connected: true, reason: undefined };

function notConnected(reason: string): Connection {
  return { connected: false, reason };
}

function startingReason(service: string): string {
  return `${service} is starting`;
}

function exportsOf(service: string, found: WorkerView | PeerState | undefined): Target {
  if (found === undefined) return `${service} is not running`;
  switch (found.state) {
    case "ready":
      return found.entrypoints;
    case "starting":
      return startingReason(service);
    case "failed":
      return `${service} failed to start`;
    case "absent":
      return found.reason;
  }
}

function serviceConnection(
  entrypoints: Target,
  {
    service,
    entrypoint,
    strict,
  }: { service: string; entrypoint: string | undefined; strict: boolean },
): Connection {
  if (typeof entrypoints === "string") return notConnected(entrypoints);
  if (entrypoint === undefined || entrypoint === "default") {
    const used = defaultEntrypoint(entrypoints);
    return used === undefined || (strict && used !== "default")
      ? notConnected(`${service} has no default export; ${exportList(service, entrypoints)}`)
      : CONNECTED;
  }
  const found = entrypoints.find(({ name }) => name === entrypoint);
  if (found === undefined) {
    return notConnected(`no entrypoint "${entrypoint}"; ${exportList(service, entrypoints)}`);
  }
  if (found.kind === "class" || found.kind === "object") return CONNECTED;
  const what = found.kind === "workflow" ? "Workflow" : "Durable Object";
  return notConnected(`"${entrypoint}" is a ${what} class, not an entrypoint`);
}

function classConnection(target: Target, service: string, className: string): Connection {
  if (typeof target === "string") return notConnected(target);
  const found = target.some(
    ({ name, kind }) =>
      name === className && (kind === "durable-object" || kind === "legacy-durable-object"),
  );
  return found
    ? CONNECTED
    : notConnected(`no Durable Object class "${className}"; ${exportList(service, target)}`);
}

function queueConnection(
  queue: string,
  queues: QueueDirectory,
): Pick<ConnectionRow, "service" | "target" | "connected" | "reason"> {
  const connected = queues.consumerOf(queue) !== undefined;
  const waiting = queues.waiting(queue);
  const reason = connected || waiting === 0 ? undefined : `${waiting} waiting`;
  return { service: queue, target: undefined, connected, reason };
}

/** `handlers`: one of them is called; the first is the one to be asked for. */
function tailConnection(target: Target, service: string, handlers: readonly string[]): Connection {
  if (typeof target === "string") return notConnected(target);
  const main = target.find(({ name }) => name === "default");
  const hears = main?.methods.some((method) => handlers.includes(method)) === true;
  return hears ? CONNECTED : notConnected(`${service} exports no ${handlers[0]}() handler`);
}

/**
 * What a binding without `entrypoint` reaches: the default export, else the only entrypoint class
 * (the leniency of design.md, last section), else nothing.
 */
function defaultEntrypoint(entrypoints: readonly EntrypointInfo[]): string | undefined {
  if (entrypoints.some(({ name }) => name === "default")) return "default";
  const classes = entrypoints.filter(({ kind }) => kind === "class");
  return classes.length === 1 ? classes[0]?.name : undefined;
}

function exportList(service: string, entrypoints: readonly EntrypointInfo[]): string {
  const names = entrypoints.map(({ name }) => name).join(", ");
  return names === "" ? `${service} exports nothing` : `${service} exports ${names}`;
}
