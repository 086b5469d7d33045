/**
 * Spec + bundle -> a Worker that can be called: global scope, bindings, RPC engine, modules, in the
 * order in which they need each other. Runs once in a thread; throws what the Worker throws while
 * it is evaluated.
 */

import type { DurableObjects } from "../durable-objects/objects.ts";
import { StoredValues } from "../durable-objects/storage/values.ts";
import { setRejectionDispatcher } from "../isolate/errors/uncaught.ts";
import type { HangDetectorOptions } from "../isolate/hang-detector.ts";
import { currentInvocation, evaluateModules, keepsSockets } from "../isolate/invocation.ts";
import { logException, logRuntime } from "../isolate/log.ts";
import { workerCompat } from "../isolate/worker-compat.ts";
import { prepareBuffer } from "../node/buffer.ts";
import { FileSystem } from "../node/fs/file-system.ts";
import { createNodeModules } from "../node/node-modules.ts";
import { createProcess } from "../node/process-object.ts";
import { withProcessListeners } from "../node/process-rejections.ts";
import { StandardLines } from "../node/standard-lines.ts";
import { type Bundle, SITE_MANIFEST } from "../protocol/bundle.ts";
import type { TraceData } from "../protocol/tail.ts";
import type { ThreadCounts, ThreadToHost } from "../protocol/thread.ts";
import type { EntrypointInfo, ServiceTarget, WorkerSpec } from "../protocol/worker-spec.ts";
import type { ServiceChannel } from "../rpc/contract.ts";
import { RpcEngine } from "../rpc/engine.ts";
import { setFetchSettings } from "../web/http/fetch.ts";
import { setCloner } from "../web/scope/structured-clone.ts";
import { setAttachmentCodec } from "../web/websocket/attachment.ts";
import { AssetClient } from "./bindings/assets.ts";
import { createEnv, processEnv } from "./bindings/env.ts";
import { acceptEnv } from "./bindings/env-access.ts";
import type { DynamicWorkers } from "./bindings/loader/dynamic-workers.ts";
import { resourceCaller } from "./bindings/resource.ts";
import { loadResources } from "./bindings/resources.ts";
import { installServiceMembers } from "./bindings/service.ts";
import { createObjects, objectExports, objectNamespace } from "./durable-objects.ts";
import { describeEntrypoints, type Entrypoint, findEntrypoints } from "./entrypoints.ts";
import { installGlobals } from "./globals/install.ts";
import { createCloudflareModules } from "./loader/cloudflare-modules.ts";
import { Linker } from "./loader/linker.ts";
import { PathRegistry } from "./loader/path-registry.ts";
import { UrlRegistry } from "./loader/url-registry.ts";
import { Links } from "./rpc/links.ts";
import { createRpcHost } from "./rpc/rpc-host.ts";
import { defineBindings, serviceWorkerEntrypoint } from "./service-worker.ts";
import { Worker, type WorkerTarget } from "./worker.ts";

export interface LoadOptions {
  readonly spec: WorkerSpec;
  readonly bundle: Bundle;
  readonly console: object;
  /** A debugger is attached. */
  readonly isWatched: boolean;
  /** It is to stop at the first line. */
  readonly breaksAtStart: boolean;
  readonly post: (message: ThreadToHost) => void;
}

export interface LoadedWorker {
  readonly worker: WorkerTarget;
  readonly links: Links;
  /** Undefined without a loader binding. */
  readonly dynamicWorkers: DynamicWorkers | undefined;
  readonly assets: AssetClient;
  /** Undefined without Durable Object classes. */
  readonly objects: DurableObjects | undefined;
  readonly entrypoints: readonly EntrypointInfo[];
  readonly count: () => ThreadCounts;
  /** What a thread before this one left open; undefined without consumers that hear of it. */
  readonly tellOrphans: ((traces: readonly TraceData[]) => void) | undefined;
  /** For the hang detector. */
  readonly sessions: HangDetectorOptions["sessions"];
  readonly hasHiddenWaits: () => boolean;
}

export async function loadWorker(options: LoadOptions): Promise<LoadedWorker> {
  const { spec, bundle } = options;
  const compat = workerCompat(spec.compatibilityDate, spec.compatibilityFlags);
  const { flags } = compat;
  let worker: WorkerTarget | undefined;

  const self = spec.dynamic?.service ?? spec.name;

  const links: Links = new Links({
    self,
    post: options.post,
    openLink: (transport, peer, options) => engine.openLink(transport, peer, options),
    createSelfLink: () => engine.createSelfLink(spec.name),
  });
  const channel = (target: ServiceTarget): ServiceChannel => links.channel(target);
  const engine: RpcEngine = new RpcEngine(
    createRpcHost({
      spec,
      flags: compat.rpc,
      channelFor: channel,
      caller: (kind, id) => resourceCaller({ engine, channel }, kind, id),
      worker: () => {
        if (worker === undefined) throw new Error(`Worker "${spec.name}" is not loaded.`);
        return worker;
      },
    }),
  );
  installServiceMembers(engine, compat.rpc.fetcherHasGetPutDelete);
  const isNewRegistry = flags.new_module_registry === true;
  const dynamic =
    spec.dynamic &&
    (await import("./dynamic.ts")).createDynamic(spec.dynamic, engine, isNewRegistry);
  setCloner((value) => engine.clone(value));
  setAttachmentCodec(new StoredValues((value) => engine.encodeClone(value)));
  const serviceStub = (target: ServiceTarget, bindingName: string): object =>
    engine.createServiceStub(links.channel(target), { bindingName });

  const objectBindings = { engine, channelOf: (target: ServiceTarget) => links.channel(target) };
  const assets = new AssetClient(options.post);
  const resources = await loadResources(spec.bindings);
  const values = new StoredValues((value) => engine.encodeClone(value));
  const hasLoader = spec.bindings.some(({ type }) => type === "worker-loader");
  const loaders = hasLoader
    ? new (await import("./bindings/loader/worker-loader.ts")).Loaders({
        spec,
        engine,
        channel,
        post: options.post,
      })
    : undefined;
  const env =
    dynamic?.env ??
    createEnv(spec.bindings, {
      service: serviceStub,
      assets: (bindingName) => serviceStub({ service: spec.name, assets: true }, bindingName),
      resource: ({ kind, id, settings = {}, name }) => {
        const create = resources.get(kind);
        if (create === undefined) throw new Error(`No binding class for ${kind}.`);
        const call = resourceCaller({ engine, channel }, kind, id);
        const names = { name, id };
        return create(call, flags, settings, (value) => values.serialize(value), names);
      },
      loader: () => loaders?.createBinding() ?? {},
      durableObject: ({ name, className, service }) =>
        objectNamespace(objectBindings, { service, className, bindingName: name }),
    });
  const exports: Record<string, unknown> = {};
  let hasHiddenWaits = false;
  const lines = new StandardLines();
  let fileSystem: FileSystem | undefined;
  const files = (): FileSystem => {
    fileSystem ??= new FileSystem({
      bundle,
      writeStandard: (fd, bytes) => lines.write(fd, bytes),
    });
    return fileSystem;
  };
  const nodeModules = createNodeModules({
    flags,
    files,
    bundled: (path) => linker.bundled(path),
    cloudflare: (name) => cloudflareModules(name),
    onHiddenWaits: () => {
      hasHiddenWaits = true;
    },
    get process() {
      return processObject;
    },
  });
  const isImportable = flags.disallow_importable_env !== true;
  const processObject = createProcess({
    env:
      flags.nodejs_compat_populate_process_env === true && isImportable
        ? (dynamic?.processEnv() ?? processEnv(spec.bindings))
        : {},
    builtin: (name) => nodeModules(name)?.default,
    files,
    lines,
    isFull: flags.enable_nodejs_process_v2 === true,
    isVersion24: flags.nodejs_process_version_24 === true,
  });
  const cloudflareModules = createCloudflareModules({
    isNullable: flags.env_module_nullable_support === true,
    rpcClasses: {
      RpcPromise: engine.RpcPromise,
      RpcProperty: engine.RpcProperty,
      RpcStub: engine.RpcStub,
      RpcTarget: engine.RpcTarget,
      ServiceStub: engine.ServiceStub,
    },
    env: isImportable ? env : undefined,
    exports: isImportable ? exports : undefined,
  });
  setFetchSettings({
    cfWorker: `${spec.dynamic?.loader ?? spec.name}.example.com`,
    stripAuthorization: flags.strip_authorization_on_cross_origin_redirect === true,
  });
  let isServiceWorker = false;
  const registry = isNewRegistry
    ? new UrlRegistry()
    : new PathRegistry({
        exportsDefault: flags.export_commonjs_default === true,
        requiresDefault: flags.require_returns_default_export === true,
        refusesAttributes: flags.throw_on_unrecognized_import_assertion === true,
      });
  const linker: Linker = new Linker({
    bundle,
    builtin: (specifier) => cloudflareModules(specifier) ?? nodeModules(specifier),
    registry,
    hasTags: flags.set_tostring_tag === true,
    onServiceWorker: () => {
      isServiceWorker = true;
      defineBindings(globalThis, env);
      const manifest = bundle.modules.find(({ name }) => name === SITE_MANIFEST);
      if (manifest !== undefined)
        defineBindings(globalThis, { [SITE_MANIFEST]: manifest.contents });
    },
    namesMaps: options.isWatched,
    breaksAtStart: options.breaksAtStart,
  });
  const globals = installGlobals({
    compatibilityDate: spec.compatibilityDate,
    compatibilityFlags: spec.compatibilityFlags,
    console: options.console,
    node: { Buffer: prepareBuffer(), process: processObject },
    onReportError: (error) => logException(error, "Uncaught"),
    caches: dynamic?.caches ?? {
      open: (store) => resourceCaller({ engine, channel }, "cache", store),
      warn: (text) => logRuntime("warn", text, text),
    },
  });
  setRejectionDispatcher(
    withProcessListeners(processObject, globals.dispatchRejection, (error) =>
      logException(error, "Uncaught"),
    ),
  );

  const namespace = await evaluateModules(() => linker.load());
  const entrypoints = isServiceWorker
    ? new Map([["default", serviceWorkerEntrypoint(globals.listeners)]])
    : findEntrypoints(namespace);
  globals.endStartup();
  fillExports(exports, entrypoints, { service: self, hasAssets: spec.hasAssets }, (target, name) =>
    engine.createServiceStub(links.channel(target), {
      bindingName: name,
      callable: (options: unknown) => {
        const props = engine.copyProps(propsOf(options));
        const context = currentInvocation();
        return engine.createServiceStub(links.channel({ ...target, props }), {
          bindingName: name,
          ...(context !== undefined && { owner: { context } }),
        });
      },
    }),
  );
  // Neither is called without need: most Workers have no objects, and what runs them is loaded with the first call.
  const hasObjects = spec.durableObjects !== undefined;
  if (hasObjects || [...entrypoints.values()].some(({ kind }) => kind === "durable-object")) {
    Object.assign(exports, objectExports(objectBindings, spec, entrypoints));
  }
  const visibleExports = flags.enable_ctx_exports === true ? exports : undefined;
  const objects = hasObjects
    ? createObjects({
        spec,
        entrypoints,
        env,
        exports: visibleExports,
        ...objectBindings,
        flags,
      })
    : undefined;
  const own = new Worker({
    spec,
    env,
    assets,
    acceptEnv: (invocation) => acceptEnv(engine, env, spec.bindings, objects, invocation),
    objects,
    exports: visibleExports,
    sharesContext: flags.nonclass_entrypoint_reuses_ctx_across_invocations === true,
    entrypoints,
    surroundings: {
      flags,
      read: (bytes) => values.deserialize(bytes),
      mail: () => resourceCaller({ engine, channel }, "mail-replies", ""),
    },
    namespace,
  });
  const channelsOf = (services: readonly string[] = []): readonly ServiceChannel[] =>
    services.map((service) => links.channel({ service }));
  const consumers = dynamic?.tails ?? channelsOf(spec.tailConsumers);
  const streamingConsumers = channelsOf(spec.streamingTailConsumers);
  worker = own;
  let tellOrphans: LoadedWorker["tellOrphans"];
  if (consumers.length + streamingConsumers.length > 0) {
    const tailed = new (await import("./tail/tailed-worker.ts")).TailedWorker(own, {
      name: spec.name,
      scriptName: dynamic === undefined ? spec.name : null,
      consumers,
      streamingConsumers,
      deliver: (consumer, handler, args) => engine.sendEvent(consumer, handler, args),
      clone: (value) => engine.clone(value),
      encode: (value) => values.serialize(value),
      socket: () => links.socketPath,
    });
    worker = tailed;
    options.post({ type: "trace-journal", memory: tailed.journal });
    tellOrphans = (traces) => tailed.tellOrphans(traces);
  }
  const count = (): ThreadCounts => ({
    rpc: engine.counts(),
    keepsSockets: keepsSockets(),
    ...(objects !== undefined && { objects: objects.status() }),
  });
  return {
    worker,
    links,
    dynamicWorkers: loaders?.workers,
    assets,
    objects,
    entrypoints: describeEntrypoints(entrypoints),
    count,
    tellOrphans,
    sessions: () => engine.unansweredSessions(),
    hasHiddenWaits: () => hasHiddenWaits,
  };
}

/** Of `ctx.exports.X(options)`. */
function propsOf(options: unknown): object {
  if (options === undefined || (options !== null && !isObject(options))) {
    throw new TypeError(
      "Failed to execute '(called as function)' on 'LoopbackServiceStub': parameter 1 is not of type 'Options'.",
    );
  }
  const props = (options as { readonly props?: unknown } | null)?.props;
  if (props === undefined) return {};
  if (isObject(props)) return props;
  throw new TypeError(
    "Incorrect type for the 'props' field on 'Options': the provided value is not of type 'Object'.",
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" ? value !== null : typeof value === "function";
}

/** `ctx.exports`: a loopback stub per entrypoint. */
function fillExports(
  exports: Record<string, unknown>,
  entrypoints: ReadonlyMap<string, Entrypoint>,
  { service, hasAssets = false }: { service: string; hasAssets: boolean | undefined },
  loopback: (target: ServiceTarget, name: string) => object,
): void {
  for (const { name, kind } of entrypoints.values()) {
    if (kind !== "class" && kind !== "object") continue;
    // With assets an unnamed entrypoint is the router in front of the code; this is the code.
    const isPlain = name === "default" && !hasAssets;
    const target: ServiceTarget = isPlain ? { service } : { service, entrypoint: name };
    exports[name] = loopback(target, name);
  }
}
