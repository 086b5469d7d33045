/** What `unstable_startWorker` takes, under wrangler's names; what of it there is no local meaning for is refused. No code that runs a session. */
import type { BindingSpec } from "../protocol/worker-spec.ts";
import type { LogLevel } from "./print-logs.ts";

/** A binding as wrangler's programs describe it; those that can be given beside a config. */
export type StartWorkerBinding =
  | { readonly type: "plain_text" | "secret_text"; readonly value: string }
  | { readonly type: "json"; readonly value: unknown }
  | { readonly type: "kv_namespace"; readonly id: string }
  | { readonly type: "r2_bucket"; readonly bucket_name: string }
  | { readonly type: "d1"; readonly database_id: string }
  | { readonly type: "queue"; readonly queue_name: string }
  | { readonly type: "service"; readonly service: string; readonly entrypoint?: string };

export interface StartWorkerInput {
  readonly name?: string;
  /** Path of the config; default: what is found from `entrypoint`, or from the working directory, upwards. */
  readonly config?: string;
  /** In place of the config's `main`. */
  readonly entrypoint?: string;
  readonly env?: string;
  readonly envFiles?: readonly string[];
  readonly compatibilityDate?: string;
  readonly compatibilityFlags?: readonly string[];
  /** In place of, or beside, the config's. */
  readonly bindings?: Readonly<Record<string, StartWorkerBinding>>;
  readonly build?: {
    readonly define?: Readonly<Record<string, string>>;
    readonly alias?: Readonly<Record<string, string>>;
    readonly minify?: boolean;
    readonly tsconfig?: string;
    readonly bundle?: boolean;
  };
  readonly dev?: {
    readonly server?: { readonly hostname?: string; readonly port?: number };
    /** False: none. Default: 127.0.0.1:9229, or the next free port. */
    readonly inspector?: { readonly hostname?: string; readonly port?: number } | false;
    /** Default "log". */
    readonly logLevel?: LogLevel;
    /** Folder of the data; false: of its own, removed at the end. Default: `.wrangler/state` beside the config. */
    readonly persist?: string | false;
    /** Rebuild and reload on changes; default false. */
    readonly watch?: boolean;
  };
}

const KNOWN = new Set([
  "name",
  "config",
  "entrypoint",
  "env",
  "envFiles",
  "compatibilityDate",
  "compatibilityFlags",
  "bindings",
  "build",
  "dev",
]);

/** @throws TypeError for a field that would be passed over */
export function checkInput(input: StartWorkerInput): void {
  const unknown = Object.entries(input).find(
    ([key, value]) => value !== undefined && !KNOWN.has(key),
  );
  if (unknown === undefined) return;
  throw new TypeError(
    `drover's unstable_startWorker() does not know "${unknown[0]}": put it into the config, or use startDev().`,
  );
}

/** @throws TypeError for a kind that only a config can declare */
export function bindingOf(name: string, binding: StartWorkerBinding): BindingSpec {
  switch (binding.type) {
    case "plain_text":
    case "json":
      return { type: "var", name, value: binding.value };
    case "secret_text":
      return { type: "secret", name, value: binding.value };
    case "kv_namespace":
      return { type: "resource", name, kind: "kv", id: binding.id };
    case "r2_bucket":
      return { type: "resource", name, kind: "r2", id: binding.bucket_name };
    case "d1":
      return { type: "resource", name, kind: "d1", id: binding.database_id };
    case "queue":
      return { type: "resource", name, kind: "queue", id: binding.queue_name };
    case "service": {
      const { service, entrypoint } = binding;
      return {
        type: "service",
        name,
        target: { service, ...(entrypoint === undefined ? {} : { entrypoint }) },
      };
    }
    default: {
      const { type } = binding as { readonly type: string };
      throw new TypeError(
        `Binding "${name}" of type "${type}" cannot be given to unstable_startWorker(): put it into the config.`,
      );
    }
  }
}
