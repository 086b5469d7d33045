/**
 * The Durable Object classes of this Worker, joined with what the code exports: the host of its
 * objects, the namespaces in `env`, and the classes in `ctx.exports` (spec/durable-objects.md 1.4).
 * Called once, while the Worker is loaded.
 */

import type { ObjectConstructor } from "../durable-objects/instance.ts";
import { createNamespace, LoopbackDurableObjectClass } from "../durable-objects/namespace.ts";
import type { NamespaceHostOptions } from "../durable-objects/namespace-host.ts";
import { hexOfId } from "../durable-objects/object-id.ts";
import { DurableObjects } from "../durable-objects/objects.ts";
import { OpenFiles } from "../durable-objects/storage/open-files.ts";
import { StoredValues } from "../durable-objects/storage/values.ts";
import { logRuntime } from "../isolate/log.ts";
import { collectGarbage } from "../isolate/memory.ts";
import type { ServiceTarget, WorkerSpec } from "../protocol/worker-spec.ts";
import type { ServiceChannel } from "../rpc/contract.ts";
import type { RpcEngine } from "../rpc/engine.ts";
import { confineDatabases } from "../storage/sqlite/database.ts";
import { sqliteEngine } from "../storage/sqlite/engines.ts";
import { durableObjectFolder, durableObjectLock } from "../storage/state-folder.ts";
import { uniqueKey } from "../util/object-ids.ts";
import { assertResponse, isResponse } from "../web/http/response.ts";
import { acceptConnection } from "./bindings/connect.ts";
import type { Entrypoint } from "./entrypoints.ts";
import { refusing } from "./worker.ts";

export interface ObjectBindingsOptions {
  readonly engine: RpcEngine;
  readonly channelOf: (target: ServiceTarget) => ServiceChannel;
}

/** The namespace of a class, wherever it runs: ids and stubs. */
export function objectNamespace(
  { engine, channelOf }: ObjectBindingsOptions,
  { service, className, bindingName }: { service: string; className: string; bindingName: string },
): object {
  return createNamespace({
    uniqueKey: uniqueKey(service, className),
    makeStub: (id) => {
      const { name } = id;
      const object = { id: hexOfId(id), ...(name !== undefined && { name }) };
      const target = { service, entrypoint: className, durableObject: object };
      const channel = pinned(channelOf(target));
      return engine.createServiceStub(channel, { bindingName, own: { name, id } });
    },
  });
}

export interface OwnObjectsOptions extends ObjectBindingsOptions {
  readonly spec: WorkerSpec;
  readonly entrypoints: ReadonlyMap<string, Entrypoint>;
  readonly env: object;
  /** `ctx.exports`, if the Worker has it. */
  readonly exports: object | undefined;
  readonly flags: Readonly<Record<string, boolean>>;
}

/** The host of the Worker's own objects; undefined if the config has no classes. Throws Error if a bound class is not exported. */
export function createObjects(options: OwnObjectsOptions): DurableObjects | undefined {
  const { spec, entrypoints, env, exports, engine, channelOf, flags } = options;
  if (spec.durableObjects === undefined) return undefined;
  const { classes, stateRoot, idleMs, sectionLimitMs } = spec.durableObjects;
  assertExported(options);
  confineDatabases(stateRoot);
  const values = new StoredValues((value) => engine.encodeClone(value));
  const files = new OpenFiles(() => {
    if (!sqliteEngine().closesStatements) collectGarbage();
  });
  const hosts = new Map<string, NamespaceHostOptions>();
  for (const { name, storage } of classes) {
    const entrypoint = entrypoints.get(name);
    if (entrypoint === undefined || entrypoint.kind === "object") continue;
    hosts.set(name, {
      folder: durableObjectFolder(stateRoot, spec.name, name),
      class: {
        name,
        constructor: entrypoint.constructor as ObjectConstructor,
        hasRpc: entrypoint.kind === "durable-object",
        storage,
        env,
        exports,
        values,
        files,
        deleteAllDeletesAlarm: flags.delete_all_deletes_alarm === true,
        sectionLimitMs,
        repliesToClose: flags.web_socket_auto_reply_to_close === true,
      },
    });
  }
  return new DurableObjects({
    service: spec.name,
    lockPath: durableObjectLock(stateRoot, spec.name),
    classes: hosts,
    idleMs,
    assertResponse,
    acceptConnection,
    hasWebSocket,
    refuse: refusing,
    successorOf: (className, durableObject) => {
      const channel = channelOf({ service: spec.name, entrypoint: className, durableObject });
      return {
        target: engine.createServiceStub(channel),
        event: (name, args) => engine.sendEvent(channel, name, args),
      };
    },
  });
}

/** Of the own classes: namespaces of those that are declared, handles of the others. */
export function objectExports(
  options: ObjectBindingsOptions,
  spec: WorkerSpec,
  entrypoints: ReadonlyMap<string, Entrypoint>,
): Record<string, unknown> {
  const declared = new Set(spec.durableObjects?.classes.map(({ name }) => name));
  const exports: Record<string, unknown> = {};
  for (const { name, kind } of entrypoints.values()) {
    if (kind !== "durable-object" && !declared.has(name)) continue;
    exports[name] = declared.has(name)
      ? objectNamespace(options, { service: spec.name, className: name, bindingName: name })
      : new LoopbackDurableObjectClass();
  }
  return exports;
}

function hasWebSocket(value: unknown): boolean {
  return isResponse(value) && value.webSocket !== null;
}

function assertExported({ spec, entrypoints }: OwnObjectsOptions): void {
  const isExported = (name: string): boolean => {
    const entrypoint = entrypoints.get(name);
    return entrypoint !== undefined && entrypoint.kind !== "object";
  };
  const bound = new Set(
    spec.bindings.flatMap((binding) =>
      binding.type === "durable-object" && binding.service === spec.name ? [binding.className] : [],
    ),
  );
  const missing = [...bound].filter((name) => !isExported(name));
  if (missing.length > 0) {
    throw new Error(
      `Your Worker depends on the following Durable Objects, which are not exported in your entrypoint file: ${missing.join(", ")}.\nYou should export these objects from your entrypoint.`,
    );
  }
  for (const { name } of spec.durableObjects?.classes ?? []) {
    if (bound.has(name) || isExported(name)) continue;
    logRuntime(
      "warn",
      `A DurableObjectNamespace in the config referenced the class "${name}", but no such Durable Object class is exported from the worker. Please make sure the class name matches, it is exported, and the class extends 'DurableObject'. Attempts to call to this Durable Object class will fail at runtime, but historically this was not a startup-time error. Future versions of workerd may make this a startup-time error.`,
    );
  }
}

/** A stub whose object broke stays broken, with the same error; a new one reaches a new instance. */
function pinned(channel: ServiceChannel): ServiceChannel {
  let end: { readonly error: unknown } | undefined;
  return {
    token: channel.token,
    connect: () => {
      if (end !== undefined) throw end.error;
      return channel.connect();
    },
    onRevoked: (error) => {
      const isReset = typeof error === "object" && error !== null && "durableObjectReset" in error;
      if (isReset) end ??= { error };
    },
  };
}
