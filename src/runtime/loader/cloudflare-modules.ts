/**
 * The `cloudflare:*` modules (spec/rpc.md 1.1, spec/workerd-surface.json). Their values belong to
 * one Worker: `env` and `exports` are views that `withEnv` and `withExports` change for everything
 * that runs inside. What drover does not have yet imports and throws when used.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { ModuleNamespace } from "../../isolate/builtin-module.ts";
import { requireInvocation } from "../../isolate/invocation.ts";
import { connect } from "../../web/sockets/socket.ts";
import { wrongParameter } from "../../web/streams/arguments.ts";
import { EmailMessage } from "../bindings/small/email-message.ts";
import { DurableObject, WorkerEntrypoint, WorkflowEntrypoint } from "../entrypoint-classes.ts";
import { cloudflareNode } from "./cloudflare-node.ts";
import { tracing } from "./tracing.ts";

export interface CloudflareModulesOptions {
  /** RpcStub, RpcPromise, RpcProperty, RpcTarget, ServiceStub. */
  readonly rpcClasses: Readonly<Record<string, unknown>>;
  /** Undefined with `disallow_importable_env`: both are empty then, whatever is written to them. */
  readonly env: object | undefined;
  /** `ctx.exports`; empty until the Worker is evaluated. */
  readonly exports: object | undefined;
  /** `env_module_nullable_support`. */
  readonly isNullable: boolean;
}

/** Looks up a `cloudflare:*` module by its full name. */
export function createCloudflareModules(
  options: CloudflareModulesOptions,
): (specifier: string) => ModuleNamespace | undefined {
  const makers: Readonly<Record<string, () => ModuleNamespace>> = {
    "cloudflare:workers": () => workersModule(options),
    "cloudflare:sockets": () => ({
      connect,
      internalNewHttpClient: unsupported("cloudflare:sockets", "internalNewHttpClient"),
    }),
    "cloudflare:email": () => ({ EmailMessage }),
    "cloudflare:workflows": () => ({ NonRetryableError }),
    "cloudflare:durable-objects": () => ({
      onHibernate: undefined,
      retryable: unsupported("cloudflare:durable-objects", "retryable"),
    }),
    "cloudflare:node": cloudflareNode,
    "cloudflare:pipelines": () => ({
      PipelineTransformationEntrypoint: unsupported(
        "cloudflare:pipelines",
        "PipelineTransformationEntrypoint",
      ),
    }),
  };
  return (specifier) => makers[specifier]?.();
}

function workersModule(options: CloudflareModulesOptions): ModuleNamespace {
  const env = new View(options.env, options.isNullable);
  const exports = new View(options.exports, options.isNullable);
  return {
    ...options.rpcClasses,
    DurableObject,
    WorkerEntrypoint,
    WorkflowEntrypoint,
    env: env.proxy,
    exports: exports.proxy,
    waitUntil: (...args: unknown[]) => {
      if (args.length === 0) throw wrongParameter("waitUntil", "EntrypointsModule", 1, "Promise");
      requireInvocation("waitUntil").waitUntil(args[0]);
    },
    withEnv: (value: unknown, fn?: unknown) => env.run(value, callback("withEnv", fn, 2)),
    withExports: (value: unknown, fn?: unknown) =>
      exports.run(value, callback("withExports", fn, 2)),
    withEnvAndExports: (envValue: unknown, exportsValue: unknown, fn?: unknown) => {
      const run = callback("withEnvAndExports", fn, 3);
      return env.run(envValue, () => exports.run(exportsValue, run));
    },
    abortIsolate: unsupported("cloudflare:workers", "abortIsolate"),
    cache: { purge: unsupported("cloudflare:workers", "cache.purge") },
    restore: Symbol("cloudflare:workers:restore"),
    tracing,
  };
}

/** What is written to it is lost. */
const NOTHING: object = Object.freeze({});

/** An object that shows another one, which differs by async context. */
class View {
  readonly proxy: object;
  readonly #storage: AsyncLocalStorage<object> = new AsyncLocalStorage();

  readonly #otherwise: object;

  constructor(base: object = NOTHING, isNullable: boolean) {
    this.#otherwise = isNullable ? NOTHING : base;
    const current = (): object => this.#storage.getStore() ?? base;
    this.proxy = new Proxy(
      {},
      {
        get: (_target, key) => Reflect.get(current(), key),
        set: (_target, key, value) => current() === NOTHING || Reflect.set(current(), key, value),
        has: (_target, key) => Reflect.has(current(), key),
        deleteProperty: (_target, key) => Reflect.deleteProperty(current(), key),
        ownKeys: () => Reflect.ownKeys(current()),
        getOwnPropertyDescriptor: (_target, key) => {
          const found = Reflect.getOwnPropertyDescriptor(current(), key);
          // The proxy's own target has none of these: they must look configurable.
          return found === undefined ? undefined : { ...found, configurable: true };
        },
      },
    );
  }

  /** What is no object shows the Worker's own, or with `env_module_nullable_support` nothing. */
  run<T>(value: unknown, fn: () => T): T {
    const isObject = typeof value === "object" && value !== null;
    return this.#storage.run(isObject ? value : this.#otherwise, fn);
  }
}

function callback(method: string, fn: unknown, position: number): () => unknown {
  if (typeof fn === "function") return fn as () => unknown;
  throw wrongParameter(method, "EnvModule", position, "function");
}

class NonRetryableError extends Error {
  constructor(message: string, name = "NonRetryableError") {
    super(message);
    this.name = name;
  }
}

function unsupported(module: string, name: string): unknown {
  // Not an arrow function: code extends and constructs some of these.
  const fn = (): never => {
    throw new Error(`${name} of ${module} is not supported by drover yet.`);
  };
  Object.defineProperty(fn, "name", { value: name, configurable: true });
  return fn;
}
