/**
 * What is given to a loader to run (spec/resources.md 13): reads the members of a `WorkerCode` in
 * production's order and converts them, in its words. Pure, but for accessors that user code put there.
 */
import type { BundleModule, ModuleKind } from "../../../protocol/bundle.ts";
import type { DynamicLimits } from "../../../protocol/dynamic.ts";
import { toText, wrongField } from "../convert.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface WorkerCode {
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly allowExperimental: boolean;
  readonly limits: DynamicLimits | undefined;
  readonly mainModule: string;
  /** Names as they were given. */
  readonly modules: readonly BundleModule[];
  readonly env: object | undefined;
  /** A stub; undefined: absent, null: none. */
  readonly globalOutbound: object | null | undefined;
  readonly tails: readonly object[];
}

const STRUCT = "WorkerCode";
const NOTHING =
  "Cannot initialize N7workerd3api12WorkerLoader10WorkerCodeE with required members from an undefined or null value.";
const STREAMING_TAILS =
  "Streaming tail workers are experimental. You must pass the option 'allowExperimental: true' to the worker loader to use them";
/** Production's limits. */
const MAX_CODE = 64 * 1024 * 1024;
const MAX_UINT32 = 4_294_967_295;

/** Whether a value is a stub that can be fetched from. */
export type IsFetcher = (value: unknown) => value is object;

/** `value`: an object, or nothing. Throws production's errors. */
export function readWorkerCode(value: unknown, isFetcher: IsFetcher): WorkerCode {
  if (value === undefined || value === null) throw new TypeError(NOTHING);
  const fields = value as Fields;
  const compatibilityDate = toText(fields.compatibilityDate);
  const compatibilityFlags = textsOf(fields.compatibilityFlags);
  const allowExperimental = Boolean(fields.allowExperimental);
  const limits = readLimits(fields.limits, STRUCT);
  const mainModule = toText(fields.mainModule);
  const modules = readModules(fields.modules, mainModule);
  const { env, globalOutbound } = fields;
  if (env !== undefined && !isObject(env)) throw wrongField("env", STRUCT, "Object");
  if (globalOutbound !== undefined && globalOutbound !== null && !isFetcher(globalOutbound)) {
    throw wrongField("globalOutbound", STRUCT, "Fetcher");
  }
  const tails = fetchersOf(fields.tails, "tails", isFetcher);
  const streaming = fetchersOf(fields.streamingTails, "streamingTails", isFetcher);
  // They are not sent by drover in any case.
  if (streaming.length > 0) throw new Error(STREAMING_TAILS);
  return {
    compatibilityDate,
    compatibilityFlags,
    allowExperimental,
    limits,
    mainModule,
    modules,
    env,
    globalOutbound,
    tails,
  };
}

/** `limits` of a code or of an entrypoint's options. */
export function readLimits(value: unknown, struct: string): DynamicLimits | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw wrongField("limits", struct, "ResourceLimits");
  const { cpuMs, subRequests } = value as Fields;
  const limits: { cpuMs?: number; subRequests?: number } = {};
  if (cpuMs !== undefined) limits.cpuMs = unsigned(cpuMs);
  if (subRequests !== undefined) limits.subRequests = unsigned(subRequests);
  return limits;
}

/** Of one kind only: "text: ..." of a module given as an object. */
const KINDS: Readonly<Record<string, ModuleKind | "python">> = {
  js: "esm",
  cjs: "commonjs",
  text: "text",
  data: "data",
  json: "json",
  py: "python",
  wasm: "wasm",
};

type GivenModule = Omit<BundleModule, "kind"> & { readonly kind: ModuleKind | "python" };

function readModules(value: unknown, mainModule: string): readonly BundleModule[] {
  if (!isObject(value)) throw wrongField("modules", STRUCT, "object");
  const given = Object.entries(value).map(([name, module]) => readModule(name, module));
  if (given.length === 0) {
    throw new TypeError("Dynamic Worker code must contain at least one module.");
  }
  const bytes = given.reduce((sum, { contents }) => sum + Buffer.byteLength(contents), 0);
  if (bytes > MAX_CODE) {
    throw new Error(
      `Dynamic Worker code size (${bytes} bytes) exceeds the maximum allowed size of ${MAX_CODE} bytes.`,
    );
  }
  return withoutPython(given, mainModule);
}

function withoutPython(given: readonly GivenModule[], mainModule: string): readonly BundleModule[] {
  const main = given.find(({ name }) => name === mainModule);
  return given.map(({ kind, ...module }) => {
    if (kind !== "python") return { ...module, kind };
    if (main?.kind === "python") {
      throw new Error(`Python Workers are not supported by drover: "${module.name}".`);
    }
    throw new TypeError(
      `Module "${module.name}" is a Python module, but the main module isn't a Python module.`,
    );
  });
}

function readModule(name: string, value: unknown): GivenModule {
  if (value !== null && (typeof value === "object" || typeof value === "function")) {
    return readTyped(name, value as Fields);
  }
  if (value === undefined || value === null) return readTyped(name, {});
  if (name.endsWith(".js")) return { name, kind: "esm", contents: toText(value) };
  if (name.endsWith(".py")) return { name, kind: "python", contents: toText(value) };
  const hint = /\.[cm]?tsx?$/.test(name)
    ? ". If you're trying to load TypeScript, bundle it first with '@cloudflare/worker-bundler' and pass the generated JavaScript modules."
    : "";
  throw new TypeError(
    `Module name must end with '.js' or '.py' (or the content must be an object indicating the type explicitly). Got: ${name}${hint}`,
  );
}

function readTyped(name: string, fields: Fields): GivenModule {
  const found: GivenModule[] = [];
  for (const [key, kind] of Object.entries(KINDS)) {
    const value = fields[key];
    if (value !== undefined) found.push({ name, kind, contents: contentsOf(kind, key, value) });
  }
  const [module] = found;
  if (module !== undefined && found.length === 1) return module;
  throw new TypeError(
    `Each module must contain exactly one of 'js', 'cjs', 'text', 'data', 'json', 'py', or 'wasm'. Module '${name}' contained ${found.length} properties.`,
  );
}

function contentsOf(kind: GivenModule["kind"], key: string, value: unknown): string | Uint8Array {
  // What has no JSON is found when the module is read, as in production.
  if (kind === "json") return String(JSON.stringify(value));
  if (kind !== "data" && kind !== "wasm") return toText(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
  if (!ArrayBuffer.isView(value)) throw wrongField(key, "Module", "Array");
  const { buffer, byteOffset, byteLength } = value;
  return new Uint8Array(buffer, byteOffset, byteLength).slice();
}

function textsOf(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongField("compatibilityFlags", STRUCT, "Array");
  return value.map(toText);
}

function fetchersOf(value: unknown, field: string, isFetcher: IsFetcher): readonly object[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongField(field, STRUCT, "Array");
  return value.map((item: unknown, index) => {
    if (isFetcher(item)) return item;
    throw new TypeError(
      `Incorrect type for array element ${index}: the provided value is not of type 'Fetcher'.`,
    );
  });
}

function unsigned(value: unknown): number {
  const number = Number(value);
  if (Number.isNaN(number)) {
    throw new TypeError("The value cannot be converted because it is not an integer.");
  }
  if (number < 0) {
    throw new TypeError(
      "The value cannot be converted because it is negative and this API expects a positive number.",
    );
  }
  if (number > MAX_UINT32) {
    throw new TypeError(`Value out of range. Must be less than or equal to ${MAX_UINT32}.`);
  }
  return Math.trunc(number);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" ? value !== null : typeof value === "function";
}
