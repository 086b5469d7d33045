/** The TypeScript type of each kind of binding, in the order of the generated file (spec/devtools-types.md 6). */
import { type Entry, importPath } from "./entries.ts";

type Item = Readonly<Record<string, unknown>>;

/** What the type of a binding to another Worker, or to a class, depends on. */
export interface TypeContext {
  /** The Worker whose `env` is typed. */
  readonly own: Entry;
  /** The Worker of this name, if its config is known. */
  readonly workerNamed: (name: string) => Entry | undefined;
  /** Folder of the generated file: what imports are relative to. */
  readonly outputFolder: string;
}

type BindingType = string | ((item: Item, context: TypeContext) => string);

const PIPELINES = 'import("cloudflare:pipelines")';

/** Kinds before `vars`. */
export const PLAIN_TYPES: readonly (readonly [key: string, type: BindingType])[] = [
  ["kv_namespaces", "KVNamespace"],
  ["r2_buckets", "R2Bucket"],
  ["d1_databases", "D1Database"],
  ["vectorize", "VectorizeIndex"],
  ["hyperdrive", "Hyperdrive"],
  ["send_email", "SendEmail"],
  ["analytics_engine_datasets", "AnalyticsEngineDataset"],
  ["dispatch_namespaces", "DispatchNamespace"],
  ["mtls_certificates", "Fetcher"],
  ["queues.producers", "Queue"],
  ["secrets_store_secrets", "SecretsStoreSecret"],
  ["artifacts", "Artifacts"],
  ["unsafe_hello_world", "HelloWorldBinding"],
  ["flagship", "Flagship"],
  ["ratelimits", "RateLimit"],
  ["worker_loaders", "WorkerLoader"],
  ["vpc_services", "Fetcher"],
  ["vpc_networks", "Fetcher"],
  ["ai_search_namespaces", "AiSearchNamespace"],
  ["ai_search", "AiSearchInstance"],
  ["websearch", "WebSearch"],
  ["agent_memory", "AgentMemoryNamespace"],
  ["browser", "BrowserRun"],
  ["ai", "Ai"],
  ["images", "ImagesBinding"],
  ["stream", "StreamBinding"],
  ["media", "MediaBinding"],
  ["version_metadata", "WorkerVersionMetadata"],
  ["assets", "Fetcher"],
  ["pipelines", `${PIPELINES}.Pipeline<${PIPELINES}.PipelineRecord>`],
];

/** Kinds after `vars` and secrets. */
export const LATER_TYPES: readonly (readonly [key: string, type: BindingType])[] = [
  ["durable_objects.bindings", durableObjectType],
  ["services", serviceType],
  ["workflows", workflowType],
  ["unsafe.bindings", unsafeType],
  ["data_blobs", "ArrayBuffer"],
  ["text_blobs", "string"],
  ["wasm_modules", "WebAssembly.Module"],
];

/** @returns undefined if the class is not known */
function importedClass(
  { class_name: className, script_name: script }: Item,
  context: TypeContext,
): string | undefined {
  const worker = typeof script === "string" ? context.workerNamed(script) : context.own;
  return worker === undefined ? undefined : exportOf(worker, String(className), context);
}

/** `import("./src/index").Name`; undefined if the Worker exports no such name. */
function exportOf(worker: Entry, name: string, { outputFolder }: TypeContext): string | undefined {
  if (worker.main === undefined || !worker.exports.includes(name)) return undefined;
  return `import(${JSON.stringify(importPath(worker.main, outputFolder))}).${name}`;
}

function remark({ class_name: className, script_name: script }: Item): string {
  return typeof script === "string"
    ? `/* ${className} from ${script} */`
    : `/* ${String(className)} */`;
}

function durableObjectType(item: Item, context: TypeContext): string {
  const known = importedClass(item, context);
  return known === undefined
    ? `DurableObjectNamespace ${remark(item)}`
    : `DurableObjectNamespace<${known}>`;
}

function workflowType(item: Item, context: TypeContext): string {
  const known = importedClass(item, context);
  return known === undefined
    ? `Workflow ${remark(item)}`
    : `Workflow<Parameters<${known}['run']>[0]['payload']>`;
}

function serviceType({ service, entrypoint }: Item, context: TypeContext): string {
  const worker = context.workerNamed(String(service));
  const name = typeof entrypoint === "string" ? entrypoint : "default";
  const known = worker === undefined ? undefined : exportOf(worker, name, context);
  if (known !== undefined) return `Service<typeof ${known}>`;
  return typeof entrypoint === "string"
    ? `Service /* entrypoint ${entrypoint} from ${String(service)} */`
    : `Fetcher /* ${String(service)} */`;
}

function unsafeType({ type }: Item): string {
  if (type === "service") return "Fetcher";
  return type === "ratelimit" ? "RateLimit" : "any";
}
