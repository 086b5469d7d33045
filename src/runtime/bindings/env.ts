/**
 * `env` of a Worker from its binding list. Made once per thread and shared by all invocations, as
 * in production.
 */
import { resourceTarget } from "../../protocol/storage.ts";
import type { BindingSpec, ServiceTarget } from "../../protocol/worker-spec.ts";
import { compileWasm } from "../loader/wasm.ts";
import { createRemoteOnly } from "./remote-only.ts";
import { createHyperdrive } from "./small/hyperdrive.ts";
import { createUnsupported } from "./unsupported.ts";

export type Env = Record<string, unknown>;

/** Makes the stub of a service binding. */
export type ServiceFactory = (target: ServiceTarget, bindingName: string) => object;

export type ResourceBinding = Extract<BindingSpec, { readonly type: "resource" }>;

export interface BindingFactories {
  readonly service: ServiceFactory;
  /** The asset server of this Worker. */
  readonly assets: (bindingName: string) => object;
  /** The binding to a local resource. */
  readonly resource: (binding: ResourceBinding) => object;
  /** A loader of dynamic Workers. */
  readonly loader: () => object;
  readonly durableObject: (
    binding: Extract<BindingSpec, { readonly type: "durable-object" }>,
  ) => object;
}

export function createEnv(bindings: readonly BindingSpec[], factories: BindingFactories): Env {
  const env: Env = {};
  for (const binding of bindings) env[binding.name] = bindingValue(binding, factories);
  return env;
}

/** What `process.env` shows of the bindings: strings, and other variables as JSON. */
export function processEnv(bindings: readonly BindingSpec[]): Record<string, string> {
  const env: Record<string, string> = {};
  for (const binding of bindings) {
    if (binding.type === "secret") env[binding.name] = binding.value;
    if (binding.type !== "var") continue;
    const { value } = binding;
    env[binding.name] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return env;
}

function bindingValue(binding: BindingSpec, make: BindingFactories): unknown {
  switch (binding.type) {
    case "var":
    case "secret":
      return binding.value;
    case "service":
      return make.service(binding.target, binding.name);
    case "assets":
      return make.assets(binding.name);
    case "text":
      return typeof binding.value === "string"
        ? binding.value
        : Buffer.from(binding.value).toString("utf8");
    case "data":
      return bytesOf(binding.value).buffer;
    case "wasm":
      return compileWasm(bytesOf(binding.value));
    case "version-metadata":
      return { id: binding.id, tag: binding.tag, timestamp: binding.timestamp };
    case "resource":
      return make.resource(binding);
    case "resource-stub":
      return make.service(resourceTarget(binding.kind, binding.id), binding.name);
    case "hyperdrive":
      return createHyperdrive(binding);
    case "worker-loader":
      return make.loader();
    case "remote-only":
      return createRemoteOnly(binding.name, binding.className);
    case "durable-object":
      return make.durableObject(binding);
    case "unsupported":
      return createUnsupported(binding.name, binding.what);
  }
}

/** A copy of exactly these bytes: Buffers share their memory with others. */
function bytesOf(value: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(typeof value === "string" ? Buffer.from(value) : value);
}
