/**
 * The two shapes of a config. `RawConfig` is what the file says, unchecked. `ResolvedConfig` is
 * one Worker after environment, inheritance, defaults and var files: nothing is optional, every
 * path is absolute. See spec/wrangler.md 2.
 */

import type { AssetsConfig } from "../protocol/assets.ts";
import type { BindingSpec, DurableObjectClassSpec } from "../protocol/worker-spec.ts";
import type { SiteFolder } from "../util/site-files.ts";

/** Where a key stands in its file; line and column from 1, in characters. */
export interface SourcePosition {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A remark about a config that does not stop it from running. */
export interface ConfigWarning {
  readonly message: string;
  readonly position: SourcePosition | undefined;
  /** The line of the file with a caret, ready to print below the message. */
  readonly frame?: string;
}

/** A key or binding that wrangler knows and drover does not act on yet; listed at start. */
export interface UnsupportedFeature {
  /** "kv_namespaces", "queues.consumers", "--tunnel", ... */
  readonly key: string;
  /** What does not work because of it, one sentence. */
  readonly effect: string;
  readonly position: SourcePosition | undefined;
}

export type ModuleRuleType = "ESModule" | "CommonJS" | "CompiledWasm" | "Text" | "Data";

export interface ModuleRule {
  readonly type: ModuleRuleType;
  readonly globs: readonly string[];
  readonly fallthrough: boolean;
}

/** A service binding as configured, for the bindings table and the status. */
export interface ServiceBinding {
  readonly binding: string;
  readonly service: string;
  readonly entrypoint: string | undefined;
  readonly props: Record<string, unknown> | undefined;
  readonly position: SourcePosition | undefined;
}

/** A row of the bindings table that is not a service binding (spec/wrangler.md 1.5). */
export interface BindingRow {
  readonly name: string;
  /** Parenthesised value, "" for none. */
  readonly value: string;
  /** Friendly resource name, e.g. "KV Namespace". */
  readonly resource: string;
  readonly mode: "local" | "remote" | "not supported";
}

/** Where a variable of `env` comes from: `drover dev --explain-env`. */
export interface VariableOrigin {
  readonly name: string;
  /** Of the config; undefined for what is secret: from var files and `--var`. */
  readonly value: unknown;
  /** Places that have it, the one in force last: in the config, a file's name, "--var". */
  readonly places: readonly (SourcePosition | string)[];
}

/** A queue that a Worker consumes, and how. */
export interface QueueConsumerConfig {
  readonly queue: string;
  readonly maxBatchSize: number;
  /** Seconds. */
  readonly maxBatchTimeout: number;
  readonly maxRetries: number;
  /** Seconds. */
  readonly retryDelay: number;
  readonly deadLetterQueue?: string;
}

export interface BuildSettings {
  readonly command: string;
  /** Absolute. */
  readonly cwd: string;
  /** Absolute files or folders. */
  readonly watchDirs: readonly string[];
}

/** The `[dev]` section merged with flags; flags win. */
export interface DevSettings {
  readonly ip: string | undefined;
  /** 0 = any free port; undefined = 8787 or the next free one. */
  readonly port: number | undefined;
  readonly localProtocol: "http" | "https";
  readonly upstreamProtocol: "http" | "https" | undefined;
  readonly host: string | undefined;
  readonly inspectorPort: number | undefined;
  readonly inspectorIp: string | undefined;
  /** `dev.generate_types`: `drover dev` keeps the generated types of this Worker fresh. */
  readonly generateTypes: boolean;
}

/** One of `connect[]`. */
export interface TcpListener {
  readonly port: number;
  /** undefined: where the session is reached. */
  readonly address: string | undefined;
}

export interface ResolvedConfig {
  /** Absolute path; undefined when a bare script was given and no config found. */
  readonly configPath: string | undefined;
  /** Folder of the config (or of the script): paths are relative to it. */
  readonly root: string;
  /** Folder of the config that the user wrote, if `configPath` was generated from it; else `root`. */
  readonly userRoot: string;
  /** With environment suffix. */
  readonly name: string;
  readonly environment: string | undefined;
  /** Absolute entry file; "" for a Worker of static assets alone. */
  readonly main: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  /** Flags that the date leaves off in production, and that are on in drover at every date. */
  readonly laterBehaviour: readonly string[];
  readonly rules: readonly ModuleRule[];
  readonly noBundle: boolean;
  readonly findAdditionalModules: boolean;
  readonly preserveFileNames: boolean;
  /** Absolute. */
  readonly baseDir: string;
  readonly define: Readonly<Record<string, string>>;
  readonly alias: Readonly<Record<string, string>>;
  readonly minify: boolean;
  readonly keepNames: boolean;
  readonly jsxFactory: string;
  readonly jsxFragment: string;
  readonly tsconfig: string | undefined;
  readonly build: BuildSettings | undefined;
  readonly dev: DevSettings;
  /** `limits.cpu_ms`, or production's default: ms of CPU time that an invocation may use. */
  readonly cpuMs: number;
  /** In file order; "service" bindings among them. What the thread's `env` is made from. */
  readonly bindings: readonly BindingSpec[];
  /** Static assets; undefined if there are none. */
  readonly assets: AssetsConfig | undefined;
  /** Workers Sites; undefined without. */
  readonly site: SiteFolder | undefined;
  readonly services: readonly ServiceBinding[];
  readonly tailConsumers: readonly string[];
  /** Of `streaming_tail_consumers`. */
  readonly streamingTailConsumers: readonly string[];
  /** Durable Object classes that this Worker declares or binds. */
  readonly durableObjects: readonly DurableObjectClassSpec[];
  /** Durable Object bindings to other Workers, for the status display. */
  readonly externalDurableObjects: readonly {
    binding: string;
    className: string;
    scriptName: string;
  }[];
  readonly queueConsumers: readonly QueueConsumerConfig[];
  readonly rows: readonly BindingRow[];
  readonly variables: readonly VariableOrigin[];
  /** Configured cron expressions. */
  readonly crons: readonly string[];
  /** Raw TCP listeners (`connect[]`). */
  readonly listeners: readonly TcpListener[];
  readonly routes: readonly string[];
  readonly warnings: readonly ConfigWarning[];
  readonly unsupported: readonly UnsupportedFeature[];
  /** Every file that was read or looked for on the way: config, .dev.vars*, .env*. */
  readonly watchFiles: readonly string[];
  /** Lines such as "Using secrets defined in .dev.vars". */
  readonly notes: readonly string[];
  /** The whole checked file after environment resolution; keys that nobody acts on yet included. */
  readonly raw: Readonly<Record<string, unknown>>;
}
