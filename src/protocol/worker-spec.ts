/**
 * Everything that a thread must know about its Worker apart from the code. Derived from
 * ResolvedConfig by session/, sent over IPC and MessagePort: plain data only.
 */
import type { DynamicSpec } from "./dynamic.ts";

import type { DatabaseTls } from "./outbound.ts";

/** One named value of `env`. */
export type BindingSpec =
  | { readonly type: "var"; readonly name: string; readonly value: unknown }
  | { readonly type: "secret"; readonly name: string; readonly value: string }
  | { readonly type: "service"; readonly name: string; readonly target: ServiceTarget }
  | {
      readonly type: "text" | "data" | "wasm";
      readonly name: string;
      readonly value: string | Uint8Array;
    }
  | {
      readonly type: "version-metadata";
      readonly name: string;
      readonly id: string;
      readonly tag: string;
      readonly timestamp: string;
    }
  /** A store of the state folder: namespace id, bucket name, database id, name of the queue. */
  | {
      readonly type: "resource";
      readonly name: string;
      readonly kind: BoundResourceKind;
      readonly id: string;
      /** What the binding itself must know: `limit`, `period`, `dataset`. */
      readonly settings?: ResourceSettings;
    }
  /** A resource whose binding is a plain stub of it: everything is RPC. */
  | {
      readonly type: "resource-stub";
      readonly name: string;
      readonly kind: StubResourceKind;
      readonly id: string;
    }
  | ({ readonly type: "hyperdrive"; readonly name: string } & HyperdriveSpec)
  /** Runs code that is given to it (dynamic.ts). */
  | { readonly type: "worker-loader"; readonly name: string }
  /** Reached over Cloudflare's network only: any use throws wrangler's text. */
  | { readonly type: "remote-only"; readonly name: string; readonly className: string }
  /** The asset server of this Worker (protocol/assets.ts). */
  | { readonly type: "assets"; readonly name: string }
  /** `service`: the Worker that exports the class; may be this one. */
  | {
      readonly type: "durable-object";
      readonly name: string;
      readonly className: string;
      readonly service: string;
    }
  /** Known to wrangler, not simulated here: any use throws an error that says so. */
  | { readonly type: "unsupported"; readonly name: string; readonly what: string };

/** Names a Worker's entrypoint; re-creatable anywhere, so it can travel over RPC as a token. */
export interface ServiceTarget {
  readonly service: string;
  /** Absent: the default export. */
  readonly entrypoint?: string;
  /** The asset server of the Worker instead of its code: what an assets binding points to. */
  readonly assets?: true;
  /** `ctx.props` of the callee. */
  readonly props?: Record<string, unknown>;
  /** A Durable Object of the class `entrypoint` instead of a stateless entrypoint. */
  readonly durableObject?: { readonly id: string; readonly name?: string };
}

/** Kinds of resources that live in a storage thread (storage.ts). */
export type ResourceKind = BoundResourceKind | StubResourceKind | "cache" | "mail-replies";

/** Those with a class of binding of their own. */
export type BoundResourceKind =
  | "kv"
  | "r2"
  | "d1"
  | "ratelimit"
  | "analytics"
  | "site"
  | "images"
  | "queue";
export type StubResourceKind = "secret" | "pipeline" | "email";

/** What a `send_email` binding allows; the id of its resource, as JSON. */
export interface SendEmailRules {
  /** Whose binding it is: log lines name it. */
  readonly worker: string;
  /** Absent: anybody. */
  readonly recipients?: readonly string[];
  readonly senders?: readonly string[];
}

export type ResourceSettings = Readonly<Record<string, string | number>>;

/** A database that `cloudflare:sockets` reaches by a name that only this Worker knows. */
export interface HyperdriveSpec {
  readonly scheme: "postgres" | "mysql";
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Where it really is. `tls`: the host speaks TLS with it; "-unchecked": whoever it is. */
  readonly target: {
    readonly host: string;
    readonly port: number;
    readonly tls?: DatabaseTls;
  };
}

/** A Durable Object class that a Worker declares. */
export interface DurableObjectClassSpec {
  readonly name: string;
  readonly storage: "sqlite" | "legacy-kv";
}

export interface WorkerSpec {
  readonly name: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
  readonly bindings: readonly BindingSpec[];
  /** Static assets stand in front of its default entrypoint: the host is asked who answers. */
  readonly hasAssets?: boolean;
  /** Its own Durable Object classes, as the config declares them; absent without any. */
  readonly durableObjects?: {
    readonly classes: readonly DurableObjectClassSpec[];
    /** Folder of local state (storage/state-folder.ts). */
    readonly stateRoot: string;
    /** Objects without work are dropped after so long; default 10 s, as wrangler's. */
    readonly idleMs?: number;
    /** A critical section that lasts longer breaks its object; default 30 s, as production's. */
    readonly sectionLimitMs?: number;
  };
  /** What makes it a dynamic Worker; absent for those of the configs. */
  readonly dynamic?: DynamicSpec;
  /** Workers that hear of its invocations; absent without any. */
  readonly tailConsumers?: readonly string[];
  /** The same while they go on. */
  readonly streamingTailConsumers?: readonly string[];
  /** Its bindings may be used from outside (protocol/env-access.ts): of a session in a test. */
  readonly showsEnv?: boolean;
  /** Production differences are errors instead of warnings (design.md, last section). */
  readonly strict: boolean;
  /** Per-request limits of spec/rpc.md section 8. */
  readonly limits: "off" | "warn" | "enforce";
  /** ms of CPU time that one invocation may use (`limits.cpu_ms`); absent: no limit. */
  readonly cpuMs?: number;
}

/** One export of an evaluated Worker that can be reached from outside. */
export interface EntrypointInfo {
  /** Export name; "default" for the default export. */
  readonly name: string;
  readonly kind: "class" | "object" | "durable-object" | "workflow" | "legacy-durable-object";
  /** Callable handlers and methods, for error messages ("worker-b exports ..."). */
  readonly methods: readonly string[];
}
